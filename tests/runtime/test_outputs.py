"""Sending: in order, checked before every record, waited for; bad records with coordinates."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from matcher_stream.runtime.fence import Fence
from matcher_stream.runtime.metrics import REGISTRY
from matcher_stream.runtime.outputs import (
    FORWARDED,
    LETTER_KEY,
    LETTER_VALUE,
    Outputs,
    Record,
    ce_headers,
    forwarded_from,
    header,
    record_ms,
    trace_of,
)
from schemas.base import MAX_MS, MIN_MS
from schemas.errors import (
    InputError,
    InvalidJson,
    InvalidTimestamp,
    ProducerFailed,
    StaleGeneration,
    TooLarge,
)
from tests.support.harness.broker import MemoryBroker, MemoryProducer
from tests.support.harness.events import TRACE, MemoryEvent, event_of

RECORDS: list[Record] = [
    ("out", 0, b"a", b"1", [("h", b"x")]),
    ("out", 1, b"b", b"2", []),
    ("out", 0, b"a", None, []),
]


class Sender:
    """Outputs on a broker of lists."""

    def __init__(self) -> None:
        self.broker = MemoryBroker(2)
        self.producer = MemoryProducer(self.broker)
        self.generation = 1
        self.fence = Fence(lambda: self.generation, session_timeout=3600.0)
        self.fence.open()
        app = SimpleNamespace(producer=self.producer, conf=SimpleNamespace(id="group"))
        self.outputs = Outputs(app, self.fence)

    def stored(self, topic: str = "out") -> list[tuple[int, bytes | None, bytes | None]]:
        """What stands in a topic, in the order in which it was stored."""
        return [(r.partition, r.key, r.value) for r in self.broker.records(topic)]

    def whats(self) -> list[str]:
        return [step.what for step in self.broker.steps]


@pytest.fixture
def sender() -> Sender:
    return Sender()


def _event(generation: int = 1, **more: Any) -> MemoryEvent:
    return event_of("in", b"k", b"v", generation=generation, **more)


@pytest.fixture
def counted() -> Callable[..., float]:
    """By how much a counter has grown since it was asked for first."""
    before: dict[tuple[str, str], float] = {}

    def grown(name: str, **labels: str) -> float:
        now = REGISTRY.get_sample_value(name, labels) or 0.0
        return now - before.setdefault((name, str(labels)), now)

    return grown


# -- sending ------------------------------------------------------------------------------


async def test_records_are_sent_in_order_and_all_are_stored(
    sender: Sender, counted: Callable[..., float]
) -> None:
    assert counted("matcher_outputs_total", topic="out") == 0
    await sender.outputs.send(RECORDS, [_event()])
    sent = [(s.partition, s.key) for s in sender.broker.steps if s.what == "sent"]
    assert sent == [(0, b"a"), (1, b"b"), (0, b"a")]
    assert sender.stored() == [(0, b"a", b"1"), (0, b"a", None), (1, b"b", b"2")]
    assert sender.broker.log("out", 0)[0].headers == (("h", b"x"),)
    assert sender.producer.forgotten() == 0
    assert counted("matcher_outputs_total", topic="out") == 3


async def test_no_record_waits_for_the_one_before_it(sender: Sender) -> None:
    """The broker is waited for once, not once a record."""
    await sender.outputs.send(RECORDS, [_event()])
    assert sender.whats() == ["sent"] * 3 + ["stored"] * 3


async def test_nothing_to_send_asks_nobody(sender: Sender) -> None:
    sender.fence.close()
    await sender.outputs.send([], [])
    await sender.outputs.refuse([])
    assert sender.broker.steps == []


async def test_an_effect_for_nothing_cannot_be_checked(sender: Sender) -> None:
    with pytest.raises(ValueError, match="events"):
        await sender.outputs.send(RECORDS, [])
    assert sender.producer.sent == 0


async def test_a_turn_stands_for_an_event(sender: Sender) -> None:
    turn = sender.fence.turn()
    await sender.outputs.send(RECORDS[:1], [turn])
    sender.generation += 1
    sender.fence.open()
    with pytest.raises(StaleGeneration):
        await sender.outputs.send(RECORDS[:1], [turn])
    assert sender.producer.sent == 1


async def test_who_lost_the_partitions_sends_nothing(
    sender: Sender, counted: Callable[..., float]
) -> None:
    counted("matcher_outputs_total", topic="out")
    sender.generation += 1
    with pytest.raises(StaleGeneration):
        await sender.outputs.send(RECORDS, [_event()])
    sender.fence.open()
    with pytest.raises(StaleGeneration):
        await sender.outputs.send(RECORDS, [_event(2), _event(1)])
    assert sender.producer.sent == 0
    assert counted("matcher_outputs_total", topic="out") == 0


async def test_who_loses_them_between_two_records_sends_no_second(
    sender: Sender, counted: Callable[..., float]
) -> None:
    """Sending may wait for room in the producer; a rebalance does not wait for it."""
    counted("matcher_outputs_total", topic="out")

    def sent(count: int) -> None:
        sender.generation += 1

    sender.producer.on_send = sent
    with pytest.raises(StaleGeneration):
        await sender.outputs.send(RECORDS, [_event()])
    assert sender.producer.sent == 1
    assert counted("matcher_outputs_total", topic="out") == 0


@pytest.mark.parametrize("when", ["sending", "storing"])
async def test_what_the_broker_does_not_take_is_told(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, counted: Callable[..., float], when: str
) -> None:
    counted("matcher_outputs_total", topic="out")
    send = sender.producer.send

    async def refuses(topic: str, key: bytes, *rest: Any) -> Any:
        if key != b"b":
            return await send(topic, key, *rest)
        if when == "sending":
            raise OSError("no leader")
        promise = await send(topic, key, *rest)
        promise.store = lambda: promise.set_exception(OSError("too large"))
        return promise

    monkeypatch.setattr(sender.producer, "send", refuses)
    with pytest.raises(ProducerFailed, match="OSError"):
        await sender.outputs.send(RECORDS, [_event()])
    assert counted("matcher_outputs_total", topic="out") == 0


async def test_what_is_not_taken_of_a_worker_that_stood_still_is_its_successor_s(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The producer gave it up for being too old: no failure of the broker's, nothing to die of."""

    async def expires(*_: Any) -> Any:
        sender.fence.close()
        raise TimeoutError

    monkeypatch.setattr(sender.producer, "send", expires)
    with pytest.raises(StaleGeneration):
        await sender.outputs.send(RECORDS, [_event()])


