"""A broker, a worker, and what a publisher and a test do with them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from agents.register import AGENTS
from matcher_stream.config.contract import partition_for
from matcher_stream.config.settings import Settings
from matcher_stream.runtime import batcher as batcher_module
from matcher_stream.runtime import faults
from matcher_stream.verify import Report
from matcher_stream.verify.run import verify_with
from schemas.base import LIMA
from schemas.errors import StaleGeneration
from tests.support.harness.broker import Died, MemoryBroker, Record
from tests.support.harness.reader import MemoryReader
from tests.support.harness.village import Happening
from tests.support.harness.worker import APP_ID, MemoryWorker


def _die(reason: str) -> None:
    raise AssertionError(f"the process ended itself: {reason}")


class Cluster:
    """Topics, and one worker on all their partitions.

    Args:
        patch: Takes the process's ways to end away: a death is an exception here.
        seed: Of the order in which agents get their turn.
        beside: Another deployment, whose broker and clock this one shares.
        settings: Of the worker.
    """

    def __init__(
        self,
        patch: pytest.MonkeyPatch,
        seed: int = 0,
        beside: Cluster | None = None,
        **settings: Any,
    ) -> None:
        chosen = {
            "partitions": 2, "top_k": 3, "candidates_interval": 0.0, "ranker": "blend",
            "score_threshold": 0.05, "data_dir": Path("unused"), **settings,
        }  # fmt: skip
        self.settings = Settings(**chosen)
        name = self.settings.deployment
        self.app_id = f"{APP_ID}-{name}" if name else APP_ID
        self.broker: MemoryBroker = (
            beside.broker if beside else MemoryBroker(self.settings.partitions)
        )
        self._clock: list[float] = beside._clock if beside else [1000.0]
        self._running: list[Cluster] = beside._running if beside else [self]
        self._committed: dict[tuple[str, int], int] = {}
        self._rng = random.Random(seed)
        self.deaths = 0
        #: Whether all agents of the worker run at once, or one after the other.
        self.at_once = False
        patch.setattr(batcher_module, "die", _die)
        running = self._running
        patch.setattr(faults, "kill", lambda: running[0]._killed())
        self.worker = self.start()

    def start(self) -> MemoryWorker:
        """A worker where there is none: its tables are what the changelogs have."""
        partitions = range(self.settings.partitions)
        self.worker = MemoryWorker(
            self.broker, self.settings, partitions, self._committed, self.app_id,
            lambda: self._clock[0],
        )  # fmt: skip
        return self.worker

    def wait(self, seconds: float) -> None:
        """Time passes, for leases."""
        self._clock[0] += seconds

    def name_champion(self, deployment: str, **fields: Any) -> Record:
        """An administrator's record: from here on this deployment is the champion."""
        alias = {
            "alias": "champion",
            "deployment": deployment,
            "by": "Rosa",
            "at": 1_800_000_000_000,
        }
        return self.publish("models", "champion", {**alias, **fields})

    def _killed(self) -> None:
        self.worker.producer.die()
        raise Died

    @property
    def names(self) -> Any:
        """Every topic's name."""
        return self.worker.context.names

    def publish(
        self,
        kind: str,
        key: str | bytes,
        value: dict[str, Any] | bytes | None,
        *,
        partition: int | None = None,
        headers: Iterable[tuple[str, bytes]] = (),
        timestamp: int | None = None,
    ) -> Record:
        """What another system sends to an input topic."""
        raw = value if value is None or isinstance(value, bytes) else orjson.dumps(value)
        name = key if isinstance(key, bytes) else key.encode()
        where = partition_for(name, self.settings.partitions) if partition is None else partition
        return self.broker.append(getattr(self.names, kind), where, name, raw, headers, timestamp)

    def rewind(self, kind: str, offset: int = 0) -> None:
        """The group's offsets of a topic are lost: what was acknowledged is read once more."""
        for partition in range(self.settings.partitions):
            self._committed[getattr(self.names, kind), partition] = offset

    def tick(self, as_of: str) -> None:
        """A day begins, in every partition."""
        item = orjson.dumps({"kind": "tick", "as_of": as_of})
        begins = int(datetime.fromisoformat(as_of).replace(tzinfo=LIMA).timestamp() * 1000)
        for partition in range(self.settings.partitions):
            self.broker.append(self.names.work, partition, b"", item, timestamp=begins)

    async def play(self, rounds: list[list[Happening]], deaths: Sequence[int] = ()) -> None:
        """Publish each round and work it off; in round i it dies after deaths[i] records."""
        for i, happened in enumerate(rounds):
            for kind, key, value in happened:
                if kind == "tick":
                    self.tick(key)
                else:
                    self.publish(kind, key, value)
            if i < len(deaths):
                self.worker.producer.left = deaths[i]
            await self.drain(max_events=3)

    def nobody_comes(self) -> None:
        """Long ago somebody waited for an answer the last time."""
        self.worker.context.locks.people._asked = float("-inf")

    async def drain(self, max_events: int = 128) -> None:
        """Run agents and timers until nothing waits; a worker that dies, or whose partitions are
        given away, is followed by another.
        """
        for _ in range(200):
            try:
                if not await self._turn(max_events):
                    return
            except (Died, StaleGeneration):
                self.deaths += 1
                self.start()
        raise AssertionError("the agents never come to rest")

    async def _turn(self, max_events: int) -> int:
        names = list(AGENTS)
        self._running[0] = self
        await self.worker.context.voice.refresh()
        self._rng.shuffle(names)
        worker, moved = self.worker, 0
        if self.at_once:
            runs = (worker.run(name, max_events) for name in names)
            ran = await asyncio.gather(*runs, return_exceptions=True)
            for result in ran:
                if isinstance(result, BaseException):
                    raise result
                moved += result
        else:
            for name in names:
                moved += await worker.run(name, max_events)
        if not moved:
            await worker.timers.due()
            await worker.timers.refresh()
            await worker.timers.hand_over()
            await worker.timers.interleave()
            moved = sum(len(worker.waiting(name)) for name in names)
        assert not worker.broken, worker.broken
        return moved

    async def run(self, agent: str, max_events: int = 128) -> int:
        """Let one agent work off its topic; returns how many records."""
        return await self.worker.run(agent, max_events)

    async def verify(self) -> Report:
        """What `matcher-stream verify` says of these topics."""
        return await verify_with(MemoryReader(self.broker), self.settings, self.app_id, grace=0.0)

    # -- what consumers see ---------------------------------------------------------------

    def told(self, kind: str, key: str, shadow: bool = False) -> list[dict[str, Any] | None]:
        """Everything an output topic said about a key, in order; None for a null."""
        topic = getattr(self.names, kind)
        return [
            None if record.value is None else orjson.loads(record.value)
            for record in self.broker.records(self.names.shadow(topic) if shadow else topic)
            if record.key == key.encode()
        ]

    def ranking(self, profile_id: str) -> list[str]:
        """The jobs that a person was told last."""
        told = self.told("matches", profile_id)
        return [entry["job_id"] for entry in (told[-1] or {}).get("entries", [])] if told else []

    def letters(self, kind: str) -> list[dict[str, str]]:
        """The headers of an input topic's dead letters."""
        topic = self.names.dlq(getattr(self.names, kind))
        return [
            {name: value.decode() for name, value in record.headers}
            for record in self.broker.records(topic)
        ]
