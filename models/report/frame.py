"""Impressions as columns, and the groups that people are in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.slices import MAJOR
from models.feedback.dataset import Impression
from models.feedback.rates import Values
from models.reading.districts import ALL
from models.search.arrays import Mask

Numbers = NDArray[np.int64]

UNKNOWN: Final = "?"
"""Group of who said nothing of it."""
POVERTY: Final = ((20.0, "<20"), (40.0, "20-40"), (float("inf"), ">=40"))
"""Share of people in poverty in the district, percent; 20 % was about the country's own in 2018."""
REGIONS: Final = {district.ubigeo[:2]: district.region for district in ALL}
"""Names of the departments by the first two digits of their ubigeo."""


def poverty_band(percent: float | None) -> str:
    """The band of a district's poverty."""
    if percent is None:
        return UNKNOWN
    return next(name for limit, name in POVERTY if percent < limit)


def trade_group(code: str | None) -> str:
    """The major group of an ISCO-08 unit group: its first digit."""
    return code[0] if code and code[0] in MAJOR else UNKNOWN


FACETS: Final[dict[str, Callable[[Impression], str]]] = {
    "region": lambda row: row.region if row.region in REGIONS else UNKNOWN,
    "sex": lambda row: row.sex or UNKNOWN,
    "age": lambda row: row.age_band or UNKNOWN,
    "poverty": lambda row: poverty_band(row.district_poverty),
    "trade": lambda row: trade_group(row.trade),
}
"""What people are told apart by; each has one group of each."""


@dataclass(frozen=True, slots=True)
class Groups:
    """One facet: which group each person is in.

    Attributes:
        names: Of the groups, in order; who said nothing last.
        of: Number of each person's group, [people].
    """

    names: Sequence[str]
    of: Numbers

    def sums(self, values: Values) -> Values:
        """Sums of `values`, [people], over the people of each group, [groups]."""
        return _sums(self.of, values, len(self.names))


class Frame:
    """The rows of one export as columns.

    Args:
        rows: Any order; none is allowed.

    Attributes:
        person, job: Numbers of each row's person and job, [rows].
        rank, shown: Of each row, [rows]; times are ms since the epoch.
        people: How many different people.
        jobs: Their ids, by number.
    """

    def __init__(self, rows: Sequence[Impression]) -> None:
        self.rows = rows
        people: dict[str, int] = {}
        jobs: dict[str, int] = {}
        self.person = _numbers([people.setdefault(row.person, len(people)) for row in rows])
        self.job = _numbers([jobs.setdefault(row.job_id, len(jobs)) for row in rows])
        self.rank = _numbers([row.rank for row in rows])
        self.shown = _numbers([row.shown for row in rows])
        self.people = len(people)
        self.jobs = list(jobs)

    def became(self, outcomes: frozenset[str]) -> Mask:
        """Which rows ended in one of these outcomes, bool [rows]."""
        return np.array([row.outcome in outcomes for row in self.rows], np.bool_)

    def by_person(self, values: Values) -> Values:
        """Sums over each person's rows of `values`, [rows]; [people]."""
        return _sums(self.person, values, self.people)

    @cached_property
    def groups(self) -> dict[str, Groups]:
        """The groups of every facet; people are where their latest row has them."""
        latest: list[Impression | None] = [None] * self.people
        for number, row in zip(self.person.tolist(), self.rows, strict=True):
            held = latest[number]
            if held is None or row.shown >= held.shown:
                latest[number] = row
        people = [row for row in latest if row is not None]
        return {facet: _grouped([of(row) for row in people]) for facet, of in FACETS.items()}


def _grouped(names: Sequence[str]) -> Groups:
    ordered = sorted(set(names), key=lambda name: (name == UNKNOWN, name != "<20", name))
    number = {name: i for i, name in enumerate(ordered)}
    return Groups(ordered, _numbers([number[name] for name in names]))


def _sums(at: Numbers, values: Values, size: int) -> Values:
    return np.asarray(np.bincount(at, weights=values, minlength=size), np.float64)


def _numbers(values: Sequence[int]) -> Numbers:
    return np.array(values, np.int64)
