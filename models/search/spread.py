"""Short pieces of work over threads of one core each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

from models.hardware.cpu import usable_cores
from models.hardware.streams import Streams

T = TypeVar("T")
R = TypeVar("R")


@lru_cache(maxsize=1)
def streams() -> Streams:
    """The threads that score."""
    return Streams(usable_cores(), 1, "score")


def each(work: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """The results of `work` for each item, in order."""
    return streams().map(work, items, pieces=2 * streams().count)
