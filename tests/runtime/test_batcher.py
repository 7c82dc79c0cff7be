"""Only what is done is acknowledged, in order, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from matcher_stream.runtime import batcher as module
from matcher_stream.runtime.batcher import Batcher
from matcher_stream.runtime.fence import Fence
from schemas.errors import StaleGeneration


class Event:
    """As much of a Faust event as the batcher touches."""

    def __init__(
        self, offset: int, acked: list[int], generation: int = 1, key: bytes | None = None
    ) -> None:
        self.message = SimpleNamespace(
            topic="t",
            offset=offset,
            generation_id=generation,
            key=key,
            partition=0,
            timestamp=1e9 + offset,
            headers=[],
        )
        self._acked = acked

    def ack(self) -> None:
        self._acked.append(self.message.offset)


class Stream:
    """Yields its events, then waits for ever, as a Kafka stream does."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.read = 0
        self._events = events

    def noack(self) -> Stream:
        return self

    async def events(self) -> AsyncIterator[Event]:
        for event in self._events:
            self.read += 1
            yield event
        await asyncio.Event().wait()


class Worker:
    """A fence, a batcher, and a record of what was done."""

    def __init__(self, **options: Any) -> None:
        self.generation = 1
        self.fence = Fence(lambda: self.generation, session_timeout=60.0)
        self.fence.open()
        self.acked: list[int] = []
        self.prepared: list[list[int]] = []
        self.done: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        sizes = {"max_events": 4, "lookahead": 8, **options}
        self.batcher = Batcher("test", self.fence, self.prepare, self.apply, **sizes)

    async def prepare(self, events: Sequence[Event]) -> list[int]:
        offsets = [event.message.offset for event in events]
        self.prepared.append(offsets)
        return offsets

    async def apply(self, offsets: list[int]) -> None:
        await self.gate.wait()
        self.done.append(offsets)

    async def run_until(self, stream: Stream, condition: Any) -> None:
        task = asyncio.ensure_future(self.batcher.run(stream))
        try:
            async with asyncio.timeout(5):
                while not condition():
                    await asyncio.sleep(0)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_everything_is_done_and_acknowledged_in_order() -> None:
    worker = Worker()
    stream = Stream([Event(i, worker.acked) for i in range(30)])
    await worker.run_until(stream, lambda: len(worker.acked) == 30)
    assert worker.acked == list(range(30))
    assert [offset for batch in worker.done for offset in batch] == list(range(30))
    assert max(map(len, worker.done)) <= 4


async def test_a_batch_of_keys_takes_all_of_their_records_that_were_read() -> None:
    worker = Worker(by_key=True, lookahead=16)
    keys = [b"a", b"b"] * 40 + [b"c", b"d", b"e", b"f", b"g", None]
    stream = Stream([Event(i, worker.acked, key=key) for i, key in enumerate(keys)])
    worker.gate.clear()

    def ahead() -> bool:
        if worker.batcher.backlog == 16:
            worker.gate.set()
        return len(worker.acked) == len(keys)

    await worker.run_until(stream, ahead)
    assert worker.acked == list(range(len(keys)))
    assert max(map(len, worker.done)) == 16, "as many as are read ahead"
    for batch in worker.done:
        assert len({keys[offset] for offset in batch}) <= 4


async def test_a_batch_has_fewer_events_while_that_is_asked_for() -> None:
    most = 1
    worker = Worker(fewer=lambda: most, lookahead=16)
    stream = Stream([Event(i, worker.acked) for i in range(30)])
    await worker.run_until(stream, lambda: len(worker.acked) >= 10)
    assert {len(batch) for batch in worker.done[:10]} == {1}
    most = 100
    stream = Stream([Event(i, worker.acked) for i in range(30, 60)])
    await worker.run_until(stream, lambda: 59 in worker.acked)
    assert max(map(len, worker.done)) == 4, "never more than it may have at all"


