"""The last event of those keys that somebody looks at, as this worker sent it.

A page shows what the stream emits. The worker that owns a key emits its events, so it hears them
where they are sent: no topic is read back, and a key that nobody looks at costs one look-up.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

import orjson

from matcher_stream.runtime.parts import AppParts

MOST: Final = 500
"""Keys listened for; the one that was asked for longest ago goes."""
_LOOK_SECONDS, _MOST_LOOK_SECONDS = 0.05, 1.0
"""Between two looks at rows that are not sure yet: at first, and later."""

Event = dict[str, Any]
#: The event of a key as the tables say that it was sent last, None if there is none; and whether it
#: is sure, and no other is on its way.
Stored = Callable[[str], Awaitable[tuple[Event | None, bool]]]


class _Seat:
    """One key: its event, or that none is known."""

    def __init__(self) -> None:
        self.filled = False
        self.ended = False
        self.event: Event | None = None
        self.changed = asyncio.Event()

    def put(self, event: Event | None) -> None:
        self.filled, self.event = True, event
        self.changed.set()
        self.changed = asyncio.Event()

    def newer(self, after: int) -> bool:
        if self.ended and after >= 0:  # who knows of no event waits for one to come again
            return True
        return self.event is not None and int(self.event["revision"]) > after


class Heard:
    """Listens to one output topic whose events have a `revision`.

    Args:
        parts: The worker.
        topic: Full name of the topic.
        stored: What was sent before anybody listened.
        most: Keys listened for.
    """

    def __init__(self, parts: AppParts, topic: str, stored: Stored, most: int = MOST) -> None:
        self._parts, self._stored, self._most = parts, stored, most
        self._seats: OrderedDict[bytes, _Seat] = OrderedDict()
        self._generation = -1
        parts.outputs.listen(topic, self._hear)

    async def latest(self, key: str, after: int = -1, wait: float = 0.0) -> Event | None:
        """The last event of a key that this worker owns, waiting for one that is newer.

        Args:
            key: Owned by this worker.
            after: A revision; an older event, or the same, is waited past.
            wait: Seconds to wait at most.

        Returns:
            The event; None if there is none, or it was a null.

        Raises:
            StaleGeneration: nothing is owned now.
        """
        seat, unsure = self._seat(key), None
        ends, pause = time.monotonic() + wait, _LOOK_SECONDS
        while True:
            if not seat.filled:
                unsure, sure = await self._stored(key)
                if sure and not seat.filled:
                    seat.put(unsure)
            left = ends - time.monotonic()
            if seat.newer(after) or left <= 0:
                return seat.event if seat.filled else unsure
            # what was sent before this seat was taken is not heard: rows will say it, untold
            with suppress(TimeoutError):
                async with asyncio.timeout(left if seat.filled else min(left, pause)):
                    await seat.changed.wait()
            pause = min(2 * pause, _MOST_LOOK_SECONDS)

    def _seat(self, key: str) -> _Seat:
        generation = self._parts.fence.turn().generation_id
        if generation != self._generation:  # what others sent meanwhile was not heard here
            self._seats.clear()
            self._generation = generation
        name = key.encode()
        seat = self._seats.get(name)
        if seat is None:
            seat = self._seats[name] = _Seat()
            if len(self._seats) > self._most:
                self._seats.popitem(last=False)
        else:
            self._seats.move_to_end(name)
        return seat

    def _hear(self, key: bytes | None, value: bytes | None) -> None:
        seat = self._seats.get(key) if key is not None else None
        if seat is not None:
            seat.ended = value is None
            seat.put(None if value is None else orjson.loads(value))
