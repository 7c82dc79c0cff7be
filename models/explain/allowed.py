"""What of a job's title a language model may be told: only words that are the name of nobody.

Names cannot all be listed, the words of work can: ``data/allowed_words.txt``. What is not on that
list is left out, whatever it is, and a title of which too little stays gives way to the name that
we have for the occupation. The list of forbidden forms (`redact`) reads the title first, since an
address or the name after "Sra." may be made of words that are on the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import resources
from typing import Final

from models.explain.numbers import fold, plain
from models.explain.redact import HIDDEN, redact
from models.reading.occupations import name, occupations_of

NAMELESS: Final = "este trabajo"
"""Stands for a title of which nothing may be told."""
MAX_CHARS: Final = 80


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Words that lead to another: where that is left out, or there is none, they go with it.
_LEADING: Final = _set(
    """de del la las los el lo al a y e o u en con por para sin un una su sus mi mis tu tus que se
    es ni como hasta desde entre sobre ante"""
)
_GENDERS: Final = re.compile(r"(?<=[^\W\d_]{3})(?: ?/ ?-?|\()(?:[oa]s?|es|ra)\b\)?", re.IGNORECASE)
_OR_BOTH: Final = re.compile(r"\b[yY] ?/ ?[oO]\b")
_TOKEN: Final = re.compile(r"\[oculto\]|[\w@]+(?:['’.@]+\w+)*|[^\w\s]")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_FIRST_PHRASE: Final = re.compile(r"(?<=\w{4})(?<!srta)[.!;?] |\n", re.IGNORECASE)


@lru_cache(maxsize=20_000)  # a title comes again with every person
def title(text: str) -> str:
    """A job's title as a model may be told it, in words of our list; never empty.

    Args:
        text: As a publisher wrote it.
    """
    first = _FIRST_PHRASE.split(text, maxsplit=1)[0]
    kept = known(redact(first))
    if kept and _says_enough(kept, first):
        return kept
    return known(next((name(code) for code in occupations_of(first)), "")) or NAMELESS


def known(text: str) -> str:
    """The words of a text that are on our list, as the list spells them, at most `MAX_CHARS`."""
    text = _GENDERS.sub("", _OR_BOTH.sub("o", plain(text)))
    said = ", ".join(filter(None, map(_joined, _phrases(text))))
    if len(said) > MAX_CHARS:
        said = _trimmed(said[: MAX_CHARS + 1].split()[:-1])
    return said[:1].upper() + said[1:]


def listed(word: str) -> bool:
    """Whether a word, in lower case without accents, is on our list."""
    return word in _words()


def _phrases(text: str) -> Iterator[list[str | None]]:
    """Words between marks; None for what is not on the list."""
    phrase: list[str | None] = []
    for token in _TOKEN.findall(text):
        if token == HIDDEN or token[0].isalnum() or "@" in token:
            phrase += _looked_up(token)
        else:
            yield phrase
            phrase = []
    yield phrase


def _looked_up(token: str) -> list[str | None]:
    """The words of a token: "ASIST.ADMINISTRATIVO" has two, an address of a mailbox has none."""
    if "@" in token or not token.replace(".", "").isalpha():
        return [None]
    return [_words().get(fold(part)) for part in token.split(".") if part]


def _joined(phrase: list[str | None]) -> str:
    """A phrase without what is not known, nor the words that led to it."""
    kept: list[str] = []
    gap = True
    for word in [*phrase, None]:
        if word is None:
            kept = _trimmed(kept).split()
            gap = True
        elif kept or word not in _LEADING:
            if not (gap and len(word) == 1):  # an initial, not a conjunction
                kept.append(word)
            gap = False
    return " ".join(kept)


def _trimmed(words: list[str]) -> str:
    """Words up to the last one that leads to no other."""
    while words and words[-1].strip(",") in _LEADING:
        words = words[:-1]
    return " ".join(words).rstrip(",")


def _says_enough(kept: str, text: str) -> bool:
    """Whether it is still told what the job is: its head and half, or a known occupation."""
    content, said = (
        [word for word in _LETTERS.findall(fold(t)) if len(word) > 2 and word not in _LEADING]
        for t in (kept, text)
    )
    whole = bool(content) and content[0] == said[0] and 2 * len(content) >= len(said)
    return whole or bool(occupations_of(kept))


@cache
def _words() -> dict[str, str]:
    """Folded words and how they are spelt."""
    raw = (resources.files("models.data") / "allowed_words.txt").read_text("utf-8")
    lines = (line for line in raw.splitlines() if not line.startswith("#"))
    return {fold(word): word for line in lines for word in line.split()}
