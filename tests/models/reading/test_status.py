"""Who takes part, and what the others are told."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from models.ranking.event_bodies import Versions, matches_body
from models.reading.facts.known import Known, known_person
from models.reading.status import (
    ASK_HOME,
    MESSAGES,
    combined_status,
    message_of,
    stated_status,
    why_unreadable,
    wire_status,
)
from schemas.matches import MatchStatus


@pytest.mark.parametrize(
    ("profile", "status"),
    [
        ({"text": "toy buscando chamba de lo q sea"}, None),
        ({"text": "llamkayta maskachkani"}, None),
        ({"text": "sumaq punchaw kachun, taytay"}, "unreadable_language"),
        ({"text": "feliz cumpleaños"}, "unreadable_work"),
        ({"text": "12 34"}, "unreadable"),
        ({"text": ""}, "unreadable"),
        ({"text": "hola como estas", "skills": ["tejer"]}, None),
        ({"text": "hola como estas", "skills": ["puntualidad"]}, None),
        ({"text": "", "skills": ["lavar", "planchar"]}, None),
        ({"text": "sumaq punchaw kachun", "skills": ["wasi pichayta yachani"]}, None),
        ({"text": "sumaq punchaw kachun", "skills": ["runasimita rimani"]},
         "unreadable_language"),
        ({"text": "hola", "skills": ["12", "?"]}, "unreadable_work"),
        ({"text": "hola", "consent_matching": False}, "no_consent"),
        ({"text": "hola", "status": "paused"}, "paused"),
    ],
)  # fmt: skip
def test_what_a_profile_says_by_itself(profile: dict[str, Any], status: str | None) -> None:
    assert stated_status(profile) == status


def test_each_reason_has_its_own_words_and_one_status_on_the_wire() -> None:
    reasons = [status for status in MESSAGES if status.startswith("unreadable")]
    assert len({MESSAGES[status] for status in reasons}) == len(reasons) == 3
    for status in reasons:
        body = matches_body("p", Known({}, {}, ()), [], status, Versions("e", "r"))
        assert body["status"] == "unreadable"
        assert body["message"] == MESSAGES[status]
    assert {wire_status(status) for status in MESSAGES} | {"ok"} == set(get_args(MatchStatus))


def test_who_says_no_home_is_asked_for_it() -> None:
    for told in ("ok", "no_match"):
        assert (message_of(told, known_person({"text": "soy mozo"})) or "").endswith(ASK_HOME)
        unknown = known_person({"text": "soy mozo", "place": "Xyzpueblo"})
        assert (message_of(told, unknown) or "").endswith(ASK_HOME)
    for profile in (
        {"text": "soy mozo", "ubigeo": "150110"},
        {"text": "soy mozo, vivo en Comas"},
        {"text": "soy contador", "remote_only": True},
        {"text": "soy mozo, me voy a donde sea"},
    ):
        assert message_of("ok", known_person(profile)) is None
    assert message_of("paused", known_person({"text": "soy mozo"})) == MESSAGES["paused"]


def test_the_examples_in_the_words_can_be_read() -> None:
    for status, words in MESSAGES.items():
        said = [part.split("»")[0] for part in words.split("«")[1:]]
        assert bool(said) == status.startswith("unreadable")
        assert [text for text in said if why_unreadable(text)] == []


@pytest.mark.parametrize(
    ("stated", "ended", "hired", "status"),
    [
        (None, False, None, None),
        (None, True, None, "expired"),
        (None, False, 5, "paused"),
        (None, False, 4, None),
        ("unreadable_work", True, None, "expired"),
        ("unreadable_work", False, None, "unreadable_work"),
        ("no_consent", True, 9, "no_consent"),
    ],
)
def test_what_events_add(
    stated: str | None, ended: bool, hired: int | None, status: str | None
) -> None:
    assert combined_status(stated, ended=ended, record_ts=5, hired_ts=hired) == status
