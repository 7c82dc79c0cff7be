"""Records as Faust hands them to an agent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from types import SimpleNamespace
from typing import Any

from tests.support.harness.broker import Record

#: A traceparent as the W3C writes them.
TRACE = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class MemoryEvent:
    """As much of a Faust event as agents and batcher touch.

    Args:
        record: What was fetched.
        generation: In which consumer generation.
        on_ack: Told once it is acknowledged.
    """

    def __init__(
        self, record: Record, generation: int = 1, on_ack: Callable[[Record], None] | None = None
    ) -> None:
        self.record = record
        self._on_ack = on_ack
        self.message: Any = SimpleNamespace(
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            key=record.key,
            value=record.value,
            headers=list(record.headers),
            timestamp=record.timestamp / 1000,
            generation_id=generation,
        )

    def ack(self) -> None:
        """Done."""
        if self._on_ack is not None:
            self._on_ack(self.record)


class MemoryStream:
    """Yields its events, then waits for ever, as a Kafka stream does."""

    def __init__(self, events: Sequence[MemoryEvent]) -> None:
        self._events = events

    def noack(self) -> MemoryStream:
        """As Faust's."""
        return self

    async def events(self) -> AsyncIterator[MemoryEvent]:
        """The events, then nothing, for ever."""
        for event in self._events:
            yield event
        await asyncio.Event().wait()


def event_of(
    topic: str,
    key: bytes | None,
    value: bytes | None,
    partition: int = 0,
    offset: int = 0,
    *,
    headers: Sequence[tuple[str, bytes]] = (),
    timestamp: int = 1_790_000_000_000,
    generation: int = 1,
) -> MemoryEvent:
    """An event out of nothing, for tests of one call."""
    record = Record(topic, partition, offset, key, value, tuple(headers), timestamp)
    return MemoryEvent(record, generation)
