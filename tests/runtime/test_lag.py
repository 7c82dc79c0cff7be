"""How far behind: what the broker says, and nothing while partitions change hands."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import faust
import pytest
from aiokafka.errors import KafkaConnectionError
from faust.types import TP

from matcher_stream.runtime import lag as module
from matcher_stream.runtime import metrics
from matcher_stream.runtime.fence import Fence
from matcher_stream.runtime.lag import measure_lag
from tests.runtime.conftest import Group, task_named, until

JOBS, PROFILES, OTHER = "lag-jobs", "lag-profiles", "lag-other"


class Worker:
    """An app that owns two partitions, and its fence, open."""

    def __init__(self) -> None:
        self.app = faust.App("lag", store="memory://")
        self.group = Group(self.app, [JOBS, PROFILES, OTHER])
        self.group.owned = {TP(t, p) for t in (JOBS, PROFILES, OTHER) for p in (0, 1)}
        self.group.committed = {TP(JOBS, 0): 7, TP(JOBS, 1): 2, TP(OTHER, 0): 1}
        self.group.ends = {TP(JOBS, 0): 10, TP(JOBS, 1): 2, TP(PROFILES, 1): 4, TP(OTHER, 0): 99}
        self.fence = Fence(lambda: int(self.app.consumer_generation_id), 60.0)
        self.fence.open()

    async def measure(self) -> None:
        await measure_lag(self.app, self.fence, [JOBS, PROFILES])


def _lag(topic: str) -> float | None:
    samples = next(iter(metrics.LAG.collect())).samples
    found = [sample.value for sample in samples if sample.labels["topic"] == topic]
    return sum(found) if found else None


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LAG_SECONDS", 0.01)


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    metrics.LAG.clear()
    yield Worker()
    metrics.LAG.clear()


async def test_what_is_not_committed_waits(worker: Worker) -> None:
    await worker.measure()
    assert (_lag(JOBS), _lag(PROFILES), _lag(OTHER)) == (3, 4, None)
    assert metrics._lag_since is not None


async def test_no_lag_ends_the_wait(worker: Worker) -> None:
    await worker.measure()
    worker.group.committed = dict.fromkeys(worker.group.owned, 100)
    await worker.measure()
    assert (_lag(JOBS), _lag(PROFILES)) == (0, 0)
    assert metrics.seconds_with_lag() == 0.0


async def test_nothing_is_measured_while_the_fence_is_closed(worker: Worker) -> None:
    await worker.measure()
    worker.fence.close()
    worker.group.committed, worker.group.owned = {}, set()
    await worker.measure()
    assert (_lag(JOBS), _lag(PROFILES)) == (3, 4)
    assert metrics._lag_since is not None, "a rebalance does not begin the wait anew"


async def test_a_worker_without_partitions_is_not_behind(worker: Worker) -> None:
    await worker.measure()
    worker.group.owned = set()
    await worker.measure()
    assert (_lag(JOBS), _lag(PROFILES)) == (None, None)
    assert metrics.seconds_with_lag() == 0.0


class Reader:
    """Holds one record of partition 0."""

    def oldest(self) -> dict[int, float]:
        return {0: 500.0}


async def test_the_oldest_record_that_waits_ages_though_nothing_is_measured(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "time", lambda: now)

    def ages() -> dict[tuple[str, int], float]:
        samples = next(iter(module.AGES.collect())).samples
        return {(s.labels["topic"], int(s.labels["partition"])): s.value for s in samples}

    async def measure() -> None:
        await measure_lag(worker.app, worker.fence, [JOBS, PROFILES], {JOBS: Reader()})

    await measure()
    fetched, noticed = (JOBS, 0), (PROFILES, 1)
    assert ages() == {fetched: 500, (JOBS, 1): 0, (PROFILES, 0): 0, noticed: 0}
    now += 40
    worker.fence.close()  # it recovers, or stands still
    await measure()
    assert (ages()[fetched], ages()[noticed], ages()[JOBS, 1]) == (540, 40, 0)
    worker.fence.open()
    worker.group.committed[TP(PROFILES, 1)] = 3  # one of four is done: the next one waits now
    await measure()
    assert ages()[noticed] == 0
    worker.group.owned = {TP(JOBS, 1)}
    await measure()
    assert ages() == {(JOBS, 1): 0}, "what is not owned is not told of"


async def test_a_broker_that_is_away_ends_nothing(
    worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    ends, worker.group.ends = worker.group.ends, KafkaConnectionError()
    parts: Any = SimpleNamespace(app=worker.app, fence=worker.fence)
    module.register(parts, [JOBS, PROFILES], {})
    measuring = asyncio.ensure_future(task_named(worker.app, "lag")())
    try:
        await until(lambda: "Lag unknown for now: KafkaConnectionError" in caplog.text)
        assert _lag(JOBS) is None
        worker.group.ends = ends
        await until(lambda: _lag(JOBS) == 3)
    finally:
        measuring.cancel()


async def test_each_app_measures_its_inputs(
    matcher: tuple[Any, Group], explainer: tuple[Any, Group]
) -> None:
    names = matcher[0].context.names
    partials = {names.candidates_partial}  # made by workers, and merged in their own time
    for app, group, inputs in (
        (*matcher, {*matcher[0].context.names.read} - partials),
        (*explainer, {names.matches}),
    ):
        metrics.LAG.clear()
        await group.give(1)
        await group.recover()
        group.ends = dict.fromkeys(group.owned, 3)
        measuring = asyncio.ensure_future(task_named(app, "lag")())
        try:
            await until(lambda: all(_lag(topic) == 3 for topic in inputs))  # noqa: B023
        finally:
            measuring.cancel()
        samples = next(iter(metrics.LAG.collect())).samples
        assert {sample.labels["topic"] for sample in samples} == inputs
