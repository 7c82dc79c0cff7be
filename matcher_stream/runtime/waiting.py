"""Waiting for several things at once, and letting others run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from typing import Any, Final, TypeVar

TURN: Final = 256
"""Steps of a long loop between two turns of the event loop."""
T = TypeVar("T")


async def all_of(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run work side by side; wait for all of it, then raise the first error.

    Nothing is left running behind an error, so that what follows it meets no half-done effect.
    """
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


async def in_turns(items: Iterable[T]) -> AsyncIterator[T]:
    """The items of a long loop; after every `TURN` of them others get their turn."""
    for number, item in enumerate(items, 1):
        yield item
        if number % TURN == 0:
            await asyncio.sleep(0)
