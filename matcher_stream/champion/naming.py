"""The models topic from the outside: read the aliases, write one, watch it take effect."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from aiokafka.errors import KafkaError

from matcher_stream.config.contract import TopicNames, partition_for
from matcher_stream.config.settings import Settings
from matcher_stream.files.publish import producer
from matcher_stream.runtime.outputs import ce_headers, header
from matcher_stream.verify.reading import TopicReader, broker_reader
from schemas.alias import Alias, AliasName, parse_alias
from schemas.errors import BrokerUnavailable, InputError
from tables.rows import HANDED, unpack_handed

POLL_SECONDS: Final = 0.5


async def aliases(reader: TopicReader, names: TopicNames) -> dict[str, Alias]:
    """Who has which name now."""
    found: dict[str, Alias] = {}
    async for record in reader.records(names.models):
        name = (record.key or b"").decode(errors="replace")
        if record.value is None:
            found.pop(name, None)
            continue
        try:
            found[name] = parse_alias(record.key, record.value)
        except InputError:
            continue  # as workers do
    return found


async def speaking(reader: TopicReader, names: TopicNames) -> str | None:
    """Whose ranking was told last: the champion where nobody was named; None if nobody spoke."""
    latest, source = -1, None
    async for record in reader.records(names.matches):
        who = header(record, "ce_source")
        if who and record.timestamp >= latest:
            latest, source = record.timestamp, who.decode()
    return source


async def name_deployment(settings: Settings, alias: AliasName, fields: dict[str, Any]) -> int:
    """Write one alias; returns its record's offset.

    Args:
        settings: How to reach the broker.
        alias: Which name.
        fields: Of `Alias`.

    Raises:
        InputError: they are no alias.
        BrokerUnavailable: the broker does not answer or refuses the record.
        NotAllowed: this account may not name anybody.
    """
    said = {"alias": alias, "at": int(time.time() * 1000), **fields}
    event = Alias.model_validate(said)
    value, key = event.model_dump_json(exclude_none=True).encode(), alias.encode()
    names = TopicNames(settings, f"/{settings.topic_prefix}/models")
    home = partition_for(key, settings.partitions)
    headers = ce_headers("models", f"{alias}:{said['at']}", names.source)
    async with producer(settings) as client:
        stored = await client.send_and_wait(names.models, value, key, home, headers=headers)
    return int(stored.offset)


async def handed_over(
    settings: Settings,
    deployment: str,
    record: int,
    timeout: float,
    tell: Callable[[int], Any] = lambda count: None,
) -> int:
    """Wait until a deployment speaks for all partitions; returns for how many it does.

    Args:
        settings: How to reach the broker.
        deployment: Its application id.
        record: Offset of the champion's record.
        timeout: Seconds to wait, at most.
        tell: Told of each look how many partitions were handed over.
    """
    deadline, done = time.monotonic() + timeout, 0
    while done < settings.partitions and time.monotonic() < deadline:
        try:
            async with broker_reader(settings) as reader:
                while done < settings.partitions and time.monotonic() < deadline:
                    await asyncio.sleep(POLL_SECONDS)
                    rows = await reader.table(f"{deployment}-meta-changelog", bytes)
                    marks = [own[HANDED] for own in rows.values() if HANDED in own]
                    done = sum(unpack_handed(mark)[0] >= record for mark in marks)
                    tell(done)
        except (KafkaError, BrokerUnavailable):
            await asyncio.sleep(POLL_SECONDS)
    return done
