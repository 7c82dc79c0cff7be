"""Exact scores and exact top-k over a matrix of vectors.

The vector of a text is its embedding rounded to float16, and the score of a pair begins with the
dot product of two such vectors; a `Pairing` says what becomes of it. Every float16 is a multiple of
2**-24, so every product is a multiple of 2**-48, and with norms near 1 every partial sum fits the
53 bits of a float64: the dot product is exact, whatever the order or library that adds it up.

There are two ways to an answer, and both find the same: `gathered` reads the rows that masks leave,
where those are few; `scanned` goes over all of them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from models.search import gathered
from models.search.arrays import Double, Mask, Slots, Vector
from models.search.pairing import DotPairing, Pairing
from models.search.scanned import Scanned
from models.search.shortlist import Counted
from models.search.stored import Stored, quantise

__all__ = ["VectorMatrix", "quantise"]

_DOTS: Final = DotPairing()


class VectorMatrix:
    """Rows of vectors addressed by slot, growing by doubling; one thread at a time.

    A row of zeros, as a slot is before it is set, is empty: no query finds it.

    Args:
        dim: length of a vector.
        capacity: slots to make room for at first.
        dtype: precision of the shortlist; None for what is fastest here.
        packed: let oneDNN multiply; None where it can. Neither changes an answer.
    """

    def __init__(
        self,
        dim: int,
        capacity: int = 1024,
        dtype: torch.dtype | None = None,
        packed: bool | None = None,
    ) -> None:
        self._stored = Stored(dim, capacity)
        self._scanned = Scanned(self._stored, dtype, packed)
        self.counted = Counted()

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._stored.dim

    @property
    def n(self) -> int:
        """Slots used, from the first on."""
        return self._stored.n

    def set(self, slots: npt.ArrayLike, vectors: npt.ArrayLike) -> None:
        """Store vectors [m, d] at slots [m] (any order, new or reused); rounds to float16."""
        places = np.atleast_1d(np.asarray(slots, dtype=np.int64))
        if not len(places):
            return
        half = quantise(vectors).reshape(len(places), self.dim)
        if self._stored.set(places, half):
            self._scanned.renew()
        self._scanned.changed(places)

    def view(self, n: int | None = None) -> Vector:
        """The first n (default: all) stored rows, float16 [n, d]; read-only, not a copy."""
        rows = self._stored.rows[: self.n if n is None else n]
        rows.flags.writeable = False
        return rows

    def topk(
        self,
        queries: npt.ArrayLike,
        masks: Mask | None,
        k: int,
        floor: float = -np.inf,
        pairing: Pairing = _DOTS,
    ) -> list[tuple[Slots, Double]]:
        """Per query the slots whose score is among the k best and at least `floor`.

        Args:
            queries: float [B, d]; rounded to float16 first.
            masks: bool [B, n]: the slots that count; None for all of the first n.
            k: how many; every slot that ties with the k-th score comes too.
            floor: least rounded score.
            pairing: what becomes of a dot product.

        Returns:
            Per query (slots, rounded scores) by falling score, then rising slot; the caller
            breaks ties by id and cuts to k.
        """
        half = np.atleast_2d(quantise(queries))
        if k <= 0 or not self.n or not len(half):
            return [(np.empty(0, np.int64), np.empty(0, np.float64))] * len(half)
        if masks is not None and gathered.few(masks):
            return gathered.topk(self._stored, half, masks, k, floor, pairing, self.counted)
        return self._scanned.topk(half, masks, k, floor, pairing, self.counted)

    def affected(
        self,
        queries: npt.ArrayLike,
        masks: Mask | None,
        thresholds: npt.ArrayLike,
        pairing: Pairing = _DOTS,
    ) -> list[Slots]:
        """Per query the slots whose rounded score is at least thresholds[slot], exactly.

        Args:
            queries: float [B, d].
            masks: bool [B, n] or None.
            thresholds: [n] rounded scores to reach, compared as float32 (-inf: any score does).
            pairing: what becomes of a dot product.
        """
        half = np.atleast_2d(quantise(queries))
        if not self.n or not len(half):
            return [np.empty(0, np.int64) for _ in half]
        wanted = np.asarray(thresholds, np.float32)[: self.n]

        if masks is not None and gathered.few(masks):
            return gathered.affected(self._stored, half, masks, wanted, pairing)
        return self._scanned.affected(half, masks, wanted, pairing)
