"""What was to be reached, and whether the figures of a report reach it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from models.evaluation.run import HARMS, MAIN, best_plain, difference
from models.evaluation.wording import system

GRADED_RATIO: Final = 1.25
TITLES_RATIO: Final = 1.5
SMS_NEAR: Final = 0.03
GENDER_OVERLAP: Final = 0.95


def goals(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For each goal that the report can speak of: what, the figure, what was wanted, whether met.

    The system judged is the last of each task.
    """
    return [
        {"what": what, "figure": figure, "wanted": wanted, "met": met}
        for what, figure, wanted, met in _all(report)
    ]


_Goal = tuple[str, str, str, bool]


def _all(report: Mapping[str, Any]) -> Iterator[_Goal]:
    for task in report.get("tasks", ()):
        if task["kind"] == "graded":
            yield from _graded(task)
        elif task["kind"] in ("titles", "kin"):
            yield from _ratio(task, TITLES_RATIO, "zero-shot")
    if "gender" in report:
        name, figure = list(report["gender"]["systems"].items())[-1]
        if figure["mean"] is not None:
            what = f"rankings of the {system(name)} alike when only grammatical gender changes"
            met = figure["mean"] >= GENDER_OVERLAP
            yield what, f"{figure['mean']:.3f}", f"at least {GENDER_OVERLAP}", met


def _graded(task: Mapping[str, Any]) -> Iterator[_Goal]:
    name = list(task["systems"])[-1]
    found = task["systems"][name]
    if (best := best_plain(task)) is not None:
        yield from _ratio(task, GRADED_RATIO, best)
    for row in task["slices"]:
        mean = row["systems"][name][MAIN]["mean"]
        if (row["facet"], row["slice"]) == ("style", "sms") and mean is not None:
            apart = mean - found[MAIN]["mean"]
            what = f"{MAIN} of the {system(name)} for people who write as in SMS, less everybody's"
            figure = f"{apart:+.3f} ({row['queries']} people)"
            yield what, figure, f"at least -{SMS_NEAR}", apart >= -SMS_NEAR
    for harm in HARMS:
        if harm in found:
            total = found[harm]["total"]
            yield (
                f"{harm} of the {system(name)}, all people together",
                f"{total:.0f}",
                "0",
                total == 0,
            )


def _ratio(task: Mapping[str, Any], wanted: float, beside: str) -> Iterator[_Goal]:
    name = list(task["systems"])[-1]
    row = difference(task, beside, name)
    if row is None or row["ratio"]["mean"] is None:
        return
    ratio = row["ratio"]
    figure = f"{ratio['mean']:.2f} ({ratio['low']:.2f} to {ratio['high']:.2f})"
    what = f"{task['metric']} of the {system(name)} over {system(beside)}'s, {task['task']}"
    yield what, figure, f"at least {wanted}", ratio["mean"] >= wanted
