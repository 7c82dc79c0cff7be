"""Why an eligible pair fits, as codes with the facts that fill their sentences.

`codes` says which reasons hold and reads nothing personal; `reasons` adds the facts. A code that
ends in `_ask` marks what the job asks and the person did not state: worth asking before applying.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from functools import lru_cache
from typing import Any, Final, NamedTuple

from models.ranking import attrs
from models.ranking.attrs import JobAttrs, PersonAttrs
from models.reading.facts.known import Known
from models.reading.geo import distances, name
from models.reading.spoken import spoken

_ASKED: Final = (
    (attrs.LICENCE, "licence"),
    (attrs.LANGUAGE, "language"),
    (attrs.AGE, "age"),
    (attrs.SCHOOLING, "education"),
    (attrs.SHIFT, "shift"),
)
SUBJECTS: Final = tuple(subject for _, subject in _ASKED)
"""What a job may ask for, in the order it is told; the codes are SUBJECT_ok and SUBJECT_ask."""
PLACES: Final = ("same_district", "near", "distance", "relocate", "remote")
"""Codes about place, of which a pair has one at most."""


class _Pair(NamedTuple):
    """All that a fact is taken from."""

    known: Known
    card: Mapping[str, Any]
    person: PersonAttrs
    job: JobAttrs


def codes(person: PersonAttrs, job: JobAttrs) -> tuple[str, ...]:
    """Codes of an eligible pair, in the order they are told."""
    return _codes(_where(person, job), person.stated, job.asked)


def reasons(
    known: Known, card: Mapping[str, Any], person: PersonAttrs, job: JobAttrs
) -> list[dict[str, Any]]:
    """The same codes with their facts: [{"code": str, "facts": {...}}], and with "source" where a
    side's facts were read from words.

    Args:
        known: What is known of the person.
        card: The job's card.
        person: Attributes of the person.
        job: Attributes of the job.
    """
    pair = _Pair(known, card, person, job)
    read_of_job = frozenset(card.get("read", ()))
    out: list[dict[str, Any]] = []
    for code in codes(person, job):
        reason: dict[str, Any] = {"code": code, "facts": _FACTS[code](pair)}
        if known.read or read_of_job:
            source = _sources(code, known.read.keys(), read_of_job)
            if "read" in source.values():
                reason["source"] = source
        out.append(reason)
    return out


_FIELDS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "remote": ((), ("remote",)),
    "same_district": (("ubigeo",), ("ubigeo",)),
    "near": (("ubigeo", "max_distance_km"), ("ubigeo",)),
    "distance": (("ubigeo",), ("ubigeo",)),
    "relocate": (("ubigeo", "relocate", "anywhere"), ("ubigeo", "lodging", "travel_paid")),
    "pay": ((), ("pay_min", "pay_max")),
    "pay_ok": (("min_pay",), ("pay_min", "pay_max")),
    "pay_ask": (("min_pay",), ()),
    **{
        f"{subject}_{suffix}": (own if suffix == "ok" else (), asked)
        for subject, own, asked in (
            ("licence", ("licence",), ("licence",)),
            ("language", ("languages",), ("languages",)),
            ("age", ("age",), ("min_age",)),
            ("education", ("education",), ("education",)),
            ("shift", ("shifts",), ("shift",)),
        )
        for suffix in ("ok", "ask")
    },
}
"""Of each code the fields of the person and of the job that its facts are taken from."""


def _sources(code: str, person: Set[str], job: Set[str]) -> dict[str, str]:
    """Where each side's facts are from, sides that a code says nothing of left out."""
    found = {}
    for side, fields, read in zip(("person", "job"), _FIELDS[code], (person, job), strict=True):
        if fields:
            found[side] = "stated" if read.isdisjoint(fields) else "read"
    return found


def _where(person: PersonAttrs, job: JobAttrs) -> str:
    """The code about place, "" if either side's place is unknown."""
    if job.remote:
        return "remote"
    if person.district < 0 or job.district < 0:
        return ""
    if person.district == job.district:
        return "same_district"
    if person.stated & attrs.RELOCATE:
        daily = min(person.radius_km, attrs.DAILY_KM)
        return "relocate" if distances()[person.district, job.district] > daily else "distance"
    return "near" if person.stated & attrs.PLACE else "distance"


