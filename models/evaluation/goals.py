"""What was to be reached, and whether the figures of a report reach it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from models.evaluation.run import HARMS, MAIN, SHOWN, best_plain, difference
from models.evaluation.wording import system

GRADED_RATIO: Final = 1.25
TITLES_RATIO: Final = 1.5
SMS_NEAR: Final = 0.03
GENDER_OVERLAP: Final = 0.95
JUDGED: Final = 0.86
JUDGED_RATIO: Final = 1.2
WORDS_SHARE: Final = 0.93
BROKEN_SHARE: Final = 0.02
WORTH_SHARE: Final = 2 / 3
BEST_SHARE: Final = 0.85


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
        elif task["kind"] == "judged":
            yield from _judged(task)
        elif task["kind"] in ("titles", "kin"):
            yield from _ratio(task, TITLES_RATIO, "zero-shot")
    yield from _words(report.get("tasks", ()))
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


def _judged(task: Mapping[str, Any]) -> Iterator[_Goal]:
    name = list(task["systems"])[-1]
    found, where = task["systems"][name], f"of the {system(name)}, {task['task']}"
    mean = found[MAIN]["mean"]
    if task["task"].endswith(" all"):
        yield f"{MAIN} {where}", f"{mean:.3f}", f"at least {JUDGED}", mean >= JUDGED
        yield from _ratio(task, JUDGED_RATIO, "zero-shot")
    shown = found[SHOWN]["total"]
    broken = found[HARMS[0]]["total"] / shown
    what = f"share of what is shown that breaks a rule, {where}"
    yield what, f"{broken:.3f}", f"at most {BROKEN_SHARE}", broken <= BROKEN_SHARE
    if "sending" in task:
        yield from _sending(task, where)
    risky = found[HARMS[1]]["total"]
    yield f"risky ads in the top 10 {where}", f"{risky:.0f}", "0", risky == 0


def _sending(task: Mapping[str, Any], where: str) -> Iterator[_Goal]:
    """What the two levels promise, in all and in the region where it is kept least."""
    for name, wanted in (("worth sending of send", WORTH_SHARE), ("graded 3 in send", BEST_SHARE)):
        shares = {part: row[name]["mean"] for part, row in task["sending"].items()}
        least = min((part for part in shares if part != "all"), key=lambda part: shares[part])
        figure = f"{shares['all']:.3f} (region {least}: {shares[least]:.3f})"
        yield f"{name} {where}", figure, f"at least {wanted:.3f}", shares["all"] >= wanted


def _words(tasks: Sequence[Mapping[str, Any]]) -> Iterator[_Goal]:
    """What words alone give of what all fields give."""
    judged = {task["task"]: task for task in tasks if task["kind"] == "judged"}
    if {"judged, all", "judged, words"} <= judged.keys():
        name = list(judged["judged, all"]["systems"])[-1]
        words, fields = (
            judged[f"judged, {given}"]["systems"][name][MAIN]["mean"] for given in ("words", "all")
        )
        share = words / fields
        what = f"{MAIN} of the {system(name)} with words alone over that with all fields"
        yield what, f"{share:.3f}", f"at least {WORDS_SHARE}", share >= WORDS_SHARE


def _ratio(task: Mapping[str, Any], wanted: float, beside: str) -> Iterator[_Goal]:
    name = list(task["systems"])[-1]
    row = difference(task, beside, name)
    if row is None or row["ratio"]["mean"] is None:
        return
    ratio = row["ratio"]
    figure = f"{ratio['mean']:.2f} ({ratio['low']:.2f} to {ratio['high']:.2f})"
    what = f"{task['metric']} of the {system(name)} over {system(beside)}'s, {task['task']}"
    yield what, figure, f"at least {wanted}", ratio["mean"] >= wanted
