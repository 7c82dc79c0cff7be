"""One's own page: the ranking as it comes, and what one says of it."""

from __future__ import annotations

import re
import time
from typing import Any, Final, get_args

from aiohttp import web

from matcher_stream.config.catalogue import Catalogue
from matcher_stream.web.rankings import ranking
from matcher_stream.web.seek import pages, reading
from matcher_stream.web.seek.keeping import link_of
from matcher_stream.web.seek.listing import REASONS, Shown, shown, steps
from matcher_stream.web.seek.steps import FRESH, PUBLISHED
from matcher_stream.web.site.problem import NO_LINK, NOT_READ, Problem
from matcher_stream.web.site.site import Site
from matcher_stream.web.site.visit import Visit
from schemas.feedback import DismissReason

SURFACE: Final = "web"
WAIT_SECONDS: Final = 1.5
"""How long a page waits for the stream before it is shown without its answer."""
SOON_SECONDS: Final = 120
"""After publishing, for how long a ranking is on its way rather than missing."""
_SEEN: Final = "seen"
_NUMBER: Final = re.compile(r"[0-9]{1,19}")
_SAID: Final = {
    "applied": "Anotado: te interesa.",
    "dismissed": "Listo. Ya no te lo mostramos.",
    "reported": "Gracias por avisar. Ya no te lo mostramos.",
}


def register(site: Site) -> None:
    """Serve the page, its live part and its buttons."""
    site.get(pages.LIST, _list, needs=("person",))
    site.get(pages.LIVE, _live, needs=("person",))
    site.post(pages.ANSWER, _answer, needs=("person",))


async def _list(visit: Visit) -> web.StreamResponse:
    session, owners = visit.session, visit.tools.owners
    soon = time.time() - session.values.get(PUBLISHED, 0) < SOON_SECONDS
    newer = session.pop("after")
    event = await ranking(owners, visit.person, wait=WAIT_SECONDS if soon else 0.0)
    if event is not None and newer is not None and event["revision"] <= newer:
        event = await ranking(owners, visit.person, after=newer, wait=WAIT_SECONDS) or event
    if event is None and not soon:
        raise Problem(404, NO_LINK)
    jobs = shown(event) if event else []
    if event is not None:
        await _note_shown(visit, event, jobs)
    return visit.page(
        "busco/lista.html",
        event=event,
        message=(event or {}).get("message"),
        jobs=jobs,
        steps=steps(event) if event else [],
        reasons=REASONS,
        read=_read(event),
        link=link_of(visit) if session.pop(FRESH) else "",
        live=pages.LIVE,
    )


def _read(event: dict[str, Any] | None) -> str:
    """What was read of their words, for them to correct."""
    return reading.in_words((event or {}).get("read") or {})


async def _note_shown(visit: Visit, event: dict[str, Any], jobs: list[Shown]) -> None:
    """Publish once what was shown, at which place, so that it can be learned from."""
    revision, seen = event["revision"], visit.session.values.get(_SEEN)
    if seen == revision:
        return
    visit.session.put(_SEEN, revision)
    if seen == revision - 1 and "entered" in event:  # the others were shown before
        jobs = [job for job in jobs if job.job_id in event["entered"]]
    if not jobs:
        return
    said = [_feedback(visit, job.job_id, "shown", revision, job.rank) for job in jobs]
    try:
        await visit.tools.publisher.publish(Catalogue.feedback, visit.person, *said)
    except Problem:
        visit.session.pop(_SEEN)  # the list counts more than the note of it


def _feedback(
    visit: Visit, job_id: str, kind: str, revision: int, rank: int, reason: str | None = None
) -> dict[str, Any]:
    said = {
        "profile_id": visit.person,
        "job_id": job_id,
        "kind": kind,
        "revision": revision,
        "rank": rank,
        "surface": SURFACE,
    }
    return said if reason is None else {**said, "reason": reason}


async def _live(visit: Visit) -> web.StreamResponse:
    person, owners = visit.person, visit.tools.owners

    async def following(number: int, wait: float) -> int:
        event = await ranking(owners, person, after=number, wait=wait)
        return -1 if event is None else int(event["revision"])

    number = visit.session.values.get(_SEEN, -1)
    return await visit.tools.live.serve(visit.request, person, number, following)


async def _answer(visit: Visit) -> web.StreamResponse:
    """One button: ``KIND:REASON:RANK:JOB_ID``; publishes it, and the list waits for the stream."""
    parts = visit.form.text("say", 300).split(":", 3)
    revision = visit.form.text("revision", 20)
    if len(parts) != 4 or not all(_NUMBER.fullmatch(number) for number in (parts[2], revision)):
        raise Problem(400, NOT_READ)
    kind, reason, rank, job_id = parts
    if kind not in _SAID or (kind == "dismissed") != (reason in get_args(DismissReason)):
        raise Problem(400, NOT_READ)
    said = _feedback(visit, job_id, kind, int(revision), int(rank), reason or None)
    await visit.tools.publisher.publish(Catalogue.feedback, visit.person, said)
    visit.session.put("after", int(revision))
    return visit.go(pages.LIST, _SAID[kind])
