"""Whether a person takes part in matching, and what we tell them if not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from models.reading.andean import heard
from models.reading.facts.known import Known
from models.reading.geo import district_index
from models.reading.language import Why, why_unread

#: Words for the person, by status; "ok" needs none.
MESSAGES: dict[str, str] = {
    "no_match": "Por ahora no hay trabajos para lo que buscas. Te avisamos cuando haya.",
    "paused": "Tu búsqueda está en pausa. Avísanos cuando quieras volver a buscar.",
    "expired": "Tu pedido ya venció. Si todavía buscas trabajo, mándalo otra vez.",
    "no_consent": "No tenemos tu permiso para buscarte trabajo.",
    "unreadable": "No pudimos leer qué trabajo buscas. Escríbelo en castellano, por ejemplo: "
    "«cocino», «manejo mototaxi», «cuido niños».",
    "unreadable_language": "Leemos pocas palabras de quechua y aimara, y en tu mensaje ninguna "
    "de trabajo. Pide que te ayuden a "
    "escribirlo en castellano, por ejemplo: «trabajo en chacra», «cocino y limpio casas».",
    "unreadable_work": "Leímos tu mensaje, pero no dice qué trabajo buscas. Cuéntanos qué sabes "
    "hacer, por ejemplo: «soy albañil», «vendo en mercado», «busco cualquier trabajo».",
}
"""On the wire all that begin with "unreadable" are that one status (`wire_status`); the reason
stands in the words."""

ASK_HOME: Final = "Dinos en qué distrito vives y te avisamos de los trabajos que quedan cerca."
_SHOWN: Final = 8  # words that a message names
_CORRECT: Final = "Si no es así, pide que te ayuden a escribirlo en castellano."

_UNREADABLE: Final[dict[Why, str]] = {
    "no_words": "unreadable",
    "language": "unreadable_language",
    "no_work": "unreadable_work",
}


def wire_status(status: str) -> str:
    """A status as events say it: one word for every text that cannot be read."""
    return "unreadable" if status.startswith("unreadable") else status


def why_unreadable(text: str, skills: Sequence[str] = ()) -> Why | None:
    """Why words cannot be ranked by, or None.

    A text without work in it is read all the same if skills are stated in Spanish, and one in
    Quechua or Aymara if a sure word of work is known.
    """
    why = why_unread(text, skills)
    return None if why is None or heard(text, skills) else why


def message_of(told: str, known: Known) -> str | None:
    """The words of an event for the person, or None if it needs none.

    Args:
        told: The status, "ok" and "no_match" among them.
        known: What is known of the person.
    """
    said = [MESSAGES[told]] if told in MESSAGES else []
    if told in ("ok", "no_match"):
        words = heard(str(known.get("text") or ""), known.get("skills") or ())
        if words:
            shown = ", ".join(f"{word.written} ({word.spanish})" for word in words[:_SHOWN])
            said.append(f"Leímos: {shown}. {_CORRECT}")
        if lacks_home(known):
            said.append(ASK_HOME)
    return " ".join(said) or None


def lacks_home(known: Known) -> bool:
    """Whether nobody can tell how far a job is for this person, and it matters."""
    if known.get("remote_only") or known.get("anywhere"):
        return False
    return district_index(known.get("ubigeo"), known.get("place")) < 0


def stated_status(profile: Mapping[str, Any]) -> str | None:
    """Why a profile by itself takes no part in matching, or None."""
    if profile.get("consent_matching") is False:
        return "no_consent"
    if profile.get("status") == "paused":
        return "paused"
    why = why_unreadable(str(profile.get("text", "")), profile.get("skills") or ())
    return None if why is None else _UNREADABLE[why]


def combined_status(
    stated: str | None, *, ended: bool, record_ts: int, hired_ts: int | None
) -> str | None:
    """Why a person takes no part, or None if they do.

    Args:
        stated: What the profile says by itself, from `stated_status`.
        ended: Whether an event told that `valid_until` has come.
        record_ts: Timestamp of the profile's record, ms.
        hired_ts: Timestamp of the last feedback that says hired, ms; a profile that is sent
            again later starts a new search.
    """
    if stated in ("no_consent", "paused"):
        return stated
    if hired_ts is not None and hired_ts >= record_ts:
        return "paused"
    return "expired" if ended else stated


def person_status(
    profile: Mapping[str, Any], *, ended: bool, record_ts: int, hired_ts: int | None
) -> str | None:
    """`combined_status` of a profile's accepted fields."""
    return combined_status(
        stated_status(profile), ended=ended, record_ts=record_ts, hired_ts=hired_ts
    )
