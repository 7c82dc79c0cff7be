"""Place and home in Quechua and Aymara: endings of names and the verbs beside them.

"Manchaypi tiyani" and "Juliacan utjta" are where one lives, "Yaulimanta kani" where one is from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_ENDING: Final = re.compile(
    r"(?:llapi|pita|piqa|pim?|manta|man|chaw|choo?|chu|nkir[iy]|na|n|ta|p)"
    r"(?:m|n|s|mi|si|n?qa|tapas|pas|wa|twa|tawa|raq)?$"
)
"""Endings of place in Quechua and Aymara: in, from, to, by."""
_HINTS: Final = (
    "tiya", "kawsa", "kashani", "kachkani", "kani", "kanchis", " ka", "tara", "taara", "taku",
    "taaku", "utj", "jaka", "jakt", "jaki", "qamas", "jut", "tatwa", "irit", "iryt", "naya",
    "nuqa", "noqa", "noga",
)  # fmt: skip
_SPOKEN: Final = re.compile(
    r"\b(?:tiya\w*|kawsa\w*|kashani|kachkani|kani|kanchis|ka|taa?r[aq]\w*|taa?ku\w*|"
    r"utj\w+|jak[ait]s?\w*|qamas\w*|jutt?\w*|\w+tatwa|\w+kir[iy]t\w*|nayax?a?|nuqa\w*|noqa\w*|"
    r"noga)\b"
)
"""Words by which a text is known to speak Quechua or Aymara of where its writer lives."""
_IN: Final = re.compile(r"(?:pim?|na|n|chaw|choo?|chu|piqa|pin?)(?:m|mi|s|si|n?qa|raq)?$")
_OUT: Final = re.compile(r"(?:manta|pita|piqta|ta)")
_CARRIER: Final = re.compile(
    r" (?:marka|tuqi|distrito|llaqta|comunidad|provincia|suyu|ayllu|ladu|law|lado)"
    r"(pim?|manta[ms]?|ta|na|n|pita|chaw)\b"
)
_LIVES: Final = re.compile(
    r"\W*(?:\w+\W+){0,4}?(?:tiya\w*|kawsa\w*|taa?r\w*|taa?k\w*|utj\w*|jak\w*|qamas\w*)\b"
)
_COMES: Final = re.compile(r"\W*(?:\w+\W+){0,3}?(?:kani|kanchis?|ka|kaa|jutt?\w*|katwa)\b")
_AYMARA: Final = re.compile(r"(?:nkiritwa|kirit\w*|tatwa|tawa|tuqi\w*|ankt\w*|nktwa)$")


def spoken(text: str) -> bool:
    """Whether a text speaks Quechua or Aymara of where its writer lives."""
    return any(map(text.__contains__, _HINTS)) and _SPOKEN.search(text) is not None


def ending(letters: str) -> bool:
    """Whether letters behind a name are an ending of place."""
    return _ENDING.fullmatch(letters) is not None


def stem(word: str) -> str:
    """A word without its endings of place; at least three letters stay."""
    told = _ENDING.search(word, 3)
    return word[: told.start()] if told else word


def role(text: str, start: int, end: int, endings: Sequence[str]) -> str | None:
    """home, origin or "" as endings and verbs say; None where nothing is in these languages.

    Args:
        text: In canonical spelling.
        start, end: Where the names of one place stand.
        endings: What stands behind the names, as `stem` leaves it out.
    """
    carrier = _CARRIER.match(text, end)
    said = [ending for ending in (*endings, carrier[1] if carrier else "") if ending]
    if not said or not spoken(text):
        return None
    before, inner = text[max(0, start - 40) : start], text[start:end]
    behind = text[end : end + 60].split(".")[0]
    if any(_AYMARA.search(ending) for ending in said):
        return "origin"
    inside = any(_IN.fullmatch(ending) for ending in said)
    if inside and (_LIVES.match(behind) or _LIVES.search(before) or _LIVES.search(inner)):
        return "home"
    away = any(_OUT.match(ending) for ending in said)
    if away and (_COMES.match(behind) or _COMES.search(before)):
        return "origin"
    return ""


def carried(text: str, end: int) -> bool:
    """Whether the word behind a name says which area it is: "Andahuaylas provinciapi"."""
    return _CARRIER.match(text, end) is not None
