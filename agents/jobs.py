"""Jobs in: validate, vet, embed once, and hand one copy to every partition of people."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.context import Context
from agents.intake import (
    Item,
    count,
    note_known,
    note_unknown,
    rounds,
    settle_refused,
    take_in,
)
from agents.job_states import (
    Because,
    fanout_records,
    mark_of,
    noted,
    posting_of,
    review_record,
)
from agents.reading import Batch
from matcher_stream.runtime import faults
from matcher_stream.runtime.outputs import Record, about, trace_of
from matcher_stream.runtime.waiting import all_of
from models.reading.facts.known import Known, known_job
from models.reading.text import content_hash, job_text
from models.search.arrays import Vector
from models.vetting.gate import Verdict
from models.vetting.outcome import MATCHED, standing
from schemas import Job, parse_job
from schemas.job import effective_expiry
from tables.rows import NO_VECTOR, JobRow, PostingRow

log = logging.getLogger(__name__)

#: Publishers' clocks differ by less.
CLOCK_SKEW_MS = 60_000


@dataclass(slots=True)
class Read:
    """What follows from an ad alone.

    Attributes:
        row: Its row, without vector and state.
        known: What is stated of it and what its words say.
        posting: What people's partitions hold of it, likewise; None if it has ended.
        text: What is embedded; None if it has ended.
        verdict: Of the gate; None if it has ended.
    """

    row: JobRow
    known: Known
    posting: PostingRow | None = None
    text: str | None = None
    verdict: Verdict | None = None


Ad = Item[Job, Read]
Vectors = dict[bytes, Vector]


class JobsAgent:
    """Reads the jobs topic."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._wondered = False

    async def prepare(self, events: Sequence[Any]) -> tuple[Batch[Ad], Vectors]:
        """Read and vet a batch, and embed the texts whose vectors we do not have."""
        batch = await take_in(self._context, events, parse_job, self._read, ())
        texts: list[tuple[bytes, str]] = []
        known: Vectors = {}
        for item in batch.items:
            if item.derived is None or item.derived.text is None:
                continue
            digest = item.derived.row.text_hash
            old = self._context.state.job(item.partition, item.key)
            if old is not None and old.text_hash == digest and len(old.vector):
                known[digest] = old.vector
            texts.append((digest, item.derived.text))
        return batch, await self._context.vectors.embed(texts, "passage", known)

    def _read(self, item: Ad) -> Read:
        job = item.value
        assert job is not None  # a tombstone is not read
        ended, ends = self._ended(job, item.timestamp)
        text, known = job_text(job), known_job(job)
        row = JobRow(
            content_hash(job),
            self._context.vectors.hash(text, "passage"),
            item.timestamp,
            item.offset,
            0,
            ends,
            ended or "active",
            NO_VECTOR,
            job.model_dump(exclude_none=True),
        )
        row.pack()  # what cannot be stored is refused before anything of it is
        if ended is not None:
            return Read(row, known)
        posting = posting_of(row, job)
        posting.pack()
        return Read(row, known, posting, text, self._context.gate.vet(job))

    async def apply(self, work: tuple[Batch[Ad], Vectors]) -> None:
        """Carry a batch out, changes of one job one by one."""
        batch, vectors = work
        await settle_refused(self._context, batch)
        async with self._context.locks.jobs:
            for items in rounds(batch.items, lambda item: item.key):
                await self._apply(items, vectors)

    async def _apply(self, items: list[Ad], vectors: Vectors) -> None:
        context = self._context
        records: list[Record] = []
        marks: dict[tuple[int, str], JobRow | None] = {}
        rows: dict[tuple[int, str], JobRow | None] = {}
        changed: list[tuple[Ad, str]] = []
        for item in items:
            old = context.state.job(item.partition, item.key)
            if old is not None and (item.offset <= old.offset or item.outdated(old.record_ts)):
                count([item], "repeated")  # its row is there: all was told, and more since then
                self._wonder(item, old)
                continue
            new = self._row(item, old, vectors) if item.value is not None else None
            if new is not None and old is not None and self._same(old, new):
                new.offset, new.counter = old.offset, old.counter
                count([item], "unchanged")
            else:
                changed.append((item, "accepted" if new is None else new.state))
                records += self._records(item, new)
                if mark := mark_of(item.offset, old, new, superseding=item.supersedes):
                    marks[item.partition, item.key] = mark
            rows[item.partition, item.key] = noted(item.offset, old, new)
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
            outcome = state if state in ("held", "advised", "rejected") else "accepted"
            count([item], "withdrawn" if item.value is None else outcome)
            if item.value is not None and item.derived is not None:
                note_unknown(context.names.jobs, item.value)
                note_known(context.names.jobs, item.derived.known)

    def _wonder(self, item: Ad, old: JobRow) -> None:
        """Say once that records come under offsets that others had before."""
        if not self._wondered and item.timestamp > old.record_ts + CLOCK_SKEW_MS:
            self._wondered = True
            log.error(
                "New records of %s have offsets that were passed before, and are left out. If the "
                "topic was made anew, start under another application id: docs/operations.md.",
                item.event.message.topic,
                extra={"data": about(item.event.message)},
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

    def _row(self, item: Ad, old: JobRow | None, vectors: Vectors) -> JobRow:
        read, job = item.derived, item.value
        assert read is not None
        assert job is not None
        ended, _ = self._ended(job, item.timestamp)
        vector = vectors.get(read.row.text_hash, NO_VECTOR)
        if not len(vector) and old is not None and old.text_hash == read.row.text_hash:
            vector = old.vector  # it ended between prepare and apply
        if ended is None and (read.verdict is None or not len(vector)):
            ended = "expired"
        state: str = ended or "active"
        if ended is None and read.verdict is not None:
            decided = self._context.state.decided(item.partition, item.key, read.row.content_hash)
            state = standing(read.verdict, decided)
        row = replace(read.row, state=state, vector=vector)
        # a copy sent before it ended, by a worker that froze, must not count after the withdrawal
        row.counter = 1 if state == "expired" else 0
        if old is not None:
            row.penalty = old.penalty
        return row

    @staticmethod
    def _same(old: JobRow, new: JobRow) -> bool:
        """Whether receivers know this already: rows are written after their fan-out."""
        known = not old.telling and old.state == new.state
        return known and old.content_hash == new.content_hash

    def _records(self, item: Ad, new: JobRow | None) -> list[Record]:
        """What receivers and reviewers must be told: of every change both, since before a crash
        they may have been told more than the old row says, or a mark is all that is known.
        """
        context, read = self._context, item.derived
        trace = trace_of(item.event.message)
        cause, posting = "job_withdrawn", None
        if new is not None and read is not None and new.state in (*MATCHED, "expired"):
            cause = "job_posted" if new.state in MATCHED else "job_expired"
            if new.state in MATCHED and read.posting and read.posting.attrs:
                attrs = replace(read.posting.attrs, penalty=new.penalty)
                posting = replace(read.posting, version=new.version, vector=new.vector, attrs=attrs)
        why = Because(cause, item.timestamp, trace)
        version = (item.offset, 0) if new is None else new.version
        records = fanout_records(context, item.key, version, posting, why)
        verdict = read.verdict if read is not None else None
        records.append(
            review_record(context, item.partition, item.key, new, item.value, trace, verdict)
        )
        return records
