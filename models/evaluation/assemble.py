"""The whole report: which data, which systems, and what it was made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from models.evaluation import exposing, facts_read, gender, graded, run, sending
from models.evaluation import judged as judged_set
from models.evaluation.encoders import Models
from models.evaluation.goals import goals
from models.evaluation.graded import Graded
from models.evaluation.judged import PARTS, Fields
from models.evaluation.lists import lists
from models.evaluation.resampling import SAMPLES, SEED
from models.evaluation.splits import Split
from models.evaluation.systems import System, once
from models.evaluation.tasks import Task, known_items, title_tasks
from models.evaluation.titles import FILE as TITLES
from models.reading.text import job_text
from schemas.errors import UsageError
from schemas.job import Job
from schemas.profile import Profile

DATA: Final = ("graded", "judged", "reading", "titles", "known-item", "gender", "exposure")
RANKER: Final = "ranker"
SYSTEMS: Final = ("bm25", "tfidf", "zero-shot", "lexical", "adapter", "current", RANKER)
"""The ranker is all of it, filters, evidence and vetting too; only where people and jobs are."""
_NEED_FOLDER: Final = ("titles", "known-item")


@dataclass(frozen=True, slots=True)
class Asked:
    """What to measure.

    Attributes:
        data: Some of DATA.
        systems: Some of SYSTEMS, in the order of the report.
        folder: The shared data, None if it is not here.
        split: Held-out occupations, vacancies and people.
        known_items: How many vacancies.
        crowd: Whether titles are also asked among those of all splits.
        people, jobs: For exposure and gender where no graded set is here.
        fields: What is given of the judged people and jobs beside their words.
    """

    data: Sequence[str]
    systems: Sequence[str]
    folder: Path | None
    split: Split
    known_items: int
    crowd: bool
    people: Sequence[Profile] = field(default=())
    jobs: Sequence[Job] = field(default=())
    fields: Sequence[Fields] = ("all", "words")


def evaluate(
    asked: Asked, models: Models, tell: Callable[[str], object] = lambda text: None
) -> dict[str, Any]:
    """The report, as JSON can hold it.

    Args:
        asked: What to measure.
        models: The encoders.
        tell: Called with what is going on.

    Raises:
        UsageError: data are asked for that are not here, or nothing that these systems can do.
    """
    if asked.folder is None and (missing := [d for d in asked.data if d in _NEED_FOLDER]):
        raise UsageError(f"Falta --data-dir: sin esa carpeta no hay {', '.join(missing)}.")
    judged = _judged(asked)
    tell("Leyendo los datos")
    tasks = _tasks(asked, judged)
    report: dict[str, Any] = {"made of": {}, "goals": [], "tasks": []}
    for task in tasks:
        if compared := _systems(asked, models, judged, task):
            report["tasks"].append(run.compare(task, compared, _within(task.name, tell)))
    if "judged" in asked.data:
        report["tasks"] += [_by_fields(asked, models, fields, tell) for fields in asked.fields]
    if "reading" in asked.data:
        tell("lectura")
        report["reading"] = facts_read.report(facts_read.measure(PARTS[asked.split]))
    if "gender" in asked.data:
        tell("género")
        report["gender"] = _gender(asked, models, judged)
    if "exposure" in asked.data:
        tell("exposición")
        report["exposure"] = _exposure(asked, models, judged)
    if not (report["tasks"] or {"gender", "exposure", "reading"} & report.keys()):
        raise UsageError("El sistema ranker ordena personas y avisos, no títulos: pida otro más.")
    report["made of"] = _made_of(asked, models)
    report["goals"] = goals(report)
    return report


def _within(name: str, tell: Callable[[str], object]) -> Callable[[str], object]:
    return lambda system: tell(f"{name}: {system}")


def _judged(asked: Asked) -> Graded | None:
    """The graded set if it is asked for, or here for what can do with it."""
    if "graded" in asked.data or graded.here():
        return graded.load(split=asked.split)
    return None


def _tasks(asked: Asked, judged: Graded | None) -> list[Task]:
    found = []
    if "graded" in asked.data and judged is not None:
        found += graded.graded_tasks(judged)
    if "titles" in asked.data and asked.folder is not None:
        found += title_tasks(asked.folder, asked.split, asked.crowd)
    if "known-item" in asked.data and asked.folder is not None:
        found.append(known_items(asked.folder, asked.known_items, asked.split))
    return found


def _systems(
    asked: Asked, models: Models, judged: Graded | None, task: Task
) -> Mapping[str, System]:
    found = {name: models.system(name) for name in asked.systems if name != RANKER}
    if RANKER in asked.systems and task.grades is not None and judged is not None:
        found[RANKER] = models.whole().system(judged.jobs, judged.people)
    return found


def _by_fields(
    asked: Asked, models: Models, fields: Fields, tell: Callable[[str], object]
) -> dict[str, Any]:
    """The judged people and jobs with what is given of them; filters and gate for every system."""
    from models.vetting import gate

    def held(job: Job) -> bool:
        return gate.vet(job).held

    judged = judged_set.load(fields, PARTS[asked.split])
    compared = {
        name: once(judged_set.filtered(models.system(name), judged, held))
        for name in asked.systems
        if name != RANKER
    }
    task = judged_set.judged_task(judged, fields)
    plain = next((compared[name] for name in ("zero-shot", *compared) if name in compared), None)
    if RANKER not in asked.systems:
        return run.compare(task, compared, _within(task.name, tell))
    tell(f"{task.name}: {RANKER}")
    told = sending.sent(judged, models.current, held, run.TOP, models.weights)
    compared[RANKER] = told.system()
    return {
        **run.compare(task, compared, _within(task.name, tell)),
        "sending": sending.report(told),
        "lists": lists(told, plain and plain(task.queries, task.documents), held),
    }


def _gender(asked: Asked, models: Models, judged: Graded | None) -> dict[str, Any]:
    listed = graded.FOLDER / "gender_pairs.tsv"
    if listed.is_file():
        pairs = gender.listed_pairs(listed)
    elif asked.folder is not None:
        pairs = gender.gender_pairs(asked.folder, asked.split)
    else:
        raise UsageError("Falta --data-dir: sin esa carpeta no hay pares de género.")
    jobs = asked.jobs if judged is None else judged.jobs
    compared = {name: models.system(name) for name in asked.systems if name != RANKER}
    if RANKER in asked.systems:
        compared[RANKER] = models.whole().system(jobs)
    return gender.report(compared, pairs, [job_text(job) for job in jobs])


def _exposure(asked: Asked, models: Models, judged: Graded | None) -> dict[str, Any]:
    """On people and jobs that were judged, else on titles, else on the samples."""
    if judged is not None:
        return exposing.of_judged(judged, models.whole())
    if asked.folder is not None and (asked.folder / TITLES).is_file():
        task = title_tasks(asked.folder, asked.split)[0]
        return exposing.of_titles(task, models.system("current"), models.weights)
    return exposing.of_samples(asked.people, asked.jobs, models.whole())


def _made_of(asked: Asked, models: Models) -> dict[str, Any]:
    """What another run needs to get the same figures."""
    from models.encoding.lexical import LEXICAL_VERSION
    from models.reading.text import TEXT_VERSION
    from models.vetting.gate import GATE_VERSION

    found: dict[str, Any] = {
        "split": asked.split,
        "bootstrap": f"{SAMPLES} draws of groups, seed {SEED}",
        "text": TEXT_VERSION,
        "lexical": LEXICAL_VERSION,
        "ranker": models.weights.version,
        "gate": GATE_VERSION,
    }
    if graded.here():
        found["graded set"] = graded.version()
    if "zero_shot" in vars(models):
        found["zero-shot"] = models.zero_shot.version
    if "adapter" in vars(models):
        found["adapter"] = models.adapter.version
    if "current" in vars(models):
        found["vectors"] = models.current.version
    return found
