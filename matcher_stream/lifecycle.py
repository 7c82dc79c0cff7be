"""Rebalances: let work in flight finish, rebuild the indexes, open the fence."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from agents.context import Context
from matcher_stream import metrics
from matcher_stream.fence import die
from matcher_stream.stale import throw_away_stale_state

log = logging.getLogger(__name__)


def register(context: Context) -> None:
    """Attach the hooks to the application."""
    app = context.app
    rebuilding = asyncio.Lock()
    started = time.monotonic()

    async def on_revoked(*_: Any, **__: Any) -> None:
        if not context.fence.is_open:
            context.fence.close()
            context.state.mark_suspect()
            return
        finished = await _finish_work(context)
        context.fence.close()
        if finished:
            context.state.mark_synced()
        else:
            context.state.mark_suspect()

    async def on_recover() -> None:
        try:
            async with rebuilding:
                await _rebuild(context, started)
        except Exception as error:  # Faust would swallow it and go on with half an index
            log.exception("The indexes could not be built")
            die(f"index build failed with {type(error).__name__}")

    app.on_partitions_revoked.connect(on_revoked, weak=False)
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


async def _rebuild(context: Context, started: float) -> None:
    generation = context.app.consumer_generation_id
    changelog = context.state.tables.people.changelog_topic_name
    partitions = [
        tp.partition for tp in context.app.assignor.assigned_actives() if tp.topic == changelog
    ]
    metrics.RECOVERY_SECONDS.labels("recovery").set(time.monotonic() - started)
    encoder = await asyncio.wrap_future(context.encoder)
    context.state.prepare(encoder.dim)
    index_started = time.monotonic()
    async with context.people_lock, context.jobs_lock:
        await context.score(context.state.rebuild, partitions)
    metrics.RECOVERY_SECONDS.labels("index").set(time.monotonic() - index_started)
    metrics.PEOPLE.set(context.state.match.count_people())
    metrics.JOBS.set(len(context.state.match.jobs))
    metrics.DIRTY.set(len(context.state.dirty))
    if context.app.consumer_generation_id != generation:
        context.state.mark_suspect()
        return  # a newer rebalance calls again
    context.fence.open()
    metrics.RECOVERY_SECONDS.labels("ready").set(time.monotonic() - started)
    log.info("Ready %.2f s after start, partitions %s", time.monotonic() - started, partitions)
