"""One job of one's own list, by itself: everything that its entry says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from matcher_stream.web.rankings import ranking
from matcher_stream.web.seek import pages
from matcher_stream.web.seek.listing import REASONS, shown
from matcher_stream.web.seek.saying import note_opened
from matcher_stream.web.site.site import Site
from matcher_stream.web.site.visit import Visit


def register(site: Site) -> None:
    """Serve the page."""
    site.get(pages.JOB, _job, needs=("person",))


def names_of(visit: Visit, event: Mapping[str, Any]) -> dict[str, str]:
    """What addresses call the jobs of a list, by job_id: nobody else's page calls them so, and an
    address tells nobody which job it is.
    """
    person, alias = visit.person, visit.tools.signing.alias
    return {entry["job_id"]: alias(person, entry["job_id"]) for entry in event["entries"]}


async def _job(visit: Visit) -> web.StreamResponse:
    wanted = visit.request.match_info["name"]
    event = await ranking(visit.tools.owners, visit.person)
    if event is None:  # the list's page knows what to say
        return visit.go(pages.LIST)
    names = names_of(visit, event)
    job = next((job for job in shown(event) if names[job.job_id] == wanted), None)
    if job is None:
        return visit.go(pages.LIST, pages.LEFT)
    await note_opened(visit, event, job, wanted)
    return visit.page("busco/trabajo.html", event=event, job=job, reasons=REASONS)
