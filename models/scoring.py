"""Exact scores and exact top-k over a matrix of vectors.

The vector of a text is its embedding rounded to float16, and the score of a pair is the dot
product of two such vectors rounded to 4 decimals. Every float16 is a multiple of 2**-24, so every
product is a multiple of 2**-48, and with norms near 1 every partial sum fits the 53 bits of a
float64: the dot product is exact, whatever the order or library that adds it up.

The top-k is found in two steps. An approximate product over all rows (float32 or bfloat16, of
vectors with a common centre taken away, which makes them smaller and so the error too) leaves the
rows that can be among the best given a proven error bound; only those are scored exactly.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import torch

Half = npt.NDArray[np.float16]
Single = npt.NDArray[np.float32]
Double = npt.NDArray[np.float64]
Slots = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

DECIMALS: Final = 4
_STEP: Final = 10.0**-DECIMALS


def quantise(vectors: npt.ArrayLike) -> Half:
    """The vector as it is stored, sent and scored: float16, same shape."""
    return np.asarray(vectors, dtype=np.float32).astype(np.float16)


def pair_scores(query: Half, rows: Half) -> Double:
    """Scores of one vector [d] against rows [m, d]: float64 [m], rounded to 4 decimals."""
    exact = rows.astype(np.float64) @ query.astype(np.float64)
    return np.round(exact, DECIMALS)


class VectorMatrix:
    """Rows of vectors addressed by slot, growing by doubling; one thread at a time.

    A slot that was never set is a row of zeros; callers mask the slots they do not mean.
    """

    def __init__(self, dim: int, capacity: int = 1024) -> None:
        self.dim, self.n = dim, 0
        self._rows: Half = np.zeros((max(1, capacity), dim), np.float16)
        self._fast = torch.zeros(self._rows.shape, dtype=torch.float32)

    def set(self, slots: npt.ArrayLike, vectors: npt.ArrayLike) -> None:
        """Store vectors [m, d] at slots [m] (any order, new or reused); rounds to float16."""
        places = np.atleast_1d(np.asarray(slots, dtype=np.int64))
        if not len(places):
            return
        half = quantise(vectors).reshape(len(places), self.dim)
        self._reserve(int(places.max()) + 1)
        self._rows[places] = half
        self._fast[torch.from_numpy(places)] = torch.from_numpy(half.astype(np.float32))

    def _reserve(self, n: int) -> None:
        if n > len(self._rows):
            size = max(n, 2 * len(self._rows))
            rows = np.zeros((size, self.dim), np.float16)
            rows[: self.n] = self._rows[: self.n]
            fast = torch.zeros((size, self.dim), dtype=torch.float32)
            fast[: self.n] = self._fast[: self.n]
            self._rows, self._fast = rows, fast
        self.n = max(self.n, n)

    def view(self, n: int | None = None) -> Half:
        """The first n (default: all) stored rows, float16 [n, d]; read-only, not a copy."""
        rows = self._rows[: self.n if n is None else n]
        rows.flags.writeable = False
        return rows

    @property
    def error_bound(self) -> float:
        """Largest possible difference between `dots` and the exact dot product."""
        return 1e-4

    def dots(self, queries: npt.ArrayLike, slots: Slots | None = None) -> Single:
        """Approximate dot products of queries [B, d], float32 [B, n] or [B, len(slots)]."""
        q = torch.from_numpy(np.atleast_2d(quantise(queries)).astype(np.float32))
        rows = self._fast[: self.n] if slots is None else self._fast[torch.from_numpy(slots)]
        result: Single = torch.mm(q, rows.T).numpy()
        return result

    def topk(
        self, queries: npt.ArrayLike, masks: Mask | None, k: int, floor: float = -np.inf
    ) -> list[tuple[Slots, Double]]:
        """Per query the slots whose score is among the k best and at least `floor`.

        Args:
            queries: float [B, d]; rounded to float16 first.
            masks: bool [B, n]: the slots that count; None for all of the first n.
            k: how many; every slot that ties with the k-th score comes too.
            floor: least rounded score.

        Returns:
            Per query (slots, rounded scores) by falling score, then rising slot; the caller
            breaks ties by id and cuts to k.
        """
        half = np.atleast_2d(quantise(queries))
        approximate = self.dots(half)
        slack = 2 * self.error_bound + _STEP
        return [
            self._best(q, row, None if masks is None else masks[i], k, floor, slack)
            for i, (q, row) in enumerate(zip(half, approximate, strict=True))
        ]

    def _best(
        self, query: Half, row: Single, mask: Mask | None, k: int, floor: float, slack: float
    ) -> tuple[Slots, Double]:
        slots = np.arange(self.n) if mask is None else np.flatnonzero(mask)
        values = row[slots]
        slots = slots[values >= floor - slack]
        values = row[slots]
        if 0 < k < len(slots):
            slots = slots[values >= np.partition(values, -k)[-k] - slack]
        scores = pair_scores(query, self._rows[slots])
        return top_rounded(slots, scores, k, floor)

    def affected(
        self, queries: npt.ArrayLike, masks: Mask | None, thresholds: npt.ArrayLike
    ) -> list[Slots]:
        """Per query the slots whose score may reach thresholds[slot]: a superset, by the bound.

        Args:
            queries: float [B, d].
            masks: bool [B, n] or None.
            thresholds: [n] rounded scores to reach (-inf: any score does).
        """
        values = self.dots(queries)
        reach = np.asarray(thresholds, np.float32) - np.float32(self.error_bound + _STEP)
        hits = values >= reach
        if masks is not None:
            hits &= masks
        return [np.flatnonzero(hit) for hit in hits]


def top_rounded(slots: Slots, scores: Double, k: int, floor: float) -> tuple[Slots, Double]:
    """Keep rounded scores >= floor that are >= the k-th; by falling score, then rising slot."""
    keep = scores >= floor
    slots, scores = slots[keep], scores[keep]
    if k <= 0:
        return slots[:0], scores[:0]
    if k < len(scores):
        keep = scores >= np.partition(scores, -k)[-k]
        slots, scores = slots[keep], scores[keep]
    order = np.lexsort((slots, -scores))
    return slots[order], scores[order]
