"""Partial lists of candidates: one partition's best people for a job, sent to the job's owner."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from agents.context import Context
from matcher_stream.config.topics import partition_for
from matcher_stream.runtime import faults, metrics
from matcher_stream.runtime.outputs import Record, trace_headers
from models.ranking.event_bodies import JobVersion, candidate_entry
from models.search.arrays import Slots
from tables.index.matching import Candidate, MatchState
from tables.rows import Part

_PIECE: Final = 16  # lists that the scoring thread makes at once


@lru_cache(maxsize=200_000)
def owner_of(job_id: str, partitions: int) -> int:
    """Partition of a job's key."""
    return partition_for(job_id.encode(), partitions)


def partial_record(
    context: Context,
    partition: int,
    job_id: str,
    version: JobVersion,
    value: dict[str, Any],
    trace: bytes | None = None,
) -> Record:
    """One partition's whole list for a job (or its withdrawal), for the owner of the job's key."""
    return (
        context.names.candidates_partial,
        owner_of(job_id, context.settings.partitions),
        f"{job_id}:{partition}".encode(),
        Part(job_id, version, partition, **value).pack(),
        trace_headers(trace),
    )


def list_records(
    context: Context,
    partition: int,
    job_ids: Sequence[str],
    lists: Sequence[list[Candidate]],
    traces: Mapping[str, bytes | None] = MappingProxyType({}),
) -> list[Record]:
    """Records for lists that were just computed.

    Args:
        context: The worker's parts.
        partition: Of the people.
        job_ids: Whose lists.
        lists: The people of each.
        traces: The traceparent of what led to a list, by job; a refresh has many, and none.
    """
    jobs = context.state.match.jobs
    slots = jobs.jobs_of(partition)
    records = []
    for job_id, ranked in zip(job_ids, lists, strict=True):
        job = jobs.entries[slots[job_id]]
        entries = [
            candidate_entry(
                who.person.profile_id, who.score, who.components, who.person.attrs, job.attrs
            )
            for who in ranked
        ]
        records.append(
            partial_record(
                context, partition, job_id, job.version, {"entries": entries}, traces.get(job_id)
            )
        )
    return records


async def send_lists(context: Context, partition: int, slots: Slots, events: Sequence[Any]) -> None:
    """Compute and send the partial lists of these jobs; those no longer held are passed over."""
    records: list[Record] = []
    for start in range(0, len(slots), _PIECE):  # in between somebody who waits is ranked
        piece = slots[start : start + _PIECE]
        held, lists = await context.score(
            _compute, context.state.match, partition, piece, events=events
        )
        records += list_records(context, partition, held, lists)
    await context.outputs.send(records, events)


async def relist_all(
    context: Context, partition: int, events: Sequence[Any], chunk: int = 128
) -> None:
    """Send every list of a partition again, for rules that changed; the caller holds no lock."""
    slots = np.array(sorted(context.state.match.jobs.jobs_of(partition).values()), np.int64)
    for start in range(0, len(slots), chunk):
        async with context.locks.people:  # between two chunks a person may go ahead
            await send_lists(context, partition, slots[start : start + chunk], events)


def _compute(
    match: MatchState, partition: int, slots: Slots
) -> tuple[list[str], list[list[Candidate]]]:
    held = match.jobs.held(partition, slots)
    return held, match.rank_candidates(partition, held)


async def refresh(
    context: Context, partition: int, most: int, people: Collection[str], events: Sequence[Any]
) -> None:
    """Send the lists that have waited longest, and settle the people who waited for them.

    Args:
        context: The worker's parts.
        partition: Of the people.
        most: Lists, at most.
        people: Whom nobody else changes meanwhile; the others are settled by a later call.
        events: What asked for it.
    """
    dirty = context.state.dirty
    slots = dirty.take(partition, most)
    try:
        await send_lists(context, partition, slots, events)
    except BaseException:
        dirty.put_back(partition)
        raise
    faults.point("refresh.after_partials")
    done = [profile_id for profile_id in dirty.sent(partition) if profile_id in people]
    await _settle(context, partition, done, events)


async def settle(context: Context, partition: int, slots: Slots, events: Sequence[Any]) -> None:
    """These lists were sent, and nobody changed since: forget the superseded versions of those who
    waited only for them.
    """
    await _settle(context, partition, context.state.dirty.refreshed(partition, slots), events)


async def _settle(
    context: Context, partition: int, people: list[str], events: Sequence[Any]
) -> None:
    if people:
        done = {profile_id.encode(): None for profile_id in people}
        await context.state.tables.pending.write(partition, done, events)
        context.state.dirty.settle(partition, people)
    metrics.DIRTY.set(len(context.state.dirty))
