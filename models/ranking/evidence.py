"""Bounded evidence about a pair beside its vectors: occupation, travel, pay, experience.

Each part lies in a fixed range whatever the data say, so that the most and the least it can add
to a dot product are known beforehand and a shortlist can be proven complete. One function,
`parts`, over arrays of pairs is the only definition: one pair alone and 100,000 come out the same.
What a side does not state is no evidence: 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.ranking.attrs import MAX_OCCUPATIONS, NO_YEARS, RELOCATE, JobAttrs, PersonAttrs
from models.reading.districts import DISTRICTS
from models.reading.geo import distances
from models.search.arrays import Double, Mask, Slots

NAMES: Final = ("occupation", "travel", "pay", "experience")
LOWEST: Final = (0.0, -1.0, -1.0, -1.0)
HIGHEST: Final = (1.0, 0.0, 1.0, 0.0)

SHARED_DIGITS: Final = (0.0, 0.15, 0.35, 0.6, 1.0)
"""Closeness of two ISCO-08 codes by their shared leading digits: major, sub-major, minor group,
unit group. The steps follow the levels of the classification; the weight in all is learned."""

MINIMUM_WAGE: Final = 1130.0
"""Soles a month since January 2025 (D.S. 006-2024-TR): what pay is compared with unless the
person states a wish."""

_ROAD: Final = 1.3  # road over straight line, the usual circuity factor
_CITY_KM, _CITY_SPEED, _ROAD_SPEED = 20.0, 18.0, 45.0  # km, km/h by bus in town and beyond
_HALF_MINUTES: Final = 90.0  # a journey that costs half of what any journey can cost
_YEARS: Final = 3.0  # years lacking that cost all that experience can cost
_UNKNOWN: Final = len(DISTRICTS)
_DECIMALS: Final = 3


@dataclass(frozen=True, slots=True)
class Side:
    """What evidence reads of people or of jobs, as parallel arrays of any one length.

    Attributes:
        district: Row of the distance table, intp [n]; of a remote job the row that is near all.
        pay: Soles a month, float32 [n]: the least wished (0: not stated) or the best offered
            (infinite: not stated).
        years: Of experience had or asked, uint8 [n]; 255 not stated.
        occupations: ISCO-08 unit groups, int16 [n, 3]; 0 none.
        moves: Whether a person would move, bool [n]; of jobs False.
        penalty: What exposure takes off the score, float64 [n]; of people 0.
        somewhere: Whether a job is at a place that nobody knows, bool [n]; of people False.
    """

    district: NDArray[np.intp]
    pay: NDArray[np.float32]
    years: NDArray[np.uint8]
    occupations: NDArray[np.int16]
    moves: Mask
    penalty: Double
    somewhere: Mask

    def __len__(self) -> int:
        return len(self.district)

    def take(self, rows: Slots) -> Side:
        """These rows, in this order; repeats allowed."""
        return Side(
            self.district[rows],
            self.pay[rows],
            self.years[rows],
            self.occupations[rows],
            self.moves[rows],
            self.penalty[rows],
            self.somewhere[rows],
        )


def row_of(district: int) -> int:
    """Row of the distance table for a district's index; -1 is near everywhere."""
    return _UNKNOWN if district < 0 else district


def people_side(people: Sequence[PersonAttrs]) -> Side:
    """The side of these people."""
    return Side(
        np.array([row_of(p.district) for p in people], np.intp),
        np.array([p.min_pay for p in people], np.float32),
        np.array([p.years for p in people], np.uint8),
        _codes([p.occupations for p in people]),
        np.array([bool(p.stated & RELOCATE) for p in people], np.bool_),
        np.zeros(len(people)),
        np.zeros(len(people), np.bool_),
    )


def jobs_side(jobs: Sequence[JobAttrs]) -> Side:
    """The side of these jobs."""
    return Side(
        np.array([_UNKNOWN if j.remote else row_of(j.district) for j in jobs], np.intp),
        np.array([j.pay for j in jobs], np.float32),
        np.array([j.years for j in jobs], np.uint8),
        _codes([j.occupations for j in jobs]),
        np.zeros(len(jobs), np.bool_),
        np.array([j.penalty for j in jobs], np.float64),
        np.array([j.district < 0 and not j.remote for j in jobs], np.bool_),
    )