async def test_a_batch_is_prepared_while_the_one_before_is_applied() -> None:
    worker = Worker()
    worker.gate.clear()
    stream = Stream([Event(i, worker.acked) for i in range(30)])
    await worker.run_until(stream, lambda: len(worker.prepared) >= 2)
    assert worker.done == []


async def test_look_ahead_is_bounded_and_what_was_only_read_is_never_acknowledged() -> None:
    worker = Worker()
    worker.gate.clear()
    stream = Stream([Event(i, worker.acked) for i in range(500)])
    await worker.run_until(stream, lambda: worker.batcher.backlog == 8)
    # queue, three batches of four on their way, and one event in hand
    assert stream.read <= 8 + 3 * 4 + 1
    assert worker.acked == []


async def test_no_more_than_one_batch_waits_prepared() -> None:
    worker = Worker()
    worker.gate.clear()
    stream = Stream([Event(i, worker.acked) for i in range(500)])
    turns = iter(range(200))
    await worker.run_until(stream, lambda: next(turns, None) is None)
    # one is applied, one waits, and one that is prepared waits for its place
    assert len(worker.prepared) == 3
    assert stream.read == 8 + 3 * 4 + 1


@pytest.mark.parametrize(("waiting", "begun"), [(8, 3), (3, 1)])
async def test_a_whole_batch_is_begun_before_the_one_before_is_prepared(
    waiting: int, begun: int
) -> None:
    """So that the encoder has no pause; what is less waits, and more comes to it."""
    worker, started, go_on = Worker(), list[int](), asyncio.Event()

    async def prepare(events: Sequence[Event]) -> list[int]:
        started.append(len(events))
        await go_on.wait()
        return await worker.prepare(events)

    worker.batcher._prepare = prepare
    stream = Stream([Event(i, worker.acked) for i in range(4 + waiting)])
    turns = iter(range(200))
    task = asyncio.ensure_future(worker.run_until(stream, lambda: len(worker.acked) == 4 + waiting))
    while next(turns, None) is not None:
        await asyncio.sleep(0)
    assert len(started) == begun
    assert worker.done == []
    go_on.set()
    await task
    assert [offset for batch in worker.done for offset in batch] == list(range(4 + waiting))


async def test_what_is_being_prepared_ends_with_the_stream() -> None:
    worker, left = Worker(), list[int]()

    async def prepare(events: Sequence[Event]) -> list[int]:
        try:
            await asyncio.Event().wait()
        finally:
            left.append(len(events))
        return []

    worker.batcher._prepare = prepare
    turns = iter(range(100))
    stream = Stream([Event(i, worker.acked) for i in range(12)])
    await worker.run_until(stream, lambda: next(turns, None) is None)
    assert left == [4, 4, 4]
    assert worker.acked == []


async def test_it_ends_when_all_that_it_does_has_ended() -> None:
    worker = Worker()
    left: list[str] = []

    async def apply(offsets: list[int]) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(9):
                await asyncio.sleep(0)
            left.append("in order")

    worker.batcher._apply = apply
    task = asyncio.ensure_future(worker.batcher.run(Stream([Event(0, worker.acked)])))
    while not worker.prepared:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert left == ["in order"]
    assert task.cancelled(), "whoever cancelled it is told so"


async def test_cancelled_in_mid_batch_acknowledges_nothing_of_it() -> None:
    worker = Worker()
    stream = Stream([Event(i, worker.acked) for i in range(12)])

    async def stop_after_first(offsets: list[int]) -> None:
        if offsets[0] > 0:
            worker.gate.clear()
        await worker.gate.wait()
        worker.done.append(offsets)

    worker.batcher._apply = stop_after_first
    await worker.run_until(stream, lambda: not worker.gate.is_set())
    assert worker.acked == [offset for batch in worker.done for offset in batch]
    assert len(worker.acked) < 12


