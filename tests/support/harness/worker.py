"""What a process would be: a context with the real parts, and an agent for each topic."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from typing import Any

import faust

from agents.context import Context
from agents.register import AGENTS, topics_of
from matcher_stream.config.catalogue import READ
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.settings import Settings
from matcher_stream.config.worker_options import worker_options
from matcher_stream.runtime.batcher import Batcher
from matcher_stream.runtime.fence import Fence
from matcher_stream.runtime.outputs import Outputs
from matcher_stream.timers import Timers
from models.ranking.blend import make_ranker
from models.ranking.event_bodies import Versions
from models.vetting.outcome import Gate
from schemas.errors import StaleGeneration
from tables.state import State
from tables.tables import Tables
from tests.support.harness.broker import MemoryBroker, MemoryProducer, Record, Step
from tests.support.harness.encoder import fixed_embedder
from tests.support.harness.events import MemoryEvent, MemoryStream

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


class MemoryWorker:
    """One worker, from its start to its death.

    Args:
        broker: Keeps its topics.
        settings: Of the worker.
        partitions: That it owns.
        committed: Offsets by (topic, partition); shared with the workers that follow.

    Attributes:
        context: The real one.
        agents: By name.
        generation: The consumer's; `evict` raises it, and what was fetched before is stale.
        broken: What a worker must never do and this one did.
    """

    def __init__(
        self,
        broker: MemoryBroker,
        settings: Settings,
        partitions: Sequence[int],
        committed: dict[tuple[str, int], int],
    ) -> None:
        self.broker, self._partitions, self._committed = broker, partitions, committed
        self.generation = 1
        self._evicted = asyncio.Event()
        self.producer = MemoryProducer(broker)
        self.broken: list[str] = []
        self.context = self._make_context(settings)
        self.agents = {name: binding.make(self.context) for name, binding in AGENTS.items()}
        self.timers = Timers(self.context)
        self._recover()

    def _make_context(self, settings: Settings) -> Context:
        app: Any = faust.App(APP_ID, **{**worker_options(settings), "store": "memory://"})
        app._producer = self.producer
        fence = Fence(lambda: self.generation, session_timeout=3600.0)
        ranker = make_ranker(settings.ranker, settings.score_threshold, settings.exposure)
        embedder = fixed_embedder()
        encoder: Future[Any] = Future()
        encoder.set_result(embedder)
        return Context(
            settings=settings,
            names=TopicNames(settings, APP_ID),
            app=app,
            fence=fence,
            state=State(
                Tables(app, settings.partitions, fence), ranker, settings.top_k,
                settings.hired_pauses,
            ),
            outputs=Outputs(app, fence),
            ranker=ranker,
            versions=Versions(embedder.version, ranker.version, settings.epoch),
            gate=Gate(settings.vetting),
            encoder=encoder,
            encode_thread=Inline(),
            score_thread=Inline(),
        )  # fmt: skip

    def _recover(self) -> None:
        """Rows as their changelogs have them, as a worker with an empty disk reads them."""
        state = self.context.state
        for table in state.tables.all():
            rows = table.data.data
            for partition in self._partitions:
                for record in self.broker.log(table.changelog_topic_name, partition):
                    if record.value is None:
                        rows.pop(record.key, None)
                    else:
                        rows[record.key] = record.value
        state.prepare(self.context.encoder.result().dim)
        state.rebuild(self._partitions)
        self.context.fence.open()

    def evict_after(self, records: int) -> None:
        """Give its partitions away once it has sent so many records; it is not told of it."""

        def sent(count: int) -> None:
            if count == records:
                self.generation += 1
                self._evicted.set()

        self.producer.on_send = sent

    def topic(self, agent: str) -> str:
        """What an agent reads."""
        return self.context.names.of(topics_of(AGENTS, READ)[agent])

    def waiting(self, agent: str) -> list[Record]:
        """Records that the agent has not acknowledged, as a consumer fetches them."""
        topic = self.topic(agent)
        return [
            record
            for partition in self._partitions
            for record in self.broker.log(topic, partition)[
                self._committed.get((topic, partition), 0) :
            ]
        ]

    async def run(self, agent: str, max_events: int = 128) -> int:
        """Let an agent work off its topic through the real batcher; returns how many records.

        Raises:
            Died: the process is gone.
            StaleGeneration: its partitions were given away.
        """
        records = self.waiting(agent)
        if not records:
            return 0
        left = len(records)
        through = asyncio.Event()

        def acked(record: Record) -> None:
            nonlocal left
            self._acked(record)
            left -= 1
            if not left:
                through.set()

        events = [MemoryEvent(record, self.generation, acked) for record in records]
        made = self.agents[agent]
        batcher: Batcher[Any] = Batcher(
            agent, self.context.fence, made.prepare, made.apply,
            max_events=max_events, lookahead=2 * max_events,
        )  # fmt: skip
        running = asyncio.ensure_future(batcher.run(MemoryStream(events)))
        ends = [asyncio.ensure_future(event.wait()) for event in (through, self._evicted)]
        try:
            async with asyncio.timeout(60):
                await asyncio.wait([running, *ends], return_when=asyncio.FIRST_COMPLETED)
                if running.done():
                    running.result()
                if self._evicted.is_set():
                    await self._misbehave()
                    raise StaleGeneration("The partitions were given to another worker.")
        finally:
            for task in (running, *ends):
                task.cancel()
            await asyncio.gather(running, *ends, return_exceptions=True)
        return len(records)

    @staticmethod
    async def _misbehave() -> None:
        """Turns of the loop in which an agent that does not ask the fence would go on."""
        for _ in range(200):
            await asyncio.sleep(0)

    def _acked(self, record: Record) -> None:
        if lost := self.producer.forgotten():
            self.broken.append(f"{record.topic}: acknowledged before {lost} records were stored")
        self.broker.steps.append(Step("acked", record.topic, record.partition, record.key))
        where = record.topic, record.partition
        self._committed[where] = max(self._committed.get(where, 0), record.offset + 1)
