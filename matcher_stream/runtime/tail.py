"""Reading one partition to its end, and later what came since; no consumer group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition

from matcher_stream.config.security import client_options
from matcher_stream.config.settings import Settings

_FETCH_BYTES = 9 << 20
_POLL_MS = 500


class Tail(Protocol):
    """One partition, as far as it was read."""

    def news(self) -> AsyncIterator[Any]:
        """What was stored since the last call, to the end as it is at this one.

        A record has what aiokafka's ConsumerRecord has.
        """


#: Gives the partition of a topic, from its beginning.
OpenTail = Callable[[str, int], Tail]
#: Gives all of them for a while.
Reading = Callable[[], AbstractAsyncContextManager[OpenTail]]


class BrokerTail:
    """A partition on the broker.

    Args:
        consumer: Without a group; several share it, one after the other.
        turn: Held by who reads.
        part: Which.
        may_lack: Whether a topic that is not there, or is hidden from us, is as an empty one.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        turn: asyncio.Lock,
        part: TopicPartition,
        may_lack: bool = False,
    ) -> None:
        self._consumer, self._turn, self._part = consumer, turn, part
        self._may_lack = may_lack
        self._next: int | None = None

    async def news(self) -> AsyncIterator[Any]:
        """As `Tail.news`.

        Raises:
            KafkaError: the broker does not answer, or does not let us read.
        """
        consumer, part = self._consumer, self._part
        async with self._turn:
            if self._may_lack and self._next is None and part.topic not in await consumer.topics():
                return  # to ask for it alone could create it
            if self._next is not None and (await consumer.end_offsets([part]))[part] <= self._next:
                return  # another partition stays assigned
            if consumer.assignment() != {part}:
                consumer.assign([part])
                await self._go_on()
            end = (await consumer.end_offsets([part]))[part]
            while (position := await consumer.position(part)) < end:
                batches = await consumer.getmany(part, timeout_ms=_POLL_MS)
                for record in batches.get(part, ()):
                    yield record
            self._next = position

    async def _go_on(self) -> None:
        if self._next is None:
            await self._consumer.seek_to_beginning(self._part)
        else:
            self._consumer.seek(self._part, self._next)


@asynccontextmanager
async def broker_reading(
    settings: Settings, wait_ms: int = 50, may_lack: bool = False
) -> AsyncIterator[OpenTail]:
    """Partitions on the settings' broker, until the end of the block.

    Args:
        settings: Where that is.
        wait_ms: How long the broker waits for a record before it says that there is none. Another
            partition is read only after such an answer about the last one.
        may_lack: Whether topics that are not there, or are hidden from us, are as empty ones.

    Raises:
        KafkaError: the broker does not answer.
    """
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=_FETCH_BYTES,
        fetch_max_wait_ms=wait_ms,
    )
    turn = asyncio.Lock()
    try:
        await consumer.start()
        yield lambda topic, partition: BrokerTail(
            consumer, turn, TopicPartition(topic, partition), may_lack
        )
    finally:
        await consumer.stop()
