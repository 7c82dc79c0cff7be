"""The ranked people of an ad as its page shows them, and the questions to their owners."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

from agents.context import Context
from matcher_stream.config.catalogue import Catalogue
from matcher_stream.web.offer.fits import entry_of, seen
from matcher_stream.web.site.owners import Owners
from matcher_stream.web.site.problem import Problem
from matcher_stream.web.site.publishing import Publisher
from matcher_stream.web.site.visit import Visit
from models.ranking.event_bodies import event_id

FIT: Final = "fit"
INVITE: Final = "invite"
_MOST_ASKED: Final = 50_000
"""Invitations remembered by the person's owner, so that none is sent twice. What it has forgotten
since a restart comes again with the same ce_id, by which a notifier leaves it out."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """One person on the page: nothing of it says who they are.

    Attributes:
        rank: From 1.
        alias: What the form calls them.
        trades, where, experience, fits, lacks: As `fits.seen` has them.
        asked: Whether they were invited already.
    """

    rank: int
    alias: str
    trades: list[str]
    where: str
    experience: str
    fits: list[str]
    lacks: list[str]
    asked: bool


def register(owners: Owners, context: Context, publisher: Publisher) -> None:
    """Answer what is asked of people whom this worker owns."""
    asked: OrderedDict[Pair, None] = OrderedDict()

    async def fit(profile_id: str, job_id: str, card: dict[str, Any]) -> dict[str, Any] | None:
        entry = entry_of(context, profile_id)
        if entry is None or job_id in entry.excluded:
            return None
        return {**seen(entry, card), "asked": (job_id, profile_id) in asked}

    async def invite(profile_id: str, invitation: dict[str, Any]) -> str:
        entry, pair = entry_of(context, profile_id), (invitation["job_id"], profile_id)
        if entry is None or pair[0] in entry.excluded:
            return "gone"
        if pair in asked:
            return "before"
        asked[pair] = None  # before the await: two taps are one invitation
        if len(asked) > _MOST_ASKED:
            asked.popitem(last=False)
        try:
            await publisher.publish(
                Catalogue.invitations, profile_id, invitation, ids=(wish_id(*pair),)
            )
        except Problem:
            asked.pop(pair, None)
            return "failed"
        return "sent"

    owners.answers(FIT, fit)
    owners.answers(INVITE, invite)


def wish_id(job_id: str, profile_id: str) -> str:
    """The ce_id of an employer's wish to be called about one job by one person."""
    return event_id({"job_id": job_id, "profile_id": profile_id})


async def people_in(visit: Visit, event: dict[str, Any], card: dict[str, Any]) -> list[Shown]:
    """The people of a candidates event; those whose owner does not answer now are left out.

    Args:
        visit: Of the employer.
        event: The last one of the ad.
        card: The ad's.
    """
    job_id, signing = event["job_id"], visit.tools.signing

    async def one(entry: dict[str, Any]) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] | None = await visit.tools.owners.ask(
                FIT, entry["profile_id"], job_id=job_id, card=card
            )
        except Problem:
            return None
        return found

    answers = await asyncio.gather(*map(one, event["entries"]))
    return [
        Shown(entry["rank"], signing.alias(job_id, entry["profile_id"]), **answer)
        for entry, answer in zip(event["entries"], answers, strict=True)
        if answer is not None
    ]


def person_called(visit: Visit, event: dict[str, Any], alias: str) -> str | None:
    """Who an alias is; None if nobody of the list is called so."""
    names = [entry["profile_id"] for entry in event["entries"]]
    signing, job_id = visit.tools.signing, event["job_id"]
    return next((name for name in names if signing.is_alias(job_id, name, alias)), None)
