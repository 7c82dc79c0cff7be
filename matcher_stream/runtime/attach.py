"""How an agent of ours gets its topic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from matcher_stream.runtime import metrics
from matcher_stream.runtime.batcher import Batcher
from matcher_stream.runtime.parts import AppParts

T = TypeVar("T")


class BatchAgent(Protocol[T]):
    """What reads one topic, batch by batch."""

    async def prepare(self, events: Sequence[Any], /) -> T:
        """Turn events into work, without writing anything."""

    async def apply(self, work: T, /) -> None:
        """Carry the work out; returns when all its effects are durable."""


def attach(
    parts: AppParts,
    name: str,
    topic: str,
    agent: BatchAgent[T],
    *,
    agent_name: str,
    max_events: int,
    lookahead: int,
    interval: float = 0.0,
    by_key: bool = False,
    abreast: int = 1,
    fewer: Callable[[], int] | None = None,
) -> Batcher[T]:
    """Let an agent read a topic through a batcher.

    The topic is raw bytes for Faust: a value that a typed topic cannot decode would be
    acknowledged and then end the agent.

    Args:
        parts: The worker.
        name: The agent's name in metrics.
        topic: What it reads.
        agent: What does the work.
        agent_name: The agent's name in Faust's own lines.
        max_events: Most events in a batch.
        lookahead: Most events read ahead.
        interval: Least seconds between the starts of two `apply` calls.
        by_key: Whether `max_events` counts keys; see `Batcher`.
        abreast: Most calls of `apply` at once; see `Batcher`.
        fewer: Says how many events a batch may have at the moment; see `Batcher`.

    Returns:
        The batcher, which knows how much waits.
    """
    for outcome in ("accepted", "refused"):
        metrics.EVENTS.labels(topic, outcome)  # a rate needs a 0 to begin from
    batcher = Batcher(
        name,
        parts.fence,
        agent.prepare,
        agent.apply,
        max_events=max_events,
        lookahead=lookahead,
        interval=interval,
        by_key=by_key,
        abreast=abreast,
        fewer=fewer,
    )

    async def read(stream: Any) -> None:
        await batcher.run(stream)

    channel = parts.app.topic(
        topic,
        key_type=bytes,
        key_serializer="raw",
        value_type=bytes,
        value_serializer="raw",
        partitions=parts.settings.partitions,
        allow_empty=True,
    )
    parts.app.agent(channel, name=agent_name, concurrency=1)(read)
    return batcher
