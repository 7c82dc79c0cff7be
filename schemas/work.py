"""Internal events that bring time and re-ranking into the stream as ordinary records."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from schemas.base import MAX_MS, Event, Id

Offset = Annotated[int, Field(ge=0)]
DateText = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class WorkItem(Event):
    """One thing that is due. Repeating it is harmless: receivers check that it still applies."""

    kind: Literal["expire_job", "expire_profile", "tick", "rerank", "refresh", "revet", "shown",
                  "handover", "interleave"]  # fmt: skip
    id: Id | None = None
    """job_id or profile_id; absent for a tick."""
    due_ms: Annotated[int, Field(ge=0, lt=MAX_MS)] | None = None
    """The expiry this item was made for; another expiry by now makes it void."""
    as_of: DateText | None = None
    """The date a tick brings, or an epoch of exposure."""
    partition: Annotated[int, Field(ge=0, lt=65_536)] | None = None
    """Of the people who were counted."""
    part: Annotated[int, Field(ge=0, lt=65_536)] = 0
    """Which of the parts of what they tell."""
    parts: Annotated[int, Field(ge=1, le=65_536)] = 1
    """How many there are."""
    counts: dict[str, Annotated[int, Field(ge=0, lt=2**53)]] | None = None
    """In how many of their rankings a job is, by job_id."""
