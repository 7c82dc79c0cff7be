"""Metrics against values worked out by hand, and tasks that cannot leak what was learned."""

from __future__ import annotations

import csv
import gzip
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from models.evaluation import run
from models.evaluation.gender import listed_pairs, overlaps
from models.evaluation.metrics import (
    average_precision,
    ndcg_at,
    precision_at,
    rank_biased_overlap,
    reciprocal_rank,
)
from models.evaluation.resampling import Estimate, Resampling
from models.evaluation.slices import in_order, length
from models.evaluation.splits import split_of
from models.evaluation.systems import EncodeOnce, Scores, bm25, char_tfidf
from models.evaluation.tasks import SERVIR, Task, known_items, title_tasks
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


def test_metrics_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import average_precision_score, ndcg_score

    rng = np.random.default_rng(3)
    for _ in range(30):
        scores, grades = rng.random(25), rng.integers(0, 4, 25)
        right = grades >= 2
        ranked = np.argsort(-scores)
        assert average_precision(right[ranked].tolist(), int(right.sum())) == pytest.approx(
            average_precision_score(right, scores)
        )
        gains = 2.0**grades - 1  # scikit-learn takes gains as they are
        assert ndcg_at(grades[ranked].tolist(), grades.tolist(), 10) == pytest.approx(
            ndcg_score(gains[None], scores[None], k=10)
        )


def test_the_interval_is_that_of_the_mean() -> None:
    rng = np.random.default_rng(1)
    values = rng.random(2000)
    found = Resampling(range(2000)).estimate(values)
    error = 1.96 * values.std() / math.sqrt(2000)  # by the central limit theorem
    assert found.mean == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - error, abs=0.15 * error)
    assert found.high == pytest.approx(values.mean() + error, abs=0.15 * error)
    assert Resampling(range(2000)).estimate(values) == found, "seeded"


def test_queries_that_hang_together_count_as_one() -> None:
    rng = np.random.default_rng(2)
    each = rng.random(50)
    values, groups = np.repeat(each, 20), np.repeat(np.arange(50), 20).tolist()
    alone, grouped = Resampling(range(1000)).estimate(values), Resampling(groups).estimate(values)
    assert grouped.mean == pytest.approx(alone.mean)
    assert grouped.high - grouped.low > 3 * (alone.high - alone.low)
    few = Resampling(range(50)).estimate(each)
    assert (grouped.low, grouped.high) == pytest.approx((few.low, few.high)), "as 50 queries would"


def test_a_small_steady_gain_is_sure_when_paired() -> None:
    rng = np.random.default_rng(4)
    first = rng.random(100)
    second = first + 0.01
    draws = Resampling(range(100))
    assert draws.estimate(second).low < draws.estimate(first).high, "apart they overlap"
    gain = draws.estimate(second - first)
    assert (gain.low, gain.high) == pytest.approx((0.01, 0.01))


def test_a_slice_is_judged_by_its_own_queries() -> None:
    values = np.array([1.0, 1.0, 0.0, 0.0])
    draws = Resampling(range(4))
    where = np.array([True, True, False, False])
    assert draws.estimate(values, where) == Estimate(1.0, 1.0, 1.0)
    assert math.isnan(draws.estimate(values, np.zeros(4, np.bool_)).mean)


def test_a_ratio_is_that_of_the_means_over_the_same_draws() -> None:
    rng = np.random.default_rng(5)
    below = rng.random(60)
    draws = Resampling(range(60))
    twice = draws.ratio(2 * below, below)
    assert (twice.mean, twice.low, twice.high) == pytest.approx((2.0, 2.0, 2.0))
    other = draws.ratio(rng.random(60) + 0.5, below)
    assert other.low < other.mean < other.high
    assert math.isnan(draws.ratio(below, np.zeros(60)).mean)


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


