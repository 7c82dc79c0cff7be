"""The indexes of a worker together, and the questions that agents ask of them.

Everything here runs in the one scoring thread, so that the matrix never changes under a product.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.ranker import Ranker, best
from models.snapshot import RankedJob
from tables.job_index import JobIndex
from tables.people_index import PeopleIndex, PersonEntry

CHUNK = 64
T = TypeVar("T")


class MatchState:
    """Jobs, people by partition, and who ranks what.

    Args:
        dim: Length of a vector.
        ranker: How pairs are scored.
        top_k: Jobs in a ranking, people in a list of candidates.
    """

    def __init__(self, dim: int, ranker: Ranker, top_k: int) -> None:
        self.dim = dim
        self.ranker = ranker
        self.top_k = top_k
        self.jobs = JobIndex(dim, ranker.threshold)
        self._people: dict[int, PeopleIndex] = {}

    def people(self, partition: int) -> PeopleIndex:
        """The people of a partition."""
        if partition not in self._people:
            self._people[partition] = PeopleIndex(self.dim, self.ranker.threshold)
        return self._people[partition]

    def count_people(self) -> int:
        """People held, over all partitions."""
        return sum(len(index) for index in self._people.values())

    def drop_partition(self, partition: int) -> None:
        """Forget a partition's people and its hold on jobs."""
        self._people.pop(partition, None)
        self.jobs.drop_partition(partition)

    def rank_people(self, partition: int, slots: Sequence[int]) -> list[list[RankedJob]]:
        """The ranking of each person, best first; empty for those who take no part."""
        people, jobs = self.people(partition), self.jobs
        out: list[list[RankedJob]] = [[] for _ in slots]
        active = [
            (i, entry)
            for i, slot in enumerate(slots)
            if (entry := people.entries[slot]) and entry.status is None and jobs.size
        ]
        for chunk in _chunks(active, CHUNK):
            masks = np.stack(
                [jobs.mask(partition, entry.attrs, entry.excluded) for _, entry in chunk]
            )
            found = jobs.matrix.topk(
                _queries(entry for _, entry in chunk), masks, self.top_k, self.ranker.threshold
            )
            for (i, _), (job_slots, scores) in zip(chunk, found, strict=True):
                by_id = {jobs.ids[slot]: slot for slot in job_slots.tolist()}
                pairs = zip(by_id, scores.tolist(), strict=True)
                out[i] = [
                    jobs.ranked(by_id[job_id], score) for job_id, score in best(pairs, self.top_k)
                ]
        return out

    def rank_candidates(
        self, partition: int, job_ids: Sequence[str]
    ) -> list[list[tuple[PersonEntry, float]]]:
        """The best people of a partition for each job it holds; notes the K-th scores."""
        people, jobs = self.people(partition), self.jobs
        slot_of, bounds = jobs.jobs_of(partition), jobs.bounds(partition)
        out: list[list[tuple[PersonEntry, float]]] = []
        if not people.size:
            return [[] for _ in job_ids]
        for chunk in _chunks(job_ids, CHUNK):
            slots = [slot_of[job_id] for job_id in chunk]
            masks = np.stack([people.mask(jobs.ids[s], jobs.attrs[s]) for s in slots])
            queries = jobs.matrix.view()[np.asarray(slots)]
            found = people.matrix.topk(queries, masks, self.top_k, self.ranker.threshold)
            for slot, (who, scores) in zip(slots, found, strict=True):
                entries = {
                    entry.profile_id: entry
                    for index in who.tolist()
                    if (entry := people.entries[index])
                }
                ranked = best(zip(entries, scores.tolist(), strict=True), self.top_k)
                full = len(ranked) == self.top_k
                bounds[slot] = ranked[-1][1] if full else self.ranker.threshold
                out.append([(entries[profile_id], score) for profile_id, score in ranked])
        return out

    def people_affected(self, partition: int, job_ids: Sequence[str]) -> set[int]:
        """Slots of the people whose ranking these new or changed jobs may enter."""
        people, jobs = self.people(partition), self.jobs
        slot_of = jobs.jobs_of(partition)
        affected: set[int] = set()
        if not people.size:
            return affected
        for chunk in _chunks(job_ids, CHUNK):
            slots = [slot_of[job_id] for job_id in chunk]
            masks = np.stack([people.mask(jobs.ids[s], jobs.attrs[s]) for s in slots])
            found = people.matrix.affected(
                jobs.matrix.view()[np.asarray(slots)], masks, people.kth[: people.size]
            )
            for who in found:
                affected.update(who.tolist())
        return affected

    def jobs_affected(
        self, partition: int, people: Sequence[PersonEntry]
    ) -> list[NDArray[np.int64]]:
        """For each person, slots of the jobs whose list they may be or may have been in."""
        jobs = self.jobs
        out: list[NDArray[np.int64]] = [np.zeros(0, np.int64) for _ in people]
        active = [
            (i, entry)
            for i, entry in enumerate(people)
            if entry.status is None and len(entry.vector) and jobs.size
        ]
        for chunk in _chunks(active, CHUNK):
            masks = np.stack(
                [jobs.mask(partition, entry.attrs, entry.excluded) for _, entry in chunk]
            )
            bounds = jobs.bounds(partition)[: jobs.size]
            found = jobs.matrix.affected(_queries(entry for _, entry in chunk), masks, bounds)
            for (i, _), slots in zip(chunk, found, strict=True):
                out[i] = slots
        return out


def _queries(people: Iterable[PersonEntry]) -> NDArray[np.float32]:
    return np.stack([entry.vector for entry in people]).astype(np.float32)


def _chunks(items: Sequence[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
