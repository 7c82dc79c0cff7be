"""What we tell about a job: its whole current list of people, with nothing personal in it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.base import Event, Id
from schemas.matches import Version


class CandidateEntry(Event):
    """One person in a job's list: an id, numbers and reason codes without their facts."""

    rank: Annotated[int, Field(ge=1)]
    profile_id: Id
    score: float
    components: dict[str, float]
    reasons: list[str]


class Candidates(Event):
    """The whole current list of one job, over the partitions of people heard from so far."""

    job_id: Id
    job_version: Version
    revision: Annotated[int, Field(ge=0)]
    event_id: str
    partitions_seen: Annotated[int, Field(ge=0)]
    partitions_total: Annotated[int, Field(ge=1)]
    encoder_version: str
    ranker_version: str
    entries: list[CandidateEntry]
