"""One spelling of a text for all patterns, and the way back to what was written.

Lower case without accents, SMS spelt out ("tngo 2 años d exp" as "tengo 2 anos de experiencia"),
number words as digits, one space between words; line ends stay. Patterns run on this and never
on what was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from models.reading.facts.fact import Fact, T
from models.reading.facts.numbers import NUMBER_WORDS, numbers_in
from models.reading.lexicon import entries, folded

MAX_CHARS: Final = 3_000
"""Of one text; what comes later is not read, so that cost is bounded."""

_KINDS: Final = frozenset({"sms", "spelling", "keep"})
_MORE: Final = (
    ("voi", "voy", "spelling"), ("cualkier", "cualquier", "spelling"),
    ("dond", "donde", "spelling"), ("kedarme", "quedarme", "spelling"),
    ("si ay", "si hay", "spelling"), ("ans", "anos", "spelling"), ("anyos", "anos", "spelling"),
    ("anhos", "anos", "spelling"), ("kinto", "quinto", "spelling"),
    ("kuarto", "cuarto", "spelling"), ("akabe", "acabe", "spelling"),
    ("acave", "acabe", "spelling"), ("bivo", "vivo", "spelling"), ("vibo", "vivo", "spelling"),
    ("bibo", "vivo", "spelling"), ("bivimos", "vivimos", "spelling"),
    ("vibimos", "vivimos", "spelling"), ("bibimos", "vivimos", "spelling"),
    ("bive", "vive", "spelling"), ("ijos", "hijos", "spelling"), ("ijo", "hijo", "spelling"),
    ("asta", "hasta", "spelling"), ("ablo", "hablo", "spelling"),
    ("abla", "habla", "spelling"), ("ase", "hace", "spelling"), ("kual", "cual", "spelling"),
    ("kualkier", "cualquier", "spelling"), ("estoi", "estoy", "spelling"),
    ("yamo", "llamo", "spelling"), ("vvo", "vivo", "spelling"),
    ("ija", "hija", "spelling"), ("ijas", "hijas", "spelling"),
)  # fmt: skip
"""Spellings that only facts need: the encoder's lexicon stays, and vectors made with it."""
_WORD: Final = re.compile(r"[cst]/(?:exp\b|c\b)|c/|[a-z0-9]+(?:'[a-z]+)?")
_LONG_VOWELS: Final = str.maketrans("äëïöÄËÏÖàèìòùâêîôû–—", "aeioAEIOaeiouaeiou--")
"""Of Quechua and Aymara ("kä", "mä"), which else would cut a word in two; and dashes."""
_LONG: Final = re.compile("[" + "".join(map(chr, _LONG_VOWELS)) + "]")
_SPACES: Final = re.compile(r"\s{2,}|[^\S ]")
_SLASH: Final = re.compile(r" [/|] ")
_PAPERS: Final = ("brevete ", "licencia ", "categoria ", "clase ", "conducir ")
_UNITS: Final = frozenset("kmt")
"""Letters that after a number are a unit."""


@dataclass(frozen=True, slots=True)
class Canonical:
    """A text in one spelling.

    Attributes:
        text: What patterns read.
        written: What was written, cut at MAX_CHARS.
        pieces: (start in `text`, start in `written`, letter by letter) of each run, in order;
            of a run that was rewritten only its ends correspond.
        part: Which text of an event it is: "text", or "title", "description", "requirements".
    """

    text: str
    written: str
    pieces: tuple[tuple[int, int, bool], ...]
    part: str = "text"

    def fact(self, value: T, start: int, end: int, sure: float, rule: str) -> Fact[T]:
        """A fact read from `text[start:end]`."""
        first, last = self._back(start, False), self._back(end, True)
        return Fact(value, self.written[first:last], first, last, sure, rule, self.part)

    def _back(self, at: int, is_end: bool) -> int:
        low, high = 0, len(self.pieces)
        while high - low > 1:
            middle = (low + high) // 2
            if self.pieces[middle][0] < at or (self.pieces[middle][0] == at and not is_end):
                low = middle
            else:
                high = middle
        start, source, same = self.pieces[low]
        if same:
            return min(source + at - start, len(self.written))
        if not is_end:
            return source
        return self.pieces[low + 1][1] if low + 1 < len(self.pieces) else len(self.written)


