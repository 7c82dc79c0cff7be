"""How much the words of an ad are like those of ads known to be risky: what signs do not name yet.

Signs are patterns that somebody wrote, and whoever cheats finds other words. A logistic regression
over stems, what they mean (`concepts`) and pairs of both (`models.training.risk_words`) reads the
same mechanism in words that no pattern knows. Its weights are a table that anybody can read.
"""

from __future__ import annotations

import math
from functools import cache
from importlib import resources
from typing import Final

from models.vetting import concepts

STEM: Final = 5
"""Letters of a word that count: endings of gender, number and person go."""
BIAS: Final = "#bias"
NUMBER: Final = "#"


def stems(text: str) -> set[str]:
    """Stems and pairs of neighbours within a sentence.

    Args:
        text: As `signs.words_of` gives it.
    """
    out: set[str] = set()
    before = ""
    for word in text.split():
        if word == ".":
            before = ""
            continue
        stem = NUMBER if word[0].isdigit() else word[:STEM]
        out.add(stem)
        if before:
            out.add(f"{before} {stem}")
        before = stem
    return out


def features(text: str) -> dict[str, float]:
    """Stems and concepts of an ad and their pairs, with how much each counts: the longer the less.

    Args:
        text: As `signs.words_of` gives it.
    """
    out: dict[str, float] = {}
    for group in (stems(text), concepts.features(text)):
        out |= dict.fromkeys(group, 1.0 / math.sqrt(len(group) or 1))
    return out


@cache
def weights() -> dict[str, float]:
    """The weights in the package, by feature."""
    raw = (resources.files("models.data") / "risk_words.tsv").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in raw.splitlines() if not line.startswith("# "))
    return {name: float(weight) for name, weight in lines}


def likeness(text: str) -> float:
    """Log odds that these are the words of a risky ad; 0 is as likely as not among labelled ads."""
    known = weights()
    # Rounded: a sum must not depend on the order of a set.
    total = math.fsum(known.get(name, 0.0) * share for name, share in features(text).items())
    return known[BIAS] + total
