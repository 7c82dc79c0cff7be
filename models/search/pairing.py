"""From the exact dot product of two vectors to the score of a pair."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np

from models.search.arrays import Double, Slots, Vector

DECIMALS: Final = 4
STEP: Final = 10.0**-DECIMALS * 1.01
"""Scores that round alike differ by less."""
CHUNK: Final = 1 << 14
"""Pairs scored at a time: bounded memory."""


def rounded(values: Double) -> Double:
    """Values as scores are given: 4 decimals."""
    return np.round(values, DECIMALS)


def exact_dots(queries: Vector, rows: Vector) -> Double:
    """Dot products of rows in pairs, or of one row [1, d] with all: float64 [m]."""
    if len(queries) == 1:
        exact: Double = rows.astype(np.float64) @ queries[0].astype(np.float64)
        return exact
    each: Double = np.einsum("ij,ij->i", queries.astype(np.float64), rows.astype(np.float64))
    return each


class Bounds(Protocol):
    """Between which dot products a score lies. More is never worth less: a score that a dot
    product reaches, a larger one reaches too.
    """

    @property
    def plain(self) -> bool:
        """Whether the dot product is all: the order of scores is the order of dot products."""

    def least_dot(self, scores: Double) -> Double:
        """Dot products below these cannot reach these rounded scores, [n]."""

    def sure_dot(self, scores: Double) -> Double:
        """Dot products from these on reach these rounded scores in any case, [n]."""


class Pairing(Protocol):
    """What becomes of the dot products of some queries with the rows of a matrix."""

    @property
    def bounds(self) -> Bounds:
        """Of any pair's score."""

    def scores(self, rows: Slots, slots: Slots, dots: Double) -> Double:
        """Rounded scores of pairs (index of the query, slot) with these dot products, [n].

        Dot products [m, n] give scores [m, n]: what each pair would have with each of them.
        """


def scores_of(pairing: Pairing, rows: Slots, slots: Slots, dots: Double) -> Double:
    """`Pairing.scores` of any number of pairs."""
    scores = np.empty_like(dots)
    for at in range(0, len(rows), CHUNK):
        part = slice(at, at + CHUNK)
        scores[..., part] = pairing.scores(rows[part], slots[part], dots[..., part])
    return scores


class DotBounds:
    """Of the dot product itself."""

    __slots__ = ()
    plain = True

    def least_dot(self, scores: Double) -> Double:
        """Less by what rounding can give."""
        return scores - STEP

    def sure_dot(self, scores: Double) -> Double:
        """More by what rounding can take."""
        return scores + STEP


class DotPairing:
    """The dot product, rounded."""

    bounds = DotBounds()

    def scores(self, rows: Slots, slots: Slots, dots: Double) -> Double:
        """The dots, rounded."""
        return rounded(dots)
