"""What happened between one person and one job, and what a reviewer decided about a held job."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from schemas.base import Event, Id, Short, Start, Text
from schemas.parsing import parse


class Feedback(Event):
    """Takes `job_id` out of the person's ranking; `hired` by default pauses the person too."""

    profile_id: Id
    job_id: Id
    kind: Literal["applied", "hired", "dismissed", "reported"]
    at: Start | None = None


class Decision(Event):
    """Releases or rejects a held job, for exactly the content that was reviewed."""

    job_id: Id
    decision: Literal["release", "reject"]
    content_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    """Of the content reviewed, hexadecimal, as the review topic told it."""
    reviewer: Short | None = None
    note: Text | None = None
    at: Start | None = None


def parse_feedback(key: bytes | None, value: bytes) -> Feedback:
    """The feedback in one record, keyed by profile_id; raises a subclass of InputError."""
    return parse(Feedback, "profile_id", key, value)


def parse_decision(key: bytes | None, value: bytes) -> Decision:
    """The decision in one record, keyed by job_id; raises a subclass of InputError."""
    return parse(Decision, "job_id", key, value)
