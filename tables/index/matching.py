"""The indexes of a worker together, and the questions that agents ask of them.

Everything here runs in the one scoring thread, so that the matrix never changes under a product.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.feedback.drafting import Rival
from models.ranking.event_bodies import RankedJob
from models.ranking.ranker import Place, Ranker, best, collapse
from models.ranking.unlocks import Unlock
from schemas import canary
from tables.index.jobs import IndexedJob, JobIndex
from tables.index.opening import unlocks_of
from tables.index.pairs import pair_jobs, pair_people, queries_of
from tables.index.people import PeopleIndex, PersonEntry
from tables.index.rivals import rivals_of

CHUNK = 64
SPARE = 6  # places asked for beyond K, in case near-duplicates fall out
T = TypeVar("T")


class Candidate(NamedTuple):
    """One person in a list of candidates, and what their score is made of."""

    person: PersonEntry
    score: float
    components: dict[str, float]


class Ranking(NamedTuple):
    """What is told of one person.

    Attributes:
        jobs: Best first; none for who takes no part.
        unlocks: What one step would open, where that is counted.
        seen: Names the set of jobs that both were made from; see `JobIndex.seen`.
        rival: What a challenger thinks of the person, where their list is interleaved.
        rivals: The same jobs, as far as they may be shown, as this ranking's: best first.
    """

    jobs: list[RankedJob]
    unlocks: tuple[Unlock, ...] = ()
    seen: int = 0
    rival: Rival | None = None
    rivals: Sequence[RankedJob] = ()


class MatchState:
    """Jobs, people by partition, and who ranks what.

    Args:
        dim: Length of a vector.
        ranker: How pairs are scored.
        top_k: Jobs in a ranking, people in a list of candidates.
        unlocks: Whether to count what one step would open.
    """

    def __init__(self, dim: int, ranker: Ranker, top_k: int, unlocks: bool = False) -> None:
        self.dim = dim
        self._unlocks = unlocks
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
        """People held, over all partitions, but for the canary's."""
        return sum(len(i) - (canary.PERSON in i.slots) for i in self._people.values())

    def count_jobs(self) -> int:
        """Active jobs held, likewise."""
        return len(self.jobs) - self.jobs.has(canary.JOB)

    def drop_partition(self, partition: int) -> None:
        """Forget a partition's people and its hold on jobs."""
        self._people.pop(partition, None)
        self.jobs.drop_partition(partition)

    def rank_people(self, partition: int, slots: Sequence[int]) -> list[Ranking]:
        """The ranking of each person; empty for those who take no part."""
        people, jobs = self.people(partition), self.jobs
        seen = jobs.seen(partition) if self._unlocks and slots else 0
        out = [Ranking([], (), seen) for _ in slots]
        active = [
            (i, entry)
            for i, slot in enumerate(slots)
            if (entry := people.entries[slot]) and entry.status is None and jobs.size
        ]
        for chunk in _chunks(active, CHUNK):
            entries = [entry for _, entry in chunk]
            places = self._places(partition, entries, self.top_k + SPARE)
            unlocks = self._unlocks_of(partition, entries)
            told = self._told(entries, places)
            for (i, _), ranked, opened in zip(chunk, told, unlocks, strict=True):
                out[i] = Ranking(ranked, opened, seen)
        for i, entry in active:
            if (rival := people.rival(slots[i])) is not None:
                mine = rivals_of(self.jobs, partition, entry, rival, out[i].jobs, self.ranker)
                out[i] = out[i]._replace(rival=rival, rivals=mine)
        return out

    def _unlocks_of(
        self, partition: int, entries: Sequence[PersonEntry]
    ) -> list[tuple[Unlock, ...]]:
        if not self._unlocks:
            return [()] * len(entries)
        return unlocks_of(self.jobs, partition, entries, self.ranker)

    def _places(
        self, partition: int, entries: Sequence[PersonEntry], ask: int
    ) -> list[list[tuple[int, Place]]]:
        """Slot and place of each job in each ranking; asks for more where duplicates fell out."""
        jobs = self.jobs
        masks = np.stack([jobs.mask(partition, e.attrs, e.excluded) for e in entries])
        pairing = pair_people(self.ranker, entries, jobs)
        found = jobs.matrix.topk(queries_of(entries), masks, ask, self.ranker.threshold, pairing)
        out: list[list[tuple[int, Place]]] = []
        short: list[int] = []
        for row, (job_slots, scores) in enumerate(found):
            by_id = {jobs.entries[slot].job_id: slot for slot in job_slots.tolist()}
            ordered = best(zip(by_id, scores.tolist(), strict=True), len(by_id))
            signed = ((i, score, jobs.entries[by_id[i]].signature) for i, score in ordered)
            kept = collapse(signed, self.top_k)
            out.append([(by_id[place.job_id], place) for place in kept])
            if len(kept) < self.top_k and len(by_id) >= ask:
                short.append(row)
        if short:
            again = self._places(partition, [entries[row] for row in short], 4 * ask)
            for row, places in zip(short, again, strict=True):
                out[row] = places
        return out

    def _told(
        self, entries: Sequence[PersonEntry], places: Sequence[list[tuple[int, Place]]]
    ) -> list[list[RankedJob]]:
        """The same with what an event says of each job."""
        jobs = self.jobs
        rows = np.repeat(np.arange(len(entries)), [len(mine) for mine in places])
        slots = np.array([slot for mine in places for slot, _ in mine], np.int64)
        pairing = pair_people(self.ranker, entries, jobs)
        components = iter(pairing.components(rows, slots, queries_of(entries), jobs.matrix.view()))
        return [
            [_ranked(jobs.entries[slot], place, next(components)) for slot, place in mine]
            for mine in places
        ]

    def rank_candidates(self, partition: int, job_ids: Sequence[str]) -> list[list[Candidate]]:
        """The best people of a partition for each job it holds; notes the K-th scores."""
        people, jobs = self.people(partition), self.jobs
        slot_of, bounds = jobs.jobs_of(partition), jobs.bounds(partition)
        out: list[list[Candidate]] = []
        if not people.size:
            return [[] for _ in job_ids]
        for chunk in _chunks(job_ids, CHUNK):
            slots = [slot_of[job_id] for job_id in chunk]
            asked = [jobs.entries[slot] for slot in slots]
            masks = np.stack([people.mask(job.job_id, job.attrs) for job in asked])
            queries = jobs.matrix.view()[np.asarray(slots)]
            pairing = pair_jobs(self.ranker, [job.attrs for job in asked], people)
            found = people.matrix.topk(queries, masks, self.top_k, self.ranker.threshold, pairing)
            ranked = [self._best_people(people, *answer) for answer in found]
            rows = np.repeat(np.arange(len(slots)), [len(mine) for mine in ranked])
            who = np.array([index for mine in ranked for index, _ in mine], np.int64)
            parts = iter(pairing.components(rows, who, queries, people.matrix.view()))
            for slot, mine in zip(slots, ranked, strict=True):
                full = len(mine) == self.top_k
                bounds[slot] = mine[-1][1] if full else self.ranker.threshold
                out.append(
                    [
                        Candidate(entry, score, next(parts))
                        for index, score in mine
                        if (entry := people.entries[index])
                    ]
                )
        return out

    def _best_people(
        self, people: PeopleIndex, who: NDArray[np.int64], scores: NDArray[np.float64]
    ) -> list[tuple[int, float]]:
        by_id = {
            entry.profile_id: index for index in who.tolist() if (entry := people.entries[index])
        }
        ordered = best(zip(by_id, scores.tolist(), strict=True), self.top_k)
        return [(by_id[profile_id], score) for profile_id, score in ordered]

    def people_affected(self, partition: int, job_ids: Sequence[str]) -> set[int]:
        """Slots of the people whose ranking these new or changed jobs may enter."""
        people, jobs = self.people(partition), self.jobs
        slot_of = jobs.jobs_of(partition)
        affected: set[int] = set()
        if not people.size:
            return affected
        for chunk in _chunks(job_ids, CHUNK):
            slots = [slot_of[job_id] for job_id in chunk]
            asked = [jobs.entries[slot] for slot in slots]
            masks = np.stack([people.mask(job.job_id, job.attrs) for job in asked])
            found = people.matrix.affected(
                jobs.matrix.view()[np.asarray(slots)],
                masks,
                people.kth[: people.size],
                pair_jobs(self.ranker, [job.attrs for job in asked], people),
            )
            for who in found:
                affected.update(who.tolist())
        return affected

    def jobs_affected(
        self, partition: int, people: Sequence[PersonEntry | None]
    ) -> list[NDArray[np.int64]]:
        """For each person, slots of the jobs whose list they may be or may have been in: of all
        that are held where nothing is known of the person (None).
        """
        jobs = self.jobs
        held = list(jobs.jobs_of(partition).values()) if None in people else []
        out = [np.asarray([] if entry else held, np.int64) for entry in people]
        active = [
            (i, entry)
            for i, entry in enumerate(people)
            if entry and entry.status is None and len(entry.vector) and jobs.size
        ]
        for chunk in _chunks(active, CHUNK):
            masks = np.stack(
                [jobs.mask(partition, entry.attrs, entry.excluded) for _, entry in chunk]
            )
            bounds = jobs.bounds(partition)[: jobs.size]
            entries = [entry for _, entry in chunk]
            pairing = pair_people(self.ranker, entries, jobs)
            found = jobs.matrix.affected(queries_of(entries), masks, bounds, pairing)
            for (i, _), slots in zip(chunk, found, strict=True):
                out[i] = slots
        return out


def _ranked(job: IndexedJob, place: Place, components: dict[str, float]) -> RankedJob:
    return RankedJob(
        job.job_id, place.score, job.version, job.card, job.attrs, components, place.similar
    )


def _chunks(items: Sequence[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
