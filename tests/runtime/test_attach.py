"""An agent reads bytes as they are, through a batcher."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Any

import faust
import pytest
from faust.types import Message

from matcher_stream.runtime.attach import attach
from matcher_stream.runtime.fence import Fence
from tests.runtime.conftest import until

RAW = [b"\xff\xfe", None, b"{", b"3"]


class Agent:
    """Notes what it was given, batch by batch."""

    def __init__(self) -> None:
        self.done: list[list[bytes | None]] = []

    async def prepare(self, events: Sequence[Any]) -> list[bytes | None]:
        return [event.message.value for event in events]

    async def apply(self, work: list[bytes | None]) -> None:
        self.done.append(work)


@pytest.fixture
async def parts() -> AsyncIterator[Any]:
    app: Any = faust.App("attach", store="memory://")
    app.consumer_generation_id = 1
    fence = Fence(lambda: int(app.consumer_generation_id), 60.0)
    yield SimpleNamespace(app=app, fence=fence, settings=SimpleNamespace(partitions=2))
    if app._consumer is not None:
        app._consumer._thread.thread_loop.close()  # made with the stream, never started


def _attach(parts: Any, agent: Agent) -> Any:
    return attach(
        parts, "test", "read", agent, agent_name="matcher.test", max_events=2, lookahead=4
    )


async def test_the_topic_hands_on_what_it_cannot_decode(parts: Any) -> None:
    _attach(parts, Agent())
    channel = parts.app.agents["matcher.test"].channel
    assert (channel.get_topic_name(), channel.partitions) == ("read", 2)
    for offset, value in enumerate(RAW):
        message = Message("read", 0, offset, 0.0, 0, {}, b"\xff", value, None)
        event = await channel.decode(message)
        assert (event.key, event.value) == (b"\xff", value)


async def test_the_agent_reads_through_a_batcher(parts: Any) -> None:
    agent = Agent()
    batcher = _attach(parts, agent)
    made = parts.app.agents["matcher.test"]
    assert made.concurrency == 1, "with more, commits would move past what is not done"
    async with made.test_context() as running:
        for value in RAW:
            await running.put(value, wait=False)
        await until(lambda: batcher.backlog == 4)
        assert agent.done == [], "the fence is closed"
        parts.fence.open()
        await until(lambda: [value for batch in agent.done for value in batch] == RAW)
        assert max(map(len, agent.done)) <= 2