async def test_a_send_that_waits_can_be_cancelled(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an agent is at its end: that is no failure of the broker's."""
    promise: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def waits(*_: Any) -> asyncio.Future[Any]:
        return promise

    monkeypatch.setattr(sender.producer, "send", waits)
    sending = asyncio.ensure_future(sender.outputs.send(RECORDS, [_event()]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


# -- refusing -----------------------------------------------------------------------------


async def test_a_bad_record_goes_unchanged_with_its_coordinates(
    sender: Sender, counted: Callable[..., float]
) -> None:
    counted("matcher_refused_total", topic="in", error="invalid_json")
    counted("matcher_events_total", topic="in", outcome="refused")
    bad = event_of(
        "in", b"\xff\0key", b"\0{not json", 1, 42, headers=[("own", b"header")],
        timestamp=1_790_000_000_123,
    )  # fmt: skip
    await sender.outputs.refuse([(bad, InvalidJson("The value is not JSON."))])
    (letter,) = sender.broker.records("in.dlq")
    assert (letter.partition, letter.key, letter.value) == (1, b"\xff\0key", b"\0{not json")
    assert dict(letter.headers) == {
        "dlq_topic": b"in",
        "dlq_partition": b"1",
        "dlq_offset": b"42",
        "dlq_timestamp": b"1790000000123",
        "dlq_error_class": b"invalid_json",
        "dlq_error_message": b"The value is not JSON.",
        "dlq_consumer_group": b"group",
    }
    assert len(letter.headers) == 7
    assert counted("matcher_refused_total", topic="in", error="invalid_json") == 1
    assert counted("matcher_events_total", topic="in", outcome="refused") == 1
    early = event_of("in", b"key", b"{", 1, 43, timestamp=1_001)  # is 1000.99... in floating point
    await sender.outputs.refuse([(early, InvalidJson("The value is not JSON."))])
    assert dict(list(sender.broker.records("in.dlq"))[1].headers)["dlq_timestamp"] == b"1001"


@pytest.mark.parametrize(("key", "value"), [(None, b"v"), (b"k", None), (b"", b""), (None, None)])
async def test_what_is_empty_and_what_is_null_stay_different(
    sender: Sender, key: bytes | None, value: bytes | None
) -> None:
    bad = event_of("in", key, value)
    await sender.outputs.refuse([(bad, InvalidJson("The value is not JSON."))])
    (letter,) = sender.broker.records("in.dlq")
    assert (letter.key, letter.value) == (key, value)


async def test_each_bad_record_goes_to_its_own_topic(sender: Sender) -> None:
    errors: list[tuple[MemoryEvent, InputError]] = [
        (event_of("profiles", b"a", b"1", 0, 1), InvalidJson("No.")),
        (event_of("jobs", b"b", b"2", 1, 2), TooLarge("No.")),
    ]
    await sender.outputs.refuse(errors)
    assert sender.stored("profiles.dlq") == [(0, b"a", b"1")]
    assert sender.stored("jobs.dlq") == [(1, b"b", b"2")]
    (letter,) = sender.broker.records("jobs.dlq")
    assert dict(letter.headers)["dlq_error_class"] == b"too_large"


async def test_who_lost_the_partitions_refuses_nothing(
    sender: Sender, counted: Callable[..., float]
) -> None:
    """Nor counts it: the new owner will."""
    counted("matcher_events_total", topic="in", outcome="refused")
    sender.generation += 1
    with pytest.raises(StaleGeneration):
        await sender.outputs.refuse([(_event(), InvalidJson("No."))])
    sender.fence.open()
    bad = InvalidJson("No.")
    with pytest.raises(StaleGeneration):
        await sender.outputs.refuse([(_event(2), bad), (_event(1), bad)])
    assert sender.producer.sent == 0
    assert counted("matcher_events_total", topic="in", outcome="refused") == 0


# -- headers ------------------------------------------------------------------------------


def test_an_event_says_what_it_is() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    headers = dict(ce_headers("matches", "ab12", "matcher-e5"))
    assert headers.pop("ce_specversion") == b"1.0"
    assert headers.pop("ce_id") == b"ab12"
    assert headers.pop("ce_type") == b"pe.matcher.matches.v1"
    assert headers.pop("ce_source") == b"matcher-e5"
    assert headers.pop("content-type") == b"application/json"
    sent = datetime.fromisoformat(headers.pop("ce_time").decode())
    assert before <= sent <= datetime.now(UTC)
    assert headers == {}


@pytest.mark.parametrize("trace", [b"00-abc-def-01", b"", None])
def test_a_trace_is_passed_through_if_there_is_one(trace: bytes | None) -> None:
    headers = ce_headers("matches", "ab12", "matcher-e5", trace)
    assert dict(headers).get("traceparent") == (trace or None)


@pytest.mark.parametrize("headers", [[("a", b"1"), ("b", b"2")], {"a": b"1", "b": b"2"}])
def test_a_header_is_found_in_either_form(headers: Any) -> None:
    message = SimpleNamespace(headers=headers)
    assert header(message, "b") == b"2"
    assert header(message, "c") is None


def test_who_has_no_headers_has_not_this_one() -> None:
    assert header(SimpleNamespace(headers=None), "a") is None


@pytest.mark.parametrize(
    ("value", "stamp", "found"),
    [
        (None, b"1790000000000", 1_790_000_000_000),
        (None, b"1790000000001", None),  # later than itself
        (None, b"1", None),
        (None, b"9" * 30, None),
        (None, b"9" * 5000, None),  # Python does not read so long a number
        (None, str(MIN_MS).encode(), MIN_MS),
        (None, str(MIN_MS - 1).encode(), None),
        (None, b"soon", None),
        (None, b"-5", None),
        (None, b"", None),
        (b"x", b"1790000000000", None),
    ],
)
def test_when_a_forwarded_null_was_published(
    value: bytes | None, stamp: bytes, found: int | None
) -> None:
    """Only a null is forwarded, and the header is anybody's to set."""
    record = SimpleNamespace(value=value, headers=[(FORWARDED, stamp)])
    assert forwarded_from(record, 1_790_000_000_000) == found
    assert forwarded_from(SimpleNamespace(value=None, headers=[]), 1_790_000_000_000) is None


@pytest.mark.parametrize(
    ("ms", "read"), [(MIN_MS - 1, False), (MIN_MS, True), (MAX_MS - 1, True), (MAX_MS, False)]
)
def test_a_timestamp_is_of_the_years_that_we_read(ms: int, read: bool) -> None:
    message = SimpleNamespace(timestamp=ms / 1000)
    if read:
        assert record_ms(message) == ms
    else:
        with pytest.raises(InvalidTimestamp):
            record_ms(message)


@pytest.mark.parametrize(
    ("trace", "passed"),
    [
        (TRACE, True),
        (TRACE + b"\n", False),
        (b"x" + TRACE, False),
        (TRACE.upper(), False),
        (b"", False),
    ],
)
def test_a_trace_is_one_or_none_is_passed_on(trace: bytes, passed: bool) -> None:
    message = SimpleNamespace(headers=[("traceparent", trace)])
    assert trace_of(message) == (trace if passed else None)
    assert trace_of(SimpleNamespace(headers=[])) is None


@pytest.mark.parametrize(
    ("key", "value", "left_out"),
    [
        (LETTER_KEY, LETTER_VALUE, set()),
        (LETTER_KEY + 1, 1, {"dlq_key_bytes", "dlq_key_sha256"}),
        (1, LETTER_VALUE + 1, {"dlq_value_bytes", "dlq_value_sha256"}),
    ],
)
async def test_a_letter_leaves_out_what_is_too_large_for_it(
    sender: Sender, key: int, value: int, left_out: set[str]
) -> None:
    bad = event_of("in", b"k" * key, b"v" * value)
    await sender.outputs.refuse([(bad, TooLarge("No."))])
    (letter,) = sender.broker.records("in.dlq")
    added = dict(letter.headers)
    assert {name for name in added if name.endswith(("_bytes", "_sha256"))} == left_out
    assert (letter.key is None) == ("dlq_key_bytes" in left_out)
    assert (letter.value is None) == ("dlq_value_bytes" in left_out)
    if "dlq_key_bytes" in left_out:
        assert added["dlq_key_bytes"] == str(key).encode()
        assert added["dlq_key_sha256"] == hashlib.sha256(b"k" * key).hexdigest().encode()
