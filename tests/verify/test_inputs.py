"""A verification of topics in memory: every input topic is read, with its dead letters."""

from __future__ import annotations

import orjson
import pytest

from matcher_stream.config.catalogue import INPUTS, InputTopic
from matcher_stream.config.contract import TopicNames, partition_for
from matcher_stream.config.settings import Settings
from matcher_stream.verify import Report, verify_with
from tests.support.events import least
from tests.support.harness.broker import MemoryBroker, Record
from tests.support.harness.reader import MemoryReader

SETTINGS = Settings(partitions=4)
APP_ID = "matcher-x"
NAMES = TopicNames(SETTINGS, APP_ID)
BAD = b"not JSON"


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker(SETTINGS.partitions)


async def _verified(broker: MemoryBroker) -> Report:
    return await verify_with(MemoryReader(broker), SETTINGS, APP_ID)


def _put(broker: MemoryBroker, topic: str, value: bytes) -> Record:
    return broker.append(topic, partition_for(b"a", SETTINGS.partitions), b"a", value)


def _refuse(broker: MemoryBroker, record: Record) -> None:
    headers = {
        "dlq_topic": record.topic,
        "dlq_partition": str(record.partition),
        "dlq_offset": str(record.offset),
        "dlq_error_class": "invalid_json",
        "dlq_error_message": "The value is not JSON.",
    }
    pairs = [(name, text.encode()) for name, text in headers.items()]
    broker.append(NAMES.dlq(record.topic), record.partition, record.key, record.value, pairs)


async def test_empty_topics_are_right(broker: MemoryBroker) -> None:
    report = await _verified(broker)
    assert report.ok
    assert {f"refused in {topic}" for topic in NAMES.inputs} <= report.counts.keys()


@pytest.mark.parametrize("topic", INPUTS.values(), ids=INPUTS)
async def test_a_refused_record_must_lie_among_the_dead_letters(
    broker: MemoryBroker, topic: InputTopic
) -> None:
    bad = _put(broker, NAMES.of(topic), BAD)
    (missing,) = (await _verified(broker)).differences
    assert (missing.kind, missing.where) == ("dlq", f"{bad.topic}[{bad.partition}]@0")
    _refuse(broker, bad)
    report = await _verified(broker)
    assert report.ok, report.lines()
    assert report.counts[f"refused in {bad.topic}"] == len(report.refused) == 1


@pytest.mark.parametrize("topic", INPUTS.values(), ids=INPUTS)
async def test_a_good_record_has_no_business_among_the_dead_letters(
    broker: MemoryBroker, topic: InputTopic
) -> None:
    _refuse(broker, _put(broker, NAMES.of(topic), orjson.dumps(least(topic))))
    report = await _verified(broker)
    assert "a good record is in the dead-letter topic" in [d.what for d in report.differences]


async def test_every_event_of_a_topic_that_is_not_compacted_counts(broker: MemoryBroker) -> None:
    said = {"profile_id": "a", "kind": "applied"}
    for job in ("j1", "j2"):
        _put(broker, NAMES.feedback, orjson.dumps({**said, "job_id": job}))
    found = {d.where for d in (await _verified(broker)).differences if d.kind == "feedback"}
    assert found == {"a j1", "a j2"}


async def test_rows_are_the_last_values_of_a_changelog(broker: MemoryBroker) -> None:
    topic = f"{APP_ID}-people-changelog"
    for partition, key, value in (
        (1, b"\0\1a", b"old"),
        (1, b"\0\1b", b"gone"),
        (1, b"\0\1a", b"new"),
        (1, b"\0\1b", None),
        (2, b"\0\2a", b"two"),
    ):
        broker.append(topic, partition, key, value)
    reader = MemoryReader(broker)
    assert await reader.table(topic, bytes.decode) == {1: {b"a": "new"}, 2: {b"a": "two"}}
    assert await reader.table("no-such-topic", bytes) == {}


@pytest.mark.parametrize("topic", INPUTS.values(), ids=INPUTS)
@pytest.mark.parametrize("stamp", [0, 946_684_799_999, 1_790_000_000_000_000])
async def test_a_record_of_no_time_that_we_read_is_a_refused_one(
    broker: MemoryBroker, topic: InputTopic, stamp: int
) -> None:
    where = partition_for(b"a", SETTINGS.partitions)
    value = orjson.dumps(least(topic))
    bad = broker.append(NAMES.of(topic), where, b"a", value, timestamp=stamp)
    assert {found.kind for found in (await _verified(broker)).differences} == {"dlq"}
    _refuse(broker, bad)
    assert (await _verified(broker)).ok
