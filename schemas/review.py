"""An ad that a reviewer is asked about, and what the reviewer decided."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from schemas.base import Event, Id, Short, Start, Text
from schemas.matches import JobCard, Version
from schemas.parsing import parse

ContentHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class HeldReason(Event):
    """Why an ad is held or advised."""

    code: str
    facts: dict[str, str | int | float]
    text: str
    """The same in plain Spanish, for the reviewer."""


class HeldJob(Event):
    """An ad held for a reviewer, or one that is matched and whose words should be mended."""

    job_id: Id
    job_version: Version
    event_id: str
    """The same id means the same bytes."""
    content_hash: ContentHash
    """What a decision must name."""
    gate_version: str
    risk: Annotated[float, Field(ge=0, le=1)]
    reasons: Annotated[list[HeldReason], Field(min_length=1)]
    job: JobCard
    excerpt: str
    """The ad's description and requirements, cut after 2,000 characters."""
    status: Literal["held", "advised"] = "held"
    action: Literal["hold", "advise"] = "hold"
    """hold: matched with nobody until it is released. advise: matched with everybody alike; its
    words exclude people against Ley 26772. Events from before this field are holds."""
    advice: Text | None = None
    """What the employer should change, in plain Spanish."""


class Decision(Event):
    """Releases or rejects an ad, for exactly the content that was reviewed.

    A rejection also stops an ad that nobody held. A release of an advised ad lets its words
    stand; of an ad that passed by itself it changes nothing.
    """

    job_id: Id
    decision: Literal["release", "reject"]
    content_hash: ContentHash
    """Of the content reviewed, hexadecimal, as the review topic told it."""
    reviewer: Short | None = None
    note: Text | None = None
    at: Start | None = None


def parse_decision(key: bytes | None, value: bytes) -> Decision:
    """The decision in one record, keyed by job_id; raises a subclass of InputError."""
    return parse(Decision, "job_id", key, value)
