"""The glossary of Quechua and Aymara words of work: roots with their Spanish (``data/andean.tsv``).

Words are looked up by their longest root whose endings are known (`models/reading/suffixes.py`).
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import resources
from typing import Final, Literal, NamedTuple

from models.reading.suffixes import LONGEST, Shape, Tongue, is_noun, spelled, verb_shape

Kind = Literal[
    "work", "trade", "part", "any", "aim", "self", "thing", "object", "place", "people",
    "time", "licence", "number", "negation",
]  # fmt: skip
_DONE: Final = frozenset({"work", "part", "any", "aim", "self"})  # kinds that may be verbs
LONGEST_ROOT: Final = 14
"""Letters; a form that is longer would never be found."""
_FALLS: Final = 6  # letters of an Aymara noun whose last vowel may fall
_FIRST: Final[tuple[Shape, ...]] = ("own", "thing", "bare", "who")
_MINE: Final = ("licence", "people")  # kinds of which people say that they are theirs


class Root(NamedTuple):
    """What a root means, what it speaks of, and whether it is something that one does."""

    spanish: str
    kind: Kind
    verb: bool


Phrases = dict[tuple[str, str], str]


@cache
def glossary(tongue: Tongue) -> tuple[dict[str, tuple[Root, ...]], Phrases]:
    """Roots by spelling, and what a thing with what is done means, by the Spanish of both."""
    raw = (resources.files("models.data") / "andean.tsv").read_text("utf-8")
    lines = [line.split("\t") for line in raw.splitlines() if not line.startswith("#")][1:]
    rows = [(form, spanish, kind) for form, lang, spanish, kind, _ in lines if lang == tongue]
    roots: dict[str, tuple[Root, ...]] = {}
    means = {spelled(form, tongue): spanish for form, spanish, _ in rows}
    phrases: Phrases = {}
    for form, spanish, kind in rows:
        if " " in form:
            thing, done = (spelled(part, tongue) for part in form.split())
            phrases[means[thing], means[done]] = spanish
            continue
        end = "y" if tongue == "qu" else "ña"
        verb = kind in _DONE and form.endswith(end)
        spelling = spelled(form, tongue)
        root = Root(spanish, kind, verb)  # type: ignore[arg-type]
        for held in _roots_of(spelling, len(end) if verb else 0, tongue):
            roots[held] = (*roots.get(held, ()), root)
    return roots, phrases


def _roots_of(spelling: str, end: int, tongue: Tongue) -> tuple[str, ...]:
    """A form without this many letters of ending; in Aymara its last vowel often falls."""
    root = spelling[: len(spelling) - end]
    falls = tongue == "ay" and root[-1] in "aiu" and (end or len(root) >= _FALLS)
    return (root, root[:-1]) if falls else (root,)


class Known(NamedTuple):
    """A word as spelled, its root, and how it is said; without a root it is unknown."""

    spelling: str
    root: Root | None
    shape: Shape


@lru_cache(maxsize=32_768)
def known_word(word: str, tongue: Tongue) -> Known:
    """The longest root of a word whose ending is known; what one does before what there is.

    Args:
        word: In lower case, without accents.
        tongue: The language it is read as.
    """
    spelling = spelled(word[: 2 * LONGEST], tongue)
    roots, _ = glossary(tongue)
    for cut in range(min(len(spelling), LONGEST_ROOT), 1, -1) if len(spelling) <= LONGEST else ():
        held = roots.get(spelling[:cut])
        if held is None:
            continue
        found = [
            Known(spelling, root, shape)
            for root in held
            if (shape := _shape(root, spelling[:cut], spelling[cut:], tongue))
        ]
        if found:
            return min(found, key=lambda known: _FIRST.index(known.shape))
    return Known(spelling, None, "thing")


def _shape(root: Root, spelling: str, ending: str, tongue: Tongue) -> Shape | None:
    if root.verb:
        shape = verb_shape(spelling, ending, tongue)
        return shape if shape == "own" or root.kind != "self" else None
    return "thing" if is_noun(ending, tongue, mine=root.kind in _MINE) else None
