"""Rebalances: what is done when partitions come and go, in the order that keeps writes safe."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, ClassVar

from matcher_stream.runtime import vitals
from matcher_stream.runtime.fence import die
from matcher_stream.runtime.parts import AppParts
from matcher_stream.runtime.seeking import owned_partitions, seek_uncommitted
from matcher_stream.runtime.stale import throw_away_stale_state

log = logging.getLogger(__name__)

STAMP_SECONDS = 60.0


class RebalanceHooks(ABC):
    """An app says what it does at each step; the order of the steps is here.

    Partitions are taken away: `drop`, then `finish` while the fence is still open, then the fence
    closes. Partitions are given: `joined`, and when their tables are recovered `take`, `opening`,
    and last the fence opens, unless a newer rebalance came meanwhile: that one calls again.

    Args:
        parts: The worker.
        reads: The topics that its agents read.

    Attributes:
        FAILURE: What the log says when partitions could not be taken.
        TASK: What failed then, as the reason for the process's end.
        phases: How long starts and rebalances take.
    """

    FAILURE: ClassVar[str]
    TASK: ClassVar[str]

    def __init__(self, parts: AppParts, reads: Iterable[str]) -> None:
        self._parts = parts
        self._reads = tuple(reads)
        self._taking = asyncio.Lock()
        self.phases = vitals.Phases()

    def drop(self) -> None:  # noqa: B027  nothing, unless an app has something to drop
        """Give up at once what is not worth waiting for; called with the fence open or not."""

    @abstractmethod
    async def finish(self) -> None:
        """Let work in flight get whole, for half the session at most."""

    def joined(self) -> None:  # noqa: B027
        """The group gave us partitions; their tables are not recovered yet."""

    @abstractmethod
    async def take(self, partitions: list[int]) -> None:
        """Make these partitions ours, and no others, from their recovered tables."""

    def opening(self) -> None:  # noqa: B027
        """The fence opens right after this, with no await between."""

    def ready(self, partitions: list[int]) -> None:  # noqa: B027
        """Work begins."""

    def register(self, table: Any) -> None:
        """Attach the hooks to the application, and throw away what was unused for too long.

        Args:
            table: One of the app's tables: Faust tells of recovered tables one by one.
        """
        app = self._parts.app
        app.on_partitions_revoked.connect(self._on_revoked, weak=False)
        app.on_partitions_assigned.connect(self._on_assigned, weak=False)
        table.on_recover(self._on_recover)
        throw_away_stale_state(self._parts)
        app.timer(STAMP_SECONDS)(self._keep_stamps)
        app.timer(vitals.VITALS_SECONDS)(self._measure)

    async def _on_revoked(self, *_: Any, **__: Any) -> None:
        fence = self._parts.fence
        self.phases.stopped()
        try:
            self.drop()
            if fence.is_open:
                await self.finish()
        finally:
            fence.close()
            vitals.own("", ())

    async def _on_assigned(self, *_: Any, **__: Any) -> None:
        self._parts.fence.rejoined()
        self.phases.joined()
        self.joined()

    async def _on_recover(self) -> None:
        try:
            async with self._taking:  # a newer rebalance leaves this call running beside its own
                await self._take()
        except Exception as error:  # Faust would swallow it and go on with half a state
            log.exception("%s", self.FAILURE)
            die(f"{self.TASK} failed with {type(error).__name__}")

    async def _take(self) -> None:
        app = self._parts.app
        generation = app.consumer_generation_id
        self.phases.recovered()
        partitions = owned_partitions(app, self._reads)
        await self.take(partitions)
        if app.consumer_generation_id != generation:
            return  # a newer rebalance calls again
        sought = await seek_uncommitted(app)
        if not sought or app.consumer_generation_id != generation:
            return
        self.opening()
        self._parts.fence.open()
        vitals.own(str(app.conf.id), partitions)
        log.info("Ready for partitions %s: %s", partitions, self.phases.ready())
        self.ready(partitions)

    async def _keep_stamps(self) -> None:
        throw_away_stale_state(self._parts)

    async def _measure(self) -> None:
        vitals.measure_tables(self._parts.state.tables.all())


async def all_free(locks: Iterable[AbstractAsyncContextManager[Any]], seconds: float) -> bool:
    """Wait until nobody holds any of the locks; nothing else runs between then and the return.

    Args:
        locks: In the order in which whoever needs several takes them.
        seconds: How long to wait, at most.

    Returns:
        False if somebody held one for too long.
    """
    try:
        async with asyncio.timeout(seconds), AsyncExitStack() as held:
            for lock in locks:
                await held.enter_async_context(lock)
            return True
    except TimeoutError:
        return False
