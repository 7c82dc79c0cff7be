"""What the reader of texts found in a person's words, as sentences to confirm or mend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from matcher_stream.web.seek.draft import Draft
from models.explain.facts import amount, in_years
from models.reading.facts.fact import Fact
from models.reading.facts.known import known_person
from models.reading.facts.person import person_facts
from models.reading.geo import district_index, name
from models.reading.spoken import PERIODS, listed, spoken
from schemas.vocab import EDUCATION, LICENCES, NO_LICENCE, SHIFTS

TAKE_OUT: Final = "quitar"
"""The choice that takes the words out, whatever they say."""
_ALL_SHIFTS: Final = list(SHIFTS)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was read.

    Attributes:
        field: Of the profile.
        sentence: What was understood, to the person.
        choices: (value of the button, its words), instead of what was read.
    """

    field: str
    sentence: str
    choices: tuple[tuple[str, str], ...]


_SENTENCES: Final[dict[str, Callable[[Any], str]]] = {
    "ubigeo": lambda value: f"Vives en {name(district_index(value, None))}.",
    "licence": lambda value: (
        "No tienes brevete." if value == NO_LICENCE else f"Tienes brevete {value}."
    ),
    "shifts": lambda value: f"Puedes trabajar {spoken('shift', value)}.",
    "max_distance_km": lambda value: f"Puedes ir hasta {amount(value)} km de tu casa.",
    "relocate": lambda value: "Te mudarías." if value else "No te mudarías.",
    "anywhere": lambda _: "Irías a donde haya trabajo.",
    "remote_only": lambda _: "Solo puedes trabajar desde tu casa.",
    "languages": lambda value: f"Hablas {spoken('language', value)}.",
    "age": lambda value: f"Tienes {in_years(value)}.",
    "education": lambda value: f"Estudios: {spoken('education', value)}.",
    "experience_years": lambda value: f"Tienes {in_years(value)} de experiencia.",
    "min_pay": lambda value: f"Quieres ganar S/ {amount(value)} o más",
}

#: By field, by the value of the button: its words, and what it states.
_CHOICES: Final[dict[str, dict[str, tuple[str, dict[str, Any]]]]] = {
    "licence": {
        NO_LICENCE: ("No tengo brevete", {"licence": NO_LICENCE}),
        **{term: (f"Tengo {term}", {"licence": term}) for term in LICENCES},
    },
    "shifts": {
        "day": ("Solo de día", {"shifts": ["day"]}),
        "night": ("Solo de noche", {"shifts": ["night"]}),
        "all": ("A cualquier hora", {"shifts": _ALL_SHIFTS}),
    },
    "education": {
        term: (spoken("education", term).capitalize(), {"education": term}) for term in EDUCATION
    },
    "languages": {
        "es": ("Solo castellano", {"languages": ["es"]}),
        "qu": ("Castellano y quechua", {"languages": ["es", "qu"]}),
        "ay": ("Castellano y aimara", {"languages": ["ay", "es"]}),
    },
    "relocate": {
        "si": ("Sí me mudaría", {"relocate": True}),
        "no": ("No me mudaría", {"relocate": False}),
    },
    "anywhere": {"no": ("No me mudaría", {"relocate": False})},
    "remote_only": {"no": ("Puedo salir a trabajar", {"remote_only": False})},
    "max_distance_km": {
        str(km): (f"Hasta {km} km", {"max_distance_km": km}) for km in (5, 10, 20, 40, 100)
    },
}


def lines(draft: Draft) -> list[Line]:
    """What was read and nobody stated, in a fixed order."""
    known = known_person(draft.profile("draft")).read
    found = []
    for field_name in _SENTENCES:
        if field_name not in known:
            continue
        said = _sentence(field_name, known)
        choices = [
            (value, words)
            for value, (words, stated) in _CHOICES.get(field_name, {}).items()
            if stated.get(field_name) != known[field_name]
        ]
        found.append(Line(field_name, said, (*choices, (TAKE_OUT, "Quítalo"))))
    return found


def _sentence(field_name: str, read: Mapping[str, Any]) -> str:
    said = _SENTENCES[field_name](read[field_name])
    if field_name == "min_pay":
        return f"{said} {PERIODS.get(read.get('pay_period', ''), 'al mes')}."
    return said


def mend(draft: Draft, field_name: str, choice: str) -> bool:
    """Take a choice instead of what was read; False if there is no such field or choice."""
    if choice == TAKE_OUT:
        return _take_out(draft, field_name)
    chosen = _CHOICES.get(field_name, {}).get(choice)
    if chosen is None:
        return False
    draft.stated |= chosen[1]
    return True


def _take_out(draft: Draft, field_name: str) -> bool:
    """Take the piece that was read out of the words, so that nothing reads it any more."""
    fact = (
        getattr(person_facts(draft.words), field_name, None) if field_name in _SENTENCES else None
    )
    if not isinstance(fact, Fact):
        return False
    left = f"{draft.words[: fact.start]} {draft.words[fact.end :]}"
    draft.words = " ".join(left.split()).strip(" ,.;")
    return True


def in_words(read: Mapping[str, Any]) -> str:
    """The `read` of a matches event in one sentence, "" if nothing was read."""
    said = [_sentence(name, read) for name in _SENTENCES if name in read]
    return listed([f"{words[0].lower()}{words[1:].rstrip('.')}" for words in said])
