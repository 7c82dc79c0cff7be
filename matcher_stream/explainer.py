"""The explainer: ``faust -A matcher_stream.explainer worker -l info``.

An app of its own, deployed and scaled apart from the matcher: it waits on an HTTP API, and nothing
that API does may delay a match. This module puts the parts together.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from agents.explainer.context import ExplainContext
from agents.explainer.explain import ExplainAgent
from agents.explainer.purse import Shares
from agents.explainer.wording import Wording
from matcher_stream.config.acls import Role, explainer_role
from matcher_stream.config.contract import TopicNames, TopicSpec, explainer_specs, public_specs
from matcher_stream.config.explainer_settings import ExplainerSettings, get_explainer_settings
from matcher_stream.config.worker_options import worker_options
from matcher_stream.runtime import faults, lag, vitals
from matcher_stream.runtime.app import StreamApp, made
from matcher_stream.runtime.attach import attach
from matcher_stream.runtime.fence import Fence
from matcher_stream.runtime.hooks import RebalanceHooks, all_free
from matcher_stream.runtime.outputs import Outputs
from matcher_stream.web import explainer as explainer_pages
from models.explain.gpt import GptOptions, GptWriter
from models.explain.limits import Breaker
from tables.explained import ExplainState, ExplainTables

log = logging.getLogger(__name__)


class ExplainerApp(StreamApp):
    """A Faust app that checks its topics before it takes work."""

    SERVICE = "explainer"
    context: ExplainContext
    wording: Wording

    def own_topics(self) -> Sequence[TopicSpec]:
        """Where matches go that cannot be read."""
        return explainer_specs(self.context.names, self.context.settings)

    def role(self) -> Role:
        """Its rights, as `matcher-stream topics acls` lists them."""
        return explainer_role(self.context.names)

    def needed_topics(self) -> Sequence[TopicSpec]:
        """What is read and what is written."""
        names = self.context.names
        public = public_specs(names, self.context.settings)
        return [spec for spec in public if spec.name in (names.matches, names.explanations)]

    def begin(self) -> None:
        """Say whether there is a model, and keep its client from saying more."""
        if not self.wording.enabled:
            log.warning("No key for a language model: all explanations are templates")
        for chatty in ("httpx", "httpx2", "openai"):  # one line for every call
            logging.getLogger(chatty).setLevel(logging.WARNING)


class ExplainerHooks(RebalanceHooks):
    """The steps of the explainer at a rebalance."""

    FAILURE = "The explainer could not take its partitions"
    TASK = "taking partitions"

    def __init__(self, context: ExplainContext, wording: Wording) -> None:
        super().__init__(context, [context.names.matches])
        self._context = context
        self._wording = wording

    def drop(self) -> None:
        """Never wait for an API: the templates stand."""
        self._wording.cancel_all()

    async def finish(self) -> None:
        """Let rows that are half written get whole."""
        context = self._context
        locks = [context.locks[partition] for partition in sorted(context.state.owned)]
        if not await all_free(locks, context.settings.session_timeout / 2):
            log.warning("A write did not finish before its partition was taken away")

    async def take(self, partitions: list[int]) -> None:
        """Take the partitions and their shares of the group's limits."""
        self._context.state.owned = set(partitions)
        self._wording.shares.own(partitions)


def make_app(settings: ExplainerSettings) -> ExplainerApp:
    """The explainer as a Faust app, not started."""
    faults.configure(settings.fault)
    app_id = f"{settings.topic_prefix}-explainer"
    app = ExplainerApp(app_id, **worker_options(settings, ExplainerApp.SERVICE))
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
    reader = attach(
        context,
        "explain",
        context.names.matches,
        ExplainAgent(context, app.wording),
        agent_name="explainer.matches",
        max_events=settings.batch_events,
        lookahead=settings.lookahead_events,
    )
    ExplainerHooks(context, app.wording).register(context.state.tables.explained)
    lag.register(context, [context.names.matches], {context.names.matches: reader})
    explainer_pages.register(context)
    vitals.tell_build(
        "explainer",
        app_id,
        settings.partitions,
        model=settings.llm_model if app.wording.enabled else "template",
    )
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


app = made(lambda: make_app(get_explainer_settings()), ExplainerApp.SERVICE)
