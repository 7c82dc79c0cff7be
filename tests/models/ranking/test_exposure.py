"""Penalties are bounded, the same everywhere, and spread attention; the figures that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.encoding.lexical import lexical_vectors
from models.evaluation import exposing
from models.evaluation.congestion import MOST, gini, kept_score, report, simulate
from models.evaluation.graded import Graded
from models.evaluation.tasks import Task
from models.evaluation.whole import Whole
from models.ranking.exposure import Bounds, end_epoch, penalty
from models.ranking.weights import shipped_weights
from schemas.job import Job
from schemas.profile import Profile

BOUNDS = Bounds(most=0.2, free=2, half=4, keep=0.5)
counts = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 200))


def test_a_penalty_worked_out_by_hand() -> None:
    # 16 rankings, half of which count at once: 8, 6 beyond the free 2, 6 / (6 + 4) of 0.2
    first = end_epoch({}, {"a": 16, "b": 4}, {"a": 1, "b": 1}, BOUNDS)
    assert first.penalties == {"a": 0.12}
    assert first.counts == {"a": 8.0, "b": 2.0}
    # half is left: 4, so 2 beyond, 2 / 6 of 0.2
    assert end_epoch(first.counts, {}, {"a": 1, "b": 1}, BOUNDS).penalties == {"a": 0.0667}
    # with 4 vacancies 8 rankings are free
    assert end_epoch({}, {"a": 16}, {"a": 4}, BOUNDS).penalties == {}


def test_a_job_as_popular_as_ever_keeps_its_count() -> None:
    held: Mapping[str, float] = {"from below": 0.0, "from above": 90.0}
    open_jobs = dict.fromkeys(held, 1)
    for _ in range(20):
        held = end_epoch(held, dict.fromkeys(held, 30), open_jobs, BOUNDS).counts
    assert held == pytest.approx({"from below": 30.0, "from above": 30.0}, abs=0.01)


def test_counts_go_to_nothing_and_the_closed_are_forgotten() -> None:
    held = end_epoch({"b": 9.0}, {"a": 50, "b": 50}, {"a": 1}, BOUNDS)
    assert held.penalties.keys() == held.counts.keys() == {"a"}
    for _ in range(40):
        held = end_epoch(held.counts, {}, {"a": 1, "b": 1}, BOUNDS)
    assert held == ({}, {})


def test_off_by_default() -> None:
    assert end_epoch({}, {"a": 1000}, {"a": 1}, Bounds()).penalties == {}


def _turned(amounts: dict[str, int]) -> dict[str, int]:
    return dict(reversed(amounts.items()))


@given(counts, counts, st.dictionaries(st.sampled_from("abcd"), st.integers(0, 9)))
def test_bounded_and_the_same_in_any_order(
    held: dict[str, int], shown: dict[str, int], vacancies: dict[str, int]
) -> None:
    found = end_epoch(held, shown, vacancies, BOUNDS)
    again = end_epoch(_turned(held), _turned(shown), _turned(vacancies), BOUNDS)
    assert list(found.counts.items()) == list(again.counts.items())
    assert list(found.penalties.items()) == list(again.penalties.items())
    assert all(0.0 < value <= BOUNDS.most for value in found.penalties.values())


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_more_rankings_never_cost_less(load: float, more: float) -> None:
    assert penalty(load, BOUNDS) <= penalty(load + more, BOUNDS)


@pytest.mark.parametrize(
    "wrong", [{"most": -0.1}, {"most": 1.0}, {"half": 0.0}, {"keep": 1.0}, {"free": -1.0}]
)
def test_bounds_that_bound_nothing_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        Bounds(**wrong)


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
    found = report(scores, [1] * 60, kept_score(scores, 10), 10, most=(0.0, 0.1, 0.2))
    none, some, much = found["rows"]
    assert none["gini"] > some["gini"] > much["gini"]
    assert much["coverage"] > none["coverage"]
    assert (none["quality"], none["changed"]) == (1.0, 0.0)
    assert 0.6 < much["quality"] < some["quality"] < 1.0
    assert 0.0 < some["changed"] < much["changed"] < 1.0


def test_many_vacancies_bear_many_rankings() -> None:
    scores = _crowded()
    places = [1] * 59 + [80]  # the best liked has a place for everybody
    shown = [ranking[:10] for ranking in simulate(scores, places, Bounds(0.2, 1, 1), 10)[-1]]
    assert all(59 in ranking for ranking in shown)
    shown = [ranking[:10] for ranking in simulate(scores, [1] * 60, Bounds(0.2, 1, 1), 10)[-1]]
    assert not all(59 in ranking for ranking in shown)


def test_what_is_out_of_the_question_is_never_ranked() -> None:
    scores = _crowded()
    scores[:, 59] = -np.inf
    scores[0, 3:] = -np.inf
    for rankings in simulate(scores, [1] * 60, Bounds(0.2), 10):
        assert sorted(rankings[0]) == [0, 1, 2]
        assert all(59 not in ranking and len(ranking) == 59 for ranking in rankings[1:])


def test_no_penalty_goes_below_the_floor() -> None:
    scores = np.tile([0.6, 0.5, 0.3, 0.2], (30, 1))
    ends = simulate(scores, [1] * 4, Bounds(0.9, 15, 0.1), 2, floor=0.4)
    assert all(set(ranking[:2]) == {0, 1} for rankings in ends for ranking in rankings)
    ends = simulate(scores, [1] * 4, Bounds(0.9, 15, 0.1), 2, floor=0.1)
    assert any(set(ranking[:2]) != {0, 1} for rankings in ends for ranking in rankings)


def test_titles_as_people_and_jobs() -> None:
    # 40 titles in pairs: all like the first best, then their own partner
    n = 40
    near = np.full((n, n), 0.1, np.float32)
    for i in range(n):
        near[i, i ^ 1] = 0.8
    near[:, 0] = 0.82  # less above the partner than a penalty can be
    np.fill_diagonal(near, 0.99)
    names = [str(i) for i in range(n)]
    task = Task("toy", names, names, [{i ^ 1} for i in range(n)], list(range(n)))
    found = exposing.of_titles(task, lambda q, d: near)
    before, *_, after = found["cases"][1]["rows"]
    assert found["cases"][1]["jobs"] == n
    assert before["most"] == 0.0
    second = 1 / np.log2(3)  # nobody finds themselves; two find their partner first
    assert before["quality"] == pytest.approx((2 + 38 * second) / n, abs=1e-4)
    assert after["quality"] > before["quality"], "the partner comes before the one all like"


class _Spelling:
    """Vectors of spelling in place of an encoder's."""

    def encode(self, texts: Sequence[str], kind: Any) -> Any:
        return lexical_vectors(texts)


