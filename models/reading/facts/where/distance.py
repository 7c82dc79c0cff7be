"""How far a person would go to work.

Kilometres that are not said as such follow one rule: an hour of the way is 30 km by bus or car and
5 km on foot; "near only" is 10 km.
"""

from __future__ import annotations

import re
from typing import Final

from models.reading.facts.canonical import Canonical
from models.reading.facts.fact import Fact

KM_AN_HOUR: Final = 30.0
KM_ON_FOOT: Final = 5.0
KM_NEAR: Final = 10.0

_STEMS: Final = ("km", "kilom", "hora", "hr", "min", "cerca", "cerquita")
_KM: Final = re.compile(
    r"\b(?:hasta|maximo|max|no mas (?:de|lejos de)|a|a unos|dentro de|en un radio de|radio de|"
    r"menos de|a menos de|no (?:\w+ ){1,3}a mas de) "
    r"(?:unos )?(\d{1,3}(?:[.,]\d)?) ?(?:km|kms|kilometros?)\b(?! (?:de )?(?:la )?(?:carretera|"
    r"panamericana|via))"
    r"(?= ?(?:a la redonda|de (?:mi|la|aqui|aca|donde|distancia)|alrededor|como|maximo|nomas|$|"
    r"[.,;)]))"
)
_TIME: Final = re.compile(
    r"\b(?:hasta|maximo|no mas de|a no mas de|a menos de|menos de|a maximo) "
    r"(?:(?P<hours>una|1|2|dos|media|1 y media|hora y media) ?(?:horas?|hr|h)\b|"
    r"(?P<minutes>\d{1,2}) ?(?:minutos|min)\b)"
    r"(?P<how>[^.;\n]{0,30})"
)
_NEAR: Final = re.compile(
    r"\b(?:cerca nomas|cerquita nomas|cerca no mas|solo cerca|(?:algo|trabajo|chamba) cerca "
    r"(?:de|a) (?:mi )?(?:casa|hogar)|"
    r"que (?:sea|este|quede) cerca|cerca nada mas|(?:solo|solamente|unicamente) (?:puedo |"
    r"trabajo |que sea )?(?:por aqui |por )?cerca)\b"
)
_ON_FOOT: Final = re.compile(r"\b(?:a pie|caminando)\b")
_THE_WAY: Final = re.compile(
    r"\b(?:viaje|camino|casa|bus|carro|combi|micro|distancia|aqui|aca|pie|caminando|trayecto)\b"
)


def distance(words: Canonical) -> Fact[float] | None:
    """Kilometres as said, by the time of the way, or "near only"."""
    if not any(map(words.text.__contains__, _STEMS)):
        return None
    if match := _KM.search(words.text):
        km = float(match[1].replace(",", "."))
        return words.fact(km, match.start(), match.end(), 0.98, "km") if 0 < km <= 500 else None
    if match := _TIME.search(words.text):
        hours = _hours(match)
        speed = KM_ON_FOOT if _ON_FOOT.search(match["how"]) else KM_AN_HOUR
        if _THE_WAY.search(match["how"]):
            return words.fact(hours * speed, match.start(), match.end(), 0.9, "time")
    if match := _NEAR.search(words.text):
        return words.fact(KM_NEAR, match.start(), match.end(), 0.9, "near")
    return None


def _hours(match: re.Match[str]) -> float:
    if match["minutes"]:
        return float(match["minutes"]) / 60
    told = match["hours"]
    return (
        0.5 if told == "media" else 1.5 if "media" in told else 2.0 if told in ("2", "dos") else 1.0
    )
