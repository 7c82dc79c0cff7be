"""A job ad, as an employer's system publishes it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from schemas import vocab
from schemas.base import (
    DAY_MS,
    MAX_ITEMS,
    Age,
    Amount,
    End,
    Event,
    Id,
    Short,
    Start,
    Term,
    Text,
    Words,
    Years,
)  # fmt: skip
from schemas.parsing import parse
from schemas.profile import PayPeriod

DEFAULT_DAYS = 30
"""How long an ad without `expires_at` stands."""


def _not_blank(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("string_too_short", "blank")
    return value


_Languages = Annotated[
    list[str], Field(max_length=MAX_ITEMS), Term(vocab.language, vocab.LANGUAGES)
]
_Licence = Annotated[str | None, Term(vocab.job_licence, vocab.LICENCES)]
_Education = Annotated[str | None, Term(vocab.education, vocab.EDUCATION)]
_Shift = Annotated[str | None, Term(vocab.shift, vocab.SHIFTS)]


class Job(Event):
    """One ad. Only `job_id` and `title` are required; a field left out demands nothing."""

    TERMS: ClassVar = ("licence", "languages", "education", "shift")

    job_id: Id
    title: Annotated[Text, AfterValidator(_not_blank)]
    description: Text | None = None
    requirements: Text | None = None
    employer: Short | None = None
    status: Literal["open", "filled", "closed"] | None = None
    """Absent means open."""
    posted_at: Start | None = None
    expires_at: End | None = None
    ubigeo: Short | None = None
    """INEI district code, six digits."""
    place: Short | None = None
    """District, province and region in words, used where `ubigeo` is absent or unknown."""
    remote: bool | None = None
    """True: distance does not matter. False: on site. Absent: unknown."""
    pay_min: Amount | None = None
    """Soles for one `pay_period`; 0 says nothing."""
    pay_max: Amount | None = None
    pay_period: PayPeriod | None = None
    licence: _Licence = None
    """The driving licence class asked."""
    languages: _Languages | None = None
    """All of these are asked."""
    min_age: Age | None = None
    education: _Education = None
    """The least schooling asked."""
    shift: _Shift = None
    vacancies: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    experience_years: Years | None = None
    skills: Words | None = None
    lodging: bool | None = None
    """A place to sleep is given."""
    travel_paid: bool | None = None
    """The trip there is paid."""
    canary: bool | None = None
    """True marks what is invented to watch the system: it is matched with its like alone."""


def parse_job(key: bytes | None, value: bytes) -> Job:
    """The job in one record; raises a subclass of InputError."""
    return parse(Job, "job_id", key, value)


def effective_expiry(job: Job, record_ts_ms: int, default_days: float = DEFAULT_DAYS) -> int:
    """First moment (epoch ms) at which the job is expired.

    `expires_at` if stated; else `default_days` after `posted_at`, else after the record's time.
    """
    if job.expires_at is not None:
        return job.expires_at
    start = record_ts_ms if job.posted_at is None else job.posted_at
    return start + round(default_days * DAY_MS)
