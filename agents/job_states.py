"""Whether a job is matched: one change of its state, from its fan-out to its row.

Used for new content (agent jobs), decisions, expiries and a new version of the gate. The order is
always a mark in the old row (`telling`), fan-out and review topic, the new row. A crash between
them repeats the change; should that come to the old state this time, the mark has it told as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import orjson

from agents.context import Context
from matcher_stream.runtime import faults
from matcher_stream.runtime.outputs import Headers, Record, ce_headers, null_headers, trace_headers
from models.ranking import duplicates
from models.ranking.attrs import job_attrs
from models.ranking.event_bodies import JobVersion
from models.reading.facts.fact import READER
from models.reading.text import card
from models.vetting.gate import Verdict
from models.vetting.outcome import MATCHED, REVIEWED, review_event, standing
from schemas import Job
from tables.rows import NO_VECTOR, VETTED, JobRow, PostingRow


def stored_job(row: JobRow) -> Job:
    """A row's accepted fields as an ad. They are not checked again: the rules that accepted them
    may have been wider than today's.
    """
    return Job.model_construct(**row.job)


@dataclass(frozen=True, slots=True)
class Because:
    """What an output says of its reason.

    Attributes:
        cause: As in a matches event.
        since: When the cause came, ms since the epoch.
        trace: Its traceparent.
    """

    cause: str
    since: int
    trace: bytes | None = None


def posting_of(row: JobRow, job: Job) -> PostingRow:
    """What the partitions of people hold of an active job."""
    shown = card(job)
    attrs = job_attrs(shown, row.penalty)
    text, signature = orjson.dumps(shown), duplicates.signature(job)
    return PostingRow(row.version, 0, row.vector, text, signature, attrs)


def fanout_records(
    context: Context, job_id: str, version: JobVersion, posting: PostingRow | None, why: Because
) -> list[Record]:
    """One record per partition of people: a posting, or a withdrawal.

    Args:
        context: The worker's parts.
        job_id: The job.
        version: Its version from now on.
        posting: Of that version; None if it is not active.
        why: The reason.
    """
    headers: Headers = [
        ("job_version", f"{version[0]}:{version[1]}".encode()),
        ("cause", why.cause.encode()),
        ("origin_ts", str(why.since).encode()),
        *trace_headers(why.trace),
    ]
    value = None if posting is None else posting.pack()
    key = job_id.encode()
    return [
        (context.names.job_fanout, partition, key, value, headers)
        for partition in range(context.settings.partitions)
    ]


def review_record(
    context: Context,
    partition: int,
    job_id: str,
    row: JobRow | None,
    job: Job | None,
    trace: bytes | None = None,
    verdict: Verdict | None = None,
) -> Record:
    """What reviewers read of a job: why it is held or advised, or null if it is neither; the
    gate is asked where its verdict is not given.
    """
    topic, key = context.names.review, job_id.encode()
    if row is None or job is None or row.state not in REVIEWED:
        return topic, partition, key, None, null_headers(context.names.source, trace)
    verdict = verdict or context.gate.vet(job)
    event = review_event(job, row.version, row.content_hash, verdict, context.gate.version)
    headers = ce_headers("review", event["event_id"], context.names.source, trace)
    return topic, partition, key, orjson.dumps(event), headers


def mark_of(
    offset: int, old: JobRow | None, new: JobRow | None, *, superseding: bool
) -> JobRow | None:
    """What stands in a job's row while receivers are told of the record at `offset`; None if a row
    is not needed.

    Args:
        offset: Of the record in the jobs topic.
        old: The row before it.
        new: The row after it.
        superseding: Whether records before it are left out for it: after a death they may be read
            in another batch, and told first.
    """
    if old is not None:
        return replace(old, telling=True, told=max(old.told, offset))
    return _placeholder(new, -1, offset) if new is not None and superseding else None


def noted(offset: int, old: JobRow | None, new: JobRow | None) -> JobRow | None:
    """The row after the record at `offset` was told: a mark of a later one stays, since that one
    comes again.
    """
    if old is None or not old.telling or offset >= old.told:
        return new
    if new is None:
        return _placeholder(old, offset, old.told)
    return replace(new, telling=True, told=old.told)


def _placeholder(row: JobRow, offset: int, told: int) -> JobRow:
    """A job that records up to an offset do not know, of which receivers may have been told."""
    none = replace(row, content_hash=bytes(16), state="withdrawn", vector=NO_VECTOR, record_ts=0)
    return replace(none, offset=offset, counter=0, telling=True, told=told)


async def restate(
    context: Context,
    partition: int,
    job_id: str,
    state: str,
    why: Because,
    event: Any,
    anew: bool = False,
) -> None:
    """Give a job another state for the same content; the caller holds the jobs lock.

    Args:
        context: The worker's parts.
        partition: Of the job's key.
        job_id: The job; it has a row.
        state: One of `tables.rows.JOB_STATES`; what reviewers are asked already is told anew.
        why: The reason.
        event: What brought it.
        anew: Whether receivers are told of the same state, too.
    """
    row = context.state.job(partition, job_id)
    if row is None:
        return
    job = stored_job(row)
    records: list[Record] = []
    changed = anew or row.telling or row.state != state
    if changed:
        # between states that are matched alike nothing is new to people's partitions
        fanned = anew or row.telling or not {row.state, state} <= set(MATCHED)
        row.counter += fanned
        await _write(context, partition, job_id, replace(row, telling=True), event)
        faults.point("jobs.after_mark")
        row.state = state  # a mark that was there stays: it may be of a record to be read again
        if fanned:
            row.reader = READER
            posting = posting_of(row, job) if state in MATCHED else None
            records += fanout_records(context, job_id, row.version, posting, why)
    records.append(review_record(context, partition, job_id, row, job, why.trace))
    await context.outputs.send(records, [event])
    faults.point("jobs.after_fanout")
    if changed:
        await _write(context, partition, job_id, row, event)
        faults.point("jobs.after_row")
        context.state.note_end(partition, job_id, row)


async def _write(context: Context, partition: int, job_id: str, row: JobRow, event: Any) -> None:
    await context.state.tables.jobs.write(partition, {job_id.encode(): row.pack()}, [event])


async def expire_job(context: Context, partition: int, job_id: str, due: int, event: Any) -> None:
    """End a job whose time has come, if it is still the version that was due.

    Args:
        context: The worker's parts.
        partition: Of the job's key.
        job_id: The job.
        due: The `ends` (ms) that was due; an edited job has another one.
        event: The work event that brings the time.
    """
    row = context.state.job(partition, job_id)
    if row is not None and row.state in VETTED and row.ends == due:
        await restate(context, partition, job_id, "expired", Because("job_expired", due), event)


async def vet_again(
    context: Context, partition: int, job_id: str, why: Because, event: Any
) -> None:
    """Let gate, decision and reader say anew what becomes of a job that has not ended."""
    row = context.state.job(partition, job_id)
    if row is None or row.state not in VETTED:
        return
    verdict = context.gate.vet(stored_job(row))
    state = standing(verdict, context.state.decided(partition, job_id, row.content_hash))
    reread = state in MATCHED and row.reader != READER
    if row.telling or state != row.state or state in REVIEWED or reread:
        await restate(context, partition, job_id, state, why, event, anew=reread)
