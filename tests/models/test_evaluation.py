"""Metrics against values worked out by hand, and tasks that cannot leak what was learned."""

from __future__ import annotations

import csv
import gzip
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from models.evaluation import run
from models.evaluation.gender import overlaps
from models.evaluation.metrics import (
    average_precision,
    interval,
    ndcg_at,
    precision_at,
    rank_biased_overlap,
    reciprocal_rank,
)
from models.evaluation.splits import split_of
from models.evaluation.systems import Scores
from models.evaluation.titles import FILE, average_precisions, pairs, title_task

HITS = [False, True, True, False, True]


def test_metrics_of_one_query() -> None:
    assert average_precision(HITS, 3) == pytest.approx((1 / 2 + 2 / 3 + 3 / 5) / 3)
    assert average_precision(HITS, 6) == pytest.approx((1 / 2 + 2 / 3 + 3 / 5) / 6)
    assert average_precision([False], 2) == 0.0
    assert reciprocal_rank(HITS) == 0.5
    assert reciprocal_rank([False]) == 0.0
    assert precision_at(HITS, 5) == 0.6


def test_ndcg_discounts_by_the_logarithm_of_the_rank() -> None:
    gained = (2**1 - 1) / math.log2(2) + (2**3 - 1) / math.log2(3)
    best = (2**3 - 1) / math.log2(2) + (2**1 - 1) / math.log2(3)
    assert ndcg_at([1, 3], [3, 1], 10) == pytest.approx(gained / best)
    assert ndcg_at([3, 1], [1, 3], 10) == 1.0
    assert ndcg_at([0, 0], [0, 0], 10) == 0.0
    assert ndcg_at([0, 3], [3], 1) == 0.0


def test_rank_biased_overlap() -> None:
    same = list("abcde")
    assert rank_biased_overlap(same, same) == pytest.approx(1.0)
    assert rank_biased_overlap(same, list("vwxyz")) == 0.0
    # depths 1 and 2 agree by 0 and 1: (1 - p) * p + 1 * p ** 2 = p
    assert rank_biased_overlap(["a", "b"], ["b", "a"], p=0.9) == pytest.approx(0.9)
    top, bottom = list("bacde"), list("abced")
    assert rank_biased_overlap(same, bottom) > rank_biased_overlap(same, top)


def test_the_interval_holds_the_mean_and_narrows() -> None:
    rng = np.random.default_rng(1)
    few, many = rng.random(20), rng.random(2000)
    low, high = interval(few)
    assert low < few.mean() < high
    assert interval(few) == (low, high), "seeded"
    narrow = interval(many)
    assert narrow[1] - narrow[0] < high - low


def _titles(folder: Path, count: int = 400) -> None:
    (folder / FILE).parent.mkdir(parents=True)
    lines = [f"isco\tesco/{i}\ttitulo {i} {v}\totro {i} {v}" for i in range(count) for v in "ab"]
    (folder / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_no_occupation_is_on_two_sides(tmp_path: Path) -> None:
    _titles(tmp_path)
    seen = {split: {esco for esco, _, _ in pairs(tmp_path, split)} for split in
            ("train", "dev", "test")}  # fmt: skip
    assert sum(len(group) for group in seen.values()) == len(set().union(*seen.values())) == 400
    assert 240 < len(seen["train"]) < 320
    assert len(seen["test"]) > len(seen["dev"]) > 10
    assert split_of("http://data.europa.eu/esco/occupation/1") == "train", "never changes"


def test_a_title_finds_the_others_of_its_occupation_and_never_itself(tmp_path: Path) -> None:
    _titles(tmp_path)
    task = title_task(tmp_path, "dev")
    for i, right in enumerate(task.relevant):
        assert i not in right
        number = task.titles[i].split()[1]
        assert {task.titles[j].split()[1] for j in right} == {number}
        assert len(right) == 3
    right_first = np.eye(len(task.titles), dtype=np.float32) * 9
    for i, right in enumerate(task.relevant):
        right_first[i, list(right)] = 1
    assert average_precisions(right_first, task.relevant).min() == 1.0
    assert average_precisions(-right_first, task.relevant).max() < 1.0


def test_a_known_item_does_not_repeat_its_title(tmp_path: Path) -> None:
    path = tmp_path / run.SERVIR
    path.parent.mkdir(parents=True)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, ["job_title", "required_knowledge"])
        rows.writeheader()
        for i in range(300):
            body = f"CONOCIMIENTO DE COCINA Y LIMPIEZA NUMERO {i} " + "DE SEGURIDAD " * 8
            rows.writerow({"job_title": f"PERSONAL DE COCINA {i}", "required_knowledge": body})
    task = run.known_items(tmp_path, 20, "test")
    assert len(task.queries) == len(set(task.queries)) == 20
    for i, (query, body) in enumerate(zip(task.queries, task.documents, strict=True)):
        assert "cocina" in query
        assert split_of(query) == "test"
        assert "cocina" not in body
        assert "limpieza" in body
        assert task.relevant[i] == {i}


def test_a_better_system_has_better_figures() -> None:
    task = run.Task("toy", ["a", "b"], ["x", "y", "z"], [{0}, {2}], [-1, -1])
    right = np.array([[3, 2, 1], [1, 2, 3]], np.float32)
    rows = run.table([task], {"right": lambda q, d: right, "wrong": lambda q, d: -right})
    assert rows[0]["MAP"] == rows[0]["MRR"] == rows[0]["nDCG@10"] == 1.0
    assert rows[1]["MAP"] == pytest.approx(1 / 3, abs=1e-4)
    assert rows[0]["P@5"] == 0.2


def test_gender_overlap_is_one_only_for_a_system_that_does_not_look() -> None:
    pairs = [("busco trabajo, soy cocinero", "busco trabajo, soy cocinera")]
    documents = [f"cocin{end} {i}" for i in range(30) for end in ("ero", "era")]

    def blind(queries: Sequence[str], documents: Sequence[str]) -> Scores:
        return np.tile(np.arange(len(documents), dtype=np.float32), (len(queries), 1))

    def sees(queries: Sequence[str], documents: Sequence[str]) -> Scores:
        ends = [query[-1] for query in queries]
        return np.array([[float(d.split()[0][-1] == e) for d in documents] for e in ends], "f4")

    assert overlaps(blind, pairs, documents)[0] == pytest.approx(1.0)
    assert overlaps(sees, pairs, documents)[0] < 0.3
