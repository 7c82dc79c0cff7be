"""Rankings, handed over: whoever's ranking is not what was said last is told, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from agents.context import Context
from agents.handover.said import Published, Said
from agents.rankings import Draft, Notice, new_row, ranked_body, row_of, tell, today_of
from matcher_stream.runtime.outputs import Record, null_headers
from models.ranking.event_bodies import counter_of, matches_event, told_hash
from tables.index.matching import Ranking

_CHUNK: Final = 512


async def take_over_people(
    context: Context,
    partition: int,
    said: Mapping[str, Said | None],
    published: Published,
    events: Sequence[Any],
) -> int:
    """Say of everybody what this deployment thinks, where that is something else.

    Who is erased, though one of the two deployments has not read it yet, is told nothing, and a
    null follows what was said of them.

    Args:
        context: The worker's parts; nobody else says anything of the partition.
        partition: Of the people.
        said: What was said last of each.
        published: Says who is erased.
        events: The input events behind it.

    Returns:
        How many were told.
    """
    people = context.state.match.people(partition)
    doubtful = {key for key, last in said.items() if (last is None) == (key in people.slots)}
    alive = await published.keys(context.names.profiles) if doubtful else set()
    erased = sorted(key for key in doubtful - alive if said[key] is not None)
    gone = taken_back(context, context.names.matches, partition, erased)
    await context.outputs.send(gone, events)
    silent = doubtful - alive
    slots = sorted(slot for key, slot in people.slots.items() if key not in silent)
    rank: Callable[..., list[Ranking]] = context.state.match.rank_people
    told = len(erased)
    for part in chunks(slots, _CHUNK):
        rankings = await context.score(rank, partition, part, events=events)
        drafts = _drafts(context, partition, zip(part, rankings, strict=True), said, events)
        await tell(context, partition, drafts, events, "handover")
        told += sum(draft.event is not None for draft in drafts)
    return told


def _drafts(
    context: Context,
    partition: int,
    ranked: Iterable[tuple[int, Ranking]],
    said: Mapping[str, Said | None],
    events: Sequence[Any],
) -> list[Draft]:
    """What is noted of each person from now on: of all, as the public knows it."""
    as_of = today_of(context, partition, events)
    why = Notice("model_changed", round(events[0].message.timestamp * 1000))
    drafts = []
    for slot, ranking in ranked:
        entry = context.state.match.people(partition).entries[slot]
        if entry is None:
            continue
        row = row_of(context, partition, entry)
        body = ranked_body(context, entry, ranking, as_of)
        last = said.get(entry.profile_id)
        counter, before = (
            (row.revision, []) if last is None else (counter_of(last.revision), last.ids)
        )
        event = None
        if last is None or last.told != told_hash(body):
            counter += 1
            number = context.revision(partition, counter)
            event = matches_event(body, number, before, why.cause, as_of)
        new = new_row(counter, body, ranking, row.done, as_of)
        drafts.append(Draft(slot, entry, event, new, why))
    return drafts


def taken_back(context: Context, topic: str, partition: int, keys: Iterable[str]) -> list[Record]:
    """Nulls for what was said of these and stands no more."""
    headers = null_headers(context.names.source)
    return [(topic, partition, key.encode(), None, headers) for key in keys]


def chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The items in order, so many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))
