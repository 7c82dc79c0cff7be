"""Reading and writing topics from a test (aiokafka, no consumer group)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from tests.support.brokers import Broker
from tests.support.processes import NeverHappened

MAX_RECORD = 8 << 20
Headers = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it lies in a topic."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        """The value, decoded; None for a null."""
        return None if self.value is None else orjson.loads(self.value)

    @property
    def at(self) -> tuple[str, int, int]:
        """Topic, partition, offset."""
        return self.topic, self.partition, self.offset


@dataclass(frozen=True, slots=True)
class Send:
    """One record to be published; partition None means by the key, timestamp (ms) None now."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None
    timestamp: int | None = None


@contextlib.asynccontextmanager
async def producing(
    broker: Broker, compression: str | None = None
) -> AsyncIterator[AIOKafkaProducer]:
    """A producer that this broker understands (the embedded one: one record in a batch); it sends
    more than topics take where compression may make it fit.
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=broker.url,
        max_request_size=MAX_RECORD + (64 << 10) if compression is None else 4 * MAX_RECORD,
        compression_type=compression,
        max_batch_size=1 if broker.kind == "tansu" else 64 << 10,
        linger_ms=0 if broker.kind == "tansu" else 5,
        request_timeout_ms=30_000,
        acks="all",
        enable_idempotence=broker.kind != "tansu",  # whatever dies, once and in order
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def publish_all(
    broker: Broker,
    sends: Iterable[Send],
    rate: float | None = None,
    window: int = 256,
    compression: str | None = None,
) -> list[tuple[str, int, int]]:
    """Publish in order and await every acknowledgement; returns where each record landed.

    Args:
        broker: Where to.
        sends: What.
        rate: Records a second; None for as fast as it goes.
        window: Records in flight at once. Order within a partition is kept.
        compression: Of whole batches, as aiokafka names it.
    """
    at: list[tuple[str, int, int]] = []
    waiting: list[Awaitable[Any]] = []
    started = time.monotonic()
    async with producing(broker, compression) as producer:

        async def settle() -> None:
            for done in await asyncio.gather(*waiting):
                at.append((done.topic, done.partition, done.offset))
            waiting.clear()

        for count, send in enumerate(sends):
            if rate is not None:
                late = started + count / rate - time.monotonic()
                if late > 0:
                    await settle()
                    await asyncio.sleep(late)
            waiting.append(
                await producer.send(
                    send.topic,
                    key=send.key,
                    value=send.value,
                    partition=send.partition,
                    timestamp_ms=send.timestamp,
                    headers=list(send.headers),
                )
            )
            if len(waiting) >= window:
                await settle()
        await settle()
    return at


async def publish(
    broker: Broker,
    topic: str,
    key: bytes | str | None,
    value: bytes | dict[str, Any] | None,
    headers: Headers = (),
    partition: int | None = None,
) -> tuple[str, int, int]:
    """Publish one record; texts and dicts are encoded."""
    raw_key = key.encode() if isinstance(key, str) else key
    raw_value = orjson.dumps(value) if isinstance(value, dict) else value
    landed = await publish_all(broker, [Send(topic, raw_key, raw_value, headers, partition)])
    return landed[0]


@contextlib.asynccontextmanager
async def consuming(broker: Broker, group: str | None = None) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without assignment; a group is only used to look at its committed offsets."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=broker.url,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=MAX_RECORD + (64 << 10),
        request_timeout_ms=30_000,
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def partitions_of(consumer: AIOKafkaConsumer, topics: Iterable[str]) -> list[TopicPartition]:
    """Every partition of the topics; a topic that does not exist has none."""
    known = await consumer._client.fetch_all_metadata()
    return [
        TopicPartition(topic, number)
        for topic in topics
        for number in sorted(known.partitions_for_topic(topic) or ())
    ]


async def end_offsets(broker: Broker, topics: Iterable[str]) -> dict[TopicPartition, int]:
    """One past the last record of every partition."""
    async with consuming(broker) as consumer:
        found = await partitions_of(consumer, topics)
        ends: dict[TopicPartition, int] = await consumer.end_offsets(found)
        return ends


async def read_all(broker: Broker, *topics: str) -> list[Record]:
    """Every record of the topics from the beginning to the end offsets of now."""
    records: list[Record] = []
    async with consuming(broker) as consumer:
        found = await partitions_of(consumer, topics)
        if not found:
            return records
        consumer.assign(found)
        ends = await consumer.end_offsets(found)
        begins = await consumer.beginning_offsets(found)
        left = {tp for tp in found if ends[tp] > begins[tp]}
        while left:
            batches = await consumer.getmany(timeout_ms=1000)
            for tp, messages in batches.items():
                records.extend(_record(m) for m in messages if m.offset < ends[tp])
            for tp in list(left):
                if await consumer.position(tp) >= ends[tp]:
                    left.discard(tp)
    return records


def _record(message: Any) -> Record:
    return Record(
        message.topic,
        message.partition,
        message.offset,
        message.timestamp,
        message.key,
        message.value,
        dict(message.headers or ()),
    )


async def last_by_key(broker: Broker, topic: str) -> dict[bytes, Record]:
    """The last record of every key, nulls included."""
    return {r.key: r for r in await read_all(broker, topic) if r.key is not None}


async def committed(broker: Broker, group: str, topics: Iterable[str]) -> dict[TopicPartition, int]:
    """Committed offsets of a group; 0 where it never committed."""
    async with consuming(broker, group) as consumer:
        found = await partitions_of(consumer, topics)
        return {tp: await consumer.committed(tp) or 0 for tp in found}


async def lag(broker: Broker, group: str, *stages: Iterable[str]) -> dict[TopicPartition, int]:
    """Records not yet acknowledged by a group, partitions without any left out.

    Stages are looked at one after the other, and of each its end first: nothing left means that
    all of it was done by the time of the look.
    """
    left: dict[TopicPartition, int] = {}
    async with consuming(broker, group) as consumer:
        for topics in stages:
            found = await partitions_of(consumer, topics)  # not assigned: that starts fetching
            ends = await consumer.end_offsets(found)
            for tp in found:
                done = await consumer.committed(tp) or 0
                if ends[tp] > done:
                    left[tp] = ends[tp] - done
    return left


async def wait_until(
    condition: Callable[[], Awaitable[bool]], timeout: float, what: str, every: float = 0.2
) -> float:
    """Poll an async condition; returns the seconds it took.

    Raises:
        NeverHappened: it did not hold within `timeout` seconds.
    """
    started = time.monotonic()
    while not await condition():
        if time.monotonic() - started > timeout:
            raise NeverHappened(f"{what}: not within {timeout:g} s")
        await asyncio.sleep(every)
    return time.monotonic() - started
