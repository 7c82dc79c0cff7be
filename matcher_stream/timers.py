"""What time brings goes into the stream as ordinary records: timers send, agents write."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import orjson

from agents.context import Context
from matcher_stream.runtime import metrics, vitals
from matcher_stream.runtime.outputs import Record
from schemas.base import LIMA
from schemas.errors import StaleGeneration
from tables.rows import AS_OF, GATE, RANKER

ASK_AGAIN_SECONDS = 60.0
REFRESH_SECONDS, REFRESH_ATTENDED_SECONDS = 0.25, 1.0
HANDOVER_SECONDS, HANDOVER_AGAIN_SECONDS = 0.5, 10.0
INTERLEAVE_SECONDS = 2.0


class Timers:
    """Sends work items for the partitions that this worker owns."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._asked: dict[tuple[int, str, str], float] = {}
        self._refreshed = 0.0

    async def due(self) -> None:
        """Ask for everything whose time has come; an item is asked for again after a minute."""
        context = self._context
        if not context.fence.is_open:
            return
        self._tell()
        now = time.monotonic()
        self._asked = {key: at for key, at in self._asked.items() if now - at < ASK_AGAIN_SECONDS}
        for partition in sorted(context.state.owned):
            items = [
                item
                for item in self._due_in(partition)
                if _asked_as(partition, item) not in self._asked
            ]
            await self._send(partition, items)
            for item in items:
                self._asked[_asked_as(partition, item)] = now

    def _tell(self) -> None:
        """Metrics of what waits for somebody outside, and of what the indexes hold."""
        state, match = self._context.state, self._context.state.match
        held = [since for jobs in state.held.values() for since in jobs.values()]
        metrics.HELD_JOBS.set(len(held))
        metrics.OLDEST_HELD.set(max(0.0, time.time() - min(held) / 1000) if held else 0.0)
        people = sum(match.people(p).matrix.view().nbytes for p in state.owned)
        vitals.INDEX_MEMORY.labels("people").set(people)
        vitals.INDEX_MEMORY.labels("jobs").set(match.jobs.matrix.view().nbytes)

    def refresh_due(self) -> bool:
        """Whether to ask for a refresh: while people come more seldom, for more lists at once."""
        attended = self._context.locks.people.attended()
        return not attended or time.monotonic() - self._refreshed >= REFRESH_ATTENDED_SECONDS

    async def refresh(self) -> None:
        """Ask for a refresh of the candidate lists that wait."""
        context = self._context
        if context.fence.is_open:
            self._refreshed = time.monotonic()
            for partition in sorted(context.state.owned):
                key = (partition, "refresh", "")
                done = self._asked.get(key, 0.0) < metrics.last_progress("work")
                if context.state.dirty.pending(partition) and (done or self._overdue(key)):
                    self._asked[key] = time.monotonic()
                    await self._send(partition, [{"kind": "refresh"}])

    async def hand_over(self) -> None:
        """Ask for the hand-over of partitions that are this deployment's from now on."""
        context = self._context
        if context.fence.is_open:
            for partition in sorted(context.state.owned):
                key, now = (partition, "handover", str(context.voice.record)), time.monotonic()
                again = now - self._asked.get(key, -HANDOVER_AGAIN_SECONDS)
                if context.voice.due(partition) and again >= HANDOVER_AGAIN_SECONDS:
                    self._asked[key] = now
                    await self._send(partition, [{"kind": "handover"}])

    async def interleave(self) -> None:
        """Listen to the challenger whose rankings are drawn in, and ask for what came."""
        context, trial = self._context, self._context.state.trial
        if trial is None or not context.fence.is_open:
            return
        rivals = context.rivals
        rivals.keep(context.state.owned)
        for partition in sorted(context.state.owned):
            if not context.voice.speaks(partition):
                continue
            await rivals.listen(partition, lambda name: trial.takes(name, consented=True))
            held = context.state.match.people(partition).slots
            key = (partition, "interleave", "")
            done = self._asked.get(key, 0.0) < metrics.last_progress("work")
            if (done or self._overdue(key)) and any(n in held for n in rivals.waiting(partition)):
                self._asked[key] = time.monotonic()
                await self._send(partition, [{"kind": "interleave"}])

    def _overdue(self, key: tuple[int, str, str]) -> bool:
        return time.monotonic() - self._asked.get(key, 0.0) > ASK_AGAIN_SECONDS

    def _due_in(self, partition: int) -> Iterator[dict[str, Any]]:
        state, now = self._context.state, time.time() * 1000
        for kind, ends in (
            ("expire_job", state.job_ends.get(partition, {})),
            ("expire_profile", state.person_ends.get(partition, {})),
        ):
            for name, due in ends.items():
                if due <= now:
                    yield {"kind": kind, "id": name, "due_ms": due}
        today = datetime.now(LIMA).date().isoformat()
        if state.meta(partition, AS_OF) < today:
            yield {"kind": "tick", "as_of": today}
        if state.meta(partition, RANKER) != self._context.versions.ranker:
            yield {"kind": "rerank"}
        if state.meta(partition, GATE) != self._context.vetted_by:
            yield {"kind": "revet"}

    async def _send(self, partition: int, items: list[dict[str, Any]]) -> None:
        context, topic = self._context, self._context.names.work
        records: list[Record] = [(topic, partition, b"", orjson.dumps(item), []) for item in items]
        if records:
            await context.outputs.send(records, [context.fence.turn()])


def _asked_as(partition: int, item: dict[str, Any]) -> tuple[int, str, str]:
    """What is not asked for twice; an ad that was given another end is due anew."""
    return partition, item["kind"], f"{item.get('id', '')} {item.get('due_ms', '')}"


def register(context: Context) -> None:
    """Attach the timers to the application."""
    app, timers = context.app, Timers(context)

    # partitions that were given away while a timer sent are asked by their new owner
    async def due() -> None:
        with suppress(StaleGeneration):
            await timers.due()

    async def refresh() -> None:
        with suppress(StaleGeneration):
            if timers.refresh_due():
                await timers.refresh()

    async def hand_over() -> None:
        with suppress(StaleGeneration):
            await timers.hand_over()

    async def interleave() -> None:
        with suppress(StaleGeneration):
            await timers.interleave()

    if context.state.trial is not None:
        app.timer(INTERLEAVE_SECONDS)(interleave)
    app.timer(HANDOVER_SECONDS)(hand_over)
    app.timer(context.settings.timer_interval)(due)
    app.timer(REFRESH_SECONDS)(refresh)
