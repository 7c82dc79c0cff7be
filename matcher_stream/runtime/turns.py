"""A lock with two lanes: who is waited for by a person goes ahead of work in bulk, within reason.

Both lanes are first come, first served. The second lane's first is served after all who wait in the
first, but once it has waited for `patience` it goes next, so that neither lane ever starves.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Final

PATIENCE_SECONDS: Final = 1.0
ATTENDED_SECONDS: Final = 5.0
"""So long after somebody asked, the next one is expected: work in bulk takes short turns."""


Keys = frozenset[Hashable]


@dataclass(slots=True)
class _Waiting:
    keys: Keys | None
    since: float
    granted: asyncio.Future[None]


class Turns:
    """Grants one turn, or some, at a time; as a lock it gives turns of the second lane.

    A turn with keys may be had beside others whose keys differ from its own; one without is for
    everything. Nobody overtakes within a lane.

    Args:
        patience: Seconds after which the second lane goes before the first, once.
        clock: Seconds that never fall.
        places: Turns for everything that may be had at once.
    """

    def __init__(
        self,
        patience: float = PATIENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        places: int = 1,
    ) -> None:
        self._patience, self._clock = patience, clock
        self._places = self._free = places
        self._keys: set[Hashable] = set()
        self._asked = float("-inf")
        self._first: deque[_Waiting] = deque()
        self._then: deque[_Waiting] = deque()

    def locked(self) -> bool:
        """Whether a new one for everything would wait."""
        return not self._fits(None)

    def waiting(self) -> int:
        """How many wait for a turn, in both lanes."""
        return sum(not one.granted.done() for one in (*self._first, *self._then))

    def attended(self, seconds: float = ATTENDED_SECONDS) -> bool:
        """Whether somebody asked for a turn of the first lane in the last so many seconds."""
        return self._clock() - self._asked < seconds

    async def acquire(self) -> None:
        """Wait for a turn of the second lane and have it until `release`."""
        await self._take(first=False, keys=None)

    def release(self) -> None:
        """End a turn."""
        self._end(None)

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
    async def turn(self, first: bool = False, keys: Keys | None = None) -> AsyncIterator[None]:
        """Wait for a turn and have it until the block ends.

        Args:
            first: Whether somebody waits for what is done in it.
            keys: What it changes, at least one; None for everything.
        """
        await self._take(first, keys)
        try:
            yield
        finally:
            self._end(keys)

    async def _take(self, first: bool, keys: Keys | None) -> None:
        one = _Waiting(keys, self._clock(), asyncio.get_running_loop().create_future())
        if first:
            self._asked = one.since
        (self._first if first else self._then).append(one)
        self._grant()
        try:
            await one.granted
        except asyncio.CancelledError:
            if one.granted.done() and not one.granted.cancelled():
                self._end(keys)  # it was granted at the moment when nobody wanted it any more
            else:
                self._grant()  # who came after may fit
            raise

    def _fits(self, keys: Keys | None) -> bool:
        """Whether a turn may begin beside those that are had."""
        if keys is None:
            return self._free > 0 and not self._keys
        return self._free == self._places and self._keys.isdisjoint(keys)

    def _end(self, keys: Keys | None) -> None:
        if keys is None:
            self._free += 1
        else:
            self._keys -= keys
        self._grant()

    def _grant(self) -> None:
        """Let all begin whose turn it is and who fit."""
        while (lane := self._next()) and self._fits(lane[0].keys):
            one = lane.popleft()
            if one.keys is None:
                self._free -= 1
            else:
                self._keys |= one.keys
            one.granted.set_result(None)

    def _next(self) -> deque[_Waiting] | None:
        """The lane whose first is next; who was cancelled while waiting is passed over."""
        for lane in (self._first, self._then):
            while lane and lane[0].granted.done():
                lane.popleft()
        late = bool(self._then) and self._clock() - self._then[0].since >= self._patience
        if self._first and not late:
            return self._first
        return self._then or None


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
