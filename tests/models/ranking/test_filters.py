"""What filters and what never does; columns equal the scalar definition."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ranking.attrs import (
    CANARY,
    HOUSES,
    NO_AGE,
    RELOCATE,
    JobAttrs,
    PersonAttrs,
    job_attrs,
    monthly,
    person_attrs,
)
from models.ranking.bits import ALL
from models.ranking.filters import (
    JobColumns,
    PeopleColumns,
    eligible,
    eligible_jobs,
    eligible_people,
)
from models.reading.districts import DISTRICTS
from models.reading.geo import district_index
from schemas import Job, Profile, validate, vocab


def person(**fields: Any) -> PersonAttrs:
    return person_attrs(validate(Profile, {"profile_id": "a", "text": "x", **fields}))


def job(**fields: Any) -> JobAttrs:
    return job_attrs(validate(Job, {"job_id": "a", "title": "x", **fields}))


def fits(states: dict[str, Any], asks: dict[str, Any]) -> bool:
    return eligible(person(**states), job(**asks))


COMAS, OLIVOS, CUSCO, CANETE = "150110", "150117", "080101", "150501"
PAIRS: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({"licence": "A-IIb"}, {"licence": "A-IIa"}, True),
    ({"licence": "A-IIa"}, {"licence": "A-IIb"}, False),
    ({"licence": "A-IIIa"}, {"licence": "A-IIIb"}, False),
    ({"licence": "A-IIIc"}, {"licence": "A-IIIb"}, True),
    ({"licence": "A-IIIc"}, {"licence": "B-IIb"}, False),
    ({"licence": "A-I y B-IIb"}, {"licence": "B-IIb"}, True),
    ({"licence": "no tengo"}, {"licence": "A-I"}, False),
    ({"licence": "no tengo"}, {"licence": "no requiere"}, True),
    ({"licence": "unreadable"}, {"licence": "A-IIIc"}, True),
    ({"languages": ["es"]}, {"languages": ["qu"]}, False),
    ({"languages": ["es", "qu"]}, {"languages": ["qu", "es"]}, True),
    ({"languages": ["es"]}, {"languages": ["es", "qu"]}, False),
    ({"languages": ["es"]}, {"languages": ["klingon"]}, True),
    ({"languages": []}, {"languages": ["qu"]}, True),
    ({"age": 17}, {"min_age": 18}, False),
    ({"age": 18}, {"min_age": 18}, True),
    ({"education": "secundaria"}, {"education": "tecnica"}, False),
    ({"education": "universitaria"}, {"education": "tecnica"}, True),
    ({"education": "ninguna"}, {"education": "primaria"}, False),
    ({"education": "ninguna"}, {"education": "ninguna"}, True),
    ({"shifts": ["day"]}, {"shift": "night"}, False),
    ({"shifts": ["day"]}, {"shift": "rotating"}, False),
    ({"shifts": ["day", "night"]}, {"shift": "rotating"}, True),
    ({"shifts": ["rotating"]}, {"shift": "night"}, True),
    ({"shifts": ["part_time"]}, {"shift": "day"}, False),
    ({"min_pay": 1200, "pay_period": "month"}, {"pay_max": 1199, "pay_period": "month"}, False),
    ({"min_pay": 1200, "pay_period": "month"}, {"pay_min": 1200, "pay_period": "month"}, True),
    ({"min_pay": 1200, "pay_period": "month"}, {"pay_min": 900, "pay_max": 1300}, True),
    ({"min_pay": 70, "pay_period": "day"}, {"pay_max": 70, "pay_period": "day"}, True),
    ({"min_pay": 70, "pay_period": "day"}, {"pay_max": 1820, "pay_period": "month"}, True),
    ({"min_pay": 70, "pay_period": "day"}, {"pay_max": 1819, "pay_period": "month"}, False),
    ({"min_pay": 10, "pay_period": "hour"}, {"pay_max": 2000, "pay_period": "month"}, False),
    ({"min_pay": 300, "pay_period": "week"}, {"pay_max": 1300, "pay_period": "month"}, True),
    ({"min_pay": 1200}, {"pay_max": 0, "pay_period": "month"}, True),
    ({"min_pay": 1200}, {"pay_max": 60}, True),  # 60 soles for we know not what
    ({"min_pay": 60}, {"pay_max": 50, "pay_period": "day"}, True),
    ({"ubigeo": COMAS, "max_distance_km": 10}, {"ubigeo": OLIVOS}, True),
    ({"ubigeo": COMAS, "max_distance_km": 10}, {"ubigeo": CUSCO}, False),
    ({"ubigeo": COMAS, "max_distance_km": 10}, {"ubigeo": CUSCO, "remote": True}, True),
    ({"ubigeo": COMAS, "max_distance_km": 10, "relocate": True}, {"ubigeo": CUSCO}, False),
    (
        {"ubigeo": COMAS, "max_distance_km": 10, "relocate": True},
        {"ubigeo": CUSCO, "lodging": True},
        True,
    ),
    (
        {"ubigeo": COMAS, "max_distance_km": 10, "relocate": True},
        {"ubigeo": CUSCO, "travel_paid": True},
        True,
    ),
    ({"ubigeo": COMAS, "max_distance_km": 10}, {"ubigeo": CUSCO, "lodging": True}, False),
    ({"ubigeo": COMAS, "relocate": True}, {"ubigeo": CUSCO}, True),
    ({"ubigeo": COMAS, "max_distance_km": 100}, {"ubigeo": CANETE}, False),
    ({"ubigeo": COMAS, "max_distance_km": 200}, {"ubigeo": CANETE}, True),
    ({"ubigeo": COMAS, "max_distance_km": 0}, {"ubigeo": COMAS}, True),
    ({"ubigeo": COMAS, "max_distance_km": 0}, {"ubigeo": OLIVOS}, False),
    ({"ubigeo": COMAS}, {"ubigeo": CUSCO}, False),
    ({"ubigeo": COMAS}, {"ubigeo": OLIVOS}, True),
    ({"ubigeo": COMAS}, {"ubigeo": CANETE}, False),
    ({}, {"ubigeo": CUSCO}, True),
    ({"place": "nowhere we know", "max_distance_km": 1}, {"ubigeo": CUSCO}, True),
    ({"ubigeo": COMAS, "max_distance_km": 1}, {"place": "nowhere we know"}, True),
    ({"remote_only": True}, {"remote": True}, True),
    ({"remote_only": True}, {"remote": False}, False),
    ({"remote_only": True}, {}, True),
    ({"remote_only": False}, {"remote": False}, True),
]


@pytest.mark.parametrize(("states", "asks", "wanted"), PAIRS, ids=range(len(PAIRS)))
def test_pairs(states: dict[str, Any], asks: dict[str, Any], wanted: bool) -> None:
    assert fits(states, asks) is wanted


def test_distance_filters_between_the_first_and_the_last_district_too() -> None:
    first, last = DISTRICTS[0].ubigeo, DISTRICTS[-1].ubigeo
    for here, there in ((first, last), (last, first)):
        someone, ad = person(ubigeo=here, max_distance_km=5), job(ubigeo=there)
        jobs, people = JobColumns(1), PeopleColumns(1)
        jobs.set(0, ad)
        people.set(0, someone)
        assert not eligible(someone, ad)
        assert not eligible_jobs(someone, jobs, 1).any()
        assert not eligible_people(ad, people, 1).any()


def test_a_missing_field_never_filters() -> None:
    for states, asks, _ in PAIRS:
        assert fits({}, asks)
        assert fits(states, {})


def test_stating_less_or_asking_less_never_loses_a_match() -> None:
    for (states, asks, _), (more, _, _) in itertools.product(PAIRS, PAIRS[:20]):
        if fits({**states, **more}, asks) and not set(states) & set(more):
            assert fits(states, asks)


def test_what_is_invented_is_matched_with_its_like_alone() -> None:
    for states, asks, fit in PAIRS:
        assert fits({**states, "canary": True}, {**asks, "canary": True}) == fit
        assert not fits({**states, "canary": True}, asks)
        assert not fits(states, {**asks, "canary": True})
        assert fits({**states, "canary": False}, asks) == fit


def test_every_bit_has_one_meaning() -> None:
    demands = [job(licence=c).demand for c in vocab.LICENCES]
    demands += [job(languages=[c]).demand for c in vocab.LANGUAGES]
    demands += [job(education=c).demand for c in vocab.EDUCATION[1:]]
    demands += [job(shift=c).demand for c in vocab.SHIFTS]
    demands.append(job(remote=False).demand)
    assert all(demand.bit_count() == 1 for demand in demands)
    assert sum(demands) == ALL
    assert ALL.bit_length() <= 64
    assert job().demand == 0
    assert person().have == ALL


def test_units() -> None:
    assert monthly(100, "day") == 2600
    assert monthly(10, "hour") == 2080
    assert monthly(100, "week") == pytest.approx(433)
    assert monthly(1130, None) == 1130
    assert monthly(60, None) == 0, "an amount with no unit that could be a day's pay says nothing"
    attrs = person(max_distance_km=0.1, min_pay=1130.07, pay_period="month")
    assert np.float32(attrs.radius_km) == attrs.radius_km
    assert np.float32(attrs.min_pay) == attrs.min_pay


def test_dicts_of_fields_give_the_same_attributes() -> None:
    for states, asks, _ in PAIRS:
        profile = validate(Profile, {"profile_id": "a", "text": "x", **states})
        ad = validate(Job, {"job_id": "a", "title": "x", **asks})
        assert person_attrs(profile.model_dump(exclude_none=True)) == person_attrs(profile)
        assert job_attrs(ad.model_dump(exclude_none=True)) == job_attrs(ad)


districts = st.sampled_from(
    [-1, 0, len(DISTRICTS) - 1, *(district_index(c, None) for c in (COMAS, OLIVOS, CUSCO))]
)
districts |= st.integers(-1, len(DISTRICTS) - 1)
bits = st.integers(0, ALL) | st.sampled_from([0, 1, ALL, ALL ^ 1, ALL ^ (1 << 19), (1 << 64) - 1])
soles = st.floats(0, 1e7, width=32)
kilometres = st.floats(0, 3000, width=32) | st.just(float("inf"))
people_attrs = st.builds(
    PersonAttrs,
    have=bits,
    stated=st.sampled_from([0, RELOCATE, CANARY]),
    district=districts,
    radius_km=kilometres,
    min_pay=soles | st.just(0.0),
    age=st.integers(0, 120) | st.just(NO_AGE),
)
jobs_attrs = st.builds(
    JobAttrs,
    demand=st.just(0) | bits,
    asked=st.sampled_from([0, HOUSES, CANARY]),
    district=districts,
    remote=st.booleans(),
    pay=soles | st.just(float("inf")),
    min_age=st.just(0) | st.integers(0, 120),
)


@given(one=people_attrs, many=st.lists(jobs_attrs, min_size=1, max_size=40), cut=st.integers(0, 40))
def test_job_columns_equal_the_definition(one: PersonAttrs, many: list[JobAttrs], cut: int) -> None:
    columns = JobColumns()
    for slot, attrs in enumerate(many):
        columns.grow(slot + 1)
        columns.set(slot, attrs)
    n = min(cut, len(many))
    mask = eligible_jobs(one, columns, n)
    assert mask.dtype == np.bool_
    assert mask.tolist() == [eligible(one, attrs) for attrs in many[:n]]


@given(one=jobs_attrs, many=st.lists(people_attrs, min_size=1, max_size=40), cut=st.integers(0, 40))
def test_people_columns_equal_the_definition(
    one: JobAttrs, many: list[PersonAttrs], cut: int
) -> None:
    columns = PeopleColumns()
    for slot, attrs in enumerate(many):
        columns.grow(slot + 1)
        columns.set(slot, attrs)
    n = min(cut, len(many))
    mask = eligible_people(one, columns, n)
    assert mask.dtype == np.bool_
    assert mask.tolist() == [eligible(attrs, one) for attrs in many[:n]]


def test_columns_equal_the_definition_on_what_people_write() -> None:
    people = [person(**states) for states, _, _ in PAIRS]
    jobs = [job(**asks) for _, asks, _ in PAIRS]
    job_columns, people_columns = JobColumns(), PeopleColumns()
    job_columns.grow(len(jobs))
    people_columns.grow(len(people))
    for slot, (p, j) in enumerate(zip(people, jobs, strict=True)):
        people_columns.set(slot, p)
        job_columns.set(slot, j)
    for p, j in zip(people, jobs, strict=True):
        assert eligible_jobs(p, job_columns, len(jobs)).tolist() == [eligible(p, x) for x in jobs]
        assert eligible_people(j, people_columns, len(people)).tolist() == [
            eligible(x, j) for x in people
        ]


def test_empty_and_cleared_slots_fit_nobody_and_masks_are_new_arrays() -> None:
    jobs, people = JobColumns(), PeopleColumns()
    jobs.grow(4)
    people.grow(4)
    jobs.set(1, job())
    people.set(1, person())
    first = eligible_jobs(person(), jobs, 4)
    assert first.tolist() == [False, True, False, False]
    assert eligible_people(job(), people, 4).tolist() == [False, True, False, False]
    jobs.grow(100)
    people.grow(100)
    jobs.grow(2)
    assert len(jobs) == len(people) == 100
    assert eligible_jobs(person(), jobs, 100).nonzero()[0].tolist() == [1]
    assert eligible_people(job(), people, 100).nonzero()[0].tolist() == [1]
    jobs.clear(1)
    people.clear(1)
    assert not eligible_jobs(person(), jobs, 100).any()
    assert not eligible_people(job(), people, 100).any()
    assert first.tolist() == [False, True, False, False]
    jobs.set(1, job(licence="A-I"))
    assert eligible_jobs(person(licence="A-I"), jobs, 2).tolist() == [False, True]
    assert eligible_jobs(person(licence="none"), jobs, 2).tolist() == [False, False]
