"""The three steps to an ad: who you look for, where, and what we read and the gate says of it."""

from __future__ import annotations

import orjson
from aiohttp import web

from matcher_stream.config.catalogue import Catalogue
from matcher_stream.web.offer import pages, reading
from matcher_stream.web.offer.access import begin_ad, marks, new_ad_id, opened
from matcher_stream.web.offer.draft import EMPLOYER, PLACE, TITLE, WORDS, Draft
from matcher_stream.web.places import place_words
from matcher_stream.web.site.site import Site
from matcher_stream.web.site.visit import Visit
from models.reading.facts.where.options import options
from models.reading.geo import district_index
from models.reading.spoken import PERIODS
from models.reading.text import content_hash
from models.vetting.mending import told
from models.vetting.outcome import Gate
from schemas import parse_job

FRESH = "fresh_ad"
"""In a session: an ad whose link was not shown yet."""
AWAITED = "awaited"
"""In a session: the ad that was published last and the content hash it will have."""


class Steps:
    """The pages.

    Args:
        gate: Says at once what becomes of an ad.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def register(self, site: Site) -> None:
        """Serve them."""
        site.get(pages.START, self.ask_words)
        site.post(pages.START, self.take_words)
        site.get(pages.WHERE, self.ask_where)
        site.post(pages.WHERE, self.take_where)
        site.get(pages.CHECK, self.ask_right)
        site.post(pages.CHECK, self.take_right, cost=3.0)

    async def ask_words(self, visit: Visit) -> web.StreamResponse:
        """Title, words, employer."""
        draft = Draft.of(visit.session)
        return visit.page(
            "ofrezco/palabras.html",
            draft=draft,
            most={"title": TITLE, "words": WORDS, "employer": EMPLOYER},
            has_ads=bool(opened(visit.session) or marks(visit)),
        )

    async def take_words(self, visit: Visit) -> web.StreamResponse:
        """Keep them."""
        draft, form = Draft.of(visit.session), visit.form
        if "new" in form:
            Draft.drop(visit.session)
            return visit.go(pages.START)
        title, words = _line(form.text("title", TITLE)), form.text("words", WORDS)
        if (title, words) != (draft.title, draft.words) and not draft.job_id:
            draft.stated = {}  # what mended other words
        draft.title, draft.words = title, words
        draft.employer = _line(form.text("employer", EMPLOYER))
        draft.keep(visit.session)
        return visit.go(pages.WHERE if draft.title else pages.START, _unless(draft.title))

    async def ask_where(self, visit: Visit) -> web.StreamResponse:
        """A place, and at most 6 districts that it may mean."""
        draft = Draft.of(visit.session)
        if not draft.title:
            return visit.go(pages.START)
        read = next(
            (line for line in reading.lines(_nowhere(draft)) if line.field == "ubigeo"), None
        )
        found = [place_words(code) for code in options(draft.place)] if draft.place else []
        return visit.page(
            "ofrezco/donde.html",
            place=draft.place,
            chosen=place_words(draft.ubigeo)[1] if draft.ubigeo else "",
            most=PLACE,
            options=found,
            read=read.sentence if read else "",
        )

    async def take_where(self, visit: Visit) -> web.StreamResponse:
        """Keep the district that was tapped, or offer those that were meant."""
        draft, form = Draft.of(visit.session), visit.form
        if not draft.title:
            return visit.go(pages.START, pages.SAY_TITLE)
        chosen, place = form.text("ubigeo", 6), _line(form.text("place", PLACE))
        if "same" not in form:
            draft.place, draft.ubigeo = place, ""
        if chosen and district_index(chosen, None) >= 0:
            draft.place, draft.ubigeo = "", chosen
        elif place and "skip" not in form:
            found = options(place)
            if len(found) != 1:
                draft.keep(visit.session)
                return visit.go(pages.WHERE, None if found else pages.SAY_WHERE)
            draft.place, draft.ubigeo = "", found[0]
        elif "skip" in form:
            draft.place = ""
        draft.keep(visit.session)
        return visit.go(pages.CHECK)

    async def ask_right(self, visit: Visit) -> web.StreamResponse:
        """What was read, and what the gate says."""
        draft = Draft.of(visit.session)
        if not draft.title:
            return visit.go(pages.START)
        verdict = self._gate.vet(draft.job())
        return visit.page(
            "ofrezco/leimos.html",
            draft=draft,
            where=place_words(draft.ubigeo)[1] if draft.ubigeo else draft.place,
            lines=reading.lines(draft),
            periods=list(PERIODS.items()),
            verdict=told(verdict),
            held=verdict.held,
        )

    async def take_right(self, visit: Visit) -> web.StreamResponse:
        """Mend one line, or publish."""
        draft, form = Draft.of(visit.session), visit.form
        if not draft.title:
            return visit.go(pages.START, pages.SAY_TITLE)
        if form.text("draft", 40) != draft.digest:
            return visit.go(pages.CHECK, pages.ANOTHER)
        field, _, choice = form.text("mend", 100).partition(":")
        if not field:
            return await self._publish(visit, draft)
        typed = form.text("amount", 20), form.text("period", 10)
        mended = reading.mend(draft, field, choice, typed)
        draft.keep(visit.session)
        if not draft.title:
            return visit.go(pages.START, pages.SAY_TITLE)
        refused = not mended and choice == reading.TYPED
        return visit.go(pages.CHECK, pages.SAY_PAY if refused else None)

    async def _publish(self, visit: Visit, draft: Draft) -> web.StreamResponse:
        editing = draft.job_id in opened(visit.session) or any(
            draft.job_id.startswith(mark) for mark in marks(visit)
        )
        job_id = draft.job_id if draft.job_id and editing else new_ad_id(visit)
        await publish(visit, job_id, draft.event(job_id))
        if job_id != draft.job_id:
            begin_ad(visit.session, job_id)
            visit.session.put(FRESH, job_id)
        Draft.drop(visit.session)
        return visit.go(pages.AD.format(job_id=job_id))


async def publish(visit: Visit, job_id: str, event: dict[str, object]) -> None:
    """Publish a version of an ad, which its page then waits for.

    Raises:
        InputError: it would be refused.
        Problem: the broker did not take it.
    """
    await visit.tools.publisher.publish(Catalogue.jobs, job_id, event)
    job = parse_job(job_id.encode(), orjson.dumps(event))
    visit.session.put(AWAITED, [job_id, content_hash(job).hex()])


def _nowhere(draft: Draft) -> Draft:
    """The same without a place, so that what the words say of it is read."""
    return Draft(draft.title, draft.words, draft.employer)


def _line(text: str) -> str:
    return " ".join(text.split())


def _unless(title: str) -> str | None:
    return None if title else pages.SAY_TITLE
