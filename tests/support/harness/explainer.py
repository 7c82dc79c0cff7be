"""The explainer in memory: the real agent, wording, purse and tables, and a writer on a script.

The model's server is the only stand-in beside the broker's: what calls it has its own tests.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import cast

from agents.explainer.context import ExplainContext
from agents.explainer.explain import ExplainAgent
from agents.explainer.purse import Shares
from agents.explainer.wording import Wording
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.explainer_settings import ExplainerSettings
from matcher_stream.runtime.fence import Fence
from matcher_stream.runtime.outputs import Outputs
from models.explain.gpt import GptWriter, Outcome, Purse
from schemas.errors import StaleGeneration
from tables.explained import ExplainState, ExplainTables
from tests.support.harness.broker import Died, MemoryBroker, Record
from tests.support.harness.process import MemoryProcess

APP_ID = "harness-explainer"
COST = 0.001
"""Dollars of one answer."""


class ScriptedWriter:
    """Answers what it is told to, when it is told to, for real money.

    Attributes:
        asked: The fields of every question.
        reply: What it makes of a question.
        may_answer: Cleared, questions wait.
        version: As an explanation names it.
    """

    version = "scripted/prompt"

    def __init__(self, reply: Callable[[Mapping[str, str]], Outcome] | None = None) -> None:
        self.options = SimpleNamespace(model="scripted")
        self.breaker = SimpleNamespace(state="closed")
        self.asked: list[dict[str, str]] = []
        self.reply = reply or self._says_the_title
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def write(self, fields: Mapping[str, str], purse: Purse) -> Outcome:
        """As `GptWriter.write`."""
        self.asked.append(dict(fields))
        if not await purse.reserve(COST):
            return Outcome(None, "no_budget")
        try:
            await self.may_answer.wait()
            return self.reply(fields)
        finally:
            purse.settle(COST, COST)

    @staticmethod
    def _says_the_title(fields: Mapping[str, str]) -> Outcome:
        return Outcome(f"Buscan {fields['puesto']}.", "ok")


class MemoryExplainer(MemoryProcess):
    """One worker of the explainer, from its start to its death.

    Args:
        broker: Keeps its topics.
        settings: Of the worker.
        partitions: That it owns.
        committed: Offsets by (topic, partition); shared with the workers that follow.
        writer: Of a model's words; None for templates only.
        clock: Seconds since the epoch; days of the budget are counted by it.

    Attributes:
        context: The real one.
        wording: The real one.
        agent: The real one.
    """

    def __init__(
        self,
        broker: MemoryBroker,
        settings: ExplainerSettings,
        partitions: Sequence[int],
        committed: dict[tuple[str, int], int],
        writer: ScriptedWriter | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(broker, partitions, committed)
        app = self._make_app(APP_ID, settings)
        fence = Fence(lambda: self.generation, session_timeout=3600.0)
        state = ExplainState(ExplainTables(app, settings.partitions, fence))
        self.context = ExplainContext(
            settings=settings,
            names=TopicNames(settings, APP_ID),
            app=app,
            fence=fence,
            state=state,
            outputs=Outputs(app, fence),
        )
        shares = Shares(self.context, clock)
        self.wording = Wording(self.context, cast("GptWriter | None", writer), shares)
        self.agent = ExplainAgent(self.context, self.wording)
        self._recover(state.tables)
        state.owned = set(partitions)
        shares.own(partitions)
        fence.open()

    def waiting(self) -> list[Record]:
        """Records that were not acknowledged."""
        return self._uncommitted(self.context.names.matches)

    async def run(self, max_events: int = 128) -> int:
        """Let the agent work off its topic; returns how many records.

        Raises:
            Died: the process is gone.
            StaleGeneration: its partitions were given away.
        """
        records = self.waiting()
        if records:
            await self._work_off("explain", self.agent, records, self.context.fence, max_events)
        return len(records)

    async def settle(self, until: Callable[[], bool] | None = None) -> None:
        """Give wishes their turns until none is left, or until something is so.

        Raises:
            Died: the process is gone.
            StaleGeneration: its partitions were given away.
        """
        for _ in range(10_000):
            if not self.producer.alive:
                raise Died
            if self._evicted.is_set():
                await self.go_on()
                raise StaleGeneration("The partitions were given to another worker.")
            if until() if until is not None else not self.wording.waiting:
                return
            await asyncio.sleep(0)
        raise AssertionError(f"{self.wording.waiting} wishes never come to rest")

    def revoke(self) -> None:
        """A rebalance begins."""
        self.wording.cancel_all()
        self.context.fence.close()
