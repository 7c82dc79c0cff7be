"""Each topic that names an agent is read by it, and by nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from agents.context import Context
from agents.register import AGENTS, register_agents, topics_of
from matcher_stream.config.catalogue import READ, Catalogue
from matcher_stream.config.settings import Settings
from matcher_stream.runtime.batcher import Batcher
from matcher_stream.runtime.flow import CHECK_SECONDS, Flow
from tests.support.harness import MemoryBroker, MemoryWorker

SETTINGS = Settings(batch_events=16, lookahead_events=64, candidates_interval=0.5)


def _context() -> Context:
    broker = MemoryBroker(SETTINGS.partitions)
    return MemoryWorker(broker, SETTINGS, range(SETTINGS.partitions), {}).context


def test_every_topic_read_has_its_agent() -> None:
    topics = topics_of(AGENTS, READ)
    assert topics.keys() == AGENTS.keys()
    assert set(topics.values()) == set(READ)


def test_a_topic_without_its_agent_is_told_at_start() -> None:
    fewer = {name: binding for name, binding in AGENTS.items() if name != "feedback"}
    with pytest.raises(LookupError, match="Topic feedback names agent 'feedback', which is not"):
        topics_of(fewer, READ)


def test_an_agent_without_a_topic_is_told_at_start() -> None:
    with pytest.raises(LookupError, match="No topic of the catalogue names the agent idle"):
        topics_of({**AGENTS, "idle": AGENTS["jobs"]}, READ)


def test_two_topics_with_one_agent_are_told_at_start() -> None:
    twice = replace(Catalogue.jobs, name="more-jobs")
    with pytest.raises(LookupError, match="Topics jobs and more-jobs name one agent, jobs"):
        topics_of(AGENTS, [*READ, twice])


def test_the_start_itself_looks_whether_they_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cast(Any, AGENTS), "idle", AGENTS["jobs"])
    with pytest.raises(LookupError, match="idle"):
        register_agents(_context())


def test_each_agent_is_attached_to_the_topic_that_names_it() -> None:
    context = _context()
    register_agents(context)
    attached = {
        name.removeprefix("matcher."): list(agent.channel.topics)
        for name, agent in context.app.agents.items()
    }
    assert attached == {topic.agent: [context.names.of(topic)] for topic in READ}


def test_agents_read_as_much_at_once_as_they_are_bound_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: dict[str, Batcher[Any]] = {}
    sizes: dict[str, dict[str, Any]] = {}

    class Noted(Batcher[Any]):
        def __init__(self, name: str, *parts: Any, **given: Any) -> None:
            super().__init__(name, *parts, **given)
            made[name], sizes[name] = self, given

    monkeypatch.setattr("matcher_stream.runtime.attach.Batcher", Noted)
    context = _context()
    register_agents(context)
    usual = {"max_events": 16, "lookahead": 64, "interval": 0.0, "by_key": False, "abreast": 1}
    told = {
        "profiles": {**usual, "by_key": True, "abreast": 3},
        "jobs": {**usual, "by_key": True},
        "decisions": usual,
        "feedback": usual,
        "work": usual,
        "postings": {**usual, "max_events": 64, "lookahead": 256},
        "candidates": {**usual, "max_events": 8192, "lookahead": 8192, "interval": 0.5},
    }
    fewer = {name: sizes[name].pop("fewer") for name in sizes}
    assert {name: sizes[name] for name in told} == told
    assert {name: now() for name, now in fewer.items() if now() != sizes[name]["max_events"]} == {}
    for name, waits in (("profiles", 1), ("postings", 2), ("work", 2), ("candidates", 2)):
        made[name]._events.put_nowait(object())
        # lists are refreshed and merged at leisure: no backlog that refreshing gives way to
        assert context.backlog() == waits


async def test_while_people_come_batches_of_ads_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    now: dict[str, Callable[[], int]] = {}

    class Noted(Batcher[Any]):
        def __init__(self, name: str, *parts: Any, fewer: Callable[[], int], **given: Any) -> None:
            super().__init__(name, *parts, **given)
            now[name] = fewer

    monkeypatch.setattr("matcher_stream.runtime.attach.Batcher", Noted)
    context = _context()
    context = replace(context, settings=Settings(batch_events=128))
    register_agents(context)
    before = {name: most() for name, most in now.items()}
    async with context.locks.people.turn(first=True):
        assert {name: most() for name, most in now.items()} == {**before, "jobs": 32}
    assert before["jobs"] == 128


def test_who_waits_for_an_answer_is_fetched_first() -> None:
    context = _context()
    register_agents(context)
    assert context.app.transport.first == {context.names.profiles, context.names.feedback}


async def test_reading_is_regulated_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a topic that is read faster than it is worked off would fill the memory."""
    regulated: list[Flow] = []

    async def regulate(flow: Flow) -> None:
        regulated.append(flow)

    monkeypatch.setattr(Flow, "regulate", regulate)
    context, timers = _context(), dict[float, Callable[[], Awaitable[None]]]()

    def timer(seconds: float) -> Callable[[Callable[[], Awaitable[None]]], None]:
        return lambda function: timers.update({seconds: function})

    monkeypatch.setattr(context.app, "timer", timer)
    register_agents(context)
    await timers[CHECK_SECONDS]()
    (flow,) = regulated
    assert flow._readers.keys() == {context.names.of(topic) for topic in READ}