class JobWords(NamedTuple):
    """The words of an ad, each part in one spelling."""

    title: Canonical
    description: Canonical
    requirements: Canonical


def canonical(text: str, part: str = "text") -> Canonical:
    """The text in one spelling; linear in its length, about 25 us for 200 letters.

    Args:
        text: As it was written.
        part: What `Canonical.part` says of it.
    """
    written = text[:MAX_CHARS]
    told = folded(written.translate(_LONG_VOWELS) if _LONG.search(written) else written)
    words = _WORD.findall(told)
    changes: list[tuple[int, int, str]] = []
    if not NUMBER_WORDS.isdisjoint(words):
        changes += numbers_in(told)
    if not _forms().keys().isdisjoint(words):
        changes += _respelt(told, written)
    if told.count(" / ") + told.count(" | ") > 1:  # a list of statements, as in a CV
        changes += [(found.start(), found.end(), "\n") for found in _SLASH.finditer(told)]
    if "  " in told or not told.isprintable():
        for space in _SPACES.finditer(told):
            if space[0] != "\n":
                changes.append((space.start(), space.end(), "\n" if "\n" in space[0] else " "))
    if not changes:
        return Canonical(told, written, ((0, 0, True),), part)
    changes.sort()
    out: list[str] = []
    pieces: list[tuple[int, int, bool]] = []
    at = length = 0
    for start, end, new in changes:
        if start < at:  # a number word within a known form, or the other way
            continue
        if start > at:
            pieces.append((length, at, True))
            out.append(told[at:start])
            length += start - at
        pieces.append((length, start, False))
        out.append(new)
        length += len(new)
        at = end
    if at < len(told):
        pieces.append((length, at, True))
        out.append(told[at:])
    return Canonical("".join(out), written, tuple(pieces), part)


_Rest = tuple[str, str | None]


@cache
def _forms() -> dict[str, tuple[_Rest, ...]]:
    """By first word: what must follow it and what to write (None: stays), longest first."""
    found: dict[str, list[_Rest]] = {}
    known = ((entry.form, entry.standard, entry.kind) for entry in entries())
    for form, standard, kind in (*known, *_MORE):
        told, new = folded(form), folded(standard)
        if kind not in _KINDS or "0" in told.split() or (told == new and kind != "keep"):
            continue
        first = _WORD.match(told)
        if first is not None:
            rest = (told[first.end() :], None if kind == "keep" else new)
            found.setdefault(first[0], []).append(rest)
    return {first: tuple(sorted(held, key=lambda f: -len(f[0]))) for first, held in found.items()}


def _respelt(told: str, written: str) -> list[tuple[int, int, str]]:
    """Known forms of SMS and spelling with what to write, in order; the longest counts."""
    forms = _forms()
    out: list[tuple[int, int, str]] = []
    at = 0
    for word in _WORD.finditer(told):
        known = forms.get(word[0])
        if known is None or word.start() < at:
            continue
        start, end = word.span()
        if word[0] == "ai" and (written[start] == "A" or told[:start].endswith(_PAPERS)):
            continue  # a licence class and not "hay"
        for rest, standard in known:
            if rest and not (told.startswith(rest, end) and _ends(told, end + len(rest))):
                continue
            if standard is not None and (rest or not _initial(told, written, start, end)):
                out.append((start, end + len(rest), standard))
            at = end + len(rest)
            break
    return out


def _ends(told: str, at: int) -> bool:
    """Whether no word goes on here."""
    return at >= len(told) or not told[at].isalnum()


def _initial(told: str, written: str, start: int, end: int) -> bool:
    """Whether a single letter is an initial, counts items or is a unit: "D. Quispe", "d)", "5 m".

    "x" between numbers is a count of days or a size.
    """
    if end - start > 1:
        return False
    if (
        written[start].isupper()
        or told[end : end + 1] in {".", ")", "-"}
        or told[start - 1 : start] in {"-", "("}
    ):
        return True
    if told[start] == "x":
        return told[start - 2 : start - 1].isdigit() and told[end + 1 : end + 2].isdigit()
    return told[start] in _UNITS and told[start - 2 : start - 1].isdigit()
