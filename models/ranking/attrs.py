"""What the hard filters read of a person and of a job.

One uint64 holds all yes-or-no attributes: a person has bits, a job demands bits. What a person
does not state counts as had, and what a job does not state is not demanded, so a missing field
never filters. Amounts are soles a month and kilometres, both rounded to float32, so that one pair
compared alone and in columns comes out the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np

from models.ranking import bits
from models.reading.andean import heard
from models.reading.facts.fact import READER
from models.reading.facts.known import Known, known_person
from models.reading.geo import district_index
from models.reading.occupations import occupations_of
from models.reading.text import CARD_FIELDS
from schemas.base import Event
from schemas.job import Job
from schemas.profile import Profile
from schemas.vocab import NO_LICENCE

RULES: Final = 6
"""Raise it with every change of what the two functions below make of a field, or of the stated
statuses in models/reading/status.py, which are stored beside."""
ATTRS_VERSION: Final = RULES % 16 << 4 | READER % 16
"""Rows keep their attributes; those that other rules or another reader made are made again."""

LICENCE, LANGUAGE, AGE, SCHOOLING, SHIFT, PAY, PLACE, REMOTE, RELOCATE, HOUSES, CANARY = (
    1 << i for i in range(11)
)
"""Bits of `stated` and `asked`: which attributes one side speaks of. PLACE is for persons their
radius; RELOCATE is a person's only; HOUSES is a job's only: it gives lodging or pays the trip;
CANARY is invented: who has it is matched with their like alone."""

DAILY_KM: Final = 60.0
"""How far somebody goes to work who says neither how far nor that they would move: what the judged
people's grades take (``data/judged``), about two hours by bus."""

PERSON_FIELDS: Final = tuple(Profile.model_fields)
"""All that is kept of a person. Of a job only its card is, so what filters must be in the card."""

NO_AGE: Final = 255
NO_YEARS: Final = 255
MAX_OCCUPATIONS: Final = 3

_MONTHLY: Final = {"month": 1.0, "week": 4.33, "day": 26.0, "hour": 208.0}
"""Pay periods in a month: six working days of eight hours, 48 hours a week, the legal maximum
(Constitución Política, art. 25; 30 days less rest days = 26; 26 x 8 = 208; 52 / 12 = 4.33)."""
_LEAST_MONTHLY: Final = 400.0
"""An amount without its period is read as monthly from here up; below it could be a day's pay."""


@dataclass(frozen=True, slots=True)
class PersonAttrs:
    """What filters read of a person.

    Attributes:
        have: Bits met; all bits of an attribute that is not stated.
        stated: Which attributes are stated, for reasons.
        district: Row of DISTRICTS, -1 unknown.
        radius_km: Farthest place of work; infinite for who would move and states no radius, or
            would go anywhere.
        min_pay: Soles a month, 0 if not stated.
        age: Years, 255 if not stated.
        years: Of experience, 255 if not stated.
        occupations: ISCO-08 unit groups of their words, at most three; evidence, no filter.
    """

    have: int
    stated: int
    district: int
    radius_km: float
    min_pay: float
    age: int
    years: int = NO_YEARS
    occupations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class JobAttrs:
    """What filters read of a job.

    Attributes:
        demand: Bits a person must have; 0 asks nothing.
        asked: Which attributes the job speaks of, for reasons.
        district: Row of DISTRICTS, -1 unknown.
        remote: Distance does not matter.
        pay: Best pay in soles a month, infinite if not stated.
        min_age: Years, 0 if not stated.
        years: Of experience asked, 255 if not stated.
        occupations: ISCO-08 unit groups of the title, at most three; evidence, no filter.
        penalty: What exposure takes off each score, 0 to 1; not the ad's own.
    """

    demand: int
    asked: int
    district: int
    remote: bool
    pay: float
    min_age: int
    years: int = NO_YEARS
    occupations: tuple[int, ...] = ()
    penalty: float = 0.0


def monthly(amount: float, period: str | None) -> float:
    """Soles a month of an amount per period, as float32; 0 where amount or unit says nothing."""
    if period is None:
        return float(np.float32(amount)) if amount >= _LEAST_MONTHLY else 0.0
    return float(np.float32(amount * _MONTHLY[period]))


