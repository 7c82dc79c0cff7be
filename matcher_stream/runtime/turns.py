"""A lock with two lanes: who is waited for by a person goes ahead of work in bulk, within reason.

Both lanes are first come, first served. The second lane's first is served after all who wait in the
first, but once it has waited for `patience` it goes next, so that neither lane ever starves.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

PATIENCE_SECONDS: Final = 1.0


class Turns:
    """Grants one turn at a time, in one event loop.

    Args:
        patience: Seconds after which the second lane goes before the first, once.
        clock: Seconds that never fall.
    """

    def __init__(
        self, patience: float = PATIENCE_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._patience, self._clock = patience, clock
        self._held = False
        self._first: deque[asyncio.Future[None]] = deque()
        self._then: deque[tuple[float, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def turn(self, first: bool = False) -> AsyncIterator[None]:
        """Wait for a turn and have it until the block ends.

        Args:
            first: Whether somebody waits for what is done in it.
        """
        await self._take(first)
        try:
            yield
        finally:
            self._pass_on()

    async def _take(self, first: bool) -> None:
        if not self._held:
            self._held = True
            return
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if first:
            self._first.append(granted)
        else:
            self._then.append((self._clock(), granted))
        try:
            await granted
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled():
                self._pass_on()  # it was granted at the moment when nobody wanted it any more
            raise

    def _pass_on(self) -> None:
        granted = self._next()
        if granted is None:
            self._held = False
        else:
            granted.set_result(None)

    def _next(self) -> asyncio.Future[None] | None:
        """Whose turn it is; who was cancelled while waiting is passed over."""
        while self._first and self._first[0].done():
            self._first.popleft()
        while self._then and self._then[0][1].done():
            self._then.popleft()
        late = bool(self._then) and self._clock() - self._then[0][0] >= self._patience
        if self._first and not late:
            return self._first.popleft()
        return self._then.popleft()[1] if self._then else None
