"""Vectors as an encoder makes them, evidence, and the definition of a top k over both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from models.hardware.cpu import packs
from models.search.arrays import Double, Mask, Single, Slots
from models.search.matrix import VectorMatrix, quantise
from models.search.pairing import STEP, exact_dots, rounded

WAYS = [
    pytest.param(
        dtype,
        packed,
        marks=pytest.mark.skipif(
            packed and not packs(dtype), reason="oneDNN does not pack it here"
        ),
        id=f"{dtype}-{'packed' if packed else 'plain'}",
    )
    for dtype in (torch.float32, torch.bfloat16)
    for packed in (True, False)
]
each_way = pytest.mark.parametrize(("dtype", "packed"), WAYS)
DIM = 32


def vectors(rng: np.random.Generator, count: int, spread: float, dim: int = DIM) -> Single:
    """Unit vectors around one direction, as an encoder makes them; some of them equal."""
    centre = np.random.default_rng(5).normal(size=dim)
    rows = centre + spread * rng.normal(size=(count, dim))
    if count > 3:
        copies = rng.integers(0, count, size=count // 4)
        rows[copies] = rows[rng.integers(0, count, size=len(copies))]
    unit: Single = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


@dataclass(frozen=True)
class Corrected:
    """A dot product and evidence of each pair [queries, slots], in steps, so that many tie."""

    added: Double
    most: float
    plain: bool = False

    @property
    def bounds(self) -> Corrected:
        return self

    def scores(self, rows: Slots, slots: Slots, dots: Double) -> Double:
        return rounded(dots + self.added[rows, slots])

    def least_dot(self, scores: Double) -> Double:
        return scores - STEP - self.most

    def sure_dot(self, scores: Double) -> Double:
        return scores + STEP + self.most

    @classmethod
    def drawn(cls, rng: np.random.Generator, queries: int, count: int, most: float) -> Corrected:
        return cls(rng.integers(-2, 3, size=(queries, count)) * most / 2, most)


def brute(
    matrix: VectorMatrix,
    query: Single,
    mask: Mask,
    k: int,
    floor: float,
    added: Double | None = None,
) -> tuple[list[int], list[float]]:
    """The definition: score everything, cut at the k-th rounded score, keep its ties."""
    rows = matrix.view()
    slots = np.flatnonzero(np.any(rows, axis=1) & mask)
    dots = exact_dots(quantise(query)[None], rows[slots])
    scores = rounded(dots if added is None else dots + added[slots])
    keep = scores >= floor
    slots, scores = slots[keep], scores[keep]
    if len(scores) > k:
        keep = scores >= np.sort(scores)[-k]
        slots, scores = slots[keep], scores[keep]
    order = np.lexsort((slots, -scores))
    return slots[order].tolist(), scores[order].tolist()
