"""Jobs as one partition's people see them: hold, score against them, tell who is affected."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, get_args

import numpy as np
import orjson

from agents.context import Context
from agents.intake import by_partition, rounds
from agents.lists import list_records, partial_record, settle
from agents.rankings import Notice, publish
from agents.reading import Batch, read_aside
from matcher_stream.runtime import faults, metrics
from matcher_stream.runtime.outputs import header, record_ms, trace_of
from matcher_stream.runtime.turns import Pace
from matcher_stream.runtime.waiting import all_of
from models.ranking.attrs import job_attrs
from models.ranking.event_bodies import JobVersion
from models.search.arrays import Vector
from schemas import decode_key, validate
from schemas.base import MAX_MS, MIN_MS
from schemas.canary import is_canary
from schemas.errors import InvalidField, InvalidHeader
from schemas.matches import Cause, JobCard
from tables.index.jobs import IndexedJob
from tables.index.matching import Candidate, MatchState, Ranking
from tables.rows import NO_VECTOR, PostingRow, posting_version


@dataclass(slots=True)
class Posting:
    """One fan-out record: a job's version, or its withdrawal (`row.died` is set)."""

    event: Any
    job_id: str
    row: PostingRow
    raw: bytes
    why: Notice

    @property
    def partition(self) -> int:
        """The partition of people it is for."""
        return int(self.event.message.partition)


@dataclass(slots=True)
class _Outcome:
    posted: list[str] = field(default_factory=list)
    lists: list[list[Candidate]] = field(default_factory=list)
    slots: list[int] = field(default_factory=list)
    rankings: list[Ranking] = field(default_factory=list)
    causes: list[Notice] = field(default_factory=list)


AT_ONCE: Final = 64
"""Postings that are done while nobody else can change people or postings."""
SHORT_SECONDS: Final = 0.1
"""How long that may take while people come, about."""
_SMALLEST: Final = 8
LONGEST: Final = 2.0  # a vector is one of length 1 beside a lexical part that weighs less
CAUSES: Final = frozenset(get_args(Cause))


