"""Publishing events as other systems do: keyed by id, murmur2, CloudEvents headers."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from aiokafka import AIOKafkaProducer

from matcher_stream.config.catalogue import InputTopic
from matcher_stream.config.connecting import connected
from matcher_stream.config.contract import INPUT_BYTES, TopicNames
from matcher_stream.config.security import client_options
from matcher_stream.config.settings import Settings
from matcher_stream.config.topics import describe_topics, mismatch, public_specs
from matcher_stream.files.rows import Row
from matcher_stream.runtime.outputs import ce_headers
from schemas.errors import TopicMismatch, UnreadableFile

WINDOW: Final = 1000
"""Records in flight."""


def producer(settings: Settings) -> AbstractAsyncContextManager[AIOKafkaProducer]:
    """A started producer; for errors see `connected`."""
    client = AIOKafkaProducer(
        **client_options(settings),
        acks="all",
        max_request_size=INPUT_BYTES,
        max_batch_size=settings.producer_batch,
        linger_ms=settings.producer_linger_ms if settings.producer_batch > 1 else 0,
        request_timeout_ms=30_000,
    )
    return connected(settings, client, client.stop)


async def check_input(settings: Settings, topic: InputTopic) -> str:
    """An input topic's full name, checked: a wrong partition count would scatter the keys.

    Raises:
        BrokerUnavailable: nobody answers.
        TopicMismatch: the topic is missing or differs.
    """
    names = TopicNames(settings, "")
    name = names.of(topic)
    spec = next(spec for spec in public_specs(names, settings) if spec.name == name)
    if problem := mismatch(spec, (await describe_topics(settings, [name])).get(name)):
        raise TopicMismatch(problem)
    return name


async def publish_rows(
    settings: Settings,
    topic: InputTopic,
    rows: Iterable[Row],
    *,
    rate: float | None = None,
    on_sent: Callable[[int], Any] = lambda count: None,
) -> int:
    """Publish rows in order; returns how many the broker has confirmed.

    Args:
        settings: How to reach the broker.
        topic: Where to among the inputs.
        rows: May be a generator; read as fast as they are sent.
        rate: Records a second; None for as fast as it goes.
        on_sent: Told the number of records confirmed so far.

    Raises:
        BrokerUnavailable: the broker does not answer or refuses a record.
        TopicMismatch: the topic is missing or has another partition count.
        UnreadableFile: from `rows`; what came before is published.
    """
    name = await check_input(settings, topic)
    source = f"/{settings.topic_prefix}/publish"
    confirmed = 0
    waiting: list[asyncio.Future[Any]] = []
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with producer(settings) as client:

        async def settle() -> None:
            nonlocal confirmed
            await asyncio.gather(*waiting)
            confirmed += len(waiting)
            waiting.clear()
            on_sent(confirmed)

        try:
            for number, row in enumerate(rows):
                if rate is not None and (early := started + number / rate - loop.time()) > 0:
                    await settle()
                    await asyncio.sleep(early)
                headers = ce_headers(topic.name, uuid.uuid4().hex, source)
                sending = await client.send(name, key=row.key, value=row.value, headers=headers)
                waiting.append(sending)
                if len(waiting) >= WINDOW:
                    await settle()
        except UnreadableFile:
            await settle()  # rows before the break are sent, so they count
            raise
        await settle()
    return confirmed
