"""What happened between one person and one job."""

from __future__ import annotations

from typing import Literal

from schemas.base import Event, Id, Start
from schemas.parsing import parse


class Feedback(Event):
    """Takes `job_id` out of the person's ranking; `hired` by default pauses the person too."""

    profile_id: Id
    job_id: Id
    kind: Literal["applied", "hired", "dismissed", "reported"]
    at: Start | None = None


def parse_feedback(key: bytes | None, value: bytes) -> Feedback:
    """The feedback in one record, keyed by profile_id; raises a subclass of InputError."""
    return parse(Feedback, "profile_id", key, value)
