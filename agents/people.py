"""One way to change a person, whatever the reason: profile, feedback or expiry.

Order of effects: content rows; index; ranking sent; ranking row. A crash at any point repeats
work: the row in `pending` keeps the superseded version until the candidate lists that it was in
have been refreshed, and `done` in the ranking row is written last. Who changes faster than lists
are refreshed has their lists sent before the next version, so that the row has a bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from agents.context import Context
from agents.lists import send_lists, settle
from agents.rankings import Notice, publish
from matcher_stream.runtime import faults, metrics
from matcher_stream.runtime.waiting import all_of
from models.ranking.event_bodies import RankedJob
from models.search.arrays import Slots
from tables.index.people import PersonEntry
from tables.rows import (
    REVISION_FLOOR,
    Exclusions,
    PersonRow,
    RankingRow,
    erased_key,
    pack_erased,
    pack_exclusions,
    pack_list,
    superseded,
    unpack_list,
)
from tables.state import State

MOST_VERSIONS: Final = 8
"""Superseded versions of one person that may wait for a refresh of their lists."""
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
    rankings: list[list[RankedJob]]
    affected: list[list[Slots]]


async def change_people(
    context: Context, partition: int, changes: Sequence[Change], events: Sequence[Any], step: str
) -> None:
    """Carry out changes of different people in one partition; the caller holds the lock."""
    tables, state = context.state.tables, context.state
    await _make_room(context, partition, [change.profile_id for change in changes], events)
    keys = [change.profile_id.encode() for change in changes]
    before = [_superseded(state, partition, key) for key in keys]
    waiting = {
        key: raw
        for key, versions in zip(keys, before, strict=True)
        if (raw := pack_list(versions)) != tables.pending.get_row(partition, key)
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
    ranked = await context.score(_insert_and_rank, state, partition, changes, before)
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


async def _make_room(
    context: Context, partition: int, names: Sequence[str], events: Sequence[Any]
) -> None:
    """Where one more version would be one too many: send the lists that those which wait may be
    in. No list has another than the present one then, so that it alone waits.
    """
    state, waited = context.state, list[tuple[str, bytes]]()
    rows: dict[bytes, bytes | None] = {}
    for name, key in ((name, name.encode()) for name in names):
        versions = _superseded(state, partition, key)
        present = state.tables.people.get_row(partition, key)
        if len(versions) > MOST_VERSIONS and present is not None:
            rows[key] = pack_list([superseded(present)])
            waited += [(name, version) for version in versions]
    if not rows:
        return
    jobs = await context.score(_lists_of, state, partition, waited)
    for start in range(0, len(jobs), _CHUNK):
        slots = jobs[start : start + _CHUNK]
        await send_lists(context, partition, slots, events)
        await settle(context, partition, slots, events)
    await state.tables.pending.write(partition, rows, events)


def _insert_and_rank(
    state: State, partition: int, changes: Sequence[Change], before: Sequence[list[bytes]]
) -> _Ranked:
    match = state.match
    entries = [state.entry(c.profile_id, c.row, c.exclusions) for c in changes]
    lists: list[list[Slots]] = [[] for _ in changes]
    versions: list[PersonEntry | None] = []
    owner: list[int] = []
    for i, (change, old) in enumerate(zip(changes, before, strict=True)):
        if change.lists is not None:
            lists[i] = [match.jobs.slots_of(partition, change.lists)]
            continue
        versions += [entries[i], *(state.superseded(change.profile_id, raw) for raw in old)]
        owner += [i] * (1 + len(old))
    slots = match.people(partition).put_many(entries)
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
        events: The tombstones.
    """
    state, tables = context.state, context.state.tables
    marks = {
        erased_key(profile_id): pack_erased(*where)
        for profile_id, where in zip(profile_ids, published, strict=True)
    }
    await tables.meta.write(partition, marks, events)
    faults.point("erasure.after_mark")
    versions = [(p, raw) for p in profile_ids for raw in _superseded(state, partition, p.encode())]
    jobs = await context.score(_remove, state, partition, profile_ids, versions)
    await send_lists(context, partition, jobs, events)
    await context.outputs.send(
        [(context.names.matches, partition, p.encode(), None, []) for p in profile_ids], events
    )
    faults.point("erasure.after_output")
    revisions = [row.revision for p in profile_ids if (row := state.ranking(partition, p))]
    floor = max([state.revision_floor(partition), *revisions])
    gone: dict[bytes, bytes | None] = {p.encode(): None for p in profile_ids}
    await tables.meta.write(partition, {REVISION_FLOOR: str(floor).encode()}, events)
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
    affected = _lists_of(state, partition, versions)
    for profile_id in profile_ids:
        state.match.people(partition).remove(profile_id)
    return affected


def _lists_of(state: State, partition: int, versions: Sequence[tuple[str, bytes]]) -> Slots:
    """Slots of the jobs whose list any of these versions may be in."""
    entries = [state.superseded(profile_id, raw) for profile_id, raw in versions]
    affected = state.match.jobs_affected(partition, entries)
    return np.unique(np.concatenate([np.zeros(0, np.int64), *affected]))
