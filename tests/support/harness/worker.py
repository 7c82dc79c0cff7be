"""What a process would be: a context with the real parts, and an agent for each topic."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any

from agents.context import Context, gate_of, ranker_of, rivals_of, trial_of, versions_of
from agents.register import AGENTS, topics_of
from agents.vectors import TextVectors
from matcher_stream.config.catalogue import READ
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.settings import Settings
from matcher_stream.runtime.fence import Fence
from matcher_stream.runtime.outputs import Outputs
from matcher_stream.runtime.voice import Voice
from matcher_stream.timers import Timers
from tables.state import State
from tables.tables import Tables
from tests.support.harness.broker import MemoryBroker, Record, memory_reading
from tests.support.harness.encoder import fixed_embedder
from tests.support.harness.process import MemoryProcess

APP_ID = "harness"


class Inline(Executor):
    """Runs what it is given at once, so that a test is the same every time."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """The outcome, as a future."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


class MemoryWorker(MemoryProcess):
    """One worker of the matcher, from its start to its death.

    Args:
        broker: Keeps its topics.
        settings: Of the worker.
        partitions: That it owns.
        committed: Offsets by (topic, partition); shared with the workers that follow.
        app_id: Its application.
        clock: By which it holds its lease.

    Attributes:
        context: The real one.
        agents: By name.
    """

    def __init__(
        self,
        broker: MemoryBroker,
        settings: Settings,
        partitions: Sequence[int],
        committed: dict[tuple[str, int], int],
        app_id: str = APP_ID,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(broker, partitions, committed)
        self._app_id, self._clock = app_id, clock
        self.context = self._make_context(settings)
        self.agents = {name: binding.make(self.context) for name, binding in AGENTS.items()}
        self.timers = Timers(self.context)
        state = self.context.state
        self._recover(state.tables)
        state.prepare(self.context.vectors.encoder.result().dim)
        state.rebuild(partitions)
        self.context.voice.own(state.handed(partitions))
        self.context.fence.open()

    def _make_context(self, settings: Settings) -> Context:
        app = self._make_app(self._app_id, settings)
        fence = Fence(lambda: self.generation, session_timeout=3600.0)
        ranker = ranker_of(settings)
        embedder = fixed_embedder()
        encoder: Future[Any] = Future()
        encoder.set_result(embedder)
        names, reading = TopicNames(settings, self._app_id), partial(memory_reading, self.broker)
        voice = Voice(names, settings, reading, self._clock)
        return Context(
            settings=settings,
            names=names,
            app=app,
            fence=fence,
            state=State(
                Tables(app, settings.partitions, fence), ranker, settings.top_k,
                settings.hired_pauses, settings.unlocks, trial_of(settings, self._app_id),
            ),
            outputs=Outputs(app, fence, voice),
            voice=voice,
            reading=reading,
            rivals=rivals_of(settings, names, reading),
            versions=versions_of(embedder.version, ranker, settings),
            gate=gate_of(settings),
            vectors=TextVectors(encoder, embedder.version, Inline()),
            scoring=Inline(),
        )  # fmt: skip

    def topic(self, agent: str) -> str:
        """What an agent reads."""
        return self.context.names.of(topics_of(AGENTS, READ)[agent])

    def waiting(self, agent: str) -> list[Record]:
        """Records that the agent has not acknowledged."""
        return self._uncommitted(self.topic(agent))

    async def run(self, agent: str, max_events: int = 128) -> int:
        """Let an agent work off its topic; returns how many records.

        Raises:
            Died: the process is gone.
            StaleGeneration: its partitions were given away.
        """
        records = self.waiting(agent)
        if records:
            made, abreast = self.agents[agent], AGENTS[agent].abreast
            await self._work_off(agent, made, records, self.context.fence, max_events, abreast)
        return len(records)
