"""A ranking as a page shows it: plain values, made from the event and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import numpy as np

from models.explain import sms, template
from models.explain.facts import MatchFacts, amount, read
from models.ranking import unlock_words
from models.ranking.evidence import minutes

REASONS: Final = (
    ("too_far", "Queda lejos"),
    ("low_pay", "Pagan poco"),
    ("not_my_trade", "No es lo que hago"),
    ("hours", "El horario no me va"),
    ("other", "Otra razón"),
)
"""Why a job is not for somebody, in the order of the buttons."""
_HOUR: Final = 60


@dataclass(frozen=True, slots=True)
class Shown:
    """One job on the page.

    Attributes:
        rank, job_id: As the event has them.
        title, employer, place, pay: In words; "" where the ad does not say.
        far: Kilometres and minutes, in words.
        why: What fits, what is missing and what to bring, in plain sentences.
        also: Whether it is not worth a message, and only stands below those that are.
        share: Address that sends the text message by WhatsApp.
        message: That text message.
    """

    rank: int
    job_id: str
    title: str
    employer: str
    place: str
    far: str
    pay: str
    why: str
    also: bool
    share: str
    message: str


def shown(event: Mapping[str, Any]) -> list[Shown]:
    """The jobs of a matches event; one whose reasons cannot be read is left out."""
    found = []
    for entry in event["entries"]:
        try:
            facts = read(entry)
            why, message = " ".join(template.asked(facts)), sms.write(facts)
        except Exception:  # reasons have no schema: what an event of another version holds
            continue
        found.append(_shown(entry, facts, why, message))
    return found


def steps(event: Mapping[str, Any]) -> list[str]:
    """What one step would open, a sentence each; of another version's events only what is read."""
    found = []
    for unlock in event.get("unlocks") or ():
        try:
            found.append(unlock_words.sentence(unlock))
        except (KeyError, TypeError, ValueError):
            continue
    return found


def _shown(entry: Mapping[str, Any], facts: MatchFacts, why: str, message: str) -> Shown:
    return Shown(
        rank=entry["rank"],
        job_id=entry["job_id"],
        title=facts.title,
        employer=facts.employer,
        place="A distancia" if facts.where == "remote" else facts.place,
        far=_far(facts),
        pay=facts.pay,
        why=why,
        also=entry.get("level") == "also",
        share=f"https://wa.me/?text={quote(message)}",
        message=message,
    )


def _far(facts: MatchFacts) -> str:
    if facts.where == "same_district":
        return "en tu distrito"
    if facts.km is None or facts.where == "remote":
        return ""
    return (
        f"a unos {amount(facts.km)} km, {_time(float(minutes(np.asarray(facts.km, np.float64))))}"
    )


def _time(took: float) -> str:
    """Rough minutes in words: five at a time, half hours from an hour on."""
    if took < _HOUR:
        return f"unos {max(5, round(took / 5) * 5)} minutos"
    hours, half = divmod(round(took / _HOUR * 2), 2)
    whole = "una hora" if hours == 1 else f"unas {hours} horas"
    return f"{whole} y media" if half else whole
