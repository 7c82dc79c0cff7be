"""Publishes the canary: the worker that owns its person's partition, once an interval.

First the person, and when their row says that they were read, the job: so both ways into a ranking
are walked, the person's by themselves and the job's through the copies of the fan-out. Records are
published as anybody's are; agents know nothing of an interval. What is not renewed expires.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import orjson

from agents.context import Context
from matcher_stream.config.contract import partition_for
from matcher_stream.runtime import vitals
from matcher_stream.runtime.outputs import Record
from schemas import canary
from schemas.errors import StaleGeneration


class Canary:
    """Decides when the canary sings.

    Args:
        context: The worker's parts.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        partitions = context.settings.partitions
        self._home = partition_for(canary.PERSON.encode(), partitions)
        self._away = partition_for(canary.JOB.encode(), partitions)
        self._round: float | None = None
        self._sent_ms: int | None = None
        vitals.CANARY_INTERVAL.labels(str(context.app.conf.id)).set(
            context.settings.canary_interval
        )

    async def sing(self) -> None:
        """Publish what is due; who takes the partition over begins at once."""
        context = self._context
        ours = self._home in context.state.owned and context.voice.champion
        if not context.fence.is_open or not ours:  # in the shadow the champion's is heard
            self._round = self._sent_ms = None
            return
        interval, now = context.settings.canary_interval, time.monotonic()
        if not interval:
            await self._withdraw()
        elif self._round is None or now - self._round >= interval:
            self._round, self._sent_ms = now, int(time.time() * 1000)
            await self._send(canary.person(self._ends()), None)
        elif self._sent_ms is not None and self._read():
            self._sent_ms = None
            await self._send(None, canary.job(self._ends()))

    def _ends(self) -> int:
        """Long enough for the alarm to be late, in ms since the epoch."""
        return round((time.time() + 4 * self._context.settings.canary_interval) * 1000)

    def _read(self) -> bool:
        row = self._context.state.person(self._home, canary.PERSON)
        return row is not None and row.record_ts >= (self._sent_ms or 0)

    async def _withdraw(self) -> None:
        """Off: leave nothing of it."""
        known = self._context.state.person(self._home, canary.PERSON)
        if self._round is None and known is not None:
            self._round = time.monotonic()  # once
            await self._send({}, {})

    async def _send(self, person: dict[str, Any] | None, job: dict[str, Any] | None) -> None:
        """Publish either; empty for a null."""
        names = self._context.names
        records: list[Record] = []
        for topic, partition, key, value in (
            (names.profiles, self._home, canary.PERSON, person),
            (names.jobs, self._away, canary.JOB, job),
        ):
            if value is not None:
                raw = orjson.dumps(value) if value else None
                records.append((topic, partition, key.encode(), raw, []))
        await self._context.outputs.send(records, [self._context.fence.turn()])


def register(context: Context) -> None:
    """Attach the canary to the application."""
    made = Canary(context)

    async def sing() -> None:
        with suppress(StaleGeneration):  # given away while it sent: the new owner begins anew
            await made.sing()

    context.app.timer(context.settings.timer_interval)(sing)
