"""A verification of topics in memory: every input topic is read, with its dead letters."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from matcher_stream.config.catalogue import INPUTS, InputTopic
from matcher_stream.config.contract import TopicNames, partition_for, topic_specs
from matcher_stream.config.settings import Settings
from matcher_stream.verify import Report, verify_with
from matcher_stream.verify.reading import Rows, last_rows
from schemas.errors import TopicMismatch
from tests.support.events import least

SETTINGS = Settings(partitions=4)
APP_ID = "matcher-x"
NAMES = TopicNames(SETTINGS, APP_ID)
BAD = b"not JSON"


@dataclass
class _Record:
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]] = field(default_factory=list)
    timestamp: int = 0


class _Topics:
    """Every topic of the contract, in memory."""

    def __init__(self) -> None:
        self.of = {spec.name: list[_Record]() for spec in topic_specs(NAMES, SETTINGS)}

    def put(self, topic: str, key: bytes, value: bytes | None, **headers: bytes) -> _Record:
        partition, records = partition_for(key, SETTINGS.partitions), self.of[topic]
        offset = sum(record.partition == partition for record in records)
        records.append(_Record(topic, partition, offset, key, value, list(headers.items())))
        return records[-1]

    async def records(self, topic: str, *, must_exist: bool = True) -> AsyncIterator[Any]:
        if must_exist and topic not in self.of:
            raise TopicMismatch(topic)
        for record in self.of.get(topic, ()):
            yield record

    async def first_offsets(self, topic: str) -> dict[int, int]:
        return dict.fromkeys(range(SETTINGS.partitions), 0)

    async def table(self, topic: str, keep: Callable[[bytes], Any]) -> Rows:
        return await last_rows(self.records(topic, must_exist=False), keep)


async def _verified(topics: _Topics) -> Report:
    return await verify_with(topics, SETTINGS, APP_ID)


def _dead(topics: _Topics, bad: _Record, value: bytes | None) -> None:
    topics.put(
        NAMES.dlq(bad.topic), bad.key or b"", value,
        dlq_topic=bad.topic.encode(),
        dlq_partition=str(bad.partition).encode(),
        dlq_offset=str(bad.offset).encode(),
        dlq_error_class=b"invalid_json",
        dlq_error_message=b"The value is not JSON.",
    )  # fmt: skip


async def test_empty_topics_are_right() -> None:
    report = await _verified(_Topics())
    assert report.ok
    assert {f"refused in {topic}" for topic in NAMES.inputs} <= report.counts.keys()


async def test_a_missing_topic_is_told() -> None:
    for name in (NAMES.feedback, NAMES.matches):
        topics = _Topics()
        del topics.of[name]
        with pytest.raises(TopicMismatch):
            await _verified(topics)


@pytest.mark.parametrize("topic", INPUTS.values(), ids=INPUTS)
async def test_a_refused_record_must_lie_among_the_dead_letters(topic: InputTopic) -> None:
    topics = _Topics()
    bad = topics.put(NAMES.of(topic), b"a", BAD)
    (missing,) = (await _verified(topics)).differences
    assert (missing.kind, missing.where) == ("dlq", f"{bad.topic}[{bad.partition}]@0")
    _dead(topics, bad, BAD)
    report = await _verified(topics)
    assert report.ok, report.lines()
    assert report.counts[f"refused in {bad.topic}"] == len(report.refused) == 1


@pytest.mark.parametrize("topic", INPUTS.values(), ids=INPUTS)
async def test_a_good_record_has_no_business_among_the_dead_letters(topic: InputTopic) -> None:
    topics = _Topics()
    good = topics.put(NAMES.of(topic), b"a", orjson.dumps(least(topic)))
    _dead(topics, good, good.value)
    report = await _verified(topics)
    assert "a good record is in the dead-letter topic" in [d.what for d in report.differences]


async def test_every_event_of_a_topic_that_is_not_compacted_counts() -> None:
    topics, said = _Topics(), {"profile_id": "a", "kind": "applied"}
    for job in ("j1", "j2"):
        topics.put(NAMES.feedback, b"a", orjson.dumps({**said, "job_id": job}))
    found = {d.where for d in (await _verified(topics)).differences if d.kind == "feedback"}
    assert found == {"a j1", "a j2"}


async def test_rows_are_the_last_values_of_a_changelog() -> None:
    topics, name = _Topics(), f"{APP_ID}-people-changelog"
    topics.of[name] = [
        _Record(name, 1, 0, b"\0\1a", b"old"),
        _Record(name, 1, 1, b"\0\1b", b"gone"),
        _Record(name, 1, 2, b"\0\1a", b"new"),
        _Record(name, 1, 3, b"\0\1b", None),
        _Record(name, 2, 0, b"\0\2a", b"two"),
    ]
    assert await topics.table(name, bytes.decode) == {1: {b"a": "new"}, 2: {b"a": "two"}}
    assert await topics.table("no-such-topic", bytes) == {}
