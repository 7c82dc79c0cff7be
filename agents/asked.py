"""What somebody may ask of a person whose partition this worker owns; nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from agents.context import Context
from agents.rankings import body_of
from models.ranking.event_bodies import body_hash
from models.reading.facts.known import Known
from tables.index.matching import Ranking


async def told(context: Context, profile_id: str) -> tuple[dict[str, Any] | None, bool]:
    """The ranking that consumers were told last, made again from the indexes.

    Args:
        context: The worker, which owns the person.
        profile_id: Who.

    Returns:
        The event's body with the last `revision`, or None of somebody who was told nothing yet; and
        whether it is what was told: while a change is under way, its event is on the way.
    """
    partition = context.partition_of(profile_id)
    people = context.state.match.people(partition)
    rank: Callable[..., list[Ranking]] = context.state.match.rank_people
    entry = people.entry_of(profile_id)
    if entry is None:
        return None, True
    (ranking,) = await context.score(rank, partition, [people.slots[profile_id]])
    row = context.state.ranking(partition, profile_id)
    if row is None:
        return None, True
    # what steps open and which day it was, as it was told
    body = body_of(context, entry, ranking, row.unlocks, row.as_of)
    event = {**body, "revision": context.revision(partition, row.revision)}
    return event, row.body == body_hash(body)


async def profile(context: Context, profile_id: str) -> dict[str, Any] | None:
    """What a person stated last, as it was accepted; None of somebody unknown or erased."""
    people = context.state.match.people(context.partition_of(profile_id))
    entry = people.entry_of(profile_id)
    return None if entry is None else dict(Known.of(orjson.loads(entry.profile)).stated)
