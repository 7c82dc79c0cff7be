"""Rows that masks leave are found without the others, and every answer equals brute force."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.search import gathered, stored, tiles
from models.search.matrix import VectorMatrix, quantise
from models.search.pairing import DotPairing, exact_dots
from tests.models.search.drawn import DIM, Corrected, brute, each_way, vectors


@each_way
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 600),
    k=st.integers(1, 40),
    floor=st.sampled_from([-np.inf, 0.8, 1.0]),
    spread=st.sampled_from([1e-3, 0.05, 0.6]),
    most=st.sampled_from([None, 1e-4, 0.3]),
    shares=st.lists(st.sampled_from([0.0, 0.01, 0.03, 0.2]), min_size=1, max_size=6)
    | st.lists(st.sampled_from([0.03, 1.0]), min_size=1, max_size=4),
)
def test_a_batch_whose_masks_leave_few_rows_or_many_is_brute_force(
    dtype: torch.dtype,
    packed: bool,
    seed: int,
    count: int,
    k: int,
    floor: float,
    spread: float,
    most: float | None,
    shares: list[float],
) -> None:
    rng = np.random.default_rng(seed)
    matrix = VectorMatrix(DIM, 1, dtype, packed)
    rows = vectors(rng, count, spread)
    rows[rng.random(count) < 0.05] = 0.0
    matrix.set(np.arange(count), rows)
    queries = vectors(rng, len(shares), spread)
    drawn = Corrected.drawn(rng, len(shares), count, most or 0.0)
    pairing = DotPairing() if most is None else drawn
    masks = rng.random((len(shares), count)) < np.array(shares)[:, None]
    found = matrix.topk(queries, masks, k, floor, pairing)
    everybody = [brute(matrix, q, m, count, -np.inf, e) for q, m, e in zip(
        queries, masks, drawn.added, strict=True)]  # fmt: skip
    for (slots, scores), query, mask, added in zip(found, queries, masks, drawn.added, strict=True):
        assert (slots.tolist(), scores.tolist()) == brute(matrix, query, mask, k, floor, added)
    reached = [np.float32(score) for _, scores in everybody for score in scores] or [np.float32(1)]
    thresholds = rng.choice(np.array(reached), size=count)
    for affected, (those, reaching) in zip(
        matrix.affected(queries, masks, thresholds, pairing), everybody, strict=True
    ):
        enough = np.array(reaching, np.float32) >= thresholds[those]
        assert affected.tolist() == np.sort(np.array(those)[enough]).tolist()


def test_rows_that_no_mask_leaves_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(6)
    matrix = VectorMatrix(DIM, 1)
    matrix.set(np.arange(300), vectors(rng, 300, 0.6))
    queries, masks = vectors(rng, 2, 0.6), np.zeros((2, 300), bool)
    masks[0, [3, 250]] = masks[1, [250, 251, 252]] = True

    def multiplied(*_: object) -> None:
        raise AssertionError("a product over all rows")

    monkeypatch.setattr(tiles, "product", multiplied)
    answers = matrix.topk(queries, masks, 5)
    assert [sorted(slots.tolist()) for slots, _ in answers] == [[3, 250], [250, 251, 252]]
    assert [s.tolist() for s in matrix.affected(queries, masks, np.full(300, -1.0))] == [
        [3, 250],
        [250, 251, 252],
    ]
    with pytest.raises(AssertionError, match="over all rows"):
        matrix.topk(queries, np.ones((2, 300), bool), 5)


@pytest.mark.parametrize(
    ("left", "few"),
    [([566], True), ([567], False), ([0, 600], True), ([0, 601], False), ([300, 301], False)],
)
def test_rows_are_gathered_where_reading_all_of_them_costs_more(left: list[int], few: bool) -> None:
    masks = np.arange(3000) < np.array(left)[:, None]  # 90 a row left against 16 + 1 for each query
    assert gathered.few(masks) is few


@given(seed=st.integers(0, 2**32 - 1), spread=st.sampled_from([1e-3, 0.3, 3.0]))
def test_the_error_bound_of_gathered_rows_holds(seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    rows, query = quantise(vectors(rng, 500, spread, 480)), quantise(vectors(rng, 1, spread, 480))
    exact = exact_dots(query, rows)
    near = exact - gathered.error_bound(query, stored.longest(rows))
    slots, dots = gathered.dots(rows, np.arange(500), query[0], near)
    assert slots.tolist() == list(range(500))
    assert dots.tolist() == exact.tolist()


def test_a_float32_product_alone_would_lose_rows() -> None:
    rng = np.random.default_rng(8)
    rows, query = quantise(vectors(rng, 500, 0.3, 480)), quantise(vectors(rng, 1, 0.3, 480))
    slots, _ = gathered.dots(rows, np.arange(500), query[0], exact_dots(query, rows))
    assert len(slots) < 500