def _kept(event: Event | Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The fields that rows keep, None where not stated; reading any other is a KeyError at once."""
    fields = event if isinstance(event, Mapping) else event.__dict__
    return {name: fields.get(name) for name in names}


def person_attrs(profile: Known | Profile | Mapping[str, Any]) -> PersonAttrs:
    """Attributes of a person.

    Args:
        profile: What is known of them; or the accepted profile, or the dict of its fields, whose
            words are then read.
    """
    known = profile if isinstance(profile, Known) else known_person(profile)
    fields = {name: known.get(name) for name in (*PERSON_FIELDS, "anywhere")}
    have, stated = bits.ALL, 0
    if licence := fields["licence"]:
        stated |= LICENCE
        have &= ~bits.ANY_LICENCE
        for held in licence.split():
            have |= bits.licence_bits(held)
    if spoken := fields["languages"]:
        stated |= LANGUAGE
        have &= ~bits.ANY_LANGUAGE
        for code in spoken:
            have |= bits.LANGUAGE_BITS[code]
    if level := fields["education"]:
        stated |= SCHOOLING
        have &= ~bits.ANY_LEVEL
        have |= bits.level_bits(level)
    if shifts := fields["shifts"]:
        stated |= SHIFT
        have &= ~bits.ANY_SHIFT
        have |= bits.shift_bits(shifts)
    if fields["remote_only"]:
        stated |= REMOTE
        have &= ~bits.ONSITE
    age = fields["age"]
    stated |= AGE if age is not None else 0
    pay = monthly(fields["min_pay"] or 0.0, fields["pay_period"])
    stated |= PAY if pay else 0
    radius, anywhere = fields["max_distance_km"], bool(fields["anywhere"])
    moves = bool(fields["relocate"]) or anywhere
    stated |= RELOCATE if moves else PLACE if radius is not None else 0
    stated |= CANARY if fields["canary"] else 0
    return PersonAttrs(
        have=have,
        stated=stated,
        district=district_index(fields["ubigeo"], fields["place"]),
        radius_km=_radius(radius, moves=moves, anywhere=anywhere),
        min_pay=pay,
        age=NO_AGE if age is None else age,
        years=_years(fields["experience_years"]),
        occupations=occupations_of(_trade(fields["text"], fields["skills"])),
    )


def _radius(stated: float | None, *, moves: bool, anywhere: bool) -> float:
    """Farthest place of work without lodging, km as float32."""
    if anywhere or (moves and stated is None):
        return float("inf")
    return float(np.float32(DAILY_KM if stated is None else stated))


@lru_cache(maxsize=32_768)  # ads repeat titles
def _title_codes(title: str) -> tuple[int, ...]:
    return occupations_of(title)


def _trade(text: str | None, skills: list[str] | None) -> str:
    """The words that name somebody's trade, and the Spanish of those in Quechua or Aymara."""
    said = text or "", *(skills or ())
    known = heard(said[0], said[1:])
    return ". ".join((*said, *(word.spanish for word in known)))


def _years(stated: float | None) -> int:
    return NO_YEARS if stated is None else min(int(stated), NO_YEARS - 1)


def job_attrs(job: Job | Mapping[str, Any], penalty: float = 0.0) -> JobAttrs:
    """Attributes of an accepted job, given as model, as the dict of its fields or as its card."""
    fields = _kept(job, CARD_FIELDS)
    demand, asked = 0, 0
    licence = fields["licence"]
    if licence and licence != NO_LICENCE:
        asked |= LICENCE
        demand |= bits.LICENCE_BITS[licence]
    for code in fields["languages"] or ():
        asked |= LANGUAGE
        demand |= bits.LANGUAGE_BITS[code]
    level = fields["education"]
    if level and level != "none":
        asked |= SCHOOLING
        demand |= bits.LEVEL_BITS[level]
    if name := fields["shift"]:
        asked |= SHIFT
        demand |= bits.SHIFT_BITS[name]
    remote = fields["remote"]
    if remote:
        asked |= REMOTE
    elif remote is False:
        demand |= bits.ONSITE
    pay = monthly(fields["pay_max"] or fields["pay_min"] or 0.0, fields["pay_period"])
    asked |= PAY if pay else 0
    min_age = fields["min_age"] or 0
    asked |= AGE if min_age else 0
    asked |= HOUSES if fields["lodging"] or fields["travel_paid"] else 0
    asked |= CANARY if fields["canary"] else 0
    return JobAttrs(
        demand=demand,
        asked=asked,
        district=district_index(fields["ubigeo"], fields["place"]),
        remote=remote is True,
        pay=pay or float("inf"),
        min_age=min_age,
        years=_years(fields["experience_years"]),
        occupations=_title_codes(fields["title"] or ""),
        penalty=penalty,
    )
