"""What we tell about a person: their whole current ranking, and explanations of its entries."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from schemas.base import Event, Id
from schemas.work import DateText, Offset

Cause = Literal[
    "profile_updated", "job_posted", "job_withdrawn", "job_expired",
    "feedback", "decision", "model_changed", "tick",
]  # fmt: skip
MatchStatus = Literal["ok", "no_match", "paused", "expired", "no_consent", "unreadable"]
Level = Literal["send", "also"]
Team = Literal["champion", "challenger"]
Version = Annotated[list[Offset], Field(min_length=2, max_length=2)]
"""[offset in the jobs topic, counter of decisions and expiries]."""
MAX_SIMILAR: Final = 20
"""Near-duplicates that one entry lists."""

MAX_UNLOCKS: Final = 3
"""Steps that one event tells."""
MAX_UNLOCKED: Final = 20
"""Jobs that are counted of one step: so many may be more. What is counted changes daily where many
are, and would be told daily."""


class Reason(Event):
    """Why a job fits, as a code and the facts that fill its sentence."""

    code: str
    facts: dict[str, Any]
    source: dict[Literal["person", "job"], Literal["stated", "read"]] | None = None
    """Where the facts of each side are from, if any was read from words; absent if all were
    stated."""


class JobCard(Event):
    """As much of a job as a consumer needs to show it. Absent means not stated."""

    title: str
    employer: str | None = None
    ubigeo: str | None = None
    place: str | None = None
    remote: bool | None = None
    pay_min: float | None = None
    pay_max: float | None = None
    pay_period: str | None = None
    licence: str | None = None
    languages: list[str] | None = None
    min_age: int | None = None
    education: str | None = None
    shift: str | None = None
    vacancies: int | None = None
    experience_years: float | None = None
    lodging: bool | None = None
    travel_paid: bool | None = None
    canary: bool | None = None
    """True: an invented ad, for an invented person alone. Tell nobody."""
    read: list[str] | None = None
    """Fields that nobody stated and the ad's words say. Absent if there are none."""
    differs: list[str] | None = None
    """Stated fields that the ad's words contradict. Absent if there are none."""
    posted_at: str | None = None
    """ISO 8601, UTC."""
    expires_at: str | None = None
    """ISO 8601, UTC."""


class MatchEntry(Event):
    """One job in a person's ranking."""

    rank: Annotated[int, Field(ge=1)]
    job_id: Id
    job_version: Version
    level: Level | None = None
    """send: likely worth a message; also: worth showing beside those. Absent in older events."""
    score: float
    components: dict[str, float]
    """What the score is made of, by name."""
    reasons: list[Reason]
    job: JobCard
    similar: Annotated[list[str], Field(max_length=MAX_SIMILAR)] | None = None
    """job_ids of near-duplicate ads that this entry stands for, the best first; there may be more
    than are listed. Absent if there are none."""
    team: Team | None = None
    """Where two rankings are interleaved, which of them put this job here: what people apply to
    says which is better. Absent if both did, and where nothing is interleaved."""


class Unlock(Event):
    """What one step would open: jobs worth a message that fail this one thing and no other."""

    code: Literal["distance", "shift", "language", "licence", "education"]
    value: Annotated[str, Field(max_length=40)] | None = None
    """The class of licence, level of schooling, language or shift. Absent for distance."""
    km: Annotated[int, Field(ge=1)] | None = None
    """Kilometres beyond how far they go. Only for distance."""
    jobs: Annotated[int, Field(ge=1, le=MAX_UNLOCKED)]
    """How many, near-duplicates once; the greatest number means so many or more."""


class Matches(Event):
    """The whole current ranking of one person; consumers overwrite what they had."""

    profile_id: Id
    revision: Annotated[int, Field(ge=0)]
    """Never falls, for one person."""
    event_id: str
    """The same id means the same bytes."""
    status: MatchStatus
    message: str | None = None
    """Plain Spanish for the person wherever status is not ok; and where words in Quechua or Aymara
    were read, which, so that they can say if it is wrong."""
    cause: Cause
    encoder_version: str
    ranker_version: str
    reader_version: str | None = None
    """Of what reads facts from words."""
    as_of: DateText
    read: dict[str, Any] | None = None
    """Fields of the profile that nobody stated and the person's words say; a profile that states
    them corrects them. `anywhere` says that they would go wherever the work is."""
    differs: list[str] | None = None
    """Stated fields that the person's words contradict: what is stated counts."""
    language: str | None = None
    consent_llm: bool = False
    entries: list[MatchEntry]
    swapped: Annotated[int, Field(ge=1)] | None = None
    """Rank of the first of two neighbouring entries that stand in each other's place, so that it
    can be learned how far down people look; only of people whose profile says consent_training.
    Absent where entries stand as they were scored."""
    challenger: Id | None = None
    """Deployment whose ranking is interleaved with the champion's; only of people whose profile
    says consent_training. Ranks count, not scores. Absent where none is."""
    unlocks: Annotated[list[Unlock], Field(max_length=MAX_UNLOCKS)] | None = None
    """What one step would open, one of a kind, the most jobs first: counted over the very jobs that
    the entries were chosen from. A change of it alone is told at the daily tick. Absent if nothing
    would."""
    entered: list[str]
    """job_ids that were not in the revision told before."""
    left: list[str]
    """job_ids that were, and are no longer."""


class Explanation(Event):
    """A few sentences for one person about one job of their ranking.

    The template's words come at once; a language model's may follow under the same
    `explanation_id` and take their place.
    """

    explanation_id: str
    """The same for all versions of the words about the same facts."""
    event_id: str
    """The same id means the same bytes."""
    profile_id: Id
    job_id: Id
    job_version: Version
    revision: Annotated[int, Field(ge=0)]
    """Of the Matches event it explains."""
    language: str
    """Of the words: always "es"."""
    language_gap: bool
    """True where the person asked for a language that nobody here can write and check."""
    text: str
    sms: str
    """The essentials in at most 160 septets of GSM 03.38."""
    writer: Literal["template", "gpt"]
    writer_version: str
    fields: list[str]
    """Which facts the words were made from, by name."""
    notice: str | None = None
    """Plain Spanish for the person: that a program made the list, and how to ask for a person to
    look at it again. Show it where the list or the words are shown. Absent in older events."""
