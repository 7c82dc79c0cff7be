"""Quechua and Aymara words as a root and its endings: "yanuytapas" is yanu, said as what one does.

Both languages put one ending behind the other. The tables below hold those that stand behind
words of work in what people say of themselves, of the Quechua of Ayacucho, Cusco, Ancash and
Huánuco and of the Aymara of Puno; a word with another ending stays unknown. Spellings differ as
much as speech, so all is compared as `spelled` writes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

Tongue = Literal["qu", "ay"]
Shape = Literal["own", "bare", "who", "thing"]
"""own: the first person says so of themselves; bare: the infinitive; who: who does it; a noun."""

LONGEST: Final = 32
"""Letters of a word; a longer one is unknown."""

# Glottal marks go, e is i, o is u; a long vowel is two in Quechua, where it is the first person.
_ONE: Final[dict[Tongue, Mapping[int, int | str | None]]] = {
    "qu": {
        **str.maketrans("eovz", "iuws", "'’´`"),
        **{ord(long): 2 * short for long, short in zip("äëïöü", "aiiuu", strict=True)},
    },
    "ay": {**str.maketrans("eovzäëïöü", "iuwsaiiuu", "'’´`")},
}
_BREATH: Final = (("chh", "ch"), ("ph", "p"), ("th", "t"), ("kh", "k"), ("qh", "q"))
_HARD: Final = (("ch", "C"), ("ci", "si"), ("c", "k"), ("C", "ch"))  # c, but not in ch
_WHOLE: Final[dict[Tongue, tuple[tuple[str, str], ...]]] = {
    "qu": (("hua", "wa"), ("hui", "wi"), ("gua", "wa"), ("gui", "wi"), ("qui", "ki")),
    "ay": (("hua", "wa"), ("hui", "wi"), ("qui", "ki"), ("aa", "a"), ("ii", "i"), ("uu", "u")),
}
_LAST: Final[dict[Tongue, Mapping[int, int | str | None]]] = {
    "qu": {**str.maketrans("qgxj", "kkkk")},
    "ay": {**str.maketrans("qx", "kj")},
}


def spelled(word: str, tongue: Tongue) -> str:
    """A word in lower case without accents, as it is compared: "wayk'uyta" is waykuyta."""
    word = word.translate(_ONE[tongue])
    changes = _WHOLE[tongue]
    if "h" in word:
        changes = (*_BREATH, *changes)
    if "c" in word:
        changes = (*changes, *_HARD)
    for said, heard in changes:
        word = word.replace(said, heard)
    if tongue == "ay":
        if "h" in word:
            word = word.replace("ch", "C").replace("h", "j").replace("C", "ch")
    elif word[:1] == "j":  # at the beginning it is breathed, at the end of a syllable hard
        word = "h" + word[1:]
    return word.translate(_LAST[tongue])


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
