"""Shortlists and bounds change nothing: every answer equals brute force over all pairs."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.search import tiles
from models.search.arrays import Double, Vector
from models.search.matrix import VectorMatrix, quantise
from models.search.pairing import DotPairing, exact_dots, rounded
from tests.models.search.drawn import DIM, Corrected, brute, each_way, vectors


@each_way
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 300),
    k=st.integers(1, 40),
    floor=st.sampled_from([-np.inf, 0.0, 0.7, 0.8, 0.95, 1.1]),
    spread=st.sampled_from([1e-3, 0.05, 0.6, 3.0]),
    share=st.sampled_from([None, 0.0, 0.02, 0.5, 1.0]),
)
def test_topk_is_brute_force(
    dtype: torch.dtype,
    packed: bool,
    seed: int,
    count: int,
    k: int,
    floor: float,
    spread: float,
    share: float | None,
) -> None:
    rng = np.random.default_rng(seed)
    matrix = VectorMatrix(DIM, 1, dtype, packed)
    matrix.set(rng.permutation(count), vectors(rng, count, spread))
    queries = vectors(rng, 3, spread)
    masks = None if share is None else rng.random((3, matrix.n)) < share
    found = matrix.topk(queries, masks, k, floor)
    for i, (slots, scores) in enumerate(found):
        mask = np.ones(matrix.n, bool) if masks is None else masks[i]
        assert (slots.tolist(), scores.tolist()) == brute(matrix, queries[i], mask, k, floor)


@each_way
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 600),
    k=st.integers(1, 20),
    floor=st.sampled_from([-np.inf, 0.8, 1.0]),
    spread=st.sampled_from([1e-3, 0.05, 0.6]),
    most=st.sampled_from([1e-4, 0.01, 0.3]),
)
def test_topk_with_evidence_is_brute_force(
    dtype: torch.dtype,
    packed: bool,
    seed: int,
    count: int,
    k: int,
    floor: float,
    spread: float,
    most: float,
) -> None:
    rng = np.random.default_rng(seed)
    matrix = VectorMatrix(DIM, 1, dtype, packed)
    matrix.set(np.arange(count), vectors(rng, count, spread))
    queries, pairing = vectors(rng, 3, spread), Corrected.drawn(rng, 3, count, most)
    masks = rng.random((3, count)) < 0.8
    for i, (slots, scores) in enumerate(matrix.topk(queries, masks, k, floor, pairing)):
        expected = brute(matrix, queries[i], masks[i], k, floor, pairing.added[i])
        assert (slots.tolist(), scores.tolist()) == expected


@each_way
@pytest.mark.parametrize("count", [tiles.ROWS - 1, tiles.ROWS, 3 * tiles.ROWS + 17])
def test_topk_is_brute_force_over_several_tiles(
    dtype: torch.dtype, packed: bool, count: int
) -> None:
    rng = np.random.default_rng(count)
    matrix = VectorMatrix(DIM, 1, dtype, packed)
    matrix.set(np.arange(count), vectors(rng, count, 0.6))
    queries = vectors(rng, 4, 0.6)
    masks = rng.random((4, count)) < 0.3
    for k in (1, 20, count + 1):
        for i, (slots, scores) in enumerate(matrix.topk(queries, masks, k, 0.5)):
            expected = brute(matrix, queries[i], masks[i], k, 0.5)
            assert (slots.tolist(), scores.tolist()) == expected


@each_way
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 300),
    most=st.sampled_from([None, 1e-4, 0.01, 0.3]),
)
def test_affected_are_those_who_reach_their_threshold(
    dtype: torch.dtype, packed: bool, seed: int, count: int, most: float | None
) -> None:
    rng = np.random.default_rng(seed)
    matrix = VectorMatrix(DIM, 1, dtype, packed)
    matrix.set(np.arange(count), vectors(rng, count, 0.6))
    queries = vectors(rng, 3, 0.6)
    masks = rng.random((3, count)) < 0.7
    pairing = None if most is None else Corrected.drawn(rng, 3, count, most)
    dots = np.stack([exact_dots(quantise(q)[None], matrix.view()) for q in queries])
    scores = rounded(dots if pairing is None else dots + pairing.added)
    # many thresholds are a score that is reached exactly, or missed by the last decimal
    picked = scores[rng.integers(0, 3, size=count), np.arange(count)]
    thresholds = np.round(picked + rng.choice([-1e-4, 0, 1e-4], size=count), 4).astype(np.float32)
    thresholds[rng.random(count) < 0.1] = -np.inf
    found = matrix.affected(queries, masks, thresholds, pairing or DotPairing())
    for i, slots in enumerate(found):
        expected = np.flatnonzero((scores[i].astype(np.float32) >= thresholds) & masks[i])
        assert slots.tolist() == expected.tolist()


@each_way
@given(seed=st.integers(0, 2**32 - 1), spread=st.sampled_from([1e-3, 0.3, 3.0]))
def test_the_error_bound_holds(dtype: torch.dtype, packed: bool, seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    rows = np.zeros((tiles.ROWS, DIM), np.float16)
    rows[:500] = quantise(vectors(rng, 500, spread))
    half = quantise(vectors(rng, 8, spread))
    centre = tiles.centre_of(rows)
    tile, queries = tiles.pack(rows, centre, dtype, packed), tiles.prepare(half, centre, dtype)
    products = tiles.product(queries, tile)[:, :500].double().numpy()
    exact = half.astype(np.float64) @ rows[:500].astype(np.float64).T
    bound = tiles.error_bound(queries, [tile], DIM) + tiles.UNIT[dtype] * np.abs(products)
    assert (np.abs(products + queries.base[:, None] - exact) <= bound).all()
    assert bound.max() < 0.03


def test_scores_do_not_depend_on_the_order_of_addition() -> None:
    rng = np.random.default_rng(3)
    rows = quantise(vectors(rng, 50, 0.6, 384))
    query = rows[7]

    def _pair_scores(one: Vector, many: Vector) -> Double:
        return rounded(exact_dots(one[None], many))

    one_by_one = [_pair_scores(query, rows[i : i + 1])[0] for i in range(len(rows))]
    order = rng.permutation(384)
    shuffled = _pair_scores(query[order], rows[:, order])
    assert _pair_scores(query, rows).tolist() == one_by_one == shuffled.tolist()
    exact = [sum(a * b for a, b in zip(query.tolist(), row.tolist(), strict=True)) for row in rows]
    assert np.round(exact, 4).tolist() == one_by_one


def test_a_slot_is_replaced_emptied_and_used_again() -> None:
    rng = np.random.default_rng(1)
    matrix = VectorMatrix(DIM, 1)
    first = vectors(rng, 10, 0.6)
    matrix.set([9, 4, 700], first[:3])
    assert matrix.n == 701
    query = first[1]
    assert matrix.topk(query, None, 1)[0][0].tolist() == [4]
    matrix.set([4], np.zeros((1, DIM)))
    assert 4 not in matrix.topk(query, None, 99)[0][0]
    matrix.set([4], first[5:6])
    assert matrix.topk(first[5], None, 1)[0][0].tolist() == [4]


def test_growth_keeps_every_row() -> None:
    rng = np.random.default_rng(2)
    matrix = VectorMatrix(DIM, 1)
    rows = vectors(rng, 3 * tiles.ROWS, 0.6)
    for start in range(0, len(rows), 1000):
        part = rows[start : start + 1000]
        matrix.set(np.arange(start, start + len(part)), part)
        assert start + len(part) - 1 in matrix.topk(part[-1], None, 1)[0][0]
    assert np.array_equal(matrix.view(), quantise(rows))
    assert 5 in matrix.topk(rows[5], None, 1)[0][0]


def test_ties_at_the_end_come_all() -> None:
    matrix = VectorMatrix(DIM, 1)
    row = vectors(np.random.default_rng(4), 1, 0.6)
    matrix.set(np.arange(30), np.repeat(row, 30, axis=0))
    assert matrix.topk(row, None, 10)[0][0].tolist() == list(range(30))


def test_nothing_to_find() -> None:
    matrix = VectorMatrix(DIM, 1)
    query = vectors(np.random.default_rng(4), 1, 0.6)
    assert matrix.topk(query, None, 5)[0][0].tolist() == []
    assert matrix.affected(query, None, [])[0].tolist() == []
    matrix.set([0], query)
    assert matrix.topk(query, None, 0)[0][0].tolist() == []
    assert matrix.topk(query, np.zeros((1, 1), bool), 5)[0][0].tolist() == []


def test_the_view_cannot_be_written() -> None:
    matrix = VectorMatrix(DIM, 1)
    matrix.set([0], np.ones((1, DIM)))
    with pytest.raises(ValueError, match="read-only"):
        matrix.view()[0] = 0


def test_ways_find_the_same() -> None:
    rng = np.random.default_rng(8)
    rows, queries = vectors(rng, 5000, 0.6, 384), vectors(rng, 8, 0.6, 384)
    answers = []
    for dtype, packed in product((torch.float32, torch.bfloat16), (None, False)):
        matrix = VectorMatrix(384, 1, dtype, packed)
        matrix.set(np.arange(5000), rows)
        answers.append(matrix.topk(queries, None, 20))
    for one, other in combinations(answers, 2):
        for (slots, scores), (slots2, scores2) in zip(one, other, strict=True):
            assert slots.tolist() == slots2.tolist()
            assert scores.tolist() == scores2.tolist()


@each_way
@pytest.mark.parametrize("then", [1_500, 5_000])
def test_rows_far_behind_the_last_are_found_and_so_are_those_before(
    dtype: torch.dtype, packed: bool, then: int
) -> None:
    """The last tile is as high as its rows need, until rows behind it come."""
    rng = np.random.default_rng(4)
    matrix = VectorMatrix(DIM, 2 * tiles.ROWS, dtype, packed)
    rows = vectors(rng, 1_001, 0.6)
    matrix.set(np.arange(1_000), rows[:1_000])
    assert 999 in matrix.topk(rows[999], None, 1)[0][0]
    matrix.set([then], rows[1_000:])
    masks = np.ones((2, then + 1), np.bool_)
    (before, _), (behind, _) = matrix.topk(rows[[999, 1_000]], masks, 1)
    assert 999 in before
    assert then in behind
