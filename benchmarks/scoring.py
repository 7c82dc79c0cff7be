"""Exact top-20 over 100,000 vectors, 32 queries at a time, beside faiss's exact index.

Run: python -m benchmarks.scoring [--rows N] [--batch N] [--rounds N] [--json FILE]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np
import torch

from benchmarks.report import Goal, Report, alternate
from models.hardware.cpu import usable_cores
from models.search import tiles
from models.search.arrays import Double, Single, Slots, Vector
from models.search.matrix import VectorMatrix, quantise
from models.search.pairing import exact_dots, rounded

BESIDE_FAISS: Final = Goal(amx=12.0, avx2=3.0)
DIM: Final = 384
K: Final = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="vectors in the matrix")
    parser.add_argument("--batch", type=int, default=32, help="queries of one call")
    parser.add_argument("--rounds", type=int, default=15, help="runs of each, the best counts")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    import faiss

    torch.set_num_threads(usable_cores())
    faiss.omp_set_num_threads(usable_cores())
    report = Report("scoring")
    rows, queries = e5_like(options.rows, options.batch)
    # both get the same numbers: the vectors as they are stored
    stored, asked = quantise(rows).astype(np.float32), quantise(queries).astype(np.float32)
    matrix, flat = VectorMatrix(DIM, options.rows), faiss.IndexFlatIP(DIM)
    matrix.set(np.arange(options.rows), stored)
    flat.add(stored)
    rng = np.random.default_rng(9)
    masks = rng.random((options.batch, options.rows)) < 0.3
    best = alternate(
        {
            "ours": lambda: matrix.topk(asked, None, K),
            "faiss": lambda: flat.search(asked, K),
            "masked": lambda: matrix.topk(asked, masks, K),
            "one": lambda: matrix.topk(asked[:1], None, K),
            "faiss_one": lambda: flat.search(asked[:1], K),
        },
        options.rounds,
    )
    report.note("precision_of_the_shortlist", str(tiles.fastest_dtype()))
    report.figure("rows", options.rows, "")
    report.figure("our_exact_top_20", best["ours"] * 1000, f"ms for {options.batch} queries")
    report.figure("faiss_flat_top_20", best["faiss"] * 1000, f"ms for {options.batch} queries")
    report.figure("ratio_to_faiss_flat", best["faiss"] / best["ours"], "x", BESIDE_FAISS)
    report.figure("ours_with_a_mask_of_30_percent", best["masked"] * 1000, "ms")
    report.figure("ours_one_query", best["one"] * 1000, "ms")
    report.figure("faiss_one_query", best["faiss_one"] * 1000, "ms")
    found = matrix.topk(asked, None, K)
    recall = recall_against(found, asked, stored)
    report.figure("recall_against_float32", recall, "", Goal(1.0, 1.0))
    report.note("equals_brute_force_in_float64", equals_brute_force(found, asked, matrix))
    report.finish(options.json)


def e5_like(rows: int, queries: int) -> tuple[Single, Single]:
    """Unit vectors that lie as e5's do: a strong common part, topics, and some of their own.

    Mean cosine of two about 0.8, standard deviation about 0.03, near-duplicates now and then.
    """
    rng = np.random.default_rng(4)
    common = rng.normal(size=DIM)
    common *= 0.89 / np.linalg.norm(common)
    topics = rng.normal(size=(300, DIM)) * (0.3 / np.sqrt(DIM))
    own = 0.34 / np.sqrt(DIM)

    def draw(count: int) -> Single:
        part = topics[rng.integers(0, len(topics), size=count)]
        vectors = common + part + rng.normal(size=(count, DIM)) * own
        unit: Single = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit.astype(np.float32)

    return draw(rows), draw(queries)


def recall_against(
    found: list[tuple[Slots, Double]],
    queries: Single,
    rows: Single,
) -> float:
    """Share of the float32 top-20 that was found; our ties at the end come all."""
    exact = torch.from_numpy(queries) @ torch.from_numpy(rows).T
    best = exact.topk(K, dim=1).indices.numpy()
    hits = [len(set(b.tolist()) & set(f[0].tolist())) for b, f in zip(best, found, strict=True)]
    return float(np.mean(hits)) / K


def equals_brute_force(
    found: list[tuple[Slots, Double]],
    queries: Single,
    matrix: VectorMatrix,
) -> bool:
    """Whether slots and scores are those of scoring every row in float64."""
    stored: Vector = matrix.view()
    for query, (slots, scores) in zip(quantise(queries), found, strict=True):
        exact = rounded(exact_dots(query[None], stored))
        expected = np.flatnonzero(exact >= np.partition(exact, -K)[-K])
        order = expected[np.lexsort((expected, -exact[expected]))]
        if not (np.array_equal(order, slots) and np.array_equal(exact[order], scores)):
            return False
    return True


if __name__ == "__main__":
    main()
