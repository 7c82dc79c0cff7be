"""All active jobs of a worker in one matrix, with a presence bit per owned partition.

Every partition of people holds every job, and usually the same version of it, so jobs share one
slot per (job_id, job_version) and cost one row of the matrix however many partitions a worker
owns. Only the scoring thread touches an index.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.ranking.attrs import JobAttrs, PersonAttrs
from models.ranking.event_bodies import JobVersion
from models.ranking.filters import JobColumns, eligible_jobs, nearly_eligible_jobs
from models.ranking.unlocks import CHANGEABLE, KM
from models.search.arrays import Mask, Vector
from models.search.matrix import VectorMatrix

T = TypeVar("T", bound=np.generic)


class IndexedJob(NamedTuple):
    """One version of a job beside its vector: card as JSON, signature of its text."""

    job_id: str
    version: JobVersion
    card: bytes
    attrs: JobAttrs
    signature: bytes = b""


def code_of(job: IndexedJob, vector: Vector) -> int:
    """64 bits that tell this version of this job, as it was told, from any other."""
    offset, counter = job.version
    head = f"{job.job_id}\0{offset}:{counter}:{job.attrs.penalty!r}:{len(job.card)}\0".encode()
    raw = b"".join((head, job.card, job.signature, vector.tobytes()))
    return int.from_bytes(hashlib.blake2b(raw, digest_size=8).digest())


class JobIndex:
    """Jobs by slot.

    Args:
        dim: Length of a vector.
        floor: Score below which a pair is no match; the first bound of a candidate list.
    """

    def __init__(self, dim: int, floor: float) -> None:
        self.matrix = VectorMatrix(dim, capacity=1024)
        self.columns = JobColumns()
        self._floor = floor
        self._capacity = 0
        self.entries: list[IndexedJob] = []
        self._refs: list[int] = []
        self._free: list[int] = []
        self._shared: dict[tuple[str, JobVersion], int] = {}
        self._slots: dict[int, dict[str, int]] = {}
        self._present: dict[int, Mask] = {}
        self._codes: NDArray[np.uint64] = np.zeros(0, np.uint64)
        #: Per partition and slot: a lower bound of the K-th score in that job's list of people.
        self.kth: dict[int, NDArray[np.float32]] = {}

    def __len__(self) -> int:
        return len(self._shared)

    @property
    def size(self) -> int:
        """Slots in use or free: the length of every column."""
        return len(self.entries)

    def jobs_of(self, partition: int) -> dict[str, int]:
        """Slot of each job that the partition holds."""
        return self._slots.setdefault(partition, {})

    def has_shared(self, job_id: str, version: JobVersion) -> bool:
        """Whether some partition holds this version already."""
        return (job_id, version) in self._shared

    def has(self, job_id: str) -> bool:
        """Whether some partition holds the job."""
        return any(job_id in slots for slots in self._slots.values())

    def put_many(self, partition: int, jobs: Iterable[tuple[IndexedJob, Vector]]) -> None:
        """Hold these versions in a partition, in place of others; one write into the matrix.

        Args:
            partition: Of the people who may be matched with them.
            jobs: Each with its vector, float16 [dim].
        """
        new: list[int] = []
        vectors: list[Vector] = []
        for job, vector in jobs:
            slot = self._shared.get((job.job_id, job.version))
            if slot is None or self._differs(slot, job, vector):
                slot = self._new_slot(job) if slot is None else self._told_otherwise(slot)
                self._fill(slot, job, vector)
                new.append(slot)
                vectors.append(vector)
            self._attach(partition, job.job_id, slot)
        if new:
            self.matrix.set(np.asarray(new), np.stack(vectors))

    def attach(self, partition: int, job_id: str, version: JobVersion) -> None:
        """Hold a version that another partition holds already."""
        self._attach(partition, job_id, self._shared[job_id, version])

    def remove(self, partition: int, job_id: str) -> None:
        """Hold the job no longer in this partition."""
        slot = self.jobs_of(partition).pop(job_id, None)
        if slot is not None:
            self._detach(partition, slot)

    def drop_partition(self, partition: int) -> None:
        """Forget everything a partition holds."""
        for slot in self._slots.pop(partition, {}).values():
            self._detach(partition, slot)
        self._present.pop(partition, None)
        self.kth.pop(partition, None)

    def mask(
        self, partition: int, person: PersonAttrs, excluded: frozenset[str] | set[str]
    ) -> Mask:
        """Which slots a person of this partition may be matched with, bool [size]."""
        fit = eligible_jobs(person, self.columns, self.size)
        return self._held_and_wanted(fit, partition, excluded)

    def near_mask(
        self, partition: int, person: PersonAttrs, excluded: frozenset[str] | set[str]
    ) -> Mask:
        """Which slots one step might open to a person of this partition, bool [size]."""
        near = nearly_eligible_jobs(person, self.columns, self.size, KM[-1], CHANGEABLE)
        return self._held_and_wanted(near, partition, excluded)

    def _held_and_wanted(
        self, fit: Mask, partition: int, excluded: frozenset[str] | set[str]
    ) -> Mask:
        slots = self.jobs_of(partition)
        fit &= self._presence(partition)[: self.size]
        for job_id in excluded:
            if (slot := slots.get(job_id)) is not None:
                fit[slot] = False
        return fit

    def seen(self, partition: int) -> int:
        """64 bits that name the set of jobs that a partition holds; 0 for none."""
        codes = self._codes[: self.size][self._presence(partition)[: self.size]]
        return int(np.bitwise_xor.reduce(codes)) if len(codes) else 0

    def held(self, partition: int, slots: NDArray[np.int64]) -> list[str]:
        """Ids of the jobs in those of the slots that this partition holds."""
        present = self._presence(partition)
        return [self.entries[slot].job_id for slot in slots.tolist() if present[slot]]

    def slots_of(self, partition: int, job_ids: Iterable[str]) -> NDArray[np.int64]:
        """Slots of those of the jobs that this partition holds, int64."""
        slots = self.jobs_of(partition)
        return np.asarray([slots[i] for i in job_ids if i in slots], np.int64)

    def bounds(self, partition: int) -> NDArray[np.float32]:
        """Lower bounds of the candidate lists' K-th scores, float32 [capacity]; writable."""
        self._presence(partition)
        return self.kth[partition]

    def _attach(self, partition: int, job_id: str, slot: int) -> None:
        slots = self.jobs_of(partition)
        old = slots.get(job_id)
        if old == slot:
            return
        if old is not None:
            self._detach(partition, old)
        slots[job_id] = slot
        self._refs[slot] += 1
        self._presence(partition)[slot] = True
        self.kth[partition][slot] = self._floor

    def _detach(self, partition: int, slot: int) -> None:
        self._presence(partition)[slot] = False
        self._refs[slot] -= 1
        if not self._refs[slot]:
            job = self.entries[slot]
            del self._shared[job.job_id, job.version]
            self.entries[slot] = job._replace(card=b"")
            self._free.append(slot)

    def _new_slot(self, job: IndexedJob) -> int:
        if self._free:
            return self._free.pop()
        slot = self.size
        self.entries.append(job)
        self._refs.append(0)
        if slot >= self._capacity:
            self._grow(max(1024, 2 * self._capacity))
        return slot

    def _fill(self, slot: int, job: IndexedJob, vector: Vector) -> None:
        self.entries[slot] = job
        self._codes[slot] = code_of(job, vector)
        self.columns.set(slot, job.attrs)
        self._shared[job.job_id, job.version] = slot

    def _differs(self, slot: int, job: IndexedJob, vector: Vector) -> bool:
        """Whether this version was told otherwise before a crash; the later telling counts."""
        return self.entries[slot] != job or not np.array_equal(self.matrix.view()[slot], vector)

    def _told_otherwise(self, slot: int) -> int:
        for bounds in self.kth.values():
            bounds[slot] = self._floor
        return slot

    def _grow(self, capacity: int) -> None:
        self._capacity = capacity
        self.columns.grow(capacity)
        self._codes = _longer(self._codes, capacity, 0)
        for partition in self._present:
            self._present[partition] = _longer(self._present[partition], capacity, False)
            self.kth[partition] = _longer(self.kth[partition], capacity, self._floor)

    def _presence(self, partition: int) -> Mask:
        if partition not in self._present:
            self._present[partition] = np.zeros(self._capacity, np.bool_)
            self.kth[partition] = np.full(self._capacity, self._floor, np.float32)
        return self._present[partition]


def _longer(array: NDArray[T], length: int, fill: object) -> NDArray[T]:
    out = np.full(length, fill, array.dtype)
    out[: len(array)] = array
    return out
