"""Exact scores and exact top-k over a matrix of vectors.

The vector of a text is its embedding rounded to float16, and the score of a pair begins with the
dot product of two such vectors; a `Pairing` says what becomes of it. Every float16 is a multiple of
2**-24, so every product is a multiple of 2**-48, and with norms near 1 every partial sum fits the
53 bits of a float64: the dot product is exact, whatever the order or library that adds it up.

The top-k is found in steps. An approximate product over all rows (see tiles) leaves the rows that
can be among the best given a proven error bound; only those are scored exactly. Where a score has
more parts than the dot product, the k-th score of that first shortlist tells which other rows
could still pass it with the best evidence there is. Their own evidence then leaves the few whose
score could, given the error bound, and those are scored exactly too, which proves the top k.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.hardware.cpu import usable_cores
from models.hardware.streams import Streams
from models.search import tiles
from models.search.arrays import Double, Mask, Slots, Vector
from models.search.pairing import STEP, DotPairing, Pairing, exact_dots
from models.search.shortlist import (
    BLOCKS,
    Pairs,
    Scan,
    hide,
    join,
    kth_scores,
    possible,
    reaching,
    split,
)
from models.search.tiles import ROWS, Queries, Tile

T = TypeVar("T")
R = TypeVar("R")

_EXACT_CHUNK: Final = 1 << 14  # pairs scored at a time: bounded memory
_DOTS: Final = DotPairing()


def quantise(vectors: npt.ArrayLike) -> Vector:
    """The vector as it is stored, sent and scored: float16, same shape."""
    return np.asarray(vectors, dtype=np.float32).astype(np.float16)


@lru_cache(maxsize=1)
def _streams() -> Streams:
    return Streams(usable_cores(), 1, "score")


def _each(work: Callable[[T], R], items: Sequence[T]) -> list[R]:
    streams = _streams()
    return streams.map(work, items, pieces=2 * streams.count)


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
        self.dim, self.n = dim, 0
        self._dtype, self._packed = dtype, packed
        self._rows: Vector = np.zeros((-(-max(1, capacity) // ROWS) * ROWS, dim), np.float16)
        self._empty: Mask = np.ones(len(self._rows), np.bool_)
        self._centre: Tensor | None = None
        self._tiles: list[Tile | None] = [None] * (len(self._rows) // ROWS)
        #: Pairs that top-k searches asked for, whose evidence was looked at, and scored exactly.
        self.offered = self.weighed = self.examined = 0

    def set(self, slots: npt.ArrayLike, vectors: npt.ArrayLike) -> None:
        """Store vectors [m, d] at slots [m] (any order, new or reused); rounds to float16."""
        places = np.atleast_1d(np.asarray(slots, dtype=np.int64))
        if not len(places):
            return
        half = quantise(vectors).reshape(len(places), self.dim)
        self._reserve(int(places.max()) + 1)
        self._rows[places] = half
        self._empty[places] = ~np.any(half, axis=1)
        for index in np.unique(places // ROWS).tolist():
            self._tiles[index] = None

    def _reserve(self, n: int) -> None:
        if n > len(self._rows):
            size = -(-max(n, 2 * len(self._rows)) // ROWS) * ROWS
            rows, empty = np.zeros((size, self.dim), np.float16), np.ones(size, np.bool_)
            rows[: self.n], empty[: self.n] = self._rows[: self.n], self._empty[: self.n]
            self._rows, self._empty = rows, empty
            # a matrix that doubled may have another centre: everything is packed anew, once
            self._tiles, self._centre = [None] * (size // ROWS), None
        self.n = max(self.n, n)

    def view(self, n: int | None = None) -> Vector:
        """The first n (default: all) stored rows, float16 [n, d]; read-only, not a copy."""
        rows = self._rows[: self.n if n is None else n]
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
        empty = np.empty(0, np.int64), np.empty(0, np.float64)
        if k <= 0 or not self.n or not len(half):
            return [empty] * len(half)
        prepared, bound = self._prepare(half)
        scans = self._scan(prepared, masks)
        doubt = bound + prepared.base
        self.offered += len(half) * self.n
        lowest = pairing.bounds.least_dot(np.full(len(half), floor)) - doubt
        first = lowest
        best = np.concatenate([scan.best for scan in scans], axis=1)
        if best.shape[1] >= k:
            # k rows have the k-th best block's value or more, so the k-th score is hardly less
            kth = np.partition(best, -k, axis=1)[:, -k].astype(np.float64)
            unit = tiles.UNIT[prepared.values.dtype]
            first = np.fmax(lowest, kth - unit * np.abs(kth) - 2 * bound - STEP)
        found = self._reaching(scans, first)
        if not pairing.bounds.plain:
            spans = self._spans(prepared, bound, found, pairing)
            proven = kth_scores((*found[:2], spans[0]), len(half), k, floor)
            rest = np.fmax(lowest, pairing.bounds.least_dot(proven) - doubt)
            if bool(np.any(rest < first)):
                found = self._reaching(scans, np.fmin(first, rest))
                spans = self._spans(prepared, bound, found, pairing)
            self.weighed += len(found[0])
            found = possible(found, spans, proven, k)
        self.examined += len(found[0])
        return split(self._exact(half, found, pairing), len(half), k, floor)

    def _reaching(self, scans: list[Scan], least: Double) -> Pairs:
        """Pairs whose approximate product is at least `least` [B]."""
        reach = self._rounded(least)
        return join(_each(lambda scan: reaching(scan, reach), scans))

    def _spans(self, queries: Queries, bound: float, pairs: Pairs, pairing: Pairing) -> Double:
        """The least and the greatest score that each pair may have, float64 [2, n]."""
        rows, slots, values = pairs
        doubt = bound + STEP + tiles.UNIT[queries.values.dtype] * np.abs(values)
        dots = values + queries.base[rows] + np.stack([-doubt, doubt])
        spans = np.empty_like(dots)
        for at in range(0, len(rows), _EXACT_CHUNK):
            part = slice(at, at + _EXACT_CHUNK)
            spans[:, part] = pairing.scores(rows[part], slots[part], dots[:, part])
        return spans

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
        prepared, bound = self._prepare(half)
        wanted = np.asarray(thresholds, np.float32)[: self.n]
        least, enough = np.full((2, len(self._rows)), np.inf)
        least[: self.n] = pairing.bounds.least_dot(wanted.astype(np.float64))
        enough[: self.n] = pairing.bounds.sure_dot(wanted.astype(np.float64))
        lower = torch.from_numpy((least - bound).astype(np.float32))
        base = torch.from_numpy(prepared.base.astype(np.float32))[:, None]

        def near(scan: Scan) -> Pairs:
            at = scan.index * ROWS
            reach = (lower[at : at + ROWS] - base).to(scan.values.dtype)
            hits = (scan.values >= reach) & (scan.values > -torch.inf)
            rows, places = hits.nonzero(as_tuple=True)
            return rows.numpy(), (places + at).numpy(), scan.values[hits].double().numpy()

        rows, slots, values = join(_each(near, self._scan(prepared, masks)))
        doubt = bound + STEP + tiles.UNIT[prepared.values.dtype] * np.abs(values)
        sure = values + prepared.base[rows] >= enough[slots] + doubt
        unsure = np.flatnonzero(~sure)
        if not pairing.bounds.plain:
            pairs = rows[unsure], slots[unsure], values[unsure]
            worst, finest = self._spans(prepared, bound, pairs, pairing).astype(np.float32)
            asked = wanted[slots[unsure]]
            sure[unsure] = worst >= asked
            unsure = unsure[(worst < asked) & (finest >= asked)]
        exact = self._exact(half, (rows[unsure], slots[unsure], values[unsure]), pairing)
        sure[unsure] = exact[2].astype(np.float32) >= wanted[slots[unsure]]
        order = np.lexsort((slots[sure], rows[sure]))
        rows, slots = rows[sure][order], slots[sure][order]
        edges = np.searchsorted(rows, np.arange(1, len(half)))
        return np.split(slots, edges)

    def _rounded(self, least: Double) -> Tensor:
        """What a product rounds to that is at least `least` before: rounding keeps the order."""
        below = np.nextafter(least.astype(np.float32), np.float32(-np.inf))
        return torch.from_numpy(below).to(self._dtype)

    def _prepare(self, half: Vector) -> tuple[Queries, float]:
        """Queries ready for the product, tiles packed where rows changed, and the error bound."""
        dtype = self._dtype = self._dtype or tiles.fastest_dtype()
        if self._centre is None:
            self._centre = tiles.centre_of(self._rows[: self.n : max(1, self.n // 4096)])
        centre, count = self._centre, -(-self.n // ROWS)
        stale = [i for i in range(count) if self._tiles[i] is None]

        def renew(index: int) -> None:
            rows = self._rows[index * ROWS : (index + 1) * ROWS]
            self._tiles[index] = tiles.pack(rows, centre, dtype, self._packed)

        _each(renew, stale)
        prepared = tiles.prepare(half, centre, dtype)
        packed = [tile for tile in self._tiles[:count] if tile is not None]
        return prepared, tiles.error_bound(prepared, packed, self.dim)

    def _scan(self, queries: Queries, masks: Mask | None) -> list[Scan]:
        """Every tile's products, -inf where the mask is false or the row is empty."""

        def scan(index: int) -> Scan:
            tile = self._tiles[index]
            assert tile is not None  # packed by _prepare
            values = tiles.product(queries, tile)
            start, end = index * ROWS, min(self.n, (index + 1) * ROWS)
            if masks is not None:
                hide(values[:, : end - start], masks[:, start:end])
            if (empty := np.flatnonzero(self._empty[start : start + ROWS])).size:
                values[:, torch.from_numpy(empty)] = -torch.inf
            # a block is every 128th row: neighbours, often near-duplicates, are in different ones
            best = values.view(len(values), -1, BLOCKS).amax(1).float().numpy()
            return Scan(index, values, best)

        return _each(scan, range(-(-self.n // ROWS)))

    def _exact(self, half: Vector, pairs: Pairs, pairing: Pairing) -> Pairs:
        """The same pairs with their rounded exact scores."""
        rows, slots, _ = pairs
        scores = np.empty(len(rows), np.float64)
        for at in range(0, len(rows), _EXACT_CHUNK):
            part = slice(at, at + _EXACT_CHUNK)
            dots = exact_dots(half[rows[part]], self._rows[slots[part]])
            scores[part] = pairing.scores(rows[part], slots[part], dots)
        return rows, slots, scores
