"""A job's list of people after a death between two steps, on a table in memory."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from agents.candidates import CandidatesAgent
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.settings import Settings
from matcher_stream.runtime import faults
from models.ranking.event_bodies import Versions


class Killed(Exception):
    """The process would be gone here."""


class Table:
    """Rows that survive the process."""

    def __init__(self) -> None:
        self.held: dict[bytes, bytes] = {}

    def get_row(self, partition: int, key: bytes) -> bytes | None:
        return self.held.get(key)

    async def write(self, partition: int, changes: dict[bytes, bytes | None], events: Any) -> None:
        for key, row in changes.items():
            self.held.pop(key, None)
            if row is not None:
                self.held[key] = row


class Topic:
    """What consumers were told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    async def send(self, records: list[Any], events: Any) -> None:
        self.told += [orjson.loads(value) for _, _, _, value, _ in records]

    async def refuse(self, refused: list[Any]) -> None:
        assert not refused


def _worker(table: Table, topic: Topic) -> CandidatesAgent:
    settings = Settings(partitions=1)
    context: Any = SimpleNamespace(
        settings=settings,
        names=TopicNames(settings, "app"),
        versions=Versions("encoder", "ranker", 1),
        outputs=topic,
        state=SimpleNamespace(tables=SimpleNamespace(lists=table)),
        lists_lock=asyncio.Lock(),
    )
    return CandidatesAgent(context)


def _partial(*people: str) -> Any:
    entries = [{"profile_id": name, "score": 0.5} for name in people]
    body = {"job_id": "obra", "version": [3, 0], "partition": 0, "entries": entries}
    message = SimpleNamespace(value=orjson.dumps(body), partition=0, timestamp=1.0)
    return SimpleNamespace(message=message)


async def _merge(worker: CandidatesAgent, *events: Any) -> None:
    await worker.apply(await worker.prepare(events))


async def test_a_list_that_was_told_and_not_noted_is_told_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When it is merged again, together with the next, the list before it has come back."""
    table, topic = Table(), Topic()
    await _merge(_worker(table, topic), _partial("ana"))

    def die(name: str) -> None:
        if name == "candidates.after_output":
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(faults, "point", die)
        with pytest.raises(Killed):
            await _merge(_worker(table, topic), _partial("ana", "gone"))
    await _merge(_worker(table, topic), _partial("ana", "gone"), _partial("ana"))
    await _merge(_worker(table, topic), _partial("ana"))
    lists = [[entry["profile_id"] for entry in told["entries"]] for told in topic.told]
    assert lists == [["ana"], ["ana", "gone"], ["ana"]]
    revisions = [told["revision"] for told in topic.told]
    assert revisions == sorted(set(revisions)), "no revision stands for two lists"
