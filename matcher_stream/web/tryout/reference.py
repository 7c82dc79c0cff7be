"""The contract as a page: rendered from the same document as ``asyncapi.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import orjson

from matcher_stream.config.catalogue import TOPICS, Topic
from schemas import Event
from schemas.export import asyncapi, topic_name

_FOLDER: Final = resources.files("matcher_stream.samples") / "events"
_DEEP: Final = 2
"""Levels of fields within fields that are listed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One field: its path, type, whether it must be there, and what it is."""

    path: str
    kind: str
    needed: bool
    about: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One topic.

    Attributes:
        topic: As the catalogue declares it.
        address: Its full name.
        event: Name of its event, empty where values are internal bytes.
        about: Of the event.
        rows: Its fields.
        example: A whole valid event, indented JSON; empty where there is none.
    """

    topic: Topic
    address: str
    event: str
    about: str
    rows: tuple[Row, ...]
    example: str


@cache
def example(model: type[Event]) -> dict[str, Any]:
    """A whole valid event of this kind; everything in it is invented."""
    found: dict[str, Any] = orjson.loads((_FOLDER / f"{model.__name__}.json").read_bytes())
    return found


@cache
def entries(prefix: str) -> tuple[Entry, ...]:
    """Every public topic, in the catalogue's order.

    Args:
        prefix: Of the deployment's topics.
    """
    schemas = asyncapi(TOPICS, prefix)["components"]["schemas"]
    return tuple(_entry(topic, prefix, schemas) for topic in TOPICS if topic.role != "internal")


def _entry(topic: Topic, prefix: str, schemas: Mapping[str, Any]) -> Entry:
    address = topic_name(topic.name, prefix)
    if topic.event is None:
        return Entry(topic, address, "", "", (), "")
    schema = schemas[topic.event.__name__]
    shown = orjson.dumps(example(topic.event), option=orjson.OPT_INDENT_2).decode()
    about = " ".join(schema.get("description", "").split())
    rows = tuple(_rows(schema, schemas, ""))
    return Entry(topic, address, topic.event.__name__, about, rows, shown)


def _rows(schema: Mapping[str, Any], schemas: Mapping[str, Any], within: str) -> list[Row]:
    found = []
    for name, one in schema.get("properties", {}).items():
        path, about = within + name, " ".join(one.get("description", "").split())
        found.append(Row(path, _kind(one), name in schema.get("required", ()), about))
        inner, listed = _inner(one)
        if inner and path.count(".") < _DEEP:
            found += _rows(schemas[inner], schemas, f"{path}{'[]' if listed else ''}.")
    return found


def _options(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    options = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return [option for option in options if option.get("type") != "null"]


def _inner(schema: Mapping[str, Any]) -> tuple[str, bool]:
    """Name of the event that a field holds, and whether it is a list of them."""
    for option in _options(schema):
        held = option.get("items", option)
        if "$ref" in held:
            return str(held["$ref"]).rsplit("/", 1)[-1], "items" in option
    return "", False


def _kind(schema: Mapping[str, Any]) -> str:
    """A field's type in a few words."""
    return " | ".join(dict.fromkeys(_one(option) for option in _options(schema)))


def _one(option: Mapping[str, Any]) -> str:
    if "enum" in option:
        return ", ".join(map(str, option["enum"]))
    if "const" in option:
        return str(option["const"])
    if "$ref" in option:
        return str(option["$ref"]).rsplit("/", 1)[-1]
    if option.get("type") == "array":
        return f"list of {_kind(option.get('items', {}))}"
    return str(option.get("type", "any"))
