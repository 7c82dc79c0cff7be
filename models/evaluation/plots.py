"""Plots as inline SVG: means with their intervals, one line a name, no script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

WIDTH: Final = 760
_LABELS: Final = 230  # for names, px
_VALUES: Final = 150  # for figures, px
_LINE: Final = 24
_AXIS: Final = 26


class Dot(NamedTuple):
    """One mean; `kind` numbers its colour, 0 to 7."""

    name: str
    mean: float
    low: float
    high: float
    kind: int = 0


def dot_plot(dots: Sequence[Dot], title: str, low: float = 0.0, high: float = 1.0) -> str:
    """Dots on lines from `low` to `high`, with the values in words for who cannot see them.

    Args:
        dots: Top to bottom; what lies outside the axis is drawn at its end.
        title: Read out by screen readers.
        low, high: Ends of the axis, low < high.
    """
    height = _LINE * len(dots) + _AXIS
    end = WIDTH - _VALUES
    left, right = float(_LABELS), float(end)

    def x(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return left + share * (right - left)

    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>"
    ]
    for step in range(6):
        value = low + (high - low) * step / 5
        at = x(value)
        parts.append(
            f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{height - _AXIS}"/>'
            f'<text class="tick" x="{at:.1f}" y="{height - 8}">{value:.2f}</text>'
        )
    if low < 0.0 < high:
        parts.append(
            f'<line class="zero" x1="{x(0):.1f}" x2="{x(0):.1f}" y1="0" y2="{height - _AXIS}"/>'
        )
    for i, dot in enumerate(dots):
        y = _LINE * i + _LINE / 2
        parts.append(
            f'<g class="k{dot.kind % 8}">'
            f'<text class="name" x="{left - 10:.0f}" y="{y + 4:.1f}">{escape(dot.name)}</text>'
            f'<line x1="{x(dot.low):.1f}" x2="{x(dot.high):.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<circle cx="{x(dot.mean):.1f}" cy="{y:.1f}" r="5"/>'
            f'<text class="value" x="{right + 12:.0f}" y="{y + 4:.1f}">'
            f"{dot.mean:.3f} ({dot.low:.3f} to {dot.high:.3f})</text></g>"
        )
    return "".join(parts) + "</svg>"


def axis(dots: Sequence[Dot]) -> tuple[float, float]:
    """Ends of an axis for differences: even about 0, in steps of 0.05."""
    most = max((max(abs(dot.low), abs(dot.high)) for dot in dots), default=0.0)
    end = max(0.05, 0.05 * -(-most // 0.05))
    return -end, end
