"""What one step would open for people of an index: `models.ranking.unlocks` over its columns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from models.ranking.ranker import Ranker
from models.ranking.unlocks import Unlock, unlocks_at
from models.search.arrays import Slots
from tables.index.jobs import JobIndex
from tables.index.pairs import pair_people, queries_of
from tables.index.people import PersonEntry


def unlocks_of(
    jobs: JobIndex, partition: int, people: Sequence[PersonEntry], ranker: Ranker
) -> list[tuple[Unlock, ...]]:
    """What one step would open for each of these people, exactly.

    Args:
        jobs: All jobs.
        partition: Of the people, who take part in matching.
        people: Whom it is for; few enough for one mask.
        ranker: How pairs are scored.
    """
    masks = np.stack([jobs.near_mask(partition, who.attrs, who.excluded) for who in people])
    out: list[tuple[Unlock, ...]] = [()] * len(people)
    asking = np.flatnonzero(masks.any(axis=1))
    if not len(asking):
        return out
    some = [people[row] for row in asking.tolist()]
    pairing = pair_people(ranker, some, jobs, exposed=False)
    enough = np.full(jobs.size, ranker.send)
    found = jobs.matrix.affected(queries_of(some), masks[asking], enough, pairing)
    for row, who, slots in zip(asking.tolist(), some, found, strict=True):
        if len(slots):
            short = jobs.columns.shortfall(who.attrs, slots)
            out[row] = unlocks_at(who.attrs, *short, partial(_named, jobs, slots))
    return out


def _named(jobs: JobIndex, slots: Slots, rows: list[int]) -> list[tuple[str, bytes]]:
    """Ids and signatures of the jobs in some of the slots."""
    held = (jobs.entries[slot] for slot in slots[rows].tolist())
    return [(job.job_id, job.signature) for job in held]
