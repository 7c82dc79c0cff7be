"""Reading topics from the beginning to where they end now, without a consumer group."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition

from matcher_stream.config.connecting import connected
from matcher_stream.config.security import client_options
from matcher_stream.config.settings import Settings
from schemas.errors import TopicMismatch

_PREFIX = struct.Struct(">H")
_FETCH_BYTES = 9 << 20

#: By partition and key.
Rows = dict[int, dict[bytes, Any]]


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Where a record lies."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset}"


class TopicReader(Protocol):
    """What a verification needs of the topics, be they on a broker or in memory.

    A record has what aiokafka's ConsumerRecord has: `topic`, `partition`, `offset`, `timestamp`
    (ms since the epoch), `key` and `value` (bytes or None) and `headers` (pairs of name and bytes).
    """

    def records(self, topic: str, *, must_exist: bool = True) -> AsyncIterator[Any]:
        """Every record, in offset order within a partition.

        Args:
            topic: Its full name.
            must_exist: Whether a topic that is not there is an error, or has no records.

        Raises:
            TopicMismatch: there is no such topic.
        """

    async def first_offsets(self, topic: str) -> dict[int, int]:
        """The oldest offset still there, by partition; 0 everywhere if nothing was taken away."""

    async def table(self, topic: str, keep: Callable[[bytes], Any]) -> Rows:
        """The rows of a changelog, or nothing if it is not there; see `last_rows`.

        Args:
            topic: Its full name.
            keep: What to keep of a row.
        """


class BrokerReader:
    """Reads whole topics of a broker.

    Args:
        consumer: A started consumer without a group.
        partitions: The partitions of a topic; None if it is not there.
    """

    def __init__(
        self, consumer: AIOKafkaConsumer, partitions: Callable[[str], set[int] | None]
    ) -> None:
        self._consumer = consumer
        self._partitions = partitions

    async def records(self, topic: str, *, must_exist: bool = True) -> AsyncIterator[Any]:
        """As `TopicReader.records`."""
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
        """As `TopicReader.first_offsets`."""
        parts = [TopicPartition(topic, n) for n in sorted(self._partitions(topic) or ())]
        begins = await self._consumer.beginning_offsets(parts)
        return {part.partition: offset for part, offset in begins.items()}

    async def table(self, topic: str, keep: Callable[[bytes], Any]) -> Rows:
        """As `TopicReader.table`."""
        return await last_rows(self.records(topic, must_exist=False), keep)


@asynccontextmanager
async def broker_reader(settings: Settings) -> AsyncIterator[BrokerReader]:
    """A reader of the settings' broker; for errors see `connected`."""
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=_FETCH_BYTES,
    )
    async with connected(settings, consumer, consumer.stop):
        known = await consumer._client.fetch_all_metadata()
        yield BrokerReader(consumer, known.partitions_for_topic)


async def last_rows(records: AsyncIterator[Any], keep: Callable[[bytes], Any]) -> Rows:
    """The last value of each key of a changelog, whose keys start with their partition's number.

    Args:
        records: Of the changelog.
        keep: What to keep of a row.
    """
    rows: Rows = {}
    async for record in records:
        own = rows.setdefault(record.partition, {})
        key = record.key[_PREFIX.size :]
        if record.value is None:
            own.pop(key, None)
        else:
            own[key] = keep(record.value)
    return rows


def flat(rows: Rows) -> Iterable[tuple[int, bytes, Any]]:
    """(partition, key, row) of every row."""
    for partition, own in rows.items():
        for key, row in own.items():
            yield partition, key, row
