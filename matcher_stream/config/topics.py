"""Creating, describing and checking the contract's topics on a broker."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    InvalidConfigurationError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    for_code,
)

from matcher_stream.config.connecting import connected, not_allowed
from matcher_stream.config.contract import (
    OPTIONAL,
    TopicNames,
    TopicSpec,
    internal_specs,
    partition_for,
    public_specs,
    topic_specs,
)
from matcher_stream.config.security import client_options
from matcher_stream.config.settings import Settings
from schemas.errors import TopicMismatch

__all__ = [
    "TopicNames",
    "TopicSpec",
    "TopicState",
    "admin_client",
    "check_topics",
    "create_topics",
    "describe_topics",
    "internal_specs",
    "mismatch",
    "partition_for",
    "public_specs",
    "topic_specs",
]

log = logging.getLogger(__name__)

PROPAGATION_SECONDS: Final = 30.0
_INSYNC: Final = "min.insync.replicas"


@dataclass(frozen=True, slots=True)
class TopicState:
    """What a topic is on the broker."""

    name: str
    partitions: int
    replicas: int
    config: dict[str, str] = field(default_factory=dict)


def admin_client(settings: Settings) -> AbstractAsyncContextManager[AIOKafkaAdminClient]:
    """A started admin client; for errors see `connected`."""
    client = AIOKafkaAdminClient(**client_options(settings), request_timeout_ms=20_000)
    return connected(settings, client, client.close)


async def create_topics(settings: Settings, specs: Sequence[TopicSpec]) -> list[str]:
    """Create the topics that do not exist yet; the others stay as they are.

    Returns:
        Names of those created.

    Raises:
        BrokerUnavailable: nobody answers.
        TopicMismatch: the broker refuses to create one.
    """
    created: list[str] = []
    without: frozenset[str] = frozenset()
    async with admin_client(settings) as client:
        known = set(await client.list_topics())
        for spec in specs:
            if spec.name in known:
                continue
            code, reason = await _create(client, spec, settings, without)
            if code == InvalidConfigurationError.errno and OPTIONAL & spec.config.keys() - without:
                without = OPTIONAL
                code, reason = await _create(client, spec, settings, without)
                if code == 0:
                    log.warning("Topics without %s: no such thing here", ", ".join(OPTIONAL))
            if code == 0:
                created.append(spec.name)
            elif code == TopicAuthorizationFailedError.errno:
                raise not_allowed(settings, f"crear el tema {spec.name}")
            elif code != TopicAlreadyExistsError.errno:  # another worker may be faster
                detail = reason if isinstance(reason, str) and reason else for_code(code).__name__
                raise TopicMismatch(f"El broker no quiso crear el tema {spec.name}: {detail}")
        await _wait_until_seen(client, [spec.name for spec in specs])
    return created


def topic_config(spec: TopicSpec, settings: Settings) -> dict[str, str]:
    """A topic's configuration where it is created: the contract's, and how safely it is stored."""
    if settings.insync_replicas == 1:  # the default of every broker
        return spec.config
    return {**spec.config, _INSYNC: str(settings.insync_replicas)}


async def _create(
    client: AIOKafkaAdminClient, spec: TopicSpec, settings: Settings, without: frozenset[str]
) -> tuple[int, Any]:
    """Ask for a topic, without some of its configuration; the broker's error code and reason."""
    config = {key: value for key, value in topic_config(spec, settings).items()
              if key not in without}  # fmt: skip
    topic = NewTopic(spec.name, spec.partitions, settings.replication_factor, topic_configs=config)
    answer = await client.create_topics([topic])
    return answer.topic_errors[0][1], answer.topic_errors[0][-1]


async def _wait_until_seen(client: AIOKafkaAdminClient, names: Sequence[str]) -> None:
    """A broker tells of a new topic some time after it has confirmed it."""
    async with asyncio.timeout(PROPAGATION_SECONDS):
        while set(names) - {t["topic"] for t in await _topics(client) if _has_leaders(t)}:
            await asyncio.sleep(0.02)


