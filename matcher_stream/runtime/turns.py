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
from types import TracebackType
from typing import Final

PATIENCE_SECONDS: Final = 1.0
ATTENDED_SECONDS: Final = 2.0
"""So long after somebody asked, the next one is expected: work in bulk takes short turns."""


class Turns:
    """Grants one turn, or some, at a time; as a lock it gives turns of the second lane.

    Args:
        patience: Seconds after which the second lane goes before the first, once.
        clock: Seconds that never fall.
        places: Turns that may be had at once.
    """

    def __init__(
        self,
        patience: float = PATIENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        places: int = 1,
    ) -> None:
        self._patience, self._clock = patience, clock
        self._free = places
        self._asked = float("-inf")
        self._first: deque[asyncio.Future[None]] = deque()
        self._then: deque[tuple[float, asyncio.Future[None]]] = deque()

    def locked(self) -> bool:
        """Whether a new one would wait."""
        return not self._free

    def waiting(self) -> int:
        """How many wait for a turn, in both lanes."""
        granted = (*self._first, *(granted for _, granted in self._then))
        return sum(not one.done() for one in granted)

    def attended(self, seconds: float = ATTENDED_SECONDS) -> bool:
        """Whether somebody asked for a turn of the first lane in the last so many seconds."""
        return self._clock() - self._asked < seconds

    async def acquire(self) -> None:
        """Wait for a turn of the second lane and have it until `release`."""
        await self._take(first=False)

    def release(self) -> None:
        """End a turn."""
        self._pass_on()

    async def __aenter__(self) -> None:
        await self.acquire()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

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
        if first:
            self._asked = self._clock()
        if self._free:
            self._free -= 1
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
            self._free += 1
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


class Pace:
    """How much of some work fits a turn, by how long the last turn took.

    Args:
        least: Of things to do at once: fewer cost more each.
        most: Of them: more gain nothing.
    """

    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most
        self._done, self._rate = least, 0.0

    def fitting(self, seconds: float) -> int:
        """How many to do in so many seconds; no more than twice the last turn's."""
        return max(self._least, min(self._most, int(self._rate * seconds), 2 * self._done))

    def note(self, count: int, seconds: float) -> None:
        """So many took so long."""
        self._done = max(self._least, count)
        self._rate = count / max(seconds, 1e-6)