async def test_events_of_an_older_generation_are_left_alone() -> None:
    worker = Worker()
    worker.generation = 2
    worker.fence.open()
    old = [Event(i, worker.acked, generation=1) for i in range(3)]
    new = [Event(i, worker.acked, generation=2) for i in range(3, 6)]
    await worker.run_until(Stream([*old, *new]), lambda: worker.acked == [3, 4, 5])
    assert [] not in worker.prepared
    assert [offset for batch in worker.done for offset in batch] == [3, 4, 5]


async def test_of_nothing_no_batch_is_prepared() -> None:
    worker = Worker()
    worker.generation = 2
    worker.fence.open()
    old = [Event(i, worker.acked, generation=1) for i in range(9)]
    new = [Event(9, worker.acked, generation=2)]
    await worker.run_until(Stream([*old, *new]), lambda: worker.acked == [9])
    assert [] not in worker.prepared


async def test_what_was_fetched_before_the_fence_opened_waits_for_it() -> None:
    worker = Worker()
    worker.fence.close()
    stream = Stream([Event(i, worker.acked) for i in range(3)])
    opened = False

    def open_when_read() -> bool:
        nonlocal opened
        if stream.read == 3 and not opened:
            opened = True
            worker.fence.open()
        return worker.acked == [0, 1, 2]

    await worker.run_until(stream, open_when_read)
    assert [offset for batch in worker.done for offset in batch] == [0, 1, 2]


async def test_partitions_lost_during_the_work_are_not_acknowledged() -> None:
    worker = Worker()

    async def lose(offsets: list[int]) -> None:
        worker.done.append(offsets)
        worker.generation += 1

    worker.batcher._apply = lose
    stream = Stream([Event(i, worker.acked) for i in range(2)])
    await worker.run_until(stream, lambda: worker.done)
    assert worker.acked == []


async def test_any_failure_ends_the_process_without_acknowledging(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reasons: list[str] = []
    monkeypatch.setattr(module, "die", reasons.append)
    worker = Worker()

    async def fail(offsets: list[int]) -> None:
        raise OSError("disk full")

    worker.batcher._apply = fail
    await worker.batcher.run(Stream([Event(7, worker.acked)]))
    assert worker.acked == []
    assert reasons == ["agent test failed with OSError"]
    (line,) = caplog.records
    said: dict[str, Any] = line.__dict__["data"]
    assert (said["agent"], said["topic"], said["offset"]) == ("test", "t", 7)


async def test_a_stale_batch_is_dropped_and_work_goes_on() -> None:
    worker = Worker()
    calls: list[list[int]] = []

    async def first_is_stale(offsets: list[int]) -> None:
        calls.append(offsets)
        if len(calls) == 1:
            raise StaleGeneration("gone")
        worker.done.append(offsets)

    worker.batcher._apply = first_is_stale
    worker.batcher._max_events = 1
    stream = Stream([Event(i, worker.acked) for i in range(3)])
    await worker.run_until(stream, lambda: worker.acked == [1, 2])
    assert worker.done == [[1], [2]]


@pytest.mark.parametrize(("takes", "pauses"), [(0.25, [0.75] * 3), (1.0, []), (1.5, [])])
async def test_batches_begin_no_sooner_after_each_other(
    monkeypatch: pytest.MonkeyPatch, takes: float, pauses: list[float]
) -> None:
    """On a clock that only work and pauses move."""
    now, paused, sleep = 1000.0, list[float](), asyncio.sleep

    async def pause(seconds: float) -> None:
        nonlocal now
        if seconds > 0:
            paused.append(seconds)
            now += seconds
        await sleep(0)

    async def apply(offsets: list[int]) -> None:
        nonlocal now
        now += takes
        worker.done.append(offsets)

    worker = Worker(max_events=1, interval=1.0)
    worker.batcher._apply = apply
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now, time=lambda: now))
    monkeypatch.setattr(asyncio, "sleep", pause)
    stream = Stream([Event(i, worker.acked) for i in range(3)])
    turns = iter(range(50))
    await worker.run_until(stream, lambda: len(worker.acked) == 3 and next(turns, None) is None)
    assert paused == pauses


