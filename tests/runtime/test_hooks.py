"""The order of a rebalance: the fence closes after work in flight, and opens last of all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import faust
import pytest

from matcher_stream.config.contract import TopicNames
from matcher_stream.config.settings import Settings
from matcher_stream.runtime import hooks as module
from matcher_stream.runtime.fence import Fence
from matcher_stream.runtime.hooks import RebalanceHooks, all_free
from matcher_stream.runtime.outputs import Outputs
from tables.base import PartitionedTable
from tests.runtime.conftest import Group, task_named, until

TOPIC = "read"


class Steps(RebalanceHooks):
    """Notes each step with the fence's state, and owns what it takes."""

    FAILURE, TASK = "It failed", "taking"

    def __init__(self, parts: Any) -> None:
        super().__init__(parts, [TOPIC])
        self.parts = parts
        self.done: list[tuple[str, bool]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.during_take: Callable[[], None] = lambda: None
        self.during_finish: Callable[[], None] = lambda: None

    def _note(self, step: str) -> None:
        self.done.append((step, self.parts.fence.is_open))

    def drop(self) -> None:
        self._note("drop")

    async def finish(self) -> None:
        self._note("finish")
        await self.gate.wait()
        self.during_finish()

    def joined(self) -> None:
        self._note("joined")

    async def take(self, partitions: list[int]) -> None:
        self._note("take")
        await self.gate.wait()
        self.during_take()
        self.parts.state.owned = set(partitions)

    def opening(self) -> None:
        self._note("opening")

    def ready(self, partitions: list[int]) -> None:
        self._note(f"ready {partitions}")


class Worker:
    """An app with one table, its hooks and its group."""

    def __init__(self, folder: Path) -> None:
        settings = Settings(data_dir=folder, partitions=2, store="memory", topic_prefix="t")
        self.app = faust.App("hooks", store="memory://", datadir=str(folder))
        table = PartitionedTable(self.app, name="rows", partitions=2)
        self.app.tables.add(table)
        fence = self.fence = Fence(lambda: int(self.app.consumer_generation_id), 60.0)
        self.parts = SimpleNamespace(
            settings=settings,
            names=TopicNames(settings, "hooks"),
            app=self.app,
            fence=fence,
            state=SimpleNamespace(owned=set(), tables=SimpleNamespace(all=lambda: [table])),
            outputs=Outputs(self.app, fence),
        )
        self.steps = Steps(self.parts)
        self.steps.register(table)
        self.group = Group(self.app, [TOPIC])

    def stamps(self) -> list[str]:
        return [path.name for path in self.parts.settings.data_dir.glob("*.used")]

    async def start(self, *partitions: int) -> None:
        await self.group.give(*partitions)
        await self.group.recover()
        self.steps.done.clear()


@pytest.fixture
async def worker(tmp_path: Path) -> Worker:
    return Worker(tmp_path)


async def test_the_fence_opens_after_everything_else(worker: Worker, ends: list[str]) -> None:
    await worker.group.give(0, 1)
    assert worker.steps.done == [("joined", False)]
    await worker.group.recover()
    assert worker.steps.done[1:] == [("take", False), ("opening", False), ("ready [0, 1]", True)]
    assert {tp for tp in worker.group.owned if tp.topic == TOPIC} == set(worker.group.sought)
    assert not ends


async def test_the_fence_closes_after_work_in_flight(worker: Worker) -> None:
    await worker.start(0)
    worker.steps.gate.clear()
    revoking = asyncio.ensure_future(worker.group.take_away())
    await until(lambda: len(worker.steps.done) == 2)
    assert worker.steps.done == [("drop", True), ("finish", True)]
    assert worker.fence.is_open, "what is in flight may still be written"
    worker.steps.gate.set()
    await revoking
    assert not worker.fence.is_open


async def test_nothing_is_finished_behind_a_closed_fence(worker: Worker) -> None:
    await worker.group.take_away()
    assert worker.steps.done == [("drop", False)]
    await worker.start(0)
    worker.app.consumer_generation_id += 1
    await worker.group.take_away()
    assert worker.steps.done == [("drop", False)], "another generation may be writing already"


async def test_the_fence_closes_even_if_finishing_fails(worker: Worker) -> None:
    def fail() -> None:
        raise OSError("the disk is full")

    await worker.start(0)
    worker.steps.during_finish = fail
    with pytest.raises(OSError, match="full"):
        await worker.group.take_away()
    assert not worker.fence.is_open


async def test_a_rebalance_while_taking_leaves_the_fence_closed(
    worker: Worker, ends: list[str]
) -> None:
    def rebalance() -> None:
        worker.app.consumer_generation_id += 1

    await worker.group.give(0)
    worker.steps.during_take = rebalance
    await worker.group.recover()
    assert not worker.fence.is_open
    assert not worker.group.sought, "where to start is the newer rebalance's to say"
    worker.steps.during_take = lambda: None
    await worker.group.give(1)
    await worker.group.recover()
    assert worker.fence.is_open
    assert not ends


async def test_a_rebalance_while_seeking_leaves_the_fence_closed(
    worker: Worker, ends: list[str]
) -> None:
    def rebalance() -> None:
        worker.app.consumer_generation_id += 1

    await worker.group.give(0)
    worker.group.while_seeking = rebalance
    await worker.group.recover()
    assert ("opening", False) not in worker.steps.done
    assert not worker.fence.is_open
    assert not ends


async def test_partitions_taken_away_while_seeking_leave_the_fence_closed(
    worker: Worker, ends: list[str]
) -> None:
    await worker.group.give(0)
    worker.group.while_seeking = worker.group.owned.clear
    await worker.group.recover()
    assert not worker.fence.is_open
    assert not ends


async def test_a_failure_ends_the_process(worker: Worker, ends: list[str]) -> None:
    def fail() -> None:
        raise ValueError("half an index")

    await worker.group.give(0)
    worker.steps.during_take = fail
    await worker.group.recover()
    assert ends == ["taking failed with ValueError"]
    assert not worker.fence.is_open


async def test_a_topic_that_was_left_out_ends_the_process(worker: Worker, ends: list[str]) -> None:
    await worker.group.give(0, without=TOPIC)
    await worker.group.recover()
    assert ends == ["taking failed with PartialAssignment"]
    assert worker.steps.done == [("joined", False)], "nothing was taken"


async def test_two_rebalances_take_one_after_the_other(worker: Worker) -> None:
    worker.steps.gate.clear()
    await worker.group.give(0, 1)
    first = asyncio.ensure_future(worker.group.recover())
    await until(lambda: ("take", False) in worker.steps.done)
    await worker.group.give(1)
    second = asyncio.ensure_future(worker.group.recover())
    for _ in range(10):
        await asyncio.sleep(0)
    assert worker.steps.done.count(("take", False)) == 1
    worker.steps.gate.set()
    await asyncio.gather(first, second)
    taken = [step for step, _ in worker.steps.done if step.startswith("ready")]
    assert taken == ["ready [1]"]
    assert worker.parts.state.owned == {1}


async def test_stamps_are_kept_while_the_worker_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "STAMP_SECONDS", 0.01)
    worker = Worker(tmp_path)
    await worker.start(1)
    assert not worker.stamps()
    keeping = asyncio.ensure_future(task_named(worker.app, "_keep_stamps")())
    try:
        await until(lambda: worker.stamps() == ["partition-1.used"])
    finally:
        keeping.cancel()


async def test_all_locks_are_free_at_the_same_moment() -> None:
    first, second = asyncio.Lock(), asyncio.Lock()
    await second.acquire()
    waiting = asyncio.ensure_future(all_free([first, second], 5.0))
    await until(first.locked)
    second.release()
    assert await waiting
    assert not first.locked()
    assert not second.locked()


async def test_a_lock_that_is_held_for_too_long() -> None:
    first, second = asyncio.Lock(), asyncio.Lock()
    await second.acquire()
    assert not await all_free([first, second], 0.01)
    assert not first.locked()
