"""What pages may ask of an ad that this worker owns; nothing is written."""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator, MutableMapping, Sequence
from typing import Any

from agents.candidates import merged_body
from agents.context import Context
from agents.job_states import stored_job
from matcher_stream.runtime.waiting import in_turns
from models.ranking.event_bodies import body_hash
from models.reading.text import card
from models.vetting.outcome import REVIEWED
from models.vetting.words import advice_of, words
from tables.rows import Head, JobRow, Reviewed, head_key, reviewed


def told_ad(context: Context, job_id: str) -> dict[str, Any] | None:
    """What is known of an ad, and what the gate says of it.

    Args:
        context: The worker, which owns the job.
        job_id: Which.

    Returns:
        ``job`` (its accepted fields), ``card``, ``state`` (of JOB_STATES), ``version``,
        ``content_hash``, ``ends`` (ms), ``action``, ``risk``, ``reasons`` (code, facts and text of
        each), ``advice`` and ``decision`` (`tables.rows.Reviewed` as a dict, or None); None of an
        unknown job.
    """
    found = _ad(context, job_id)
    if found is None:
        return None
    row, decision = found
    job = stored_job(row)
    verdict = context.gate.vet(job)
    return {
        "job": row.job,
        "card": card(job),
        "state": row.state,
        "version": list(row.version),
        "content_hash": row.content_hash.hex(),
        "ends": row.ends,
        "action": verdict.action,
        "risk": verdict.risk,
        "reasons": [
            {"code": found.code, "facts": found.facts, "text": words(found)}
            for found in verdict.reasons
        ],
        "advice": advice_of(verdict.reasons),
        "decision": None if decision is None else decision._asdict(),
    }


def decided_ad(context: Context, job_id: str) -> tuple[str, str, Reviewed | None] | None:
    """An ad's state, its content's hash, and the last decision on it; None of an unknown job."""
    found = _ad(context, job_id)
    if found is None:
        return None
    row, last = found
    return row.state, row.content_hash.hex(), last


def _ad(context: Context, job_id: str) -> tuple[JobRow, Reviewed | None] | None:
    """An ad's row and the last decision on it; None of an unknown job."""
    partition = context.partition_of(job_id)
    context.fence.turn()
    row = context.state.job(partition, job_id)
    if row is None:
        return None
    return row, reviewed(context.state.tables.decisions.get_row(partition, job_id.encode()))


def told_people(context: Context, job_id: str) -> tuple[dict[str, Any] | None, bool]:
    """The candidates event that consumers were told last of a job, made again from the tables.

    Args:
        context: The worker, which owns the job.
        job_id: Which.

    Returns:
        The event's body with its `revision`, or None; and whether it is what was told.
    """
    partition = context.partition_of(job_id)
    head = Head.unpack(context.state.tables.lists.get_row(partition, head_key(job_id)))
    body = merged_body(context, partition, job_id, head.version) if head.revision else None
    if body is None:
        return None, True
    event = {**body, "revision": context.revision(partition, head.revision)}
    return event, head.digest == body_hash(body)


def ads_marked(context: Context, begins: Sequence[str], most: int) -> list[dict[str, Any]]:
    """Ads here that have not ended and whose ids begin so, the latest to end first.

    Args:
        context: The worker.
        begins: Of the ids.
        most: How many.

    Returns:
        ``job_id``, ``title`` and ``state`` of each.
    """
    context.fence.turn()
    ends = sorted(
        ((end, partition, job_id) for partition, jobs in context.state.job_ends.items()
         for job_id, end in jobs.items() if job_id.startswith(tuple(begins))),
        reverse=True,
    )  # fmt: skip
    rows = [(job_id, context.state.job(where, job_id)) for _, where, job_id in ends[:most]]
    return [
        {"job_id": job_id, "title": row.job["title"], "state": row.state}
        for job_id, row in rows
        if row is not None
    ]


async def waiting_here(context: Context) -> AsyncIterator[tuple[str, bool, float]]:
    """Jobs here that wait for a reviewer: id, whether it is held, and its risk."""
    jobs = [(partition, job_id) for partition in sorted(context.state.owned)
            for job_id in context.state.job_ends.get(partition, ())]  # fmt: skip
    async for partition, job_id in in_turns(jobs):
        row = context.state.job(partition, job_id)
        if row is not None and row.state in REVIEWED:
            verdict = context.gate.vet(stored_job(row))
            yield job_id, row.state == "held", verdict.risk


async def decisions_here(
    context: Context, most: int, known: MutableMapping[str, list[tuple[str, str]]]
) -> AsyncIterator[dict[str, Any]]:
    """The latest decisions on jobs here, the latest first, with what is known of the jobs.

    Args:
        context: The worker.
        most: How many.
        known: Codes and sentences by content and job, so that no ad is vetted twice; is added to.
    """
    latest: list[tuple[int, int, str, Reviewed]] = []
    for partition in sorted(context.state.owned):
        rows = context.state.tables.decisions.rows(partition)
        async for key, raw in in_turns(rows):
            row = reviewed(raw)
            if row is not None and row.decision is not None:
                latest.append((row.stamp, partition, key.decode(), row))
        latest = heapq.nlargest(most, latest)
    async for stamp, partition, job_id, row in in_turns(latest):
        job = context.state.job(partition, job_id)
        stands = job is not None and job.content_hash.hex() == row.content
        name = f"{row.content}:{job_id}"
        if stands and job is not None and name not in known:
            verdict = context.gate.vet(stored_job(job))
            known[name] = [(found.code, words(found)) for found in verdict.reasons]
        signs = known.get(name, []) if stands else []
        yield {
            "job_id": job_id,
            "title": job.job["title"] if job is not None else "",
            "decision": row.decision,
            "reviewer": row.reviewer,
            "note": row.note,
            "stamp": stamp,
            "codes": [code for code, _ in signs],
            "why": [text for _, text in signs],
            "stands": stands,
        }
