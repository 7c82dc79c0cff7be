"""What the reader of texts found in an ad, as sentences to confirm or mend with one tap."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from matcher_stream.web.offer.draft import Draft
from models.explain.facts import amount, in_years
from models.reading.facts.fact import Fact
from models.reading.facts.job import job_facts
from models.reading.facts.known import known_job
from models.reading.geo import district_index, name
from models.reading.spoken import PERIODS, spoken
from schemas.vocab import EDUCATION, LICENCES, NO_LICENCE, SHIFTS

YES, TAKE_OUT, UNDO, TYPED = "si", "quitar", "borrar", "escrito"
"""Choices beside those of a field: it is right; take the words out; forget what was stated; and
the amount that was typed."""
_PAY: Final = ("pay_min", "pay_max", "pay_period")
_MOST_PAY: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was read or stated.

    Attributes:
        field: Of the job; "pay" for its three.
        sentence: To the employer; "" if nothing is known of it.
        choices: (value of the button, its words), instead of what it says.
        stated: Whether it was confirmed or mended.
    """

    field: str
    sentence: str
    choices: tuple[tuple[str, str], ...]
    stated: bool


def _pay(known: Mapping[str, Any]) -> str:
    low, high = known.get("pay_min"), known.get("pay_max")
    sums = [amount(float(value)) for value in (low, high) if value]
    period = PERIODS.get(known.get("pay_period") or "", "")
    said = " a S/ ".join(dict.fromkeys(sums))
    return f"Pagas S/ {said} {period}".rstrip() + "."


_SENTENCES: Final[dict[str, Callable[[Any], str]]] = {
    "ubigeo": lambda value: f"El trabajo es en {name(district_index(value, None))}.",
    "pay": _pay,
    "shift": lambda value: f"El horario es {spoken('shift', value)}.",
    "remote": lambda value: "Se hace desde la casa." if value else "Hay que ir al lugar.",
    "experience_years": lambda value: (
        f"Pides {in_years(value)} de experiencia." if value else "No pides experiencia."
    ),
    "licence": lambda value: (
        "No pides brevete." if value == NO_LICENCE else f"Pides brevete {value}."
    ),
    "education": lambda value: (
        "No pides estudios." if value == "none" else f"Pides {spoken('education', value)}."
    ),
    "languages": lambda value: f"Pides hablar {spoken('language', list(value))}.",
    "min_age": lambda value: f"Pides tener {value} años o más.",
    "vacancies": lambda value: f"Buscas {value} {'persona' if value == 1 else 'personas'}.",
    "lodging": lambda value: "Das dónde dormir." if value else "No das dónde dormir.",
    "travel_paid": lambda value: "Pagas el viaje." if value else "No pagas el viaje.",
}
_ASKED_FOR: Final = ("pay", "shift")
"""What is asked for where the words do not say it."""


def _numbers(field_name: str, values: tuple[int, ...], words: Callable[[int], str]) -> Any:
    return {str(value): (words(value), {field_name: value}) for value in values}


def _yes_or_no(field_name: str) -> dict[str, tuple[str, dict[str, Any]]]:
    said = _SENTENCES[field_name]
    return {"s": (said(True), {field_name: True}), "n": (said(False), {field_name: False})}


#: By field, by the value of the button: its words, and what it states.
_CHOICES: Final[dict[str, dict[str, tuple[str, dict[str, Any]]]]] = {
    "shift": {
        term: (spoken("shift", term).removeprefix("de ").capitalize(), {"shift": term})
        for term in SHIFTS
    },
    "remote": _yes_or_no("remote"),
    "experience_years": _numbers(
        "experience_years", (0, 1, 2, 3, 5), lambda n: in_years(n) if n else "Sin experiencia"
    ),
    "licence": {
        term: ("Ninguno" if term == NO_LICENCE else term, {"licence": term})
        for term in (NO_LICENCE, *LICENCES)
    },
    "education": {
        term: (spoken("education", term).capitalize(), {"education": term}) for term in EDUCATION
    },
    "min_age": _numbers("min_age", (18, 21, 25), lambda n: f"{n} años o más"),
    "vacancies": _numbers("vacancies", (1, 2, 3, 5, 10), str),
    "lodging": _yes_or_no("lodging"),
    "travel_paid": _yes_or_no("travel_paid"),
}


def lines(draft: Draft) -> list[Line]:
    """What was read, then what was confirmed or is asked for, in a fixed order."""
    known = known_job(draft.job())
    found = []
    for field_name in _SENTENCES:
        if field_name == "ubigeo" and "ubigeo" not in known.read:
            continue  # its own step asked for it
        names = _PAY if field_name == "pay" else (field_name,)
        stated = any(draft.stated.get(part) is not None for part in names)
        here = any(known.get(part) for part in names) or known.get(names[0]) is not None
        if not here and field_name not in _ASKED_FOR:
            continue
        value = known.fields if field_name == "pay" else known.get(field_name)
        said = _SENTENCES[field_name](value) if here else ""
        offered = [(key, words) for key, (words, _) in _CHOICES.get(field_name, {}).items()]
        if stated:
            offered.append((UNDO, "Bórralo"))
        elif here:
            offered.append((TAKE_OUT, "Quítalo de mi aviso"))
        found.append(Line(field_name, said, tuple(offered), stated))
    return sorted(found, key=lambda line: (not line.sentence, line.stated))


def mend(draft: Draft, field_name: str, choice: str, typed: tuple[str, str]) -> bool:
    """Confirm or change one line.

    Args:
        draft: Is changed.
        field_name: Of a `Line`.
        choice: One of its choices, or `YES`, `TAKE_OUT`, `UNDO`, `TYPED`.
        typed: Amount and pay period, for `TYPED`.

    Returns:
        False if it cannot be: there is no such field or choice, or the amount is none.
    """
    names = _PAY if field_name == "pay" else (field_name,)
    if field_name not in _SENTENCES:
        return False
    if choice == YES:
        read = known_job(draft.job()).read
        draft.stated |= {part: read[part] for part in names if part in read}
        return True
    if choice == UNDO:
        for part in names:
            draft.stated.pop(part, None)
        return True
    if choice == TAKE_OUT:
        return _take_out(draft, names[0])
    if choice == TYPED:
        return field_name == "pay" and _typed(draft, *typed)
    chosen = _CHOICES.get(field_name, {}).get(choice)
    if chosen is None:
        return False
    draft.stated |= chosen[1]
    return True


def _typed(draft: Draft, said: str, period: str) -> bool:
    plain = said.replace(",", "").replace(" ", "").removeprefix("S/").removeprefix("s/")
    try:
        pay = float(plain)
    except ValueError:
        return False
    if period not in PERIODS or not 0 < pay <= _MOST_PAY:
        return False
    draft.stated |= {"pay_min": pay, "pay_max": pay, "pay_period": period}
    return True


def _take_out(draft: Draft, field_name: str) -> bool:
    """Take the piece that was read out of the words, so that nothing reads it any more."""
    facts = job_facts(draft.title, draft.words, None, draft.employer or None)
    fact = getattr(facts, field_name, None)
    if not isinstance(fact, Fact):
        return False
    part = "title" if fact.part == "title" else "words"
    text = getattr(draft, part)
    left = " ".join(f"{text[: fact.start]} {text[fact.end :]}".split()).strip(" ,;")
    setattr(draft, part, left)
    return True
