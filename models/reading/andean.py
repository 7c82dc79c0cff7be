"""Words of work in Quechua and Aymara, in texts that are not plainly Spanish.

The glossary (``data/andean.tsv``) holds roots with their Spanish; `models/reading/suffixes.py`
tells what is said with them. What is not in the glossary stays unknown, and a text without a sure
word of work is not read. Nothing is written in these languages, and no speaker has checked any of
it (docs/vocabulary.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple, get_args

from models.reading.glossary import Kind, Known, Root, glossary, known_word
from models.reading.language import assess, why_unread
from models.reading.suffixes import Tongue, closes_denial

ANDEAN_VERSION: Final = "andean-1"
"""Changes with every change of the rules or of ``data/andean.tsv``."""

MAX_CHARS: Final = 600
"""Of a text; what comes later is not read."""
MAX_TOLD: Final = 8
"""Words of work, and as many others, that a person is told of and the encoder is given."""

_TOKEN: Final = re.compile(r"[a-zñäëïöü]+(?:['’´`]+[a-zñäëïöü]+)*|[^\s\w'’´`]|\n")
_FOLD: Final = str.maketrans("áéíóúàèìòù", "aeiouaeiou")
_WORDS: Final = re.compile(r"[^\W\d_]{2,}(?:['’´`][^\W\d_]+)*")
_DENY: Final = 3  # words after a denial that nothing closes
_CLOSES: Final = 8  # words within which a denial is closed
_LOOKING: Final = frozenset({"buscar", "querer", "necesitar", "poder"})
_RANKED: Final[frozenset[Kind]] = frozenset({"work", "trade", "thing", "object", "place"})
_SOUGHT: Final = "busco trabajo"
_BEING: Final = frozenset({"estar, ser", "trabajar", _SOUGHT})
_SPANISH_NO: Final = frozenset({"no", "menos"})
_NO: Final = Known("", Root("no", "negation", verb=False), "thing")
_ENOUGH: Final = 0.5  # share of known words from which a list says who one is


class Word(NamedTuple):
    """One understood word, or a thing and what is done with it.

    Attributes:
        written: As the person wrote it.
        spanish: What the glossary says it means.
        kind: What it speaks of.
        start: Where it begins in the text.
        own: Whether the first person says it of themselves.
        denied: Whether it is said not to be so.
    """

    written: str
    spanish: str
    kind: Kind
    start: int
    own: bool
    denied: bool


class _Token(NamedTuple):
    """A word of a text, and what is known of it."""

    written: str
    start: int
    word: str
    known: Known


_Written = list[tuple[str, int, str]]


def _clauses(text: str) -> list[_Written]:
    """The words of a text between its marks: as written, where, and in lower case."""
    lowered = text.lower()
    told = (lowered if len(lowered) == len(text) else text).translate(_FOLD)
    clauses: list[_Written] = [[]]
    for token in _TOKEN.finditer(told):
        start, end = token.span()
        if told[start].isalpha():
            clauses[-1].append((text[start:end], start, token[0]))
        elif clauses[-1]:
            clauses.append([])
    return clauses


def _known(word: str, tongue: Tongue) -> Known:
    return _NO if word in _SPANISH_NO else known_word(word, tongue)


def _denied(clause: Sequence[_Token], tongue: Tongue) -> set[int]:
    """The places of what a clause says not to be so: "mana ... -chu", "jani ... -ti"."""
    out: set[int] = set()
    for at, token in enumerate(clause):
        if token.known.root is None or token.known.root.kind != "negation":
            continue
        later = range(at + 1, min(at + 1 + _CLOSES, len(clause)))
        ends = [i for i in later if closes_denial(clause[i].known.spelling, tongue)]
        last = ends[0] if ends else min(at + _DENY, len(clause) - 1)
        said = range(at + 1, last + 1)
        out.update(said)
        if ends and not any(_speaks(clause[i], "work", "part", "any") for i in said):
            out.update(range(at))  # "yanuytaqa manam yachanichu": what is not known came before
    return out


def _speaks(token: _Token, *kinds: Kind) -> bool:
    return token.known.root is not None and token.known.root.kind in kinds


def _read_clause(said: _Written, tongue: Tongue) -> Iterator[Word]:
    """The words of a clause; a thing beside what is done with it is one."""
    clause = [_Token(*each, _known(each[2], tongue)) for each in said]
    if not any(token.known.root for token in clause):
        return
    _, phrases = glossary(tongue)
    denied = _denied(clause, tongue)
    looking = any(
        token.known.root is not None
        and token.known.root.kind == "aim"
        and token.known.root.spanish in _LOOKING
        and token.known.shape == "own"
        and i not in denied
        for i, token in enumerate(clause)
    )
    for i, token in enumerate(clause):
        if token.known.root is None:
            continue
        written, start = token.written, token.start
        spanish, kind = token.known.root.spanish, token.known.root.kind
        for j in (i - 1, i - 2, i + 1):
            thing = clause[j].known.root if 0 <= j < len(clause) else None
            if thing is None or (thing.spanish, spanish) not in phrases:
                continue
            written = " ".join(clause[k].written for k in sorted((i, j)))
            start = min(start, clause[j].start)
            spanish, kind = phrases[thing.spanish, spanish], "work"
            break
        if kind == "any" and looking:
            spanish, kind = _SOUGHT, "work"
        elif kind == "work" and token.known.shape in ("who", "thing"):
            kind = "trade"
        yield Word(written, spanish, kind, start, token.known.shape == "own", i in denied)


@lru_cache(maxsize=4_096)
def understood(text: str) -> tuple[Word, ...]:
    """What the glossary knows of a text, in its order; about 30 us for 200 letters.

    Read as that of the two languages in which more of it is known.
    """
    best: tuple[Word, ...] = ()
    clauses = _clauses(text[:MAX_CHARS])
    for tongue in get_args(Tongue):
        words = tuple(word for clause in clauses for word in _read_clause(clause, tongue))
        if _letters(words) > _letters(best):
            best = words
    return best


def _letters(words: Sequence[Word]) -> int:
    return sum(len(word.written) for word in words)


@lru_cache(maxsize=4_096)
def sure(text: str) -> tuple[Word, ...]:
    """The words by which a text is ranked, of work first; () unless one of work is sure.

    It is sure where the text says something of the first person ("yachani", "tiyani"), a trade
    only where they say that they are it or work, and all of it in a list of little else.
    """
    words = [word for word in understood(text) if not word.denied]
    trade = [word for word in words if word.kind in ("work", "trade")]
    things = [word for word in words if word.kind in ("thing", "place")]
    if any(word.own for word in understood(text)):
        if not any(word.own and word.spanish in _BEING for word in words):
            trade = [word for word in trade if word.kind == "work"]
    elif not _is_list(text, trade, things):
        return ()
    if any(word.spanish != _SOUGHT for word in trade):  # what is sought is said better
        trade = [word for word in trade if word.spanish != _SOUGHT]
    return (*_once(trade), *_once(things)) if trade else ()


def _is_list(text: str, trade: Sequence[Word], things: Sequence[Word]) -> bool:
    """Whether there is little in a text but work, as in "yanuy, taqsay, pichay"."""
    said = len(_WORDS.findall(text[:MAX_CHARS]))
    known = sum(1 + word.written.count(" ") for word in trade) + len(things)
    return known >= (said if len(trade) == 1 else _ENOUGH * said)


def _once(words: Sequence[Word]) -> list[Word]:
    """The first word of each meaning, within the bound."""
    return list({word.spanish: word for word in reversed(words)}.values())[::-1][:MAX_TOLD]


def heard(text: str, skills: Sequence[str] = ()) -> tuple[Word, ...]:
    """What is read in these languages of what somebody wrote; () if that is plainly Spanish.

    Args:
        text: The person's own words.
        skills: What they are said to be able to do.
    """
    language = assess(text).language
    if language == "es" or why_unread(text, skills) == "no_words":
        return ()
    said = ". ".join((text[:MAX_CHARS], *skills))
    mixed = language == "unknown" and not any(word.own for word in understood(said))
    return () if mixed else sure(said)


def affirmed(text: str) -> str:
    """The text without the work that it denies, so that nobody is ranked by what they cannot do."""
    denied = {
        part
        for word in understood(text)
        if word.denied and word.kind in _RANKED
        for part in word.written.split()
    }
    if not denied:
        return text
    said = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(denied))) + r")(?!\w)")
    return said.sub(" ", text)
