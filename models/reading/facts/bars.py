"""Which readings are sure enough to count as if they had been stated."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any, Final, Literal

from models.reading.facts.fact import Fact

Side = Literal["person", "job"]
_NEVER: Final = 2.0


@cache
def bars() -> dict[tuple[str, str], float]:
    """Least `Fact.sure` by side and fact, from ``data/reading_bars.tsv``."""
    raw = (resources.files("models.data") / "reading_bars.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in raw.splitlines() if not line.startswith("#"))
    return {(side, fact): _NEVER if least == "none" else float(least) for side, fact, least in rows}


def counts(side: Side, name: str, fact: Fact[Any]) -> bool:
    """Whether a fact is sure enough to fill the field."""
    return fact.sure >= bars()[side, name]
