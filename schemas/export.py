"""The contract as documents: a JSON Schema for every event, and one AsyncAPI 3 for all topics.

Both are generated from the models and from the topics as the application declares them, so they
cannot say anything the code does not do; a committed copy is compared with them in CI.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, Protocol

from pydantic.json_schema import models_json_schema

from schemas.base import MAX_TEXT_BYTES, Event
from schemas.parsing import MAX_VALUE_BYTES

PREFIX: Final = "matcher"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class Channel(Protocol):
    """What the documents tell of a topic; the application's catalogue has them."""

    @property
    def name(self) -> str:
        """Without prefix and version."""

    @property
    def role(self) -> Literal["input", "internal", "output", "control"]:
        """Whether others publish to it, the application alone uses it, others read it, or who runs
        the application steers it.
        """

    @property
    def event(self) -> type[Event] | None:
        """Its values, None where they are internal bytes."""

    @property
    def key(self) -> str:
        """What its records are keyed by."""

    @property
    def null(self) -> str | None:
        """What a null value means, None where there are none."""

    @property
    def cleanup(self) -> str:
        """Kafka's cleanup.policy."""

    @property
    def days(self) -> int | None:
        """For how long records are kept, None where they are not deleted by age."""

    @property
    def about(self) -> str:
        """One sentence."""


_CLOUD_EVENT_HEADERS: Final = {
    "type": "object",
    "description": "CloudEvents 1.0, Kafka binding, binary content mode.",
    "properties": {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {"type": "string"},
        "ce_type": {"type": "string"},
        "ce_source": {"type": "string"},
        "ce_time": {"type": "string", "format": "date-time"},
        "traceparent": {"type": "string", "description": "W3C trace context, passed through."},
    },
}
DLQ_HEADERS: Final = {
    "dlq_topic": "Topic the record came from.",
    "dlq_partition": "Its partition there, decimal.",
    "dlq_offset": "Its offset there, decimal.",
    "dlq_timestamp": "Its timestamp, epoch milliseconds, decimal.",
    "dlq_error_class": "A word for the kind of error, for example invalid_json.",
    "dlq_error_message": "One sentence that never quotes the input.",
    "dlq_consumer_group": "Who refused it.",
    "dlq_key_bytes": "Length of a key that is too large to repeat; the key is null then.",
    "dlq_key_sha256": "Its SHA-256, hexadecimal; the record is still where it was.",
    "dlq_value_bytes": "Length of a value that is too large to repeat; the value is null then.",
    "dlq_value_sha256": "Its SHA-256, hexadecimal; the record is still where it was.",
}
"""Header names on `<input topic>.dlq`, and what they hold (UTF-8)."""


def json_schemas(channels: Iterable[Channel]) -> dict[str, dict[str, Any]]:
    """A self-contained JSON Schema (2020-12) for every event of these topics, by model name."""
    return {
        model.__name__: {
            "$schema": _DIALECT,
            "$id": f"urn:matcher:{model.__name__.lower()}:v1",
            **model.model_json_schema(),
        }
        for model in _events(channels)
    }


def _events(channels: Iterable[Channel]) -> list[type[Event]]:
    return [channel.event for channel in channels if channel.event is not None]


def topic_name(name: str, prefix: str = PREFIX) -> str:
    """Full name of a topic in the documents."""
    return f"{prefix}.{name}.v1"


def asyncapi(
    topics: Sequence[Channel], prefix: str = PREFIX, partitions: int = 8
) -> dict[str, Any]:
    """The AsyncAPI 3.0 document of these topics, as plain data."""
    _, defs = models_json_schema(
        [(model, "validation") for model in _events(topics)],
        ref_template="#/components/schemas/{model}",
    )
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for topic in topics:
        address = topic_name(topic.name, prefix)
        messages[topic.name] = _message(topic)
        channels[topic.name] = _channel(address, topic, partitions)
        action = _action(topic)
        operations[f"{action}-{topic.name}"] = _operation(action, topic.name)
        if topic.role == "input":
            name = f"{topic.name}-dlq"
            messages[name] = _dlq_message(topic)
            channels[name] = {
                "address": f"{address}.dlq",
                "messages": {name: {"$ref": f"#/components/messages/{name}"}},
                "bindings": _kafka(partitions, "delete", 7),
            }
            operations[f"send-{name}"] = _operation("send", name)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Job matcher",
            "version": "1.0.0",
            "description": "Profiles and jobs in, ranked matches out. Keys are partitioned by "
            "murmur2 (librdkafka: partitioner=murmur2_random). Values are JSON objects of at most "
            f"{MAX_VALUE_BYTES} bytes, texts of at most {MAX_TEXT_BYTES}; unknown fields are "
            "ignored, wrong types refused.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": defs["$defs"]},
    }


def _message(topic: Channel) -> dict[str, Any]:
    payload: dict[str, Any] = {"description": "Internal; may change without notice."}
    if topic.event is not None:
        payload = {"$ref": f"#/components/schemas/{topic.event.__name__}"}
    if topic.null is not None:
        payload = {"oneOf": [payload, {"type": "null", "description": f"Null: {topic.null}."}]}
    return {
        "name": topic.name,
        "summary": topic.about,
        "headers": _CLOUD_EVENT_HEADERS,
        "payload": payload,
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}}},
    }


def _dlq_message(topic: Channel) -> dict[str, Any]:
    headers = {name: {"type": "string", "description": text} for name, text in DLQ_HEADERS.items()}
    return {
        "name": f"{topic.name}-dlq",
        "summary": f"Records refused on {topic.name}: original key and value, unchanged.",
        "contentType": "application/octet-stream",
        "headers": {"type": "object", "properties": headers},
        "payload": {"description": "The original bytes; null if too large, see the headers."},
        "bindings": {"kafka": {"key": {"description": "The original key."}}},
    }


def _channel(address: str, topic: Channel, partitions: int) -> dict[str, Any]:
    return {
        "address": address,
        "description": topic.about,
        "messages": {topic.name: {"$ref": f"#/components/messages/{topic.name}"}},
        "bindings": _kafka(partitions, topic.cleanup, topic.days),
    }


def _kafka(partitions: int, cleanup: str, days: int | None) -> dict[str, Any]:
    configuration: dict[str, Any] = {"cleanup.policy": cleanup.split(",")}
    if days is not None:
        configuration["retention.ms"] = days * 86_400_000
    return {"kafka": {"partitions": partitions, "topicConfiguration": configuration}}


def _action(topic: Channel) -> str:
    """What the application does with a topic; internal bytes are told from the sender's side."""
    return "send" if topic.role == "output" or topic.event is None else "receive"


def _operation(action: str, channel: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}}
