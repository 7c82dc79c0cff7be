"""What every process on a broker of lists does: it recovers, reads, acknowledges, and ends."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import faust

from matcher_stream.config.settings import Settings
from matcher_stream.config.worker_options import worker_options
from matcher_stream.runtime.batcher import Batcher
from matcher_stream.runtime.fence import Fence
from schemas.errors import StaleGeneration
from tables.base import TableSet
from tests.support.harness.broker import MemoryBroker, MemoryProducer, Record, Step
from tests.support.harness.events import MemoryEvent, MemoryStream


class MemoryProcess:
    """One process, from its start to its death.

    Args:
        broker: Keeps its topics.
        partitions: That it owns.
        committed: Offsets by (topic, partition); shared with the processes that follow.

    Attributes:
        producer: Its only one.
        generation: The consumer's; `evict_after` raises it, and what was fetched before is stale.
        broken: What a process must never do and this one did.
    """

    def __init__(
        self,
        broker: MemoryBroker,
        partitions: Sequence[int],
        committed: dict[tuple[str, int], int],
    ) -> None:
        self.broker, self._partitions, self._committed = broker, partitions, committed
        self.generation = 1
        self._evicted = asyncio.Event()
        self.producer = MemoryProducer(broker)
        self.broken: list[str] = []

    def _make_app(self, app_id: str, settings: Settings) -> Any:
        """A Faust app that is never started, with this process's producer."""
        app: Any = faust.App(app_id, **{**worker_options(settings), "store": "memory://"})
        app._producer = self.producer
        return app

    def _recover(self, tables: TableSet) -> None:
        """Rows as their changelogs have them, as a worker with an empty disk reads them."""
        for table in tables.all():
            rows = table.data.data
            for partition in self._partitions:
                for record in self.broker.log(table.changelog_topic_name, partition):
                    if record.value is None:
                        rows.pop(record.key, None)
                    else:
                        rows[record.key] = record.value

    def evict_after(self, records: int) -> None:
        """Give its partitions away once it has sent so many records; it is not told of it."""

        def sent(count: int) -> None:
            if count == records:
                self.generation += 1
                self._evicted.set()

        self.producer.on_send = sent

    def _uncommitted(self, topic: str) -> list[Record]:
        """Records of a topic that were not acknowledged, as a consumer fetches them."""
        return [
            record
            for partition in self._partitions
            for record in self.broker.log(topic, partition)[
                self._committed.get((topic, partition), 0) :
            ]
        ]

    async def _work_off(
        self,
        name: str,
        agent: Any,
        records: Sequence[Record],
        fence: Fence,
        max_events: int,
        abreast: int = 1,
    ) -> None:
        """Let an agent work off records through the real batcher.

        Raises:
            Died: the process is gone.
            StaleGeneration: its partitions were given away.
        """
        left = len(records)
        through = asyncio.Event()

        def acked(record: Record) -> None:
            nonlocal left
            self._acked(record)
            left -= 1
            if not left:
                through.set()

        events = [MemoryEvent(record, self.generation, acked) for record in records]
        batcher: Batcher[Any] = Batcher(
            name, fence, agent.prepare, agent.apply,
            max_events=max_events, lookahead=2 * max_events, abreast=abreast,
        )  # fmt: skip
        running = asyncio.ensure_future(batcher.run(MemoryStream(events)))
        ends = [asyncio.ensure_future(event.wait()) for event in (through, self._evicted)]
        try:
            async with asyncio.timeout(60):
                await asyncio.wait([running, *ends], return_when=asyncio.FIRST_COMPLETED)
                if running.done():
                    running.result()
                if self._evicted.is_set():
                    await self.go_on()
                    raise StaleGeneration("The partitions were given to another worker.")
        finally:
            for task in (running, *ends):
                task.cancel()
            await asyncio.gather(running, *ends, return_exceptions=True)

    @staticmethod
    async def go_on() -> None:
        """Turns of the loop in which an agent that does not ask the fence would go on."""
        for _ in range(200):
            await asyncio.sleep(0)

    def _acked(self, record: Record) -> None:
        if lost := self.producer.forgotten():
            self.broken.append(f"{record.topic}: acknowledged before {lost} records were stored")
        self.broker.steps.append(Step("acked", record.topic, record.partition, record.key))
        where = record.topic, record.partition
        self._committed[where] = max(self._committed.get(where, 0), record.offset + 1)
