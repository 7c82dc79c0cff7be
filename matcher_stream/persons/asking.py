"""Reading everything about one person from a broker, and erasing them."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition

from matcher_stream.config.connecting import connected
from matcher_stream.config.contract import TopicNames, partition_for, public_specs
from matcher_stream.config.security import client_options
from matcher_stream.config.settings import Settings
from matcher_stream.config.topics import admin_client, describe_topics, mismatch
from matcher_stream.files.publish import producer
from matcher_stream.files.reading import FETCH_BYTES, Follower
from matcher_stream.persons.findings import Findings
from matcher_stream.persons.places import Place, applications, places
from matcher_stream.runtime.outputs import ce_headers
from schemas.errors import PersonUnknown, TopicMismatch

_WAIT_MS: Final = 200
#: Publishes a null under the person's key to these partitions.
Erase = Callable[[Sequence[int]], Awaitable[None]]


class Following(Protocol):
    """Topics that are read from the beginning and go on; see `files.reading.Follower`."""

    async def batch(self, wait_ms: int = ...) -> list[Any]:
        """Records that have arrived."""

    async def caught_up(self) -> bool:
        """Whether everything written until now was read."""


async def read_all(follower: Following, findings: Findings) -> None:
    """Take in everything that was written until now.

    Raises:
        PersonUnknown: no record is about them.
    """
    while True:
        records = await follower.batch(_WAIT_MS)
        findings.take(records)
        if not records and await follower.caught_up():
            break
    if not findings.records:
        raise PersonUnknown(
            "Nada se guarda sobre una persona con ese id: revise el id y MATCHER_TOPIC_PREFIX."
        )


async def erase(
    follower: Following, findings: Findings, home: int, publish: Erase, seconds: float
) -> bool:
    """Publish nulls and wait until nothing stands that an erasure takes back.

    Args:
        follower: Has read everything.
        findings: What it read.
        home: Partition of the person's id.
        publish: Publishes the nulls.
        seconds: How long to wait; 0 waits for nothing.

    Returns:
        Whether the erasure was told, and nothing stands any more.
    """
    before, until = findings.told, time.monotonic() + seconds
    await publish(sorted(findings.astray | {home}))
    while (left := until - time.monotonic()) > 0:
        findings.take(await follower.batch(min(_WAIT_MS, round(left * 1000) + 1)))
        if findings.told > before and not findings.standing:
            return True
    return False


class Asked:
    """What a broker holds on one person: read, and taken back if asked to.

    Attributes:
        findings: What was found.
    """

    def __init__(self, settings: Settings, follower: Follower, findings: Findings) -> None:
        self._settings, self._follower = settings, follower
        self._names = TopicNames(settings, "")
        self.findings = findings

    async def read(self) -> None:
        """Read everything that was written until now; see `read_all`."""
        await read_all(self._follower, self.findings)

    async def erase(self, seconds: float) -> bool:
        """Erase them; see `erase`."""
        key = self.findings.profile_id.encode()
        home = partition_for(key, self._settings.partitions)
        return await erase(self._follower, self.findings, home, self._publish, seconds)

    async def _publish(self, partitions: Sequence[int]) -> None:
        topic, key = self._names.profiles, self.findings.profile_id.encode()
        source = f"/{self._settings.topic_prefix}/person"
        async with producer(self._settings) as client:
            for partition in partitions:
                headers = ce_headers("profiles", uuid.uuid4().hex, source)
                await client.send_and_wait(topic, None, key, partition, headers=headers)


@asynccontextmanager
async def asked(settings: Settings, names: TopicNames, profile_id: str) -> AsyncIterator[Asked]:
    """Open all that may hold something on a person.

    Args:
        settings: How to reach the broker.
        names: The topics as the matcher of the settings has them.
        profile_id: The person.

    Raises:
        BrokerUnavailable: nobody answers, or the broker went away.
        NotAllowed: this account may not read some of it: half an answer would be a wrong one.
        TopicMismatch: a public topic is missing or differs.
    """
    there, apps = await _seen(settings, names)
    found = {place.topic: place for place in places(settings, apps, there)}
    states = await describe_topics(settings, list(found))
    configs = {name: state.config for name, state in states.items()}
    home = partition_for(profile_id.encode(), settings.partitions)
    parts = [
        TopicPartition(place.topic, number)
        for place in found.values()
        for number in _partitions(place, states[place.topic].partitions, home)
    ]
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    async with connected(settings, consumer, consumer.stop):
        consumer.assign(parts)
        findings = Findings(profile_id, TopicNames(settings, ""), found, configs)
        yield Asked(settings, Follower(consumer, parts), findings)


def _partitions(place: Place, count: int, home: int) -> Iterable[int]:
    return [home] if place.holds.home else range(count)


async def _seen(settings: Settings, names: TopicNames) -> tuple[list[str], list[str]]:
    """Topics that the broker shows, and applications that have tables there.

    Asked by name for what the settings' own applications have, a broker that hides a topic from
    this account says so.
    """
    explainer = f"{settings.topic_prefix}-explainer"
    async with admin_client(settings) as client:
        there = list(await client.list_topics())
    apps = applications(settings.topic_prefix, there)
    wanted = [place.topic for place in places(settings, {*apps, names.source, explainer})]
    specs = public_specs(names, settings)
    states = await describe_topics(settings, [*wanted, *(spec.name for spec in specs)])
    for spec in specs:
        if problem := mismatch(spec, states.get(spec.name)):
            raise TopicMismatch(problem)
    return there, apps
