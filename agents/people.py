"""One way to change a person, whatever the reason: profile, feedback or expiry.

Order of effects: content rows; index; ranking sent; ranking row. A crash at any point repeats
work: the row in `pending` keeps the superseded version until the candidate lists that it was in
have been refreshed, and `done` in the ranking row is written last. Of who changes faster than lists
go out that row says no more than that any list may name them: those that do all wait, so that
lists go out by their budget whatever one person does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from agents.context import Context
from agents.lists import send_lists
from agents.rankings import Notice, publish
from matcher_stream.runtime import faults, metrics
from matcher_stream.runtime.outputs import null_headers, trace_of
from matcher_stream.runtime.waiting import all_of
from models.search.arrays import Slots
from tables.index.matching import Ranking
from tables.index.people import PersonEntry
from tables.rows import (
    ANY_VERSION,
    REVISION_FLOOR,
    Exclusions,
    PersonRow,
    RankingRow,
    erased_key,
    outcomes_of,
    pack_erased,
    pack_exclusions,
    pack_list,
    superseded,
    unpack_list,
)
from tables.state import State

MOST_VERSIONS: Final = 8
"""Superseded versions of one person that are kept until their lists are refreshed."""
_CHUNK: Final = 512  # lists that are made and sent at once


@dataclass(slots=True)
class Change:
    """A person's new state.

    Attributes:
        profile_id: The person.
        row: The row to hold from now on.
        exclusions: What they said of jobs, as of now.
        why: What consumers are told.
        lists: Jobs whose lists this touches, where nothing but exclusions changed; None for all
            that the old or the new version may be in.
    """

    profile_id: str
    row: PersonRow
    exclusions: Exclusions
    why: Notice
    lists: tuple[str, ...] | None = None


@dataclass(slots=True)
class _Ranked:
    slots: list[int]
    rankings: list[Ranking]
    affected: list[list[Slots]]


async def change_people(
    context: Context, partition: int, changes: Sequence[Change], events: Sequence[Any], step: str
) -> None:
    """Carry out changes of different people in one partition; the caller holds the lock."""
    tables, state = context.state.tables, context.state
    keys = [change.profile_id.encode() for change in changes]
    before = [_superseded(state, partition, key) for key in keys]
    waiting = {
        key: raw
        for key, versions in zip(keys, before, strict=True)
        if (raw := pack_list(_kept(versions))) != tables.pending.get_row(partition, key)
    }
    said = {
        key: pack_exclusions(change.exclusions)
        for key, change in zip(keys, changes, strict=True)
        if change.exclusions != state.exclusions(partition, change.profile_id)
    }
    first = (
        (tables.pending, waiting),
        (tables.exclusions, said),
        (tables.rankings, _beginnings(state, partition, changes)),
    )
    await all_of(table.write(partition, rows, events) for table, rows in first)
    content = {key: change.row.pack() for key, change in zip(keys, changes, strict=True)}
    await tables.people.write(partition, content, events)
    faults.point(f"{step}.after_content")
    ranked = await context.score(_insert_and_rank, state, partition, changes, before, events=events)
    for change, lists in zip(changes, ranked.affected, strict=True):
        for jobs in lists:
            state.dirty.mark(partition, change.profile_id, jobs)
        _note_end(state, partition, change)
    faults.point(f"{step}.after_index")
    metrics.DIRTY.set(len(state.dirty))
    whys = [change.why for change in changes]
    rows = list(zip(ranked.slots, ranked.rankings, whys, strict=True))
    await publish(context, partition, rows, events, step)
    metrics.PEOPLE.set(state.match.count_people())


def _beginnings(
    state: State, partition: int, changes: Sequence[Change]
) -> dict[bytes, bytes | None]:
    """Rows for those who were never told anything: the number of their first ranking is fixed
    before it is sent, though an erasure may raise the floor before it is sent again.
    """
    beginning = RankingRow.beginning(state.revision_floor(partition)).pack()
    keys = [change.profile_id.encode() for change in changes]
    return {key: beginning for key in keys if state.tables.rankings.get_row(partition, key) is None}


def _superseded(state: State, partition: int, key: bytes) -> list[bytes]:
    """Versions that lists may name, in the order in which they came; none of them twice."""
    versions = unpack_list(state.tables.pending.get_row(partition, key))
    if (old := state.tables.people.get_row(partition, key)) is not None:
        versions.append(old)
    return list(dict.fromkeys(superseded(raw) for raw in versions))


def _kept(versions: list[bytes]) -> list[bytes]:
    """What waits of these versions: they, or that there were too many."""
    many = len(versions) > MOST_VERSIONS or ANY_VERSION in versions
    return [ANY_VERSION] if many else versions


def _insert_and_rank(
    state: State, partition: int, changes: Sequence[Change], before: Sequence[list[bytes]]
) -> _Ranked:
    match = state.match
    entries = [state.entry(c.profile_id, c.row, c.exclusions) for c in changes]
    people = match.people(partition)
    lists: list[list[Slots]] = [[] for _ in changes]
    versions: list[PersonEntry | None] = []
    owner: list[int] = []
    for i, (change, old) in enumerate(zip(changes, before, strict=True)):
        if change.lists is not None:
            lists[i] = [match.jobs.slots_of(partition, change.lists)]
            continue
        # of any version the lists wait already; what is indexed is of the latest that lists name
        known = [state.superseded(change.profile_id, raw) for raw in old if raw != ANY_VERSION]
        present = [e for e in [people.entry_of(change.profile_id)] if e is not None]
        versions += [entries[i], *present, *known]
        owner += [i] * (1 + len(present) + len(known))
    slots = people.put_many(entries)
    for i, jobs in zip(owner, match.jobs_affected(partition, versions), strict=True):
        lists[i].append(jobs)
    return _Ranked(slots, match.rank_people(partition, slots), lists)


def _note_end(state: State, partition: int, change: Change) -> None:
    ends = state.person_ends.setdefault(partition, {})
    if change.row.ends and not change.row.ended:
        ends[change.profile_id] = change.row.ends
    else:
        ends.pop(change.profile_id, None)


async def erase_people(
    context: Context,
    partition: int,
    profile_ids: Sequence[str],
    published: Sequence[tuple[int, int]],
    events: Sequence[Any],
) -> None:
    """Leave nothing of these people: lists without them, a tombstone in matches, no row.

    A mark goes first: from there on nothing older is told of them, whatever is read again. The
    rows go last, so that a repetition after a crash still knows which lists they were in.

    Args:
        context: The worker's parts.
        partition: Of all of them.
        profile_ids: Whom.
        published: Offset and timestamp (ms) of each tombstone.
        events: The tombstones, one for each person.
    """
    state, tables = context.state, context.state.tables
    marks = {
        erased_key(profile_id): pack_erased(*where)
        for profile_id, where in zip(profile_ids, published, strict=True)
    }
    await tables.meta.write(partition, marks, events)
    faults.point("erasure.after_mark")
    versions = [(p, raw) for p in profile_ids for raw in _superseded(state, partition, p.encode())]
    jobs = await context.score(_remove, state, partition, profile_ids, versions, events=events)
    if any(raw == ANY_VERSION for _, raw in versions):
        jobs = np.union1d(jobs, state.dirty.waiting(partition))
    for start in range(0, len(jobs), _CHUNK):
        await send_lists(context, partition, jobs[start : start + _CHUNK], events)
    await context.outputs.send(
        [
            (
                context.names.matches,
                partition,
                p.encode(),
                None,
                null_headers(context.names.source, trace_of(e.message)),
            )
            for p, e in zip(profile_ids, events, strict=True)
        ],
        events,
    )
    faults.point("erasure.after_output")
    revisions = [row.revision for p in profile_ids if (row := state.ranking(partition, p))]
    floor = max([state.revision_floor(partition), *revisions])
    gone: dict[bytes, bytes | None] = {p.encode(): None for p in profile_ids}
    await tables.meta.write(partition, {REVISION_FLOOR: str(floor).encode()}, events)
    did = {
        key: None
        for p in profile_ids
        for key in tables.outcomes.keys_with(partition, outcomes_of(p))
    }
    await tables.outcomes.write(partition, did, events)
    others = tables.exclusions, tables.pending, tables.rankings
    await all_of(table.write(partition, gone, events) for table in others)
    await tables.people.write(partition, gone, events)
    state.dirty.settle(partition, list(profile_ids))
    for profile_id in profile_ids:
        state.person_ends.get(partition, {}).pop(profile_id, None)
    metrics.PEOPLE.set(state.match.count_people())


def _remove(
    state: State, partition: int, profile_ids: Sequence[str], versions: Sequence[tuple[str, bytes]]
) -> Slots:
    """Forget people; returns slots of the jobs whose list any of these versions may be in."""
    people = state.match.people(partition)
    entries = [people.entry_of(profile_id) for profile_id in profile_ids]
    known = [e for e in entries if e is not None] + [
        state.superseded(profile_id, raw) for profile_id, raw in versions if raw != ANY_VERSION
    ]
    affected = state.match.jobs_affected(partition, known)
    for profile_id in profile_ids:
        people.remove(profile_id)
    return np.unique(np.concatenate([np.zeros(0, np.int64), *affected]))
