"""The matcher: ``faust -A matcher_stream.app worker -l info``.

This module only puts the parts together: settings, topics, tables, agents, timers, pages.
"""

from __future__ import annotations

import gc
import logging
import time
from concurrent.futures import Future
from threading import Thread
from typing import Any

import faust
from faust.web.base import BlueprintManager

from agents.context import Context
from agents.register import register_agents
from matcher_stream import lifecycle, timers
from matcher_stream.config.contract import changelog_specs
from matcher_stream.config.settings import Settings, get_settings
from matcher_stream.config.topics import TopicNames, check_topics, create_topics, internal_specs
from matcher_stream.config.worker_options import worker_options
from matcher_stream.runtime import faults, metrics
from matcher_stream.runtime.fence import Fence, die
from matcher_stream.runtime.flow import POLL_RECORDS, QUEUE_EVENTS
from matcher_stream.runtime.outputs import Outputs
from matcher_stream.web import pages
from models.encoding.embedder import vector_version
from models.ranking.blend import make_ranker
from models.ranking.event_bodies import Versions
from models.vetting.outcome import Gate
from schemas.errors import MatcherError
from tables.state import State
from tables.tables import Tables

log = logging.getLogger(__name__)


class MatcherApp(faust.App):
    """A Faust app that checks its topics and loads its encoder before it takes work."""

    context: Context

    async def on_first_start(self) -> None:
        """Check what would make a worker useless, then start loading the encoder."""
        context = self.context
        try:
            settings = context.settings
            changelogs = changelog_specs(sorted(self.tables.changelog_topics), settings)
            internal = internal_specs(context.names, settings)
            await create_topics(settings, [*internal, *changelogs])
            await check_topics(settings, context.names)
        except MatcherError as error:
            log.critical("%s", error)
            die(str(error))
        Thread(target=_load_encoder, args=(context,), name="load-encoder", daemon=True).start()
        gc.freeze()  # Faust collects garbage once per table at every rebalance
        self.add_future(context.fence.keep_ticking())
        await super().on_first_start()


def _load_encoder(context: Context) -> None:
    from models.encoding.embedder import (
        load_embedder,  # torch takes seconds: only a worker pays them
    )

    started = time.monotonic()
    settings = context.settings
    try:
        encoder = load_embedder(
            settings.encoder,
            precision=settings.encoder_precision,
            cache_dir=settings.encoder_cache_dir,
            adapter=settings.adapter,
        )
    except MatcherError as error:
        log.critical("%s", error)
        die(str(error))
    metrics.START_SECONDS.labels("model").set(time.monotonic() - started)
    log.info("Encoder %s is ready in %.2f s", encoder.version, time.monotonic() - started)
    context.encoder.set_result(encoder)


def make_app(settings: Settings) -> MatcherApp:
    """The matcher as a Faust app, not started."""
    faults.configure(settings.fault)
    version = settings.encoder_version or vector_version(settings.encoder, settings.adapter)
    app_id = f"{settings.topic_prefix}-{version}"
    app = MatcherApp(
        app_id,
        **worker_options(settings),
        broker_max_poll_records=POLL_RECORDS,
        stream_buffer_maxsize=QUEUE_EVENTS,
    )
    app.web.blueprints = BlueprintManager()
    app.context = _make_context(app, settings, app_id, version)
    register_agents(app.context)
    lifecycle.register(app.context)
    timers.register(app.context)
    pages.register(app.context)
    return app


def _make_context(app: Any, settings: Settings, app_id: str, version: str) -> Context:
    ranker = make_ranker(settings.ranker, settings.score_threshold, settings.exposure)
    fence = Fence(lambda: int(app.consumer_generation_id), settings.session_timeout)
    tables = Tables(app, settings.partitions, fence)
    encoder: Future[Any] = Future()
    return Context(
        settings=settings,
        names=TopicNames(settings, app_id),
        app=app,
        fence=fence,
        state=State(tables, ranker, settings.top_k, settings.hired_pauses),
        outputs=Outputs(app, fence),
        ranker=ranker,
        versions=Versions(version, ranker.version, settings.epoch),
        gate=Gate(settings.vetting),
        encoder=encoder,
    )


app = make_app(get_settings())
