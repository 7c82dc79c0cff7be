"""The group's limits in shares, on tables in memory and with a clock that the test turns."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from agents.explainer.purse import Shares
from matcher_stream.config.explainer_settings import ExplainerSettings
from matcher_stream.runtime.fence import Fence
from schemas.errors import StaleGeneration

DAY = 86_400.0
PARTITIONS = 8


class Kept:
    """The budget table of the group."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[str, Any]] = {}

    def budget(self, partition: int) -> dict[str, Any] | None:
        return self.rows.get(partition)

    async def keep_budget(self, partition: int, state: dict[str, Any], events: Any) -> None:
        self.rows[partition] = dict(state)


class Group:
    """Workers that share a table and a clock."""

    def __init__(self, **settings: Any) -> None:
        self.now = 1_764_000_000.0
        self.kept = Kept()
        self.fence = Fence(lambda: 1, session_timeout=60.0)
        self.fence.open()
        self.settings = ExplainerSettings(partitions=PARTITIONS, llm_daily_budget=0.8, **settings)

    def worker(self, *partitions: int) -> Shares:
        context: Any = SimpleNamespace(settings=self.settings, state=self.kept, fence=self.fence)
        shares = Shares(context, lambda: self.now)
        shares.own(partitions)
        return shares


async def _spend(shares: Shares, partition: int, cost: float = 0.01) -> float:
    """Spend until there is no more."""
    spent = 0.0
    while await (purse := shares.purse(partition)).reserve(cost):
        purse.settle(cost, cost)
        spent += cost
    return spent


async def test_the_group_never_passes_the_budget_and_goes_on_next_day() -> None:
    group = Group()
    one, two = group.worker(0, 1, 2), group.worker(3, 4, 5, 6, 7)
    assert await _spend(one, 0) == pytest.approx(0.3)
    assert await _spend(two, 4) == pytest.approx(0.5)
    group.now += DAY
    assert await _spend(one, 1) == pytest.approx(0.3)


async def test_what_was_spent_moves_with_the_partition() -> None:
    group = Group()
    spent = 0.0
    for _ in range(6):  # a partition that moves again and again
        shares = group.worker(*range(PARTITIONS))
        for _ in range(20):
            purse = shares.purse(3)
            if await purse.reserve(0.01):
                purse.settle(0.01, 0.01)
                spent += 0.01
    assert 0.6 < spent <= 0.8 + 1e-9


async def test_who_lost_the_partition_cannot_spend_from_it() -> None:
    group = Group()
    shares = group.worker(0)
    group.fence.close()
    with pytest.raises(StaleGeneration):
        await shares.purse(0).reserve(0.01)


def test_rates_follow_the_partitions() -> None:
    shares = Group(llm_requests_per_minute=800.0).worker(0, 1)
    assert shares.requests.per_minute == 200
    shares.own(range(PARTITIONS))
    assert shares.requests.per_minute == 800
    shares.own([])
    assert shares.requests.wait() > 60


async def test_a_price_in_the_settings_counts() -> None:
    shares = Group(llm_price_input=1.0, llm_price_output=3.0, llm_model="local").worker(0)
    assert shares.price.cost(1_000_000, 1_000_000) == 4.0
