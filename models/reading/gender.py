"""Feminine forms of words for people and their work, written as masculine ones.

The encoder puts "cocinera" and "cocinero" at different places, and a woman would see other jobs
than a man with the same words. Written alike on both sides, they have one vector. Only the
encoder reads such a text; nobody is shown it.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Final, Literal

GENDER_VERSION: Final = "gender-1"
"""Changes with every change of the rules or of ``data/feminine.tsv``."""

_WORDS: Final = re.compile(r"[A-Za-zÁÉÍÓÚÑÜáéíóúñü]{4,24}")
#: Endings of women at work that the table need not know; things that end so are in the table.
_ENDINGS: Final = (
    ("doras", "dores"), ("dora", "dor"), ("toras", "tores"), ("tora", "tor"),
    ("eras", "eros"), ("era", "ero"), ("grafa", "grafo"), ("loga", "logo"), ("logas", "logos"),
)  # fmt: skip
_SHORTEST: Final = 7  # letters of a word whose ending counts
_PAIRED: Final = re.compile(r"(?<=\w)(?:/-?|\()[aA]s?\b\)?")  # cocinero/a, cocinero(a)
_NO_PERSON: Final = frozenset(
    {"buenas", "buenos", "señor", "señora", "señorita", "señores", "amigo", "amiga", "jefe", "jefa",
     "solo", "rápido", "chico", "chica"}
)  # fmt: skip
"""Greetings, whom one writes to, and what is seldom said of oneself."""
Gender = Literal["feminine", "masculine"]
_SAY_IT: Final[dict[str, Gender]] = {
    "mujer": "feminine", "mamá": "feminine", "madre": "feminine", "varón": "masculine"
}  # fmt: skip


@cache
def _forms() -> dict[str, str]:
    raw = (resources.files("models.data") / "feminine.tsv").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in raw.splitlines() if line and not line.startswith("#"))
    return {feminine: masculine for feminine, masculine, *_ in lines}


def neutral(text: str) -> str:
    """The text with feminine forms as masculine ones: "Cocinera rápida" as "Cocinero rápido".

    A word that is not known stays as it is; so do things ("lavadora"). About 15 us for 60 letters.
    """
    return _WORDS.sub(_changed, _PAIRED.sub("", text))


def gender_said(text: str) -> Gender | None:
    """The grammatical gender of the first word for a person at work: "soy cocinera" is feminine.

    A guess for figures over many people, wrong for some ("busco de niñero o niñera"): for one
    person it says nothing, and nothing is decided by it. None where no word tells.
    """
    for word in _WORDS.findall(text):
        lowered = word.lower()
        if lowered in _NO_PERSON:
            continue
        if (said := _SAY_IT.get(lowered)) is not None:
            return said
        if _masculine(lowered) != lowered:
            return "feminine"
        if lowered in _masculine_forms():
            return "masculine"
    return None


@cache
def _masculine_forms() -> frozenset[str]:
    """Masculine forms that are not both ("ayudante" is)."""
    pairs = _forms().items()
    return frozenset(m for f, m in pairs if f != m and m.endswith(("o", "or")))


def _changed(found: re.Match[str]) -> str:
    return _masculine(found[0])


def _masculine(word: str) -> str:
    lowered = word.lower()
    form = _forms().get(lowered)
    if form is None:
        if len(lowered) < _SHORTEST:
            return word
        for ending, other in _ENDINGS:
            if lowered.endswith(ending):
                form = lowered[: -len(ending)] + other
                break
        else:
            return word
    return word if form == lowered else form.capitalize() if word[0].isupper() else form
