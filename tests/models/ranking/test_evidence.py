"""Evidence is bounded, moves scores the right way, and a ranker's bounds hold for every pair."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.blend import BlendRanker, make_ranker
from models.ranking.evidence import (
    HIGHEST,
    LOWEST,
    NAMES,
    closeness,
    jobs_side,
    minutes,
    parts,
    people_side,
)
from models.ranking.weights import Weights, shipped_weights
from models.search.matrix import quantise

people = st.fixed_dictionaries(
    {"text": st.sampled_from(["cocinera y lavo platos", "albañil", "chofer de combi", "chamba"])},
    optional={
        "ubigeo": st.sampled_from(["150101", "150132", "080101", "999999"]),
        "min_pay": st.sampled_from([0.0, 800.0, 2500.0]),
        "relocate": st.booleans(),
        "experience_years": st.sampled_from([0.0, 1.5, 80.0]),
    },
)
jobs = st.fixed_dictionaries(
    {"title": st.sampled_from(["Ayudante de cocina", "Maestro de obra", "Conductor", "Urgente"])},
    optional={
        "ubigeo": st.sampled_from(["150101", "210101", "999999"]),
        "pay_max": st.sampled_from([1.0, 950.0, 9000.0]),
        "remote": st.booleans(),
        "experience_years": st.sampled_from([0.0, 2.0, 100.0]),
    },
)


def evidence(person: dict[str, Any], job: dict[str, Any]) -> dict[str, float]:
    found = parts(people_side([person_attrs(person)]), jobs_side([job_attrs(job)]))
    return dict(zip(NAMES, found[:, 0].tolist(), strict=True))


@given(people, jobs)
def test_every_part_stays_within_its_range(person: dict[str, Any], job: dict[str, Any]) -> None:
    found = evidence(person, job)
    for name, low, high in zip(NAMES, LOWEST, HIGHEST, strict=True):
        assert low <= found[name] <= high


@given(st.lists(people, min_size=1, max_size=4), st.lists(jobs, min_size=1, max_size=4))
def test_many_pairs_at_once_are_each_pair_alone(
    those: list[dict[str, Any]], these: list[dict[str, Any]]
) -> None:
    pairs = [(p, j) for p in those for j in these]
    together = parts(
        people_side([person_attrs(p) for p, _ in pairs]),
        jobs_side([job_attrs(j) for _, j in pairs]),
    )
    for column, (p, j) in zip(together.T, pairs, strict=True):
        assert column.tolist() == list(evidence(p, j).values())


def test_what_is_not_stated_is_no_evidence() -> None:
    assert set(evidence({"text": "hola"}, {"title": "x"}).values()) == {0.0}


def test_evidence_points_the_right_way() -> None:
    cook = {"text": "cocinera", "ubigeo": "150101", "min_pay": 1200.0, "experience_years": 1.0}
    near = {"title": "Cocinero", "ubigeo": "150101", "pay_max": 1800.0, "experience_years": 1.0}
    far = {**near, "ubigeo": "080101"}
    assert evidence(cook, near)["travel"] == 0.0 > evidence(cook, far)["travel"]
    assert evidence(cook, far)["travel"] < evidence({**cook, "relocate": True}, far)["travel"] < 0
    assert evidence(cook, {**far, "remote": True})["travel"] == 0.0
    assert evidence(cook, near)["pay"] > 0.0 > evidence(cook, {**near, "pay_max": 900.0})["pay"]
    assert evidence(cook, near)["experience"] == 0.0
    assert evidence(cook, {**near, "experience_years": 4.0})["experience"] == -1.0
    helper = {**near, "title": "Ayudante de cocina"}
    driver = {**near, "title": "Conductor de camión"}
    assert evidence(cook, near)["occupation"] == 1.0
    assert 1.0 > evidence(cook, helper)["occupation"] >= evidence(cook, driver)["occupation"]


def test_codes_are_as_near_as_their_shared_digits() -> None:
    ours = np.array([[5120, 0, 0]] * 5, np.int16)
    theirs = np.array(
        [[5120, 9, 0], [5121, 0, 0], [5131, 0, 0], [5311, 0, 0], [7112, 0, 0]], np.int16
    )
    assert closeness(ours, theirs).tolist() == [1.0, 0.6, 0.35, 0.15, 0.0]
    nothing = np.zeros((1, 3), np.int16)
    assert closeness(ours[:1], nothing).tolist() == closeness(nothing, nothing).tolist() == [0.0]


codes = st.lists(
    st.sampled_from([0, 110, 5120, 7112, 7123, 7126, 7212, 9313]), min_size=3, max_size=3
)


@given(st.lists(st.tuples(codes, codes), min_size=1, max_size=5))
def test_of_several_codes_the_nearest_count(pairs: list[tuple[list[int], list[int]]]) -> None:
    def alone(a: int, b: int) -> float:
        return float(closeness(np.array([[a]], np.int16), np.array([[b]], np.int16))[0])

    ours, theirs = (np.array(side, np.int16) for side in zip(*pairs, strict=True))
    expected = [max(alone(a, b) for a in mine for b in other) for mine, other in pairs]
    assert closeness(ours, theirs).tolist() == expected
    assert (closeness(ours, theirs) == closeness(theirs, ours)).all()


def test_travel_takes_longer_the_farther_it_is() -> None:
    took = minutes(np.array([0.0, 5.0, 20.0, 100.0]))
    assert took[0] == 0.0
    assert (np.diff(took) > 0).all()
    assert took[1] == pytest.approx(60 * 5 * 1.3 / 18)


@given(
    people,
    jobs,
    st.floats(-1, 1.2),
    st.tuples(*[st.floats(0, 0.6)] * len(NAMES)),
    st.integers(0, 10_000),
    st.tuples(st.sampled_from([0.0, 0.1, 0.5]), st.floats(0, 1)),
)
def test_a_shortlist_by_the_bounds_misses_nothing(
    person: dict[str, Any],
    job: dict[str, Any],
    dot: float,
    weights: tuple[float, ...],
    wish: int,
    exposure: tuple[float, float],
) -> None:
    most, penalty = exposure
    ranker = BlendRanker(0, Weights("t", 0.0, weights, 12.0, -8.0, 0.3, 0.5), exposure=most)
    sides = people_side([person_attrs(person)]), jobs_side([job_attrs(job, penalty)])
    score = ranker.scores(np.array([dot]), *sides)[0]
    wanted = np.array([wish / 10_000])
    if score >= wanted[0]:
        assert dot >= ranker.least_dot(wanted)[0]
    if dot >= ranker.sure_dot(wanted)[0]:
        assert score >= wanted[0]


@pytest.mark.parametrize("exposure", [0.0, 0.3])
@given(people, jobs, st.integers(0, 99))
def test_components_add_up_to_the_score(
    exposure: float, person: dict[str, Any], job: dict[str, Any], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    ranker = make_ranker("blend", exposure=exposure)
    a, b = (quantise(v / np.linalg.norm(v)) for v in rng.normal(size=(2, 480)))
    sides = people_side([person_attrs(person)]), jobs_side([job_attrs(job, 0.2)])
    dot = np.array([a.astype(np.float64) @ b.astype(np.float64)])
    (made_of,) = ranker.components(a[None], b[None], *sides)
    assert sum(made_of.values()) == pytest.approx(ranker.scores(dot, *sides)[0], abs=1e-9)


@pytest.mark.parametrize("wanted", [0.05, 0.3, 0.55, 0.7, 0.9])
def test_a_sure_dot_reaches_its_score_with_the_largest_penalty(wanted: float) -> None:
    ranker = BlendRanker(
        0, Weights("t", 0.0, (0.0,) * len(NAMES), 5.0, 0.0, 0.2, 0.5), exposure=0.3
    )
    dot = ranker.sure_dot(np.array([wanted]))
    sides = people_side([person_attrs({})]), jobs_side([job_attrs({}, 1.0)])
    if np.isfinite(dot[0]):
        assert ranker.scores(dot, *sides)[0] >= wanted


def test_exposure_takes_places_and_never_a_match() -> None:
    weights = Weights("t", 0.0, (0.0,) * len(NAMES), 1.0, 0.0, 0.6, 0.7)
    ranker, plain = BlendRanker(0, weights, exposure=0.2), BlendRanker(0, weights)
    nobody = people_side([person_attrs({})])
    dots = np.array([2.0, 0.5, -1.0])
    before = plain.scores(dots, nobody, jobs_side([job_attrs({})] * 3))
    assert before.tolist() == [0.8808, 0.6225, 0.2689]
    after = ranker.scores(dots, nobody, jobs_side([job_attrs({}, 0.1)] * 3))
    assert after.tolist() == pytest.approx([0.7808, 0.6, 0.2689])
    bounded = ranker.scores(dots[:1], nobody, jobs_side([job_attrs({}, 0.9)]))
    assert bounded[0] == pytest.approx(0.6808), "never more than the setting"


def test_the_shipped_weights_are_usable() -> None:
    weights = shipped_weights()
    assert weights.slope > 0
    assert 0 < weights.threshold < 1
    assert min(weights.evidence) >= 0
