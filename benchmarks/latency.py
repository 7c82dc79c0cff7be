"""How long one person waits for an answer: at a rate, alone, or while ads are loaded in bulk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson

from tests.support.deployment import Deployment
from tests.support.kafka_io import consuming, partitions_of, producing


def _profile(name: str, text: str) -> bytes:
    return orjson.dumps({"profile_id": name, "text": text})


@asynccontextmanager
async def _asking(deployment: Deployment) -> AsyncIterator[tuple[Any, Any]]:
    """A consumer of the rankings that are told from now on, and a producer."""
    async with consuming(deployment.broker) as consumer, producing(deployment.broker) as producer:
        parts = await partitions_of(consumer, [deployment.names.matches])
        consumer.assign(parts)
        await consumer.seek_to_end(*parts)
        await consumer.getmany(timeout_ms=100)
        yield consumer, producer


async def latency(deployment: Deployment, people: Sequence[str], rate: float) -> list[float]:
    """Seconds from publishing to receiving, for events published evenly at `rate` a second."""
    sent: dict[bytes, float] = {}
    took: list[float] = []
    async with _asking(deployment) as (consumer, producer):

        async def publish() -> None:
            for i, text in enumerate(people):
                key = f"bench-late{i}".encode()
                value = _profile(key.decode(), text)
                sent[key] = time.monotonic()
                await producer.send(deployment.names.profiles, value, key=key)
                await asyncio.sleep(1 / rate)

        publishing = asyncio.ensure_future(publish())
        seen: set[bytes] = set()
        while len(seen) < len(people):
            for records in (await consumer.getmany(timeout_ms=50)).values():
                for record in records:
                    if record.key in sent and record.key not in seen:
                        seen.add(record.key)
                        took.append(time.monotonic() - sent[record.key])
        await publishing
    return took


async def one_by_one(
    deployment: Deployment,
    people: Sequence[str],
    name: str,
    pause: float = 0.0,
    until: Callable[[], bool] = lambda: False,
) -> list[float]:
    """Seconds from publishing to receiving, of people who come when the one before was answered.

    Args:
        deployment: Where.
        people: Their texts.
        name: What their ids begin with.
        pause: Seconds between an answer and the next one.
        until: Asked before each; ends it.
    """
    took: list[float] = []
    async with _asking(deployment) as (consumer, producer):
        for i, text in enumerate(people):
            if until():
                break
            key, sent = f"{name}{i}".encode(), time.monotonic()
            value = _profile(key.decode(), text)
            await producer.send_and_wait(deployment.names.profiles, value, key=key)
            answered = False
            while not answered:
                for records in (await consumer.getmany(timeout_ms=50)).values():
                    answered = answered or any(record.key == key for record in records)
            took.append(time.monotonic() - sent)
            await asyncio.sleep(pause)
    return took
