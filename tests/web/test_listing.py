"""A ranking as a page shows it, from the event alone."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from matcher_stream.web.seek.listing import shown, steps
from tests.schemas.test_released import RELEASED

EVENT: dict[str, Any] = orjson.loads((RELEASED / "0.1.0" / "Matches.json").read_bytes())


def _entry(**changed: Any) -> dict[str, Any]:
    near = {"code": "near", "facts": {"km": 3.2, "place": "Yarinacocha, Ucayali"}}
    return {**EVENT["entries"][0], "reasons": [near], **changed}


def test_an_entry_in_words() -> None:
    (job,) = shown({"entries": [_entry()]})
    assert job.title == "Ayudante de cocina"
    assert job.place == "Yarinacocha, Ucayali"
    assert job.pay == "de S/ 1130 a S/ 1400 al mes"
    assert job.far == "a unos 3.2 km, unos 15 minutos"
    assert job.why.endswith("Lleva tu documento de identidad.")
    assert "Este trabajo se parece" not in job.why
    assert len(job.message) <= 160
    assert job.share.startswith("https://wa.me/?text=Ayudante%20de%20cocina")


@pytest.mark.parametrize(
    ("km", "words"),
    [
        (0.5, "unos 5 minutos"), (3.2, "unos 15 minutos"), (17, "una hora"),
        (22, "una hora y media"), (40, "unas 2 horas"), (60, "unas 2 horas y media"),
    ],
)  # fmt: skip
def test_how_long_it_takes_is_told_roughly(km: float, words: str) -> None:
    reason = {"code": "distance", "facts": {"km": km, "place": "Lima"}}
    (job,) = shown({"entries": [_entry(reasons=[reason])]})
    assert job.far == f"a unos {km:g} km, {words}"


@pytest.mark.parametrize("reasons", [[{"code": "near", "facts": {"km": "lejos"}}], [{}], None])
def test_an_entry_of_another_version_is_left_out_and_the_others_stay(reasons: Any) -> None:
    jobs = shown({"entries": [_entry(reasons=reasons), _entry(rank=2)]})
    assert [job.rank for job in jobs] == [2]


def test_steps_that_would_open_more_are_told() -> None:
    unlocks = [{"code": "licence", "value": "A-IIb", "jobs": 4}, {"code": "new", "jobs": 1}, {}]
    assert steps({"unlocks": unlocks}) == ["Con brevete A-IIb habría 4 trabajos más para ti."]
    assert steps({}) == []


def test_what_is_not_worth_a_message_is_marked() -> None:
    jobs = shown({"entries": [_entry(level="send"), _entry(level="also"), _entry()]})
    assert [job.also for job in jobs] == [False, True, False]