async def _check_seen(
    settings: Settings, client: AIOKafkaAdminClient, missing: Sequence[str]
) -> None:
    """A broker leaves out of its list what an account may not see: is that why these are not there?

    Raises:
        NotAllowed: this account may not see one of them.
    """
    for topic in await client.describe_topics(list(missing)) if missing else []:
        if topic["error_code"] == TopicAuthorizationFailedError.errno:
            raise not_allowed(settings, f"ver el tema {topic['topic']}")


async def _topics(client: AIOKafkaAdminClient) -> list[dict[str, Any]]:
    topics: list[dict[str, Any]] = await client.describe_topics()
    return topics


def _has_leaders(topic: dict[str, Any]) -> bool:
    return all(part["leader"] >= 0 for part in topic["partitions"])


async def describe_topics(settings: Settings, names: Sequence[str]) -> dict[str, TopicState]:
    """What the broker says about those of the topics that exist.

    Raises:
        BrokerUnavailable: nobody answers.
        NotAllowed: this account may not see one of them.
    """
    async with admin_client(settings) as client:
        found = [t for t in await _topics(client) if t["topic"] in set(names)]
        if settings.security_protocol != "PLAINTEXT":
            await _check_seen(settings, client, sorted(set(names) - {t["topic"] for t in found}))
        resources = [ConfigResource(ConfigResourceType.TOPIC, topic["topic"]) for topic in found]
        configs: dict[str, dict[str, str]] = {}
        for answer in await client.describe_configs(resources) if resources else []:
            for resource in answer.resources:
                configs[resource[3]] = {entry[0]: entry[1] for entry in resource[4]}
    return {
        topic["topic"]: TopicState(
            topic["topic"],
            len(topic["partitions"]),
            min((len(part["replicas"]) for part in topic["partitions"]), default=0),
            configs.get(topic["topic"], {}),
        )
        for topic in found
    }


def mismatch(spec: TopicSpec, state: TopicState | None) -> str:
    """What is wrong with a topic in one sentence, or an empty text."""
    if state is None:
        return f"Falta el tema {spec.name}: créelo con 'matcher-stream topics create'."
    if state.partitions != spec.partitions:
        return (
            f"El tema {spec.name} tiene {state.partitions} particiones y se esperaban "
            f"{spec.partitions}: use MATCHER_PARTITIONS={state.partitions} o cree los temas de "
            "nuevo con otro MATCHER_TOPIC_PREFIX."
        )
    for key, wanted in spec.config.items():
        actual = state.config.get(key, wanted)
        if set(actual.split(",")) != set(wanted.split(",")) and _harms(key, actual, wanted):
            return (
                f"El tema {spec.name} tiene {key}={actual} y se esperaba {wanted}: corrija su "
                "configuración en el broker."
            )
    return ""


def weakness(spec: TopicSpec, state: TopicState, settings: Settings) -> str:
    """In what a topic is stored less safely than the settings ask for, or an empty text: it works
    all the same.
    """
    if state.replicas < settings.replication_factor:
        return (
            f"El tema {spec.name} tiene {state.replicas} réplicas y se pidieron "
            f"{settings.replication_factor}: auméntelas con kafka-reassign-partitions."
        )
    insync = int(state.config.get(_INSYNC, settings.insync_replicas))
    if insync < settings.insync_replicas:
        return (
            f"El tema {spec.name} tiene {_INSYNC}={insync} y se esperaba "
            f"{settings.insync_replicas}: corrija su configuración en el broker."
        )
    return ""


def _harms(key: str, actual: str, wanted: str) -> bool:
    """Whether a different value breaks a promise: wrong cleanup, or too small a message limit."""
    if key == "cleanup.policy":
        return True
    return key == "max.message.bytes" and int(actual) < int(wanted)


async def check_topics(settings: Settings, specs: Sequence[TopicSpec]) -> None:
    """Refuse to work on topics that differ from the contract.

    Raises:
        BrokerUnavailable: nobody answers.
        TopicMismatch: one sentence about the first topic that differs.
    """
    states = await describe_topics(settings, [spec.name for spec in specs])
    for spec in specs:
        state = states.get(spec.name)
        if problem := mismatch(spec, state):
            raise TopicMismatch(problem)
        if state is not None and (weak := weakness(spec, state, settings)):
            log.warning("%s", weak)
