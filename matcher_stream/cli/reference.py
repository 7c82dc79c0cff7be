"""The reference, from the code: ``python -m matcher_stream.cli.reference docs/reference``."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click

from matcher_stream.cli.group import cli
from matcher_stream.cli.settings_table import settings_table
from matcher_stream.config.catalogue import TOPICS
from matcher_stream.runtime import metrics
from schemas.export import DLQ_HEADERS, json_schemas, topic_name

_WIDTH: Final = 100
#: What a name has at its end in what Prometheus reads.
_ENDINGS: Final = {"counter": "_total", "info": "_info"}
#: Whose series are not those of `metrics`; to import them is to declare them.
_DECLARE: Final = (
    "agents.explainer.metrics",
    "matcher_stream.runtime.lag",
    "matcher_stream.runtime.model_vitals",
    "matcher_stream.runtime.vitals",
)
_SAMPLES: Final = Path(__file__).resolve().parent.parent / "samples" / "events"


def pages() -> dict[str, str]:
    """Every page of the reference, by the name of its file."""
    return {
        "settings.md": _settings(),
        "commands.md": _commands(),
        "events.md": _events(),
        "metrics.md": _metrics(),
    }


def _page(title: str, about: str, *parts: str) -> str:
    return "\n".join([f"# {title}\n", "<!-- made by `make docs` -->\n", f"{about}\n", *parts])


def _settings() -> str:
    about = (
        "All by environment; workers, the explainer and every command read the same ones. A wrong "
        "value ends the\nstart with a sentence that names it."
    )
    return _page("Settings", about, settings_table())


def _commands() -> str:
    about = (
        "What each command says with `--help`. Beside them stand the two applications, "
        "`faust -A matcher_stream.app worker`\nand `faust -A matcher_stream.explainer worker`. "
        "Exit codes: 0 all is well, 1 something was refused or differs,\n2 it could not be done "
        "(one sentence says why), 130 interrupted."
    )
    parts = []
    for context in _contexts(
        click.Context(cli, info_name="matcher-stream", **cli.context_settings, **_SIZE)
    ):
        depth = "##" if context.parent and context.parent.parent else "#"
        parts.append(f"#{depth} {context.command_path}\n\n```text\n{context.get_help()}\n```\n")
    return _page("Commands", about, *parts[1:])


_SIZE: Final[Mapping[str, Any]] = {"terminal_width": _WIDTH, "max_content_width": _WIDTH}


def _contexts(context: click.Context) -> Iterator[click.Context]:
    """This command's and those of the commands in it, each after its group's."""
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            assert command is not None
            yield from _contexts(click.Context(command, parent=context, info_name=name, **_SIZE))


def _events() -> str:
    about = (
        "Every topic has `MATCHER_PARTITIONS` partitions; keys are partitioned by murmur2. Only "
        "ids and one text are\nrequired of a publisher; unknown fields are ignored, wrong types "
        "refused. The same as JSON Schemas and as an\nAsyncAPI 3 document: "
        "[asyncapi.yaml](../schemas/asyncapi.yaml)."
    )
    rows = ["| topic | who | key | value | null |", "| --- | --- | --- | --- | --- |"]
    who = {"input": "published by others", "output": "read by others", "internal": "the matcher's",
           "control": "administrators'"}  # fmt: skip
    for topic in TOPICS:
        event = topic.event.__name__ if topic.event else ""
        value = f"[{event}](#{event.lower()}): {topic.about}" if event else topic.about
        rows.append(
            f"| `{topic_name(topic.name)}` | {who[topic.role]} | {topic.key} | {value} "
            f"| {topic.null or '—'} |"
        )
    refused = [f"| `{name}` | {told} |" for name, told in DLQ_HEADERS.items()]
    parts = [
        "\n".join(rows),
        "\nWhat is refused lies on `<input topic>.dlq` as it came, for 7 days, with the headers:\n",
        "\n".join(["| header | holds |", "| --- | --- |", *refused, ""]),
        "Events carry the headers of CloudEvents' Kafka binding (`ce_id`, `ce_type`, `ce_source`, "
        "`ce_time`);\n`traceparent` is passed through.\n",
    ]
    for name, schema in json_schemas(TOPICS).items():
        parts.append(_event(name, schema))
    return _page("Topics and events", about, *parts)


def _event(name: str, schema: Mapping[str, Any]) -> str:
    lines = [f"## {name}", "", _line(schema.get("description", "")), ""]
    lines += _fields(schema)
    for inner, definition in schema.get("$defs", {}).items():
        if "properties" in definition:
            lines += ["", f"**{inner}**: {_line(definition.get('description', ''))}", ""]
            lines += _fields(definition)
    sample = json.loads((_SAMPLES / f"{name}.json").read_text())
    text = json.dumps(sample, indent=2, ensure_ascii=False)
    lines += ["", f"[{name}.json](../schemas/{name}.json); an invented one with every field:", ""]
    return "\n".join([*lines, "```json", text, "```", ""])


def _fields(schema: Mapping[str, Any]) -> list[str]:
    required = schema.get("required", [])
    lines = ["| field | type | meaning |", "| --- | --- | --- |"]
    for field, about in schema["properties"].items():
        must = ", required" if field in required else ""
        lines.append(f"| `{field}` | {_type(about)}{must} | {_line(_told(about))} |")
    return lines


def _told(about: Mapping[str, Any]) -> str:
    """A field's description, or that of the one type that it can have."""
    if "description" in about:
        return str(about["description"])
    return next((str(o["description"]) for o in about.get("anyOf", []) if "description" in o), "")


def _type(about: Mapping[str, Any]) -> str:
    """A JSON Schema's type in a few words."""
    if options := [o for o in about.get("anyOf", []) if o.get("type") != "null"]:
        return " or ".join(dict.fromkeys(_type(option) for option in options))
    if "$ref" in about:
        return f"**{about['$ref'].rpartition('/')[2]}**"
    if "const" in about or "enum" in about:
        return ", ".join(f"`{value}`" for value in about.get("enum", [about.get("const")]))
    if about.get("type") == "array":
        return f"list of {_type(about.get('items', {}))}"
    return str(about.get("type", "anything"))


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _metrics() -> str:
    about = (
        "What `/metrics` of a worker or an explainer says. Beside them stand `process_*` and "
        "`python_info` of the\nPrometheus client. Alerts: [runbook](../runbook.md); what to watch: "
        "[operations](../operations.md#watching)."
    )
    rows = ["| series | kind | labels | meaning |", "| --- | --- | --- | --- |"]
    for name, kind, labels, told in sorted(_declared()):
        named = ", ".join(f"`{label}`" for label in labels) or "—"
        rows.append(f"| `{name}` | {kind} | {named} | {_line(told)} |")
    return _page("Metrics", about, *rows, "")


def _declared() -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """Name, kind, labels and meaning of every series of both applications."""
    for module in _DECLARE:
        importlib.import_module(module)
    for collector in set(metrics.REGISTRY._collector_to_names):
        for family in collector.collect():
            if family.name.startswith("matcher_"):
                name = family.name + _ENDINGS.get(family.type, "")
                labels = getattr(collector, "_labelnames", getattr(family, "_labelnames", ()))
                yield name, family.type, tuple(labels), family.documentation


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in pages().items():
        (folder / file).write_text(text)
