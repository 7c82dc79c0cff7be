"""Who may write, and when not."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest

from matcher_stream.runtime import fence as module
from matcher_stream.runtime.fence import Fence, die
from schemas.errors import StaleGeneration


def event(generation: int) -> SimpleNamespace:
    return SimpleNamespace(message=SimpleNamespace(generation_id=generation))


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


def test_closed_until_the_indexes_are_built() -> None:
    fence = Fence(lambda: 1, session_timeout=6.0)
    assert not fence.is_open
    with pytest.raises(StaleGeneration):
        fence.check([])
    fence.open()
    fence.check([event(1)])


def test_refuses_events_fetched_before_the_last_rebalance() -> None:
    fence = Fence(lambda: 2, session_timeout=6.0)
    fence.open()
    with pytest.raises(StaleGeneration):
        fence.check([event(2), event(1)])


def test_a_freeze_is_over_with_the_rejoin_however_long_recovery_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The limit after which the process ends counts to the rejoin, not to the opened fence."""
    clock = Clock(monkeypatch)
    fence = Fence(lambda: 1, session_timeout=6.0)
    fence.open()
    clock.now += 30
    assert fence.frozen()
    fence.rejoined()
    assert not fence.frozen()
    clock.now += 5
    assert not fence.is_open, "nothing is written until the tables are recovered"
    with pytest.raises(StaleGeneration):
        fence.check([event(1)])


def test_a_newer_generation_closes_it() -> None:
    generation = 1
    fence = Fence(lambda: generation, session_timeout=6.0)
    fence.open()
    generation = 2
    assert not fence.is_open


def test_a_freeze_longer_than_the_session_closes_it_until_the_next_join(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    fence = Fence(lambda: 1, session_timeout=6.0)
    fence.open()
    clock.now += 6.0
    fence.check([event(1)])
    clock.now += 0.1
    with pytest.raises(StaleGeneration):
        fence.check([event(1)])
    assert fence.frozen()
    fence.open()
    fence.check([event(1)])
    assert not fence.frozen()


def test_no_turn_without_partitions() -> None:
    generation = 1
    fence = Fence(lambda: generation, session_timeout=6.0)
    with pytest.raises(StaleGeneration):
        fence.turn()
    fence.open()
    assert fence.turn().message.generation_id == 1
    generation = 2
    with pytest.raises(StaleGeneration):
        fence.turn()


# -- who waits for the fence --------------------------------------------------------------


async def test_what_the_present_generation_fetched_waits_for_the_fence() -> None:
    fence = Fence(lambda: 2, session_timeout=6.0)
    waiting = asyncio.ensure_future(fence.admit([event(1), event(2), event(3)]))
    await asyncio.sleep(0)
    assert not waiting.done()
    fence.open()
    assert [one.message.generation_id for one in await waiting] == [2]


async def test_what_an_older_one_fetched_does_not_wait() -> None:
    fence = Fence(lambda: 2, session_timeout=6.0)
    async with asyncio.timeout(5):
        assert await fence.admit([event(1)]) == []


async def test_what_a_frozen_worker_fetched_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker has given its partitions away, and will give it others."""
    clock = Clock(monkeypatch)
    fence = Fence(lambda: 1, session_timeout=6.0)
    fence.open()
    clock.now += 6.1
    admitted = asyncio.ensure_future(fence.admit([event(1)]))
    for _ in range(3):
        await asyncio.sleep(0)
    assert admitted.done()
    assert admitted.result() == []


# -- the watch over freezes ---------------------------------------------------------------


class Watched:
    """A fence that is watched, on a clock that a test moves; a death is an exception here."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.fence = Fence(lambda: 1, session_timeout=6.0)
        self.fence.open()
        clock.now += 100.0  # what happens before it is watched is no freeze
        self.watch = asyncio.ensure_future(self.fence.keep_ticking())

    async def after(self, seconds: float) -> None:
        """So much time passes, without a tick in between."""
        self.clock.now += seconds
        for _ in range(5):
            await asyncio.sleep(0)

    @property
    def ended(self) -> bool:
        return self.watch.done()


@pytest.fixture
async def watched(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watched]:
    def end(reason: str, ending: str) -> None:
        assert ending == "frozen"
        raise SystemError(reason)

    monkeypatch.setattr(module, "die", end)
    monkeypatch.setattr(module, "TICK_SECONDS", 0.0)
    made = Watched(Clock(monkeypatch))
    await made.after(0.0)
    yield made
    made.watch.cancel()
    await asyncio.gather(made.watch, return_exceptions=True)


async def test_a_process_that_ticks_is_not_frozen(watched: Watched) -> None:
    for _ in range(20):
        await watched.after(5.9)
        assert watched.fence.is_open
    assert not watched.ended


async def test_a_freeze_is_noticed_though_nobody_asks(watched: Watched) -> None:
    await watched.after(6.1)
    await watched.after(0.1)
    assert watched.fence.frozen()
    assert not watched.fence.is_open


async def test_who_is_not_asked_to_rejoin_ends_after_three_sessions(watched: Watched) -> None:
    await watched.after(6.1)
    for _ in range(3):
        await watched.after(6.0)
    assert not watched.ended
    await watched.after(0.1)
    assert isinstance(watched.watch.exception(), SystemError)


async def test_who_freezes_again_has_no_more_time_for_it(watched: Watched) -> None:
    await watched.after(6.1)
    for _ in range(3):
        await watched.after(6.1)
    assert watched.ended


async def test_who_rejoins_lives_on(watched: Watched) -> None:
    await watched.after(6.1)
    watched.fence.rejoined()
    for _ in range(10):
        await watched.after(5.0)
    assert not watched.ended


def test_the_end_of_a_process_is_told_by_its_status() -> None:
    """EX_SOFTWARE (70, sysexits.h): a supervisor starts it again."""
    pid = os.fork()
    if pid == 0:
        try:
            die("a test asked for it")
        finally:
            os._exit(1)  # the status of a process that goes on
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 70
