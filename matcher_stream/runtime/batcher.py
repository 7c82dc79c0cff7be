"""The one way an agent reads: batches with bounded look-ahead, acknowledged when they are done.

Faust's own ``take`` acknowledges when the next batch is asked for or when the agent is cancelled,
whether or not the work was done. Here a reader fills a bounded queue, `prepare` (decode, encode)
works on batch n+1 while `apply` (write, send) finishes batch n (and begins with n+2 where a whole
batch waits already, or batches are applied abreast, so that the encoder has no pause), and a batch
is acknowledged in offset order after `apply` returned, if its generation is still the current one.
What was cancelled, failed or fetched before a rebalance is never acknowledged, so it comes again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final, Generic, TypeVar

from matcher_stream.runtime import metrics, tracing
from matcher_stream.runtime.fence import Fence, die
from matcher_stream.runtime.outputs import about, trace_of
from schemas.errors import StaleGeneration

log = logging.getLogger(__name__)
T = TypeVar("T")
_PREPARED: Final = 2  # batches at once, where they are applied abreast
GIVEN_UP: Final = "given_up"
"""What a span says of a record that was in hand when the stream ended."""


class Batcher(Generic[T]):
    """Runs one agent's stream.

    Args:
        name: The agent's name, used in metrics.
        fence: Tells whether events may still be written.
        prepare: Turns events into work, without writing anything.
        apply: Carries the work out; returns when all its effects are durable.
        max_events: Most events in a batch.
        lookahead: Most events read ahead.
        interval: Least seconds between the starts of two `apply` calls.
        by_key: Whether `max_events` counts keys, for an agent that does the last record of a key
            only; such a batch has no more events than are read ahead.
        abreast: Most calls of `apply` at once, for an agent that lets those wait which may not.
        fewer: Says how many events a batch may have at the moment, if fewer than `max_events`.
    """

    def __init__(
        self,
        name: str,
        fence: Fence,
        prepare: Callable[[Sequence[Any]], Awaitable[T]],
        apply: Callable[[T], Awaitable[None]],
        *,
        max_events: int,
        lookahead: int,
        interval: float = 0.0,
        by_key: bool = False,
        abreast: int = 1,
        fewer: Callable[[], int] | None = None,
    ) -> None:
        self.name = name
        self._fence = fence
        self._prepare = prepare
        self._apply = apply
        self._max_events = max_events
        self._interval = interval
        self._by_key = by_key
        self._abreast = abreast
        self._fewer = fewer
        self._events: asyncio.Queue[Any] = asyncio.Queue(maxsize=max(lookahead, max_events))
        self._channel: Any = None
        self._prepared: asyncio.Queue[tuple[Sequence[Any], asyncio.Future[T]]]
        self._prepared = asyncio.Queue(maxsize=1)
        self._preparing: set[asyncio.Future[T]] = set()
        self._applying: list[asyncio.Future[None]] = []
        self._failed: asyncio.Future[None]
        #: When it began with each batch that is not done (monotonic s), and its events, in order.
        self._in_hand: dict[int, tuple[float, Sequence[Any]]] = {}

    @property
    def backlog(self) -> int:
        """Events fetched and not yet taken into a batch."""
        queue = getattr(self._channel, "queue", None)
        return self._events.qsize() + (queue.qsize() if queue is not None else 0)

    def oldest(self) -> dict[int, float]:
        """Timestamp (s since the epoch) of the first record of each partition that is not done."""
        found: dict[int, float] = {}
        read_ahead: Iterable[Any] = getattr(self._events, "_queue", ())
        for events in (*(events for _, events in self._in_hand.values()), read_ahead):
            for event in events:
                found.setdefault(event.message.partition, event.message.timestamp or 0.0)
        return found

    async def run(self, stream: Any) -> None:
        """Work until the stream is cancelled; ends the process on any failure."""
        self._channel = getattr(stream, "channel", None)
        self._in_hand.clear()
        self._failed = asyncio.get_running_loop().create_future()
        steps = self._read(stream), self._prepare_batches(), self._apply_batches()
        tasks = [self._failed, *map(asyncio.ensure_future, steps)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        except asyncio.CancelledError:
            raise
        except Exception as exc:
            log.exception("Agent %s failed", self.name, extra={"data": self._first()})
            die(f"agent {self.name} failed with {type(exc).__name__}")
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            begun: list[asyncio.Future[Any]] = [*self._preparing, *self._applying]
            for work in begun:
                work.cancel()
            await asyncio.gather(*begun, return_exceptions=True)
            for _, events in self._in_hand.values():
                tracing.finish(events, GIVEN_UP)

    def _first(self) -> dict[str, Any]:
        """The first record that is not done, for the log."""
        batches = (events for _, events in self._in_hand.values())
        return {"agent": self.name, **about(next(batches)[0].message)} if self._in_hand else {}

    async def _read(self, stream: Any) -> None:
        async for event in stream.noack().events():
            await self._events.put(event)

    async def _take(self) -> list[Any]:
        batch = [await self._events.get()]
        keys = {self._counted(batch[0])}
        counted = self._most()
        most = self._events.maxsize if self._by_key else counted
        while len(keys) < counted and len(batch) < most and not self._events.empty():
            batch.append(self._events.get_nowait())
            keys.add(self._counted(batch[-1]))
        return batch

    def _most(self) -> int:
        """Most events, or keys, of a batch that is taken now."""
        return self._max_events if self._fewer is None else min(self._max_events, self._fewer())

    def _counted(self, event: Any) -> Any:
        """What counts once in a batch."""
        return (event.message.partition, event.message.key) if self._by_key else id(event)

    async def _prepare_batches(self) -> None:
        while True:
            taken = await self._take()
            batch = await self._fence.admit(taken)
            metrics.DROPPED.labels(self.name).inc(len(taken) - len(batch))
            if not batch:
                continue
            self._begin(batch)
            work = asyncio.ensure_future(self._work(batch))
            self._preparing.add(work)
            work.add_done_callback(self._preparing.discard)
            await self._prepared.put((batch, work))
            most = min(_PREPARED, self._abreast)  # parts of a batch: more would only be smaller
            while len(self._preparing) >= most and self._events.qsize() < self._most():
                await asyncio.wait(self._preparing, return_when=asyncio.FIRST_COMPLETED)

    async def _work(self, batch: Sequence[Any]) -> T:
        with metrics.PREPARE_SECONDS.labels(self.name).time(), tracing.step("prepare", batch):
            return await self._prepare(batch)

    def _begin(self, batch: Sequence[Any]) -> None:
        self._in_hand[id(batch)] = time.monotonic(), batch
        metrics.BATCH_EVENTS.labels(self.name).observe(len(batch))
        now, queued = time.time(), metrics.QUEUE_SECONDS.labels(self.name)
        for event in batch:
            queued.observe(max(0.0, now - (event.message.timestamp or now)))
            if tracing.on():
                tracing.receive(event.message, trace_of(event.message))

    async def _apply_batches(self) -> None:
        while True:
            batch, preparing = await self._prepared.get()
            await asyncio.wait([preparing])
            if preparing.cancelled():
                continue  # with the stream that it was of: it comes again
            started, before = time.monotonic(), self._applying[-1:]
            applying = asyncio.ensure_future(self._carry_out(batch, preparing.result(), before))
            self._applying.append(applying)
            applying.add_done_callback(self._applied)
            if len(self._applying) >= self._abreast:
                oldest = self._applying[0]
                await asyncio.wait([oldest])
                oldest.result()
            pause = self._interval - (time.monotonic() - started)
            if pause > 0:
                await asyncio.sleep(pause)

    def _applied(self, applying: asyncio.Future[None]) -> None:
        self._applying.remove(applying)
        error = None if applying.cancelled() else applying.exception()
        if error and not self._failed.done():
            self._failed.set_exception(error)

    async def _carry_out(
        self, batch: Sequence[Any], work: T, before: Sequence[asyncio.Future[None]]
    ) -> None:
        started, outcome = time.monotonic(), ""
        try:
            with metrics.APPLY_SECONDS.labels(self.name).time():
                await self._apply(work)
            for one in before:
                await asyncio.wait([one])
                one.result()  # a batch is acknowledged after those before it
            self._acknowledge(batch)
        except StaleGeneration as exc:
            outcome = "stale"
            metrics.DROPPED.labels(self.name).inc(len(batch))
            log.info("Agent %s leaves %d events to their new owner: %s", self.name, len(batch), exc)
        # what fails stays in hand: the log names it
        tracing.finish(batch, outcome)
        begun, _ = self._in_hand.pop(id(batch), (started, batch))
        metrics.WORK_SECONDS.labels(self.name).observe(time.monotonic() - begun)

    def _acknowledge(self, batch: Sequence[Any]) -> None:
        self._fence.check(batch)
        for event in batch:
            event.ack()
        metrics.progress(self.name, len(batch))
        if log.isEnabledFor(logging.DEBUG):
            for event in batch:
                log.debug(
                    "Record done", extra={"data": {"agent": self.name, **about(event.message)}}
                )
