"""Buckets, breaker and budget against a clock that the test turns."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.explain.limits import DEAREST, PRICES, Breaker, Budget, Price, TokenBucket, price_of

DAY = 86_400.0
NOON = 1_764_000_000.0  # 2025-11-24, 11:00 in Lima


@given(
    st.floats(20, 5000),
    st.lists(st.tuples(st.floats(0, 5), st.integers(1, 40)), max_size=200),
)
def test_no_minute_holds_more_than_the_rate(per_minute: float, steps: list[Any]) -> None:
    now = [0.0]
    bucket = TokenBucket(per_minute, lambda: now[0])
    taken = []
    for pause, wanted in steps:
        now[0] += pause
        for _ in range(wanted):
            if bucket.wait() == 0:
                bucket.take()
                taken.append(now[0])
    for first in taken:
        assert sum(first <= at < first + 60 for at in taken) <= per_minute + 1e-6


def test_bucket_says_how_long_to_wait() -> None:
    now = [0.0]
    bucket = TokenBucket(600, lambda: now[0])
    wait = bucket.wait(9)
    assert wait == pytest.approx(1.0)
    now[0] += wait + 1e-6
    assert bucket.wait(9) == 0
    bucket.take(9)
    assert bucket.wait(9) > 0.9
    bucket.give_back(9)
    assert bucket.wait(9) == 0


def test_a_smaller_share_takes_effect_at_once() -> None:
    now = [0.0]
    bucket = TokenBucket(6000, lambda: now[0])
    now[0] = 60.0
    bucket.resize(60)
    free = 0
    while bucket.wait() == 0:
        bucket.take()
        free += 1
    assert free == 6


def test_breaker_opens_rests_probes_and_closes() -> None:
    now = [0.0]
    breaker = Breaker(lambda: now[0], failures=2, rest=10, longest=35)
    breaker.failure()
    assert breaker.allow()
    breaker.failure()
    assert (breaker.state, breaker.allow()) == ("open", False)
    now[0] = 10.5
    assert breaker.state == "half_open"
    assert breaker.allow()
    assert not breaker.allow(), "one probe at a time"
    breaker.failure()
    now[0] += 19
    assert not breaker.allow(), "the rest doubled"
    now[0] += 2
    assert breaker.allow()
    breaker.undecided()
    assert breaker.allow(), "a probe that was cancelled is free again"
    breaker.success()
    assert breaker.state == "closed"
    assert breaker.allow()
    assert breaker.allow()


def test_breaker_rests_as_long_as_the_server_asks() -> None:
    now = [0.0]
    breaker = Breaker(lambda: now[0], failures=5, rest=10, longest=100)
    breaker.failure(rest=60)
    now[0] = 59
    assert not breaker.allow()
    now[0] = 61
    assert breaker.allow()


class Kept:
    """Where a budget's state is kept."""

    def __init__(self) -> None:
        self.state: dict[str, Any] | None = None
        self.saves = 0

    async def save(self, state: dict[str, Any]) -> None:
        self.state, self.saves = dict(state), self.saves + 1


async def test_budget_stops_and_resumes_next_day() -> None:
    now, kept = [NOON], Kept()
    budget = Budget(1.0, lambda: now[0], None, kept.save)
    assert [await budget.reserve(0.3) for _ in range(4)] == [True, True, True, False]
    now[0] += 12 * 3600  # still the same day in Lima
    assert not await budget.reserve(0.3)
    now[0] += 2 * 3600  # past midnight there
    assert await budget.reserve(0.3)


async def test_budget_survives_restarts_and_never_overspends() -> None:
    now, kept, spent = [NOON], Kept(), 0.0
    while True:
        budget = Budget(1.0, lambda: now[0], kept.state, kept.save)  # a restart after every call
        if not await budget.reserve(0.007):
            break
        spent += 0.007
    assert 0.3 < spent <= 1.0
    now[0] += DAY
    assert await Budget(1.0, lambda: now[0], kept.state, kept.save).reserve(0.007)


async def test_budget_counts_what_calls_cost_and_saves_seldom() -> None:
    kept = Kept()
    budget = Budget(1.0, lambda: NOON, None, kept.save)
    for _ in range(500):
        assert await budget.reserve(0.01)
        budget.settle(0.01, 0.001)
    assert budget.left == pytest.approx(0.5)
    assert kept.saves <= 60


async def test_budget_is_kept_before_it_is_spent() -> None:
    async def refuse(state: dict[str, Any]) -> None:
        raise OSError("no disk")

    budget = Budget(1.0, lambda: NOON, None, refuse)
    with pytest.raises(OSError, match="no disk"):
        await budget.reserve(0.1)
    assert budget.left == 1.0


def test_prices() -> None:
    assert price_of("gpt-6-luna-2026-09-22") == PRICES["gpt-6-luna"]
    assert price_of("llama-local") == DEAREST
    assert Price(0.1, 0.5).cost(1_000_000, 2_000_000) == pytest.approx(1.1)