def test_the_crowd_holds_all_titles_and_no_other_right_answers(tmp_path: Path) -> None:
    _titles(tmp_path)
    plain, _, kin, crowd = title_tasks(tmp_path, "dev", crowd=True)
    assert len(crowd.documents) == 1600 > len(plain.documents)
    assert crowd.queries == plain.queries
    for i, right in enumerate(plain.relevant):
        assert crowd.documents[crowd.itself[i]] == crowd.queries[i]
        named = {plain.documents[j] for j in right}
        assert {crowd.documents[j] for j in crowd.relevant[i]} == named
        assert right <= kin.relevant[i], "who bears the same occupation is of the same unit group"
        assert i not in kin.relevant[i]


def test_a_known_item_does_not_repeat_its_title(tmp_path: Path) -> None:
    path = tmp_path / SERVIR
    path.parent.mkdir(parents=True)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, ["job_title", "ubication", "required_knowledge"])
        rows.writeheader()
        for i in range(300):
            body = f"CONOCIMIENTO DE COCINA Y LIMPIEZA NUMERO {i} " + "DE SEGURIDAD " * 8
            title = f"PERSONAL DE COCINA {i}"
            where = "CUSCO - WANCHAQ"
            rows.writerow({"job_title": title, "ubication": where, "required_knowledge": body})
    task = known_items(tmp_path, 20, "test")
    assert "silver" in task.name
    assert {facets["region"] for facets in task.facets} == {"Cusco"}
    assert len(task.queries) == len(set(task.queries)) == 20
    for i, (query, body) in enumerate(zip(task.queries, task.documents, strict=True)):
        assert "cocina" in query
        assert split_of(query) == "test"
        assert "cocina" not in body
        assert "limpieza" in body
        assert task.relevant[i] == {i}


def _toy(**more: Any) -> Task:
    return Task("toy", ["a", "b"], ["x", "y", "z"], [{0}, {2}], [-1, -1], **more)


RIGHT = np.array([[3, 2, 1], [1, 2, 3]], np.float32)


def test_a_better_system_has_better_figures() -> None:
    found = run.compare(_toy(), {"wrong": lambda q, d: -RIGHT, "right": lambda q, d: RIGHT})
    right, wrong = found["systems"]["right"], found["systems"]["wrong"]
    assert right["MAP"]["mean"] == right["MRR"]["mean"] == right["nDCG@10"]["mean"] == 1.0
    assert wrong["MAP"]["mean"] == pytest.approx(1 / 3, abs=1e-4)
    assert right["P@5"]["mean"] == 0.2
    (gain,) = found["differences"]
    assert (gain["from"], gain["to"]) == ("wrong", "right")
    assert gain["MAP"]["mean"] == pytest.approx(2 / 3, abs=1e-4)
    assert gain["ratio"]["mean"] == pytest.approx(3.0, abs=1e-3)
    assert run.difference(found, "wrong", "right") is gain
    assert run.difference(found, "right", "wrong") is None


def test_the_best_plain_system_is_the_one_to_beat() -> None:
    half = np.stack([RIGHT[0], -RIGHT[1]])
    systems = {"bm25": lambda q, d: -RIGHT, "tfidf": lambda q, d: half, "new": lambda q, d: RIGHT}
    assert run.best_plain(run.compare(_toy(), systems)) == "tfidf"
    assert run.best_plain(run.compare(_toy(), {"new": systems["new"]})) is None


def test_slices_are_reported_apart() -> None:
    half = np.stack([RIGHT[0], -RIGHT[1]])  # the first query right, the second wrong
    facets = [{"style": "sms"}, {"style": "plain"}]
    found = run.compare(_toy(facets=facets), {"half": lambda q, d: half})
    told = {row["slice"]: row["systems"]["half"]["MAP"]["mean"] for row in found["slices"]}
    assert told == {"sms": 1.0, "plain": pytest.approx(1 / 3, abs=1e-4)}


def test_slices_stand_in_the_order_of_their_numbers() -> None:
    names = ["13 words and more", "20 to 40 %", "3-6 words", "below 20 %"]
    assert in_order(names) == ["below 20 %", "3-6 words", "13 words and more", "20 to 40 %"]
    assert [length("a " * n) for n in (2, 3, 12, 13)] == [
        "1-2 words", "3-6 words", "7-12 words", "13 words and more"
    ]  # fmt: skip


