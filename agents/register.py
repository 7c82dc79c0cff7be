"""Every agent, bound by its name to the topic that names it in the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agents.candidates import CandidatesAgent
from agents.context import Context
from agents.decisions import DecisionsAgent
from agents.feedback import FeedbackAgent
from agents.invitations import InvitationsAgent
from agents.jobs import JobsAgent
from agents.postings import CAUSES, PostingsAgent
from agents.profiles import ProfilesAgent
from agents.work import WorkAgent
from matcher_stream.config.catalogue import READ, Topic
from matcher_stream.config.settings import Settings
from matcher_stream.runtime import metrics
from matcher_stream.runtime.attach import BatchAgent, attach
from matcher_stream.runtime.batcher import Batcher
from matcher_stream.runtime.fetching import FirstTopicsTransport
from matcher_stream.runtime.flow import CHECK_SECONDS, Flow

CANDIDATES_BATCH = 8192
ATTENDED_ADS: Final = 32
"""Ads in a batch while people come: reading, storing and telling of many holds them up at once."""


def _at_once(settings: Settings) -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class Binding:
    """How an agent reads its topic.

    Attributes:
        make: Makes the agent.
        times: How many of the settings' batches and look-aheads it takes for one.
        max_events: Most events in a batch and read ahead, where that is not the settings' business.
        interval: Least seconds between two batches.
        by_key: Whether a batch is so many keys instead, since of each the last record counts.
        abreast: Batches that are carried out at once, where the agent keeps apart what may not be.
        backlog: Whether what waits in it is a worker's backlog, which refreshing gives way to.
        attended: Most events in a batch while people come, where that is fewer.
        first: Whether somebody waits for an answer to what it reads: every other poll is for it.
    """

    make: Callable[[Context], BatchAgent[Any]]
    times: int = 1
    max_events: int | None = None
    interval: Callable[[Settings], float] = _at_once
    by_key: bool = False
    abreast: int = 1
    backlog: bool = True
    attended: int | None = None
    first: bool = False


AGENTS: Final = {
    "profiles": Binding(ProfilesAgent, by_key=True, abreast=3, first=True),
    "jobs": Binding(JobsAgent, by_key=True, attended=ATTENDED_ADS),
    "postings": Binding(PostingsAgent, times=4),
    "decisions": Binding(DecisionsAgent),
    "feedback": Binding(FeedbackAgent, first=True),
    "invitations": Binding(InvitationsAgent, backlog=False),
    "work": Binding(WorkAgent, backlog=False),
    "candidates": Binding(
        CandidatesAgent,
        max_events=CANDIDATES_BATCH,
        interval=lambda settings: settings.candidates_interval,
        backlog=False,
    ),
}


def topics_of(agents: Mapping[str, Binding], read: Sequence[Topic]) -> dict[str, Topic]:
    """The topic of each agent.

    Raises:
        LookupError: a topic without its agent, an agent without a topic, or two topics with one.
    """
    topics: dict[str, Topic] = {}
    for topic in read:
        if topic.agent not in agents:
            raise LookupError(f"Topic {topic.name} names agent {topic.agent!r}, which is not bound")
        if topic.agent in topics:
            raise LookupError(
                f"Topics {topics[topic.agent].name} and {topic.name} name one agent, {topic.agent}"
            )
        topics[topic.agent] = topic
    if idle := agents.keys() - topics.keys():
        raise LookupError(f"No topic of the catalogue names the agent {min(idle)}")
    return topics


def register_agents(context: Context) -> dict[str, Batcher[Any]]:
    """Attach each agent to the topic that it reads.

    Returns:
        The reader of each topic.

    Raises:
        LookupError: topics and agents do not fit.
    """
    topics = topics_of(AGENTS, READ)
    first = {context.names.of(topics[name]) for name, binding in AGENTS.items() if binding.first}
    context.app.transport = FirstTopicsTransport(context.app, first)
    batchers = {
        name: _batcher(context, name, context.names.of(topics[name]), binding)
        for name, binding in AGENTS.items()
    }
    context.inputs.extend(batchers[name] for name, binding in AGENTS.items() if binding.backlog)
    readers = {context.names.of(topics[name]): batcher for name, batcher in batchers.items()}
    flow = Flow(context.app, context.fence, readers)

    async def regulate() -> None:
        await flow.regulate()

    context.app.timer(CHECK_SECONDS)(regulate)
    for cause in CAUSES:
        metrics.MATCH_LATENCY.labels(cause)  # a rate needs a 0 to begin from
    return readers


def _batcher(context: Context, name: str, topic: str, binding: Binding) -> Batcher[Any]:
    settings = context.settings
    most = binding.max_events or binding.times * settings.batch_events

    def fewer() -> int:
        return (context.locks.people.attended() and binding.attended) or most

    return attach(
        context,
        name,
        topic,
        binding.make(context),
        agent_name=f"matcher.{name}",
        max_events=most,
        lookahead=binding.max_events or binding.times * settings.lookahead_events,
        interval=binding.interval(settings),
        by_key=binding.by_key,
        abreast=binding.abreast,
        fewer=fewer,
    )
