"""People and ads to try learning on: those judged by hand, with invented variations.

Words stay as they are, so that a variation has its original's vector; what is varied is what
evidence and filters read beside them: where, how far, pay, years. Rankings are of the real ranker.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.evaluation.judged import Judged
from models.ranking import evidence
from models.ranking.attrs import NO_YEARS, JobAttrs, PersonAttrs, job_attrs, person_attrs
from models.ranking.evidence import jobs_side, people_side
from models.ranking.filters import JobColumns, eligible_jobs
from models.reading.districts import DISTRICTS
from models.reading.geo import distances
from models.reading.text import card
from models.search.arrays import Double, Vector
from models.search.pairing import exact_dots

_NEAR_KM: Final = 40.0  # a variation lives or works within so much of its original
_RADII: Final = (15.0, 25.0, 40.0, 60.0)
_PAY: Final = 0.35  # standard deviation of the logarithm of pay
_BASE: Final = (1130.0, 1500.0, 2000.0)  # of ads that state none

Side = TypeVar("Side", PersonAttrs, JobAttrs)


@dataclass(frozen=True, slots=True)
class Population:
    """Who looks for work, and where there is some.

    Attributes:
        people, jobs: As filters read them.
        vectors, job_vectors: float16 [people, dim], [jobs, dim].
        regions, job_regions: The judged folder of each; people see jobs of their own.
        groups: What tells tastes apart: "moves" or "stays".
    """

    people: list[PersonAttrs]
    jobs: list[JobAttrs]
    vectors: Vector
    job_vectors: Vector
    regions: tuple[str, ...]
    job_regions: tuple[str, ...]
    groups: tuple[str, ...]

    def eligible(self) -> list[NDArray[np.intp]]:
        """Per person the jobs of their region that the filters let through."""
        found: list[NDArray[np.intp]] = [np.zeros(0, np.intp)] * len(self.people)
        of_job, of_person = np.array(self.job_regions), np.array(self.regions)
        for region in dict.fromkeys(self.regions):
            there = np.flatnonzero(of_job == region)
            columns = JobColumns()
            columns.grow(len(there))
            for slot, job in enumerate(there.tolist()):
                columns.set(slot, self.jobs[job])
            for person in np.flatnonzero(of_person == region).tolist():
                mask = eligible_jobs(self.people[person], columns, len(there))
                found[person] = there[np.flatnonzero(mask)]
        return found

    def features(self, person: int, jobs: NDArray[np.intp]) -> Double:
        """Dot product and parts of the evidence of one person and these jobs, [n, 1 + p]."""
        dots = exact_dots(self.vectors[person][None], self.job_vectors[jobs])
        asked = jobs_side([self.jobs[job] for job in jobs.tolist()])
        parts = evidence.parts(people_side([self.people[person]]), asked)
        return np.column_stack([dots, parts.T])


def population(
    judged: Judged, people: Vector, jobs: Vector, copies: int, job_copies: int, seed: int
) -> Population:
    """The judged people and ads and so many variations of each; risky ads are left out.

    Args:
        judged: With all fields.
        people, jobs: Their vectors.
        copies, job_copies: How many there are of each, itself included.
        seed: Of the variations.
    """
    rng = np.random.default_rng(seed)
    honest = np.flatnonzero(~judged.risky)
    who = np.repeat(np.arange(len(judged.people)), copies)
    which = np.repeat(honest, job_copies)
    have = [person_attrs(person) for person in judged.people]
    asked = [job_attrs(card(job)) for job in judged.jobs]
    return Population(
        _varied(have, who, copies, lambda one: _person(one, rng)),
        _varied(asked, which, job_copies, lambda one: _job(one, rng)),
        people[who],
        jobs[which],
        tuple(judged.region_of_person[i] for i in who),
        tuple(judged.region_of_job[j] for j in which),
        tuple("moves" if "would" in judged.about[i]["moves"] else "stays" for i in who),
    )


def _varied(
    originals: Sequence[Side], places: NDArray[np.intp], copies: int, vary: Callable[[Side], Side]
) -> list[Side]:
    return [
        originals[place] if number % copies == 0 else vary(originals[place])
        for number, place in enumerate(places.tolist())
    ]


def _nearby(district: int, rng: np.random.Generator) -> int:
    if district < 0:
        return district
    near = np.flatnonzero(distances()[district][: len(DISTRICTS)] <= _NEAR_KM)
    return int(rng.choice(near))


def _person(one: PersonAttrs, rng: np.random.Generator) -> PersonAttrs:
    radius = one.radius_km if np.isinf(one.radius_km) else float(rng.choice(_RADII))
    years = one.years if one.years == NO_YEARS else int(rng.integers(0, one.years + 3))
    pay = one.min_pay and float(np.float32(one.min_pay * np.exp(rng.normal(-0.2, _PAY))))
    return replace(one, district=_nearby(one.district, rng), radius_km=radius, years=years,
                   min_pay=pay)  # fmt: skip


def _job(one: JobAttrs, rng: np.random.Generator) -> JobAttrs:
    base = one.pay if np.isfinite(one.pay) else float(rng.choice(_BASE))
    pay = float(np.float32(base * np.exp(rng.normal(0.0, _PAY))))
    return replace(one, district=_nearby(one.district, rng), pay=pay)
