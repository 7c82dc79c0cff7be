"""What one step would open, in plain Spanish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from models.ranking.unlocks import DISTANCE
from models.reading.spoken import spoken
from schemas.matches import MAX_UNLOCKED

_IF: Final = {
    DISTANCE: "si fueras hasta {} km más lejos",
    "shift": "si pudieras trabajar {}",
    "language": "si hablaras {}",
    "licence": "con brevete {}",
    "education": "con {}",
}
_ROTATING: Final = {("shift", "rotating"): "en turno rotativo"}


def say(unlock: Mapping[str, Any]) -> str:
    """One step of a matches event in a few words: "con brevete A-IIb: 4 trabajos más"."""
    return f"{_if(unlock)}: {_more(unlock)}"


def sentence(unlock: Mapping[str, Any]) -> str:
    """The same as a sentence for the person."""
    words = f"{_if(unlock)} habría {_more(unlock)} para ti."
    return words[0].upper() + words[1:]


def _if(unlock: Mapping[str, Any]) -> str:
    code = unlock["code"]
    if code == DISTANCE:
        return _IF[code].format(unlock["km"])
    value = unlock["value"]
    return _IF[code].format(_ROTATING.get((code, value)) or spoken(code, value))


def _more(unlock: Mapping[str, Any]) -> str:
    jobs = int(unlock["jobs"])
    some = "por lo menos " if jobs == MAX_UNLOCKED else ""
    return f"{some}{jobs} {'trabajo' if jobs == 1 else 'trabajos'} más"
