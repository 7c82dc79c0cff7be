"""Numbers in Spanish text: written with digits, spelled out, or both at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from models.reading.number_words import HUNDREDS, ONES, TEENS, TENS, TWENTIES, UNITS

_UNITS: Final = {"cero": 0, **ONES, **UNITS}
_TEENS: Final = {**TEENS, "veinte": 20, **TWENTIES}
_WORDS: Final = frozenset((*_UNITS, *_TEENS, *TENS, *HUNDREDS, "mil", "millon", "millones"))
ARTICLES: Final = frozenset(ONES)
"""Words that are a number only among numbers."""

_TOKEN: Final = re.compile(r"[a-z]+|[0-9](?:[0-9oli|]*[0-9])?")
_LOOKALIKE: Final = str.maketrans("oli|", "0111")


@dataclass(frozen=True, slots=True)
class Number:
    """One number as written.

    Attributes:
        start: Where it begins in the text.
        end: Where it ends.
        digits: How many digits it stands for.
        value: What it says.
        spelled: Whether it was written in words.
    """

    start: int
    end: int
    digits: int
    value: int
    spelled: bool


def fold(text: str) -> str:
    """Lower case without accents, of the same length as the text."""
    return "".join(_fold_char(char) for char in text)


def _fold_char(char: str) -> str:
    if char < "\x80":
        return char.lower()
    base = unicodedata.normalize("NFD", char)[0].lower()
    return base if len(base) == 1 else char


def plain(text: str) -> str:
    """Compatible characters made one, digits of all scripts made ASCII, invisible ones dropped."""
    kept = []
    for char in unicodedata.normalize("NFKC", text):
        kind = unicodedata.category(char)
        if char.isdecimal():
            kept.append(str(unicodedata.decimal(char)))
        elif kind in ("Zs", "Zl", "Zp", "Cc"):
            kept.append(" ")
        elif kind not in ("Cf", "Mn", "Me", "Cn", "Co", "Cs"):
            kept.append(char)
    return "".join(kept)


def scan(folded: str) -> Iterator[Number]:
    """Every number of a folded text, in order; words that belong together are one number."""
    spelled: list[re.Match[str]] = []
    for token in _TOKEN.finditer(folded):
        word = token[0]
        if word in _WORDS and not _touches_letters(folded, token):
            if spelled and not _joins(folded, spelled, token):
                yield _compose(spelled)
                spelled = []
            spelled.append(token)
            continue
        if spelled and not (word == "y" and spelled[-1][0] in TENS):
            yield _compose(spelled)
            spelled = []
        if word[0].isdigit():
            value = word.translate(_LOOKALIKE)
            yield Number(token.start(), token.end(), len(value), int(value), False)
    if spelled:
        yield _compose(spelled)


def _touches_letters(folded: str, token: re.Match[str]) -> bool:
    """Whether the token is part of a longer word."""
    before = folded[token.start() - 1 : token.start()]
    after = folded[token.end() : token.end() + 1]
    return before.isalpha() or after.isalpha()


def _joins(folded: str, so_far: list[re.Match[str]], token: re.Match[str]) -> bool:
    """Whether a number word continues the number before it ("treinta y" + "cinco")."""
    last, word = so_far[-1][0], token[0]
    between = folded[so_far[-1].end() : token.start()]
    if between.strip() == "y":
        return last in TENS and word in _UNITS
    if between.strip():
        return False
    if word in ("mil", "millon", "millones") or last in ("mil", "millon", "millones"):
        return word != last
    return last in HUNDREDS and word not in HUNDREDS


def _compose(tokens: list[re.Match[str]]) -> Number:
    total = part = 0
    for token in tokens:
        word = token[0]
        if word == "mil":
            total, part = total + max(part, 1) * 1000, 0
        elif word.startswith("millon"):
            total, part = (total + max(part, 1)) * 1_000_000, 0
        else:
            part += _value(word)
    value = total + part
    return Number(tokens[0].start(), tokens[-1].end(), len(str(value)), value, True)


def _value(word: str) -> int:
    for table in (_UNITS, _TEENS, TENS, HUNDREDS):
        if word in table:
            return table[word]
    raise KeyError(word)
