"""Quechua and Aymara words as a root and its endings: "yanuytapas" is yanu, said as what one does.

Both languages put one ending behind the other. The tables below hold those that stand behind
words of work in what people say of themselves, of the Quechua of Ayacucho, Cusco, Ancash and
Huánuco and of the Aymara of Puno; a word with another ending stays unknown. Spellings differ as
much as speech, so all is compared as `spelled` writes it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

Tongue = Literal["qu", "ay"]
Shape = Literal["own", "bare", "who", "thing"]
"""own: the first person says so of themselves; bare: the infinitive; who: who does it; a noun."""

LONGEST: Final = 32
"""Letters of a word; a longer one is unknown."""

_BREATH: Final = re.compile(r"['’´`]+|(?<=[ptkq])h|(?<=ch)h")
_SOUNDS: Final[dict[Tongue, tuple[tuple[re.Pattern[str], str], ...]]] = {
    "qu": tuple(
        (re.compile(said), heard)
        for said, heard in (
            (r"[hg]u(?=[aei])", "w"), (r"qu(?=[ei])", "k"), (r"ce", "se"),
            (r"c(?!h)|[gqx]|(?<!^)j", "k"), (r"^j", "h"), (r"e", "i"), (r"o", "u"),
            (r"v", "w"), (r"z", "s"),
        )
    ),
    "ay": tuple(
        (re.compile(said), heard)
        for said, heard in (
            (r"hu(?=[aei])", "w"), (r"qu(?=[ei])", "k"), (r"c(?!h)|q", "k"), (r"(?<!c)h|x", "j"),
            (r"e", "i"), (r"o", "u"), (r"v", "w"), (r"aa", "a"), (r"ii", "i"), (r"uu", "u"),
        )
    ),
}  # fmt: skip
_LONG: Final = str.maketrans({"ä": "aa", "ë": "ii", "ï": "ii", "ö": "uu", "ü": "uu"})


@lru_cache(maxsize=16_384)
def spelled(word: str, tongue: Tongue) -> str:
    """A word in lower case without accents, as it is compared: "wayk'uyta" is waykuyta."""
    word = _BREATH.sub("", word.translate(_LONG))
    for said, heard in _SOUNDS[tongue]:
        word = said.sub(heard, word)
    return word


# Endings as `spelled` writes them: q is k, e is i, o is u. Every repetition is bounded.
_SAID = r"(?:mi|m|n|ña|pas|pis|si|s|lla|rak|ka|tak|puni|chu|tsu|cha|ya|a|ari){0,4}"
_DONE = r"(?:ku|ka|ri|rku|rpu|rpari|yku|paku|pu|mu|chi|naya|paya|raya|ykacha|lla){0,3}"
_NOW = r"(?:chka|ska|sha|sia|sa|yka|ika|kya)?"
_CASE = r"(?:ta|pi|manta|pita|man|pak|wan|kama|chaw|chu|rayku|pa|p|hina|naw)"
_OWN_QU: Final = re.compile(
    rf"{_DONE}{_NOW}(?:(?:rka|ra|ska)?ni(?:ku)?|sh?ak|(?:rka)?nchik){_SAID}"
)
_LENGTHENED: Final = re.compile(rf"{_DONE}{_NOW}(?:rka|shka)?([aiu])(?:m|mi|s|si|pis)?")
_BARE_QU: Final = re.compile(
    rf"{_DONE}(?:[yi](?:lla)?(?:niy)?(?:kuna)?{_CASE}?|na(?:y)?(?:ta|pak)){_SAID}"
)
_WHO_QU: Final = re.compile(rf"{_DONE}k(?:lla)?(?:hina|naw)?{_SAID}")
_NOUN_QU: Final = re.compile(rf"s?(?:cha|situ|lla)?(?:yuk)?(?:kuna)?{_CASE}{{0,2}}{_SAID}")
_MINE_QU: Final = re.compile(rf"(?:niy|iy|y|yki)(?:kuna)?(?:ta|pi|wan|manta|pak)?{_SAID}")

_SAID_AY = r"(?:sa|s|ja|j|wa|w|raki|pi|ki|ti|puni){0,3}"
_CASE_AY = r"(?:mpi|mp|taki|tak|ta|t|na|n|ru|r|kama|jama|ni)"
_OWN_AY: Final = re.compile(
    rf"(?:si|waya|rapi|ya)?(?:s?k)?a?s?t(?:a|wa|ti){_SAID_AY}|(?:s?k)?irista{_SAID_AY}|iritt?a?{_SAID_AY}"
)
_BARE_AY: Final = re.compile(rf"ña?(?:naka?)?{_CASE_AY}?{_SAID_AY}")
_WHO_AY: Final = re.compile(rf"iri?(?:jama)?{_SAID_AY}")
_NOUN_AY: Final = re.compile(rf"(?:naka?)?{_CASE_AY}?{_SAID_AY}")
_SHAPES: Final[dict[Tongue, tuple[re.Pattern[str], ...]]] = {
    "qu": (_OWN_QU, _BARE_QU, _WHO_QU),
    "ay": (_OWN_AY, _BARE_AY, _WHO_AY),
}
_NO: Final[dict[Tongue, re.Pattern[str]]] = {
    "qu": re.compile(r"(?:chu|tsu)(?:pas|ka|m|raki?)?$"),
    "ay": re.compile(r"ti$"),
}


def closes_denial(word: str, tongue: Tongue) -> bool:
    """Whether a word as spelled ends what "mana", "jani" began."""
    return _NO[tongue].search(word) is not None


def verb_shape(root: str, ending: str, tongue: Tongue) -> Shape | None:
    """What a root that is done, with this ending, says; None if the ending is not known.

    Args:
        root: With its vowel, or in Aymara without.
        ending: What comes after, as spelled.
        tongue: The language.
    """
    own, bare, who = _SHAPES[tongue]
    if own.fullmatch(ending) or (tongue == "qu" and _lengthened(root, ending)):
        return "own"
    if bare.fullmatch(ending):
        return "bare"
    return "who" if who.fullmatch(ending) else None


def _lengthened(root: str, ending: str) -> bool:
    """Whether the last vowel is long, as the first person says it in Ancash and Huánuco."""
    long = _LENGTHENED.fullmatch(ending)
    return long is not None and (root + ending)[len(root) + long.start(1) - 1] == long[1]


def is_noun(ending: str, tongue: Tongue, *, mine: bool = False) -> bool:
    """Whether a thing may have this ending; "my ..." only where `mine` (papay is no potato)."""
    if tongue == "ay":
        return _NOUN_AY.fullmatch(ending) is not None
    return _NOUN_QU.fullmatch(ending) is not None or (
        mine and _MINE_QU.fullmatch(ending) is not None
    )
