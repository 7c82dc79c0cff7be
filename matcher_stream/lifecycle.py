"""Rebalances: let work in flight finish, rebuild the indexes, open the fence."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from pathlib import Path
from typing import Any

from agents.context import Context
from matcher_stream.runtime import metrics
from matcher_stream.runtime.fence import die
from matcher_stream.runtime.seeking import owned_partitions, seek_uncommitted
from matcher_stream.runtime.stale import throw_away_stale_state

log = logging.getLogger(__name__)


def register(context: Context) -> None:
    """Attach the hooks to the application."""
    app = context.app
    rebuilding = asyncio.Lock()
    phases = Phases()

    async def on_revoked(*_: Any, **__: Any) -> None:
        if context.fence.is_open and await _finish_work(context):
            context.state.mark_synced()
        context.fence.close()

    async def on_assigned(*_: Any, **__: Any) -> None:
        phases.joined()

    async def on_recover() -> None:
        try:
            async with rebuilding:
                await _rebuild(context, phases)
        except Exception as error:  # Faust would swallow it and go on with half an index
            log.exception("The indexes could not be built")
            die(f"index build failed with {type(error).__name__}")

    app.on_partitions_revoked.connect(on_revoked, weak=False)
    app.on_partitions_assigned.connect(on_assigned, weak=False)
    context.state.tables.people.on_recover(on_recover)
    throw_away_stale_state(context)

    async def keep_stamps() -> None:
        throw_away_stale_state(context)

    app.timer(60.0)(keep_stamps)


async def _finish_work(context: Context) -> bool:
    """Wait for batches in flight, half the session at most; True if all of them finished."""
    try:
        async with asyncio.timeout(context.settings.session_timeout / 2):
            async with context.people_lock, context.jobs_lock, context.lists_lock:
                return True
    except TimeoutError:
        log.warning("A batch did not finish before its partitions were taken away")
        return False


async def _rebuild(context: Context, phases: Phases) -> None:
    generation = context.app.consumer_generation_id
    partitions = owned_partitions(context.app, context.reads)
    phases.recovered()
    encoder = await asyncio.wrap_future(context.encoder)
    context.state.prepare(encoder.dim)
    started = time.monotonic()
    async with context.people_lock, context.jobs_lock:
        await context.score(context.state.rebuild, partitions)
    metrics.START_SECONDS.labels("index").set(time.monotonic() - started)
    metrics.PEOPLE.set(context.state.match.count_people())
    metrics.JOBS.set(len(context.state.match.jobs))
    metrics.DIRTY.set(len(context.state.dirty))
    if context.app.consumer_generation_id != generation:
        return  # a newer rebalance calls again
    sought = await seek_uncommitted(context.app)
    if not sought or context.app.consumer_generation_id != generation:
        return
    context.state.mark_in_use()
    context.fence.open()
    log.info("Ready for partitions %s: %s", sorted(partitions), phases.summary())


class Phases:
    """How long each part of a start took, in seconds; told by metrics and one log line."""

    def __init__(self) -> None:
        self._mark = time.monotonic()
        metrics.START_SECONDS.labels("import").set(_seconds_since_exec())

    def joined(self) -> None:
        """The group gave us partitions."""
        self._note("join")

    def recovered(self) -> None:
        """The tables hold what the changelogs hold."""
        self._note("recovery")

    def _note(self, phase: str) -> None:
        now = time.monotonic()
        metrics.START_SECONDS.labels(phase).set(now - self._mark)
        self._mark = now

    @staticmethod
    def summary() -> str:
        """The phases so far, in words."""
        samples = next(iter(metrics.START_SECONDS.collect())).samples
        return ", ".join(f"{s.labels['phase']} {s.value:.2f} s" for s in samples)


def _seconds_since_exec() -> float:
    """Seconds since this process was started (Linux: field 22 of /proc/self/stat, proc(5))."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started
