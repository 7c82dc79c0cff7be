"""The map of personal data: `python -m matcher_stream.cli.personal_table docs/personal-data.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from matcher_stream.cli.between import put_between
from matcher_stream.config.acls import Role, roles
from matcher_stream.config.catalogue import TOPICS
from matcher_stream.config.contract import TopicNames, changelog_specs, topic_specs
from matcher_stream.config.personal import BY_PERSON, INTERNAL, KINDS, ROWS, WHY, Kind, by_kind
from matcher_stream.config.retention import kept
from matcher_stream.config.settings import Settings
from tables.explained import ExplainTables

START: Final = "<!-- map: make docs -->\n"
END: Final = "<!-- end of map -->\n"
_VERSION: Final = "matcher-VERSION"
_EXPLAINER: Final = "matcher-explainer"


def personal_table() -> str:
    """Every topic and table with what of it is about people, how long, and who reads it."""
    settings = Settings(topic_prefix="matcher")
    names = TopicNames(settings, _VERSION)
    listed = roles("matcher", names, TopicNames(settings, _EXPLAINER))
    configs = {spec.name: spec.config for spec in topic_specs(names, settings)}
    lines = ["| where | what, and why | fields, and for how long |", "| --- | --- | --- |"]
    for topic in TOPICS:
        name = names.of(topic)
        value = topic.event or INTERNAL[topic.name]
        lines += _place(name, kept_words(configs[name]), listed, topic.name, by_kind((value,)))
    letters = [n for n in configs if n.endswith(".dlq")]
    refused: dict[Kind, list[str]] = {"said": ["any field of the topic, as it was published"]}
    lines += _place(letters[0], kept_words(configs[letters[0]]), listed, "dlq", refused,
                    "every `TOPIC.dlq`")  # fmt: skip
    for table, types in ROWS.items():
        app = _EXPLAINER if table in vars(ExplainTables) else _VERSION
        (spec,) = changelog_specs([f"{app}-{table}-changelog"], settings)
        fields = by_kind(types, table)
        if table in BY_PERSON:
            key: dict[Kind, list[str]] = {"id": ["key"]}
            fields = key | {kind: names for kind, names in fields.items() if kind != "id"}
        lines += _place(
            spec.name, kept_words(spec.config), listed, table, fields, f"table `{table}`"
        )
    return "\n".join(lines)


def _place(
    topic: str,
    times: str,
    listed: tuple[Role, ...],
    name: str,
    fields: Mapping[Kind, list[str]],
    title: str = "",
) -> Iterator[str]:
    """The rows of one place: how it is kept, then its fields by kind."""
    who = ", ".join(f"`{role}`" for role in readers(topic, listed))
    yield f"| **{title or f'`{topic}`'}** | {WHY[name]} | {times} Read by {who}. |"
    for kind in KINDS:
        if kind in fields:
            yield f"| | {kind} | {', '.join(_ticked(field) for field in fields[kind])} |"


def _ticked(field: str) -> str:
    return field if " " in field else f"`{field}`"


def readers(topic: str, listed: tuple[Role, ...]) -> list[str]:
    """Names of the roles that may read a topic."""
    return [
        role.name
        for role in listed
        if any(
            grant.kind == "topic"
            and "Read" in grant.operations
            and (topic in grant.names or _begins(topic, grant.names, grant.pattern))
            for grant in role.grants
        )
    ]


def _begins(topic: str, names: tuple[str, ...], pattern: str) -> bool:
    return pattern == "prefixed" and topic.startswith(names)


def kept_words(config: Mapping[str, str]) -> str:
    """How long records stay, in words."""
    times = kept(config)
    if times.replaced is None:
        return f"{times.written} days."
    stays = "Until erased" if times.written is None else f"{times.written} days"
    return f"{stays}; what is erased or replaced is gone within {times.replaced} days."


def replaced(text: str) -> str:
    """The document with a current table; it must have both marks."""
    return put_between(text, START, END, f"{personal_table()}\n")


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(replaced(document.read_text()))
