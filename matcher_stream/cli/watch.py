"""``matcher-stream watch``."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any, Final

import click
import orjson
from rich.table import Table
from rich.text import Text

from matcher_stream.cli.console import errors, out
from matcher_stream.cli.render import candidates_view, matches_view
from matcher_stream.cli.stopping import stop_event, unless_stopped
from matcher_stream.config.catalogue import OUTPUTS
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.settings import Settings, get_settings
from matcher_stream.files.reading import following
from matcher_stream.files.reviews import action_of

DLQ_HEADERS: Final = ("topic", "partition", "offset", "error_class", "error_message")


@click.command("watch")
@click.argument("what", type=click.Choice([*OUTPUTS, "dlq"]))
@click.option("--json", "as_json", is_flag=True, help="Una línea JSON por evento.")
@click.option("--new", "only_new", is_flag=True, help="Solo lo que llegue desde ahora.")
@click.option("--key", help="Solo los eventos con esta clave.")
@click.option("--once", is_flag=True, help="Termina al llegar al final de lo escrito.")
def command(what: str, as_json: bool, only_new: bool, key: str | None, once: bool) -> None:
    """Muestra los eventos de salida según llegan, hasta Ctrl-C."""
    settings = get_settings()
    names = TopicNames(settings, "")
    dead = [names.dlq(topic) for topic in names.inputs]
    topics = dead if what == "dlq" else [names.of(OUTPUTS[what])]
    show = _print_json if as_json else _VIEWS.get(what, _print_json)
    wanted = key.encode() if key is not None else None
    asyncio.run(_watch(settings, topics, show, wanted, from_beginning=not only_new, once=once))


async def _watch(
    settings: Settings,
    topics: list[str],
    show: Callable[[Any], None],
    key: bytes | None,
    *,
    from_beginning: bool,
    once: bool,
) -> None:
    stop = stop_event()

    async def follow() -> None:
        async with following(settings, topics, from_beginning) as reader:
            while True:
                records = await reader.batch()
                for record in records:
                    if key is None or record.key == key:
                        show(record)
                if once and not records and await reader.caught_up():
                    return

    if not await unless_stopped(follow(), stop):
        errors.print("Fin.")


def _print_json(record: Any) -> None:
    line = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": (record.key or b"").decode(errors="replace"),
        "value": _decoded(record.value),
        "headers": {name: value.decode(errors="replace") for name, value in record.headers},
    }
    sys.stdout.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE).decode())
    sys.stdout.flush()


def _decoded(value: bytes | None) -> Any:
    """The value as JSON; what is none as text, with marks for bytes that are no text."""
    if value is None:
        return None
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value.decode(errors="replace")


def _or_erased(view: Callable[[Any], Any]) -> Callable[[Any], None]:
    def show(record: Any) -> None:
        if record.value is None:
            out.print(Text((record.key or b"").decode(errors="replace") + ": borrado"))
        else:
            out.print(view(orjson.loads(record.value)))

    return show


def _review_view(event: dict[str, Any]) -> Text:
    why = " ".join(reason["text"] for reason in event["reasons"])
    state = "en revisión" if action_of(event) == "hold" else "publicado, por corregir"
    return Text(f"{event['job_id']}: {state} ({why}); contenido {event['content_hash']}")


def _explanation_view(event: dict[str, Any]) -> Text:
    line = Text(f"{event['profile_id']} / {event['job_id']}: ", style="bold")
    return line.append(event["text"], style="not bold")


def _show_dlq(record: Any) -> None:
    headers = {name: value.decode(errors="replace") for name, value in record.headers}
    topic, partition, offset, kind, message = (
        headers.get(f"dlq_{name}", "?") for name in DLQ_HEADERS
    )
    table = Table(show_header=False, box=None)
    table.add_row("de", f"{topic} [{partition}] {offset}")
    table.add_row("error", f"{kind}: {message}")
    table.add_row("tamaño", f"{len(record.value or b'')} bytes")
    out.print(table)


_VIEWS: Final[dict[str, Callable[[Any], None]]] = {
    "matches": _or_erased(matches_view),
    "candidates": _or_erased(candidates_view),
    "explanations": _or_erased(_explanation_view),
    "review": _or_erased(_review_view),
    "dlq": _show_dlq,
}
