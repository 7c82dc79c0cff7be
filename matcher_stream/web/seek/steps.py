"""The three steps to a profile: what you can do, where you live, is this right?"""

from __future__ import annotations

import time
from typing import Final

from aiohttp import web

from matcher_stream.config.catalogue import Catalogue
from matcher_stream.web.places import place_words
from matcher_stream.web.seek import pages, reading
from matcher_stream.web.seek.draft import PLACE, WORDS, Draft
from matcher_stream.web.site.signing import LINK_SECONDS, new_id
from matcher_stream.web.site.site import Site
from matcher_stream.web.site.visit import Visit
from models.reading.facts.where.options import options
from models.reading.geo import district_index

PUBLISHED: Final = "since"
"""In a session: when its profile was published, epoch seconds."""
FRESH: Final = "fresh"
"""In a session: the link was not shown yet."""


def register(site: Site) -> None:
    """Serve the steps."""
    site.get(pages.START, _ask_words)
    site.post(pages.START, _take_words)
    site.get(pages.WHERE, _ask_where)
    site.post(pages.WHERE, _take_where)
    site.get(pages.READ, _ask_read)
    site.post(pages.READ, _take_read, cost=5.0)


async def _ask_words(visit: Visit) -> web.StreamResponse:
    draft = Draft.of(visit.session)
    return visit.page(
        "busco/palabras.html", words=draft.words, most=WORDS, has_list=bool(visit.session.person)
    )


async def _take_words(visit: Visit) -> web.StreamResponse:
    draft = Draft.of(visit.session)
    words = visit.form.text("words", WORDS)
    if words != draft.words:
        draft.words, draft.stated = words, {}  # what mended other words
    if not draft.words:
        return visit.go(pages.START, pages.SAY_SOMETHING)
    draft.keep(visit.session)
    return visit.go(pages.WHERE)


async def _ask_where(visit: Visit) -> web.StreamResponse:
    draft = Draft.of(visit.session)
    if not draft.words:
        return visit.go(pages.START)
    found = [place_words(code) for code in options(draft.place)] if draft.place else []
    read = next((line for line in reading.lines(draft) if line.field == "ubigeo"), None)
    return visit.page(
        "busco/donde.html",
        place=draft.place,
        most=PLACE,
        options=found,
        read=read.sentence if read else "",
    )


async def _take_where(visit: Visit) -> web.StreamResponse:
    draft, form = Draft.of(visit.session), visit.form
    if not draft.words:
        return visit.go(pages.START)
    chosen, place = form.text("ubigeo", 6), form.text("place", PLACE)
    if "skip" in form:  # somewhere that their words say, or nowhere
        draft.place = draft.ubigeo = ""
    elif chosen:
        if district_index(chosen, None) < 0:
            return visit.go(pages.WHERE, pages.SAY_WHERE)
        draft.ubigeo = chosen
    else:
        draft.place, draft.ubigeo = place, ""
        found = options(place)
        if len(found) != 1:
            draft.keep(visit.session)
            return visit.go(pages.WHERE, None if found else pages.SAY_WHERE)
        (draft.ubigeo,) = found
    draft.keep(visit.session)
    return visit.go(pages.READ)


async def _ask_read(visit: Visit) -> web.StreamResponse:
    draft = Draft.of(visit.session)
    if not draft.words:
        return visit.go(pages.START)
    where = place_words(draft.ubigeo)[1] if draft.ubigeo else ""
    return visit.page(
        "busco/leimos.html", words=draft.words, where=where, lines=reading.lines(draft)
    )


async def _take_read(visit: Visit) -> web.StreamResponse:
    """Mend one line, or publish: the one step after which something is kept of the visitor."""
    draft = Draft.of(visit.session)
    if not draft.words:
        return visit.go(pages.START, pages.SAY_SOMETHING)
    field, _, choice = visit.form.text("mend", 100).partition(":")
    if field:
        reading.mend(draft, field, choice)
        draft.keep(visit.session)
        return visit.go(pages.READ if draft.words else pages.START)
    return await _publish(visit, draft)


async def _publish(visit: Visit, draft: Draft) -> web.StreamResponse:
    session = visit.session
    known = session.person if draft.editing else None
    profile_id = known or new_id()
    await visit.tools.publisher.publish(Catalogue.profiles, profile_id, draft.profile(profile_id))
    if known is None:
        session.begin_person(profile_id, int(time.time()) + LINK_SECONDS)
        session.put(FRESH, True)
    Draft.drop(session)
    session.put(PUBLISHED, int(time.time()))
    return visit.go(pages.LIST)