def _codes(codes: Sequence[tuple[int, ...]]) -> NDArray[np.int16]:
    out = np.zeros((len(codes), MAX_OCCUPATIONS), np.int16)
    for row, mine in zip(out, codes, strict=True):
        row[: len(mine)] = mine
    return out


def parts(people: Side, jobs: Side) -> Double:
    """The evidence of pairs: float64 [len(NAMES), n], each row within its range.

    Args:
        people: One row a pair.
        jobs: One row a pair.
    """
    return np.stack([part(people, jobs) for part in PARTS])


def named_parts(person: PersonAttrs, job: JobAttrs) -> dict[str, float]:
    """The evidence of one pair before it is weighed, by name; what is 0 is left out.

    What feedback teaches weights from: a part that weighs nothing is in no component of a score.
    """
    found = np.round(parts(people_side([person]), jobs_side([job]))[:, 0], _DECIMALS)
    return {name: value for name, value in zip(NAMES, found.tolist(), strict=True) if value}


def closeness(ours: NDArray[np.int16], theirs: NDArray[np.int16]) -> Double:
    """Closeness of the closest two codes of each pair, float64 [n]; 0 where a side has none."""
    count = max(len(ours), len(theirs))  # one row goes with all
    ours, theirs = (np.broadcast_to(codes, (count, codes.shape[1])) for codes in (ours, theirs))
    digits = np.zeros(count, np.int8)
    for i in range(ours.shape[1]):
        mine = np.flatnonzero(ours[:, i])
        for j in range(theirs.shape[1]):
            both = mine[theirs[mine, j] > 0]  # most have one code or two
            a, b = ours[both, i], theirs[both, j]
            shared = (a == b).astype(np.int8)
            for size in (10, 100, 1000):
                shared += a // size == b // size
            digits[both] = np.maximum(digits[both], shared)
    return np.asarray(SHARED_DIGITS)[digits]


def _occupation(people: Side, jobs: Side) -> Double:
    """Closeness of the occupations."""
    return closeness(people.occupations, jobs.occupations)


def minutes(km: Double) -> Double:
    """Rough travel time for great-circle kilometres, minutes: bus in town, then the road."""
    road = km * _ROAD
    town = np.minimum(road, _CITY_KM)
    return 60.0 * (town / _CITY_SPEED + (road - town) / _ROAD_SPEED)


def _travel(people: Side, jobs: Side) -> Double:
    """0 next door, -1/2 at 90 minutes, never -1; half of it for who would move. Somewhere is 90
    minutes from every home: at 0 an ad without a place would be the nearest of all.
    """
    took = minutes(distances()[people.district, jobs.district].astype(np.float64))
    share: Double = took / (took + _HALF_MINUTES)
    share = np.where(jobs.somewhere & (people.district != _UNKNOWN), 0.5, share)
    return -np.where(people.moves, 0.5 * share, share)


def _pay(people: Side, jobs: Side) -> Double:
    """Pay over the wish or the minimum wage: 0 at par, 2/3 at twice, -2/3 at half."""
    wish = np.maximum(people.pay.astype(np.float64), MINIMUM_WAGE)
    offered = jobs.pay.astype(np.float64)
    known = np.isfinite(offered)
    offered = np.where(known, offered, 0.0)
    ratio: Double = np.clip(2.0 * (offered - wish) / (offered + wish), -1.0, 1.0)
    return np.where(known, ratio, 0.0)


def _lacking(people: Side, jobs: Side) -> Double:
    """Less the years asked and not had, as a share of three; 0 where either side is silent."""
    both = (people.years != NO_YEARS) & (jobs.years != NO_YEARS)
    short = jobs.years.astype(np.float64) - people.years
    return -np.where(both, np.clip(short / _YEARS, 0.0, 1.0), 0.0)


#: How each of NAMES is found; a part that weighs nothing need not be.
PARTS: Final[tuple[Callable[[Side, Side], Double], ...]] = (_occupation, _travel, _pay, _lacking)
