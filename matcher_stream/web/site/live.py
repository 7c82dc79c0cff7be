"""Server-sent events: a page is told that there is something new, and nothing else.

The event carries no data of anybody's; the page fetches what is new as it would without it.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from aiohttp import web

from matcher_stream.web.site.problem import TOO_FAST, Problem

STREAMS: Final = 300
"""Open at once in one worker."""
PER_VISITOR: Final = 3
WAIT_SECONDS: Final = 20.0
"""Between two signs of life; proxies close what is silent for longer, most after 60 s."""
LONGEST_SECONDS: Final = 600.0
"""Then the browser asks anew: sessions end, and workers change."""
LEAST_SECONDS: Final = 5.0
"""Between two changes told: each costs a page, and lists may change many times a second."""
RETRY_MS: Final = 4_000

#: Waits until there is something after a number, or for some seconds; returns the number now.
Next = Callable[[int, float], Awaitable[int]]


class Live:
    """The open streams of one worker."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._stopping = asyncio.Event()

    def __len__(self) -> int:
        return self._open.total()

    def stop(self) -> None:
        """End all streams: the worker stops."""
        self._stopping.set()

    async def serve(
        self, request: web.Request, visitor: str, number: int, following: Next
    ) -> web.StreamResponse:
        """Tell a page of changes until it goes away.

        Args:
            request: That opened it.
            visitor: Whose it is, for the limit.
            number: What the page shows.
            following: Waits for the next.

        Raises:
            Problem: too many are open.
        """
        if len(self) >= STREAMS or self._open[visitor] >= PER_VISITOR:
            raise Problem(429, TOO_FAST, retry=30)
        self._open[visitor] += 1
        try:
            return await self._told(request, number, following)
        finally:
            self._open[visitor] -= 1
            self._open += Counter()  # drops who has none

    async def _told(self, request: web.Request, number: int, following: Next) -> web.StreamResponse:
        response = web.StreamResponse(headers={"X-Accel-Buffering": "no"})
        response.content_type = "text/event-stream"
        await response.prepare(request)
        await response.write(f"retry: {RETRY_MS}\n\n".encode())
        ends = time.monotonic() + LONGEST_SECONDS
        with suppress(ConnectionError, Problem):
            while time.monotonic() < ends:
                now = await self._unless_stopping(following(number, WAIT_SECONDS))
                if now is None:
                    break
                changed, number = now != number, now
                await response.write(f"data: {now}\n\n".encode() if changed else b": \n\n")
                if changed:
                    await self._unless_stopping(asyncio.sleep(LEAST_SECONDS, now))
        return response

    async def _unless_stopping(self, waiting: Awaitable[int]) -> int | None:
        work = asyncio.ensure_future(waiting)
        stop = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((work, stop), return_when=asyncio.FIRST_COMPLETED)
            return work.result() if work.done() else None
        finally:
            work.cancel()
            stop.cancel()
