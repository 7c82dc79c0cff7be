"""``matcher-stream review``."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import click
import orjson
from rich.table import Table
from rich.text import Text

from matcher_stream.cli.console import errors, out
from matcher_stream.cli.render import pay, place
from matcher_stream.config.settings import get_settings
from matcher_stream.files import reviews
from matcher_stream.files.reviews import action_of
from schemas.errors import NotHeld

REVIEWER = click.option("--reviewer", help="Quién decide; mejor un cargo que un nombre.")
NOTE = click.option("--note", help="Por qué.")
#: What an action means for the ad, as a reviewer reads it.
STATES = {"hold": "retenido", "advise": "publicado, por corregir"}
JOBS = click.argument("jobs", nargs=-1, required=True, metavar="AVISO...")


@click.group("review")
def command() -> None:
    """Revisa los avisos retenidos y los que se publican pero deben corregir sus palabras."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Una línea JSON por aviso.")
@click.option(
    "--action",
    type=click.Choice(["hold", "advise"]),
    help="Solo los retenidos (hold) o solo los que deben corregirse (advise).",
)
def list_command(as_json: bool, action: str | None) -> None:
    """Muestra primero los avisos retenidos, los más riesgosos antes; luego los por corregir."""
    asked = asyncio.run(reviews.waiting(get_settings()))
    held = {name: event for name, event in asked.items() if action in (None, action_of(event))}
    if as_json:
        for event in held.values():
            sys.stdout.write(orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE).decode())
        return
    if not held:
        out.print("No hay avisos por revisar.")
        return
    table = Table("aviso", "estado", "título", "empleador", "riesgo", "por qué")
    for name, event in held.items():
        job, why = event["job"], "\n".join(reason["text"] for reason in event["reasons"])
        employer, risk = job.get("employer", "no dice"), f"{event['risk']:.2f}"
        cells = (name, STATES[action_of(event)], job["title"], employer, risk, why)
        table.add_row(*(Text(cell) for cell in cells))
    out.print(table)
    stopped = sum(action_of(event) == "hold" for event in held.values())
    out.print(
        f"Por revisar: {stopped}. Publicados, por corregir: {len(held) - stopped}. "
        "Vea uno con 'matcher-stream review show AVISO'."
    )


@command.command("show")
@click.argument("job", metavar="AVISO")
def show_command(job: str) -> None:
    """Muestra un aviso entero y, si sus palabras excluyen, qué debe cambiar el empleador."""
    event = _held([job])[job]
    card = event["job"]
    table = Table(show_header=False, box=None)
    rows: list[tuple[str, str]] = [
        ("aviso", job),
        ("estado", STATES[action_of(event)]),
        ("título", card["title"]),
        ("empleador", card.get("employer", "no dice")),
        ("lugar", place(card) or "no dice"),
        ("pago", pay(card) or "no dice"),
        ("texto", event["excerpt"] or "no dice"),
        *(("motivo", reason["text"]) for reason in event["reasons"]),
        *((("para corregir", event["advice"]),) if event.get("advice") else ()),
        ("contenido", event["content_hash"]),
    ]
    for name, value in rows:
        table.add_row(name, Text(value))
    out.print(table)


@command.command("release")
@JOBS
@REVIEWER
@NOTE
def release_command(jobs: tuple[str, ...], reviewer: str | None, note: str | None) -> None:
    """Libera avisos retenidos o acepta los por corregir, tal como se leen ahora: si cambian, se
    revisan otra vez.
    """
    held = _held(jobs)
    content = {name: event["content_hash"] for name, event in held.items()}
    _decide("release", content, reviewer, note, "Liberados")


@command.command("reject")
@JOBS
@REVIEWER
@NOTE
def reject_command(jobs: tuple[str, ...], reviewer: str | None, note: str | None) -> None:
    """Rechaza avisos, retenidos o no, tal como se leen ahora."""
    held = asyncio.run(reviews.waiting(get_settings()))
    content = {name: held[name]["content_hash"] for name in jobs if name in held}
    others = [name for name in jobs if name not in held]
    if others:
        content |= asyncio.run(reviews.contents(get_settings(), others))
    _all_known(jobs, content, "no existe")
    _decide("reject", content, reviewer, note, "Rechazados")


def _held(jobs: Any) -> dict[str, dict[str, Any]]:
    held = asyncio.run(reviews.waiting(get_settings()))
    _all_known(jobs, held, "no espera revisión")
    return {name: held[name] for name in jobs}


def _all_known(jobs: Any, known: Any, what: str) -> None:
    for name in jobs:
        if name not in known:
            raise NotHeld(
                f"El aviso {name} {what}: vea los que esperan con 'matcher-stream review list'."
            )


def _decide(
    decision: str, content: dict[str, str], reviewer: str | None, note: str | None, word: str
) -> None:
    count = asyncio.run(reviews.decide(get_settings(), decision, content, reviewer, note))
    out.print(f"{word}: {count}.")
    if not reviewer:
        errors.print("Sin --reviewer no queda anotado quién decidió.")
