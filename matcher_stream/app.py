"""The matcher: ``faust -A matcher_stream.app worker -l info``.

This module only puts the parts together: settings, topics, tables, agents, hooks, timers, pages.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from threading import Thread
from typing import Any

from agents.context import Context, gate_of, ranker_of, rivals_of, trial_of, versions_of
from agents.register import register_agents
from agents.vectors import TextVectors
from agents.warm import warm
from matcher_stream import canary, timers
from matcher_stream.config.acls import Role, matcher_role
from matcher_stream.config.contract import TopicNames, TopicSpec, internal_specs, topic_specs
from matcher_stream.config.model import app_id_of, load_model, model_of, version_of
from matcher_stream.config.settings import Settings, get_settings
from matcher_stream.config.worker_options import worker_options
from matcher_stream.lifecycle import MatcherHooks
from matcher_stream.runtime import faults, lag, model_vitals, vitals
from matcher_stream.runtime.app import StreamApp, made
from matcher_stream.runtime.fence import Fence, die
from matcher_stream.runtime.flow import POLL_RECORDS, QUEUE_EVENTS
from matcher_stream.runtime.outputs import Outputs
from matcher_stream.runtime.tail import broker_reading
from matcher_stream.runtime.voice import Voice
from matcher_stream.web import matcher as matcher_pages
from schemas.errors import MatcherError
from tables.state import State
from tables.tables import Tables

log = logging.getLogger(__name__)


class MatcherApp(StreamApp):
    """A Faust app that checks its topics and loads its encoder before it takes work."""

    SERVICE = "matcher"
    context: Context

    def own_topics(self) -> Sequence[TopicSpec]:
        """The internal topics."""
        return internal_specs(self.context.names, self.context.settings)

    def role(self) -> Role:
        """Its rights, as `matcher-stream topics acls` lists them."""
        return matcher_role(self.context.settings.topic_prefix, self.context.names)

    def needed_topics(self) -> Sequence[TopicSpec]:
        """All of the contract's."""
        return topic_specs(self.context.names, self.context.settings)

    async def on_stop(self) -> None:
        """As every app, and nobody is listened to any more."""
        await self.context.rivals.close()
        await super().on_stop()

    def begin(self) -> None:
        """Start loading the encoder, beside everything else that a start does."""
        target, args = _load_encoder, (self.context,)
        self.add_future(self.context.voice.keep())
        Thread(target=target, args=args, name="load-encoder", daemon=True).start()


def _load_encoder(context: Context) -> None:
    """In a thread, and then whatever else the first record would wait for."""
    started = time.monotonic()
    try:
        encoder = load_model(context.settings)
    except MatcherError as error:
        log.critical("%s", error)
        die(str(error))
    vitals.START_SECONDS.labels("model").set(time.monotonic() - started)
    log.info("Encoder %s is ready in %.2f s", encoder.version, time.monotonic() - started)
    context.vectors.encoder.set_result(encoder)
    warm(context.gate)


def make_app(settings: Settings) -> MatcherApp:
    """The matcher as a Faust app, not started."""
    faults.configure(settings.fault)
    version = version_of(settings)
    app_id = app_id_of(settings)
    app = MatcherApp(
        app_id,
        **worker_options(settings),
        broker_max_poll_records=POLL_RECORDS,
        stream_buffer_maxsize=QUEUE_EVENTS,
    )
    context = app.context = _make_context(app, settings, app_id, version)
    readers = register_agents(context)
    MatcherHooks(context).register(context.state.tables.people)
    timers.register(context)
    canary.register(context)
    lag.register(context, context.names.lagging, readers)
    matcher_pages.register(context)
    versions = context.versions
    vitals.tell_build(
        "matcher",
        app_id,
        settings.partitions,
        encoder=versions.encoder,
        ranker=versions.ranker,
        reader=versions.reader,
        gate=context.gate.version,
        model=model_of(settings).id,
    )
    model_vitals.tell_model(model_of(settings).id, model_of(settings).metadata)
    return app


def _make_context(app: Any, settings: Settings, app_id: str, version: str) -> Context:
    ranker = ranker_of(settings)
    fence = Fence(lambda: int(app.consumer_generation_id), settings.session_timeout)
    tables = Tables(app, settings.partitions, fence)
    encoder: Future[Any] = Future()
    names, reading = TopicNames(settings, app_id), partial(broker_reading, settings)
    voice = Voice(names, settings, partial(broker_reading, settings, wait_ms=500))
    return Context(
        settings=settings,
        names=names,
        app=app,
        fence=fence,
        state=State(
            tables, ranker, settings.top_k, settings.hired_pauses, settings.unlocks,
            trial_of(settings, app_id),
        ),
        outputs=Outputs(app, fence, voice),
        voice=voice,
        reading=reading,
        rivals=rivals_of(settings, names, partial(broker_reading, settings, may_lack=True)),
        versions=versions_of(version, ranker, settings),
        gate=gate_of(settings),
        vectors=TextVectors(encoder, version),
    )  # fmt: skip


app = made(lambda: make_app(get_settings()), MatcherApp.SERVICE)
