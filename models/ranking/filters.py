"""Hard filters: what a job demands against what a person states.

`eligible` is the definition; `eligible_jobs` and `eligible_people` are the same over columns, the
attributes of many jobs or people as parallel arrays. Columns belong to one thread: they keep
scratch arrays, so that a mask over 100,000 rows costs no page faults. Slots never set, or cleared,
are eligible for nobody.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from models.ranking.attrs import (
    CANARY,
    HOUSES,
    MAX_OCCUPATIONS,
    NO_YEARS,
    RELOCATE,
    JobAttrs,
    PersonAttrs,
)
from models.ranking.evidence import Side
from models.reading.districts import DISTRICTS
from models.reading.geo import distances
from models.search.arrays import Mask, Slots

_UNKNOWN = len(DISTRICTS)
"""Row of the distance table that is 0 km from everywhere."""
_ALL_BITS = 0xFFFF_FFFF_FFFF_FFFF


def eligible(person: PersonAttrs, job: JobAttrs) -> bool:
    """Whether nothing the person states fails what the job states: the definition."""
    return (
        person.have & job.demand == job.demand
        and person.stated & CANARY == job.asked & CANARY
        and person.age >= job.min_age
        and job.pay >= person.min_pay
        and (
            job.remote
            or bool(job.asked & HOUSES and person.stated & RELOCATE)
            or bool(distances()[person.district, job.district] <= person.radius_km)
        )
    )


class _Columns:
    """Arrays of equal length that grow together."""

    def __init__(self, capacity: int = 0) -> None:
        self._bits: NDArray[np.uint64] = np.zeros(capacity, np.uint64)
        self._district: NDArray[np.intp] = np.full(capacity, _UNKNOWN, np.intp)
        self._age: NDArray[np.uint8] = np.zeros(capacity, np.uint8)
        # NaN fails every comparison: an empty slot is eligible for nobody.
        self._pay: NDArray[np.float32] = np.full(capacity, np.nan, np.float32)
        self._years: NDArray[np.uint8] = np.full(capacity, NO_YEARS, np.uint8)
        self._occupations: NDArray[np.int16] = np.zeros((capacity, MAX_OCCUPATIONS), np.int16)
        self._moves: Mask = np.zeros(capacity, np.bool_)
        self._penalty: NDArray[np.float64] = np.zeros(capacity)
        self._somewhere: Mask = np.zeros(capacity, np.bool_)
        self._canary: Mask = np.zeros(capacity, np.bool_)
        self._scratch()

    def __len__(self) -> int:
        """Slots there is room for."""
        return len(self._bits)

    def grow(self, n: int) -> None:
        """Make room for slots 0 to n - 1; what is held stays."""
        held = len(self)
        if n <= held:
            return
        empty = type(self)(n)
        for name in self._names():
            getattr(empty, name)[:held] = getattr(self, name)
            setattr(self, name, getattr(empty, name))
        self._scratch()

    def side(self, slots: Slots) -> Side:
        """What evidence reads of these slots, one row each."""
        return Side(
            self._district[slots],
            self._pay[slots],
            self._years[slots],
            self._occupations[slots],
            self._moves[slots],
            self._penalty[slots],
            self._somewhere[slots],
        )

    def clear(self, slot: int) -> None:
        """Make the slot eligible for nobody."""
        self._pay[slot] = np.nan

    def _names(self) -> tuple[str, ...]:
        return (
            "_bits", "_district", "_age", "_pay", "_years", "_occupations", "_moves", "_penalty",
            "_somewhere", "_canary",
        )  # fmt: skip

    def _evidence(self, slot: int, attrs: JobAttrs | PersonAttrs) -> None:
        self._years[slot] = attrs.years
        self._occupations[slot] = 0
        self._occupations[slot, : len(attrs.occupations)] = attrs.occupations

    def _scratch(self) -> None:
        n = len(self)
        self._words: NDArray[np.uint64] = np.empty(n, np.uint64)
        self._floats: NDArray[np.float32] = np.empty(n, np.float32)
        self._flags: Mask = np.empty(n, np.bool_)


class JobColumns(_Columns):
    """What jobs demand, by slot."""

    def __init__(self, capacity: int = 0) -> None:
        super().__init__(capacity)
        self._houses: Mask = np.zeros(capacity, np.bool_)

    def shortfall(
        self, person: PersonAttrs, slots: Slots
    ) -> tuple[NDArray[np.uint64], NDArray[np.float32]]:
        """What a person lacks of each job's demand as bits, and how far each is, km; [n] both."""
        km = distances()[person.district, self._district[slots]]
        return self._bits[slots] & _lacking(person), km

    def set(self, slot: int, job: JobAttrs) -> None:
        """Hold a job in a slot that `grow` made room for."""
        self._bits[slot] = job.demand
        self._district[slot] = _UNKNOWN if job.remote or job.district < 0 else job.district
        self._age[slot] = job.min_age
        self._pay[slot] = job.pay
        self._penalty[slot] = job.penalty
        self._houses[slot] = bool(job.asked & HOUSES)
        self._canary[slot] = bool(job.asked & CANARY)
        self._somewhere[slot] = job.district < 0 and not job.remote
        self._evidence(slot, job)

    def _names(self) -> tuple[str, ...]:
        return (*super()._names(), "_houses")


