"""The published documents say what the parsers do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from matcher_stream.config.catalogue import INPUTS, TOPICS
from schemas import Job, Profile, parse_job, parse_profile
from schemas.export import asyncapi, json_schemas, topic_name


def refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from refs(child)
    elif isinstance(node, list):
        for child in node:
            yield from refs(child)


def resolve(document: Any, ref: str) -> Any:
    assert ref.startswith("#/")
    for step in ref[2:].split("/"):
        document = document[step]
    return document


def test_documents_are_plain_json() -> None:
    for document in (json_schemas(TOPICS), asyncapi(TOPICS)):
        assert orjson.loads(orjson.dumps(document)) == document


def test_every_reference_leads_somewhere() -> None:
    for document in (asyncapi(TOPICS), *json_schemas(TOPICS).values()):
        for ref in refs(document):
            assert isinstance(resolve(document, ref), dict)
    assert any(True for _ in refs(asyncapi(TOPICS)))


def test_every_event_has_a_schema_with_its_required_fields() -> None:
    schemas = json_schemas(TOPICS)
    assert set(schemas) == {topic.event.__name__ for topic in TOPICS if topic.event}
    assert schemas["Profile"]["required"] == ["profile_id", "text"]
    assert schemas["Job"]["required"] == ["job_id", "title"]
    assert schemas["Feedback"]["required"] == ["profile_id", "job_id", "kind"]


@pytest.mark.parametrize(
    ("model", "parse", "base"),
    [
        (Profile, parse_profile, {"profile_id": "a", "text": "x"}),
        (Job, parse_job, {"job_id": "a", "title": "x"}),
    ],
)
def test_a_value_of_each_field_s_schema_is_accepted(model: Any, parse: Any, base: Any) -> None:
    samples: dict[str, Any] = {
        "string": "2026-01-01",
        "integer": 20,
        "number": 1.5,
        "boolean": True,
        "array": ["es"],
        "null": None,
    }
    for name, schema in json_schemas(TOPICS)[model.__name__]["properties"].items():
        if name in base:
            continue
        for option in schema.get("anyOf", [schema]):
            for choice in option.get("anyOf", [option]):
                value = choice["enum"][0] if "enum" in choice else samples[choice["type"]]
                if choice["type"] == "integer" and choice["minimum"] > 1000:
                    value = choice["minimum"]
                parse(b"a", orjson.dumps({**base, name: value}))


def test_all_topics_are_described_with_key_headers_and_dlq() -> None:
    document = asyncapi(TOPICS, "matcher", 4)
    addresses = {channel["address"] for channel in document["channels"].values()}
    for topic in TOPICS:
        assert topic_name(topic.name) in addresses
    for name in ("profiles", "jobs", "decisions", "feedback"):
        assert f"matcher.{name}.v1.dlq" in addresses
    assert len(addresses) == len(TOPICS) + len(INPUTS)
    for name, channel in document["channels"].items():
        assert channel["bindings"]["kafka"]["partitions"] == 4
        message = resolve(document, channel["messages"][name]["$ref"])
        assert message["bindings"]["kafka"]["key"]["description"]
        headers = set(message["headers"]["properties"])
        assert ("dlq_error_class" if name.endswith("-dlq") else "ce_id") in headers
    for name, channel in document["operations"].items():
        assert channel["action"] in name
        assert resolve(document, channel["channel"]["$ref"])
    assert len(document["operations"]) == len(document["channels"])
    null = document["components"]["messages"]["profiles"]["payload"]["oneOf"][1]
    assert null["type"] == "null"


def test_each_topic_is_told_as_the_catalogue_has_it() -> None:
    document = asyncapi(TOPICS)
    for topic in TOPICS:
        message = document["components"]["messages"][topic.name]
        assert message["bindings"]["kafka"]["key"]["description"] == topic.key
        assert message["summary"] == topic.about
        said = [f"#/components/schemas/{topic.event.__name__}"] if topic.event else []
        assert list(refs(message["payload"])) == said
        assert (topic.null is not None) == ("null" in str(message["payload"].get("oneOf")))
        kafka = document["channels"][topic.name]["bindings"]["kafka"]["topicConfiguration"]
        assert kafka["cleanup.policy"] == topic.cleanup.split(",")
        assert kafka.get("retention.ms") == (topic.days and topic.days * 86_400_000)
        assert (f"{topic.name}-dlq" in document["channels"]) == (topic.role == "input")
        action = {"input": "receive", "output": "send"}.get(topic.role)
        assert action is None or f"{action}-{topic.name}" in document["operations"]


def test_prefix_names_the_topics() -> None:
    assert all(
        channel["address"].startswith("try1.")
        for channel in asyncapi(TOPICS, "try1")["channels"].values()
    )
