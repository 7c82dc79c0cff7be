"""How often others get their turn while something is awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable


async def turns(work: Awaitable[object]) -> int:
    """Wait for work; returns the turns of the event loop that others had meanwhile."""
    count = 0

    async def others() -> None:
        nonlocal count
        while True:
            count += 1
            await asyncio.sleep(0)

    task = asyncio.ensure_future(others())
    try:
        await work
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return count
