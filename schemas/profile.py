"""A job seeker, as an upstream system tells us about them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from schemas import vocab
from schemas.base import (
    MAX_ITEMS,
    MAX_MS,
    Age,
    Amount,
    End,
    Event,
    Id,
    Short,
    Term,
    Text,
    Words,
    Years,
)  # fmt: skip
from schemas.parsing import parse

NEVER_MS: Final = MAX_MS
"""An expiry later than every readable date."""

PayPeriod = Literal["month", "week", "day", "hour"]

_Language = Annotated[str | None, Term(vocab.language, vocab.LANGUAGES)]
_Languages = Annotated[
    list[str], Field(max_length=MAX_ITEMS), Term(vocab.language, vocab.LANGUAGES)
]
_Licence = Annotated[str | None, Term(vocab.person_licence, vocab.LICENCES)]
_Education = Annotated[str | None, Term(vocab.education, vocab.EDUCATION)]
_Shifts = Annotated[list[str], Field(max_length=MAX_ITEMS), Term(vocab.shift, vocab.SHIFTS)]


class Profile(Event):
    """What a person can do and wants. Only `profile_id` and `text` are required."""

    TERMS: ClassVar = ("language", "licence", "languages", "education", "shifts")

    profile_id: Id
    text: Text
    """The person's own words, in any spelling."""
    status: Literal["searching", "paused"] | None = None
    valid_until: End | None = None
    language: _Language = None
    """Language to answer in."""
    consent_matching: bool | None = None
    """False stops all matching. Absent means true."""
    consent_llm: bool | None = None
    """True lets a language model write the explanations. Absent means false."""
    consent_training: bool | None = None
    """True lets what they did with what they were shown teach the ranking. Absent means false."""
    ubigeo: Short | None = None
    """INEI district code, six digits."""
    place: Short | None = None
    """District, province and region in words, used where `ubigeo` is absent or unknown."""
    max_distance_km: Amount | None = None
    """Absent: 60 km, unless the person would move."""
    relocate: bool | None = None
    """Would move for work: beyond `max_distance_km`, if stated, where the job gives lodging or pays
    the trip."""
    remote_only: bool | None = None
    licence: _Licence = None
    """Driving licence: one class, several with a space between, or "none"."""
    languages: _Languages | None = None
    age: Age | None = None
    education: _Education = None
    shifts: _Shifts | None = None
    """When the person can work."""
    min_pay: Amount | None = None
    """Soles for one `pay_period`."""
    pay_period: PayPeriod | None = None
    skills: Words | None = None
    experience_years: Years | None = None
    canary: bool | None = None
    """True marks what is invented to watch the system: it is matched with its like alone."""


def parse_profile(key: bytes | None, value: bytes) -> Profile:
    """The profile in one record; raises a subclass of InputError."""
    return parse(Profile, "profile_id", key, value)


def effective_expiry(profile: Profile) -> int:
    """First moment (epoch ms) at which the person is no longer matched; else `NEVER_MS`."""
    return NEVER_MS if profile.valid_until is None else profile.valid_until
