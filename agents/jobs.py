"""Jobs in: validate, vet, embed once, and hand one copy to every partition of people."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agents.context import Context
from agents.intake import (
    Intake,
    Item,
    count,
    note_unknown,
    rounds,
    settle_refused,
    take_in,
)
from agents.job_states import Because, fanout_records, review_record
from matcher_stream.runtime import faults
from matcher_stream.runtime.outputs import Record, header
from matcher_stream.runtime.waiting import all_of
from models.reading.text import content_hash, job_text
from models.search.arrays import Vector
from models.vetting.gate import Verdict
from models.vetting.outcome import standing
from schemas import Job, parse_job
from schemas.job import effective_expiry
from tables.rows import NO_VECTOR, JobRow

log = logging.getLogger(__name__)

#: Publishers' clocks differ by less.
CLOCK_SKEW_MS = 60_000


@dataclass(slots=True)
class Vetted:
    """A batch on its way.

    Attributes:
        intake: The records.
        vectors: By text hash.
        verdicts: Of the gate, by content hash.
    """

    intake: Intake[Job]
    vectors: dict[bytes, Vector] = field(default_factory=dict)
    verdicts: dict[bytes, Verdict] = field(default_factory=dict)


class JobsAgent:
    """Reads the jobs topic."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._wondered = False

    async def prepare(self, events: Sequence[Any]) -> Vetted:
        """Parse a batch, vet the ads and embed the texts whose vectors we do not have."""
        batch = Vetted(take_in(self._context, events, parse_job))
        texts: list[tuple[bytes, str]] = []
        known: dict[bytes, Vector] = {}
        standing_jobs: list[Job] = []
        for item in batch.intake.items:
            if item.value is None or self._ended(item.value, item.timestamp)[0]:
                continue
            standing_jobs.append(item.value)
            text = job_text(item.value)
            digest = item.text_hash = self._context.vectors.hash(text, "passage")
            old = self._context.state.job(item.partition, item.key)
            if old is not None and old.text_hash == digest and len(old.vector):
                known[digest] = old.vector
            texts.append((digest, text))
        batch.verdicts = await asyncio.to_thread(self._vet, standing_jobs)
        batch.vectors = await self._context.vectors.embed(texts, "passage", known)
        return batch

    def _vet(self, jobs: Sequence[Job]) -> dict[bytes, Verdict]:
        return {content_hash(job): self._context.gate.vet(job) for job in jobs}

    async def apply(self, batch: Vetted) -> None:
        """Carry a batch out, changes of one job one by one."""
        await settle_refused(self._context, batch.intake)
        async with self._context.locks.jobs:
            for items in rounds(batch.intake.items, lambda item: item.key):
                await self._apply(items, batch)

    async def _apply(self, items: list[Item[Job]], batch: Vetted) -> None:
        context = self._context
        records: list[Record] = []
        marks: dict[tuple[int, str], JobRow | None] = {}
        rows: dict[tuple[int, str], JobRow | None] = {}
        changed: list[tuple[Item[Job], str]] = []
        for item in items:
            old = context.state.job(item.partition, item.key)
            if old is not None and (item.offset <= old.offset or item.outdated(old.record_ts)):
                count([item], "repeated")  # its row is there: all was told, and more since then
                self._wonder(item, old)
                continue
            new = self._row(item, item.value, old, batch) if item.value is not None else None
            if new is not None and old is not None and self._same(old, new):
                new.offset, new.counter = old.offset, old.counter
                count([item], "unchanged")
            else:
                changed.append((item, "accepted" if new is None else new.state))
                records += self._records(item, new, batch)
                if old is not None:
                    marks[item.partition, item.key] = replace(old, telling=True)
            rows[item.partition, item.key] = new
        events = [item.event for item in items]
        await self._write(marks, events)
        faults.point("jobs.after_mark")
        await context.outputs.send(records, events)
        faults.point("jobs.after_fanout")
        await self._write(rows, events)
        for (partition, key), row in rows.items():
            context.state.note_end(partition, key, row)
        faults.point("jobs.after_row")
        for item, state in changed:
            outcome = state if state in ("held", "rejected") else "accepted"
            count([item], "withdrawn" if item.value is None else outcome)
            if item.value is not None:
                note_unknown(context.names.jobs, item.value)

    def _wonder(self, item: Item[Job], old: JobRow) -> None:
        """Say once that records come under offsets that others had before."""
        if not self._wondered and item.timestamp > old.record_ts + CLOCK_SKEW_MS:
            self._wondered = True
            log.error(
                "New records of %s have offsets that were passed before, and are left out. If the "
                "topic was made anew, start under another application id: docs/operations.md.",
                item.event.message.topic,
            )

    async def _write(self, rows: dict[tuple[int, str], JobRow | None], events: list[Any]) -> None:
        jobs = self._context.state.tables.jobs
        groups: dict[int, dict[bytes, bytes | None]] = {}
        for (partition, key), row in rows.items():
            groups.setdefault(partition, {})[key.encode()] = row.pack() if row else None
        await all_of(jobs.write(partition, part, events) for partition, part in groups.items())

    def _ended(self, job: Job, record_ts: int) -> tuple[str | None, int]:
        """How the ad says that it has ended, or None, and when it ends (ms)."""
        ends = effective_expiry(job, record_ts, self._context.settings.default_expiry_days)
        if job.status in ("filled", "closed"):
            return str(job.status), ends
        return ("expired" if ends <= time.time() * 1000 else None), ends

    def _row(self, item: Item[Job], job: Job, old: JobRow | None, batch: Vetted) -> JobRow:
        ended, ends = self._ended(job, item.timestamp)
        content = content_hash(job)
        digest = item.text_hash or self._context.vectors.hash(job_text(job), "passage")
        vector = batch.vectors.get(digest, NO_VECTOR)
        if not len(vector) and old is not None and old.text_hash == digest:
            vector = old.vector  # it ended between prepare and apply
        verdict = batch.verdicts.get(content)
        if ended is None and (verdict is None or not len(vector)):
            ended = "expired"
        state: str = ended or "active"
        if ended is None and verdict is not None:
            decided = self._context.state.decided(item.partition, item.key, content)
            state = standing(verdict, decided)
        return JobRow(
            content,
            digest,
            item.timestamp,
            item.offset,
            0,
            ends,
            state,
            vector,
            job.model_dump(exclude_none=True),
            old.penalty if old is not None else 0.0,
        )

    @staticmethod
    def _same(old: JobRow, new: JobRow) -> bool:
        """Whether receivers know this already: rows are written after their fan-out."""
        known = not old.telling and old.state == new.state
        return known and old.content_hash == new.content_hash

    def _records(self, item: Item[Job], new: JobRow | None, batch: Vetted) -> list[Record]:
        """What receivers and reviewers must be told: of every change both, since before a crash
        they may have been told more than the old row says, or a mark is all that is known.
        """
        context = self._context
        trace = header(item.event.message, "traceparent")
        cause = "job_withdrawn"
        if new is not None and new.state in ("active", "expired"):
            cause = "job_posted" if new.state == "active" else "job_expired"
        why = Because(cause, item.timestamp, trace)
        records = fanout_records(context, item.key, new, item.value, item.offset, why)
        if new is not None and new.state == "held" and item.value is not None:
            held = new, item.value, batch.verdicts[new.content_hash]
            records.append(review_record(context, item.partition, item.key, held, trace))
        else:
            records.append(review_record(context, item.partition, item.key, None))
        return records
