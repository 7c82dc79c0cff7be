"""What one step would open, as people read it."""

from __future__ import annotations

from typing import Any

import pytest

from models.ranking.bits import BITS
from models.ranking.unlock_words import say, sentence
from models.ranking.unlocks import CODES, DISTANCE, Unlock, steps
from schemas.matches import MAX_UNLOCKED

SAID: list[tuple[dict[str, Any], str, str]] = [
    (
        {"code": "licence", "value": "A-IIb", "jobs": 4},
        "con brevete A-IIb: 4 trabajos más",
        "Con brevete A-IIb habría 4 trabajos más para ti.",
    ),
    (
        {"code": "shift", "value": "night", "jobs": 1},
        "si pudieras trabajar de noche: 1 trabajo más",
        "Si pudieras trabajar de noche habría 1 trabajo más para ti.",
    ),
    (
        {"code": "shift", "value": "rotating", "jobs": 2},
        "si pudieras trabajar en turno rotativo: 2 trabajos más",
        "Si pudieras trabajar en turno rotativo habría 2 trabajos más para ti.",
    ),
    (
        {"code": "language", "value": "qu", "jobs": 2},
        "si hablaras quechua: 2 trabajos más",
        "Si hablaras quechua habría 2 trabajos más para ti.",
    ),
    (
        {"code": "education", "value": "tecnica", "jobs": MAX_UNLOCKED},
        "con estudios técnicos: por lo menos 20 trabajos más",
        "Con estudios técnicos habría por lo menos 20 trabajos más para ti.",
    ),
    (
        {"code": "distance", "km": 10, "jobs": 3},
        "si fueras hasta 10 km más lejos: 3 trabajos más",
        "Si fueras hasta 10 km más lejos habría 3 trabajos más para ti.",
    ),
]


@pytest.mark.parametrize(("unlock", "short", "whole"), SAID)
def test_a_step_in_plain_words(unlock: dict[str, Any], short: str, whole: str) -> None:
    assert say(unlock) == short
    assert sentence(unlock) == whole


def test_every_step_there_is_has_words_of_its_own() -> None:
    every = [step for code in CODES for step in steps(code)]
    assert len({say(Unlock(*step, 2).told()) for step in every}) == len(every)
    assert set(BITS) | {DISTANCE} == set(CODES)
