"""A topic with a backlog is paused, and only that one."""

from __future__ import annotations

from types import SimpleNamespace

from faust.types import TP

from matcher_stream.runtime.fence import Fence
from matcher_stream.runtime.flow import HIGH, LOW, Flow


class Consumer:
    """As much of Faust's consumer as the flow touches."""

    def __init__(self) -> None:
        self.active = {TP(topic, p) for topic in ("jobs", "profiles") for p in range(2)}
        self._all = set(self.active)

    def assignment(self) -> set[TP]:
        return self._all

    def on_buffer_full(self, tp: TP) -> None:
        self.active.discard(tp)

    def on_buffer_drop(self, tp: TP) -> None:
        self.active.add(tp)


async def test_a_backlog_pauses_its_own_topic_until_it_is_nearly_through() -> None:
    consumer = Consumer()
    jobs, profiles = SimpleNamespace(backlog=HIGH + 1), SimpleNamespace(backlog=0)
    fence = Fence(lambda: 1, session_timeout=60.0)
    flow = Flow(SimpleNamespace(consumer=consumer), fence, {"jobs": jobs, "profiles": profiles})
    await flow.regulate()
    assert len(consumer.active) == 4, "while the fence is closed Faust has its way"
    fence.open()
    await flow.regulate()
    assert {tp.topic for tp in consumer.active} == {"profiles"}
    jobs.backlog = LOW
    await flow.regulate()
    assert {tp.topic for tp in consumer.active} == {"profiles"}
    jobs.backlog = LOW - 1
    await flow.regulate()
    assert len(consumer.active) == 4
