"""What is kept of a challenger's rankings until an agent has taken it in."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import orjson
import pytest
from aiokafka.errors import KafkaError

from matcher_stream.runtime import rivals as module
from matcher_stream.runtime.rivals import Rivals
from models.feedback.drafting import Rival
from schemas.base import MAX_ID_CHARS
from tests.support.harness.broker import MemoryBroker, memory_reading

TOPIC, US = "b-shadow.matches.v1", "b"


class Shadow:
    """A challenger's topic, and who listens to it."""

    def __init__(self) -> None:
        self.broker = MemoryBroker(2)
        self.rivals = Rivals(TOPIC, US, 3, partial(memory_reading, self.broker))

    def says(self, name: str, revision: int, *jobs: str, source: str = US) -> Rival:
        event = {"revision": revision, "entries": [{"job_id": job} for job in jobs]}
        headers = [("ce_source", source.encode())]
        made = self.broker.append(TOPIC, 0, name.encode(), orjson.dumps(event), headers, 77)
        return Rival(US, revision, made.timestamp, jobs)

    async def heard(self) -> dict[str, Any]:
        await self.rivals.listen(0, lambda name: name != "otra")
        return dict(self.rivals.waiting(0))


async def test_the_latest_of_who_takes_part_waits_until_it_is_taken() -> None:
    shadow = Shadow()
    shadow.says("ana", 1, "x")
    shadow.says("otra", 1, "x")
    first = {"ana": shadow.says("ana", 2, "y"), "beto": shadow.says("beto", 1, "z")}
    assert await shadow.heard() == first
    later = shadow.says("ana", 3, "w")
    assert await shadow.heard() == {**first, "ana": later}
    shadow.rivals.taken(0, first)
    assert await shadow.heard() == {"ana": later}, "it was replaced meanwhile"
    shadow.broker.append(TOPIC, 0, b"ana", None)
    assert await shadow.heard() == {"ana": None}


async def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    shadow = Shadow()
    for name in ("ana", "beto", "carla"):
        shadow.says(name, 1, "a" * (MAX_ID_CHARS + 1), "a" * MAX_ID_CHARS, "b", "c")
    shadow.says("ana", 2, "d")
    found = await shadow.heard()
    assert {name: rival.revision for name, rival in found.items()} == {"ana": 2, "beto": 1}
    assert found["beto"].jobs == ("a" * MAX_ID_CHARS, "b")


async def test_a_partition_that_was_given_away_is_read_anew() -> None:
    shadow = Shadow()
    said = {"ana": shadow.says("ana", 1, "x")}
    assert await shadow.heard() == said
    shadow.rivals.repeat_done(0)
    shadow.rivals.taken(0, said)
    shadow.rivals.keep([0])
    assert await shadow.heard() == {}
    assert shadow.rivals.repeated(0)
    shadow.rivals.keep([1])
    assert not shadow.rivals.repeated(0)
    assert await shadow.heard() == said


async def test_a_topic_that_is_not_there_is_no_error_and_is_looked_for_again() -> None:
    shadow = Shadow()
    said = {"ana": shadow.says("ana", 1, "x")}
    there, opened, closed = False, 0, 0

    @asynccontextmanager
    async def reading() -> Any:
        nonlocal opened, closed
        opened += 1
        async with memory_reading(shadow.broker) as opening:
            try:
                if not there:
                    raise KafkaError
                yield opening
            finally:
                closed += 1

    shadow.rivals = Rivals(TOPIC, US, 3, reading)
    assert await shadow.heard() == {}
    there = True
    assert await shadow.heard() == said
    await shadow.rivals.close()
    assert opened == closed == 2
