"""What a challenger says of people is taken in: from then on their rankings are drafts of both.

Order of effects: what it says, in the ranking's row; the draft sent; the row of what was sent. A
draft is a function of rows, so whoever dies on the way, or is asked twice, makes the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from agents.context import Context
from agents.rankings import Notice, publish
from matcher_stream.runtime import faults
from models.feedback.drafting import Rival
from tables.index.matching import MatchState, Ranking
from tables.index.rivals import heeds

_CHUNK: Final = 128


async def take_rivals(context: Context, partition: int, event: Any) -> None:
    """Take in what was read of a challenger's rankings; the caller holds no lock.

    Args:
        context: The worker's parts.
        partition: Of the people.
        event: The work item that asked for it.
    """
    if context.state.trial is None or not context.voice.speaks(partition):
        return
    why = Notice("model_changed", round(event.message.timestamp * 1000))
    if not context.rivals.repeated(partition):
        await _repeat(context, partition, why, event)
    news = dict(context.rivals.waiting(partition))
    names = sorted(news)
    for start in range(0, len(names), _CHUNK):
        async with context.locks.people:  # between two chunks whoever waits goes ahead
            part = {name: news[name] for name in names[start : start + _CHUNK]}
            await _take(context, partition, part, why, event)


async def _repeat(context: Context, partition: int, why: Notice, event: Any) -> None:
    """A worker before us may have died between a draft and its row: it is told as it was, before
    anything else is taken in.
    """
    people = context.state.match.people(partition)
    names = [e.profile_id for slot in people.rivalled() if (e := people.entries[slot]) is not None]
    for start in range(0, len(names), _CHUNK):
        async with context.locks.people:
            held = people.slots
            slots = [held[name] for name in names[start : start + _CHUNK] if name in held]
            rank = context.state.match.rank_people
            rankings = await context.score(rank, partition, slots, events=[event])
            ranked = [(slot, ranking, why) for slot, ranking in zip(slots, rankings, strict=True)]
            await publish(context, partition, ranked, [event], "interleave")
    context.rivals.repeat_done(partition)


async def _take(
    context: Context,
    partition: int,
    news: Mapping[str, Rival | None],
    why: Notice,
    event: Any,
) -> None:
    state, events = context.state, [event]
    people = state.match.people(partition)
    heard: dict[int, Rival | None] = {}
    done: dict[str, Rival | None] = {}
    rows: dict[bytes, bytes | None] = {}
    for name, rival in news.items():
        slot, row = people.slots.get(name), state.ranking(partition, name)
        entry = None if slot is None else people.entries[slot]
        if slot is None or entry is None or row is None:
            continue  # the challenger is ahead of us: it waits
        heeded = rival if heeds(state.trial, entry, rival) else None
        if heeded is not None and heeded.at < entry.since:
            heeded = None  # said of an older profile
        packed, done[name] = None if heeded is None else heeded.packed(), rival
        if row.rival != packed:
            rows[name.encode()] = replace(row, rival=packed).pack()
            heard[slot] = heeded
    await state.tables.rankings.write(partition, rows, events)
    faults.point("interleave.after_rival")
    rankings = await context.score(_note_and_rank, state.match, partition, heard, events=events)
    ranked = [(slot, ranking, why) for slot, ranking in zip(heard, rankings, strict=True)]
    await publish(context, partition, ranked, events, "interleave")
    context.rivals.taken(partition, done)


def _note_and_rank(
    match: MatchState, partition: int, heard: Mapping[int, Rival | None]
) -> list[Ranking]:
    for slot, rival in heard.items():
        match.people(partition).set_rival(slot, rival)
    return match.rank_people(partition, list(heard))
