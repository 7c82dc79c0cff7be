"""Which trades a text names: ISCO-08 unit groups, found by the longest known name.

The names are ESCO's Spanish labels (v1.2, European Commission; see data/README.md) and a list of
what trades are called in Peru, folded so that gender, number, accents and capitals do not count.
Where a name means trades of several groups, or none is found, nothing is said: no guess.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from functools import lru_cache
from importlib import resources
from typing import Final

MAX_CODES: Final = 3
_MOST_TOKENS: Final = 160  # of a text: where a trade stands if it stands anywhere
_MOST_LETTERS: Final = 4_000
_LONGEST: Final = 6  # tokens of a name
_WORD: Final = re.compile(r"[a-z]+")
_SILENT: Final = frozenset(("de", "del", "la", "el", "los", "las", "en", "a", "y", "e", "para"))

Names = dict[tuple[str, ...], int]


def fold(text: str) -> list[str]:
    """Words without accents, gender and number: "Cocineras" and "cocinero" are both "cociner"."""
    plain = unicodedata.normalize("NFKD", text[:_MOST_LETTERS].lower())
    words = _WORD.findall(plain.encode("ascii", "ignore").decode())
    return [_stem(word) for word in words if word not in _SILENT]


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("es") and word[-3] in "lrndzj":
        word = word[:-2]
    elif len(word) > 3 and word.endswith("s"):
        word = word[:-1]
    if len(word) > 3 and word[-1] in "aoe":
        word = word[:-1]
    return word


@lru_cache(maxsize=1)
def _names() -> Names:
    names: Names = {}
    for name, code in _labels():
        names.setdefault(tuple(fold(name)), code)
    names.pop((), None)
    return {name: code for name, code in names.items() if len(name) <= _LONGEST}


def _labels() -> list[tuple[str, int]]:
    """Names and codes; Peru's own first, so that they win."""
    folder = resources.files("models.data")
    found = []
    street = (folder / "trades.tsv").read_text(encoding="utf-8")
    esco = gzip.decompress((folder / "occupations.tsv.gz").read_bytes()).decode()
    for line in (*street.splitlines(), *esco.splitlines()):
        if line.startswith("#"):
            continue
        code, _, names = line.partition("\t")
        found += [(name, int(code)) for name in names.split("|")]
    return found


@lru_cache(maxsize=8192)
def occupations_of(text: str) -> tuple[int, ...]:
    """At most three ISCO-08 unit groups named in a text, in the order of the text; () if none."""
    names, tokens = _names(), fold(text)[:_MOST_TOKENS]
    found: dict[int, None] = {}
    at = 0
    while at < len(tokens) and len(found) < MAX_CODES:
        for length in range(min(_LONGEST, len(tokens) - at), 0, -1):
            code = names.get(tuple(tokens[at : at + length]))
            if code is not None:
                found[code] = None
                at += length - 1
                break
        at += 1
    return tuple(found)
