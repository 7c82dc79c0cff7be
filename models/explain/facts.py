"""What one entry of a ranking says, read once for all writers.

Input is an entry of a matches event as a plain dict: the job card and the reasons with their facts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from models.explain.numbers import plain
from models.ranking import unlock_words
from models.ranking.reasons import PLACES, SUBJECTS
from models.reading.geo import district_index, name
from models.reading.spoken import PERIODS, spoken
from schemas.base import LIMA

FACTS_VERSION: Final = "facts-3"
"""Changes whenever the same entry would read differently: what was explained is explained anew."""

_LINK: Final = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+", re.IGNORECASE)
_MONTHS: Final = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "setiembre",
    "octubre", "noviembre", "diciembre",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ask:
    """Something the job asks for.

    Attributes:
        subject: One of the reasons' SUBJECTS.
        asked: What is asked, in words.
        has: What the person has, in words; "" if the reasons do not say.
        met: Whether the person stated that they have it.
        asked_read: Whether the ad's words say it, and no field of it.
        has_read: Whether the person's words say that they have it, and no field of them.
    """

    subject: str
    asked: str
    has: str
    met: bool
    asked_read: bool = False
    has_read: bool = False


@dataclass(frozen=True, slots=True)
class MatchFacts:
    """One entry in words and numbers.

    Attributes:
        title, employer: As the employer wrote them, tidied; employer may be "".
        place: "District, Region", or the employer's words if we do not know it, or "".
        stated_place: INEI code, if no words of the ad were read for it, and place as stated.
        where: Code of the reason about place, "" if there is none.
        km: Kilometres between the districts, None if not known.
        pay: What the job pays as stated ("S/ 1200 al mes"), "" if not stated.
        wish: Least the person wants in soles a month, None if not stated.
        asks: What the job asks for.
        experience: Years of experience asked, None if not stated.
        vacancies: How many people are wanted, None if not stated.
        until: Last day to apply ("15 de diciembre"), "" if not stated.
        components: What the score is made of.
        home_read: Whether the person's words say where they live, and no field of them.
        wish_read: The same of their wish.
        moves_read: The same of whether they would move.
        read: Fields of the job that the ad's words say, and nobody stated.
        lodging: Whether a place to sleep is given.
        travel_paid: Whether the trip there is paid.
        step: A sentence on what one step would open; "" where none is told.
    """

    title: str
    employer: str
    place: str
    stated_place: tuple[str | None, str | None]
    where: str
    km: float | None
    pay: str
    wish: int | None
    asks: tuple[Ask, ...]
    experience: float | None
    vacancies: int | None
    until: str
    components: Mapping[str, float]
    home_read: bool = False
    wish_read: bool = False
    moves_read: bool = False
    read: frozenset[str] = frozenset()
    lodging: bool = False
    travel_paid: bool = False
    step: str = ""


def read(entry: Mapping[str, Any], steps: Sequence[Mapping[str, Any]] = ()) -> MatchFacts:
    """The facts of an entry of a matches event.

    Args:
        entry: The entry.
        steps: What one step would open, best first, if it is told with this entry.

    Raises:
        Exception: of any kind where the reasons hold what is no fact, as a number that is none.
    """
    card: Mapping[str, Any] = entry["job"]
    reasons = {reason["code"]: reason["facts"] for reason in entry["reasons"]}
    where = next((code for code in PLACES if code in reasons), "")
    told = reasons.get(where, {})
    by_words = {
        reason["code"]: {side for side, of in reason.get("source", {}).items() if of == "read"}
        for reason in entry["reasons"]
    }
    own_words = {code for code, sides in by_words.items() if "person" in sides}
    wish = next((f["wish"] for code in ("pay_ok", "pay_ask") if (f := reasons.get(code))), None)
    return MatchFacts(
        title=tidy(card["title"]) or "Puesto sin título",
        employer=tidy(card.get("employer") or ""),
        place=told.get("place") or place_of(card),
        stated_place=(
            None if "ubigeo" in card.get("read", ()) else card.get("ubigeo"),
            card.get("place"),
        ),
        where=where,
        km=_number(told.get("km")),
        pay=pay_of(card),
        wish=_number(wish),
        asks=tuple(_asks(reasons, by_words)),
        experience=card.get("experience_years"),
        vacancies=card.get("vacancies"),
        until=until(card.get("expires_at")),
        components=entry["components"],
        home_read=where in own_words and where != "relocate",
        wish_read=not own_words.isdisjoint(("pay_ok", "pay_ask")),
        moves_read=where == "relocate" and where in own_words,
        read=frozenset(card.get("read", ())),
        lodging=card.get("lodging") is True,
        travel_paid=card.get("travel_paid") is True,
        step=unlock_words.sentence(steps[0]) if steps else "",
    )


def digest(
    entry: Mapping[str, Any], language: str | None, steps: Sequence[Mapping[str, Any]] = ()
) -> str:
    """16 hex digits that change whenever an explanation of the entry would; rank does not count."""
    content = [FACTS_VERSION, language, entry["job"], entry["reasons"], *steps[:1]]
    raw = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(raw, digest_size=8).hexdigest()


def tidy(text: str, limit: int = 90) -> str:
    """One line without links, not in capitals throughout, cut at a word."""
    text = " ".join(_LINK.sub(" ", plain(text[: 8 * limit])).split()).strip(" .,;:-")
    if text.isupper() and len(text) > 4:
        text = text[0] + text[1:].lower()
    if len(text) <= limit:
        return text
    return text[: limit + 1].rsplit(" ", 1)[0][:limit].rstrip(" .,;:-")


def amount(value: float) -> str:
    """A number without useless decimals, the point as people in Peru write it."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def in_years(value: float) -> str:
    """A number of years."""
    return "1 año" if value == 1 else f"{amount(value)} años"


def _asks(reasons: Mapping[str, Mapping[str, Any]], by_words: Mapping[str, set[str]]) -> list[Ask]:
    found = []
    for subject in SUBJECTS:
        for suffix in ("ok", "ask"):
            facts = reasons.get(f"{subject}_{suffix}")
            if facts is not None:
                asked = facts["min_age"] if subject == "age" else facts["asked"]
                has = facts.get("has", "")
                words = spoken(subject, asked), spoken(subject, has)
                read = by_words[f"{subject}_{suffix}"]
                found.append(Ask(subject, *words, suffix == "ok", "job" in read, "person" in read))
    return found


def _number(value: Any) -> Any:
    """A number of the reasons' facts, which have no schema, or None."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise TypeError("a reason's number is none")
    return value


def place_of(card: Mapping[str, Any]) -> str:
    """Where a job is, as "District, Region" or in the employer's words; "" if it is not stated."""
    found = district_index(card.get("ubigeo"), card.get("place"))
    return name(found) or tidy(card.get("place") or "", 60)


def pay_of(card: Mapping[str, Any]) -> str:
    """What a job pays, in words; "" if it is not stated."""
    low, high = card.get("pay_min"), card.get("pay_max")
    stated = [value for value in (low, high) if value]
    if not stated:
        return ""
    period = PERIODS[card.get("pay_period") or "month"]
    if len(stated) == 2 and low != high:
        return f"de S/ {amount(stated[0])} a S/ {amount(stated[1])} {period}"
    return f"S/ {amount(stated[0])} {period}"


def until(expires: str | None) -> str:
    """The last whole day before an ISO moment, as a date in Peru."""
    if not expires:
        return ""
    last = datetime.fromisoformat(expires).astimezone(LIMA) - timedelta(seconds=1)
    return f"{last.day} de {_MONTHS[last.month - 1]}"
