"""The people of one partition in a matrix, with what each of them was told last.

Only the scoring thread touches an index.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.feedback.drafting import Rival
from models.ranking.attrs import JobAttrs, PersonAttrs
from models.ranking.filters import PeopleColumns, eligible_people
from models.search.arrays import Mask, Vector
from models.search.matrix import VectorMatrix


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """What the index knows of one person.

    Attributes:
        profile_id: The person.
        vector: float16 [dim].
        attrs: What the filters read.
        profile: The accepted fields as JSON.
        excluded: Jobs they told us to leave out.
        status: Why they take no part in matching, or None.
        since: Timestamp of the profile's record, ms since the epoch.
    """

    profile_id: str
    vector: Vector
    attrs: PersonAttrs
    profile: bytes
    excluded: frozenset[str]
    status: str | None
    since: int = 0


class PeopleIndex:
    """People by slot.

    Args:
        dim: Length of a vector.
        floor: Score below which a pair is no match; the K-th score of a short ranking.
    """

    def __init__(self, dim: int, floor: float) -> None:
        self.matrix = VectorMatrix(dim, capacity=256)
        self.columns = PeopleColumns()
        self._floor = floor
        self._capacity = 0
        self.entries: list[PersonEntry | None] = []
        self.slots: dict[str, int] = {}
        self._free: list[int] = []
        self._active: Mask = np.zeros(0, np.bool_)
        self._excluded_by: dict[str, set[int]] = {}
        #: K-th score of each person's ranking, or the floor while it is shorter.
        self.kth: NDArray[np.float32] = np.zeros(0, np.float32)
        self._told: dict[int, list[str]] = {}
        self._holders: dict[str, set[int]] = {}
        self._rivals: dict[int, Rival] = {}

    def __len__(self) -> int:
        return len(self.slots)

    @property
    def size(self) -> int:
        """Slots in use or free: the length of every column."""
        return len(self.entries)

    def entry_of(self, profile_id: str) -> PersonEntry | None:
        """What is held of a person."""
        slot = self.slots.get(profile_id)
        return None if slot is None else self.entries[slot]

    def put_many(self, people: list[PersonEntry]) -> list[int]:
        """Hold these people, in place of what was held of them; returns their slots."""
        slots = [self._slot(person) for person in people]
        if people:
            vectors = np.zeros((len(people), self.matrix.dim), np.float16)
            for row, person in zip(vectors, people, strict=True):
                if len(person.vector):
                    row[:] = person.vector
            self.matrix.set(np.asarray(slots), vectors)
        return slots

    def remove(self, profile_id: str) -> None:
        """Forget a person."""
        slot = self.slots.pop(profile_id, None)
        if slot is None:
            return
        self.told(slot, [], self._floor)
        self._exclude(slot, frozenset())
        self._rivals.pop(slot, None)
        self.entries[slot] = None
        self._active[slot] = False
        self.matrix.set(np.asarray([slot]), np.zeros((1, self.matrix.dim), np.float16))
        self._free.append(slot)

    def told(self, slot: int, jobs: list[str], kth: float) -> None:
        """Note what consumers were told of this person, and the K-th score of it."""
        for job_id in self._told.get(slot, ()):
            holders = self._holders[job_id]
            holders.discard(slot)
            if not holders:
                del self._holders[job_id]
        for job_id in jobs:
            self._holders.setdefault(job_id, set()).add(slot)
        self._told[slot] = jobs
        self.kth[slot] = kth

    def holders(self, job_id: str) -> set[int]:
        """Slots of the people whose last ranking has this job."""
        return self._holders.get(job_id, set())

    def rival(self, slot: int) -> Rival | None:
        """What a challenger thinks of this person, where their list is interleaved."""
        return self._rivals.get(slot)

    def rivalled(self) -> list[int]:
        """Slots of the people whose list is interleaved."""
        return sorted(self._rivals)

    def set_rival(self, slot: int, rival: Rival | None) -> None:
        """Note what a challenger thinks of this person; of an older profile it says nothing."""
        entry = self.entries[slot]
        if rival is None or entry is None or rival.at < entry.since:
            self._rivals.pop(slot, None)
        else:
            self._rivals[slot] = rival

    def mask(self, job_id: str, job: JobAttrs) -> Mask:
        """Which slots this job may be matched with, bool [size]."""
        fit = eligible_people(job, self.columns, self.size)
        fit &= self._active[: self.size]
        for slot in self._excluded_by.get(job_id, ()):
            fit[slot] = False
        return fit

    def _slot(self, person: PersonEntry) -> int:
        slot = self.slots.get(person.profile_id)
        if slot is None:
            slot = self._free.pop() if self._free else self._new_slot()
            self.slots[person.profile_id] = slot
            self.kth[slot] = self._floor
        self._exclude(slot, person.excluded)
        self.entries[slot] = person
        self.set_rival(slot, self._rivals.get(slot))
        self.columns.set(slot, person.attrs)
        self._active[slot] = person.status is None and len(person.vector) > 0
        return slot

    def _exclude(self, slot: int, excluded: frozenset[str]) -> None:
        old = self.entries[slot]
        for job_id in old.excluded if old else ():
            self._excluded_by[job_id].discard(slot)
        for job_id in excluded:
            self._excluded_by.setdefault(job_id, set()).add(slot)

    def _new_slot(self) -> int:
        self.entries.append(None)
        slot = len(self.entries) - 1
        if slot >= self._capacity:
            self._capacity = max(256, 2 * self._capacity)
            self.columns.grow(self._capacity)
            for name in ("_active", "kth"):
                old = getattr(self, name)
                longer = np.zeros(self._capacity, old.dtype)
                longer[: len(old)] = old
                setattr(self, name, longer)
        return slot
