"""Jobs as one partition's people see them: hold, score against them, tell who is affected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from agents.context import Context
from agents.intake import by_partition, rounds
from agents.lists import list_records, partial_record, settle
from agents.rankings import Notice, publish
from matcher_stream.runtime import faults, metrics
from matcher_stream.runtime.outputs import Refused, header
from matcher_stream.runtime.waiting import all_of
from models.ranking.event_bodies import RankedJob
from models.search.arrays import Vector
from schemas.errors import InvalidField
from tables.index.jobs import IndexedJob
from tables.index.matching import Candidate, MatchState
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
    rankings: list[list[RankedJob]] = field(default_factory=list)
    causes: list[Notice] = field(default_factory=list)


class PostingsAgent:
    """Reads the fan-out topic."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def prepare(self, events: Sequence[Any]) -> tuple[list[Posting], list[Refused]]:
        """Decode a batch."""
        postings: list[Posting] = []
        refused: list[Refused] = []
        for event in events:
            try:
                postings.append(decode(event, self._context.state.match.dim))
            except (ValueError, IndexError) as error:
                refused.append((event, InvalidField(f"Not a posting: {type(error).__name__}.")))
        return postings, refused

    async def apply(self, work: tuple[list[Posting], list[Refused]]) -> None:
        """Carry a batch out, partitions side by side."""
        postings, refused = work
        await self._context.outputs.refuse(refused)
        async with self._context.locks.people:
            # one version of a job at a time: before a crash the older one may have been told
            for batch in rounds(postings, lambda posting: (posting.partition, posting.job_id)):
                groups = by_partition(batch, lambda posting: posting.partition)
                await all_of(self._apply(p, group) for p, group in groups.items())
        metrics.JOBS.set(len(self._context.state.match.jobs))

    async def _apply(self, partition: int, postings: list[Posting]) -> None:
        context, tables = self._context, self._context.state.tables
        events = [posting.event for posting in postings]
        latest = self._latest(partition, postings)
        if not latest:
            return
        raws = {job_id.encode(): posting.raw for job_id, posting in latest.items()}
        await tables.postings.write(partition, raws, events)
        faults.point("postings.after_content")
        outcome = await context.score(_insert_and_rank, context.state.match, partition, latest)
        records = list_records(context, partition, outcome.posted, outcome.lists)
        records += [
            partial_record(context, partition, job_id, p.row.version, {"withdrawn": True})
            for job_id, p in latest.items()
            if p.row.died
        ]
        await context.outputs.send(records, events)
        faults.point("postings.after_partials")
        fresh = context.state.match.jobs.slots_of(partition, outcome.posted)
        await settle(context, partition, fresh, events)
        ranked = list(zip(outcome.slots, outcome.rankings, outcome.causes, strict=True))
        await publish(context, partition, ranked, events, "postings")
        metrics.EVENTS.labels(context.names.job_fanout, "accepted").inc(len(latest))

    def _latest(self, partition: int, postings: list[Posting]) -> dict[str, Posting]:
        """The newest version of each job in the batch, unless a newer one is held already."""
        latest: dict[str, Posting] = {}
        for posting in postings:
            held = latest.get(posting.job_id)
            if held is None:
                raw = self._context.state.tables.postings.get_row(
                    partition, posting.job_id.encode()
                )
                version = posting_version(raw)[0] if raw else (-1, 0)
            else:
                version = held.row.version
            if posting.row.version >= version:
                latest[posting.job_id] = posting
            else:
                metrics.EVENTS.labels(self._context.names.job_fanout, "stale").inc()
        return latest


def decode(event: Any, dim: int) -> Posting:
    """A fan-out record with a vector of length `dim`; raises ValueError or IndexError if it is
    not one.
    """
    message = event.message
    job_id = (message.key or b"").decode()
    if not job_id:
        raise ValueError("no key")
    stamp = round(message.timestamp * 1000)
    if message.value is None:
        offset, _, counter = (header(message, "job_version") or b"").partition(b":")
        row = PostingRow((int(offset), int(counter)), max(1, stamp), NO_VECTOR, b"")
        raw = row.pack()
    else:
        raw = message.value
        row = _unpack(raw, dim)
    why = Notice(
        (header(message, "cause") or b"job_posted").decode(),
        int(header(message, "origin_ts") or stamp),
        None,
        header(message, "traceparent"),
    )
    return Posting(event, job_id, row, raw, why)


def _unpack(value: bytes, dim: int) -> PostingRow:
    try:
        row = PostingRow.unpack(value)
    except Exception as error:
        raise ValueError("unreadable") from error
    # it is stored before it is indexed: nothing that the next start could not index
    if not row.died and (len(row.vector) != dim or type(orjson.loads(row.card)) is not dict):
        raise ValueError("of another encoder, or without its card")
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
