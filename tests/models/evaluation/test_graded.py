"""The set judged by hand, with and without hard filters, and the full ranking over it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from models.encoding.lexical import lexical_vectors
from models.evaluation import graded, run
from models.evaluation.whole import Whole
from schemas.errors import UsageError
from schemas.job import Job
from schemas.profile import Profile

PEOPLE = [
    {"id": "p1", "split": "dev", "style": "sms", "mix": "es-qu", "trade": "cook",
     "profile": {"text": "kiero chamba d cocinera", "ubigeo": "150101", "age": 17}},
    {"id": "p2", "split": "test", "style": "long", "mix": "es", "trade": "driver",
     "profile": {"text": "manejo camion"}},
]  # fmt: skip
JOBS = [
    {"id": "cook", "kind": "ordinary", "job": {"title": "Cocinera de menú"}},
    {"id": "adult", "kind": "ordinary", "job": {"title": "Cocinera de chifa", "min_age": 18}},
    {"id": "trap", "kind": "risky", "job": {"title": "Cocinera, viaje pagado"}},
    {"id": "driver", "kind": "ordinary", "job": {"title": "Chofer de camión"}},
]
GRADES = ["person\tjob\tgrade\tviolation", "p1\tcook\t3\t", "p1\tadult\t0\tage", "p1\ttrap\t0\t",
          "p2\tcook\t0\tcertificate", "p2\tdriver\t3\t"]  # fmt: skip


def _write(folder: Path, grades: Sequence[str] = GRADES, people: Any = PEOPLE) -> Path:
    for name, rows in (("people.jsonl", people), ("jobs.jsonl", JOBS)):
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
    (about,) = found.about
    assert (about["style"], about["language mix"], about["region"]) == ("sms", "es-qu", "Lima")
    assert about["trade"] == "5 services and sales", "of the jobs that are right for her"
    assert about["poverty of the district"] != "unknown"
    assert found.risky.tolist() == [False, False, True, False]
    assert found.grades == [{0: 3.0, 1: 0.0, 2: 0.0}]
    both = graded.load(tmp_path)
    assert len(both.people) == 2
    assert both.about[1]["trade"] == "8 machines and driving", "cooking is not right for p2"


def test_what_a_person_may_not_have_is_what_filters_see_and_what_was_judged(tmp_path: Path) -> None:
    grades = [line.removesuffix("age") for line in GRADES]
    found = graded.load(_write(tmp_path, grades))
    assert found.fails.tolist() == [
        [False, True, False, False],  # she is 17, whether or not the grader says so
        [True, False, False, False],  # the certificate is no filter's business
    ]


def test_what_does_not_hold_together_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="conjunto"):
        graded.load(tmp_path)
    for line in ("p1\tnobody\t3", "nobody\tcook\t3", "p1\tcook\t4", "p1\tcook"):
        with pytest.raises(UsageError, match="línea 2"):
            graded.load(_write(tmp_path, [GRADES[0], line]))
    for wrong in ({"id": "p3"}, {**PEOPLE[0], "split": "train"}, {**PEOPLE[0], "profile": {}}):
        with pytest.raises(UsageError, match=r"people.jsonl, línea 3"):
            graded.load(_write(tmp_path, people=[*PEOPLE, wrong]))


def test_the_version_changes_with_the_content(tmp_path: Path) -> None:
    before = graded.version(_write(tmp_path))
    assert graded.version(_write(tmp_path)) == before
    assert graded.version(_write(tmp_path, GRADES[:-1])) != before


def test_only_judged_jobs_count_and_harm_is_looked_for_in_all(tmp_path: Path) -> None:
    whole, fair = graded.graded_tasks(graded.load(_write(tmp_path), "dev"))
    worst = np.array([[1, 4, 3, 2]], np.float32)  # adult, trap, driver, cook
    figures = [run.measure(task, lambda q, d: worst) for task in (whole, fair)]
    assert [float(f["MRR"][0]) for f in figures] == [1 / 3, 1 / 2], "nobody judged the driver"
    assert [float(figures[0][harm][0]) for harm in run.HARMS] == [1.0, 1.0]
    assert not set(run.HARMS) & set(figures[1])
    unjudged = graded.load(_write(tmp_path, [GRADES[0], GRADES[1]]), "dev")
    values = run.measure(graded.graded_tasks(unjudged)[0], lambda q, d: worst)
    assert [float(values[harm][0]) for harm in run.HARMS] == [1.0, 1.0], "not judged, yet harm"


def _whole(**more: Any) -> Whole:
    return Whole(Spelling(), **more)


def test_the_whole_ranking_filters_by_itself(tmp_path: Path) -> None:
    held = graded.load(_write(tmp_path))
    system = _whole().system(held.jobs, held.people)
    task = graded.graded_tasks(held)[0]
    scores = system(task.queries, task.documents)
    assert scores[0, 1] == -np.inf
    assert scores[1].argmax() == 3
    assert sorted(scores[1, np.isfinite(scores[1])].tolist()) == [-3.0, -2.0, -1.0, 0.0]
    values = run.measure(task, system)
    assert values[run.HARMS[0]].tolist() == [0.0, 1.0], "no filter knows of certificates"
    ranked = _whole().scores(held.people, held.jobs)
    known = np.isfinite(ranked)
    assert ((ranked >= 0.0) & (ranked <= 1.0))[known].all()
    assert ranked[1].argmax() == 3
    with pytest.raises(ValueError, match="own people"):
        system(task.queries[:1], task.documents)


def test_ads_that_wait_for_review_are_in_no_ranking(tmp_path: Path) -> None:
    held = graded.load(_write(tmp_path))
    gated = _whole(held=lambda job: job.job_id == "trap")
    task = graded.graded_tasks(held)[0]
    assert run.measure(task, gated.system(held.jobs, held.people))[run.HARMS[1]].tolist() == [0, 0]
    open_to_all = run.measure(task, _whole().system(held.jobs, held.people))
    assert open_to_all[run.HARMS[1]].tolist() == [1, 1]
    scores = gated.scores(held.people, held.jobs)
    assert np.isneginf(scores[:, 2]).all()
    assert scores[1].argmax() == 3, "the others keep their places"


def test_the_whole_ranking_of_texts_alone() -> None:
    jobs = [Job(job_id=str(i), title=title) for i, title in enumerate(["chofer", "cocinero"])]
    system = _whole().system(jobs)
    assert system(["soy cocinera", "soy cocinero"], ["", ""]).argmax(axis=1).tolist() == [1, 1]


def test_a_near_duplicate_comes_with_the_one_it_is_listed_with() -> None:
    text = "Se necesita cocinera con experiencia en menú criollo, de lunes a sábado, con almuerzo"
    jobs = [
        Job(job_id="a", title="Cocinera", description=text),
        Job(job_id="b", title="Cocinera", description=text, employer="Otra agencia"),
        Job(job_id="c", title="Chofer"),
    ]
    person = [Profile(profile_id="p", text="cocinera")]
    assert _whole().system(jobs, person)(["p"], [""] * 3).tolist() == [[0.0, -1.0, -2.0]]
    assert _whole().scores(person, jobs)[0, 1] == -np.inf
