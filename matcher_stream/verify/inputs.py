"""The input topics against the tables: what was accepted is held, what was refused is not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from matcher_stream.config.catalogue import Parse
from matcher_stream.config.contract import partition_for
from matcher_stream.runtime.outputs import check_stamp, forwarded_from
from matcher_stream.verify.reading import Coordinates, TopicReader
from matcher_stream.verify.report import Report
from models.reading.text import content_hash
from schemas import Event, decode_key
from schemas.errors import InputError, WrongPartition

EventT = TypeVar("EventT", bound=Event)


@dataclass(slots=True)
class Accepted(Generic[EventT]):
    """One record that was accepted; `event` is None for a tombstone, which may have been forwarded:
    `timestamp` is when it was published.
    """

    at: Coordinates
    timestamp: int
    event: EventT | None
    content: bytes


@dataclass(slots=True)
class Input(Generic[EventT]):
    """One input topic, read whole.

    Attributes:
        last: The last accepted record of each key.
        refused: Key and value of every refused record.
        contested: Keys of which some record was refused: compaction may have taken the accepted
            one away before it.
        erased_at: Timestamp (ms) of the last tombstone of each key.
        events: Every accepted event in order, if asked for.
        trimmed: Whether retention has taken the topic's beginning away.
    """

    last: dict[str, Accepted[EventT]] = field(default_factory=dict)
    refused: dict[Coordinates, tuple[bytes | None, bytes | None]] = field(default_factory=dict)
    contested: set[str] = field(default_factory=set)
    erased_at: dict[str, int] = field(default_factory=dict)
    events: list[Accepted[EventT]] = field(default_factory=list)
    trimmed: bool = False


async def read_input(
    reader: TopicReader, topic: str, parse: Parse, partitions: int, *, keep_all: bool = False
) -> Input[Any]:
    """Read a topic and decide about every record anew.

    Args:
        reader: Reads topics.
        topic: The input topic.
        parse: Its parser.
        partitions: Of every topic.
        keep_all: Keep every event, not only the last of each key.
    """
    out: Input[Any] = Input()
    out.trimmed = any((await reader.first_offsets(topic)).values())
    async for record in reader.records(topic):
        at = Coordinates(topic, record.partition, record.offset)
        try:
            check_stamp(record.timestamp)
            key = decode_key(record.key)
            if partition_for(record.key, partitions) != record.partition:
                raise WrongPartition("")
            event = None if record.value is None else parse(record.key, record.value)
        except InputError:
            out.refused[at] = record.key, record.value
            if record.key is not None:
                out.contested.add(record.key.decode(errors="replace"))
            continue
        first, before = forwarded_from(record, record.timestamp), out.last.get(key)
        if first is not None and before is not None and first < before.timestamp:
            continue  # what followed it stands
        content = b"" if event is None else content_hash(event)
        stamp = record.timestamp if first is None else first
        accepted = Accepted(at, stamp, event, content)
        out.last[key] = accepted
        if event is None:
            out.erased_at[key] = record.timestamp
        if keep_all:
            out.events.append(accepted)
    return out


def check_held(source: Input[Any], rows: dict[str, Any], report: Report, name: str) -> None:
    """The tables hold the last accepted content of every key, and nothing of erased keys.

    Args:
        source: The input topic.
        rows: The rows of its table by key; each has a `content_hash`.
        report: Takes the differences.
        name: "person" or "job".
    """
    for key, accepted in source.last.items():
        row = rows.get(key)
        if accepted.event is None:
            if row is not None:
                report.differ("erased", key, f"the {name}'s row is still there")
            continue
        if row is None:
            report.differ("input", key, f"accepted at {accepted.at}, but there is no {name}")
        elif row.record_ts != accepted.timestamp:
            report.differ("input", key, f"the {name}'s row is older than {accepted.at}")
        elif row.content_hash != accepted.content:
            report.differ(
                "input", key, f"the {name}'s row is not the content accepted at {accepted.at}"
            )
    for key in rows.keys() - source.last.keys() - source.contested:
        report.differ("input", key, f"a {name} without any accepted input")


async def check_dlq(
    reader: TopicReader, topic: str, source: Input[Any], parse: Parse, report: Report
) -> None:
    """Every refused record stands in the dead-letter topic, and nothing else does.

    Args:
        reader: Reads topics.
        topic: The dead-letter topic.
        source: The input topic.
        parse: Its parser: what it accepts has no business in the dead-letter topic.
        report: Takes the differences.
    """
    missing = dict(source.refused)
    async for record in reader.records(topic):
        headers = dict(record.headers or ())
        at = Coordinates(
            headers.get("dlq_topic", b"").decode(),
            int(headers.get("dlq_partition", b"-1")),
            int(headers.get("dlq_offset", b"-1")),
        )
        report.counts[f"copies in {topic}"] += 1
        where = f"{at} in {topic}[{record.partition}]@{record.offset}"
        sent = source.refused.get(at)
        if sent is not None:
            missing.pop(at, None)
            if not _repeats(sent, record, headers):
                report.differ("dlq", where, "the bytes are not the bytes that were refused")
        elif headers.get("dlq_error_class") != b"wrong_partition" and _accepted(parse, record):
            report.differ("dlq", where, "a good record is in the dead-letter topic")
        if not headers.get("dlq_error_class") or not headers.get("dlq_error_message"):
            report.differ("dlq", where, "no reason is given")
    for at in missing:
        report.differ("dlq", str(at), f"refused, but not in {topic}")


def _repeats(
    sent: tuple[bytes | None, bytes | None], letter: Any, headers: Mapping[str, bytes]
) -> bool:
    """Whether a letter holds the bytes that were refused, or the hash of those too large for it."""
    for name, was, part in zip(("key", "value"), sent, (letter.key, letter.value), strict=True):
        named = headers.get(f"dlq_{name}_sha256")
        if named is not None and was is not None:
            if part is not None or hashlib.sha256(was).hexdigest().encode() != named:
                return False
        elif part != was:
            return False
    return True


def _accepted(parse: Parse, record: Any) -> bool:
    try:
        decode_key(record.key)
        if record.value is not None:
            parse(record.key, record.value)
    except InputError:
        return False
    return True
