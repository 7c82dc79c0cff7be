"""Rates without what the place in the list did."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pytest

from models.feedback.dataset import APPLIED, OPENED, Impression, Outcome
from models.feedback.propensity import estimate
from models.feedback.rates import CLIP, Rate, Values, effective_size, rate, weights_of
from tests.models.feedback.people import lists, weighed
from tests.models.feedback.test_dataset import row

LOOKS = (1.0, 0.6, 0.4, 0.25)


def _of(rows: list[Impression], *jobs: str) -> list[Impression]:
    return [one for one in rows if one.job_id in jobs]


def _by_person(rows: list[Impression], values: Values) -> Values:
    _, whose = np.unique([one.person for one in rows], return_inverse=True)
    found: Values = np.bincount(whose, values).astype(np.float64)
    return found


def _taken(
    rows: list[Impression], outcomes: Collection[Outcome], corrected: bool = True,
    clip: float = CLIP,
) -> Rate:  # fmt: skip
    """How often jobs that are shown come to this (IPS)."""
    taken = np.array([row.outcome in outcomes for row in rows], np.float64)
    weights = weights_of(rows, clip) if corrected else np.ones(len(rows))
    shown = _by_person(rows, np.ones(len(rows)))
    return rate(_by_person(rows, taken * weights), shown, len(rows))


def _among(
    rows: list[Impression], outcomes: Collection[Outcome], among: Collection[Outcome],
    corrected: bool = True,
) -> Rate:  # fmt: skip
    """The share of some outcomes among others (SNIPS)."""
    seen = [row for row in rows if row.outcome in among]
    taken = np.array([row.outcome in outcomes for row in seen], np.float64)
    weights = weights_of(seen) if corrected else np.ones(len(seen))
    return rate(_by_person(seen, taken * weights), _by_person(seen, weights), len(seen))


def test_jobs_that_suit_alike_have_the_same_rate_wherever_they_stand() -> None:
    rows = lists(20_000, LOOKS, lambda job: 0.3, share=0.5)
    rows = weighed(rows, estimate(rows, depth=4).at)
    first, last = _of(rows, "j1"), _of(rows, "j4")
    raw = _taken(last, OPENED, corrected=False)
    most = _taken(first, OPENED, corrected=False)
    assert raw.value < 0.5 * most.value, "raw rates blame the job for its place"
    for found in (first, last):
        assert _taken(found, OPENED).value == pytest.approx(0.3, rel=0.1)
    assert raw.high < 0.3
    assert _taken(last, OPENED).effective <= len(last)


def test_the_interval_is_over_people() -> None:
    """Ten times the same people say no more than once."""
    once = lists(300, LOOKS, lambda job: 0.3)
    often = [replace(one, revision=n) for n in range(10) for one in once]
    a, b = _taken(once, OPENED), _taken(often, OPENED)
    assert b.high - b.low == pytest.approx(a.high - a.low, rel=0.2)
    assert a.low < a.value < a.high


def test_a_taking_counts_for_no_more_than_the_clip() -> None:
    rows = [row("ana", propensity=0.01, outcome="opened"), row("beto", propensity=1.0)]
    assert weights_of(rows).tolist() == [10.0, 1.0]
    assert weights_of(rows, clip=4.0).tolist() == [4.0, 1.0]


def test_a_share_of_what_was_opened_is_normalised() -> None:
    """Half of those who open apply, from whatever place; never more than all."""
    rows = weighed(lists(6_000, LOOKS, lambda job: 0.3), lambda rank: LOOKS[rank - 1])
    found = _among(rows, APPLIED, OPENED)
    assert found.value == pytest.approx(0.5, abs=0.03)
    assert found.low < 0.5 < found.high
    assert _among(rows, OPENED, OPENED).value == pytest.approx(1.0)


def test_a_share_by_place_is_what_it_would_be_if_all_places_were_looked_at() -> None:
    """Those who are shown far down apply more once they open: raw shares hear too few of them."""
    up = [row(f"a{n}", outcome="opened", propensity=1.0) for n in range(100)]
    down = [row(f"b{n}", outcome="applied", propensity=0.25) for n in range(25)]
    assert _among([*up, *down], APPLIED, OPENED, corrected=False).value == 0.2
    assert _among([*up, *down], APPLIED, OPENED).value == 0.5


def test_an_interval_holds_the_rate_about_as_often_as_it_says() -> None:
    held = 0
    for seed in range(60):
        rows = lists(150, LOOKS, lambda job: 0.3, seed=seed)
        found = _taken(weighed(rows, lambda rank: LOOKS[rank - 1]), OPENED)
        held += found.low <= 0.3 <= found.high
    assert held >= 52


def test_the_effective_size_is_kishs() -> None:
    assert effective_size(np.array([1.0, 1.0, 1.0])) == pytest.approx(3.0)
    assert effective_size(np.array([3.0, 1.0])) == pytest.approx(16 / 10)
