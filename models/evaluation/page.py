"""The report as one HTML file: no script, nothing from elsewhere, for light and dark screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any, Final

from models.evaluation import people, wording
from models.evaluation.parts import STYLE, table, terms
from models.evaluation.plots import Dot, dot_plot
from models.evaluation.run import FEWEST, HARMS, METRICS, best_plain, difference
from models.evaluation.wording import estimate

_INTRO: Final = (
    "<p>This page compares ways of finding jobs for a person, from counting shared words to all "
    "that this project does. No model was trained on the people, titles and vacancies asked here; "
    "settings were chosen on the part called dev. Plots go from 0 (worst) to 1 (best).</p>"
)


def page(report: Mapping[str, Any]) -> str:
    """The report of `matcher-stream models evaluate` as HTML."""
    parts = [_goals(report["goals"]), *(_task(task) for task in report.get("tasks", ()))]
    if "reading" in report:
        parts.append(people.reading(report["reading"]))
    if "gender" in report:
        parts.append(_gender(report["gender"]))
    if "exposure" in report:
        parts.append(_exposure(report["exposure"]))
    parts += [_help(report), _made_of(report["made of"])]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Do the right jobs come first?</title><style>{STYLE}</style></head><body>"
        f"<h1>Do the right jobs come first?</h1>{_INTRO}" + "".join(parts) + "</body></html>\n"
    )


def _goals(goals: Sequence[Mapping[str, Any]]) -> str:
    if not goals:
        return ""
    rows = "".join(
        f"<tr><td>{escape(goal['what'])}</td><td>{escape(goal['figure'])}</td>"
        f"<td>{escape(goal['wanted'])}</td>"
        + ('<td class="yes">met' if goal["met"] else '<td class="no">not met')
        + "</td></tr>"
        for goal in goals
    )
    head = "<tr><th>what</th><th>figure</th><th>goal</th><th></th></tr>"
    return f'<h2>In short</h2><div class="wide"><table>{head}{rows}</table></div>'


def _dots(figures: Mapping[str, Mapping[str, Any]]) -> list[Dot]:
    return [
        Dot(wording.system(name), figure["mean"], figure["low"], figure["high"], i)
        for i, (name, figure) in enumerate(figures.items())
        if figure["mean"] is not None
    ]


def _task(task: Mapping[str, Any]) -> str:
    systems: Mapping[str, Any] = task["systems"]
    metric = task["metric"]
    rows = [
        (wording.system(name), *(estimate(found.get(m)) for m in METRICS))
        for name, found in systems.items()
    ]
    title = f"{metric}, {task['task']}"
    return (
        f"<h2>{escape(wording.TASKS[task['kind']])}</h2><p>{escape(task['about'])}</p>"
        f'<p class="soft">{escape(task["task"])}: {task["queries"]} queries in {task["groups"]} '
        f"groups, {task['documents']} documents, {task['relevant']} right answers.</p>"
        f"<h3>{metric}</h3>"
        + dot_plot(_dots({name: found[metric] for name, found in systems.items()}), title)
        + _against_plain(task)
        + table(("system", *METRICS), rows)
        + _harms(task)
        + (people.sending(task) if "sending" in task else "")
        + _sliced(task)
        + (people.lists(task) if "lists" in task else "")
    )


def _against_plain(task: Mapping[str, Any]) -> str:
    """One sentence about the last system and the best of the plain ones."""
    last, best = list(task["systems"])[-1], best_plain(task)
    row = difference(task, best, last) if best else None
    if row is None or best is None or row["ratio"]["mean"] is None:
        return ""
    ratio = row["ratio"]
    return (
        f"<p><b>{escape(wording.system(last))}</b> has {ratio['mean']:.2f} times the "
        f"{task['metric']} of the best plain method, <b>{escape(wording.system(best))}</b> "
        f"({ratio['low']:.2f} to {ratio['high']:.2f}); the difference is "
        f"{estimate(row[task['metric']], signed=True)}.</p>"
    )


def _harms(task: Mapping[str, Any]) -> str:
    systems: Mapping[str, Any] = task["systems"]
    shown = [harm for harm in HARMS if all(harm in found for found in systems.values())]
    if not shown:
        return ""
    rows = [
        (
            wording.system(name),
            *(f"{found[h]['mean']:.2f} ({found[h]['total']:.0f})" for h in shown),
        )
        for name, found in systems.items()
    ]
    return (
        "<h3>Harm</h3><p>Jobs that should not be there, in the first ten of all jobs of the set: "
        "for a person on average, and (for all together).</p>" + table(("system", *shown), rows)
    )


def _sliced(task: Mapping[str, Any]) -> str:
    last = list(task["systems"])[-1]
    parts = []
    for facet, group in groupby(task["slices"], key=lambda row: row["facet"]):
        held = [row for row in group if row["queries"] >= FEWEST]
        if len(held) > 1:
            parts.append(_facet(task, facet, held))
    if not parts:
        return ""
    return (
        f"<details><summary>{task['metric']} for parts of the data (plots: "
        f"{escape(wording.system(last))}; broken line: all)</summary>"
        f'<p class="soft">Parts of fewer than {FEWEST} queries are left out here.</p>'
        + "".join(parts)
        + "</details>"
    )


def _facet(task: Mapping[str, Any], facet: str, rows: Sequence[Mapping[str, Any]]) -> str:
    names, metric = list(task["systems"]), task["metric"]
    last = names[-1]
    figures = [row["systems"][last][metric] for row in rows]
    dots = [
        Dot(f"{row['slice']} ({row['queries']})", f["mean"], f["low"], f["high"], len(names) - 1)
        for row, f in zip(rows, figures, strict=True)
    ]
    cells = [
        (f"{row['slice']} ({row['queries']})",
         *(estimate(row["systems"][name][metric]) for name in names))
        for row in rows
    ]  # fmt: skip
    whole = task["systems"][last][metric]["mean"]
    return (
        f"<h4>{escape(facet)}</h4>"
        + dot_plot(dots, f"{metric} of {last} by {facet}, {task['task']}", mark=whole)
        + table((facet, *(wording.system(name) for name in names)), cells)
    )


def _gender(report: Mapping[str, Any]) -> str:
    found: Mapping[str, Any] = report["systems"]
    rows = [
        (wording.system(name), estimate(figure), f"{100 * figure['reached']:.0f} %")
        for name, figure in found.items()
    ]
    return (
        "<h2>Do women and men get the same ranking?</h2><p>Two texts that differ in grammatical "
        "gender alone (cocinero, cocinera) are ranked. How alike are the two rankings? 1: nothing "
        f"moves. {report['pairs']} pairs over {report['documents']} ads; rank-biased overlap, "
        "p 0.9, first 50 places.</p>"
        + dot_plot(_dots(found), "Rank-biased overlap")
        + table(("system", "mean overlap", "pairs of 0.95 and more"), rows)
    )


def _exposure(report: Mapping[str, Any]) -> str:
    first = report["cases"][0]
    return (
        "<h2>Is everybody sent to the same few jobs?</h2><p>A job that stands in more people's "
        "first places than the average, for each of its vacancies, can lose a little of its score "
        "in the next round. This is off unless turned on; here is what it does to "
        f"{first['people']} people and {first['jobs']} jobs after {first['epochs']} rounds. "
        f"Quality: {escape(report['quality is'])}.</p>"
        + "".join(_case(case) for case in report["cases"])
        + f"<details><summary>What the columns mean</summary>{terms(wording.EXPOSURE)}</details>"
    )


def _case(case: Mapping[str, Any]) -> str:
    heads = tuple(wording.EXPOSURE)
    rows = [
        (f"{row['most']:.2f}", *(f"{row[head]:.3f}" for head in heads[1:])) for row in case["rows"]
    ]
    dots = [
        Dot(f"{name}, penalty {row['most']:.2f}", row[name], row[name], row[name], kind)
        for kind, name in enumerate(("gini", "quality"))
        for row in case["rows"]
    ]
    return (
        f"<h3>{escape(case['case'].capitalize())}</h3>"
        f"<p>{100 * case['with a choice']:.0f} % of the people have more than {case['places']} "
        "jobs to choose from; who has fewer sees them all in any case.</p>"
        + dot_plot(dots, f"Gini and quality by largest penalty: {case['case']}")
        + table(heads, rows)
    )


def _help(report: Mapping[str, Any]) -> str:
    used = dict.fromkeys(name for task in report.get("tasks", ()) for name in task["systems"])
    used |= dict.fromkeys(report.get("gender", {}).get("systems", ()))
    known = {wording.system(n): wording.SYSTEMS[n][1] for n in used if n in wording.SYSTEMS}
    return (
        "<h2>How to read this</h2><h3>Systems</h3>"
        + terms(known)
        + "<h3>Figures</h3>"
        + terms(wording.METRICS)
        + f"<p>{escape(wording.INTERVAL)}</p>"
    )


def _made_of(made: Mapping[str, Any]) -> str:
    rows = [(name, str(value)) for name, value in made.items()]
    return f"<h2>Made of</h2>{table(('part', 'version'), rows)}"
