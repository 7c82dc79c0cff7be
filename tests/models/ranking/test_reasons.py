"""Reasons say what holds of a pair, with facts, and codes alone say nothing personal."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.filters import eligible
from models.ranking.reasons import CODES, codes, reasons, say
from models.reading.facts.known import known_person
from models.reading.text import card
from schemas import Job, Profile, Reason, validate

COMAS, OLIVOS, CUSCO = "150110", "150117", "080101"


def told(states: dict[str, Any], asks: dict[str, Any]) -> list[dict[str, Any]]:
    profile = validate(Profile, {"profile_id": "a", "text": "x", **states})
    job = validate(Job, {"job_id": "a", "title": "x", **asks})
    person, demand = person_attrs(profile), job_attrs(job)
    assert eligible(person, demand)
    found = reasons(known_person(profile), card(job), person, demand)
    assert tuple(reason["code"] for reason in found) == codes(person, demand)
    for reason in found:
        Reason.model_validate(reason)
        assert reason["code"] in CODES
        assert "{" not in say(reason)
    return found


CASES: list[tuple[dict[str, Any], dict[str, Any], list[tuple[str, dict[str, Any]]]]] = [
    ({}, {}, []),
    ({"ubigeo": COMAS}, {"remote": True, "ubigeo": CUSCO}, [("remote", {})]),
    ({"ubigeo": COMAS}, {"ubigeo": COMAS}, [("same_district", {"place": "Comas, Lima"})]),
    (
        {"ubigeo": COMAS, "max_distance_km": 10},
        {"ubigeo": OLIVOS},
        [("near", {"km": 4.5, "max_km": 10.0, "place": "Los Olivos, Lima"})],
    ),
    (
        {"ubigeo": COMAS},
        {"ubigeo": OLIVOS},
        [("distance", {"km": 4.5, "place": "Los Olivos, Lima"})],
    ),
    (
        {"ubigeo": COMAS, "relocate": True, "max_distance_km": 1},
        {"ubigeo": CUSCO, "lodging": True},
        [("relocate", {"km": 577, "place": "Cusco"})],
    ),
    ({"place": "?"}, {"ubigeo": CUSCO}, []),
    ({"ubigeo": CUSCO}, {}, []),
    (
        {"licence": "A2B"},
        {"licence": "A-IIa"},
        [("licence_ok", {"asked": "A-IIa", "has": "A-IIb"})],
    ),
    ({}, {"licence": "A-IIa"}, [("licence_ask", {"asked": "A-IIa"})]),
    ({"licence": "A-I"}, {"licence": "no requiere"}, []),
    ({"languages": ["qu", "es"]}, {"languages": ["qu"]}, [("language_ok", {"asked": ["qu"]})]),
    ({}, {"languages": ["qu"]}, [("language_ask", {"asked": ["qu"]})]),
    ({"age": 20}, {"min_age": 18}, [("age_ok", {"min_age": 18})]),
    ({}, {"min_age": 18}, [("age_ask", {"min_age": 18})]),
    (
        {"education": "tecnica"},
        {"education": "secundaria"},
        [("education_ok", {"asked": "secundaria", "has": "tecnica"})],
    ),
    ({}, {"education": "secundaria"}, [("education_ask", {"asked": "secundaria"})]),
    ({"shifts": ["day"]}, {"shift": "day"}, [("shift_ok", {"asked": "day"})]),
    ({}, {"shift": "night"}, [("shift_ask", {"asked": "night"})]),
    (
        {},
        {"pay_max": 70, "pay_period": "day"},
        [("pay", {"monthly": 1820, "pay_max": 70.0, "pay_period": "day"})],
    ),
    (
        {"min_pay": 1200, "pay_period": "month"},
        {"pay_min": 1200, "pay_max": 1500, "pay_period": "month"},
        [
            (
                "pay_ok",
                {
                    "monthly": 1500,
                    "pay_min": 1200.0,
                    "pay_max": 1500.0,
                    "pay_period": "month",
                    "wish": 1200,
                },
            )
        ],
    ),
    ({"min_pay": 1200}, {}, [("pay_ask", {"wish": 1200})]),
]


@pytest.mark.parametrize(("states", "asks", "wanted"), CASES, ids=range(len(CASES)))
def test_cases(
    states: dict[str, Any], asks: dict[str, Any], wanted: list[tuple[str, dict[str, Any]]]
) -> None:
    assert [(reason["code"], reason["facts"]) for reason in told(states, asks)] == wanted


def test_every_code_has_a_case() -> None:
    assert {code for _, _, wanted in CASES for code, _ in wanted} == set(CODES)


@given(st.data())
def test_any_pair_of_cases_has_reasons_that_agree(data: st.DataObject) -> None:
    states: dict[str, Any] = {}
    asks: dict[str, Any] = {}
    for more_states, more_asks, _ in data.draw(st.lists(st.sampled_from(CASES), max_size=5)):
        states.update(more_states)
        asks.update(more_asks)
    profile = validate(Profile, {"profile_id": "a", "text": "x", **states})
    job = validate(Job, {"job_id": "a", "title": "x", **asks})
    if eligible(person_attrs(profile), job_attrs(job)):
        told(states, asks)


def test_sentences_are_plain_spanish() -> None:
    (reason,) = told({"languages": ["qu", "ay"]}, {"languages": ["qu", "ay"]})
    assert say(reason) == "hablas lo que piden: aimara y quechua"
    (reason,) = told({}, {"shift": "night"})
    assert say(reason) == "el horario es de noche"
    (reason,) = told({"ubigeo": COMAS}, {"ubigeo": OLIVOS})
    assert say(reason) == "queda a 4.5 km (Los Olivos, Lima)"
