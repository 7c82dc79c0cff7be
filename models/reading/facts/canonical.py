"""One spelling of a text for all patterns, and the way back to what was written.

Lower case without accents, SMS spelt out ("tngo 2 años d exp" as "tengo 2 anos de experiencia"),
number words as digits, one space between words; line ends stay. Patterns run on this and never
on what was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from models.reading.facts.fact import Fact, T
from models.reading.facts.numbers import NUMBER_WORDS, value_of
from models.reading.lexicon import find, folded

MAX_CHARS: Final = 3_000
"""Of one text; what comes later is not read, so that cost is bounded."""

_KINDS: Final = frozenset({"sms", "spelling"})
_SPACE: Final = re.compile(r"[ \t\r\f\v\u00a0\u2000-\u200a]+|\n+")


@dataclass(frozen=True, slots=True)
class Canonical:
    """A text in one spelling.

    Attributes:
        text: What patterns read.
        written: What was written, cut at MAX_CHARS.
        pieces: (start in `text`, start in `written`, letter by letter) of each run, in order;
            of a run that was rewritten only its ends correspond.
    """

    text: str
    written: str
    pieces: tuple[tuple[int, int, bool], ...]

    def fact(self, value: T, start: int, end: int, sure: float, rule: str) -> Fact[T]:
        """A fact read from `text[start:end]`."""
        first, last = self._back(start, False), self._back(end, True)
        return Fact(value, self.written[first:last], first, last, sure, rule)

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


class _Rewriting:
    """Text that is rewritten from left to right, remembering where its pieces came from."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.pieces: list[tuple[int, int, bool]] = []
        self.length = 0

    def add(self, text: str, source: int, same: bool) -> None:
        """Append a piece that begins at `source` in what was written."""
        if text:
            self.out.append(text)
            self.pieces.append((self.length, source, same))
            self.length += len(text)


def canonical(text: str) -> Canonical:
    """The text in one spelling; linear in its length, about 60 us for 200 letters."""
    written = text[:MAX_CHARS]
    told = folded(written)
    found = [(f.start, f.end, folded(f.standard)) for f in find(written) if f.kind in _KINDS]
    taken = found
    for match in NUMBER_WORDS.finditer(told):
        number = value_of(match[0])
        if number is not None:
            taken = [f for f in taken if f[1] <= match.start() or f[0] >= match.end()]
            taken.append((match.start(), match.end(), str(number)))
    rewriting, at = _Rewriting(), 0
    for start, end, standard in (*sorted(taken), (len(told), len(told), "")):
        _copy(rewriting, told, at, start)
        rewriting.add(standard, start, False)
        at = end
    return Canonical("".join(rewriting.out), written, tuple(rewriting.pieces) or ((0, 0, True),))


def _copy(rewriting: _Rewriting, told: str, at: int, end: int) -> None:
    """Copy told[at:end], runs of spaces as one space and of line ends as one line end."""
    for space in _SPACE.finditer(told, at, end):
        if space.end() - space.start() == 1 and told[space.start()] in " \n":
            continue
        rewriting.add(told[at : space.start()], at, True)
        rewriting.add("\n" if "\n" in space[0] else " ", space.start(), False)
        at = space.end()
    rewriting.add(told[at:end], at, True)
