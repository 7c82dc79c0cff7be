"""How far down people look is found from swapped neighbours, whatever suits them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.feedback.dataset import OPENED, Impression
from models.feedback.propensity import DEPTH, LEAST, default_curve, estimate
from tests.models.feedback.people import lists
from tests.models.feedback.test_dataset import row

LOOKS = (1.0, 0.7, 0.55, 0.5, 0.3)


def _suits(job: int) -> float:
    """What stands higher suits better: raw rates fall faster than looking does."""
    return 0.8 / job


def test_looking_is_recovered_and_raw_rates_are_not() -> None:
    rows = lists(20_000, LOOKS, _suits, share=0.5)
    found = estimate(rows, depth=5)
    assert [ratio.source for ratio in found.ratios] == ["swaps"] * 4
    for rank, true in enumerate(LOOKS, 1):
        assert found.at(rank) == pytest.approx(true, rel=0.15)
    first = [one for one in rows if one.rank == 1 and not one.swapped]
    fifth = [one for one in rows if one.rank == 5 and not one.swapped]
    raw = _opened(fifth) / _opened(first)
    assert raw < 0.5 * LOOKS[4]


def _opened(rows: list[Impression]) -> float:
    return sum(one.outcome in OPENED for one in rows) / len(rows)


def test_an_interval_holds_the_true_ratio_about_as_often_as_it_says() -> None:
    held = 0
    for seed in range(40):
        ratio = estimate(lists(600, LOOKS[:2], _suits, share=0.5, seed=seed), depth=2).ratios[0]
        held += ratio.low <= LOOKS[1] <= ratio.high
    assert held >= 34


def test_a_lower_place_that_is_looked_at_more_is_found_too() -> None:
    found = estimate(lists(8_000, (0.4, 0.8), lambda job: 0.6, share=0.5), depth=2)
    assert found.at(2) == 1.0
    assert found.at(1) == pytest.approx(0.5, rel=0.1)


def test_where_little_was_seen_the_default_curve_counts() -> None:
    found = estimate(lists(50, LOOKS, _suits, share=0.5), depth=5)
    assert [ratio.source for ratio in found.ratios][-1] == "default"
    last = found.ratios[-1]
    assert [last.value, last.low, last.high] == pytest.approx([4 / 5] * 3)


def test_without_swaps_there_is_only_the_default_curve() -> None:
    found = estimate(lists(3_000, LOOKS, _suits))
    assert found.values == pytest.approx(default_curve())
    assert found.values == pytest.approx([1 / rank for rank in range(1, DEPTH + 1)])
    assert found.at(99) == found.at(DEPTH) >= LEAST


def test_neighbours_of_two_levels_and_halves_of_two_pairs_say_nothing() -> None:
    rows = lists(3_000, LOOKS, _suits, share=0.5)
    other = [replace(one, level="also" if one.rank > 1 else "send") for one in rows]
    assert estimate(other, depth=5).ratios[0].taken == (0, 0)
    alone = [row("ana", rank=1, outcome="opened", swapped=True), row("ana", rank=2)]
    assert estimate(alone).ratios[0].taken == (0, 0)


def test_lists_of_two_surfaces_are_two_lists() -> None:
    rows = [row("ana", rank=1, surface="web"), row("ana", rank=2, surface="sms", outcome="opened")]
    assert estimate(rows).ratios[0].taken == (0, 0)


def test_it_tells_where_each_pair_is_from() -> None:
    told = estimate(lists(8_000, LOOKS, _suits, share=0.5), depth=3).told()
    assert [pair["ranks"] for pair in told["pairs"]] == [[1, 2], [2, 3]]
    assert {pair["source"] for pair in told["pairs"]} == {"swaps"}
    assert told["values"][0] == 1.0
