"""Whether a person takes part in matching, and what we tell them if not."""

from __future__ import annotations

from typing import Any

#: Words for the person, by status; "ok" needs none.
MESSAGES: dict[str, str] = {
    "no_match": "Por ahora no hay trabajos para lo que buscas. Te avisamos cuando haya.",
    "paused": "Tu búsqueda está en pausa. Avísanos cuando quieras volver a buscar.",
    "expired": "Tu pedido ya venció. Si todavía buscas trabajo, mándalo otra vez.",
    "no_consent": "No tenemos tu permiso para buscarte trabajo.",
    "unreadable": "No pudimos leer qué trabajo buscas. Escríbelo en castellano, por ejemplo: "
    "«cocino», «manejo mototaxi», «cuido niños».",
}


def readable(text: str) -> bool:
    """Whether a text has any word to work with: at least three letters in a row."""
    run = 0
    for char in text:
        run = run + 1 if char.isalpha() else 0
        if run == 3:
            return True
    return False


def stated_status(profile: dict[str, Any]) -> str | None:
    """Why a profile by itself takes no part in matching, or None."""
    if profile.get("consent_matching") is False:
        return "no_consent"
    if profile.get("status") == "paused":
        return "paused"
    return None if readable(str(profile.get("text", ""))) else "unreadable"


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
    profile: dict[str, Any], *, ended: bool, record_ts: int, hired_ts: int | None
) -> str | None:
    """`combined_status` of a profile's accepted fields."""
    return combined_status(
        stated_status(profile), ended=ended, record_ts=record_ts, hired_ts=hired_ts
    )
