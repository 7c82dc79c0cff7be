"""Pages publish as any publisher does: checked first, keyed by id, each record awaited."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

import orjson

from matcher_stream.config.catalogue import InputTopic
from matcher_stream.config.contract import partition_for
from matcher_stream.runtime import metrics
from matcher_stream.runtime.outputs import ce_headers
from matcher_stream.runtime.parts import AppParts
from matcher_stream.web.site.problem import NOT_SAVED, Problem

SECONDS: Final = 10.0


class Publisher:
    """Publishes to the input topics through the worker's own producer.

    Args:
        parts: The worker.
    """

    def __init__(self, parts: AppParts) -> None:
        self._parts = parts

    async def publish(
        self,
        topic: InputTopic,
        key: str,
        *values: Mapping[str, Any] | None,
        ids: Sequence[str] = (),
    ) -> None:
        """Publish events of one key in order; returns when the broker has stored all.

        Args:
            topic: Of the catalogue.
            key: The id that the topic is keyed by.
            values: Events as plain data, or None for what a null means in that topic.
            ids: The ce_id of each, where one that is published again shall be known by it; left
                out, each has one of its own.

        Raises:
            InputError: an event would be refused; nothing was published.
            Problem: the broker did not take it.
        """
        settings, name = self._parts.settings, key.encode()
        raws = [None if value is None else orjson.dumps(value) for value in values]
        for raw in raws:
            if raw is not None:
                topic.parse(name, raw)
        where, address = partition_for(name, settings.partitions), self._parts.names.of(topic)
        source = f"/{settings.topic_prefix}/web"
        try:
            async with asyncio.timeout(SECONDS):
                producer, sent = self._parts.app.producer, []
                for raw, event_id in zip_longest(raws, ids):
                    headers = ce_headers(topic.name, event_id or uuid.uuid4().hex, source)
                    sent.append(await producer.send(address, name, raw, where, None, headers))
                await asyncio.gather(*sent)
        except Exception as error:  # whatever it is, the visitor must know that it is not saved
            metrics.PAGES.labels("publish", "failed").inc()
            raise Problem(503, NOT_SAVED, retry=5) from error
        metrics.PAGES.labels("publish", topic.name).inc(len(raws))