async def test_a_stream_that_comes_again_begins_anew() -> None:
    """What was being prepared when the one before ended is not waited for."""
    worker, turns = Worker(), iter(range(100))
    stuck = asyncio.Event()
    prepare = worker.batcher._prepare

    async def wait(events: Sequence[Event]) -> list[int]:
        await stuck.wait()
        return []

    worker.batcher._prepare = wait
    worker.gate.clear()
    first = Stream([Event(i, worker.acked) for i in range(12)])
    await worker.run_until(first, lambda: next(turns, None) is None)
    worker.batcher._prepare = prepare
    worker.gate.set()
    second = Stream([Event(i, worker.acked) for i in range(20, 24)])
    await worker.run_until(second, lambda: worker.acked == [20, 21, 22, 23])


class Abreast(Worker):
    """Batches of one event each, which end when they are told to."""

    def __init__(self, abreast: int) -> None:
        super().__init__(max_events=1, abreast=abreast)
        self.begun: list[int] = []
        self.ends: dict[int, asyncio.Future[None]] = {}

    async def apply(self, offsets: list[int]) -> None:
        (offset,) = offsets
        self.begun.append(offset)
        end = self.ends[offset] = asyncio.get_running_loop().create_future()
        await end
        self.done.append(offsets)


async def _turns_of_the_loop() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_batches_are_applied_abreast_and_acknowledged_in_order() -> None:
    worker = Abreast(3)
    stream = Stream([Event(i, worker.acked) for i in range(5)])
    running = asyncio.ensure_future(worker.batcher.run(stream))
    await _turns_of_the_loop()
    assert worker.begun == [0, 1, 2], "and no more"
    for offset in (2, 1):
        worker.ends[offset].set_result(None)
    await _turns_of_the_loop()
    assert (worker.acked, worker.begun) == ([], [0, 1, 2])
    worker.ends[0].set_result(None)
    await _turns_of_the_loop()
    assert (worker.acked, worker.begun) == ([0, 1, 2], [0, 1, 2, 3, 4])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert worker.acked == [0, 1, 2]
    assert all(worker.ends[offset].cancelled() for offset in (3, 4))


class Slow(Stream):
    """Its events come one by one."""

    async def events(self) -> AsyncIterator[Event]:
        async for event in super().events():
            yield event
            await _turns_of_the_loop()


@pytest.mark.parametrize(("abreast", "begun"), [(1, [[0]]), (3, [[0], [1]])])
async def test_who_comes_is_prepared_beside_who_came_before(
    monkeypatch: pytest.MonkeyPatch, abreast: int, begun: list[list[int]]
) -> None:
    """Where people are answered side by side: one text leaves cores to the next. Else a batch
    that waits only grows.
    """
    worker, go_on = Worker(abreast=abreast), asyncio.Event()
    prepare = worker.batcher._prepare

    async def held(events: Sequence[Event]) -> list[int]:
        offsets = await prepare(events)
        await go_on.wait()
        return offsets

    monkeypatch.setattr(worker.batcher, "_prepare", held)
    running = asyncio.ensure_future(
        worker.batcher.run(Slow([Event(i, worker.acked) for i in range(4)]))
    )
    for _ in range(6):
        await _turns_of_the_loop()
    assert worker.prepared == begun
    go_on.set()
    await _turns_of_the_loop()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert worker.acked == [0, 1, 2, 3]


@pytest.mark.parametrize("failing", [0, 1])
async def test_a_failure_abreast_ends_the_process_and_acknowledges_nothing_after(
    monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    reasons: list[str] = []
    monkeypatch.setattr(module, "die", reasons.append)
    worker = Abreast(2)
    running = asyncio.ensure_future(
        worker.batcher.run(Stream([Event(0, worker.acked), Event(1, worker.acked)]))
    )
    await _turns_of_the_loop()
    worker.ends[1 - failing].set_result(None)
    worker.ends[failing].set_exception(OSError("disk full"))
    await asyncio.wait_for(running, 5)
    assert reasons == ["agent test failed with OSError"]
    assert worker.acked == list(range(failing))
