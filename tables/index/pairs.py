"""People and jobs brought together: the ranker's view of queries and the slots of an index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.ranking.attrs import JobAttrs
from models.ranking.evidence import Side, jobs_side, people_side
from models.ranking.ranker import Ranker
from models.ranking.unlocks import unexposed
from models.search.arrays import Double, Slots, Vector
from tables.index.jobs import JobIndex
from tables.index.people import PeopleIndex, PersonEntry


@dataclass(frozen=True, slots=True)
class IndexPairing:
    """How pairs of some queries and the slots of an index are scored; a `Pairing`.

    Attributes:
        ranker: What scores them.
        sides: Gives the sides of people and of jobs for pairs (index of the query, slot).
    """

    ranker: Ranker
    sides: Callable[[Slots, Slots], tuple[Side, Side]]

    @property
    def bounds(self) -> Ranker:
        """The ranker's."""
        return self.ranker

    def scores(self, rows: Slots, slots: Slots, dots: Double) -> Double:
        """Rounded scores of pairs with these dot products."""
        return self.ranker.scores(dots, *self.sides(rows, slots))

    def components(
        self, rows: Slots, slots: Slots, queries: Vector, held: Vector
    ) -> list[dict[str, float]]:
        """What the scores of pairs are made of; queries [B, dim] and the index's rows."""
        if not len(rows):
            return []
        return self.ranker.components(queries[rows], held[slots], *self.sides(rows, slots))


def pair_people(
    ranker: Ranker, people: Sequence[PersonEntry], jobs: JobIndex, *, exposed: bool = True
) -> IndexPairing:
    """People ask, jobs are held; `exposed` says whether exposure takes its part of scores."""
    asking = people_side([person.attrs for person in people])

    def sides(rows: Slots, slots: Slots) -> tuple[Side, Side]:
        held = jobs.columns.side(slots)
        return asking.take(rows), held if exposed else unexposed(held)

    return IndexPairing(ranker, sides)


def pair_jobs(ranker: Ranker, jobs: Sequence[JobAttrs], people: PeopleIndex) -> IndexPairing:
    """Jobs ask, people are held."""
    asking = jobs_side(jobs)
    return IndexPairing(ranker, lambda rows, slots: (people.columns.side(slots), asking.take(rows)))


def queries_of(people: Sequence[PersonEntry]) -> Vector:
    """Their vectors as one matrix, float16 [n, dim]."""
    return np.stack([person.vector for person in people])