@lru_cache(maxsize=8192)
def _codes(where: str, stated: int, asked: int) -> tuple[str, ...]:
    found = [where] if where else []
    for bit, subject in _ASKED:
        if asked & bit:
            found.append(f"{subject}_ok" if stated & bit else f"{subject}_ask")
    if asked & attrs.PAY:
        found.append("pay_ok" if stated & attrs.PAY else "pay")
    elif stated & attrs.PAY:
        found.append("pay_ask")
    return tuple(found)


def _km(pair: _Pair) -> float:
    """Kilometres between the districts, to 0.1 below 10 and whole from there."""
    km = float(distances()[pair.person.district, pair.job.district])
    return round(km, 1) if km < 10 else round(km)


def _pay(pair: _Pair) -> dict[str, Any]:
    """Best pay in soles a month, and as the job states it."""
    card = pair.card
    stated = {key: card[key] for key in ("pay_min", "pay_max", "pay_period") if key in card}
    return {"monthly": round(pair.job.pay), **stated}


_FACTS: Final[dict[str, Callable[[_Pair], dict[str, Any]]]] = {
    "remote": lambda pair: {},
    "same_district": lambda pair: {"place": name(pair.job.district)},
    "near": lambda pair: {
        "km": _km(pair),
        "max_km": pair.person.radius_km,
        "place": name(pair.job.district),
    },
    "distance": lambda pair: {"km": _km(pair), "place": name(pair.job.district)},
    "relocate": lambda pair: {"km": _km(pair), "place": name(pair.job.district)},
    "licence_ok": lambda pair: {"asked": pair.card["licence"], "has": pair.known.get("licence")},
    "licence_ask": lambda pair: {"asked": pair.card["licence"]},
    "language_ok": lambda pair: {"asked": pair.card["languages"]},
    "language_ask": lambda pair: {"asked": pair.card["languages"]},
    "age_ok": lambda pair: {"min_age": pair.job.min_age},
    "age_ask": lambda pair: {"min_age": pair.job.min_age},
    "education_ok": lambda pair: {
        "asked": pair.card["education"],
        "has": pair.known.get("education"),
    },
    "education_ask": lambda pair: {"asked": pair.card["education"]},
    "shift_ok": lambda pair: {"asked": pair.card["shift"]},
    "shift_ask": lambda pair: {"asked": pair.card["shift"]},
    "pay": _pay,
    "pay_ok": lambda pair: {**_pay(pair), "wish": round(pair.person.min_pay)},
    "pay_ask": lambda pair: {"wish": round(pair.person.min_pay)},
}
CODES: Final = tuple(_FACTS)
"""All codes there are."""

_SENTENCES: Final = {
    "remote": "se hace a distancia",
    "same_district": "queda en tu distrito ({place})",
    "near": "queda a {km} km ({place})",
    "distance": "queda a {km} km ({place})",
    "relocate": "queda a {km} km ({place}) y puedes mudarte",
    "licence_ok": "piden brevete {asked} y tienes {has}",
    "licence_ask": "piden brevete {asked}",
    "language_ok": "hablas lo que piden: {asked}",
    "language_ask": "piden hablar {asked}",
    "age_ok": "tienes la edad que piden ({min_age} o más)",
    "age_ask": "piden tener {min_age} años o más",
    "education_ok": "piden {asked} y tienes {has}",
    "education_ask": "piden {asked}",
    "shift_ok": "puedes en su horario ({asked})",
    "shift_ask": "el horario es {asked}",
    "pay": "pagan S/ {monthly} al mes",
    "pay_ok": "pagan S/ {monthly} al mes y pides S/ {wish}",
    "pay_ask": "no dicen cuánto pagan",
}


_BY_WORDS: Final = {"person": "lo que escribiste", "job": "el aviso"}


def say(reason: Mapping[str, Any]) -> str:
    """One reason in plain Spanish."""
    subject, source = reason["code"].partition("_")[0], reason.get("source", {})
    words = _SENTENCES[reason["code"]].format_map(
        {key: spoken(subject, value) for key, value in reason["facts"].items()}
    )
    by = [name for side, name in _BY_WORDS.items() if source.get(side) == "read"]
    return f"{words} (según {' y '.join(by)})" if by else words
