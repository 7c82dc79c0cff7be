"""Rates without what the place in the list did."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.feedback.dataset import APPLIED, OPENED, Impression
from models.feedback.propensity import estimate
from models.feedback.rates import effective_size, share_among, taken_rate, weights_of
from tests.models.feedback.people import lists, weighed
from tests.models.feedback.test_dataset import row

LOOKS = (1.0, 0.6, 0.4, 0.25)


def _of(rows: list[Impression], *jobs: str) -> list[Impression]:
    return [one for one in rows if one.job_id in jobs]


def test_jobs_that_suit_alike_have_the_same_rate_wherever_they_stand() -> None:
    rows = lists(20_000, LOOKS, lambda job: 0.3, share=0.5)
    rows = weighed(rows, estimate(rows, depth=4).at)
    first, last = (taken_rate(_of(rows, name), OPENED) for name in ("j1", "j4"))
    assert last.raw.mean < 0.5 * first.raw.mean, "raw rates blame the job for its place"
    for found in (first, last):
        assert found.corrected.mean == pytest.approx(0.3, rel=0.1)
    assert last.raw.high < 0.3
    assert last.effective <= last.shown


def test_the_interval_is_over_people() -> None:
    """Ten times the same people say no more than once."""
    once = lists(300, LOOKS, lambda job: 0.3)
    often = [replace(one, revision=n) for n in range(10) for one in once]
    a, b = taken_rate(once, OPENED).corrected, taken_rate(often, OPENED).corrected
    assert b.high - b.low == pytest.approx(a.high - a.low, rel=0.2)
    assert a.low < a.mean < a.high


def test_a_taking_counts_for_no_more_than_the_clip() -> None:
    rows = [row("ana", propensity=0.01, outcome="opened"), row("beto", propensity=1.0)]
    assert weights_of(rows).tolist() == [10.0, 1.0]
    assert taken_rate(rows, OPENED, clip=4.0).corrected.mean == 2.0
    assert taken_rate(rows, OPENED).corrected.mean == 5.0


def test_a_share_of_what_was_opened_is_normalised() -> None:
    """Half of those who open apply, from whatever place; never more than all."""
    rows = weighed(lists(6_000, LOOKS, lambda job: 0.3), lambda rank: LOOKS[rank - 1])
    found = share_among(rows, APPLIED, OPENED)
    assert found.corrected.mean == pytest.approx(0.5, abs=0.03)
    assert found.corrected.low < 0.5 < found.corrected.high
    everything = share_among(rows, OPENED, OPENED)
    assert everything.corrected.low == pytest.approx(1.0)
    assert everything.corrected.high == pytest.approx(1.0)


def test_a_share_by_place_is_what_it_would_be_if_all_places_were_looked_at() -> None:
    """Those who are shown far down apply more once they open: raw shares hear too few of them."""
    up = [row(f"a{n}", outcome="opened", propensity=1.0) for n in range(100)]
    down = [row(f"b{n}", outcome="applied", propensity=0.25) for n in range(25)]
    found = share_among([*up, *down], APPLIED, OPENED)
    assert found.raw.mean == 0.2
    assert found.corrected.mean == 0.5


def test_of_nothing_there_is_no_rate() -> None:
    found = taken_rate([], OPENED)
    assert (found.shown, found.effective) == (0, 0.0)
    assert found.told()["corrected"] == {"mean": None, "low": None, "high": None}


def test_of_one_person_nothing_is_sure() -> None:
    found = taken_rate([row("ana", outcome="opened"), row("ana")], OPENED).corrected
    assert (found.mean, found.low, found.high) == (0.5, 0.0, float("inf"))


def test_an_interval_holds_the_rate_about_as_often_as_it_says() -> None:
    held = 0
    for seed in range(60):
        rows = lists(150, LOOKS, lambda job: 0.3, seed=seed)
        found = taken_rate(weighed(rows, lambda rank: LOOKS[rank - 1]), OPENED).corrected
        held += found.low <= 0.3 <= found.high
    assert held >= 52


def test_the_effective_size_is_kishs() -> None:
    assert effective_size(np.array([1.0, 1.0, 1.0])) == pytest.approx(3.0)
    assert effective_size(np.array([3.0, 1.0])) == pytest.approx(16 / 10)
