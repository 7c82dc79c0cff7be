"""What `matcher-stream models evaluate` reads and shows."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
from rich.table import Table

from matcher_stream.cli.console import out
from models.evaluation.graded import FOLDER, here
from models.evaluation.page import SLICE_METRIC
from models.evaluation.run import HARMS, METRICS
from schemas.errors import UsageError
from schemas.job import Job
from schemas.profile import Profile


def available(data_dir: Path | None) -> tuple[str, ...]:
    """What can be measured with the data that are here.

    Raises:
        UsageError: nothing but the exposure can be.
    """
    judged = here()
    if data_dir is None and not judged:
        raise UsageError("No hay datos para medir: indique --data-dir.")
    pairs = data_dir is not None or (FOLDER / "gender_pairs.tsv").is_file()
    return (
        *(("titles", "known-item") if data_dir is not None else ()),
        *(("graded",) if judged else ()),
        *(("gender",) if pairs else ()),
        "exposure",
    )


def samples() -> tuple[list[Profile], list[Job]]:
    """The invented people and jobs in the package."""
    folder = resources.files("matcher_stream.samples")

    def rows(name: str) -> list[Any]:
        return [orjson.loads(line) for line in folder.joinpath(name).read_bytes().splitlines()]

    return (
        [Profile.model_validate(row) for row in rows("people.jsonl")],
        [Job.model_validate(row) for row in rows("jobs.jsonl")],
    )


def show(report: Mapping[str, Any]) -> None:
    """Tables of the report."""
    for task in report["tasks"]:
        out.print(_figures(task))
        out.print(_differences(task))
        for table in _slices(task):
            out.print(table)
    if "gender" in report:
        out.print(_gender(report["gender"]))
    if "exposure" in report:
        out.print(_exposure(report["exposure"]))


def _cell(figure: Mapping[str, Any] | None) -> str:
    if figure is None or figure["mean"] is None:
        return "–"
    return f"{figure['mean']:.3f} ({figure['low']:.3f}-{figure['high']:.3f})"


def _table(title: str, *columns: str) -> Table:
    table = Table(*columns[:1], title=title, title_justify="left")
    for name in columns[1:]:
        table.add_column(name, justify="right")
    return table


def _figures(task: Mapping[str, Any]) -> Table:
    found = task["systems"]
    shown = [m for m in (*METRICS, *HARMS) if any(m in figures for figures in found.values())]
    counts = (
        f"{task['queries']} queries in {task['groups']} groups, {task['documents']} documents, "
        f"{task['relevant']} right answers"
    )
    table = _table(f"{task['task']}: {counts}", "system", *shown)
    for name, figures in found.items():
        table.add_row(name, *(_cell(figures.get(metric)) for metric in shown))
    return table


def _differences(task: Mapping[str, Any]) -> Table:
    last = list(task["systems"])[-1]
    table = _table("paired differences", "systems", *METRICS)
    for row in task["differences"]:
        if row["to"] == last:
            table.add_row(f"{last} − {row['from']}", *(_cell(row[m]) for m in METRICS))
    return table


def _slices(task: Mapping[str, Any]) -> list[Table]:
    names = list(task["systems"])
    tables = []
    for facet, rows in groupby(task["slices"], key=lambda row: row["facet"]):
        table = _table(f"{SLICE_METRIC} by {facet}", facet, "queries", *names)
        for row in rows:
            cells = (_short(row["systems"][name][SLICE_METRIC]["mean"]) for name in names)
            table.add_row(row["slice"], str(row["queries"]), *cells)
        tables.append(table)
    return tables


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _gender(report: Mapping[str, Any]) -> Table:
    title = f"gender: {report['pairs']} pairs, {report['documents']} ads"
    table = _table(title, "system", "rank-biased overlap", "pairs of 0.95 and more")
    for name, figure in report["systems"].items():
        table.add_row(name, _cell(figure), f"{100 * figure['reached']:.0f} %")
    return table


def _exposure(report: Mapping[str, Any]) -> Table:
    title = (
        f"exposure: {report['people']} people, {report['jobs']} jobs, {report['places']} places; "
        f"quality: {report['quality is']}"
    )
    heads = ("gini", "coverage", "top tenth", "changed", "quality")
    table = _table(title, "largest penalty", *heads)
    for row in report["rows"]:
        table.add_row(f"{row['most']:.2f}", *(f"{row[head]:.3f}" for head in heads))
    return table
