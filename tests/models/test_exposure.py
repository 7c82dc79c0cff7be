"""Penalties are bounded, the same everywhere, and spread attention; the figures that say so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluation import exposing
from models.evaluation.congestion import describe, gini, kept_score, report, simulate
from models.evaluation.tasks import Task
from models.exposure import Bounds, Exposure

BOUNDS = Bounds(most=0.2, free=2, half=4, keep=128)


def _epoch(exposure: Exposure, shown: list[str], **vacancies: int) -> dict[str, float]:
    exposure.shown(shown)
    return exposure.end_epoch(vacancies)


def test_a_penalty_worked_out_by_hand() -> None:
    exposure = Exposure(BOUNDS)
    # 8 rankings, 1 vacancy: 6 beyond the free 2, 6 / (6 + 4) of 0.2; 2 rankings are free
    assert _epoch(exposure, ["a"] * 8 + ["b"] * 2, a=1, b=1) == {"a": 0.12}
    # half is left: 4, so 2 beyond, 2 / 6 of 0.2
    assert _epoch(exposure, [], a=1, b=1) == {"a": 0.0667}
    # with 4 vacancies 8 rankings are free
    assert _epoch(Exposure(BOUNDS), ["a"] * 8, a=4) == {}


def test_counts_go_to_nothing_and_the_closed_are_forgotten() -> None:
    exposure = Exposure(BOUNDS)
    assert _epoch(exposure, ["a"] * 50 + ["b"] * 50, a=1).keys() == {"a"}
    assert exposure.state().keys() == {"a"}
    for _ in range(40):
        exposure.end_epoch({"a": 1, "b": 1})
    assert exposure.state() == {}


def test_off_by_default() -> None:
    assert _epoch(Exposure(Bounds()), ["a"] * 1000, a=1) == {}


@given(st.lists(st.sampled_from("abc"), max_size=60), st.randoms())
def test_bounded_and_the_same_in_any_order(shown: list[str], rng: object) -> None:
    mixed = sorted(shown)
    vacancies = {"a": 1, "b": 3, "c": 0}
    one, other = Exposure(BOUNDS), Exposure(BOUNDS)
    first, second = _epoch(one, shown, **vacancies), _epoch(other, mixed, **vacancies)
    assert first == second
    assert one.state() == other.state()
    assert all(0.0 < penalty < BOUNDS.most for penalty in first.values())
    resumed = Exposure(BOUNDS, one.state())
    assert _epoch(resumed, shown, **vacancies) == _epoch(one, shown, **vacancies)


def test_a_ranking_taken_back_does_not_count() -> None:
    exposure = Exposure(BOUNDS)
    exposure.shown(["a"], -1)
    exposure.shown(["a"] * 9)
    assert exposure.end_epoch({"a": 1}) == _epoch(Exposure(BOUNDS), ["a"] * 8, a=1)


@pytest.mark.parametrize("wrong", [Bounds(-0.1), Bounds(1.0), Bounds(0.1, half=0),
                                   Bounds(0.1, keep=300)])  # fmt: skip
def test_bounds_that_bound_nothing_are_refused(wrong: Bounds) -> None:
    with pytest.raises(ValueError):
        Exposure(wrong)


def test_gini() -> None:
    assert gini(np.array([2.0, 2.0, 2.0])) == pytest.approx(0.0)
    assert gini(np.array([0.0, 0.0, 0.0, 8.0])) == pytest.approx(0.75)
    # mean difference of all pairs over twice the mean: (1 + 2 + 1) * 2 / 9 / (2 * 2)
    assert gini(np.array([1.0, 2.0, 3.0])) == pytest.approx(8 / 9 / 4)
    assert gini(np.zeros(3)) == 0.0


def _crowded() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    rng = np.random.default_rng(1)
    liked = np.linspace(0.3, 0.6, 60)  # everybody likes the same jobs best
    return np.clip(liked + rng.normal(0, 0.03, (80, 60)), 0, 1)


def test_a_penalty_spreads_attention_at_a_bounded_cost() -> None:
    scores = _crowded()
    found = report(scores, [1] * 60, kept_score(scores), (0.0, 0.1, 0.2))
    ginis = [row["gini"] for row in found["rows"]]
    assert ginis[0] > ginis[1] > ginis[2]
    assert found["rows"][2]["coverage"] > found["rows"][0]["coverage"]
    assert found["rows"][0]["quality"] == 1.0
    assert 0.6 < found["rows"][2]["quality"] < 1.0


def test_what_is_out_of_the_question_is_never_shown() -> None:
    scores = _crowded()
    scores[:, 59] = -np.inf
    rankings = simulate(scores, [1] * 60, Bounds(0.2))
    assert all(59 not in ranking and len(ranking) == 10 for ranking in rankings)
    scores[0, 3:] = -np.inf
    assert sorted(simulate(scores, [1] * 60, Bounds(0.2))[0]) == [0, 1, 2]
    assert {len(ranking) for ranking in simulate(scores, [1] * 60, Bounds(), top=2)} == {2}
    figures = describe(rankings, [1] * 60, kept_score(scores))
    assert figures["coverage"] <= 59 / 60


def test_titles_as_people_and_jobs() -> None:
    # 40 titles in pairs; all like the first best, then their own partner
    n = 40
    near = np.full((n, n), 0.1, np.float32)
    for i in range(n):
        near[i, i ^ 1] = 0.8
    near[:, 0] = 0.85  # on the scale of scores 0.13 above the partner
    names = [str(i) for i in range(n)]
    task = Task("toy", names, names, [{i ^ 1} for i in range(n)], list(range(n)))
    found = exposing.of_titles(task, lambda q, d: near)
    before, *_, after = found["rows"]
    assert (found["people"], found["jobs"]) == (n, n)
    assert before["most"] == 0.0
    assert after["quality"] > before["quality"], "the partner comes before the one all like"
    assert before["gini"] >= after["gini"]
