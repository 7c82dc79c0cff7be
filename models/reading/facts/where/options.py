"""Districts to choose from, for a place that somebody wrote by itself in a form.

A reader of texts keeps silent where a name could be two districts; here the person is asked, so
every district that may be meant is offered, the likeliest first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from models.reading.districts import DISTRICTS
from models.reading.facts.where.fuzzy import nearest
from models.reading.facts.where.gazetteer import Place, by_code, key, places, says
from models.reading.places import by_name

MOST: Final = 6
_LONGEST: Final = 6
_BEGUN: Final = 3
"""Letters from which a name that is only begun is looked for."""
_MAX_CHARS: Final = 200
_LED: Final = re.compile(r"^(?:(?:vivo|soy|estoy|en|de|del|por|cerca)\s+)+")
_LONG, _ALIKE = 40, 0.8


def options(said: str, most: int = MOST) -> list[str]:
    """INEI codes of the districts that may be meant, the likeliest first; empty if none.

    Args:
        said: A place in people's words, in any spelling.
        most: How many.
    """
    said = said[:_MAX_CHARS]
    words = key(said).split()
    named = _named(words)
    codes = {code for place in named for code in place.districts}
    if not codes:
        codes = {code for code in by_code() for place in named if says(place, code)}
    if not codes and words:
        text = _LED.sub("", " ".join(words))
        codes, named = _begun(text) or _alike(text), []
    known = {district.ubigeo for district in DISTRICTS}  # others have no place to measure from
    agreed = {code: sum(says(place, code) for place in named) for code in codes & known}
    ordered = sorted(agreed, key=lambda c: (-agreed[c], -by_code()[c].population, c))
    if (sure := by_name(said)) >= 0:
        first = DISTRICTS[sure].ubigeo
        ordered = [first, *(code for code in ordered if code != first)]
    return ordered[:most]


def _named(words: Sequence[str]) -> list[Place]:
    """The longest known names in a row of words, misspelt ones among them."""
    found: list[Place] = []
    at = 0
    while at < len(words):
        for end in range(min(len(words), at + _LONGEST), at, -1):
            place = places().get(" ".join(words[at:end]))
            if place is not None and not (place.word and end == at + 1 and len(words) > 1):
                found.append(place)
                at = end
                break
        else:
            near = nearest(words[at:])
            if near is not None:
                found.append(places()[near[1]])
            at += near[0] if near else 1
    return found


def _begun(text: str) -> set[str]:
    """Districts whose name begins so."""
    if len(text) < _BEGUN:
        return set()
    return {code for name, place in places().items() if name.startswith(text) for code in place.own}


def _alike(text: str) -> set[str]:
    """Districts of the name that is most alike: the last look, which takes some 20 ms."""
    names = get_close_matches(text[:_LONG], list(places()), n=1, cutoff=_ALIKE)
    return {code for name in names for code in places()[name].districts}
