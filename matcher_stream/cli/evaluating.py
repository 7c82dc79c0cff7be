"""What `matcher-stream models evaluate` reads and shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
from rich.table import Table

from matcher_stream.cli.console import out
from models.evaluation.gender import ESCO
from models.evaluation.graded import FOLDER, here
from models.evaluation.judged import FOLDER as JUDGED
from models.evaluation.run import COUNTS, FEWEST, METRICS, PLAIN, best_plain
from models.evaluation.sending import FIGURES
from models.evaluation.tasks import SERVIR
from models.evaluation.titles import FILE as TITLES
from models.evaluation.wording import EXPOSURE, estimate, read_shares
from schemas.errors import UsageError
from schemas.job import Job
from schemas.profile import Profile


def available(data_dir: Path | None) -> tuple[str, ...]:
    """What can be measured with the data that are here.

    Raises:
        UsageError: nothing but the exposure can be.
    """

    def held(path: Path) -> bool:
        return data_dir is not None and (data_dir / path).is_file()

    found = {
        "graded": here(),
        "judged": JUDGED.is_dir(),
        "reading": JUDGED.is_dir(),
        "titles": held(TITLES),
        "known-item": held(SERVIR),
        "gender": (FOLDER / "gender_pairs.tsv").is_file() or held(ESCO),
    }
    if not any(found.values()):
        where = f"en {data_dir}" if data_dir is not None else "aquí"
        raise UsageError(f"No hay datos para medir {where}: indique la carpeta en --data-dir.")
    return (*(name for name, is_here in found.items() if is_here), "exposure")


def samples() -> tuple[list[Profile], list[Job]]:
    """The invented people and jobs in the package."""
    folder = resources.files("matcher_stream.samples")

    def rows(name: str) -> list[Any]:
        return [orjson.loads(line) for line in folder.joinpath(name).read_bytes().splitlines()]

    return (
        [Profile.model_validate(row) for row in rows("people.jsonl")],
        [Job.model_validate(row) for row in rows("jobs.jsonl")],
    )


def show(report: Mapping[str, Any], errors: bool = False) -> None:
    """Tables of the report.

    Args:
        report: What was measured.
        errors: Whether wrong readings are listed one by one.
    """
    if report["goals"]:
        out.print(_goals(report["goals"]))
    for task in report["tasks"]:
        out.print(_figures(task))
        if (table := _differences(task)).row_count:
            out.print(table)
        if task["kind"] in ("graded", "judged"):
            out.print(_harms(task))
        if "sending" in task:
            out.print(_sending(task))
        for table in _slices(task):
            out.print(table)
    if "reading" in report:
        for table in _reading(report["reading"]):
            out.print(table)
        if errors:
            out.print(_errors(report["reading"]))
    if "gender" in report:
        out.print(_gender(report["gender"]))
    if "exposure" in report:
        for case in report["exposure"]["cases"]:
            out.print(_exposure(report["exposure"], case))


def _goals(goals: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("goals", "what", "figure", "goal", "")
    for goal in goals:
        met = "met" if goal["met"] else "not met"
        table.add_row(goal["what"], goal["figure"], goal["wanted"], met)
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(*columns[:1], title=title, title_justify="left")
    for name in columns[1:]:
        table.add_column(name, justify="right")
    return table


def _figures(task: Mapping[str, Any]) -> Table:
    found = task["systems"]
    counts = (
        f"{task['queries']} queries in {task['groups']} groups, {task['documents']} documents, "
        f"{task['relevant']} right answers"
    )
    table = _table(f"{task['task']}: {counts}", "system", *METRICS)
    for name, figures in found.items():
        table.add_row(name, *(estimate(figures[metric]) for metric in METRICS))
    return table


def _harms(task: Mapping[str, Any]) -> Table:
    """All people together, and for a person on average."""
    counts = [name for name in COUNTS if name in next(iter(task["systems"].values()))]
    table = _table("counts, all people together (a person)", "system", *counts)
    for name, found in task["systems"].items():
        figures = [found[count] for count in counts]
        table.add_row(name, *(f"{f['total']:.0f} ({f['mean']:.2f})" for f in figures))
    return table


def _sending(task: Mapping[str, Any]) -> Table:
    """The figures of the two levels, a column a region."""
    table = _table(f"what is sent, {task['task']}", "share", *task["sending"])
    for name in FIGURES:
        shares = (row[name] for row in task["sending"].values())
        table.add_row(name, *(f"{estimate(share)} of {share['of']:.0f}" for share in shares))
    return table


def _differences(task: Mapping[str, Any]) -> Table:
    """Of each system from the best plain one."""
    best = best_plain(task)
    table = _table("paired differences", "systems", *METRICS, f"ratio in {task['metric']}")
    for row in task["differences"]:
        if row["from"] == best and row["to"] not in PLAIN:
            cells = (estimate(row[m], signed=True) for m in METRICS)
            table.add_row(f"{row['to']} − {best}", *cells, estimate(row["ratio"]))
    return table


def _slices(task: Mapping[str, Any]) -> list[Table]:
    names = list(task["systems"])
    tables = []
    for facet, rows in groupby(task["slices"], key=lambda row: row["facet"]):
        table = _table(f"{task['metric']} by {facet}", facet, "queries", *names)
        for row in (row for row in rows if row["queries"] >= FEWEST):
            cells = (_short(row["systems"][name][task["metric"]]["mean"]) for name in names)
            table.add_row(row["slice"], str(row["queries"]), *cells)
        if table.row_count > 1:
            tables.append(table)
    return tables


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _reading(rows: Sequence[Mapping[str, Any]]) -> list[Table]:
    tables = []
    for side in ("person", "job"):
        of_side = [row for row in rows if row["side"] == side]
        for style in ("all", *sorted({row["style"] for row in of_side} - {"all"})):
            table = _table(f"facts read, {side}, {style}", "fact", "precision", "recall", "goal")
            for row in (row for row in of_side if row["style"] == style):
                table.add_row(row["fact"], *read_shares(row))
            tables.append(table)
    return tables


def _errors(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("wrong or missed readings", "record", "fact", "said", "read")
    for row in rows:
        if row["style"] == "all":
            for error in row["errors"]:
                cells = (error["record"], row["fact"], error["said"], error["read"])
                table.add_row(*("–" if cell is None else str(cell) for cell in cells))
    return table


def _gender(report: Mapping[str, Any]) -> Table:
    title = f"gender: {report['pairs']} pairs, {report['documents']} ads"
    table = _table(title, "system", "rank-biased overlap", "pairs of 0.95 and more")
    for name, figure in report["systems"].items():
        table.add_row(name, estimate(figure), f"{100 * figure['reached']:.0f} %")
    return table


def _exposure(report: Mapping[str, Any], case: Mapping[str, Any]) -> Table:
    title = (
        f"exposure, {case['case']}: {case['people']} people, {case['jobs']} jobs; "
        f"quality: {report['quality is']}"
    )
    table = _table(title, *EXPOSURE)
    for row in case["rows"]:
        cells = (f"{row[name]:.3f}" for name in tuple(EXPOSURE)[1:])
        table.add_row(f"{row['most']:.2f}", *cells)
    return table
