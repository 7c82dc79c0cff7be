"""Does this account have the rights that its work needs? Asked at the start, of the broker itself.

Without this a worker that may not read its group waits for ever, and one that may not write an
output finds out at its first match. aiokafka does not ask, so the two requests are spelt here, in
the versions that first tell of rights (Kafka 2.3): KIP-430.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Bytes, Int16, Int32, Schema, String

from matcher_stream.config.acls import Role
from matcher_stream.config.connecting import not_allowed
from matcher_stream.config.settings import Settings
from matcher_stream.config.topics import admin_client

#: Bits of a set of rights, as Kafka's AclOperation numbers them.
_BITS: Final = {"Read": 3, "Write": 4}
_VERBS: Final = {"Read": "leer", "Write": "escribir en"}
_UNKNOWN: Final = -(2**31)
#: How long a broker may take to find a group's coordinator: a new cluster creates a topic for it.
_PATIENCE_SECONDS: Final = 20.0
_TEXT: Final = String("utf-8")
_NODES: Final = Array(Int32)


class _MetadataAnswer(Response):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 8
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", Array(("node_id", Int32), ("host", _TEXT), ("port", Int32), ("rack", _TEXT))),
        ("cluster_id", _TEXT),
        ("controller_id", Int32),
        ("topics", Array(
            ("error_code", Int16), ("topic", _TEXT), ("is_internal", Boolean),
            ("partitions", Array(
                ("error_code", Int16), ("partition", Int32), ("leader", Int32), ("epoch", Int32),
                ("replicas", _NODES), ("isr", _NODES), ("offline", _NODES),
            )),
            ("rights", Int32),
        )),
        ("rights", Int32),
    )  # fmt: skip


class _MetadataRequest(RequestStruct):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 8
    RESPONSE_TYPE = _MetadataAnswer
    SCHEMA = Schema(
        ("topics", Array(_TEXT)), ("create", Boolean), ("cluster_rights", Boolean),
        ("topic_rights", Boolean),
    )  # fmt: skip


class _Topics(Request[_MetadataRequest]):  # type: ignore[misc]
    API_KEY = 3

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def build(self, kind: type[_MetadataRequest]) -> _MetadataRequest:
        return kind(self._names, False, False, True)


class _GroupsAnswer(Response):  # type: ignore[misc]
    API_KEY = 15
    API_VERSION = 3
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("groups", Array(
            ("error_code", Int16), ("group", _TEXT), ("state", _TEXT), ("type", _TEXT),
            ("protocol", _TEXT),
            ("members", Array(
                ("member_id", _TEXT), ("client_id", _TEXT), ("host", _TEXT),
                ("metadata", Bytes), ("assignment", Bytes),
            )),
            ("rights", Int32),
        )),
    )  # fmt: skip


class _GroupsRequest(RequestStruct):  # type: ignore[misc]
    API_KEY = 15
    API_VERSION = 3
    RESPONSE_TYPE = _GroupsAnswer
    SCHEMA = Schema(("groups", Array(_TEXT)), ("rights", Boolean))


class _Groups(Request[_GroupsRequest]):  # type: ignore[misc]
    API_KEY = 15

    def __init__(self, name: str) -> None:
        self._name = name

    def build(self, kind: type[_GroupsRequest]) -> _GroupsRequest:
        return kind([self._name], True)


async def check_rights(settings: Settings, role: Role, topics: Iterable[str], group: str) -> None:
    """Refuse to start where the broker says that a right is missing.

    A broker that does not tell, because it is too old or asks nobody who they are, passes.

    Args:
        settings: Name the account.
        role: What it needs.
        topics: Those of its work; of the role's only what touches them is asked for.
        group: Its consumer group.

    Raises:
        NotAllowed: one sentence about the first right that is missing.
        BrokerUnavailable: nobody answers.
    """
    needed = {name: operations for name in sorted(topics) if (operations := _needed(role, name))}
    async with admin_client(settings) as client:
        with contextlib.suppress(NotImplementedError):  # an older broker
            answer = await client._send_request(_Topics(list(needed)))
            _check_topics(settings, needed, answer.to_object()["topics"])
            await _check_group(settings, client, group)


def _needed(role: Role, topic: str) -> list[str]:
    """The operations on a topic's records that a role must be allowed."""
    wanted: set[str] = set()
    for grant in role.grants:
        if grant.kind != "topic":
            continue
        named = topic in grant.names
        if named or (grant.pattern == "prefixed" and topic.startswith(grant.names)):
            wanted.update(grant.operations)
    return [operation for operation in _BITS if operation in wanted]


def _check_topics(
    settings: Settings, needed: Mapping[str, list[str]], told: Iterable[dict[str, Any]]
) -> None:
    for topic in told:
        for operation in needed[topic["topic"]]:
            if _lacks(topic["rights"], operation):
                raise not_allowed(settings, f"{_VERBS[operation]} el tema {topic['topic']}")


def _lacks(rights: int, operation: str) -> bool:
    return rights != _UNKNOWN and not rights >> _BITS[operation] & 1


async def _check_group(settings: Settings, client: AIOKafkaAdminClient, group: str) -> None:
    """Ask the group's coordinator."""
    deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
    forbidden = not_allowed(settings, f"usar el grupo {group}")
    while True:
        try:
            node = await client.find_coordinator(group)
            answer = await client._send_request(_Groups(group), node)
            break
        except GroupAuthorizationFailedError:
            raise forbidden from None
        except KafkaError:  # no coordinator yet
            if asyncio.get_running_loop().time() > deadline:
                return
            await asyncio.sleep(0.2)
    told = answer.to_object()["groups"][0]
    if told["error_code"] == GroupAuthorizationFailedError.errno or _lacks(told["rights"], "Read"):
        raise forbidden
