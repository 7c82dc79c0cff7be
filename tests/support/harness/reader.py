"""`verify` on topics in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from matcher_stream.verify.reading import Reader
from tests.support.harness.broker import MemoryBroker


class MemoryReader(Reader):
    """Reads a broker of lists as `Reader` reads Kafka."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker

    async def records(self, topic: str, *, must_exist: bool = True) -> AsyncIterator[Any]:
        """Every record, in offset order within a partition."""
        for record in list(self._broker.records(topic)):
            yield record

    async def first_offsets(self, topic: str) -> dict[int, int]:
        """Nothing was ever trimmed."""
        return dict.fromkeys(range(self._broker.partitions), 0)
