"""`verify` on topics in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from matcher_stream.verify.reading import Rows, last_rows
from tests.support.harness.broker import MemoryBroker


class MemoryReader:
    """A `TopicReader` of a broker of lists."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker

    async def records(self, topic: str, *, must_exist: bool = True) -> AsyncIterator[Any]:
        """Every record, in offset order within a partition; a topic is there once it is asked."""
        for record in list(self._broker.records(topic)):
            yield record

    async def first_offsets(self, topic: str) -> dict[int, int]:
        """Nothing was ever taken away."""
        return dict.fromkeys(range(self._broker.partitions), 0)

    async def table(self, topic: str, keep: Callable[[bytes], Any]) -> Rows:
        """The rows of a changelog."""
        return await last_rows(self.records(topic), keep)
