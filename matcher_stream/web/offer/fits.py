"""What an employer reads of a person: trades, how far, experience, what fits, what lacks.

Computed where the person is owned, and all that leaves there: no id, no words of theirs, no
place, no number that is not a band. Two ads see the same bands, so that moving an ad about tells
no more than where bands end.
"""

from __future__ import annotations

from typing import Any, Final

from agents.context import Context
from models.ranking.attrs import NO_YEARS, JobAttrs, PersonAttrs, job_attrs
from models.ranking.reasons import codes
from models.reading.geo import distances
from models.reading.occupations import name
from models.reading.spoken import spoken
from tables.index.people import PersonEntry

_KM: Final = ((5, "a menos de 5 km"), (10, "de 5 a 10 km"), (20, "de 10 a 20 km"),
              (50, "de 20 a 50 km"))  # fmt: skip
_FARTHER: Final = "a más de 50 km"
_YEARS: Final = ((1, "menos de 1 año"), (3, "de 1 a 3 años"), (6, "de 3 a 5 años"),
                 (11, "de 6 a 10 años"))  # fmt: skip
_LONGER: Final = "más de 10 años"

_FITS: Final[dict[str, str]] = {
    "licence_ok": "Tiene el brevete que pides.",
    "language_ok": "Habla lo que pides.",
    "age_ok": "Tiene la edad que pides.",
    "education_ok": "Tiene los estudios que pides.",
    "shift_ok": "Puede en tu horario.",
    "pay_ok": "Tu pago le alcanza.",
    "relocate": "Puede mudarse.",
}
_LACKS: Final[dict[str, str]] = {
    "licence_ask": "No dice si tiene brevete {licence}.",
    "language_ask": "No dice si habla {languages}.",
    "age_ask": "No dice si tiene {min_age} años o más.",
    "education_ask": "No dice sus estudios. Pides {education}.",
    "shift_ask": "No dice si puede {shift}.",
    "pay_ask": "Quiere saber el pago. Tu aviso no lo dice.",
}
_SPOKEN: Final = {"licence": "licence", "languages": "language", "education": "education",
                  "shift": "shift"}  # fmt: skip


def entry_of(context: Context, profile_id: str) -> PersonEntry | None:
    """A person whom this worker owns and who looks for work; None of anybody else.

    Raises:
        StaleGeneration: nothing is owned now.
    """
    context.fence.turn()
    partition = context.partition_of(profile_id)
    entry = context.state.match.people(partition).entry_of(profile_id)
    return None if entry is None or entry.status is not None else entry


def seen(entry: PersonEntry, card: dict[str, Any]) -> dict[str, Any]:
    """A person as the employer of one job may see them.

    Args:
        entry: The person.
        card: Of the job.

    Returns:
        ``trades``, ``where``, ``experience``, ``fits`` and ``lacks`` in words.
    """
    person, job = entry.attrs, job_attrs(card)
    found = codes(person, job)
    asked = {"min_age": card.get("min_age")} | {
        field: spoken(subject, card.get(field) or "") for field, subject in _SPOKEN.items()
    }
    fits = [_FITS[code] for code in found if code in _FITS]
    lacks = [_LACKS[code].format(**asked) for code in found if code in _LACKS]
    has_years, sentence = _experience(person, job)
    (fits if has_years else lacks).extend(sentence)
    return {
        "trades": [said for code in person.occupations if (said := name(code))],
        "where": where(person, job, found),
        "experience": "" if person.years == NO_YEARS else _band(person.years, _YEARS, _LONGER),
        "fits": fits,
        "lacks": lacks,
    }


def where(person: PersonAttrs, job: JobAttrs, found: tuple[str, ...]) -> str:
    """How far somebody lives, in bands; "" if that is not known or does not matter."""
    if "remote" in found or person.district < 0 or job.district < 0:
        return ""
    return _band(float(distances()[person.district, job.district]), _KM, _FARTHER)


def _experience(person: PersonAttrs, job: JobAttrs) -> tuple[bool, list[str]]:
    if job.years in (0, NO_YEARS):
        return True, []
    if person.years == NO_YEARS:
        return False, ["No dice cuánta experiencia tiene."]
    if person.years < job.years:
        return False, ["Tiene menos experiencia de la que pides."]
    return True, ["Tiene la experiencia que pides."]


def _band(value: float, bands: tuple[tuple[int, str], ...], beyond: str) -> str:
    return next((said for end, said in bands if value < end), beyond)
