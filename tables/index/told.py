"""What an event said of jobs that people were told: made again, for those who keep it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.ranking.event_bodies import RankedJob
from models.ranking.ranker import Place
from tables.index.matching import MatchState
from tables.index.pairs import pair_people, queries_of
from tables.index.people import PersonEntry

#: A person, and each of their jobs with its place and its job_version (two numbers).
Told = tuple[PersonEntry, Sequence[tuple[Place, list[int]]]]


def told_again(
    match: MatchState, partition: int, told: Sequence[Told]
) -> list[dict[str, RankedJob]]:
    """What is said of these jobs, by job_id, for each person; runs in the scoring thread.

    Args:
        match: The indexes.
        partition: Of the people.
        told: Who was told what; a job that is not held in this version any more is left out.
    """
    jobs, slot_of = match.jobs, match.jobs.jobs_of(partition)
    held = [
        (row, slot, place)
        for row, (entry, theirs) in enumerate(told)
        if len(entry.vector)
        for place, version in theirs
        if (slot := slot_of.get(place.job_id)) is not None
        and list(jobs.entries[slot].version) == version
    ]
    found: list[dict[str, RankedJob]] = [{} for _ in told]
    if not held:
        return found
    asking = sorted({row for row, _, _ in held})  # whose words cannot be read has no vector
    entries = [told[row][0] for row in asking]
    rows = np.searchsorted(asking, [row for row, _, _ in held])
    slots = np.array([slot for _, slot, _ in held], np.int64)
    pairing = pair_people(match.ranker, entries, jobs)
    parts = pairing.components(rows, slots, queries_of(entries), jobs.matrix.view())
    for (row, slot, place), components in zip(held, parts, strict=True):
        job = jobs.entries[slot]
        found[row][job.job_id] = RankedJob(
            job.job_id, place.score, job.version, job.card, job.attrs, components
        )
    return found
