"""Token buckets: as many as they say, in bounded memory."""

from __future__ import annotations

import time

import pytest

from matcher_stream.web.site.rates import Buckets


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_a_burst_is_let_through_and_then_so_many_a_second(clock: list[float]) -> None:
    buckets = Buckets(rate=2.0, burst=3.0)
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 0]
    assert buckets.take("a") == 0.5
    assert buckets.take("b") == 0
    clock[0] += 0.5
    assert buckets.take("a") == 0
    assert buckets.take("a") == 0.5
    clock[0] += 1000
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]


def test_a_refusal_takes_nothing(clock: list[float]) -> None:
    buckets = Buckets(rate=1.0, burst=2.0)
    assert buckets.take("a", cost=5.0) == 3.0
    assert buckets.take("a", cost=2.0) == 0


def test_names_are_bounded_and_the_one_longest_unused_goes(clock: list[float]) -> None:
    buckets = Buckets(rate=1.0, burst=1.0, names=2)
    for name in ("a", "b", "a", "c"):
        buckets.take(name)
    assert len(buckets) == 2
    assert buckets.take("a") == 1.0
    assert buckets.take("b") == 0
