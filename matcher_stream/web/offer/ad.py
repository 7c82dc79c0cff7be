"""An ad's own page: what became of it, who fits it, and what its employer does with it."""

from __future__ import annotations

import time
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

from matcher_stream.web.ads import ad_of, people_of
from matcher_stream.web.offer import pages
from matcher_stream.web.offer.access import begin_ad, link_of, own_ad
from matcher_stream.web.offer.draft import Draft
from matcher_stream.web.offer.people import people_in
from matcher_stream.web.offer.steps import AWAITED, FRESH, publish
from matcher_stream.web.site.problem import NO_LINK, NOT_READ, Problem
from matcher_stream.web.site.site import Site
from matcher_stream.web.site.visit import Visit
from models.explain.facts import until
from models.vetting.gate import Finding, Verdict
from models.vetting.mending import told
from models.vetting.outcome import MATCHED, REVIEWED
from schemas.base import iso

WAIT_SECONDS: Final = 1.5
"""How long a page waits for the stream before it is shown without its answer."""
CONTACT: Final = "contact"
"""In a session: where this employer is reached."""
SHOWN: Final = "people"
"""In a session: the ad and the revision of its list that were shown last."""
_STATES: Final = {
    "active": "Publicado. Lo ven las personas a quienes les sirve.",
    "advised": "Publicado. Lo ven las personas a quienes les sirve.",
    "held": "En revisión. Una persona lo lee antes de que alguien lo vea.",
    "rejected": "No se publicó. Quien lo revisó dijo que no.",
    "filled": "Ya encontraste a alguien. El aviso no se muestra.",
    "closed": "Cerrado. El aviso no se muestra.",
    "expired": "Venció. El aviso no se muestra.",
    "withdrawn": "Cerrado. El aviso no se muestra.",
}
_ENDED: Final = ("filled", "closed", "expired", "withdrawn")
_DATES: Final = ("posted_at", "expires_at")
_DONE: Final = {
    "filled": "Anotado: ya encontraste a alguien.",
    "closed": "Tu aviso está cerrado.",
    "open": "Tu aviso está publicado otra vez.",
}


def register(site: Site) -> None:
    """Serve the pages."""
    site.get(pages.OPEN, _open, cost=5.0)
    site.get(pages.AD, _show)
    site.get(pages.LIVE, _live)
    site.get(pages.LINK, _show_link)
    site.post(pages.STATE, _set_state, cost=3.0)
    site.post(pages.EDIT, _edit)


async def _open(visit: Visit) -> web.StreamResponse:
    """Exchange a link for a session, so that no address opens anything by itself."""
    found = visit.tools.signing.opened_ad(visit.request.match_info["token"])
    if found is None:
        raise Problem(403, NO_LINK)
    begin_ad(visit.session, *found)
    return visit.go(pages.AD.format(job_id=found[0]))


async def _show(visit: Visit) -> web.StreamResponse:
    job_id, session, owners = own_ad(visit), visit.session, visit.tools.owners
    awaited = session.values.get(AWAITED)
    content = awaited[1] if awaited and awaited[0] == job_id else ""
    ad = await ad_of(owners, job_id, content=content, wait=WAIT_SECONDS if content else 0.0)
    current = ad is not None and (not content or ad["content_hash"] == content)
    out, people, event = current and ad is not None and ad["state"] in MATCHED, [], None
    if content and current:
        session.pop(AWAITED)
    if ad is not None and out:
        event = await _list(visit, job_id, ad["version"], WAIT_SECONDS if content else 0.0)
        people = await people_in(visit, event, ad["card"]) if event else []
        session.put(SHOWN, [job_id, event["revision"] if event else -1])
    fresh = session.values.get(FRESH) == job_id
    if fresh:
        session.pop(FRESH)
    return visit.page(
        "ofrezco/aviso.html",
        job_id=job_id,
        ad=ad,
        current=current,
        soon=not current or (out and _behind(event, ad)),
        out=out,
        state=_STATES[ad["state"]] if ad else "",
        verdict=_verdict(ad) if ad and ad["state"] in REVIEWED else None,
        until=until(iso(ad["ends"])) if ad else "",
        people=people,
        event=event,
        contact=session.values.get(CONTACT, ""),
        link=link_of(visit, job_id) if fresh else "",
    )


def _verdict(ad: dict[str, Any]) -> Any:
    found = tuple(Finding(reason["code"], reason["facts"]) for reason in ad["reasons"])
    return told(Verdict(ad["action"], found, ad["risk"]))


async def _list(
    visit: Visit, job_id: str, version: list[int], wait: float
) -> dict[str, Any] | None:
    """The people of an ad, of this version if they are known soon enough."""
    owners = visit.tools.owners
    event = await people_of(owners, job_id, wait=wait)
    if event is not None and wait and event["job_version"] < version:
        newer = await people_of(owners, job_id, after=event["revision"], wait=wait)
        event = newer or event
    return event


def _behind(event: dict[str, Any] | None, ad: dict[str, Any] | None) -> bool:
    """Whether the list of the ad's version is still to come."""
    return ad is not None and (event is None or event["job_version"] < ad["version"])


async def _live(visit: Visit) -> web.StreamResponse:
    job_id, owners = own_ad(visit), visit.tools.owners

    async def following(number: int, wait: float) -> int:
        event = await people_of(owners, job_id, after=number, wait=wait)
        return -1 if event is None else int(event["revision"])

    shown, number = visit.session.values.get(SHOWN) or ("", -1)
    after = number if shown == job_id else -1
    return await visit.tools.live.serve(visit.request, job_id, after, following)


async def _show_link(visit: Visit) -> web.StreamResponse:
    job_id = own_ad(visit)
    link = link_of(visit, job_id)
    send = f"https://wa.me/?text={quote(f'Mi aviso: {link}')}"
    return visit.page("ofrezco/enlace.html", job_id=job_id, link=link, send=send)


async def _standing(visit: Visit, job_id: str) -> dict[str, Any]:
    found = await ad_of(visit.tools.owners, job_id)
    if found is None:
        raise Problem(404, NO_LINK)
    return found


async def _edit(visit: Visit) -> web.StreamResponse:
    ad = await _standing(visit, own_ad(visit))
    dated = () if ad["state"] in _ENDED else _DATES  # an ad that has ended begins anew
    job = {name: ad["job"][name] for name in ad["job"] if name not in _DATES or name in dated}
    Draft.of_job(job).keep(visit.session)
    return visit.go(pages.START)


async def _set_state(visit: Visit) -> web.StreamResponse:
    """Close, fill, or publish again; the ad begins anew with a new date."""
    job_id, status = own_ad(visit), visit.form.text("status", 10)
    if status not in _DONE:
        raise Problem(400, NOT_READ)
    job = {**(await _standing(visit, job_id))["job"], "status": status}
    if status == "open":
        job |= {"posted_at": int(time.time() * 1000)}
        job.pop("expires_at", None)
    await publish(visit, job_id, job)
    return visit.go(pages.AD.format(job_id=job_id), _DONE[status])
