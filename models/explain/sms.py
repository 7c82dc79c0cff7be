"""The same match in one text message: 160 septets of GSM 03.38, the essentials first."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from models.explain.facts import MatchFacts, amount
from models.explain.numbers import fold
from models.reading.districts import DISTRICTS

MAX_SEPTETS: Final = 160
BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED: Final = frozenset("^{}\\[~]|€")
"""Characters that take two septets."""
_OTHERWISE: Final = {
    "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2013": "-", "\u2014": "-", "\u2026": "...", "\u2022": "-", "\u00b7": "-", "\u00d7": "x",
    "`": "'", "\u00b4": "'", "\u20bd": "", "º": "o", "ª": "a", "°": "o",
}  # fmt: skip
_PERIODS: Final = {"al mes": "mes", "a la semana": "semana", "al día": "día", "la hora": "hora"}
_TITLE_SEPTETS: Final = 60
_EMPLOYER_SEPTETS: Final = 34


def gsm(text: str) -> str:
    """The text in GSM 03.38: a letter that it lacks loses its accent, what has no letter goes."""
    out = []
    for char in unicodedata.normalize("NFC", text):
        if char in BASIC or char in EXTENDED:
            out.append(char)
        elif char in _OTHERWISE:
            out.append(_OTHERWISE[char])
        else:
            base = unicodedata.normalize("NFKD", char)
            out.append("".join(c for c in base if c in BASIC))
    return " ".join("".join(out).split())


def septets(text: str) -> int:
    """How many septets a text of GSM characters takes."""
    return sum(2 if char in EXTENDED else 1 for char in text)


def write(facts: MatchFacts) -> str:
    """One message: title and employer, pay, place, what is asked, until when; what fits, in order.

    A part that does not fit is left out as a whole; only title and employer are ever cut, and
    never inside a number or a place.
    """
    message = cut(gsm(facts.title), _TITLE_SEPTETS)
    for part in _parts(facts):
        longer = f"{message}{part}"
        if septets(longer) <= MAX_SEPTETS:
            message = longer
    return message.lstrip(". ")


def _parts(facts: MatchFacts) -> list[str]:
    parts = []
    if facts.pay:
        pay = facts.pay
        for long, short in _PERIODS.items():
            pay = pay.replace(f" {long}", f"/{short}")
        by_words = not facts.read.isdisjoint(("pay_min", "pay_max"))
        told = "El aviso dice" if by_words else "Pagan"
        parts.append(gsm(f". {told} {pay.removeprefix('de ').replace('S/ ', 'S/')}"))
    if facts.where == "remote":
        parts.append(". A distancia")
    elif facts.place:
        parts.append(gsm(f". En {facts.place.split(',')[0]}"))
    if facts.km:
        parts.append(f", a {amount(facts.km)} km")
    elif facts.where == "same_district":
        parts.append(", tu distrito")
    if facts.employer and (employer := cut(gsm(facts.employer), _EMPLOYER_SEPTETS)):
        parts.append(f". {employer}")
    parts += [gsm(words) for words in _asked(facts)]
    if facts.lodging:
        parts.append(gsm(". Dan dónde dormir"))
    if facts.travel_paid:
        parts.append(". Pagan el viaje")
    if facts.until:
        parts.append(gsm(f". Hasta el {facts.until}"))
    parts.append(". Lleva tu DNI")
    return parts


def _asked(facts: MatchFacts) -> list[str]:
    words = {"licence": "brevete {}", "language": "{}", "age": "{} años o más", "education": "{}"}
    unmet_first = sorted(facts.asks, key=lambda ask: ask.met)
    told = []
    for ask in unmet_first:
        if ask.subject in words:
            asked = "El aviso pide" if ask.asked_read else "Piden"
            own = " (escribiste que sí)" if ask.has_read else ""
            told.append(f". {asked} {words[ask.subject].format(ask.asked)}{own}")
    return told


def cut(text: str, limit: int) -> str:
    """The text within `limit` septets, ended at a word, not inside a number or a place."""
    if septets(text) <= limit:
        return text
    whole = [m.span() for m in _NUMBERS.finditer(text)]
    whole += [m.span() for m in _places().finditer(fold(text))]
    ends = [m.start() for m in re.finditer(r"\s+|$", text)]
    fitting = [
        end
        for end in ends
        if septets(text[:end]) <= limit and not any(start < end < stop for start, stop in whole)
    ]
    return text[: max(fitting, default=0)].rstrip(" .,;:-/(")


_NUMBERS: Final = re.compile(r"(?:S/\.?\s*)?\d+(?:[\s.,/-]+\d+)*(?:\s*(?:soles|km|horas))?")


@cache
def _places() -> re.Pattern[str]:
    """Names of places that have more than one word, in a folded text."""
    names = {fold(n) for d in DISTRICTS for n in (d.name, d.province, d.region) if " " in n}
    longest = sorted(names, key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, longest)) + r")\b")
