"""From records to accepted events: refuse, forward, or hand on; nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from agents.context import Context
from matcher_stream.config.topics import partition_for
from matcher_stream.runtime import metrics
from matcher_stream.runtime.outputs import FORWARDED, Record, Refused, forwarded_from
from models.reading.geo import district_index
from schemas import Job, Profile, decode_key
from schemas.errors import InputError, WrongPartition

T = TypeVar("T")
K = TypeVar("K")


@dataclass(slots=True)
class Item(Generic[T]):
    """One accepted record.

    Attributes:
        event: The Faust event.
        key: The decoded key.
        value: The parsed event, or None for a tombstone.
        text_hash: Hash of the encoder's input, once it is known.
    """

    event: Any
    key: str
    value: T | None
    text_hash: bytes = b""

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

    def outdated(self, record_ts: int) -> bool:
        """Whether this null came to its place after a record (at `record_ts`) that followed it:
        forwarded late, or twice because of a crash.
        """
        return forwarded_from(self.event.message) is not None and self.timestamp < record_ts


@dataclass(slots=True)
class Intake(Generic[T]):
    """A batch, sorted into what to do with it."""

    items: list[Item[T]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    forward: list[Any] = field(default_factory=list)


def take_in(
    context: Context, events: Sequence[Any], parse: Callable[[bytes | None, bytes], T]
) -> Intake[T]:
    """Parse a batch; what cannot be used is set aside with its reason."""
    intake: Intake[T] = Intake()
    partitions = context.settings.partitions
    for event in events:
        message = event.message
        try:
            key = decode_key(message.key)
            if partition_for(message.key, partitions) != message.partition:
                if message.value is None:
                    intake.forward.append(event)
                raise WrongPartition(
                    "The key belongs to another partition: publish with murmur2 partitioning."
                )
            value = None if message.value is None else parse(message.key, message.value)
            intake.items.append(Item(event, key, value))
        except InputError as error:
            intake.refused.append((event, error))
    return intake


async def settle_refused(context: Context, intake: Intake[Any]) -> None:
    """Send refused events to the dead-letter topic, and misplaced tombstones to their place."""
    partitions = context.settings.partitions
    misplaced = [_forwarded(event.message, partitions) for event in intake.forward]
    await context.outputs.send(misplaced, intake.forward)
    await context.outputs.refuse(intake.refused)


def _forwarded(message: Any, partitions: int) -> Record:
    since = [(FORWARDED, str(_published(message)).encode())]
    return message.topic, partition_for(message.key, partitions), message.key, None, since


def _published(message: Any) -> int:
    first = forwarded_from(message)
    return round(message.timestamp * 1000) if first is None else first


def rounds(items: Sequence[T], key: Callable[[T], Hashable]) -> Iterator[list[T]]:
    """Cut a batch so that no key comes twice in a round; order is kept."""
    batch: list[T] = []
    seen: set[Hashable] = set()
    for item in items:
        if key(item) in seen:
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


def count(items: Sequence[Item[Any]], outcome: str) -> None:
    """Count accepted events by what became of them."""
    for item in items:
        metrics.EVENTS.labels(item.event.message.topic, outcome).inc()
