"""An explainer in memory, what a matcher and a test do with it, and what must be true at rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from agents.explainer import wording as wording_module
from matcher_stream.config.contract import TopicNames, partition_for
from matcher_stream.config.explainer_settings import ExplainerSettings
from matcher_stream.runtime import batcher as batcher_module
from matcher_stream.runtime import faults
from models.explain.events import explanation_id
from models.explain.facts import digest
from schemas import Matches
from schemas.errors import InputError, StaleGeneration
from schemas.parsing import parse
from tables.explained import MODEL, ExplainedRow
from tests.support.harness.broker import Died, MemoryBroker, Record
from tests.support.harness.explainer import APP_ID, MemoryExplainer, ScriptedWriter


class ExplainerCluster:
    """Topics, and one worker of the explainer on all their partitions.

    Args:
        patch: Takes the process's ways to end away: a death is an exception here.
        broker: Whose matches it explains; one of its own if there is none.
        writer: Of a model's words.
        settings: Of the worker.

    Attributes:
        writer: Outlives the workers, as a server does.
        now: Seconds since the epoch.
        deaths: Workers that ended before their work did.
    """

    def __init__(
        self,
        patch: pytest.MonkeyPatch,
        broker: MemoryBroker | None = None,
        writer: ScriptedWriter | None = None,
        **settings: Any,
    ) -> None:
        partitions = broker.partitions if broker is not None else 2
        chosen = {"partitions": partitions, "data_dir": Path("unused"), **settings}
        self.settings = ExplainerSettings(**chosen)
        self.broker = broker or MemoryBroker(self.settings.partitions)
        self.writer = writer
        self.names = TopicNames(self.settings, APP_ID)
        self.now = 1_790_000_000.0
        self.deaths = 0
        self._committed: dict[tuple[str, int], int] = {}
        patch.setattr(batcher_module, "die", _die)
        patch.setattr(wording_module, "die", _die)
        patch.setattr(faults, "kill", self._killed)
        self.worker = self.start()

    def start(self, *partitions: int) -> MemoryExplainer:
        """A worker where there is none: its tables are what the changelogs have."""
        self.worker = MemoryExplainer(
            self.broker,
            self.settings,
            partitions or range(self.settings.partitions),
            self._committed,
            self.writer,
            lambda: self.now,
        )
        return self.worker

    def _killed(self) -> None:
        self.worker.producer.die()
        raise Died

    def where(self, profile_id: str) -> int:
        """A person's partition."""
        return partition_for(profile_id.encode(), self.settings.partitions)

    def publish(
        self, event: Mapping[str, Any], headers: Sequence[tuple[str, bytes]] = ()
    ) -> Record:
        """A matches event; one without entries is an erasure."""
        name, value = event["profile_id"], orjson.dumps(event) if "entries" in event else None
        return self.broker.append(
            self.names.matches, self.where(name), name.encode(), value, headers
        )

    async def drain(self, max_events: int = 128) -> None:
        """Work everything off, the model's words too; a worker that ends is followed by another."""
        for _ in range(50):
            try:
                moved = await self.worker.run(max_events)
                await self.worker.settle()
                assert not self.worker.broken, self.worker.broken
                if not moved:
                    return
            except (Died, StaleGeneration):
                self.deaths += 1
                self.worker.revoke()
                self.start()
        raise AssertionError("the explainer never comes to rest")

    # -- what it knows and says -----------------------------------------------------------

    def row(self, profile_id: str) -> ExplainedRow:
        """What the table knows of a person."""
        return self.worker.context.state.explained(self.where(profile_id), profile_id)

    def words(self, profile_id: str) -> list[str]:
        """The model's texts that are kept for a person."""
        return list(self.worker.context.state.words(self.where(profile_id), profile_id).values())

    def sent(self, profile_id: str) -> list[tuple[str, dict[str, Any] | None]]:
        """Everything said about a person in order: job_id and explanation, None for a null."""
        return [
            (_key(record)[1], None if record.value is None else orjson.loads(record.value))
            for record in self.broker.log(self.names.explanations, self.where(profile_id))
            if _key(record)[0] == profile_id
        ]

    def told(self, profile_id: str) -> dict[str, dict[str, Any]]:
        """A person's current explanations by job_id."""
        return {job: said for job, said in dict(self.sent(profile_id)).items() if said is not None}

    def writers(self, profile_id: str) -> dict[str, str]:
        """Who wrote each of them."""
        return {job: said["writer"] for job, said in self.told(profile_id).items()}

    def letters(self) -> list[Record]:
        """The dead letters."""
        return list(self.broker.records(self.names.dlq(self.names.matches)))

    # -- what must be true at rest --------------------------------------------------------

    def check(self) -> None:
        """Each entry of everybody's last ranking has its one explanation; nothing else has."""
        last: dict[str, dict[str, Any] | None] = {}
        for record in self.broker.records(self.names.matches):
            _follow(last, record)
        for name, matches in last.items():
            self._check_person(name, matches)
        people = {_key(record)[0] for record in self.broker.records(self.names.explanations)}
        assert people <= set(last), "somebody was told of who has no ranking"
        seen: dict[str, bytes] = {}
        for record in self.broker.records(self.names.explanations):
            if record.value is not None:
                number = orjson.loads(record.value)["event_id"]
                assert seen.setdefault(number, record.value) == record.value, "one id, two bodies"

    def _check_person(self, name: str, matches: dict[str, Any] | None) -> None:
        told, row = self.told(name), self.row(name)
        if matches is None:
            assert (told, row, self.words(name)) == ({}, ExplainedRow(), [])
            return
        language, steps = matches.get("language"), matches.get("unlocks", [])
        marks = {
            e["job_id"]: digest(e, language, steps if e["rank"] == 1 else ())
            for e in matches["entries"]
        }
        assert {job: said["explanation_id"] for job, said in told.items()} == {
            job: explanation_id(name, job, mark) for job, mark in marks.items()
        }
        assert {job: mark for job, (mark, _) in row.jobs.items()} == marks
        assert row.revision == matches["revision"]
        noted = {job for job, (_, writer) in row.jobs.items() if writer == MODEL}
        assert noted <= {job for job, said in told.items() if said["writer"] == "gpt"}


def _die(reason: str) -> None:
    raise AssertionError(f"the process ended itself: {reason}")


def _key(record: Record) -> tuple[str, str]:
    """Person and job of an explanation."""
    assert record.key is not None
    name, _, job_id = record.key.decode().partition(":")
    return name, job_id


def _follow(last: dict[str, dict[str, Any] | None], record: Record) -> None:
    """What stands after one more matches record; None after an erasure."""
    assert record.key is not None
    name = record.key.decode()
    if record.value is None:
        last[name] = None
        return
    try:
        matches = parse(Matches, "profile_id", record.key, record.value)
    except InputError:
        return
    before = last.get(name)
    if before is None or matches.revision >= before["revision"]:
        last[name] = matches.model_dump(exclude_none=True)
