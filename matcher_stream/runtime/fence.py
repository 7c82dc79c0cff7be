"""Who may write: the check that every effect makes itself, immediately before it acts.

A worker may write an event's effects only while it still belongs to the consumer generation that
fetched the event. Three things close the fence: a rebalance (after work in flight was given time
to finish), a newer generation, and a freeze of the process for longer than the session timeout
(the broker has given its partitions to somebody else, and it has not heard so yet).
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NoReturn

from matcher_stream.runtime import endings, tracing, vitals
from schemas.errors import StaleGeneration

log = logging.getLogger(__name__)

TICK_SECONDS = 0.25


def die(reason: str, ending: endings.Ending = "failed") -> NoReturn:
    """End the process at once, without acks, so that its supervisor starts it again.

    Args:
        reason: For the log.
        ending: For the next start, which counts it.
    """
    log.critical("The process ends now: %s", reason)
    endings.note(ending)
    logging.shutdown()
    os._exit(70)


@dataclass(frozen=True, slots=True)
class Turn:
    """Stands where an event stands for work that no record brought: a timer, a lease of money."""

    generation_id: int

    @property
    def message(self) -> Turn:
        """Itself: an event keeps its generation in its message."""
        return self


class Fence:
    """Open for one consumer generation at a time.

    Args:
        generation: Returns the consumer's current generation id.
        session_timeout: Seconds after which the broker evicts a silent worker.
    """

    def __init__(self, generation: Callable[[], int], session_timeout: float) -> None:
        self._generation = generation
        self._session_timeout = session_timeout
        self._open_for: int | None = None
        self._last_tick = time.monotonic()
        self._frozen_at: float | None = None

    def open(self) -> None:
        """Allow writes for the current generation (the tables are recovered and indexed)."""
        self._open_for = self._generation()
        self._frozen_at = None
        self._last_tick = time.monotonic()

    def rejoined(self) -> None:
        """The group has given this worker partitions: a freeze before that is over. Nothing may be
        written until `open`: recovery may take much longer than a session.
        """
        self._frozen_at = None
        self._last_tick = time.monotonic()

    def close(self) -> None:
        """Refuse writes until `open` is called again."""
        self._open_for = None

    @property
    def is_open(self) -> bool:
        """Whether writes of the current generation are allowed now."""
        self._notice_freeze()
        return self._open_for is not None and self._open_for == self._generation()

    def turn(self) -> Turn:
        """What stands for the present generation in an effect that no record brought.

        Raises:
            StaleGeneration: nothing may be written now.
        """
        if not self.is_open or self._open_for is None:
            raise StaleGeneration("The partitions were given to another worker.")
        return Turn(self._open_for)

    def check(self, events: Sequence[Any]) -> None:
        """Raise unless every event may still be written; effects call it right before they act.

        Args:
            events: What the effect acts for: at least one event, or a `Turn`.

        Raises:
            StaleGeneration: the events belong to whoever owns their partitions now.
            ValueError: an effect that acts for nothing, which could not be checked.
        """
        if not self.is_open:
            raise StaleGeneration("The partitions were given to another worker.")
        if not events:
            raise ValueError("An effect needs the events that it acts for.")
        for event in events:
            if event.message.generation_id != self._open_for:
                raise StaleGeneration("The event was fetched before the last rebalance.")

    def writing(self, table: str, events: Sequence[Any]) -> AbstractContextManager[None]:
        """Around a write to a table: a step of the events' spans."""
        return tracing.step(f"write {table}", events)

    async def admit(self, events: Sequence[Any]) -> list[Any]:
        """Those of the events that may be worked on, as soon as the fence is open for them.

        What was fetched between joining and the end of recovery waits here: if it were dropped,
        nothing would fetch it again.
        """
        while not self.is_open:
            current = self._generation()
            waiting = [event for event in events if event.message.generation_id == current]
            if not waiting or self._frozen_at is not None:
                return []
            await asyncio.sleep(TICK_SECONDS / 10)
        return [event for event in events if event.message.generation_id == self._open_for]

    def frozen(self) -> bool:
        """Whether the process was frozen past its session and has not rejoined since."""
        self._notice_freeze()
        return self._frozen_at is not None

    def _notice_freeze(self) -> None:
        now = time.monotonic()
        if self._frozen_at is None and now - self._last_tick > self._session_timeout:
            self._frozen_at = now
            self._open_for = None
            log.warning("Frozen for %.1f s: waiting to join the group again", now - self._last_tick)

    async def keep_ticking(self) -> None:
        """Measure freezes for ever; ends the process if a freeze is not followed by a rejoin."""
        self._last_tick = time.monotonic()
        while True:
            asked = time.monotonic() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            vitals.LOOP_DELAY.observe(max(0.0, time.monotonic() - asked))
            self._notice_freeze()
            self._last_tick = time.monotonic()
            if self._frozen_at and time.monotonic() - self._frozen_at > 3 * self._session_timeout:
                die("frozen past the session timeout and not asked to rejoin", "frozen")
