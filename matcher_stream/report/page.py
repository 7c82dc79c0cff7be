"""The report as one file: no script, nothing from elsewhere; for light, dark and paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from matcher_stream.report import words
from matcher_stream.report.charts import Span, bars, curve, dots
from matcher_stream.web.site.templates import Templates, static_files

Row = Mapping[str, Any]


def page(report: Row) -> str:
    """The report of `models.report.whole.report` as HTML."""
    style = static_files()["sitio.css"].content.decode()
    templates = Templates({"words": words, "estilo": Markup(style)})
    return templates.render(
        "informe/informe.html",
        report=report,
        facets=[_facet(facet, report["whole"]) for facet in report["facets"]],
        exposure=_exposure(report["exposure"]),
        waiting=_waiting(report["whole"]["wait"]),
        drift=None if report["drift"] is None else _drift(report["drift"]),
    )


def _span(found: Row | None) -> Span | None:
    return None if found is None else Span(found["value"], found["low"], found["high"])


def _facet(facet: Row, whole: Row) -> dict[str, Any]:
    """A facet with its chart of rates of taking, raw and corrected."""
    name = facet["facet"]
    rows = [(words.group(name, row["group"]), row) for row in facet["groups"]]
    told = [(label, row) for label, row in rows if row["people"] is not None]
    pairs = [(label, [_span(row["taken"]), _span(row["corrected"]["taken"])])
             for label, row in told]  # fmt: skip
    pairs = [(label, spans) for label, spans in pairs if spans[0] is not None]
    title = f"Pedidos de cada cien veces que se mostró un trabajo, por {words.FACETS[name].lower()}"
    overall = _span(whole["taken"])
    return {
        "key": name,
        "name": words.FACETS[name],
        "rows": told,
        "hidden": [label for label, row in rows if row["people"] is None],
        "chart": dots(title, pairs, words.axis, overall and overall.value) if pairs else None,
        "apart": [_apart(label, row["to the rest"]) for label, row in told if _differs(row)],
    }


def _differs(row: Row) -> bool:
    """Whether a group takes more or less than the rest beyond what chance does, corrected."""
    return bool(((row.get("to the rest") or {}).get("corrected") or {}).get("apart"))


def apart(report: Row) -> list[str]:
    """A sentence for each group that takes more or less than the rest beyond what chance does."""
    return [
        f"{words.FACETS[facet['facet']]}: {one}"
        for facet in report["facets"]
        for one in _facet(facet, report["whole"])["apart"]
    ]


def _apart(label: str, found: Row) -> str:
    def said(ratio: Row) -> str:
        return f"{ratio['value']:.2f} veces ({ratio['low']:.2f} a {ratio['high']:.2f})"

    return (
        f"{label}: piden {said(found['corrected'])} lo que el resto, corregido por posición; "
        f"sin corregir, {said(found['raw']) if found['raw'] else 'no se sabe'}."
    )


def _exposure(found: Row) -> dict[str, Any]:
    names = {"jobs": "Trabajos", "employers": "Empleadores"}
    spread = [(label, found[kind]) for kind, label in names.items() if found[kind] is not None]
    pairs = [(label, [row["top tenth"], row["top tenth by chance"]]) for label, row in spread]
    title = "Parte de lo mostrado que se llevan los primeros de cada diez, y la que darían al azar"
    view: dict[str, Any] = {
        "spread": spread, "chart": bars(title, pairs, words.axis), "map": None
    }  # fmt: skip
    if found["regions"]:
        rows = [(words.group("region", row["group"]), row) for row in found["regions"]]
        title = "Parte de lo mostrado y parte de los avisos, por región del trabajo"
        both = [(label, [row["impressions"], row["ads"]]) for label, row in rows]
        view |= {"regions": rows, "map": bars(title, both, words.axis)}
    return view


def _waiting(found: Row) -> dict[str, Any]:
    steps = [
        (step["hours"], Span(step["waiting"], step["low"], step["high"]))
        for step in found.get("steps", ())
    ]
    title = "Parte de las personas que todavía no pidió ningún trabajo, por tiempo"
    return {**found, "chart": curve(title, steps, words.hours) if steps else None}


def _drift(found: Row) -> dict[str, Any]:
    rows: Sequence[Row] = sorted(
        found["measures"], key=lambda row: row["jsd"] / max(row["jsd normal"], 1e-9), reverse=True
    )
    pairs = [(words.measure(row["measure"]), [row["jsd"], row["jsd normal"]]) for row in rows]
    title = "Distancia de Jensen y Shannon de cada medida, y hasta dónde es normal"
    changed = [
        {
            "name": words.measure(row["measure"]),
            "bins": [(words.bin_of(bin_["bin"]), bin_) for bin_ in row["bins"]],
            "chart": bars(
                f"{words.measure(row['measure'])}: antes y ahora",
                [(words.bin_of(b["bin"]), [b["now"], b["reference"]]) for b in row["bins"]],
                words.axis,
            ),
        }
        for row in rows
        if row["changed"]
    ]
    chart = bars(title, pairs, lambda value: f"{value:.2g}") if rows else None
    return {**found, "rows": rows, "chart": chart, "changed": changed}
