"""The demo waits for every agent."""

from __future__ import annotations

from typing import Any, cast

import pytest
from rich.progress import Progress

from matcher_stream.cli.session import DemoSession
from matcher_stream.config.catalogue import READ, Topic
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.settings import Settings

SETTINGS = Settings()
#: The session knows the worker's application once that has started.
NAMES = TopicNames(SETTINGS, "")


class _Worker:
    def __init__(self, done: dict[str, float]) -> None:
        self._done = done

    async def counters(self) -> dict[str, float]:
        return self._done


class _Inputs:
    async def ends(self) -> dict[str, int]:
        return dict.fromkeys(NAMES.read, 5)


async def _settled(done: dict[str, float]) -> bool:
    session = DemoSession(SETTINGS, cast(Any, _Worker(done)), {})
    with Progress(disable=True) as bar:
        task = bar.add_task("", total=5)
        return await session._settled(bar, task, cast(Any, _Inputs()), "jobs")


async def test_the_demo_goes_on_when_every_agent_is_done() -> None:
    assert await _settled({topic.agent: 5 for topic in READ})
    assert not await _settled({**{topic.agent: 5 for topic in READ}, "lists_waiting": 1})


@pytest.mark.parametrize("late", READ, ids=[topic.name for topic in READ])
async def test_the_demo_waits_for_each_agent(late: Topic) -> None:
    assert not await _settled({topic.agent: 4 if topic is late else 5 for topic in READ})
