"""Rows of vectors as they are kept: by slot, growing by doubling."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from models.search.arrays import Mask, Slots, Vector
from models.search.tiles import ROWS

_SAFETY = 1 + 2.0**-20  # of a root and a sum in float64


def quantise(vectors: npt.ArrayLike) -> Vector:
    """The vector as it is stored, sent and scored: float16, same shape."""
    return np.asarray(vectors, dtype=np.float32).astype(np.float16)


def longest(rows: Vector) -> float:
    """At least the largest norm of rows [m, d]."""
    squares = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
    return math.sqrt(squares.max(initial=0.0)) * _SAFETY


class Stored:
    """Rows addressed by slot; one of zeros, as a slot is before it is set, is empty.

    Args:
        dim: length of a vector.
        capacity: slots to make room for at first.

    Attributes:
        n: slots used, from the first on.
        rows: float16 [capacity, dim], whole tiles.
        empty: bool [capacity].
        norm: no row that was ever set is longer.
    """

    def __init__(self, dim: int, capacity: int) -> None:
        self.dim, self.n, self.norm = dim, 0, 0.0
        self.rows: Vector = np.zeros((-(-max(1, capacity) // ROWS) * ROWS, dim), np.float16)
        self.empty: Mask = np.ones(len(self.rows), np.bool_)

    def set(self, places: Slots, half: Vector) -> bool:
        """Store vectors [m, d] at slots [m]; returns whether all were copied to make room."""
        grown = self._reserve(int(places.max()) + 1)
        self.rows[places] = half
        self.empty[places] = ~np.any(half, axis=1)
        self.norm = max(self.norm, longest(half))
        return grown

    def _reserve(self, n: int) -> bool:
        grown = n > len(self.rows)
        if grown:
            size = -(-max(n, 2 * len(self.rows)) // ROWS) * ROWS
            rows, empty = np.zeros((size, self.dim), np.float16), np.ones(size, np.bool_)
            rows[: self.n], empty[: self.n] = self.rows[: self.n], self.empty[: self.n]
            self.rows, self.empty = rows, empty
        self.n = max(self.n, n)
        return grown
