"""The best k and those affected where masks leave few rows: those are gathered, no other is read.

Most people look for work near their home, so their filters leave some two of a hundred jobs. A
product over all rows reads the others only to hide them; what a filter excludes has no score at
all, so leaving it out is a bound that needs no proof. A float32 product then leaves the rows whose
dot product may suffice with the best evidence there is, given its error bound, and each of those is
scored exactly.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import torch

from models.search.arrays import Double, Mask, Single, Slots, Vector
from models.search.pairing import Pairing, scores_of
from models.search.shortlist import Counted, Pairs, join, split
from models.search.spread import each
from models.search.stored import Stored, longest
from models.search.tiles import ACCUMULATION

_TOGETHER: Final = 1024  # rows gathered at a time: their copies stay in a core's caches
_GATHERED, _MULTIPLIED, _READ = 90, 1, 16
"""What a row costs in relation: gathered and scored; in a product, for each query; in a product,
once for all, which is what reading it takes. As whole rankings measured it with bfloat16 and with
AVX-512 (docs/capacity.md); where products are dearer, gathering could pay a little sooner."""


def few(masks: Mask) -> bool:
    """Whether gathering what masks [B, n] leave is cheaper than a product over all rows."""
    queries, n = masks.shape
    return bool(_GATHERED * np.count_nonzero(masks) <= (_READ + _MULTIPLIED * queries) * n)


def topk(
    stored: Stored,
    half: Vector,
    masks: Mask,
    k: int,
    floor: float,
    pairing: Pairing,
    counted: Counted,
) -> list[tuple[Slots, Double]]:
    """As `VectorMatrix.topk`; queries are rounded."""
    least = np.broadcast_to(pairing.bounds.least_dot(np.full(1, floor)), stored.n)
    found = _scored(stored, half, masks, least, pairing)
    counted.offered += len(half) * stored.n
    counted.weighed += len(found[0])
    counted.examined += len(found[0])
    return split(_highest(found, len(half), k, floor), len(half), k, floor)


def affected(
    stored: Stored, half: Vector, masks: Mask, wanted: Single, pairing: Pairing
) -> list[Slots]:
    """As `VectorMatrix.affected`; thresholds are float32 [n]."""
    least = pairing.bounds.least_dot(wanted.astype(np.float64))
    rows, slots, scores = _scored(stored, half, masks, least, pairing)
    sure = scores.astype(np.float32) >= wanted[slots]
    rows, slots = rows[sure], slots[sure]
    return np.split(slots, np.searchsorted(rows, np.arange(1, len(half))))


def error_bound(queries: Vector, norm: float) -> float:
    """Largest |float32 product - exact| of any of the queries [B, d] and rows up to `norm`.

    Nothing is rounded but the sums: by Cauchy and Schwarz magnitudes that add up to at most
    |q| |v|, in d additions, and the last place of the result (as in `tiles.error_bound`).
    """
    additions: int = queries.shape[1] + 1
    return longest(queries) * norm * additions * ACCUMULATION


def dots(rows: Vector, slots: Slots, query: Vector, near: Double) -> tuple[Slots, Double]:
    """Slots whose float32 dot product with the query reaches `near`, with the exact ones.

    Args:
        rows: float16 [m, d].
        slots: Which of them.
        query: float16 [d].
        near: What is asked of each slot, less the error bound.
    """
    held = torch.from_numpy(rows).index_select(0, torch.from_numpy(slots)).float()
    asked = torch.from_numpy(query).float()
    able = np.flatnonzero((held @ asked).numpy() >= near)
    exact: Double = (held[torch.from_numpy(able)].double() @ asked.double()).numpy()
    return slots[able], exact


def _scored(stored: Stored, half: Vector, masks: Mask, least: Double, pairing: Pairing) -> Pairs:
    """Pairs that masks leave, by query and slot, with their scores.

    Pairs whose dot product is less than `least` [n] asks of their slot may be left out.
    """
    near = least - error_bound(half, stored.norm)
    parts: list[tuple[int, Slots]] = []
    for row, mask in enumerate(masks):
        slots = np.flatnonzero(mask[: stored.n])
        slots = slots[~stored.empty[slots]]
        parts += [(row, slots[at : at + _TOGETHER]) for at in range(0, len(slots), _TOGETHER)]

    def multiply(part: tuple[int, Slots]) -> Pairs:
        row, mine = part
        some, exact = dots(stored.rows, mine, half[row], near[mine])
        return np.full(len(some), row), some, exact

    rows, slots, exact = join(each(multiply, parts))
    return rows, slots, scores_of(pairing, rows, slots, exact)


def _highest(pairs: Pairs, count: int, k: int, floor: float) -> Pairs:
    """Of pairs in order of their queries, those that reach the floor and the k-th score."""
    rows, slots, scores = pairs
    edges = np.searchsorted(rows, np.arange(count + 1)).tolist()
    least = np.full(count, floor)
    for row, (start, end) in enumerate(pairwise(edges)):
        if end - start > k:
            least[row] = max(floor, np.partition(scores[start:end], -k)[-k])
    able = scores >= least[rows]
    return rows[able], slots[able], scores[able]
