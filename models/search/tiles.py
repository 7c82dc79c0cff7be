"""Vectors packed for fast approximate products with a proven error bound.

A tile holds up to some thousand rows with a common centre taken away: for vectors of one encoder,
which all point the same way, what is left is half as long, and so is every error. oneDNN packs a
tile once and multiplies it several times faster than a plain matrix.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.hardware.cpu import packs

ROWS: Final = 4096
"""Of a tile that is full."""
LEAST_ROWS: Final = 256
"""Of the last one, whose height is the next power of two: few rows are packed in a moment."""
ACCUMULATION: Final = 2.0**-23  # per addition, relative to the sum of magnitudes; twice the unit
#: Largest relative error of rounding a product to the precision.
UNIT: Final = {torch.float32: 2.0**-24, torch.bfloat16: 2.0**-8}
_SAFETY: Final = 1 + 1e-5  # norms are computed in float32


@dataclass(frozen=True, slots=True)
class Queries:
    """Queries as the product wants them, without the centre, and what their rounding can cost.

    Attributes:
        values: [B, d].
        base: dot products of the queries and the centre, which the products lack, float64 [B].
        norm: largest norm of a row of `values`.
        lost: largest norm of what rounding took from a row.
    """

    values: Tensor
    base: npt.NDArray[np.float64]
    norm: float
    lost: float


@dataclass(frozen=True, slots=True)
class Tile:
    """Rows as the product wants them; `norm` and `lost` as of Queries.

    Attributes:
        rows: [m, d], in oneDNN's own order if packed.
        packed: whether oneDNN multiplies them.
        bias: dot products of the rows and the centre, float32 [m].
        reach: largest |bias|.
    """

    rows: Tensor
    packed: bool
    bias: Tensor
    norm: float
    lost: float
    reach: float


def pack(
    rows: npt.NDArray[np.float16], centre: Tensor, dtype: torch.dtype, packed: bool | None = None
) -> Tile:
    """Make a tile of rows [m, d]; rows of zeros stay zero.

    Args:
        rows: the rows.
        centre: taken away from each.
        dtype: what they are rounded to.
        packed: let oneDNN multiply them; None where it can.
    """
    if packed is None:
        packed = packs(dtype)
    plain = torch.from_numpy(rows).float()
    empty = ~plain.any(dim=1)
    # float16 minus such a centre is exact in float32: both are multiples of 2**-24 below 2
    moved = plain - centre
    moved[empty] = 0.0
    short = moved.to(dtype)
    bias = (moved.double() @ centre.double()).float()
    return Tile(
        rows=torch.ops.mkldnn._reorder_linear_weight(short) if packed else short,
        packed=packed,
        bias=bias,
        norm=_longest(short.float()),
        lost=_longest(moved - short.float()),
        reach=float(bias.abs().max()) * _SAFETY,
    )


def prepare(half: npt.NDArray[np.float16], centre: Tensor, dtype: torch.dtype) -> Queries:
    """Round queries [B, d] for the product and find what that loses."""
    moved = torch.from_numpy(half).float() - centre
    values = moved.to(dtype)
    base = half.astype(np.float64) @ centre.double().numpy()
    return Queries(values, base, _longest(values.float()), _longest(moved - values.float()))


def product(queries: Queries, tile: Tile) -> Tensor:
    """Approximate dot products of queries and rows less `base`, [B, m], rounded once."""
    if not tile.packed:
        # the bound counts on sums in float32, which torch's own bfloat16 product does not promise
        whole = queries.values.float() @ tile.rows.float().T + tile.bias
        return whole.to(queries.values.dtype)
    y: Tensor = torch.ops.mkldnn._linear_pointwise(
        queries.values, tile.rows, tile.bias, "none", [], ""
    )
    return y


def error_bound(queries: Queries, tiles: list[Tile], dim: int) -> float:
    """Largest |product - exact| of any query and row, before the product's own rounding (UNIT).

    With q' and v' the centred and q, v the rounded ones, by Cauchy and Schwarz:
    |q'v' - qv| <= |q' - q| |v'| + |q| |v' - v|; plus `dim` additions in float32.
    """
    norm = max((tile.norm for tile in tiles), default=0.0)
    lost = max((tile.lost for tile in tiles), default=0.0)
    reach = max((tile.reach for tile in tiles), default=0.0)
    bound = queries.lost * (norm + lost) + queries.norm * lost
    return bound + (queries.norm * norm + reach) * (dim + 1) * ACCUMULATION


def _longest(rows: Tensor) -> float:
    return float(torch.linalg.vector_norm(rows, dim=1).max()) * _SAFETY


def centre_of(rows: npt.NDArray[np.float16]) -> Tensor:
    """A vector near the mean of rows [m, d] that are not zero, exact in both precisions."""
    used = rows[np.any(rows, axis=1)].astype(np.float32)
    if not len(used):
        return torch.zeros(rows.shape[1])
    rounded = np.round(used.mean(axis=0) * 2.0**10) * 2.0**-10
    return torch.from_numpy(rounded.astype(np.float32)).bfloat16().float()


@lru_cache(maxsize=1)
def fastest_dtype() -> torch.dtype:
    """bfloat16 or float32, whichever multiplies a tile faster on this CPU: some milliseconds."""
    if not packs(torch.bfloat16):
        return torch.float32
    rows = np.random.default_rng(0).normal(size=(ROWS, 384)).astype(np.float16)
    return min((torch.float32, torch.bfloat16), key=lambda dtype: _seconds(rows, dtype))


def _seconds(rows: npt.NDArray[np.float16], dtype: torch.dtype) -> float:
    centre = torch.zeros(rows.shape[1])
    tile, queries = pack(rows, centre, dtype), prepare(rows[:32], centre, dtype)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        product(queries, tile)
        seconds.append(time.perf_counter() - start)
    return min(seconds)