def test_a_query_does_not_find_itself() -> None:
    task = Task("toy", ["a", "b"], ["a", "b", "c"], [{2}, {2}], [0, -1])
    itself_first = np.array([[3, 1, 2], [3, 1, 2]], np.float32)
    values = run.measure(task, lambda q, d: itself_first)
    assert values["MRR"].tolist() == [1.0, 0.5]


def test_what_must_not_be_ranked_leaves_the_ranking() -> None:
    unranked = np.where(RIGHT == 3, -np.inf, RIGHT).astype(np.float32)
    assert run.measure(_toy(), lambda q, d: unranked)["MAP"].tolist() == [0.0, 0.0]
    allowed = np.array([[False, True, True], [True, True, True]])
    values = run.measure(_toy(allowed=allowed), lambda q, d: RIGHT)
    assert values["MAP"].tolist() == [0.0, 1.0], "a right answer that is filtered out is missed"


def test_harm_in_the_first_ten_is_counted() -> None:
    documents = [str(i) for i in range(12)]
    scores = -np.arange(12, dtype=np.float32)[None]
    violates = np.zeros((1, 12), np.bool_)
    violates[0, [3, 9, 10]] = True
    risky = np.zeros(12, np.bool_)
    risky[[0, 11]] = True
    task = Task("toy", ["a"], documents, [{0}], [-1], violates=violates, risky=risky)
    values = run.measure(task, lambda q, d: scores)
    assert [values[name].tolist() for name in run.HARMS] == [[2.0], [1.0]]


def test_each_text_is_encoded_once() -> None:
    class Counting:
        version, dim = "counting", 2

        def __init__(self) -> None:
            self.seen: list[tuple[str, str]] = []

        def encode(self, texts: Sequence[str], kind: str) -> Scores:
            self.seen += [(kind, text) for text in texts]
            return np.array([[len(text), 1.0] for text in texts], np.float32)

    inner = Counting()
    once = EncodeOnce(cast(Any, inner))
    assert once.encode(["a", "bb", "a"], "query").tolist() == [[1, 1], [2, 1], [1, 1]]
    assert once.encode(["bb", "ccc"], "query").tolist() == [[2, 1], [3, 1]]
    assert once.encode(["a"], "passage").tolist() == [[1, 1]]
    assert once.encode([], "query").shape == (0, 2)
    assert sorted(inner.seen) == sorted(set(inner.seen))
    assert len(inner.seen) == 4


def test_the_baselines_find_the_document_with_the_words() -> None:
    documents = ["cocinero de restaurante", "chofer de camión", "técnica en enfermería"]
    for system in (bm25, char_tfidf):
        scores = system(["chofer", "enfermería", "xyz"], documents)
        assert scores.shape == (3, 3)
        assert scores[:2].argmax(axis=1).tolist() == [1, 2]
        assert scores[2].max() == 0.0
    assert char_tfidf(["enfermeria tecnico"], documents).argmax() == 2


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


def test_pairs_are_read_without_comments_and_heading(tmp_path: Path) -> None:
    file = tmp_path / "pairs.tsv"
    lines = ["# invented\tpairs", "masculine\tfeminine", "soy cocinero\tsoy cocinera", ""]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert listed_pairs(file) == [("soy cocinero", "soy cocinera")]


def test_documents_that_were_not_found_are_no_common_ground() -> None:
    documents = [str(i) for i in range(30)]
    one_each = np.zeros((2, 30), np.float32)
    one_each[0, 3] = one_each[1, 4] = 1.0
    found = overlaps(lambda q, d: one_each[[0 if q[0] == "he" else 1]], [("he", "she")], documents)
    assert found.tolist() == [0.0], "the other 28 are in no ranking"


def test_where_many_are_looked_at_together_each_interval_is_wider() -> None:
    values = np.random.default_rng(3).normal(size=60)
    usual, wider = (Resampling(range(60), samples=4000, level=level).estimate(values)
                    for level in (0.95, 0.999))  # fmt: skip
    assert wider.low < usual.low < usual.mean < usual.high < wider.high
    assert usual.mean == wider.mean
