"""The explainer: ``faust -A matcher_stream.explainer worker -l info``.

An app of its own, deployed and scaled apart from the matcher: it waits on an HTTP API, and nothing
that API does may delay a match. This module puts the parts together.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from typing import Any

import faust
from faust.web.base import BlueprintManager

from agents.explainer.context import ExplainContext
from agents.explainer.explain import ExplainAgent
from agents.explainer.purse import Shares
from agents.explainer.wording import Wording
from matcher_stream.config.contract import (
    TopicNames,
    changelog_specs,
    explainer_specs,
    public_specs,
)
from matcher_stream.config.explainer_settings import ExplainerSettings, get_explainer_settings
from matcher_stream.config.topics import create_topics, describe_topics, mismatch
from matcher_stream.config.worker_options import worker_options
from matcher_stream.runtime import faults
from matcher_stream.runtime.batcher import Batcher
from matcher_stream.runtime.fence import Fence, die
from matcher_stream.runtime.outputs import Outputs
from matcher_stream.runtime.seeking import owned_partitions, seek_uncommitted
from matcher_stream.runtime.stale import throw_away_stale_state
from matcher_stream.web import explainer as explainer_pages
from models.explain.gpt import GptOptions, GptWriter
from models.explain.limits import Breaker
from schemas.errors import MatcherError, TopicMismatch
from tables.explained import ExplainState, ExplainTables

log = logging.getLogger(__name__)


class ExplainerApp(faust.App):
    """A Faust app that checks its topics before it takes work."""

    context: ExplainContext
    wording: Wording

    async def on_first_start(self) -> None:
        """Check what would make a worker useless."""
        try:
            await _check_topics(self.context)
        except MatcherError as error:
            log.critical("%s", error)
            die(str(error))
        if not self.wording.enabled:
            log.warning("No key for a language model: all explanations are templates")
        for chatty in ("httpx", "httpx2", "openai"):  # one line for every call
            logging.getLogger(chatty).setLevel(logging.WARNING)
        gc.freeze()  # Faust collects garbage once per table at every rebalance
        self.add_future(self.context.fence.keep_ticking())
        await super().on_first_start()


async def _check_topics(context: ExplainContext) -> None:
    names, settings = context.names, context.settings
    changelogs = changelog_specs(sorted(context.app.tables.changelog_topics), settings)
    await create_topics(settings, [*explainer_specs(names, settings), *changelogs])
    wanted = [
        s for s in public_specs(names, settings) if s.name in (names.matches, names.explanations)
    ]
    states = await describe_topics(settings, [spec.name for spec in wanted])
    for spec in wanted:
        if problem := mismatch(spec, states.get(spec.name)):
            raise TopicMismatch(problem)


def make_app(settings: ExplainerSettings) -> ExplainerApp:
    """The explainer as a Faust app, not started."""
    faults.configure(settings.fault)
    app_id = f"{settings.topic_prefix}-explainer"
    app = ExplainerApp(app_id, **worker_options(settings))
    app.web.blueprints = BlueprintManager()
    fence = Fence(lambda: int(app.consumer_generation_id), settings.session_timeout)
    context = app.context = ExplainContext(
        settings=settings,
        names=TopicNames(settings, app_id),
        app=app,
        fence=fence,
        state=ExplainState(ExplainTables(app, settings.partitions, fence)),
        outputs=Outputs(app, fence),
    )
    shares = Shares(context)
    app.wording = Wording(context, _writer(settings, shares), shares)
    _register_agent(context, app.wording)
    _register_lifecycle(context, app.wording)
    explainer_pages.register(context)
    return app


def _writer(settings: ExplainerSettings, shares: Shares) -> GptWriter | None:
    if not settings.llm_api_key:
        return None
    options = GptOptions(
        model=settings.llm_model,
        base_url=settings.llm_base_url,
        api_key=settings.llm_api_key,
        effort=settings.llm_effort,
        timeout=settings.llm_timeout,
        attempts=settings.llm_attempts,
        concurrency=settings.llm_concurrency,
        patience=settings.llm_patience,
        price=shares.price,
    )
    return GptWriter(options, shares.requests, shares.tokens, Breaker(time.monotonic))


def _register_agent(context: ExplainContext, wording: Wording) -> None:
    settings, agent = context.settings, ExplainAgent(context, wording)
    batcher = Batcher(
        "explain", context.fence, agent.prepare, agent.apply,
        max_events=settings.batch_events, lookahead=settings.lookahead_events,
    )  # fmt: skip

    async def read(stream: Any) -> None:
        await batcher.run(stream)

    channel = context.app.topic(
        context.names.matches, key_type=bytes, key_serializer="raw", value_type=bytes,
        value_serializer="raw", partitions=settings.partitions, allow_empty=True,
    )  # fmt: skip
    context.app.agent(channel, name="explainer.matches", concurrency=1)(read)


def _register_lifecycle(context: ExplainContext, wording: Wording) -> None:
    app, state = context.app, context.state

    async def on_revoked(*_: Any, **__: Any) -> None:
        wording.cancel_all()  # never wait for an API: the templates stand
        if context.fence.is_open:
            await _finish_writes(context)
        context.fence.close()

    async def on_recover() -> None:
        try:
            state.owned = set(owned_partitions(app, [context.names.matches]))
            wording.shares.own(state.owned)
            if not await seek_uncommitted(app):
                return
            context.fence.open()
            log.info("Ready, partitions %s", sorted(state.owned))
        except Exception as error:  # Faust would swallow it
            log.exception("The explainer could not take its partitions")
            die(f"taking partitions failed with {type(error).__name__}")

    async def keep_stamps() -> None:
        throw_away_stale_state(context)

    app.on_partitions_revoked.connect(on_revoked, weak=False)
    state.tables.explained.on_recover(on_recover)
    throw_away_stale_state(context)
    app.timer(60.0)(keep_stamps)
    app.timer(5.0)(lambda: explainer_pages.measure_lag(context))


async def _finish_writes(context: ExplainContext) -> None:
    """Let rows that are half written get whole, half a session at most."""
    try:
        async with asyncio.timeout(context.settings.session_timeout / 2):
            for partition in sorted(context.state.owned):
                async with context.locks[partition]:
                    pass
    except TimeoutError:
        log.warning("A write did not finish before its partition was taken away")


app = make_app(get_explainer_settings())
