"""What happened between one person and one job."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.base import Event, Id, Short, Start
from schemas.parsing import parse

Kind = Literal["shown", "opened", "applied", "interviewed", "hired", "dismissed", "reported"]
DismissReason = Literal["too_far", "low_pay", "not_my_trade", "hours", "other"]

EXCLUDING: Final[frozenset[Kind]] = frozenset({"applied", "hired", "dismissed", "reported"})
"""Kinds that take the job out of the person's ranking; the others are only to be learned from."""


class Feedback(Event):
    """What became of one job of a person's ranking.

    applied, hired, dismissed and reported take `job_id` out of the ranking; hired by default pauses
    the person too. shown, opened and interviewed change nothing.

    The matcher's own pages publish shown once for each place in a revision, and opened once a job
    and visit; ce_id is the same for the same person, job, kind and revision, so that whoever counts
    can leave repeats out.
    """

    profile_id: Id
    job_id: Id
    kind: Kind
    at: Start | None = None
    reason: DismissReason | None = None
    """Why it was dismissed."""
    revision: Annotated[int, Field(ge=0)] | None = None
    """Of the Matches event that the person saw."""
    rank: Annotated[int, Field(ge=1)] | None = None
    """Where the job stood in it."""
    surface: Short | None = None
    """Where the person saw it: "web", "sms" or a name of the publisher's."""


def parse_feedback(key: bytes | None, value: bytes) -> Feedback:
    """The feedback in one record, keyed by profile_id; raises a subclass of InputError."""
    return parse(Feedback, "profile_id", key, value)
