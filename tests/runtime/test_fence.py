"""Who may write, and when not."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from matcher_stream.runtime.fence import Fence
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
    clock.now += 5.9
    fence.check([event(1)])
    clock.now += 0.2
    with pytest.raises(StaleGeneration):
        fence.check([event(1)])
    assert fence.frozen()
    fence.open()
    fence.check([event(1)])
    assert not fence.frozen()
