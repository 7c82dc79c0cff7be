"""*Quiero que me llamen*: an invitation, which a notifier carries and the person answers or not."""

from __future__ import annotations

import re
import time
from typing import Final

from aiohttp import web

from matcher_stream.web.ads import ad_of, people_of
from matcher_stream.web.offer import pages
from matcher_stream.web.offer.access import own_ad
from matcher_stream.web.offer.ad import CONTACT
from matcher_stream.web.offer.people import INVITE, person_called
from matcher_stream.web.site.problem import NO_LINK, Problem, not_ready
from matcher_stream.web.site.rates import Buckets
from matcher_stream.web.site.site import Site
from matcher_stream.web.site.visit import Visit
from models.vetting.outcome import MATCHED, Gate
from schemas import Job

CONTACT_CHARS: Final = 100
A_DAY, AT_ONCE = 20, 20
"""Invitations of one ad, in one worker."""
_LINK: Final = re.compile(
    r"https?:|www\.|\.(?:com|net|org|pe|me|ly|app|top|xyz)\b|@|//", re.IGNORECASE
)
_TOLD: Final = {"sent": pages.ASKED, "before": pages.ASKED_BEFORE, "gone": pages.GONE}


class Calling:
    """The button.

    Args:
        gate: Reads what an employer writes to a person, as it reads ads.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._ads = Buckets(A_DAY / 86_400, AT_ONCE)

    def register(self, site: Site) -> None:
        """Serve it."""
        site.post(pages.CALL, self.call, cost=2.0)

    async def call(self, visit: Visit) -> web.StreamResponse:
        """Invite one person."""
        job_id, owners = own_ad(visit), visit.tools.owners
        here = pages.AD.format(job_id=job_id)
        ad, event = await ad_of(owners, job_id), await people_of(owners, job_id)
        if ad is None:
            raise Problem(404, NO_LINK)
        if ad["state"] not in MATCHED or event is None:
            return visit.go(here, pages.NOT_OUT)
        contact = " ".join(visit.form.text("contact", CONTACT_CHARS).split())
        if not self._may_say(contact, ad["job"]):
            return visit.go(here, pages.SAY_CONTACT)
        visit.session.put(CONTACT, contact)
        if not (alias := visit.form.text("who", 100)):  # Enter in the field
            return visit.go(here, pages.CONTACT_KEPT)
        person = person_called(visit, event, alias)
        if person is None:
            return visit.go(here, pages.GONE)
        if self._ads.take(job_id):
            return visit.go(here, pages.ENOUGH)
        invitation = {
            "profile_id": person,
            "job_id": job_id,
            "at": int(time.time() * 1000),
            "contact": contact,
        }
        if employer := ad["job"].get("employer"):
            invitation["employer"] = employer
        outcome = await owners.ask(INVITE, person, invitation=invitation)
        if outcome not in _TOLD:
            raise not_ready()
        return visit.go(here, _TOLD[outcome])

    def _may_say(self, contact: str, job: dict[str, object]) -> bool:
        """Whether a contact is one, and asks for nothing: it goes to a person unreviewed."""
        if not contact or _LINK.search(contact):
            return False
        said = Job(job_id="contact", title=str(job["title"]), requirements=contact,
                   employer="-", place="-")  # fmt: skip
        return self._gate.vet(said).action != "hold"
