"""The comparison as one HTML file: no script, nothing from elsewhere, and nobody in it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Final

from models.compare.sections import Section, sections
from models.compare.verdicts import State, Verdict
from models.compare.words import FIELDS, STATES, slice_name
from models.evaluation.parts import STYLE, table
from models.evaluation.plots import Dot, dot_plot

_REACH: Final = 0.2  # ends of the axis of differences
_MARKS: Final = {STATES["passed"]: "yes", STATES["failed"]: "no"}
_COUNTED: Final[tuple[tuple[State, str], ...]] = (
    ("passed", "pasan"), ("failed", "no pasan"), ("unknown", "no se sabe")
)  # fmt: skip
_INTRO: Final = (
    "<p>Dos versiones de lo que ordena los avisos, frente a frente: la que está en uso y la que "
    "quiere tomar su lugar. Aquí no hay nombres ni textos de nadie, y de grupos de menos de cinco "
    "personas no se dice nada.</p>"
)


def page(comparison: Mapping[str, Any], verdict: Verdict) -> str:
    """The comparison as HTML.

    Args:
        comparison: What was measured.
        verdict: Of it.
    """
    title = "¿Puede la candidata tomar el lugar de la versión en uso?"
    body = "".join(_section(section) for section in sections(comparison, verdict))
    plots = "".join(
        f"<h3>Diferencia de calidad {FIELDS[task['fields']]}</h3>{_differences(task)}"
        for task in comparison.get("quality", {}).get("tasks", ())
    )
    answer = "pasa todas las puertas" if verdict.passed else "no pasa todas las puertas"
    counts = ", ".join(f"{len(verdict.those(state))} {said}" for state, said in _COUNTED)
    return (
        '<!doctype html><html lang="es"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1>{_INTRO}"
        f"<p><b>La candidata {answer}</b>: {counts}.</p>{body}{plots}</main></body></html>\n"
    )


def _section(section: Section) -> str:
    made = table(section.head, section.rows)
    for said, mark in _MARKS.items():
        made = made.replace(f"<td>{said}</td>", f'<td class="{mark}">{said}</td>')
    return f'<h2>{escape(section.title)}</h2><p class="soft">{escape(section.about)}</p>{made}'


def _differences(task: Mapping[str, Any]) -> str:
    rows = [("todas", task), *((slice_name(row["slice"]), row) for row in task["slices"])]
    dots = [
        Dot(f"{name} ({row['people']})", found["mean"], found["low"], found["high"])
        for name, row in rows
        if (found := row["difference"])["mean"] is not None
    ]
    title = f"Candidata menos versión en uso, {FIELDS[task['fields']]}"
    return dot_plot(dots, title, -_REACH, _REACH)
