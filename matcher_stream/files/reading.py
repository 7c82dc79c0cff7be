"""Following output topics without a consumer group: every partition, from the beginning or now."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from matcher_stream.config.connecting import connected, not_allowed
from matcher_stream.config.security import client_options
from matcher_stream.config.settings import Settings
from schemas.errors import TopicMismatch

FETCH_BYTES: Final = 9 << 20


class Follower:
    """Reads topics for ever.

    Args:
        consumer: A started consumer that has the topics' partitions.
        parts: Those partitions.
    """

    def __init__(self, consumer: AIOKafkaConsumer, parts: Sequence[TopicPartition]) -> None:
        self._consumer = consumer
        self._parts = list(parts)

    async def batch(self, wait_ms: int = 500) -> list[Any]:
        """Records that have arrived (aiokafka's ConsumerRecord); empty after `wait_ms`."""
        found = await self._consumer.getmany(timeout_ms=wait_ms)
        return [record for records in found.values() for record in records]

    async def ends(self) -> dict[str, int]:
        """Records ever written to each topic: the sum of its end offsets."""
        totals: dict[str, int] = {}
        for part, offset in (await self._consumer.end_offsets(self._parts)).items():
            totals[part.topic] = totals.get(part.topic, 0) + offset
        return totals

    async def caught_up(self) -> bool:
        """Whether everything written until now has been read."""
        ends: Mapping[TopicPartition, int] = await self._consumer.end_offsets(self._parts)
        for part, end in ends.items():
            if await self._consumer.position(part) < end:
                return False
        return True


@asynccontextmanager
async def following(
    settings: Settings, topics: Sequence[str], from_beginning: bool = True
) -> AsyncIterator[Follower]:
    """Open topics for reading.

    Raises:
        BrokerUnavailable: nobody answers, or the broker went away.
        TopicMismatch: a topic does not exist.
    """
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        enable_auto_commit=False,
        auto_offset_reset="earliest" if from_beginning else "latest",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    async with connected(settings, consumer, consumer.stop):
        parts = await _partitions(settings, consumer, topics)
        consumer.assign(parts)
        yield Follower(consumer, parts)


async def _partitions(
    settings: Settings, consumer: AIOKafkaConsumer, topics: Sequence[str]
) -> list[TopicPartition]:
    known = await consumer._client.fetch_all_metadata()
    parts = []
    for topic in topics:
        numbers = known.partitions_for_topic(topic)
        if not numbers and settings.security_protocol != "PLAINTEXT":  # what may not be seen is not
            raise not_allowed(settings, f"ver el tema {topic}, o el tema no existe")
        if not numbers:
            raise TopicMismatch(
                f"Falta el tema {topic}: créelo con 'matcher-stream topics create'."
            )
        parts += [TopicPartition(topic, number) for number in sorted(numbers)]
    return parts
