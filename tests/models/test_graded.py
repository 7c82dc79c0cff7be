"""The set judged by hand, with and without hard filters, and the full ranking over it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from models.blend import make_ranker
from models.evaluation import graded, run
from models.evaluation.systems import ranker_scores, ranking
from models.lexical import lexical_vectors
from schemas.errors import UsageError
from schemas.job import Job
from schemas.profile import Profile

PEOPLE = [
    {"profile_id": "p1", "text": "kiero chamba d cocinera", "ubigeo": "150101", "age": 17,
     "style": "sms", "split": "dev", "trade": "cook", "gender": "f", "language_mix": "es"},
    {"profile_id": "p2", "text": "manejo camion", "split": "test", "style": "plain"},
]  # fmt: skip
JOBS = [
    {"job_id": "cook", "title": "Cocinera de menú", "kind": "ordinary"},
    {"job_id": "adult", "title": "Cocinera de chifa", "min_age": 18, "kind": "ordinary"},
    {"job_id": "trap", "title": "Cocinera, viaje pagado", "kind": "risky"},
    {"job_id": "driver", "title": "Chofer de camión", "kind": "ordinary"},
]
GRADES = ["p1\tcook\t3", "p1\tadult\t0", "p1\ttrap\t0", "p2\tdriver\t3", "p2\tcook\t0"]


def _write(folder: Path, grades: Sequence[str] = GRADES) -> Path:
    for name, rows in (("people.jsonl", PEOPLE), ("jobs.jsonl", JOBS)):
        (folder / name).write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    (folder / "grades.tsv").write_text("\n".join(grades) + "\n", encoding="utf-8")
    return folder


class Spelling:
    """Vectors of spelling in place of an encoder's: enough to rank four jobs."""

    def encode(self, texts: Sequence[str], kind: Any) -> Any:
        return lexical_vectors(texts)


def test_a_split_is_read_with_its_slices(tmp_path: Path) -> None:
    found = graded.load(_write(tmp_path), "dev")
    assert [person.profile_id for person in found.people] == ["p1"]
    assert found.about[0]["style"] == "sms"
    assert found.about[0]["region"] == "Lima"
    assert found.about[0]["poverty of the district"] != "unknown"
    assert found.risky.tolist() == [False, False, True, False]
    assert found.grades == [{0: 3.0, 1: 0.0, 2: 0.0}]
    assert len(graded.load(tmp_path).people) == 2


def test_what_does_not_hold_together_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="conjunto"):
        graded.load(tmp_path)
    for line in ("p1\tnobody\t3", "p1\tcook\t4", "p1\tcook"):
        with pytest.raises(UsageError, match="línea 2"):
            graded.load(_write(tmp_path, [GRADES[0], line]))


def test_filters_judged_and_pool(tmp_path: Path) -> None:
    judged, fair, pool, pool_fair = graded.graded_tasks(graded.load(_write(tmp_path), "dev"))
    worst = np.array([[1, 4, 3, 2]], np.float32)  # adult, trap, driver, cook
    figures = [run.measure(task, lambda q, d: worst) for task in (judged, fair, pool, pool_fair)]
    assert [float(f["MRR"][0]) for f in figures] == [1 / 3, 1 / 2, 1 / 4, 1 / 3]
    assert [float(f[run.HARMS[0]][0]) for f in figures] == [1, 0, 1, 0], "she is 17"
    assert [float(f[run.HARMS[1]][0]) for f in figures] == [1, 1, 1, 1], "the trap is ranked"


def test_the_full_ranking_filters_by_itself(tmp_path: Path) -> None:
    held = graded.load(_write(tmp_path))
    ranker = make_ranker("blend", 0.0)
    system = ranking(held.people, held.jobs, Spelling(), ranker)
    task = graded.graded_tasks(held)[2]
    scores = system(task.queries, task.documents)
    assert scores[0, 1] == -np.inf
    assert scores[1].argmax() == 3
    assert sorted(scores[1, np.isfinite(scores[1])].tolist()) == [-3.0, -2.0, -1.0, 0.0]
    values = run.measure(task, system)
    assert values[run.HARMS[0]].tolist() == [0.0, 0.0]
    graded_scores = ranker_scores(held.people, held.jobs, Spelling(), ranker)
    ranked = np.isfinite(graded_scores)
    assert ((graded_scores >= 0.0) & (graded_scores <= 1.0))[ranked].all()
    assert graded_scores[1].argmax() == 3
    with pytest.raises(ValueError, match="own people"):
        system(task.queries[:1], task.documents)


def test_the_full_ranking_of_texts_alone() -> None:
    jobs = [Job(job_id=str(i), title=title) for i, title in enumerate(["chofer", "cocinero"])]
    system = ranking(None, jobs, Spelling(), make_ranker("blend", 0.0))
    assert system(["soy cocinera", "soy cocinero"], ["", ""]).argmax(axis=1).tolist() == [1, 1]


def test_a_near_duplicate_comes_with_the_one_it_is_listed_with() -> None:
    text = "Se necesita cocinera con experiencia en menú criollo, de lunes a sábado, con almuerzo"
    jobs = [
        Job(job_id="a", title="Cocinera", description=text),
        Job(job_id="b", title="Cocinera", description=text, employer="Otra agencia"),
        Job(job_id="c", title="Chofer"),
    ]
    person = [Profile(profile_id="p", text="cocinera")]
    scores = ranking(person, jobs, Spelling(), make_ranker("blend", 0.0))(["p"], [""] * 3)
    assert scores.tolist() == [[0.0, -1.0, -2.0]]
    shown = ranker_scores(person, jobs, Spelling(), make_ranker("blend", 0.0))
    assert shown[0, 1] == -np.inf
