"""Sending: checked by the fence, every result awaited, every event with CloudEvents headers.

CloudEvents 1.0, Kafka binding, binary mode: the value is the event, headers say what it is.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, Protocol

from matcher_stream.config.contract import INPUT_BYTES, TopicNames
from matcher_stream.config.logs import pseudonym
from matcher_stream.runtime import metrics, records, tracing
from matcher_stream.runtime.fence import Fence
from schemas.base import MAX_MS, MIN_MS
from schemas.errors import InputError, InvalidTimestamp, ProducerFailed, StaleGeneration

log = logging.getLogger(__name__)
Headers = records.Headers
Record = records.Record
#: Bytes of a key and of a value that a dead letter repeats, at most.
LETTER_KEY, LETTER_VALUE = 128 << 10, INPUT_BYTES
#: Told of the key and value of a record that was stored.
Listener = Callable[[bytes | None, bytes | None], None]
#: An event and what is wrong with it.
Refused = tuple[Any, InputError]
LAST_LETTERS: Final = 10
#: Header of a null that was forwarded to its partition.
FORWARDED = "forwarded_ts"
_MOST_DIGITS: Final = 15
_TRACE: Final = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class Letter(NamedTuple):
    """A refused record's coordinates and reason, and when it was refused (s since the epoch)."""

    topic: str
    partition: int
    offset: int
    code: str
    at: float


def ce_headers(kind: str, event_id: str, source: str, trace: bytes | None = None) -> Headers:
    """CloudEvents headers; a traceparent is passed through."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_type", f"pe.matcher.{kind}.v1".encode()),
        ("ce_source", source.encode()),
        ("ce_time", datetime.now(UTC).isoformat(timespec="milliseconds").encode()),
        ("content-type", b"application/json"),
    ]
    return headers + trace_headers(trace)


def trace_headers(trace: bytes | None) -> Headers:
    """The header that passes a traceparent on, if there is one."""
    return [("traceparent", trace)] if trace else []


def null_headers(source: str, trace: bytes | None = None) -> Headers:
    """What a null of an output carries: who took back what was said, and the traceparent."""
    return [("ce_source", source.encode()), *trace_headers(trace)]


def header(message: Any, name: str) -> bytes | None:
    """One header of a record, or None."""
    headers = message.headers or {}
    items = headers.items() if isinstance(headers, dict) else headers
    return next((value for key, value in items if key == name), None)


def record_ms(message: Any) -> int:
    """A record's timestamp, ms since the epoch.

    Raises:
        InvalidTimestamp: it is none of the years that we read; a publisher may set any.
    """
    ms: int = round(message.timestamp * 1000)
    check_stamp(ms)
    return ms


def check_stamp(ms: int) -> None:
    """Raise InvalidTimestamp unless a record's timestamp (ms since the epoch) is one we read."""
    if not MIN_MS <= ms < MAX_MS:
        raise InvalidTimestamp("The record's timestamp is not between 2000 and 2100 (ms).")


def trace_of(message: Any) -> bytes | None:
    """The traceparent (W3C Trace Context) that what follows from a record carries: of its span if
    it has one, else its own if it is one, since publishers may write anything.
    """
    trace = tracing.carried(message) or header(message, "traceparent")
    return trace if trace and _TRACE.fullmatch(trace) else None


def about(message: Any) -> dict[str, Any]:
    """What a log line may say of a record: where it lies, its trace, its key's pseudonym."""
    trace = trace_of(message)
    return {
        "topic": message.topic,
        "partition": message.partition,
        "offset": message.offset,
        "key": None if message.key is None else pseudonym(message.key),
        "trace_id": None if trace is None else trace.split(b"-")[1].decode(),
    }


def forwarded_from(record: Any, before: int) -> int | None:
    """When a null that a worker forwarded was published (ms since the epoch); None for others.

    Args:
        record: With `value` and `headers`.
        before: Its timestamp, ms: it was published no later. Anything else is not of our making.
    """
    stamp = header(record, FORWARDED) if record.value is None else None
    if not stamp or not stamp.isdigit() or len(stamp) > _MOST_DIGITS:
        return None
    return int(stamp) if MIN_MS <= int(stamp) <= before else None


class Speaker(Protocol):
    """Says where records go: a deployment in the shadow does not speak to the public."""

    def where(self, topic: str, partition: int) -> str | None:
        """The topic that a record goes to now; None while nobody can say."""

    async def heard(self) -> None:
        """Wait a moment for more to be known."""


