"""What a person does with their profile: come back to it, change it, pause it, erase it."""

from __future__ import annotations

import time
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

from agents.asked import profile
from agents.context import Context
from matcher_stream.config.catalogue import Catalogue
from matcher_stream.web.seek import pages
from matcher_stream.web.seek.draft import Draft
from matcher_stream.web.seek.steps import PUBLISHED
from matcher_stream.web.site.problem import NO_LINK, Problem
from matcher_stream.web.site.site import Site
from matcher_stream.web.site.visit import Visit

QUESTION: Final = "profile"


def register(site: Site, context: Context) -> None:
    """Serve the pages, and answer what a person stated."""

    async def stated(profile_id: str) -> dict[str, Any] | None:
        return await profile(context, profile_id)

    site.tools.owners.answers(QUESTION, stated)
    person = {"needs": ("person",)}
    site.get(pages.OPEN, _open, cost=5.0)
    site.get(pages.LINK, _show_link, **person)
    site.post(pages.EDIT, _edit, **person)
    site.post(pages.PAUSE, _pause, **person)
    site.get(pages.ERASE, _ask_erase, **person)
    site.post(pages.ERASE, _erase, **person)
    site.get(pages.ERASED, _erased)


def link_of(visit: Visit) -> str:
    """The whole address that opens this person's page; "" where ours is not known."""
    return visit.whole(pages.OPEN.format(token=visit.tools.signing.link(visit.person)))


async def _open(visit: Visit) -> web.StreamResponse:
    """Exchange a link for a session, so that no address holds it any longer."""
    opened = visit.tools.signing.opened(visit.request.match_info["token"])
    if opened is None:
        raise Problem(403, NO_LINK)
    visit.session.begin_person(*opened)
    return visit.go(pages.LIST)


async def _show_link(visit: Visit) -> web.StreamResponse:
    link = link_of(visit)
    send = f"https://wa.me/?text={quote(f'Mi lista de trabajos: {link}')}"
    return visit.page("busco/enlace.html", link=link, send=send)


async def _stated(visit: Visit) -> dict[str, Any]:
    found: dict[str, Any] | None = await visit.tools.owners.ask(QUESTION, visit.person)
    if found is None:
        raise Problem(404, NO_LINK)
    return found


async def _edit(visit: Visit) -> web.StreamResponse:
    Draft.of_profile(await _stated(visit)).keep(visit.session)
    return visit.go(pages.START)


async def _pause(visit: Visit) -> web.StreamResponse:
    draft = Draft.of_profile(await _stated(visit))
    status = "searching" if "again" in visit.form else "paused"
    changed = {**draft.profile(visit.person), "status": status}
    await visit.tools.publisher.publish(Catalogue.profiles, visit.person, changed)
    visit.session.put(PUBLISHED, int(time.time()))
    revision = visit.form.text("revision", 20)
    visit.session.put("after", int(revision) if revision.isdecimal() else None)
    return visit.go(pages.LIST, pages.PAUSED if status == "paused" else pages.SEARCHING)


async def _ask_erase(visit: Visit) -> web.StreamResponse:
    return visit.page("busco/borrar.html")


async def _erase(visit: Visit) -> web.StreamResponse:
    await visit.tools.publisher.publish(Catalogue.profiles, visit.person, None)
    visit.session.end()
    return visit.go(pages.ERASED)


async def _erased(visit: Visit) -> web.StreamResponse:
    return visit.page("busco/borrado.html")
