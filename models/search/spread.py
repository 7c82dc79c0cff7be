"""Short pieces of work over threads of one core each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, TypeVar

from models.hardware.cpu import usable_cores
from models.hardware.streams import Streams

FEW: Final = 4
"""Pieces that take less than handing them to threads does where others compute as well."""
T = TypeVar("T")
R = TypeVar("R")


@lru_cache(maxsize=1)
def streams() -> Streams:
    """The threads that score."""
    return Streams(usable_cores(), 1, "score")


def each(work: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """The results of `work` for each item, in order; a few are done by the caller's own thread."""
    if len(items) <= FEW:
        return [work(item) for item in items]
    return streams().map(work, items, pieces=2 * streams().count)
