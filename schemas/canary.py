"""The canary: one invented person and one invented job that show whether matching works.

Whoever has the mark is matched with its like alone. Everybody who reads our topics passes over keys
that begin with `CANARY`; no publisher uses such ids.
"""

from __future__ import annotations

from typing import Any, Final

CANARY: Final = "canary."
PERSON: Final = f"{CANARY}person"
JOB: Final = f"{CANARY}job"
_WORDS: Final = "Canario inventado: cocina menú y lava ollas"


def is_canary(name: str) -> bool:
    """Whether an id is of the invented person or job."""
    return name.startswith(CANARY)


def person(ends_ms: int) -> dict[str, Any]:
    """The profile, valid until then (ms since the epoch); another end is another content."""
    return {
        "profile_id": PERSON, "text": _WORDS, "valid_until": ends_ms, "canary": True,
        "consent_llm": False,
    }  # fmt: skip


def job(ends_ms: int) -> dict[str, Any]:
    """The ad, likewise."""
    return {"job_id": JOB, "title": _WORDS, "expires_at": ends_ms, "canary": True}
