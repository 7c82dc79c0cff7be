"""The model card of a version, in Spanish and in English, made from its metadata alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import orjson

from models.ranking import evidence
from models.ranking.weights import Weights
from models.registry.card_words import (
    AFFECTED,
    CAVEATS,
    FACTORS,
    HEADINGS,
    INTENDED,
    LABELS,
    METRICS,
)
from models.registry.figures import Figures
from models.registry.metadata import Metadata

Language = Literal["es", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("es", "en")


def card_name(language: Language) -> str:
    """The card's file in a version."""
    return f"CARD.{language}.md"


def card(metadata: Metadata, weights: Weights, language: Language) -> str:
    """The card as Markdown.

    Args:
        metadata: Of the version.
        weights: Of its ranker, under the name that the file gives them.
        language: Of the card.
    """
    says = LABELS[language]
    figures = metadata.figures
    unmeasured = says["unmeasured"]
    bodies = (
        _details(metadata, weights, says),
        INTENDED[language],
        FACTORS[language],
        METRICS[language],
        _measured_on(metadata, figures, says) if figures else unmeasured,
        _learned_from(metadata, says),
        _figures(figures, says) if figures else unmeasured,
        AFFECTED[language],
        CAVEATS[language],
    )
    sections = zip(HEADINGS[language], bodies, strict=True)
    text = "\n\n".join(f"## {heading}\n\n{body}" for heading, body in sections)
    return f"# {says['title']}: {_cell(metadata.about or weights.version)}\n\n{text}\n"


def _details(metadata: Metadata, weights: Weights, says: Mapping[str, str]) -> str:
    named = zip(evidence.NAMES, weights.evidence, strict=True)
    parts = ", ".join(f"{name} {value:g}" for name, value in named)
    base = metadata.encoder.base
    if metadata.encoder.source:
        base += f" ({metadata.encoder.source})"
    rows = {
        "about": metadata.about or says["nothing"],
        "created": metadata.created.isoformat(timespec="seconds"),
        "code": metadata.code,
        "parent": metadata.parent or says["none"],
        "licence": metadata.licence,
        "base": base,
        "vectors": f"{metadata.encoder.vectors} ({metadata.encoder.dim})",
        "ranker": weights.version,
        "evidence": f"lexical {weights.lexical:g}, {parts}",
        "threshold": f"{weights.threshold:g}",
        "send": f"{weights.send:g}",
        "reader": metadata.reader,
        "gate": metadata.gate,
    }
    return "\n".join(f"* {says[name]}: {_cell(value)}" for name, value in rows.items())


def _measured_on(metadata: Metadata, figures: Figures, says: Mapping[str, str]) -> str:
    tasks = ", ".join(figure.task for figure in figures.figures) or says["none"]
    return f"* {says['split']}: {_cell(figures.split)}\n* {says['task']}: {_cell(tasks)}"


def _learned_from(metadata: Metadata, says: Mapping[str, str]) -> str:
    rows = [(name, f"`{digest}`") for name, digest in metadata.data.items()]
    found = _table((says["file"], "SHA-256"), rows) if rows else says["nothing"]
    recipe = {name: value for name, value in metadata.recipe.items() if name != "data"}
    if not recipe:
        return found
    steps = [f"* {name}: {_cell(orjson.dumps(value).decode())}" for name, value in recipe.items()]
    return f"{found}\n\n{says['recipe']}:\n\n" + "\n".join(steps)


def _figures(figures: Figures, says: Mapping[str, str]) -> str:
    tables = [
        _table(
            (says["task"], says["system"], says["metric"], says["people"], says["value"],
             says["interval"]),
            [(f.task, f.system, f.metric, str(f.queries), _number(f.mean), _interval(f))
             for f in figures.figures],
        ),
        _table(
            (says["task"], says["facet"], says["people"], says["value"], says["interval"]),
            [(s.task, f"{s.facet}: {s.slice}", str(s.queries), _number(s.mean), _interval(s))
             for s in figures.slices],
        ),
        _table(
            (says["harm"], says["task"], says["total"]),
            [(count.what, count.task, f"{count.total:g}") for count in figures.counts],
        ),
        _table(
            (says["goal"], says["value"], says["wanted"], says["met"]),
            [(g.what, g.figure, g.wanted, says["yes" if g.met else "no"]) for g in figures.goals],
        ),
    ]  # fmt: skip
    return "\n\n".join(table for table in tables if table) or says["nothing"]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; nothing where it would have no row."""
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _interval(of: Any) -> str:
    return f"{_number(of.low)} – {_number(of.high)}"
