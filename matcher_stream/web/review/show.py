"""/revisar: one ad at a time, the riskiest first; what was decided before; one decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from aiohttp import web

from matcher_stream.web.review import asking, pages
from matcher_stream.web.review.asking import everywhere
from matcher_stream.web.site.problem import NOT_READ, NOT_SAVED, Problem
from matcher_stream.web.site.site import Site
from matcher_stream.web.site.visit import Visit
from models.explain.facts import pay_of, place_of
from models.vetting.marks import Piece, marked
from schemas import Job
from schemas.base import LIMA

NOTE: Final = 500
_OPEN, _LATER, _NOTE = "reading", "later", "note"
"""In a session: the ad that was chosen, those left for later, and a note that was not saved."""
_MOST_LATER: Final = 20
_NEEDS: Final = ("reviewer",)
_STATES: Final = {
    "held": "Retenido: no lo ve nadie hasta que decidas.",
    "advised": "Se muestra. Sus palabras dejan fuera a gente.",
    "rejected": "No se muestra: fue rechazado.",
    "active": "Se muestra.",
}
_OVER: Final = "Ya no se muestra."


def register(site: Site) -> None:
    """Serve the pages."""
    site.get(pages.NEXT, _next, needs=_NEEDS)
    site.post(pages.DECIDE, _decide, needs=_NEEDS)
    site.post(pages.CHOOSE, _choose, needs=_NEEDS)
    site.get(pages.PAST, _past, needs=_NEEDS)


def _name(visit: Visit) -> str:
    assert visit.staff is not None  # the site asks for the role
    return visit.staff.name


async def _next(visit: Visit) -> web.StreamResponse:
    who, session = _name(visit), visit.session
    answers, all_told = await everywhere(visit.tools.owners, asking.WAITING, who=who)
    job_id = session.values.get(_OPEN) or _first(answers, session.values.get(_LATER) or [])
    ad = await _read(visit, job_id, who) if job_id else None
    if ad is None and session.pop(_OPEN):
        return visit.go(pages.NEXT, pages.GONE)
    counts = {name: sum(told[name] for told in answers) for name in ("held", "advised")}
    if ad is None or job_id is None:
        return visit.page(
            "revisar/nada.html", **counts, all_told=all_told, later=bool(session.values.get(_LATER))
        )
    codes = [reason["code"] for reason in ad["reasons"]]
    like, _ = await everywhere(
        visit.tools.owners, asking.LIKE, job_id=job_id, codes=codes, title=ad["job"]["title"]
    )
    near = sorted((row for told in like for row in told), key=lambda row: -row["alike"])
    return visit.page(
        "revisar/aviso.html",
        **counts,
        all_told=all_told,
        job_id=job_id,
        ad=ad,
        state=_STATES.get(ad["state"], _OVER),
        over=ad["state"] not in _STATES,
        texts=_texts(ad),
        place=place_of(ad["card"]),
        pay=pay_of(ad["card"]),
        risk=round(100 * ad["risk"]),
        last=_told(ad["decision"]),
        stands=bool(ad["decision"]) and ad["decision"]["content"] == ad["content_hash"],
        seen=ad["decision"]["offset"] if ad["decision"] else -1,
        like=[_told(row) for row in near[: asking.MOST_LIKE]],
        note=session.pop(_NOTE) or "",
        most=NOTE,
    )


def _first(answers: list[dict[str, Any]], later: list[str]) -> str | None:
    """The riskiest that nobody else reads; else one that somebody does; else what was left."""
    ads = sorted(
        (not held, -risk, job_id) for told in answers for held, risk, job_id in told["ads"]
    )
    read = {job_id for told in answers for job_id in told["reading"]}
    ids = [job_id for _, _, job_id in ads]
    free = [job_id for job_id in ids if job_id not in later]
    return next((job_id for job_id in free if job_id not in read), free[0] if free else None)


async def _read(visit: Visit, job_id: str, who: str) -> dict[str, Any] | None:
    ad: dict[str, Any] | None = await visit.tools.owners.ask(asking.READ, job_id, who=who)
    return ad


def _texts(ad: dict[str, Any]) -> list[tuple[str, list[Piece]]]:
    """The ad's texts but its title, with what each sign says in place of its code."""
    job = Job.model_construct(**ad["job"])
    codes = {reason["code"]: reason["text"] for reason in ad["reasons"]}
    return [
        (part, [Piece(piece.text, codes.get(piece.code, "")) for piece in pieces])
        for part, pieces in marked(job, codes).items()
    ]


def _told(row: dict[str, Any] | None) -> dict[str, Any] | None:
    """A decision in words."""
    if row is None or row["decision"] is None:
        return None
    at = datetime.fromtimestamp(row["stamp"] / 1000, LIMA)
    return {
        **row,
        "what": {"release": "liberado", "reject": "rechazado"}[row["decision"]],
        "who": row["reviewer"] or pages.SOMEBODY,
        "when": at.strftime("%d/%m/%Y %H:%M"),
    }


async def _decide(visit: Visit) -> web.StreamResponse:
    """Release, reject, or leave for later."""
    form, session, who = visit.form, visit.session, _name(visit)
    job_id, said, seen = form.text("job_id", 200), form.text("say", 10), form.text("seen", 20)
    if said == "later" and job_id:
        session.pop(_OPEN)
        later = [*(session.values.get(_LATER) or []), job_id]
        session.put(_LATER, list(dict.fromkeys(later))[-_MOST_LATER:])
        return visit.go(pages.NEXT, pages.LATER)
    if said not in pages.DECISIONS or not job_id or not seen.removeprefix("-").isdecimal():
        raise Problem(400, NOT_READ)
    note = form.text("note", NOTE)
    told = await visit.tools.owners.ask(
        asking.DECIDE, job_id, who=who, content=form.text("content", 32), seen=int(seen),
        decision=said, note=note,
    )  # fmt: skip
    outcome = told["outcome"]
    if outcome == "saved":
        session.pop(_OPEN)
        return visit.go(pages.NEXT, pages.DONE[said])
    if outcome == "failed":
        raise Problem(503, NOT_SAVED, retry=5)
    if outcome == "gone":
        session.pop(_OPEN)
        return visit.go(pages.NEXT, pages.GONE)
    session.put(_OPEN, job_id)
    session.put(_NOTE, note)
    return visit.go(pages.NEXT, _conflict(told))


def _conflict(told: dict[str, Any]) -> str:
    if told["outcome"] == "edited":
        return pages.EDITED
    what = pages.DECISIONS.get(told["what"] or "", "otra cosa")
    return pages.DECIDED.format(who=told["who"] or pages.SOMEBODY, what=what)


async def _choose(visit: Visit) -> web.StreamResponse:
    """Open one ad out of turn, or those that were left."""
    visit.session.put(_OPEN, visit.form.text("job_id", 200))
    visit.session.pop(_LATER)
    return visit.go(pages.NEXT)


async def _past(visit: Visit) -> web.StreamResponse:
    answers, all_told = await everywhere(visit.tools.owners, asking.PAST)
    rows = sorted((row for told in answers for row in told), key=lambda row: -row["stamp"])
    return visit.page(
        "revisar/decisiones.html",
        rows=[_told(row) for row in rows[: asking.MOST_PAST]],
        all_told=all_told,
    )
