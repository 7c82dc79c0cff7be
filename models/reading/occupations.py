"""Which trades a text names, as ISCO-08 unit groups.

Known are ESCO's Spanish labels (v1.2), the groups' own names in ISCO-08 and in Peru's CNO 2015,
and what trades are called in the street (``data/trades.tsv``). Where nothing is known nothing is
said: an empty answer is no evidence, a wrong one would be false evidence.
"""

from __future__ import annotations

import gzip
from functools import cache
from importlib import resources

from models.reading.trade_names import MARKS, MAX_CODES, Codes, Names, Trade, codes_of

__all__ = ["MAX_CODES", "name", "occupations_of", "shipped", "trades"]


@cache
def trades() -> tuple[Trade, ...]:
    """What trades are called in the street, as shipped."""
    said = (resources.files("models.data") / "trades.tsv").read_text("utf-8")
    found = []
    for line in said.splitlines():
        if not line.startswith("#"):
            codes, plain_name, words = line.split("\t")
            found += [
                Trade(
                    codes_of(codes), plain_name, word.lstrip("?^"), MARKS.get(word[0], "anywhere")
                )
                for word in words.split("|")
            ]
    return tuple(found)


@cache
def shipped() -> Names:
    """The names in the package."""
    raw = gzip.decompress((resources.files("models.data") / "occupations.tsv.gz").read_bytes())
    lines = raw.decode().splitlines()
    return Names.parse((line for line in lines if not line.startswith("#")), trades())


def occupations_of(title_or_text: str) -> Codes:
    """ISCO-08 unit groups a text names, at most three, likeliest first; () when unsure."""
    return shipped().found(title_or_text)


def name(code: int) -> str:
    """A unit group in plain Spanish, "" if there is no such group."""
    return shipped().plain.get(code, "")
