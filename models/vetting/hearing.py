"""Misspelt words as the patterns spell them: who writes "depocita" means "deposita".

Only words that a pattern names whole are put right, and only where they sound alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from models.reading.phonetic import sounds

_LEAST_LETTERS: Final = 5
"""Short words sound like too many others."""
_REPEATED: Final = re.compile(r"([a-z])\1{2,}")
_ENDINGS: Final = re.compile(r"(?<![a-z\\])([a-z]{3,})\(\?:([a-z| ]+)\)")
_OPTIONAL: Final = re.compile(r"(?<![a-z\\])([a-z]{3,})([a-z])\?")
_WHOLE: Final = re.compile(r"(?<![a-z\\)])[a-z]+(?![a-z(\\?\[)])|(?<=\|)[a-z]+(?=\))")


def heard(patterns: Iterable[str]) -> dict[str, str]:
    """Sound to spelling, of the whole words in regular expressions.

    A sound that two of the words share is left out: it would be a guess.
    """
    words: set[str] = set()
    for pattern in patterns:
        for stem, endings in _ENDINGS.findall(pattern):
            words.update(stem + ending for ending in endings.split("|") if " " not in ending)
        for stem, last in _OPTIONAL.findall(pattern):
            words |= {stem, stem + last}
        words.update(_WHOLE.findall(pattern))
    spelt: dict[str, str] = {}
    for word in sorted(word for word in words if len(word) >= _LEAST_LETTERS):
        sound = sounds(word)
        spelt[sound] = "" if sound in spelt else word
    return {sound: word for sound, word in spelt.items() if word}


def put_right(text: str, spelt: Mapping[str, str]) -> str:
    """Plain words between single spaces, with those that sound like a known one spelt so."""
    text = _REPEATED.sub(r"\1", text)
    words, sounding = text.split(), sounds(text).split()
    if len(words) != len(sounding):  # a lone "h" sounds like nothing
        sounding = [sounds(word) for word in words]
    pairs = zip(words, sounding, strict=True)
    return " ".join(spelt.get(sound, word) for word, sound in pairs)
