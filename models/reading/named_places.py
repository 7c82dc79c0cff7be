"""Names of towns, neighbourhoods and areas, as shipped in models/data."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

from schemas.vocab import plain

SPELLINGS: Final = {"cuzco": "cusco", "nasca": "nazca"}
"""Other spellings of names of the table."""
DOMINANT: Final = 10
"""One of several namesakes is meant if so many times as many people live there as in the others."""


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


def name_key(name: str) -> str:
    """How names are compared: no accents, no case, no punctuation."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain(name)).split())
