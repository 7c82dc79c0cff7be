"""The events' terms as people in Peru say them: one list for all who write sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from schemas.vocab import LICENCES, NO_LICENCE

WORDS: Final[dict[str, dict[str, str]]] = {
    "licence": {NO_LICENCE: "ninguno", **{name: name for name in LICENCES}},
    "education": {
        "none": "sin estudios", "primaria": "primaria", "secundaria": "secundaria",
        "tecnica": "estudios técnicos", "universitaria": "estudios universitarios",
    },
    "shift": {
        "day": "de día", "night": "de noche", "rotating": "rotativo",
        "part_time": "de medio tiempo", "weekend": "de fin de semana",
    },
    "language": {
        "es": "castellano", "qu": "quechua", "ay": "aimara", "en": "inglés", "pt": "portugués",
        "fr": "francés", "it": "italiano", "de": "alemán", "zh": "chino", "ja": "japonés",
        "ko": "coreano", "ru": "ruso", "cni": "asháninka", "agr": "awajún", "shp": "shipibo",
        "mcb": "matsigenka", "not": "nomatsigenga", "hub": "wampis", "jiv": "achuar",
        "yaa": "yaminahua", "pib": "yine", "ame": "yanesha", "cbt": "shawi", "yad": "yagua",
        "tca": "ticuna", "cod": "kukama", "ura": "urarina", "amc": "amahuaca",
        "cbs": "cashinahua", "mcf": "matsés", "boa": "bora", "huu": "murui", "jqr": "jaqaru",
        "prl": "lengua de señas peruana",
    },
}  # fmt: skip
"""Per subject of a reason each term of its vocabulary; languages as the Ministry of Culture writes
them, where people have no shorter name."""

PERIODS: Final = {"month": "al mes", "week": "a la semana", "day": "al día", "hour": "la hora"}
"""Pay periods, after an amount."""

_SOUNDS_AS_I: Final = re.compile(r"i|í|hi(?!e)|hí")


def spoken(subject: str, value: Any) -> str:
    """A value about a subject of WORDS as people say it; any other value as it is.

    Args:
        subject: A subject of WORDS, or another.
        value: A term, several in a list or with spaces between, or a term of a later version.
    """
    words = WORDS.get(subject)
    if words is None:
        return str(value)
    terms = value if isinstance(value, list) else str(value).split()
    return listed([words.get(term, str(term)) for term in terms])


def listed(things: Sequence[str]) -> str:
    """One thing after the other: "a, b y c", and "e" before the sound of an i."""
    if len(things) < 2:
        return "".join(things)
    *others, last = things
    return f"{', '.join(others)} {'e' if _SOUNDS_AS_I.match(last) else 'y'} {last}"
