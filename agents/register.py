"""Every agent with its topic, in one place."""

from __future__ import annotations

from typing import Any

from agents.candidates import CandidatesAgent
from agents.context import Context
from agents.decisions import DecisionsAgent
from agents.feedback import FeedbackAgent
from agents.jobs import JobsAgent
from agents.postings import PostingsAgent
from agents.profiles import ProfilesAgent
from agents.work import WorkAgent
from matcher_stream.runtime.batcher import Batcher
from matcher_stream.runtime.flow import CHECK_SECONDS, Flow, Reader

CANDIDATES_BATCH = 8192


def register_agents(context: Context) -> None:
    """Attach one agent to each topic that the matcher reads."""
    names, settings = context.names, context.settings
    events, ahead = settings.batch_events, settings.lookahead_events
    profiles = ProfilesAgent(context)
    jobs = JobsAgent(context)
    postings = PostingsAgent(context)
    decisions = DecisionsAgent(context)
    candidates = CandidatesAgent(context)
    feedback = FeedbackAgent(context)
    work = WorkAgent(context)
    topics = context.reads = (
        names.profiles,
        names.jobs,
        names.job_fanout,
        names.decisions,
        names.feedback,
        names.work,
        names.candidates_partial,
    )
    inputs = [
        _batcher(context, "profiles", names.profiles, profiles, events, ahead),
        _batcher(context, "jobs", names.jobs, jobs, events, ahead),
        _batcher(context, "postings", names.job_fanout, postings, 4 * events, 4 * ahead),
        _batcher(context, "decisions", names.decisions, decisions, events, ahead),
        _batcher(context, "feedback", names.feedback, feedback, events, ahead),
    ]
    due = _batcher(context, "work", names.work, work, events, ahead)
    merging = _batcher(
        context,
        "candidates",
        names.candidates_partial,
        candidates,
        CANDIDATES_BATCH,
        CANDIDATES_BATCH,
        settings.candidates_interval,
    )
    context.backlog = lambda: sum(batcher.backlog for batcher in inputs)
    readers: dict[str, Reader] = dict(zip(topics, [*inputs, due, merging], strict=True))
    flow = Flow(context.app, context.fence, readers)

    async def regulate() -> None:
        await flow.regulate()

    context.app.timer(CHECK_SECONDS)(regulate)


def _batcher(
    context: Context,
    name: str,
    topic: str,
    agent: Any,
    max_events: int,
    lookahead: int,
    interval: float = 0.0,
) -> Batcher[Any]:
    batcher: Batcher[Any] = Batcher(
        name,
        context.fence,
        agent.prepare,
        agent.apply,
        max_events=max_events,
        lookahead=lookahead,
        interval=interval,
    )

    async def read(stream: Any) -> None:
        await batcher.run(stream)

    channel = context.app.topic(
        topic,
        key_type=bytes,
        key_serializer="raw",
        value_type=bytes,
        value_serializer="raw",
        partitions=context.settings.partitions,
        allow_empty=True,
    )
    context.app.agent(channel, name=f"matcher.{name}", concurrency=1)(read)
    return batcher
