"""Signs of fraud and trafficking in the words of an ad, as ``data/risk_signs.tsv`` lists them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from models.vetting import law
from models.vetting.hearing import heard, put_right
from schemas.job import Job
from schemas.vocab import plain

HEAD_CHARS: Final = 4_000
TAIL_CHARS: Final = 1_000
"""Of each text of an ad, its beginning and its end: what asks for money often comes last."""

_STOPS: Final = re.compile(r"[.,;:!?\n]+(?!\d)")
_SIGNS: Final = re.compile(r"[^\w\s.]+|_+|(?<=\d)\.(?=\d)")
_SPACED: Final = re.compile(r"\b(?:[a-z0-9] ){3,}[a-z0-9]\b")
#: What follows a denial is no sign: "no cobramos inscripcion", "sin costo", "capacitacion gratis".
_DENIED: Final = re.compile(
    r"\b(?:no|nunca|jamas|ni|sin|evite|evita|cuidado con|desconfie|desconfia|denuncie)\b"
    r"(?: \w+){0,4}? ?$"
)
_FREE: Final = re.compile(
    r"\b(?:gratis|gratuit\w+|asum\w+ la empresa|por cuenta de la empresa|cubre la empresa"
    r"|a cargo de la empresa|la empresa (?:cubre|paga|asume|entrega|da)|te (?:lo )?(?:damos"
    r"|entregamos)"
    r"|pagad[oa]s?(?! por el)|remunerad[oa]s?|reembols\w+|no (?:se )?cobr\w+|no pagas?"
    r"|sin cobr\w+)\b"
)
#: Only these may be denied: "sin jefe" is a sign itself, "no puede salir" as well.
_DENIABLE: Final = frozenset({"fee", "papers", "sexual", "parcel", "scheme", "photos", "women"})
_AROUND: Final = 40  # letters in which a word makes a payment the employer's


@dataclass(frozen=True, slots=True)
class Sign:
    """One line of the table: points of 100 at which an ad is held."""

    code: str
    points: int
    pattern: re.Pattern[str]


@cache
def shipped() -> tuple[Sign, ...]:
    """The signs in the package."""
    raw = (resources.files("models.data") / "risk_signs.tsv").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in raw.splitlines() if line and not line.startswith("#"))
    return tuple(Sign(code, int(points), _compiled(text)) for code, points, text in lines)


def _compiled(text: str) -> re.Pattern[str]:
    """A space instead of the first word boundary: then `re` jumps from word to word, 3x faster."""
    start = r"\b"
    return re.compile(f" (?:{text[len(start) :]})" if text.startswith(start) else text)


@cache
def _spelt() -> dict[str, str]:
    found = (*(sign.pattern for sign in shipped()), *law.patterns())
    return heard(pattern.pattern for pattern in found)


def words_of(job: Job) -> str:
    """The ad's words for the patterns: plain, without signs, a space before each.

    Spelt-out words are put together and misspelt ones put right.
    """
    parts = (job.title, job.description, job.requirements, ", ".join(job.skills or ()))
    text = " . ".join(_ends(part) for part in parts if part)
    text = " ".join(_SIGNS.sub(" ", _STOPS.sub(" . ", plain(text))).split())
    text = _SPACED.sub(lambda found: found[0].replace(" ", ""), text)
    return " " + put_right(text, _spelt())


def _ends(text: str) -> str:
    short = len(text) <= HEAD_CHARS + TAIL_CHARS
    return text if short else f"{text[:HEAD_CHARS]} . {text[-TAIL_CHARS:]}"


def found_in(text: str) -> dict[str, int]:
    """Points of each code whose pattern the text holds; of several the most.

    Args:
        text: As `words_of` gives it.
    """
    points: dict[str, int] = {}
    for sign in shipped():
        if points.get(sign.code, 0) < sign.points and _holds(sign, text):
            points[sign.code] = sign.points
    return points


def _holds(sign: Sign, text: str) -> bool:
    for found in sign.pattern.finditer(text):
        if sign.code not in _DENIABLE:
            return True
        before = text[max(0, found.start() - _AROUND) : found.start()]
        if _DENIED.search(before):
            continue
        around = text[max(0, found.start() - _AROUND) : found.end() + _AROUND]
        if sign.code == "fee" and _FREE.search(around):
            continue
        return True
    return False
