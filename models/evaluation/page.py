"""The report as one HTML file: no script, nothing from elsewhere, for light and dark screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any, Final

from models.evaluation.plots import Dot, axis, dot_plot
from models.evaluation.run import HARMS, METRICS

SLICE_METRIC: Final = "nDCG@10"
_FEW: Final = 20
_STYLE: Final = """
:root{color-scheme:light dark;--ink:#1b1b1b;--soft:#666;--line:#d5d5d5;--paper:#fff;
--c0:#1f6fb4;--c1:#c25a00;--c2:#27813a;--c3:#b3261e;--c4:#7048a8;--c5:#7a5548;--c6:#a8327d;--c7:#5f6b00}
@media(prefers-color-scheme:dark){:root{--ink:#e8e8e8;--soft:#a5a5a5;--line:#444;--paper:#16181b;
--c0:#6db3f2;--c1:#ffa657;--c2:#6fcf84;--c3:#ff8a80;--c4:#c3a1ff;--c5:#cfa898;--c6:#ff9bd6;--c7:#c6d35a}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);
max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:3rem;border-bottom:1px solid var(--line)}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .7rem;border-bottom:1px solid var(--line);text-align:right}
th:first-child,td:first-child{text-align:left}small,.soft{color:var(--soft)}
svg{width:100%;height:auto;font:12px system-ui,sans-serif}
svg text{fill:var(--ink)}.grid{stroke:var(--line)}.zero{stroke:var(--ink)}
.tick{text-anchor:middle;fill:var(--soft)!important}.name{text-anchor:end}
""" + "".join(f".k{i}{{stroke:var(--c{i});fill:var(--c{i});stroke-width:2}}" for i in range(8)) + (
    "g text{stroke:none}"
)  # fmt: skip


def page(report: Mapping[str, Any]) -> str:
    """The report of `matcher-stream models evaluate` as HTML."""
    parts = [_table(("made of", "value"), [(k, str(v)) for k, v in report["made of"].items()])]
    parts += [_task(task) for task in report.get("tasks", ())]
    if "gender" in report:
        parts.append(_gender(report["gender"]))
    if "exposure" in report:
        parts.append(_exposure(report["exposure"]))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>How good the rankings are</title><style>{_STYLE}</style></head><body>"
        "<h1>How good the rankings are</h1>"
        "<p>Means over queries; in brackets 95 % bootstrap intervals over groups of queries.</p>"
        + "".join(parts)
        + "</body></html>\n"
    )


def _cell(figure: Mapping[str, Any] | None) -> str:
    if figure is None or figure["mean"] is None:
        return "–"
    return f"{figure['mean']:.3f} ({figure['low']:.3f}–{figure['high']:.3f})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f'<div class="wide"><table><tr>{top}</tr>{body}</table></div>'


def _dot(name: str, figure: Mapping[str, Any], kind: int) -> Dot:
    return Dot(name, figure["mean"], figure["low"], figure["high"], kind)


def _task(task: Mapping[str, Any]) -> str:
    systems: Mapping[str, Any] = task["systems"]
    shown = [m for m in (*METRICS, *HARMS) if any(m in found for found in systems.values())]
    rows = [(name, *(_cell(found.get(m)) for m in shown)) for name, found in systems.items()]
    plots = [
        f"<h3>{metric}</h3>"
        + dot_plot(
            [
                _dot(name, found[metric], i)
                for i, (name, found) in enumerate(systems.items())
                if found[metric]["mean"] is not None
            ],
            f"{metric}, {task['task']}",
        )
        for metric in (METRICS[0], SLICE_METRIC)
    ]
    return (
        f"<h2>{escape(task['task'])}</h2><p>{escape(task['about'])}</p>"
        f'<p class="soft">{task["queries"]} queries in {task["groups"]} groups, '
        f"{task['documents']} documents, {task['relevant']} right answers.</p>"
        + _table(("system", *shown), rows)
        + "".join(plots)
        + _differences(task)
        + _sliced(task)
    )


def _differences(task: Mapping[str, Any]) -> str:
    """Of the system given last from each other one."""
    last = list(task["systems"])[-1]
    dots = [
        _dot(f"{last} − {row['from']}", row[METRICS[0]], 0)
        for row in task["differences"]
        if row["to"] == last and row[METRICS[0]]["mean"] is not None
    ]
    if not dots:
        return ""
    name = f"Paired differences in {METRICS[0]}"
    return f"<h3>{name}</h3>" + dot_plot(dots, f"{name}, {task['task']}", *axis(dots))


def _sliced(task: Mapping[str, Any]) -> str:
    names = list(task["systems"])
    last = len(names) - 1
    parts = []
    for facet, group in groupby(task["slices"], key=lambda row: row["facet"]):
        held = [
            row for row in group if row["systems"][names[last]][SLICE_METRIC]["mean"] is not None
        ]
        rows = [
            (
                f"{row['slice']} (n {row['queries']}{', few' * (row['queries'] < _FEW)})",
                *(_cell(row["systems"][name][SLICE_METRIC]) for name in names),
            )
            for row in held
        ]
        dots = [_dot(row["slice"], row["systems"][names[last]][SLICE_METRIC], last) for row in held]
        parts.append(
            f"<h4>{escape(facet)}</h4>"
            + dot_plot(dots, f"{SLICE_METRIC} of {names[last]} by {facet}, {task['task']}")
            + _table((facet, *names), rows)
        )
    if not parts:
        return ""
    return (
        f"<details><summary>{SLICE_METRIC} by slice (plots: {escape(names[last])})</summary>"
        + "".join(parts)
        + "</details>"
    )


def _gender(report: Mapping[str, Any]) -> str:
    found: Mapping[str, Any] = report["systems"]
    rows = [(name, _cell(f), f"{100 * f['reached']:.0f} %") for name, f in found.items()]
    dots = [_dot(name, f, i) for i, (name, f) in enumerate(found.items()) if f["mean"] is not None]
    return (
        "<h2>Grammatical gender</h2><p>Rank-biased overlap (p 0.9) of the two rankings when only "
        f"grammatical gender changes: {report['pairs']} pairs over {report['documents']} ads. "
        "1: nothing moves.</p>"
        + _table(("system", "mean overlap", "pairs of 0.95 and more"), rows)
        + dot_plot(dots, "Rank-biased overlap")
    )


def _exposure(report: Mapping[str, Any]) -> str:
    heads = ("largest penalty", "gini", "coverage", "top tenth", "changed", "quality")
    rows = [
        (f"{row['most']:.2f}", *(f"{row[head]:.3f}" for head in heads[1:]))
        for row in report["rows"]
    ]
    return (
        f"<h2>Exposure</h2><p>{report['people']} people, {report['jobs']} jobs, "
        f"{report['places']} places a person, after {report['epochs']} epochs. Gini of rankings "
        "for a vacancy, share of jobs in any ranking, share of places that the most shown tenth "
        f"of jobs has. Quality: {escape(report['quality is'])}.</p>" + _table(heads, rows)
    )
