"""Names of towns, neighbourhoods and areas, as shipped in models/data."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import NamedTuple


class Line(NamedTuple):
    """One line of ``data/places.tsv``: a name, its kind (town, part, area, word) and its code."""

    name: str
    kind: str
    code: str


@cache
def lines() -> tuple[Line, ...]:
    """All lines of ``data/places.tsv``."""
    raw = (resources.files("models.data") / "places.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in raw.splitlines() if not line.startswith("#")]
    return tuple(Line(*row) for row in rows[1:])
