"""Judged pairs as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.search.arrays import Double


@dataclass(frozen=True, slots=True)
class JudgedPairs:
    """Judged pairs that the filters let through.

    Attributes:
        features: Dot product of the vectors, parts of `evidence.NAMES`, [n, 1 + parts].
        grades: 0 to 3, [n].
        person: Number of the person, [n].
    """

    features: Double
    grades: Double
    person: NDArray[np.intp]

    def of(self, people: Sequence[int]) -> JudgedPairs:
        """The pairs of these people."""
        rows = np.isin(self.person, people)
        return JudgedPairs(self.features[rows], self.grades[rows], self.person[rows])
