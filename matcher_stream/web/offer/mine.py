"""The ads that a visitor may open: those of their links, and all of a publisher's."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from aiohttp import web

from agents.asking_ads import ads_marked
from agents.context import Context
from matcher_stream.web.ads import ad_of
from matcher_stream.web.offer import pages
from matcher_stream.web.offer.access import marks, opened
from matcher_stream.web.site.site import Site
from matcher_stream.web.site.visit import Visit

QUESTION: Final = "ads_marked"
MOST: Final = 100
_STATES: Final = {
    "active": "publicado", "advised": "publicado", "held": "en revisión",
    "rejected": "no se publicó", "filled": "ya encontraste", "closed": "cerrado",
    "expired": "vencido", "withdrawn": "cerrado",
}  # fmt: skip


def register(site: Site, context: Context) -> None:
    """Serve the list, and answer which ads bear a publisher's mark."""

    async def marked(_: None, begins: list[str]) -> list[dict[str, Any]]:
        return ads_marked(context, begins, MOST)

    site.tools.owners.answers(QUESTION, marked)
    site.get(pages.MINE, _mine, cost=5.0)


async def _mine(visit: Visit) -> web.StreamResponse:
    owners, own = visit.tools.owners, list(opened(visit.session))
    ads = await asyncio.gather(*(ad_of(owners, job_id) for job_id in own))
    found = {job_id: (ad["job"]["title"], ad["state"])
             for job_id, ad in zip(own, ads, strict=True) if ad}  # fmt: skip
    unheard = False
    if begins := marks(visit):
        answers = await owners.ask_all(QUESTION, begins=begins)
        unheard = None in answers.values()
        for ad in (ad for told in answers.values() for ad in told or ()):
            found[ad["job_id"]] = ad["title"], ad["state"]
    listed = [(job_id, title, _STATES[state]) for job_id, (title, state) in found.items()]
    return visit.page("ofrezco/mios.html", ads=listed[:MOST], unheard=unheard)
