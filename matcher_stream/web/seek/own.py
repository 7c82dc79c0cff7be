"""One's own page: the ranking as it comes, and what one says of it."""

from __future__ import annotations

import re
import time
from typing import Any, Final, get_args

from aiohttp import web

from matcher_stream.web.rankings import ranking
from matcher_stream.web.seek import pages, reading
from matcher_stream.web.seek.details import names_of
from matcher_stream.web.seek.keeping import link_of
from matcher_stream.web.seek.listing import REASONS, shown, steps
from matcher_stream.web.seek.saying import SEEN, note_shown, say
from matcher_stream.web.seek.steps import FRESH, PUBLISHED
from matcher_stream.web.site.problem import NO_LINK, NOT_READ, Problem
from matcher_stream.web.site.site import Site
from matcher_stream.web.site.visit import Visit
from schemas.feedback import DismissReason

WAIT_SECONDS: Final = 1.5
"""How long a page waits for the stream before it is shown without its answer."""
SOON_SECONDS: Final = 120
"""After publishing, for how long a ranking is on its way rather than missing."""
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
        await note_shown(visit, event, jobs)
    return visit.page(
        "busco/lista.html",
        event=event,
        message=(event or {}).get("message"),
        jobs=jobs,
        names=names_of(visit, event) if event else {},
        steps=steps(event) if event else [],
        reasons=REASONS,
        read=_read(event),
        link=link_of(visit) if session.pop(FRESH) else "",
        live=pages.LIVE,
    )


def _read(event: dict[str, Any] | None) -> str:
    """What was read of their words, for them to correct."""
    return reading.in_words((event or {}).get("read") or {})


async def _live(visit: Visit) -> web.StreamResponse:
    person, owners = visit.person, visit.tools.owners

    async def following(number: int, wait: float) -> int:
        event = await ranking(owners, person, after=number, wait=wait)
        return -1 if event is None else int(event["revision"])

    number = visit.session.values.get(SEEN, -1)
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
    await say(visit, (kind, job_id, int(rank)), revision=int(revision), reason=reason)
    visit.session.put("after", int(revision))
    return visit.go(pages.LIST, _SAID[kind])