class PostingsAgent:
    """Reads the fan-out topic."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._pace = Pace(_SMALLEST, AT_ONCE)

    async def prepare(self, events: Sequence[Any]) -> Batch[Posting]:
        """Decode a batch."""
        dim = self._context.state.match.dim
        return await read_aside(events, lambda event: decode(event, dim))

    async def apply(self, batch: Batch[Posting]) -> None:
        """Carry a batch out, partitions side by side."""
        await self._context.outputs.refuse(batch.refused)
        # one version of a job at a time: before a crash the older one may have been told
        for part in rounds(batch.items, lambda p: (p.partition, p.job_id), self._at_once):
            async with self._context.locks.people:  # between two rounds a person goes ahead
                started = time.monotonic()
                groups = by_partition(part, lambda posting: posting.partition)
                await all_of(self._apply(p, group) for p, group in groups.items())
                self._pace.note(len(part), time.monotonic() - started)
        metrics.JOBS.set(self._context.state.match.count_jobs())

    def _at_once(self) -> int:
        """Longest round now."""
        attended = self._context.locks.people.attended()
        return self._pace.fitting(SHORT_SECONDS) if attended else AT_ONCE

    async def _apply(self, partition: int, postings: list[Posting]) -> None:
        context, tables = self._context, self._context.state.tables
        events = [posting.event for posting in postings]
        latest = self._latest(partition, postings)
        if not latest:
            return
        raws = {job_id.encode(): posting.raw for job_id, posting in latest.items()}
        await tables.postings.write(partition, raws, events)
        faults.point("postings.after_content")
        outcome = await context.score(
            _insert_and_rank, context.state.match, partition, latest, events=events
        )
        traces = {job_id: posting.why.trace for job_id, posting in latest.items()}
        records = list_records(context, partition, outcome.posted, outcome.lists, traces)
        records += [
            partial_record(
                context, partition, job_id, p.row.version, {"withdrawn": True}, traces[job_id]
            )
            for job_id, p in latest.items()
            if p.row.died
        ]
        await context.outputs.send(records, events)
        faults.point("postings.after_partials")
        fresh = context.state.match.jobs.slots_of(partition, outcome.posted)
        await settle(context, partition, fresh, events)
        ranked = list(zip(outcome.slots, outcome.rankings, outcome.causes, strict=True))
        await publish(context, partition, ranked, events, "postings")
        metrics.EVENTS.labels(context.names.job_fanout, "accepted").inc(
            sum(not is_canary(job_id) for job_id in latest)
        )

    def _latest(self, partition: int, postings: list[Posting]) -> dict[str, Posting]:
        """The postings of different jobs but for those of which a newer version is held."""
        latest: dict[str, Posting] = {}
        table = self._context.state.tables.postings
        for posting in postings:
            raw = table.get_row(partition, posting.job_id.encode())
            version = posting_version(raw)[0] if raw else (-1, 0)
            if posting.row.version >= version:
                latest[posting.job_id] = posting
            else:
                metrics.EVENTS.labels(self._context.names.job_fanout, "stale").inc()
        return latest


def decode(event: Any, dim: int) -> Posting:
    """A fan-out record with a vector of length `dim`.

    Raises:
        InputError: it is none that we write.
    """
    message = event.message
    job_id, stamp = decode_key(message.key), record_ms(message)
    if message.value is None:
        row = PostingRow(_version_of(message), stamp, NO_VECTOR, b"")
        raw = row.pack()
    else:
        raw = message.value
        row = _checked(raw, dim)
    cause = (header(message, "cause") or b"job_posted").decode()
    since = int(header(message, "origin_ts") or stamp)
    if cause not in CAUSES or not MIN_MS <= since < MAX_MS:
        raise InvalidHeader("The record does not say why it was sent.")
    return Posting(event, job_id, row, raw, Notice(cause, since, None, trace_of(message)))


def _version_of(message: Any) -> JobVersion:
    offset, _, counter = (header(message, "job_version") or b"").partition(b":")
    if not (offset.isdigit() and counter.isdigit()):
        raise InvalidHeader("A withdrawal without its job_version.")
    return int(offset), int(counter)


def _checked(value: bytes, dim: int) -> PostingRow:
    """The posting in a record: it is stored before it is indexed, so it must be one that this and
    every later start can index and score.
    """
    try:
        row = PostingRow.unpack(value)
    except Exception as error:
        raise InvalidField("Not a posting of this version.") from error
    if row.died or row.attrs is None or len(row.vector) != dim or min(row.version) < 0:
        raise InvalidField("Not a posting of this encoder.")
    card = validate(JobCard, orjson.loads(row.card)).model_dump(exclude_none=True)
    length = float(np.linalg.norm(row.vector.astype(np.float64)))
    if not 0.5 < length < LONGEST or row.attrs != job_attrs(card, row.attrs.penalty):
        raise InvalidField("A posting that does not follow from its card.")
    if not 0.0 <= row.attrs.penalty <= 1.0:
        raise InvalidField("A posting with a penalty out of range.")
    return row


def _indexed(job_id: str, row: PostingRow) -> tuple[IndexedJob, Vector]:
    assert row.attrs is not None  # a posting that is not a grave has them
    return IndexedJob(job_id, row.version, row.card, row.attrs, row.signature), row.vector


def _insert_and_rank(match: MatchState, partition: int, latest: dict[str, Posting]) -> _Outcome:
    people, jobs = match.people(partition), match.jobs
    why: dict[int, Notice] = {}
    for job_id, posting in latest.items():
        for slot in people.holders(job_id):
            why[slot] = posting.why
        if posting.row.died:
            jobs.remove(partition, job_id)
    posted = {job_id: p for job_id, p in latest.items() if not p.row.died}
    jobs.put_many(partition, [_indexed(job_id, p.row) for job_id, p in posted.items()])
    if posted:
        newest = max((p.why for p in posted.values()), key=lambda told: told.since)
        for slot in match.people_affected(partition, list(posted)):
            why.setdefault(slot, newest)
    slots = sorted(why)
    return _Outcome(
        list(posted),
        match.rank_candidates(partition, list(posted)),
        slots,
        match.rank_people(partition, slots),
        [why[slot] for slot in slots],
    )
