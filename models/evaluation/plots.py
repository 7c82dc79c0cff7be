"""Plots as inline SVG: means with their ranges, one line a name, no script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

WIDTH: Final = 760
COLOURS: Final = 8
_LABELS: Final = 230  # for names, px
_VALUES: Final = 150  # for figures, px
_LINE: Final = 24
_AXIS: Final = 26


class Dot(NamedTuple):
    """One mean with its range (low equal to high: none); `kind` numbers its colour."""

    name: str
    mean: float
    low: float
    high: float
    kind: int = 0


def dot_plot(
    dots: Sequence[Dot],
    title: str,
    low: float = 0.0,
    high: float = 1.0,
    mark: float | None = None,
) -> str:
    """Dots on lines from `low` to `high`, with the values in words for who cannot see them.

    Args:
        dots: Top to bottom; what lies outside the axis is drawn at its end.
        title: Read out by screen readers.
        low, high: Ends of the axis, low < high.
        mark: Where a broken line stands for comparison.
    """
    bottom = _LINE * len(dots)
    left, right = float(_LABELS), float(WIDTH - _VALUES)

    def x(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return left + share * (right - left)

    def upright(kind: str, value: float) -> str:
        return (
            f'<line class="{kind}" x1="{x(value):.1f}" x2="{x(value):.1f}" y1="0" y2="{bottom}"/>'
        )

    parts = [
        f'<svg viewBox="0 0 {WIDTH} {bottom + _AXIS}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>"
    ]
    for step in range(6):
        value = low + (high - low) * step / 5
        parts.append(upright("grid", value))
        where = f'x="{x(value):.1f}" y="{bottom + _AXIS - 8}"'
        parts.append(f'<text class="tick" {where}>{value:.2f}</text>')
    if low < 0.0 < high:
        parts.append(upright("zero", 0.0))
    if mark is not None:
        parts.append(upright("mark", mark))
    for i, dot in enumerate(dots):
        y = _LINE * i + _LINE / 2
        spread = f" ({dot.low:.3f} to {dot.high:.3f})" if dot.low < dot.high else ""
        parts.append(
            f'<g class="k{dot.kind % COLOURS}">'
            f'<text class="name" x="{left - 10:.0f}" y="{y + 4:.1f}">{escape(dot.name)}</text>'
            f'<line x1="{x(dot.low):.1f}" x2="{x(dot.high):.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<circle cx="{x(dot.mean):.1f}" cy="{y:.1f}" r="5"/>'
            f'<text x="{right + 12:.0f}" y="{y + 4:.1f}">{dot.mean:.3f}{spread}</text></g>'
        )
    return "".join(parts) + "</svg>"