def test_the_penalty_moves_the_rankings_of_people_and_jobs() -> None:
    trades = ("cocina", "mozo", "chofer", "sastre", "pintor", "vigilante", "albañil", "soldador")
    people = [Profile(profile_id=f"p{i}", text=trades[i % 3]) for i in range(30)]
    jobs = [Job(job_id=f"{t} {i}", title=f"{t} {i}") for t in trades for i in range(6)]
    whole = Whole(_Spelling())
    for case in exposing.of_samples(people, jobs, whole)["cases"]:
        rows = case["rows"]
        assert [row["most"] for row in rows] == list(MOST)
        assert all(row["changed"] > 0.0 for row in rows[1:])


def test_a_ranking_is_measured_with_the_weights_it_is_given() -> None:
    people = [Profile(profile_id="p", text="soy cocinero")]
    jobs = [Job(job_id=title, title=title) for title in ("cocinero", "ayudante de cocina")]
    shipped = shipped_weights()
    plain = Whole(_Spelling()).scores(people, jobs)
    assert np.array_equal(plain, Whole(_Spelling(), weights=shipped).scores(people, jobs))
    looser = replace(shipped, offset=shipped.offset - 1, threshold=0.0)
    other = Whole(_Spelling(), weights=looser)
    assert (other.scores(people, jobs) != plain).all()
    few, _ = exposing.of_samples(people, jobs, Whole(_Spelling()))["cases"]
    many, _ = exposing.of_samples(people, jobs, other)["cases"]
    assert few["rows"][0]["coverage"] < many["rows"][0]["coverage"], "by their own threshold"


def test_quality_is_that_of_judged_jobs() -> None:
    people = [Profile(profile_id="p", text="soy cocinero")]
    jobs = [Job(job_id=t, title=t) for t in ("cocinero", "ayudante de cocina", "chofer")]
    nothing_fails = np.zeros((1, 3), np.bool_)
    judged = Graded(people, jobs, [{}], np.zeros(3, np.bool_), [{1: 3.0, 2: 0.0}], nothing_fails)
    found = exposing.of_judged(judged, Whole(_Spelling()))
    assert found["cases"][1]["rows"][0]["quality"] == 1.0, "nobody judged the first place"
