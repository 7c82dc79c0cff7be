"""The best k and those affected by a product over all rows, whatever masks leave.

An approximate product over all rows (see tiles) leaves the rows that can be among the best given a
proven error bound; only those are scored exactly. Where a score has more parts than the dot
product, the k-th score of that first shortlist tells which other rows could still pass it with the
best evidence there is. Their own evidence then leaves the few whose score could, given the error
bound, and those are scored exactly too, which proves the top k.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from models.search import tiles
from models.search.arrays import Double, Mask, Single, Slots, Vector
from models.search.pairing import CHUNK, STEP, Pairing, exact_dots, scores_of
from models.search.shortlist import (
    BLOCKS,
    Counted,
    Pairs,
    Scan,
    hide,
    join,
    kth_scores,
    possible,
    reaching,
    split,
)
from models.search.spread import each
from models.search.stored import Stored
from models.search.tiles import LEAST_ROWS, ROWS, Queries, Tile


class Scanned:
    """Tiles of stored rows, packed when they are needed.

    Args:
        stored: the rows.
        dtype: precision of the shortlist; None for what is fastest here.
        packed: let oneDNN multiply; None where it can.
    """

    def __init__(self, stored: Stored, dtype: torch.dtype | None, packed: bool | None) -> None:
        self._stored, self._dtype, self._packed = stored, dtype, packed
        self._centre: Tensor | None = None
        self._tiles: list[Tile | None] = []
        self.renew()

    def renew(self) -> None:
        """Pack everything anew: a matrix that doubled may have another centre."""
        self._tiles, self._centre = [None] * (len(self._stored.rows) // ROWS), None

    def changed(self, places: Slots) -> None:
        """Pack the tiles of these slots anew."""
        for index in np.unique(places // ROWS).tolist():
            self._tiles[index] = None

    def topk(
        self,
        half: Vector,
        masks: Mask | None,
        k: int,
        floor: float,
        pairing: Pairing,
        counted: Counted,
    ) -> list[tuple[Slots, Double]]:
        """As `VectorMatrix.topk`; queries are rounded."""
        prepared, bound = self._prepare(half)
        scans = self._scan(prepared, masks)
        doubt = bound + prepared.base
        counted.offered += len(half) * self._stored.n
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
            counted.weighed += len(found[0])
            found = possible(found, spans, proven, k)
        counted.examined += len(found[0])
        return split(self._exact(half, found, pairing), len(half), k, floor)

    def _reaching(self, scans: list[Scan], least: Double) -> Pairs:
        """Pairs whose approximate product is at least `least` [B]."""
        reach = self._rounded(least)
        return join(each(lambda scan: reaching(scan, reach), scans))

    def _spans(self, queries: Queries, bound: float, pairs: Pairs, pairing: Pairing) -> Double:
        """The least and the greatest score that each pair may have, float64 [2, n]."""
        rows, slots, values = pairs
        doubt = bound + STEP + tiles.UNIT[queries.values.dtype] * np.abs(values)
        dots = values + queries.base[rows] + np.stack([-doubt, doubt])
        return scores_of(pairing, rows, slots, dots)

    def affected(
        self, half: Vector, masks: Mask | None, wanted: Single, pairing: Pairing
    ) -> list[Slots]:
        """As `VectorMatrix.affected`; thresholds are float32 [n]."""
        prepared, bound = self._prepare(half)
        least, enough = np.full((2, len(self._stored.rows)), np.inf)
        least[: self._stored.n] = pairing.bounds.least_dot(wanted.astype(np.float64))
        enough[: self._stored.n] = pairing.bounds.sure_dot(wanted.astype(np.float64))
        lower = torch.from_numpy((least - bound).astype(np.float32))
        base = torch.from_numpy(prepared.base.astype(np.float32))[:, None]

        def near(scan: Scan) -> Pairs:
            at = scan.index * ROWS
            reach = (lower[at : at + scan.values.shape[1]] - base).to(scan.values.dtype)
            hits = (scan.values >= reach) & (scan.values > -torch.inf)
            rows, places = hits.nonzero(as_tuple=True)
            return rows.numpy(), (places + at).numpy(), scan.values[hits].double().numpy()

        rows, slots, values = join(each(near, self._scan(prepared, masks)))
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
            some = slice(0, self._stored.n, max(1, self._stored.n // 4096))
            self._centre = tiles.centre_of(self._stored.rows[some])
        centre, count = self._centre, -(-self._stored.n // ROWS)
        stale = [i for i in range(count) if self._stale(i)]

        def renew(index: int) -> None:
            rows = self._stored.rows[index * ROWS :][: self._height(index)]
            self._tiles[index] = tiles.pack(rows, centre, dtype, self._packed)

        each(renew, stale)
        prepared = tiles.prepare(half, centre, dtype)
        packed = [tile for tile in self._tiles[:count] if tile is not None]
        return prepared, tiles.error_bound(prepared, packed, self._stored.dim)

    def _stale(self, index: int) -> bool:
        """Whether a tile has rows that changed, or came after it was packed."""
        tile = self._tiles[index]
        return tile is None or len(tile.bias) < self._height(index)

    def _height(self, index: int) -> int:
        """Rows of a tile: those in use, rounded up to a size that comes again."""
        used = min(ROWS, self._stored.n - index * ROWS)
        return max(LEAST_ROWS, 1 << (used - 1).bit_length())

    def _scan(self, queries: Queries, masks: Mask | None) -> list[Scan]:
        """Every tile's products, -inf where the mask is false or the row is empty."""

        def scan(index: int) -> Scan:
            tile = self._tiles[index]
            assert tile is not None  # packed by _prepare
            values = tiles.product(queries, tile)
            start, end = index * ROWS, min(self._stored.n, (index + 1) * ROWS)
            if masks is not None:
                hide(values[:, : end - start], masks[:, start:end])
            height = values.shape[1]
            if (empty := np.flatnonzero(self._stored.empty[start : start + height])).size:
                values[:, torch.from_numpy(empty)] = -torch.inf
            # a block is every 128th row: neighbours, often near-duplicates, are in different ones
            best = values.view(len(values), -1, BLOCKS).amax(1).float().numpy()
            return Scan(index, values, best)

        return each(scan, range(-(-self._stored.n // ROWS)))

    def _exact(self, half: Vector, pairs: Pairs, pairing: Pairing) -> Pairs:
        """The same pairs with their rounded exact scores."""
        rows, slots, _ = pairs
        dots = np.empty(len(rows), np.float64)
        for at in range(0, len(rows), CHUNK):
            part = slice(at, at + CHUNK)
            dots[part] = exact_dots(half[rows[part]], self._stored.rows[slots[part]])
        return rows, slots, scores_of(pairing, rows, slots, dots)
