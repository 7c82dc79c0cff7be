"""What people in Peru write for work, as standard Spanish: "toy buscando chamba" is read as work.

One pass over the words of a text; the longest known form counts. Forms and their kinds lie in
``data/lexicon.tsv``; which kinds are applied was decided by measuring (docs/vocabulary.md).
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Final, Literal, NamedTuple

LEXICON_VERSION: Final = "lexicon-1"
"""Changes with every change of the rules or of ``data/lexicon.tsv``: vectors of texts that were
normalised in two ways do not mix."""

Kind = Literal["sms", "spelling", "informal", "regional", "quechua", "keep"]
REPLACED: Final[frozenset[Kind]] = frozenset()
"""Kinds whose standard form takes the place of what was said."""
ADDED: Final[frozenset[Kind]] = frozenset({"sms", "spelling", "informal", "regional", "quechua"})
"""Kinds whose standard form is put beside what was said; words of kind "keep" always stay."""

_WORD: Final = re.compile(r"[cst]/(?:exp\b|c\b)|c/|[a-z0-9]+(?:'[a-z]+)?")
_NUMBER: Final = "0"
_FOLD: Final = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÁÉÍÓÚÜÑáéíóúüñ’´", "abcdefghijklmnopqrstuvwxyzaeiouunaeiouun''"
)


class Entry(NamedTuple):
    """One line: a form, its standard Spanish, its kind, and where it is from."""

    form: str
    standard: str
    kind: Kind
    source: str


@cache
def entries() -> tuple[Entry, ...]:
    """All lines of the lexicon, those that `normalise` does not apply among them."""
    raw = (resources.files("models.data") / "lexicon.tsv").read_text("utf-8")
    lines = [line.split("\t") for line in raw.splitlines() if not line.startswith("#")]
    return tuple(Entry(*line) for line in lines[1:])  # type: ignore[arg-type]


def folded(text: str) -> str:
    """Lower case without accents, letter by letter: as long as the text, ñ as n."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    return (lowered if len(lowered) == len(text) else text).translate(_FOLD)


class Found(NamedTuple):
    """A known form in a text, from one place to another, and what to write."""

    start: int
    end: int
    standard: str
    kind: Kind


_Rest = tuple[tuple[str, ...], str, Kind]


@cache
def _forms() -> dict[str, tuple[_Rest, ...]]:
    """By first word: the words after it, what to write and the kind, longest first."""
    found: dict[str, list[_Rest]] = {}
    for form, standard, kind, _ in entries():
        first, *rest = _WORD.findall(folded(form))
        found.setdefault(first, []).append((tuple(rest), standard, kind))
    return {first: tuple(sorted(held, key=lambda f: -len(f[0]))) for first, held in found.items()}


def find(text: str) -> list[Found]:
    """The known forms of a text in its order, the longest where several begin.

    A single letter counts only where it is no initial and no item of a list: "3 dias x semana",
    but "Juan D. Quispe", "d)".
    """
    told = folded(text)
    words = [(found[0], *found.span()) for found in _WORD.finditer(told)]
    forms, at = _forms(), 0
    out: list[Found] = []
    while at < len(words):
        word, start, end = words[at]
        known = forms.get(word) or (forms.get(_NUMBER) if word.isdigit() else None)
        if known:
            for rest, standard, kind in known:
                if rest and not _follows(words, at, rest, told):
                    continue
                if kind != "keep" and (rest or not _initial(text, start, end)):
                    end = words[at + len(rest)][2]
                    written = _written(standard, text[start:end])
                    if written != text[start:end]:
                        out.append(Found(start, end, written, kind))
                at += len(rest)
                break
        at += 1
    return out


def normalise(
    text: str, replaced: frozenset[Kind] = REPLACED, added: frozenset[Kind] = ADDED
) -> str:
    """The text as the encoder reads it; what is not known stays as it is. About 40 us for 200
    letters.

    Args:
        text: What somebody wrote.
        replaced: Kinds whose standard form takes the place of what was said.
        added: Kinds whose standard form is put at the end, beside what was said.
    """
    out: list[str] = []
    more: list[str] = []
    copied = 0
    for start, end, standard, kind in find(text):
        if kind in replaced:
            out += text[copied:start], standard
            copied = end
        if kind in added:
            more.append(standard)
    if not out and not more:
        return text
    out.append(text[copied:])
    if more:
        out.append(" (" + ", ".join(dict.fromkeys(more)) + ")")
    return "".join(out)


def _follows(words: list[tuple[str, int, int]], at: int, rest: tuple[str, ...], told: str) -> bool:
    """Whether these words come next, a space before each."""
    if at + len(rest) >= len(words):
        return False
    for wanted in rest:
        gap, at = words[at][2], at + 1
        word, start, _ = words[at]
        if word != wanted and not (wanted == _NUMBER and word.isdigit()):
            return False
        if start - gap > 1 or (start > gap and told[gap] != " "):
            return False
    return True


def _written(standard: str, said: str) -> str:
    """The standard form with the numbers and the first capital of what was said."""
    if _NUMBER in standard:
        numbers = iter(re.findall(r"\d+", said))
        standard = re.sub(_NUMBER, lambda _: next(numbers, ""), standard)
    return standard[0].upper() + standard[1:] if said[0].isupper() else standard


def _initial(text: str, start: int, end: int) -> bool:
    """Whether a single letter is an initial or counts items: "D. Quispe", "a) b) d)"."""
    if end - start > 1:
        return False
    return (
        text[start].isupper()
        or text[end : end + 1] in {".", ")", "-"}
        or (start > 0 and text[start - 1] in "-(")
    )
