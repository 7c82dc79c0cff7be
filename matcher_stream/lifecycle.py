"""What the matcher does at a rebalance: finish batches, rebuild the indexes, tell how it went."""

from __future__ import annotations

import asyncio
import logging

from agents.context import Context
from matcher_stream.runtime import metrics
from matcher_stream.runtime.hooks import RebalanceHooks, all_free

log = logging.getLogger(__name__)


class MatcherHooks(RebalanceHooks):
    """The steps of the matcher."""

    FAILURE = "The indexes could not be built"
    TASK = "index build"

    def __init__(self, context: Context) -> None:
        super().__init__(context, context.names.read)
        self._context = context

    async def finish(self) -> None:
        """Wait for batches in flight; if all of them finished, the indexes equal the tables."""
        context = self._context
        locks = (context.locks.people, context.locks.jobs, context.locks.lists)
        if await all_free(locks, context.settings.session_timeout / 2):
            context.state.mark_synced()
        else:
            log.warning("A batch did not finish before its partitions were taken away")

    async def take(self, partitions: list[int]) -> None:
        """Index what these partitions hold."""
        context = self._context
        encoder = await asyncio.wrap_future(context.vectors.encoder)
        context.state.prepare(encoder.dim)
        async with context.locks.people, context.locks.jobs:
            await context.score(context.state.rebuild, partitions)
        context.voice.own(context.state.handed(partitions))
        self.phases.note("index")
        metrics.PEOPLE.set(context.state.match.count_people())
        metrics.JOBS.set(context.state.match.count_jobs())
        metrics.DIRTY.set(len(context.state.dirty))

    def opening(self) -> None:
        """From here on the indexes may differ from the tables."""
        self._context.state.mark_in_use()
