"""Events with nothing in them but what is required, for tests that go through every input topic."""

from __future__ import annotations

from typing import Any

from matcher_stream.config.catalogue import InputTopic

_OF_PATTERN = {"^[0-9a-f]{32}$": "0" * 32}


def least(topic: InputTopic, name: str = "a") -> dict[str, str]:
    """The required fields of a topic's event, all of them texts.

    Args:
        topic: The topic.
        name: The id that its records are keyed by.
    """
    schema = topic.event.model_json_schema()
    fields = {field: _text(schema["properties"][field]) for field in schema["required"]}
    return {**fields, topic.key: name}


def _text(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return str(schema["enum"][0])
    return _OF_PATTERN[schema["pattern"]] if "pattern" in schema else "x"
