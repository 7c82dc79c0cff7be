"""From records to accepted events: refuse, forward, or hand on; nothing is lost on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from agents.context import Context
from agents.reading import Batch, read_each
from matcher_stream.config.topics import partition_for
from matcher_stream.runtime import metrics
from matcher_stream.runtime.outputs import (
    FORWARDED,
    Record,
    forwarded_from,
    record_ms,
    trace_headers,
    trace_of,
)
from models.reading.facts.known import Known
from models.reading.geo import district_index
from schemas import Job, Profile, decode_key
from schemas.canary import is_canary
from schemas.errors import WrongPartition

T = TypeVar("T")
D = TypeVar("D")


@dataclass(slots=True)
class Item(Generic[T, D]):
    """One accepted record.

    Attributes:
        event: The Faust event.
        key: The decoded key.
        value: The parsed event, or None for a tombstone.
        derived: What follows from the record alone; None for a tombstone.
        supersedes: Whether records before it are left out because of it.
    """

    event: Any
    key: str
    value: T | None
    derived: D | None = None
    supersedes: bool = False

    @property
    def partition(self) -> int:
        """The record's partition."""
        return int(self.event.message.partition)

    @property
    def offset(self) -> int:
        """The record's offset."""
        return int(self.event.message.offset)

    @property
    def timestamp(self) -> int:
        """The record's timestamp, ms since the epoch; of a forwarded null the first one's."""
        return _published(self.event.message)

    @property
    def forwarded(self) -> bool:
        """Whether this is a null that went astray and was sent to its place."""
        return self._first is not None

    def outdated(self, record_ts: int) -> bool:
        """Whether this null came to its place after a record (at `record_ts`) that followed it:
        forwarded late, or twice because of a crash.
        """
        return self._first is not None and self._first < record_ts

    @property
    def _first(self) -> int | None:
        message = self.event.message
        return forwarded_from(message, record_ms(message))


def nothing(item: Item[T, None]) -> None:
    """Of most events nothing else follows."""


async def take_in(
    context: Context,
    events: Sequence[Any],
    parse: Callable[[bytes | None, bytes], T],
    derive: Callable[[Item[T, D]], D],
    begun: Collection[tuple[int, int]] | None = None,
) -> Batch[Item[T, D]]:
    """Parse a batch; what cannot be used is set aside with its reason.

    Args:
        context: The worker's parts.
        events: Faust events of an input topic.
        parse: Gives the event of a key and a value, or raises an `InputError`.
        derive: Computes what follows from one event alone.
        begun: Where only the last record of a key counts (see `_derive`): partition and offset of
            those that count too, since a worker may have told of them before it died. None where
            every record counts.
    """
    partitions = context.settings.partitions

    def read(event: Any) -> Item[T, D]:
        message = event.message
        key = decode_key(message.key)
        if partition_for(message.key, partitions) != message.partition:
            raise WrongPartition(
                "The key belongs to another partition: publish with murmur2 partitioning."
            )
        value = None if message.value is None else parse(message.key, message.value)
        return Item(event, key, value)

    def work() -> Batch[Item[T, D]]:
        batch = read_each(events, read)
        _derive(batch, derive, begun)
        return batch

    # in a thread, so that heartbeats do not wait for a large record
    return await asyncio.to_thread(work)


def _derive(
    batch: Batch[Item[T, D]],
    derive: Callable[[Item[T, D]], D],
    begun: Collection[tuple[int, int]] | None,
) -> None:
    """Compute what follows from each record, or set it aside; where only the last record of a key
    counts, leave out those before it.

    Who changes faster than we tell is told the last. A null before a value stays: what was known of
    the key ends with it. A forwarded null, or a record with an older timestamp, takes no other's
    place: it may be taken for a repetition itself.
    """
    kept: list[Item[T, D]] = []
    following: dict[tuple[int, str], Item[T, D]] = {}
    carried: dict[tuple[int, str], Item[T, D]] = {}
    for item in reversed(batch.items):
        after = following.get((item.partition, item.key))
        if begun is None or (item.partition, item.offset) in begun or not _idle(item, after):
            read = read_each([item.event], partial(_derived, item, derive))
            if read.refused:
                batch.refused += read.refused
                continue
            kept.append(item)
            carried[item.partition, item.key] = item
        else:
            count([item], "superseded")
            carried[item.partition, item.key].supersedes = True
        following[item.partition, item.key] = item
    batch.items = kept[::-1]


def _derived(item: Item[T, D], derive: Callable[[Item[T, D]], D], _: Any) -> None:
    if item.value is not None:
        item.derived = derive(item)


def _idle(item: Item[Any, Any], after: Item[Any, Any] | None) -> bool:
    """Whether a record need not be carried out because of the next one of its key."""
    if after is None or after.forwarded or after.timestamp < item.timestamp:
        return False
    return item.value is not None or after.value is None


async def settle_refused(context: Context, batch: Batch[Any]) -> None:
    """Send refused events to the dead-letter topic, and misplaced tombstones to their place."""
    partitions = context.settings.partitions
    astray = [
        event
        for event, error in batch.refused
        if isinstance(error, WrongPartition) and event.message.value is None
    ]
    await context.outputs.send([_forwarded(event.message, partitions) for event in astray], astray)
    await context.outputs.refuse(batch.refused)


def _forwarded(message: Any, partitions: int) -> Record:
    headers = [(FORWARDED, str(_published(message)).encode()), *trace_headers(trace_of(message))]
    return message.topic, partition_for(message.key, partitions), message.key, None, headers


def _published(message: Any) -> int:
    stamp = record_ms(message)
    first = forwarded_from(message, stamp)
    return stamp if first is None else first


def rounds(
    items: Sequence[T], key: Callable[[T], Hashable], most: Callable[[], int] | None = None
) -> Iterator[list[T]]:
    """Cut a batch so that no key comes twice in a round; order is kept.

    Args:
        items: The batch.
        key: What may come once.
        most: Says how long a round may be, at least 1, when it is put together; None for any.
    """
    batch: list[T] = []
    seen: set[Hashable] = set()
    for item in items:
        if key(item) in seen or (most is not None and len(batch) >= most()):
            yield batch
            batch, seen = [], set()
        batch.append(item)
        seen.add(key(item))
    if batch:
        yield batch


def by_partition(items: Sequence[T], partition: Callable[[T], int]) -> dict[int, list[T]]:
    """Items grouped by partition, in order."""
    groups: dict[int, list[T]] = {}
    for item in items:
        groups.setdefault(partition(item), []).append(item)
    return groups


def note_unknown(topic: str, event: Profile | Job) -> None:
    """Count a place or a word that was stated and that we do not know; it filters nothing."""
    if (event.ubigeo or event.place) and district_index(event.ubigeo, event.place) < 0:
        metrics.UNKNOWN.labels(topic, "place").inc()
    for name in event.unread:
        metrics.UNKNOWN.labels(topic, name).inc()


def note_known(topic: str, known: Known) -> None:
    """Count what was read from words, and what is stated and they contradict."""
    for name in known.read:
        metrics.READ.labels(topic, name).inc()
    for name in known.differs:
        metrics.DIFFERS.labels(topic, name).inc()


def count(items: Sequence[Item[Any, Any]], outcome: str) -> None:
    """Count accepted events by what became of them, but for the canary's."""
    for item in items:
        if is_canary(item.key):
            continue
        metrics.EVENTS.labels(item.event.message.topic, outcome).inc()
