"""The figures of a version: what of a report of `models evaluate` its card and its list show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

import orjson
from pydantic import Field

from models.registry.manifest import Part
from schemas.errors import UnreadableFile

WHOLE: Final = "figures.json"
"""The report as it was written, in a version."""
FEWEST: Final = 5
"""Slices of fewer queries say too little."""
_MAIN: Final = ("judged", "graded", "titles")
"""Kinds of tasks, the one that says most of people first."""
_COUNTS: Final = ("hard violations in the top 10", "risky ads in the top 10")

Number = float | None


class Figure(Part):
    """One system's main figure on one task, with its 95 % interval."""

    task: str
    kind: str
    metric: str
    system: str
    queries: Annotated[int, Field(ge=0)]
    mean: Number
    low: Number
    high: Number


class SliceFigure(Part):
    """The same for some of the people."""

    task: str
    facet: str
    slice: str
    queries: Annotated[int, Field(ge=0)]
    mean: Number
    low: Number
    high: Number


class Count(Part):
    """A harm, counted over all people of a task."""

    task: str
    what: str
    total: float


class Goal(Part):
    """What was wanted, and whether it was reached."""

    what: str
    figure: str
    wanted: str
    met: bool


class Figures(Part):
    """What was measured of the last system of the report, on every task."""

    split: str
    vectors: str
    """The vector space that was measured; empty if no system used it."""
    figures: Annotated[list[Figure], Field(max_length=100)]
    slices: Annotated[list[SliceFigure], Field(max_length=2_000)]
    counts: Annotated[list[Count], Field(max_length=200)]
    goals: Annotated[list[Goal], Field(max_length=200)]

    def headline(self) -> Figure | None:
        """The one figure that a list shows: people judged by hand, by words alone if measured."""

        def place(figure: Figure) -> tuple[int, bool]:
            known = _MAIN.index(figure.kind) if figure.kind in _MAIN else len(_MAIN)
            return known, not figure.task.endswith("words")

        return min(self.figures, key=place, default=None)


def read_figures(raw: bytes, name: str) -> Figures:
    """What a version keeps of a report.

    Args:
        raw: JSON, as `models evaluate --json` writes it.
        name: Of the file, for the sentence of a refusal.

    Raises:
        UnreadableFile: it is no such report.
    """
    try:
        report = orjson.loads(raw)
        made = report["made of"]
        return Figures(
            split=made["split"],
            vectors=made.get("vectors", ""),
            figures=[_figure(task) for task in report["tasks"]],
            slices=[row for task in report["tasks"] for row in _slices(task)],
            counts=[row for task in report["tasks"] for row in _counts(task)],
            goals=[Goal(**goal) for goal in report["goals"]],
        )
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise UnreadableFile(
            f"{name} no es un informe de «matcher-stream models evaluate --json»: indique otro."
        ) from None


def _last(systems: Mapping[str, Any]) -> str:
    """What a report holds against the others; of several the last one named."""
    return list(systems)[-1]


def _figure(task: Mapping[str, Any]) -> Figure:
    system, metric = _last(task["systems"]), task["metric"]
    return Figure(
        task=task["task"],
        kind=task["kind"],
        metric=metric,
        system=system,
        queries=task["queries"],
        **_interval(task["systems"][system][metric]),
    )


def _slices(task: Mapping[str, Any]) -> Iterator[SliceFigure]:
    for row in task["slices"]:
        if row["queries"] >= FEWEST:
            found = row["systems"][_last(task["systems"])][task["metric"]]
            yield SliceFigure(
                task=task["task"],
                facet=row["facet"],
                slice=str(row["slice"]),
                queries=row["queries"],
                **_interval(found),
            )


def _counts(task: Mapping[str, Any]) -> Iterator[Count]:
    found = task["systems"][_last(task["systems"])]
    for what in _COUNTS:
        if what in found:
            yield Count(task=task["task"], what=what, total=found[what]["total"])


def _interval(found: Mapping[str, Any]) -> dict[str, Number]:
    return {name: found[name] for name in ("mean", "low", "high")}
