"""Figures of a comparison that may come from a file: whatever is not as it should be is None."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def value(of: Any, *path: str) -> Any:
    """What stands there; None where nothing does."""
    for name in path:
        of = of.get(name) if isinstance(of, Mapping) else None
    return of


def _is_number(found: Any) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool) and math.isfinite(found)


def number(of: Any, *path: str) -> float | None:
    """The number that stands there; None where none does, or one that is not finite."""
    found = value(of, *path)
    return float(found) if _is_number(found) else None


def pair(of: Any, name: str) -> tuple[float, float] | None:
    """Champion's and challenger's; None if it is not two numbers."""
    found = value(of, name)
    if not isinstance(found, list) or len(found) != 2 or not all(map(_is_number, found)):
        return None
    return float(found[0]), float(found[1])


def rows(of: Any, *path: str) -> list[Mapping[str, Any]]:
    """The objects of the list that stands there."""
    found = value(of, *path)
    every = found if isinstance(found, list) else []
    return [row for row in every if isinstance(row, Mapping)]
