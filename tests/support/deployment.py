"""A matcher of its own on a shared broker: topics, settings, workers, and when it is at rest."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from matcher_stream.config.model import app_id_of
from matcher_stream.config.settings import Settings
from matcher_stream.config.topics import TopicNames, create_topics, internal_specs, public_specs
from matcher_stream.verify import Report, verify
from models.encoding.embedder import Embedder, load_embedder
from tests.support.brokers import Broker
from tests.support.kafka_io import Send, lag, publish_all, wait_until
from tests.support.processes import NeverHappened
from tests.support.scenario import Happening, Scenario
from tests.support.worker import WorkerProcess

SESSION_TIMEOUT = 6.0
SETTLE_SECONDS = 20.0
_OURS = ("MATCHER_", "BROKER_URL", "FAUST_")


@lru_cache(maxsize=1)
def encoder() -> Embedder:
    """The encoder that workers use, loaded once in the test's own process."""
    return load_embedder(Settings().encoder)


class Deployment:
    """One matcher: names of its own, any number of workers.

    Args:
        broker: Where its topics live.
        folder: Takes data folders and logs.
        partitions: Of every topic.
        beside: Another one, whose public topics this one shares.
        settings: Further settings by field name.
    """

    def __init__(
        self,
        broker: Broker,
        folder: Path,
        partitions: int = 4,
        beside: Deployment | None = None,
        **settings: Any,
    ) -> None:
        self.broker = broker
        self.folder = folder
        self.prefix: str = beside.prefix if beside else f"t{uuid.uuid4().hex[:8]}"
        values: dict[str, Any] = {
            "broker_url": f"kafka://{broker.url}",
            "topic_prefix": self.prefix,
            "partitions": partitions,
            "session_timeout": SESSION_TIMEOUT,
            "producer_batch": 1 if broker.kind == "tansu" else 65536,
            "timer_interval": 1.0,
            "candidates_interval": 0.1,
            "canary_interval": 0.0,
            **settings,
        }
        self.settings = Settings(**values)
        self.app_id = app_id_of(self.settings)
        self.names = TopicNames(self.settings, self.app_id)
        self.workers: list[WorkerProcess] = []
        self._env = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
        self._env["BROKER_URL"] = str(values.pop("broker_url"))
        self._env.update({f"MATCHER_{k.upper()}": str(v) for k, v in values.items()})

    # -- topics and records ---------------------------------------------------------------
    @property
    def inputs(self) -> list[str]:
        """What publishers write."""
        return list(self.names.inputs)

    @property
    def stages(self) -> list[list[str]]:
        """Every topic that workers read, upstream first."""
        return [
            self.inputs,
            [self.names.work],
            [self.names.job_fanout],
            [self.names.candidates_partial],
        ]

    async def create_topics(self) -> None:
        """Create everything the contract names."""
        await create_topics(self.settings, public_specs(self.names, self.settings))
        await create_topics(self.settings, internal_specs(self.names, self.settings))

    async def publish(
        self, happenings: Iterable[Happening], rate: float | None = None
    ) -> list[tuple[str, int, int]]:
        """Publish a stretch of a scenario; returns where each record landed."""
        sends: list[Send] = [h.send(self.prefix, self.settings.partitions) for h in happenings]
        return await publish_all(self.broker, sends, rate)

    # -- workers --------------------------------------------------------------------------
    def worker(self, **env: str) -> WorkerProcess:
        """One more worker, not started, with a data folder of its own."""
        name = f"{self.app_id}-worker{len(self.workers) + 1}"
        made = WorkerProcess(name, self.folder, {**self._env, **env})
        self.workers.append(made)
        return made

    def start(self, count: int = 1, **env: str) -> list[WorkerProcess]:
        """Start workers and wait until they are ready."""
        made = [self.worker(**env) for _ in range(count)]
        for worker in made:
            worker.start()
        for worker in made:
            worker.wait_ready()
        return made

    @property
    def running(self) -> list[WorkerProcess]:
        """Workers that have not ended."""
        return [worker for worker in self.workers if worker.alive]

    def reap(self) -> None:
        """Make sure that no worker is left."""
        for worker in self.workers:
            worker.reap()

    def tails(self) -> str:
        """The ends of all logs."""
        return "\n".join([worker.tail() for worker in self.workers] + [self.broker.tail()])

    # -- rest -----------------------------------------------------------------------------
    async def left_to_do(self) -> int:
        """Records that no worker has acknowledged, upstream topics looked at first.

        Effects are durable before an acknowledgement, so nothing upstream at the first look and
        nothing downstream at a later one means that there is nothing anywhere.
        """
        return sum((await lag(self.broker, self.app_id, *self.stages)).values())

    async def drained(self, timeout: float = 180.0) -> float:
        """Wait until every record is acknowledged and no list waits; returns the seconds.

        Raises:
            NeverHappened: not in time; the message has the logs' tails.
        """

        async def done() -> bool:
            dead = [w for w in self.workers if w.exit_code not in (None, 0, -9, -15)]
            assert not dead, f"{dead[0].name} ended with {dead[0].exit_code}\n{dead[0].tail()}"
            if await self.left_to_do():
                return False
            return not any(
                'lists_waiting":0' not in w.get("/ready")[1].replace(" ", "") for w in self.running
            )

        try:
            return await wait_until(done, timeout, "all records acknowledged", every=0.3)
        except NeverHappened as late:
            left = await lag(self.broker, self.app_id, *self.stages)
            raise NeverHappened(f"{late}\nleft: {left}\n{self.tails()}") from None

    async def verified(
        self, timeout: float = 240.0, *, grace: float = 2.0, sample: int = 20
    ) -> Report:
        """Wait for rest, then verify; what expires meanwhile gets its time.

        Raises:
            AssertionError: something differs; the message lists the first differences.
        """
        deadline = time.monotonic() + timeout
        since = 0.0
        while True:
            await self.drained(max(1.0, deadline - time.monotonic()))
            report = await verify(
                self.settings,
                self.app_id,
                grace=grace,
                encoder=encoder() if sample else None,
                sample=sample,
            )
            waiting = report.counts["people whose candidate lists wait for a refresh"]
            if report.ok and not waiting:
                break
            # an expiry while the topics were read is no difference yet: one that stays is
            since = since or time.monotonic()
            if time.monotonic() > min(deadline, since + SETTLE_SECONDS):
                break
            await asyncio.sleep(0.5)
        assert report.ok, "\n".join([*report.lines(), self.tails()])
        assert not waiting, "candidate lists wait for a refresh that does not come"
        return report


def check_outcome(
    scenario: Scenario, landed: Sequence[tuple[str, int, int]], report: Report
) -> None:
    """What the scenario says must be in force is what the tables were found to hold.

    `verify` decides by the parsers about accepted and refused; the scenario knows it beforehand.

    Args:
        scenario: The run.
        landed: Where each of its records lies.
        report: What `verify` found.
    """
    assert report.held is not None
    held = report.held
    assert set(held.people) == set(scenario.people)
    assert set(held.jobs) == set(scenario.jobs)
    must_refuse = {landed[n] for n in scenario.refused}
    assert {(p.topic, p.partition, p.offset) for p in report.refused} == must_refuse
    for name, jobs in scenario.excluded.items():
        assert set(held.exclusions.get(name, {})) == jobs, name
