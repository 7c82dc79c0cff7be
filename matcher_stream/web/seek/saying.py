"""What a person says of a job, and what pages note of it: shown, opened.

A note is published once, and its ce_id follows from what it says: whoever counts can leave out what
a second browser or a repeated request says again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from matcher_stream.config.catalogue import Catalogue
from matcher_stream.web.seek.listing import Shown
from matcher_stream.web.site.problem import Problem
from matcher_stream.web.site.visit import Visit
from models.ranking.event_bodies import event_id

SURFACE: Final = "web"
SEEN: Final = "seen"
"""In a session: the revision whose list was shown last."""
_OPENED: Final = "opened"
"""In a session: jobs that were opened, by the beginnings of their names."""
_MOST_OPENED, _NAME_CHARS = 20, 8

#: Kind, job_id and rank.
Said = tuple[str, str, int]


async def say(visit: Visit, *said: Said, revision: int, reason: str = "") -> None:
    """Publish feedback of a visitor in order.

    Args:
        visit: Theirs.
        said: Of each job.
        revision: Of the list that they saw.
        reason: Why a job was dismissed, or "".

    Raises:
        InputError: it would be refused.
        Problem: the broker did not take it.
    """
    events: list[dict[str, Any]] = [
        {"profile_id": visit.person, "job_id": job_id, "kind": kind, "revision": revision,
         "rank": rank, "surface": SURFACE, **({"reason": reason} if reason else {})}
        for kind, job_id, rank in said
    ]  # fmt: skip
    ids = [event_id({**event, "rank": None, "reason": None}) for event in events]
    await visit.tools.publisher.publish(Catalogue.feedback, visit.person, *events, ids=ids)


async def note_shown(visit: Visit, event: dict[str, Any], jobs: Sequence[Shown]) -> None:
    """Publish once what was shown, at which place, so that it can be learned from."""
    revision, seen = event["revision"], visit.session.values.get(SEEN)
    if seen == revision:
        return
    visit.session.put(SEEN, revision)
    if seen == revision - 1 and "entered" in event:  # the others were shown before
        jobs = [job for job in jobs if job.job_id in event["entered"]]
    if not jobs:
        return
    try:
        await say(visit, *(("shown", job.job_id, job.rank) for job in jobs), revision=revision)
    except Problem:
        visit.session.pop(SEEN)  # the list counts more than the note of it


async def note_opened(visit: Visit, event: dict[str, Any], job: Shown, name: str) -> None:
    """Publish once a visit that a job was opened, and that it was shown if its list was not."""
    opened = visit.session.values.get(_OPENED) or []
    if name[:_NAME_CHARS] in opened:
        return
    kinds = ("opened",) if visit.session.values.get(SEEN) == event["revision"] else (
        "shown", "opened",
    )  # fmt: skip
    try:
        said = ((kind, job.job_id, job.rank) for kind in kinds)
        await say(visit, *said, revision=event["revision"])
    except Problem:
        return  # the page counts more than the note of it
    visit.session.put(_OPENED, [*opened[1 - _MOST_OPENED :], name[:_NAME_CHARS]])