class Outputs:
    """Sends records for the events that led to them, and waits for the broker's word on each.

    Args:
        app: The Faust app, whose producer is used.
        fence: Asked before every record.
        voice: Asked likewise where it goes; None where all goes where it is addressed.
    """

    def __init__(self, app: Any, fence: Fence, voice: Speaker | None = None) -> None:
        self._app = app
        self._fence = fence
        self._voice = voice
        self._listeners: dict[str, list[Listener]] = {}
        #: The last records that were refused here.
        self.refused: deque[Letter] = deque(maxlen=LAST_LETTERS)

    def listen(self, topic: str, listener: Listener) -> None:
        """Tell `listener` of each record of a topic, once the broker has stored it."""
        self._listeners.setdefault(topic, []).append(listener)

    async def send(self, records: Sequence[Record], events: Sequence[Any]) -> None:
        """Send records in order; returns when all are stored.

        Args:
            records: May be empty; then nothing is asked.
            events: What they follow from, or the fence's `Turn`.

        Raises:
            StaleGeneration: the events are another worker's now; what was sent already, it repeats.
            ProducerFailed: the broker did not take a record.
        """
        if not records:
            return
        producer, futures, went = self._app.producer, [], []
        self._fence.check(events)
        try:
            with tracing.send(records) as traced:
                for topic, partition, key, value, headers in traced:
                    where = await self._where(topic, partition, events)
                    went.append(where)
                    self._fence.check(events[:1])  # sending may wait for room in the producer
                    futures.append(await producer.send(where, key, value, partition, None, headers))
                await asyncio.gather(*futures)
        except StaleGeneration:
            raise
        except Exception as exc:
            self._fence.check(events)  # else it failed for being frozen: a successor repeats it
            raise ProducerFailed(f"The broker refused a record ({type(exc).__name__}).") from exc
        for (topic, _, key, value, _), where in zip(records, went, strict=True):
            metrics.OUTPUTS.labels(where).inc()
            for listener in self._listeners.get(topic, ()):
                listener(key, value)

    async def _where(self, topic: str, partition: int, events: Sequence[Any]) -> str:
        """The topic that a record goes to; does not wait where that is known."""
        if self._voice is None:
            return topic
        while (where := self._voice.where(topic, partition)) is None:
            await self._voice.heard()
            self._fence.check(events[:1])
        return where

    async def refuse(self, refused: Sequence[Refused]) -> None:
        """Send bad events, unchanged, to their dead-letter topics with their coordinates.

        Args:
            refused: Events and what is wrong with each.

        Raises:
            StaleGeneration: the events are another worker's now.
            ProducerFailed: the broker did not take a record.
        """
        group = str(self._app.conf.id)
        letters = [_letter(event.message, error, group) for event, error in refused]
        await self.send(letters, [event for event, _ in refused])
        for event, error in refused:
            message = event.message
            self.refused.append(
                Letter(message.topic, message.partition, message.offset, error.code, time.time())
            )
            metrics.REFUSED.labels(message.topic, error.code).inc()
            metrics.EVENTS.labels(message.topic, "refused").inc()
            tracing.refuse(message, error.code)
            if log.isEnabledFor(logging.DEBUG):
                said = {**about(message), "outcome": error.code}
                log.debug("Record refused", extra={"data": said})


def _letter(message: Any, error: InputError, group: str) -> Record:
    """The record as it came, under its coordinates. One that only compression made fit for its
    topic is too large to be sent again: it stays where it is, and the letter names its hash.
    """
    headers, parts = _coordinates(message, error, group), []
    for name, part in (("key", message.key), ("value", message.value)):
        if part is not None and len(part) > (LETTER_KEY if name == "key" else LETTER_VALUE):
            headers.append((f"dlq_{name}_bytes", str(len(part)).encode()))
            headers.append((f"dlq_{name}_sha256", hashlib.sha256(part).hexdigest().encode()))
            part = None
        parts.append(part)
    headers += trace_headers(trace_of(message))
    topic = TopicNames.dlq(message.topic)
    return topic, message.partition, parts[0], parts[1], headers


def _coordinates(message: Any, error: InputError, group: str) -> Headers:
    return [
        ("dlq_topic", message.topic.encode()),
        ("dlq_partition", str(message.partition).encode()),
        ("dlq_offset", str(message.offset).encode()),
        ("dlq_timestamp", str(round(message.timestamp * 1000)).encode()),
        ("dlq_error_class", error.code.encode()),
        ("dlq_error_message", str(error).encode()),
        ("dlq_consumer_group", group.encode()),
    ]
