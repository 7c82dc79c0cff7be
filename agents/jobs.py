"""Jobs in: validate, embed once, and hand one copy to every partition of people."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import orjson

from agents.context import Context
from agents.intake import (
    Intake,
    Item,
    by_partition,
    count,
    note_unknown,
    rounds,
    settle_refused,
    take_in,
)
from agents.rankings import all_of
from matcher_stream import faults
from matcher_stream.outputs import Headers, header
from models.attrs import job_attrs
from models.ranker import Vector
from models.text import card, content_hash, job_text
from models.vetting import duplicates
from schemas import Job, parse_job
from schemas.job import effective_expiry
from tables.headers import NO_VECTOR
from tables.rows import JobRow, PostingRow

Version = tuple[int, int]


def version_header(version: Version) -> bytes:
    """A job_version as a header's value."""
    return f"{version[0]}:{version[1]}".encode()


def fanout_records(
    context: Context,
    job_id: str,
    value: bytes | None,
    version: Version,
    cause: str,
    since: int,
    trace: bytes | None = None,
) -> list[tuple[str, int, bytes, bytes | None, Headers]]:
    """One record per partition of people: a posting, or a withdrawal (null)."""
    headers: Headers = [
        ("job_version", version_header(version)),
        ("cause", cause.encode()),
        ("origin_ts", str(since).encode()),
    ]
    if trace:
        headers.append(("traceparent", trace))
    key = job_id.encode()
    return [
        (context.names.job_fanout, partition, key, value, headers)
        for partition in range(context.settings.partitions)
    ]


class JobsAgent:
    """Reads the jobs topic."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def prepare(self, events: Sequence[Any]) -> tuple[Intake[Job], dict[bytes, Vector]]:
        """Parse a batch and embed the texts whose vectors we do not have."""
        intake = take_in(self._context, events, parse_job)
        texts: list[tuple[bytes, str]] = []
        known: dict[bytes, Vector] = {}
        for item in intake.items:
            if item.value is None or self._state_of(item.value, item.timestamp)[0] != "active":
                continue
            text = job_text(item.value)
            digest = item.text_hash = self._context.text_hash(text, "passage")
            old = self._context.state.job(item.partition, item.key)
            if old is not None and old.text_hash == digest and len(old.vector):
                known[digest] = old.vector
            texts.append((digest, text))
        return intake, await self._context.embed(texts, "passage", known)

    async def apply(self, work: tuple[Intake[Job], dict[bytes, Vector]]) -> None:
        """Carry a batch out, changes of one job one by one."""
        intake, vectors = work
        await settle_refused(self._context, intake)
        async with self._context.jobs_lock:
            for batch in rounds(intake.items, lambda item: item.key):
                await self._apply(batch, vectors)

    async def _apply(self, items: list[Item[Job]], vectors: dict[bytes, Vector]) -> None:
        context = self._context
        records, rows, changed = [], {}, []
        for item in items:
            old = context.state.job(item.partition, item.key)
            new = self._row(item, item.value, vectors) if item.value is not None else None
            if new is not None and old is not None and self._same(old, new):
                new.offset, new.counter = old.offset, old.counter
                count([item], "unchanged")
            else:
                changed.append(item)
                if new is None or new.state == "active" or old is None or old.state == "active":
                    records += self._fanout(item, new)
            rows[item.partition, item.key] = new
        events = [item.event for item in items]
        context.fence.check(events)
        await context.outputs.send(records)
        faults.point("jobs.after_fanout")
        await self._write(rows, events)
        faults.point("jobs.after_row")
        for item in changed:
            count([item], "withdrawn" if item.value is None else "accepted")
            if item.value is not None:
                note_unknown(context.names.jobs, item.value)

    async def _write(self, rows: dict[tuple[int, str], JobRow | None], events: list[Any]) -> None:
        context = self._context
        context.fence.check(events)
        groups = by_partition(list(rows.items()), lambda entry: entry[0][0])
        await all_of(
            context.state.tables.jobs.write(
                partition,
                {key.encode(): row.pack() if row else None for (_, key), row in entries},
            )
            for partition, entries in groups.items()
        )
        for (partition, key), row in rows.items():
            ends = context.state.job_ends.setdefault(partition, {})
            if row is not None and row.state == "active":
                ends[key] = row.ends
            else:
                ends.pop(key, None)

    def _state_of(self, job: Job, record_ts: int) -> tuple[str, int]:
        ends = effective_expiry(job, record_ts, self._context.settings.default_expiry_days)
        if job.status in ("filled", "closed"):
            return str(job.status), ends
        return ("expired" if ends <= time.time() * 1000 else "active"), ends

    def _row(self, item: Item[Job], job: Job, vectors: dict[bytes, Vector]) -> JobRow:
        state, ends = self._state_of(job, item.timestamp)
        digest = item.text_hash or self._context.text_hash(job_text(job), "passage")
        vector = vectors.get(digest, NO_VECTOR)
        if not len(vector):  # it ended between prepare and apply, or stands only in the old row
            old = self._context.state.job(item.partition, item.key)
            vector = old.vector if old is not None and old.text_hash == digest else NO_VECTOR
            state = "expired" if state == "active" and not len(vector) else state
        return JobRow(
            content_hash(job),
            digest,
            item.timestamp,
            item.offset,
            0,
            ends,
            state,
            vector,
            job.model_dump(exclude_none=True),
        )

    @staticmethod
    def _same(old: JobRow, new: JobRow) -> bool:
        """Whether receivers know this already: rows are written after their fan-out."""
        return old.content_hash == new.content_hash and old.state == new.state

    def _fanout(
        self, item: Item[Job], new: JobRow | None
    ) -> list[tuple[str, int, bytes, bytes | None, Headers]]:
        version = (item.offset, 0)
        trace = header(item.event.message, "traceparent")
        if new is None or new.state != "active" or item.value is None:
            cause = "job_expired" if new is not None and new.state == "expired" else "job_withdrawn"
            return fanout_records(
                self._context, item.key, None, version, cause, item.timestamp, trace
            )
        shown = card(item.value)
        posting = PostingRow(
            version,
            0,
            new.vector,
            orjson.dumps(shown),
            duplicates.signature(item.value),
            job_attrs(shown),
        )
        return fanout_records(
            self._context, item.key, posting.pack(), version, "job_posted", item.timestamp, trace
        )


async def expire_job(context: Context, partition: int, job_id: str, due: int, event: Any) -> None:
    """End a job whose time has come, if it is still the version that was due.

    Args:
        due: The `ends` (ms) that was due; an edited job has another one.
        event: The work event that brings the time.
    """
    row = context.state.job(partition, job_id)
    if row is None or row.state != "active" or row.ends != due:
        return
    row.counter, row.state = row.counter + 1, "expired"
    context.fence.check([event])
    await context.outputs.send(
        fanout_records(context, job_id, None, row.version, "job_expired", due)
    )
    faults.point("jobs.after_fanout")
    context.fence.check([event])
    await context.state.tables.jobs.write(partition, {job_id.encode(): row.pack()})
    faults.point("jobs.after_row")
    context.state.job_ends.get(partition, {}).pop(job_id, None)
