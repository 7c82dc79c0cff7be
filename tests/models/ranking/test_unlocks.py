"""What one step would open is what opens when somebody takes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.blend import BlendRanker
from models.ranking.evidence import people_side
from models.ranking.ranker import ActiveJob, DenseRanker, Person, rank
from models.ranking.unlocks import (
    CODES,
    DISTANCE,
    KM,
    Step,
    Unlock,
    after,
    count_unlocks,
    steps,
    unlocks,
)
from models.ranking.weights import Weights
from schemas.matches import MAX_UNLOCKED, MAX_UNLOCKS
from schemas.vocab import EDUCATION
from tests.support.steps import CUSCO, FAR, LIMA, NEAR, ads, people

RANKER = DenseRanker(0.5)
BLEND = BlendRanker(0, Weights("t", 0.0, (0.3, 0.2, 0.1, 0.1), 8.0, -5.0, 0.3, 0.3), exposure=0.2)


def _unit(score: float) -> np.ndarray[Any, np.dtype[np.float16]]:
    return np.array([score, (1 - score**2) ** 0.5], np.float16)


def _jobs(*fields: dict[str, Any], score: float = 0.9) -> list[ActiveJob]:
    return [ActiveJob(f"j{i}", _unit(score), job_attrs(one)) for i, one in enumerate(fields)]


def _person(fields: dict[str, Any], excluded: frozenset[str] = frozenset()) -> Person:
    return Person("p", _unit(1.0), person_attrs({"text": "chamba", **fields}), excluded)


def _taken(fields: dict[str, Any], step: Unlock | Step) -> dict[str, Any]:
    """The profile of somebody who took a step."""
    value = step.value
    if step.code == DISTANCE:
        return {**fields, "max_distance_km": fields.get("max_distance_km", 60.0) + int(value)}
    if step.code == "education":
        return {**fields, "education": value}
    if step.code == "licence":
        held = fields["licence"]
        return {**fields, "licence": str(value) if held == "none" else f"{held} {value}"}
    name = {"shift": "shifts", "language": "languages"}[step.code]
    return {**fields, name: [*fields[name], value]}


@given(people, st.lists(ads, max_size=12), st.lists(st.sampled_from([0.2, 0.6, 0.9]), min_size=12))
@pytest.mark.parametrize("ranker", [RANKER, BLEND])
def test_who_takes_a_step_has_just_the_jobs_that_were_counted(
    ranker: DenseRanker | BlendRanker,
    fields: dict[str, Any],
    asked: list[dict[str, Any]],
    scores: list[float],
) -> None:
    jobs = [
        ActiveJob(f"j{i}", _unit(score), job_attrs(one))
        for i, (one, score) in enumerate(zip(asked, scores, strict=False))
    ]
    before = {place.job_id for place in rank(_person(fields), jobs, ranker, 99)}
    told = unlocks(_person(fields), jobs, ranker)
    for unlock in told:
        now = {place.job_id for place in rank(_person(_taken(fields, unlock)), jobs, ranker, 99)}
        assert before < now
        assert len(now - before) == unlock.jobs
    assert [unlock.jobs for unlock in told] == sorted((u.jobs for u in told), reverse=True)
    assert len(told) == len({unlock.code for unlock in told}) <= MAX_UNLOCKS
    # what is not told opens nothing, or more is told instead
    for code in set(CODES) - {unlock.code for unlock in told} if len(told) < MAX_UNLOCKS else ():
        for step in steps(code):
            person = Person("p", _unit(1.0), after(person_attrs(fields), step))
            assert {place.job_id for place in rank(person, jobs, ranker, 99)} == before


@given(people, st.sampled_from(CODES), st.data())
def test_a_step_is_what_a_new_profile_would_say(
    fields: dict[str, Any], code: str, data: st.DataObject
) -> None:
    known = person_attrs(fields)
    step = data.draw(st.sampled_from(steps(code)))
    stated = {"shift": "shifts", "language": "languages"}.get(code, code)
    taken = after(known, step)
    if code != DISTANCE and stated not in fields:
        assert taken == known, "who states nothing has all of it"
        return
    if code == DISTANCE and (fields.get("relocate") and "max_distance_km" not in fields):
        assert taken == known, "who would move goes anywhere"
        return
    if code == "education" and EDUCATION.index(str(step.value)) < EDUCATION.index(
        fields["education"]
    ):
        assert taken == known, "nobody unlearns"
        return
    now = person_attrs(_taken(fields, step))
    assert (taken.have, taken.radius_km) == (now.have, now.radius_km)


@given(people, st.sampled_from([step for code in CODES for step in steps(code)]))
def test_a_step_changes_nothing_that_the_ranker_reads(fields: dict[str, Any], step: Step) -> None:
    before, now = (
        people_side([person_attrs(fields)]),
        people_side([after(person_attrs(fields), step)]),
    )
    for name in before.__dataclass_fields__:
        assert np.array_equal(getattr(before, name), getattr(now, name)), name


def test_one_step_of_a_kind_the_most_jobs_first() -> None:
    driver = {
        "licence": "A-I", "education": "secundaria", "shifts": ["day"], "languages": ["es"],
        "ubigeo": LIMA, "max_distance_km": 30.0,
    }  # fmt: skip
    jobs = _jobs(
        *[{"licence": "A-IIb"}] * 3, {"licence": "A-IIa"}, {"licence": "A-IIIc"},
        {"education": "universitaria"}, {"education": "universitaria"}, {"education": "tecnica"},
        {"shift": "night"}, {"shift": "rotating"}, {"shift": "night"},
        {"ubigeo": NEAR}, {"ubigeo": NEAR}, {"ubigeo": FAR}, {"ubigeo": CUSCO},
        {"licence": "A-IIb", "shift": "night"}, {"licence": "B-I", "ubigeo": FAR}, {},
    )  # fmt: skip
    assert unlocks(_person(driver), jobs, RANKER) == (
        Unlock("licence", "A-IIb", 4),
        Unlock("shift", "night", 3),
        Unlock(DISTANCE, 10, 2),
    )


def test_a_language_is_told_only_if_ads_ask_for_it() -> None:
    speaker = {"languages": ["es"]}
    jobs = _jobs({"languages": ["qu", "es"]}, {"languages": ["qu", "ay"]}, {"languages": ["es"]})
    assert unlocks(_person(speaker), jobs, RANKER) == (Unlock("language", "qu", 1),)
    assert unlocks(_person({}), jobs, RANKER) == (), "who does not say may speak them"


def test_only_what_is_worth_a_message_and_not_left_out_counts() -> None:
    walker = {"licence": "none"}
    jobs = _jobs({"licence": "A-I"}, {"licence": "A-I"})
    weak = [ActiveJob("weak", _unit(0.49), job_attrs({"licence": "A-I"}))]
    assert unlocks(_person(walker), jobs + weak, RANKER) == (Unlock("licence", "A-I", 2),)
    left_out = _person(walker, frozenset({"j0"}))
    assert unlocks(left_out, jobs + weak, RANKER) == (Unlock("licence", "A-I", 1),)


def test_exposure_takes_nothing_from_what_is_counted() -> None:
    jobs = [ActiveJob("j", _unit(0.8), job_attrs({"licence": "A-I"}, 1.0))]
    ranker = BlendRanker(0, Weights("t", 0.0, (0.0,) * 4, 1.0, 0.0, 0.2, 0.6), exposure=0.3)
    assert unlocks(_person({"licence": "none"}), jobs, ranker) == (Unlock("licence", "A-I", 1),)


def test_near_duplicates_count_once_and_many_count_as_many() -> None:
    walker = person_attrs({"licence": "none"})

    def wanted(count: int, *signatures: bytes) -> list[ActiveJob]:
        attrs = job_attrs({"licence": "A-I"})
        return [
            ActiveJob(f"j{i:02}", _unit(0.9), attrs, signatures[i % len(signatures)])
            for i in range(count)
        ]

    copies = [b"k" * 8 + bytes(15) + bytes([i]) for i in range(2)]
    assert count_unlocks(walker, wanted(6, *copies, b"")) == (Unlock("licence", "A-I", 3),)
    others = [b"k" * 8 + bytes([i] * 16) for i in (0, 255)]
    assert count_unlocks(walker, wanted(6, *others)) == (Unlock("licence", "A-I", 2),)
    many = wanted(MAX_UNLOCKED + 5, b"")
    assert count_unlocks(walker, many) == (Unlock("licence", "A-I", MAX_UNLOCKED),)


def test_the_least_distance_that_opens_anything() -> None:
    for radius, km in ((30.0, 10), (20.0, 20), (0.0, 40)):
        person = _person({"ubigeo": LIMA, "max_distance_km": radius})
        assert unlocks(person, _jobs({"ubigeo": NEAR}), RANKER) == (Unlock(DISTANCE, km, 1),)
    assert unlocks(_person({"ubigeo": LIMA}), _jobs({"ubigeo": CUSCO}), RANKER) == ()
    assert max(KM) == 40
