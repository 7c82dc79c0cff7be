"""Why a job is, or is not, in a person's ranking: asked of the worker that owns the person."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import orjson

from agents.context import Context
from models.ranking.checks import checks
from models.ranking.reasons import reasons, say
from models.reading.facts.known import Known
from models.search.pairing import exact_dots
from tables.index.matching import MatchState
from tables.index.pairs import pair_people, queries_of
from tables.index.people import PersonEntry


class _Scored(NamedTuple):
    """A pair's score, what it is made of, and the place it has or would have among all that fit."""

    score: float
    components: dict[str, float]
    place: int
    fitting: int


async def why(context: Context, profile_id: str, job_id: str) -> dict[str, Any] | None:
    """What stands between a person and a job, as plain data; None of somebody unknown.

    Args:
        context: The worker, which owns the person.
        profile_id: Who.
        job_id: Which job.
    """
    partition = context.partition_of(profile_id)
    match = context.state.match
    entry = match.people(partition).entry_of(profile_id)
    if entry is None:
        return None
    row = context.state.ranking(partition, profile_id)
    told = row.jobs.index(job_id) + 1 if row is not None and job_id in row.jobs else None
    found: dict[str, Any] = {
        "status": entry.status,
        "excluded": job_id in entry.excluded,
        "told": told,
        "similar": row is not None and job_id in row.similar,
        "k": context.settings.top_k,
        "threshold": context.state.ranker.threshold,
        "send": context.state.ranker.send,
    }
    slot = match.jobs.jobs_of(partition).get(job_id)
    if slot is None:
        return found
    job = match.jobs.entries[slot]
    card = orjson.loads(job.card)
    known = Known.of(orjson.loads(entry.profile))
    found |= {
        "title": card["title"],
        "checks": [check._asdict() for check in checks(entry.attrs, job.attrs)],
        "reasons": [say(reason) for reason in reasons(known, card, entry.attrs, job.attrs)],
    }
    if len(entry.vector):
        scored = await context.score(_scored, match, partition, entry, slot)
        found |= scored._asdict()
    return found


def _scored(match: MatchState, partition: int, entry: PersonEntry, slot: int) -> _Scored:
    jobs = match.jobs
    pairing = pair_people(match.ranker, [entry], jobs)
    queries, held = queries_of([entry]), jobs.matrix.view()
    one = np.array([slot])
    (parts,) = pairing.components(np.zeros(1, np.int64), one, queries, held)
    own = float(pairing.scores(np.zeros(1, np.int64), one, exact_dots(queries, held[one]))[0])
    fit = np.flatnonzero(jobs.mask(partition, entry.attrs, entry.excluded))
    rest = fit[fit != slot]
    ahead = 0
    if len(rest):
        none = np.zeros(len(rest), np.int64)
        scores = pairing.scores(none, rest, exact_dots(queries, held[rest]))
        level = rest[scores == own].tolist()
        earlier = sum(jobs.entries[s].job_id < jobs.entries[slot].job_id for s in level)
        ahead = int((scores > own).sum()) + earlier
    return _Scored(own, parts, ahead + 1, len(fit))
