"""The contract as documents: a JSON Schema for every event, and one AsyncAPI 3 for all topics.

Both are generated from the models, so they cannot say anything the code does not do; a committed
copy is compared with them in CI.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic.json_schema import models_json_schema

from schemas.base import MAX_TEXT_BYTES, Event
from schemas.candidates import Candidates
from schemas.feedback import Feedback
from schemas.job import Job
from schemas.matches import Explanation, Matches
from schemas.parsing import MAX_VALUE_BYTES
from schemas.profile import Profile
from schemas.review import Decision, HeldJob
from schemas.work import WorkItem

PREFIX: Final = "matcher"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

EVENTS: Final[tuple[type[Event], ...]] = (
    Profile, Job, Decision, Feedback, WorkItem, Matches, Candidates, Explanation, HeldJob,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TopicDoc:
    """What is promised of one topic.

    Attributes:
        name: Without prefix and version.
        event: Its values, None where they are internal bytes.
        key: What its records are keyed by.
        null: What a null value means, None where there are none.
        cleanup: Kafka's cleanup.policy.
        action: Whether this application receives or sends it.
        about: One sentence.
    """

    name: str
    event: type[Event] | None
    key: str
    null: str | None
    cleanup: str
    action: Literal["receive", "send"]
    about: str
    days: int | None = None

    @property
    def has_dlq(self) -> bool:
        """Whether publishers can send it something wrong."""
        return self.action == "receive" and self.event is not None and self.event is not WorkItem


TOPICS: Final = (
    TopicDoc("profiles", Profile, "profile_id", "erase the person", "compact", "receive",
             "What people can do and want."),
    TopicDoc("jobs", Job, "job_id", "withdraw the job", "compact", "receive", "Job ads."),
    TopicDoc("decisions", Decision, "job_id", "forget the decision", "compact", "receive",
             "A reviewer's decision on a held job, for the content it names."),
    TopicDoc("feedback", Feedback, "profile_id", None, "delete", "receive",
             "What became of a match.", 90),
    TopicDoc("job-fanout", None, "job_id", "the job is withdrawn", "compact", "send",
             "Internal: job, vector and job_version, one copy a partition."),
    TopicDoc("candidates-partial", None, "job_id:partition", "nothing any more", "compact", "send",
             "Internal: one partition's best people for a job."),
    TopicDoc("work", WorkItem, "of the item's subject", None, "delete", "receive",
             "Internal: expiry, daily tick, re-ranking.", 7),
    TopicDoc("matches", Matches, "profile_id", "the person was erased", "compact", "send",
             "The whole current ranking of one person."),
    TopicDoc("candidates", Candidates, "job_id", "the job was withdrawn", "compact", "send",
             "The whole current list of people for one job."),
    TopicDoc("explanations", Explanation, "profile_id:job_id",
             "the person was erased or the job withdrawn", "compact,delete", "send",
             "Why a job fits, in words.", 30),
    TopicDoc("review", HeldJob, "job_id", "nothing to review any more", "compact", "send",
             "Jobs that wait for a reviewer."),
)  # fmt: skip

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
}
"""Header names on `<input topic>.dlq`, and what they hold (UTF-8)."""


def json_schemas() -> dict[str, dict[str, Any]]:
    """A self-contained JSON Schema (2020-12) for every event, by model name."""
    return {
        model.__name__: {
            "$schema": _DIALECT,
            "$id": f"urn:matcher:{model.__name__.lower()}:v1",
            **model.model_json_schema(),
        }
        for model in EVENTS
    }


def topic_name(name: str, prefix: str = PREFIX) -> str:
    """Full name of a topic of TOPICS."""
    return f"{prefix}.{name}.v1"


def asyncapi(prefix: str = PREFIX, partitions: int = 8) -> dict[str, Any]:
    """The AsyncAPI 3.0 document of all topics, as plain data."""
    _, defs = models_json_schema(
        [(model, "validation") for model in EVENTS], ref_template="#/components/schemas/{model}"
    )
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for topic in TOPICS:
        address = topic_name(topic.name, prefix)
        messages[topic.name] = _message(topic)
        channels[topic.name] = _channel(address, topic, partitions)
        operations[f"{topic.action}-{topic.name}"] = _operation(topic.action, topic.name)
        if topic.has_dlq:
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


def _message(topic: TopicDoc) -> dict[str, Any]:
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


def _dlq_message(topic: TopicDoc) -> dict[str, Any]:
    headers = {name: {"type": "string", "description": text} for name, text in DLQ_HEADERS.items()}
    return {
        "name": f"{topic.name}-dlq",
        "summary": f"Records refused on {topic.name}: original key and value, unchanged.",
        "contentType": "application/octet-stream",
        "headers": {"type": "object", "properties": headers},
        "payload": {"description": "The original bytes."},
        "bindings": {"kafka": {"key": {"description": "The original key."}}},
    }


def _channel(address: str, topic: TopicDoc, partitions: int) -> dict[str, Any]:
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


def _operation(action: str, channel: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}}
