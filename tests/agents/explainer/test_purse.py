"""The group's limits in shares, on the real tables and with a clock that the test turns."""

from __future__ import annotations

from typing import Any

import pytest

from agents.explainer.purse import Shares
from models.explain.prompt import MAX_OUTPUT_TOKENS
from schemas.errors import ChangelogRefused, StaleGeneration
from tests.support.harness.explainer_cluster import ExplainerCluster

DAY = 86_400.0
PARTITIONS = 8


class Group:
    """Workers that share a changelog and a clock; each starts with what the changelog has."""

    def __init__(self, patch: pytest.MonkeyPatch, **settings: Any) -> None:
        chosen = {"partitions": PARTITIONS, "llm_daily_budget": 0.8, **settings}
        self.cluster = ExplainerCluster(patch, **chosen)

    def worker(self, *partitions: int) -> Shares:
        return self.cluster.start(*partitions).wording.shares

    def leased(self, partition: int) -> list[int]:
        """Offsets of what the changelog has of a partition's budget."""
        table = self.cluster.worker.context.state.tables.budget
        log = self.cluster.broker.log(table.changelog_topic_name, partition)
        return [record.offset for record in log]


@pytest.fixture
def group(monkeypatch: pytest.MonkeyPatch) -> Group:
    return Group(monkeypatch)


async def _spend(shares: Shares, partition: int, cost: float = 0.01) -> float:
    """Spend until there is no more."""
    spent = 0.0
    while await (purse := shares.purse(partition)).reserve(cost):
        purse.settle(cost, cost)
        spent += cost
    return spent


async def test_the_group_never_passes_the_budget_and_goes_on_next_day(group: Group) -> None:
    one, two = group.worker(0, 1, 2), group.worker(3, 4, 5, 6, 7)
    assert await _spend(one, 0) == pytest.approx(0.3)
    assert await _spend(two, 4) == pytest.approx(0.5)
    group.cluster.now += DAY
    assert await _spend(one, 1) == pytest.approx(0.3)


async def test_what_was_spent_moves_with_the_partition(group: Group) -> None:
    spent = 0.0
    for _ in range(6):  # a partition that moves again and again
        shares = group.worker(*range(PARTITIONS))
        for _ in range(20):
            purse = shares.purse(3)
            if await purse.reserve(0.01):
                purse.settle(0.01, 0.01)
                spent += 0.01
    assert 0.6 < spent <= 0.8 + 1e-9


async def test_leases_survive_a_restart(group: Group) -> None:
    """What a process had leased and not spent is lost for the day, never spent twice."""
    shares = group.worker(0)
    assert await _spend(shares, 0) == pytest.approx(0.1)
    again = group.worker(0)
    assert await _spend(again, 0) == 0.0
    assert again.budgets(0)[0].left == pytest.approx(0.0)
    group.cluster.now += DAY
    assert await _spend(group.worker(0), 0) == pytest.approx(0.1)


async def test_a_restart_in_the_middle_loses_no_more_than_a_lease(group: Group) -> None:
    purse = group.worker(0).purse(0)
    assert await purse.reserve(0.01)  # its process ends before it knows the cost
    assert group.leased(0) == [0]
    rest = await _spend(group.worker(0), 0)
    assert rest == pytest.approx(0.09)


async def test_money_is_leased_before_it_is_spent(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares = group.worker(0)

    async def refuses(*_: Any) -> Any:
        raise OSError("no broker")

    monkeypatch.setattr(group.cluster.worker.producer, "send", refuses)
    with pytest.raises(ChangelogRefused):
        await shares.purse(0).reserve(0.01)
    assert shares.budgets(0)[0].left == pytest.approx(0.1)


async def test_a_lease_is_for_several_calls(group: Group) -> None:
    """A changelog record for every call would cost more than the call."""
    shares = group.worker(0)
    assert await _spend(shares, 0, cost=0.0001) == pytest.approx(0.1, abs=2e-4)  # 1,000 calls
    assert len(group.leased(0)) <= 55


async def test_what_was_set_aside_and_not_needed_can_be_spent(group: Group) -> None:
    shares = group.worker(0)
    purse = shares.purse(0)
    assert await purse.reserve(0.1)
    assert not await shares.purse(0).reserve(0.05)
    purse.settle(0.1, 0.02)
    assert await shares.purse(0).reserve(0.05)
    assert shares.budgets(0)[0].left == pytest.approx(0.03)


async def test_a_poor_neighbour_is_helped_out(group: Group) -> None:
    """A partition's own money first; what others of the worker have left after it."""
    shares = group.worker(0, 1)
    assert await shares.purse(1).reserve(0.05)
    assert (group.leased(1), group.leased(0)) == ([0], [])
    assert await _spend(shares, 1, cost=0.05) == pytest.approx(0.15)
    assert (len(group.leased(1)), len(group.leased(0))) == (2, 2)
    with pytest.raises(AssertionError, match="reserve"):
        shares.purse(0).settle(0.01, 0.01)


async def test_who_lost_the_partition_cannot_spend_from_it(group: Group) -> None:
    shares = group.worker(0)
    group.cluster.worker.context.fence.close()
    with pytest.raises(StaleGeneration):
        await shares.purse(0).reserve(0.01)
    assert group.leased(0) == []


async def test_what_is_not_owned_any_more_pays_nothing(group: Group) -> None:
    shares = group.worker(0, 1)
    shares.own([0])
    assert shares.budgets(1) == shares.budgets(0)
    assert await _spend(shares, 1) == pytest.approx(0.1)
    shares.own([])
    assert not await shares.purse(0).reserve(0.01)


async def test_rates_follow_the_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    shares = Group(monkeypatch, llm_requests_per_minute=800.0).worker(0, 1)
    assert shares.requests.per_minute == 200
    shares.own(range(PARTITIONS))
    assert shares.requests.per_minute == 800
    shares.own([])
    assert shares.requests.wait() > 60


async def test_tokens_follow_the_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    shares = Group(monkeypatch, llm_tokens_per_minute=8000.0).worker(0, 1)
    assert shares.tokens.per_minute == 2000
    shares.own(range(4))
    assert shares.tokens.per_minute == 4000


async def test_a_price_in_the_settings_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    prices = {"llm_price_input": 1.0, "llm_price_output": 3.0, "llm_model": "local"}
    shares = Group(monkeypatch, **prices).worker(0)
    assert shares.price.cost(1_000_000, 1_000_000) == 4.0


async def test_the_largest_call_waits_for_all_of_its_tokens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However small a worker's share is."""
    tokens = Group(monkeypatch, llm_tokens_per_minute=800.0).worker(0).tokens
    assert tokens.wait(1900 + MAX_OUTPUT_TOKENS) < tokens.wait(1e9) - 1
