"""Reading topics from the beginning to where they end now, without a consumer group."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.errors import TopicMismatch

_PREFIX = struct.Struct(">H")
_FETCH_BYTES = 9 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset}"


class Reader:
    """Reads whole topics; use as an async context manager.

    Args:
        options: How to reach the broker, as aiokafka takes it.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options

    async def __aenter__(self) -> Self:
        self._consumer = AIOKafkaConsumer(
            **self._options,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=_FETCH_BYTES,
        )
        await self._consumer.start()
        known = await self._consumer._client.fetch_all_metadata()
        self._partitions: Callable[[str], set[int] | None] = known.partitions_for_topic
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def records(self, topic: str, *, must_exist: bool = True) -> AsyncIterator[Any]:
        """Every record (aiokafka's ConsumerRecord), in offset order within a partition.

        Raises:
            TopicMismatch: there is no such topic.
        """
        numbers = self._partitions(topic)
        if not numbers:
            if must_exist:
                raise TopicMismatch(f"There is no topic {topic}: create the topics first.")
            return
        parts = [TopicPartition(topic, number) for number in sorted(numbers)]
        consumer = self._consumer
        consumer.assign(parts)
        begins, ends = await consumer.beginning_offsets(parts), await consumer.end_offsets(parts)
        left = {part for part in parts if ends[part] > begins[part]}
        while left:
            for part, batch in (await consumer.getmany(timeout_ms=1000)).items():
                for record in batch:
                    if record.offset < ends[part]:
                        yield record
            for part in list(left):
                if await consumer.position(part) >= ends[part]:
                    left.discard(part)

    async def first_offsets(self, topic: str) -> dict[int, int]:
        """The oldest offset still there, by partition."""
        parts = [TopicPartition(topic, n) for n in sorted(self._partitions(topic) or ())]
        begins = await self._consumer.beginning_offsets(parts)
        return {part.partition: offset for part, offset in begins.items()}

    async def table(
        self, topic: str, keep: Callable[[bytes], Any] = lambda raw: raw
    ) -> dict[int, dict[bytes, Any]]:
        """The rows of a changelog by partition and key: the last value of each key.

        Args:
            topic: The changelog.
            keep: What to keep of a row.
        """
        rows: dict[int, dict[bytes, Any]] = {}
        async for record in self.records(topic, must_exist=False):
            own = rows.setdefault(record.partition, {})
            key = record.key[_PREFIX.size :]
            if record.value is None:
                own.pop(key, None)
            else:
                own[key] = keep(record.value)
        return rows


def flat(rows: dict[int, dict[bytes, Any]]) -> Iterable[tuple[int, bytes, Any]]:
    """(partition, key, row) of every row."""
    for partition, own in rows.items():
        for key, row in own.items():
            yield partition, key, row
