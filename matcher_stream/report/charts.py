"""Charts as inline SVG; a table beside each says the same, so they are one image each."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from markupsafe import Markup, escape

WIDTH: Final = 720
_CHAR: Final = 7.8  # of a name, px
_NAMES: Final = (120, 390)  # least and most for names, px
_RIGHT: Final = 36
_LINE: Final = 34
_AXIS: Final = 30
_HEIGHT: Final = 260  # of a curve, px
_APART: Final = 62  # between the words at the foot of a curve, px
_ENDS: Final = (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10)  # of a scale, times a power of ten


class Span(NamedTuple):
    """A value with the ends of its interval."""

    value: float
    low: float
    high: float


def dots(
    title: str,
    rows: Sequence[tuple[str, Sequence[Span | None]]],
    say: Callable[[float], str],
    mark: float | None = None,
) -> Markup:
    """Values on lines, one kind below the other: the first a disc, the second a diamond.

    Args:
        title: What a screen reader says.
        rows: Names with one value of each kind, None where it may not be told.
        say: How a value is written at the axis.
        mark: Where a broken line stands for comparison.
    """
    spans = [span for _, found in rows for span in found if span is not None]
    top = _nice(max([span.high for span in spans] + [mark or 0.0]))
    bottom = _LINE * len(rows)
    x = _scale(top, [name for name, _ in rows])
    parts = [_axis(x, top, bottom, say)]
    if mark is not None:
        parts.append(f'<path class="marca" d="M{x(mark):.1f} 0V{bottom}"/>')
    for i, (name, found) in enumerate(rows):
        middle = _LINE * i + _LINE / 2
        parts.append(_name(name, x(0) - 10, middle))
        for kind, span in enumerate(found):
            y = middle + 8 * (kind - (len(found) - 1) / 2)
            parts.append("" if span is None else _dot(kind, x, span, y))
    return _svg(title, bottom + _AXIS, parts)


def bars(
    title: str,
    rows: Sequence[tuple[str, Sequence[float | None]]],
    say: Callable[[float], str],
) -> Markup:
    """Bars, one kind below the other; as for `dots`."""
    values = [value for _, found in rows for value in found if value is not None]
    top = _nice(max(values, default=0.0))
    bottom = _LINE * len(rows)
    x = _scale(top, [name for name, _ in rows])
    parts = [_axis(x, top, bottom, say)]
    for i, (name, found) in enumerate(rows):
        parts.append(_name(name, x(0) - 10, _LINE * i + _LINE / 2))
        for kind, value in enumerate(found):
            if value is not None:
                y = _LINE * i + 5 + 13 * kind
                wide = x(value) - x(0)
                parts.append(
                    f'<rect class="k{kind}" x="{x(0):.1f}" y="{y}" width="{wide:.1f}" height="11"/>'
                )
    return _svg(title, bottom + _AXIS, parts)


def curve(title: str, steps: Sequence[tuple[float, Span]], say: Callable[[float], str]) -> Markup:
    """A share from 1 down in steps over hours, on a scale of logarithms, with its interval."""
    first, last = 0.5, max(hours for hours, _ in steps)
    wide = math.log(max(last / first, 2.0))

    def x(hours: float) -> float:
        return 60 + math.log(max(hours / first, 1.0)) / wide * (WIDTH - 60 - _RIGHT)

    def y(share: float) -> float:
        return 10 + (1 - share) * (_HEIGHT - 20)

    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(f'<path class="guia" d="M60 {y(share):.1f}H{WIDTH - _RIGHT}"/>')
        parts.append(f'<text class="fin" x="52" y="{y(share) + 5:.1f}">{100 * share:.0f} %</text>')
    at = -float(_APART)
    for hours, _ in steps:
        if x(hours) - at >= _APART:
            at = x(hours)
            parts.append(f'<text class="eje" x="{at:.1f}" y="{_HEIGHT + 18}">{say(hours)}</text>')
    path, band = f"M{x(first):.1f} {y(1):.1f}", []
    for hours, span in steps:
        path += f"H{x(hours):.1f}V{y(span.value):.1f}"
        band.append(
            f'<path class="banda" d="M{x(hours):.1f} {y(span.high):.1f}V{y(span.low):.1f}"/>'
        )
    parts += [*band, f'<path class="curva" d="{path}"/>']
    return _svg(title, _HEIGHT + _AXIS, parts)


def _svg(title: str, height: float, parts: Sequence[str]) -> Markup:
    body = "".join(parts)
    return Markup(
        f'<svg class="figura" viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
        f'aria-label="{escape(title)}">{body}</svg>'
    )


def _axis(
    x: Callable[[float], float], top: float, bottom: float, say: Callable[[float], str]
) -> str:
    parts = []
    for step in range(5):
        value = top * step / 4
        parts.append(f'<path class="guia" d="M{x(value):.1f} 0V{bottom}"/>')
        parts.append(f'<text class="eje" x="{x(value):.1f}" y="{bottom + 20}">{say(value)}</text>')
    return "".join(parts)


def _name(name: str, x: float, y: float) -> str:
    return f'<text class="fin" x="{x:.1f}" y="{y + 5:.1f}">{escape(name)}</text>'


def _scale(top: float, names: Sequence[str]) -> Callable[[float], float]:
    """Where values from 0 to `top` lie, right of the names."""
    least, most = _NAMES
    left = min(max(10 + _CHAR * max(map(len, names), default=0), least), most)
    return lambda value: left + min(value / top, 1.0) * (WIDTH - left - _RIGHT)


def _dot(kind: int, x: Callable[[float], float], span: Span, y: float) -> str:
    line = f'<path class="k{kind}" d="M{x(span.low):.1f} {y:.1f}H{x(span.high):.1f}"/>'
    at = x(span.value)
    if kind:
        return f'{line}<path class="k{kind}" d="M{at:.1f} {y - 6:.1f}l6 6 -6 6 -6 -6z"/>'
    return f'{line}<circle class="k{kind}" cx="{at:.1f}" cy="{y:.1f}" r="5"/>'


def _nice(value: float) -> float:
    """The end of a scale: not below the value, and a fourth of it is short to write."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in _ENDS if step * power >= value * 0.999)