class PeopleColumns(_Columns):
    """What people have, by slot."""

    def __init__(self, capacity: int = 0) -> None:
        super().__init__(capacity)
        self._radius: NDArray[np.float32] = np.zeros(capacity, np.float32)

    def set(self, slot: int, person: PersonAttrs) -> None:
        """Hold a person in a slot that `grow` made room for."""
        self._bits[slot] = person.have
        self._district[slot] = _UNKNOWN if person.district < 0 else person.district
        self._age[slot] = person.age
        self._pay[slot] = person.min_pay
        self._radius[slot] = person.radius_km
        self._moves[slot] = bool(person.stated & RELOCATE)
        self._canary[slot] = bool(person.stated & CANARY)
        self._evidence(slot, person)

    def _names(self) -> tuple[str, ...]:
        return (*super()._names(), "_radius")


def eligible_jobs(person: PersonAttrs, cols: JobColumns, n: int) -> Mask:
    """Which of the first n slots hold a job the person is eligible for: a new array, bool [n]."""
    words, flags = cols._words[:n], cols._flags[:n]
    fit: Mask = cols._pay[:n] >= np.float32(person.min_pay)
    fit &= np.equal(np.bitwise_and(cols._bits[:n], _lacking(person), out=words), 0, out=flags)
    fit &= np.less_equal(cols._age[:n], np.uint8(person.age), out=flags)
    fit &= np.equal(cols._canary[:n], bool(person.stated & CANARY), out=flags)
    if person.district >= 0 and not math.isinf(person.radius_km):
        # One answer a district, then one byte a job.
        within = distances()[person.district] <= np.float32(person.radius_km)
        np.take(within, cols._district[:n], out=flags, mode="clip")
        if person.stated & RELOCATE:
            flags |= cols._houses[:n]
        fit &= flags
    return fit


def nearly_eligible_jobs(
    person: PersonAttrs, cols: JobColumns, n: int, more_km: float, changeable: int
) -> Mask:
    """Which of the first n slots hold a job that fails one thing and nothing else: a new array.

    Args:
        person: Who.
        cols: The jobs.
        n: How many slots.
        more_km: A job is one thing away if it is so much farther than they go, at most.
        changeable: Or if it demands one of these bits that they lack.
    """
    words, flags = cols._words[:n], cols._flags[:n]
    near: Mask = cols._pay[:n] >= np.float32(person.min_pay)
    near &= np.less_equal(cols._age[:n], np.uint8(person.age), out=flags)
    near &= np.equal(cols._canary[:n], bool(person.stated & CANARY), out=flags)
    np.bitwise_and(cols._bits[:n], _lacking(person), out=words)
    lacks = words != 0
    lowered = words - np.uint64(1)
    one = np.bitwise_and(words, lowered, out=lowered) == 0  # at most one bit is set
    one &= np.equal(np.bitwise_and(words, np.uint64(~changeable & _ALL_BITS), out=words), 0)
    near &= one
    if person.district < 0 or math.isinf(person.radius_km):
        near &= lacks
        return near
    km = distances()[person.district]
    within: Mask = np.take(km <= np.float32(person.radius_km), cols._district[:n], mode="clip")
    if person.stated & RELOCATE:
        within |= cols._houses[:n]
    beyond = km <= np.float32(person.radius_km + more_km)
    np.take(beyond, cols._district[:n], out=flags, mode="clip")
    # lacks and within, or neither and within reach of a step
    flags |= within
    near &= flags
    near &= np.equal(lacks, within, out=flags)
    return near


def _lacking(person: PersonAttrs) -> np.uint64:
    """The bits that a person has not."""
    return np.uint64(~person.have & _ALL_BITS)


def eligible_people(job: JobAttrs, cols: PeopleColumns, n: int) -> Mask:
    """Which of the first n slots hold a person eligible for the job: a new array, bool [n]."""
    words, flags, floats = cols._words[:n], cols._flags[:n], cols._floats[:n]
    fit: Mask = cols._pay[:n] <= np.float32(job.pay)
    fit &= np.equal(cols._canary[:n], bool(job.asked & CANARY), out=flags)
    if job.demand:
        demand = np.uint64(job.demand)
        fit &= np.equal(np.bitwise_and(cols._bits[:n], demand, out=words), demand, out=flags)
    if job.min_age:
        fit &= np.greater_equal(cols._age[:n], np.uint8(job.min_age), out=flags)
    if job.district >= 0 and not job.remote:
        np.take(distances()[job.district], cols._district[:n], out=floats, mode="clip")
        np.less_equal(floats, cols._radius[:n], out=flags)
        if job.asked & HOUSES:
            flags |= cols._moves[:n]
        fit &= flags
    return fit
