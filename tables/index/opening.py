"""What one step would open for people of an index: `models.ranking.unlocks` over its columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.ranking.ranker import Ranker
from models.ranking.unlocks import Unlock, unlocks_at
from models.search.arrays import Double, Slots
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
    found = jobs.matrix.topk(queries_of(some), masks[asking], jobs.size, ranker.send, pairing)
    for row, who, (slots, scores) in zip(asking.tolist(), some, found, strict=True):
        if len(slots):
            ordered = _in_order(jobs, slots, scores)
            signatures = [jobs.entries[slot].signature for slot in ordered.tolist()]
            out[row] = unlocks_at(
                who.attrs, *jobs.columns.shortfall(who.attrs, ordered), signatures
            )
    return out


def _in_order(jobs: JobIndex, slots: Slots, scores: Double) -> Slots:
    """The slots in ranking order: by falling score, then by job_id."""
    named = [
        (-score, jobs.entries[slot].job_id, slot)
        for slot, score in zip(slots.tolist(), scores.tolist(), strict=True)
    ]
    return np.array([slot for _, _, slot in sorted(named)], np.int64)
