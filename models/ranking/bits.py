"""The yes-or-no attributes of people and jobs as bits of one uint64."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from schemas.vocab import EDUCATION, LANGUAGES, LICENCE_COVERS, LICENCES, SHIFTS

_FIRST_BIT: Final = {"licence": 0, "education": 10, "shift": 14, "onsite": 19, "language": 20}


def _bits(kind: str, names: tuple[str, ...]) -> dict[str, int]:
    return {name: 1 << (_FIRST_BIT[kind] + i) for i, name in enumerate(names)}


LICENCE_BITS: Final = _bits("licence", LICENCES)
LEVEL_BITS: Final = _bits("education", EDUCATION[1:])
SHIFT_BITS: Final = _bits("shift", SHIFTS)
LANGUAGE_BITS: Final = _bits("language", LANGUAGES)
ONSITE: Final = 1 << _FIRST_BIT["onsite"]

BITS: Final = {
    "licence": LICENCE_BITS,
    "education": LEVEL_BITS,
    "shift": SHIFT_BITS,
    "language": LANGUAGE_BITS,
}
"""Of each attribute that has terms, the bit of each term, in the order of its vocabulary."""

ANY_LICENCE: Final = sum(LICENCE_BITS.values())
ANY_LEVEL: Final = sum(LEVEL_BITS.values())
ANY_SHIFT: Final = sum(SHIFT_BITS.values())
ANY_LANGUAGE: Final = sum(LANGUAGE_BITS.values())
ALL: Final = ANY_LICENCE | ANY_LEVEL | ANY_SHIFT | ANY_LANGUAGE | ONSITE
"""What somebody has who states nothing."""


def licence_bits(held: str) -> int:
    """All classes that one class covers; none for "none"."""
    return sum(LICENCE_BITS[c] for c in LICENCE_COVERS.get(held, ()))


def level_bits(level: str) -> int:
    """A level of schooling and all below it."""
    return sum(LEVEL_BITS[below] for below in EDUCATION[1 : EDUCATION.index(level) + 1])


def shift_bits(shifts: Sequence[str]) -> int:
    """Who can work day and night can rotate, and who rotates works day and night."""
    bits = 0
    for name in shifts:
        bits |= SHIFT_BITS[name]
    if "rotating" in shifts or {"day", "night"} <= set(shifts):
        bits |= SHIFT_BITS["rotating"] | SHIFT_BITS["day"] | SHIFT_BITS["night"]
    return bits
