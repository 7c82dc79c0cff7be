"""``matcher-stream person``: what is held on one person, as a page, as a file, and taken back."""

from __future__ import annotations

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import orjson
import yaml
from rich.text import Text

from matcher_stream.cli.console import activity, errors, out
from matcher_stream.cli.topics import names_of
from matcher_stream.config.retention import Kept
from matcher_stream.config.settings import get_settings
from matcher_stream.persons.asking import Asked, asked
from matcher_stream.persons.findings import Findings, Found
from schemas import DAY_MS, iso
from schemas.base import LIMA
from schemas.errors import UnreadableFile

PERSON = click.argument("person", metavar="ID")


@click.group("person")
def command() -> None:
    """Muestra, exporta o borra lo que se guarda sobre una persona (Ley 29733)."""


@command.command("show")
@PERSON
def show_command(person: str) -> None:
    """Muestra todo lo que se guarda sobre una persona, y hasta cuándo."""
    findings = asyncio.run(_read(person))
    current = _by_topic(findings.current)
    for topic, records in current.items():
        title = Text(records[0].place.holds.about, style="bold")
        out.print(title.append(f" ({topic})", style="not bold"), soft_wrap=True)
        _say(f"  {keeping(findings.kept(topic))}")
        for found in records:
            _say(f"  {_moment(found.written)}, partición {found.partition}, número {found.offset}")
            for line in _plain(found.data).splitlines():
                _say(f"    {line}")
        out.print()
    if not current:
        _say("Ya no se guarda nada que se use.")
    _tell_left(findings)


@command.command("export")
@PERSON
@click.option("--out", "target", type=click.Path(path_type=Path), default=Path("persona.json"),
              show_default=True, help="Archivo nuevo, que solo usted podrá leer.")  # fmt: skip
def export_command(person: str, target: Path) -> None:
    """Escribe lo mismo en un archivo JSON, para la persona o para otro sistema."""
    findings = asyncio.run(_read(person))
    body = orjson.dumps(exported(findings), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    write_private(target, body)
    count = len(findings.records)
    _say(f"Escritos {count} registros en {target}. Tiene datos personales: bórrelo después.")


@command.command("erase")
@PERSON
@click.option("--wait", "seconds", type=click.FloatRange(min=0), default=60.0, show_default=True,
              help="Segundos que se espera la confirmación; 0 no espera.")  # fmt: skip
def erase_command(person: str, seconds: float) -> int:
    """Borra a una persona y espera a que todos lo hayan dicho.

    Código de salida: 0 si nada queda en uso, 1 si no se confirmó a tiempo, 2 si no se pudo pedir.
    Repetirlo no hace daño.
    """
    return asyncio.run(_erase(person, seconds))


async def _read(person: str) -> Findings:
    settings = get_settings()
    async with asked(settings, names_of(settings), person) as found:
        return await _found(found)


async def _found(question: Asked) -> Findings:
    with activity("Leyendo los temas…"):
        await question.read()
    return question.findings


async def _erase(person: str, seconds: float) -> int:
    settings = get_settings()
    async with asked(settings, names_of(settings), person) as question:
        findings = await _found(question)
        known, done, began = bool(findings.standing), True, time.monotonic()
        if known:
            with activity("Borrando…"):
                done = await question.erase(seconds)
    if not known:
        _say("Ya estaba borrada.")
    elif done:
        took = time.monotonic() - began
        _say(f"Borrada en {took:.1f} s: su perfil, su vector, sus listas y sus explicaciones.")
    elif not seconds:
        _say("Se pidió borrar; no se esperó la confirmación.")
    else:
        _tell_standing(findings, seconds)
    _tell_left(findings)
    return 0 if done or not seconds else 1


def _tell_standing(findings: Findings, seconds: float) -> None:
    """What was not taken back in time, and what to look at."""
    if not findings.standing:
        _complain(f"En {seconds:g} s nadie confirmó el borrado: ¿está en marcha algún trabajador?")
        return
    _complain(f"En {seconds:g} s no se confirmó el borrado de:")
    for topic, records in _by_topic(findings.standing).items():
        _complain(f"  {records[0].place.holds.about} ({topic}): {len(records)}")
    _complain(
        "¿Están en marcha el trabajador y el explicador? Los temas de una versión que ya no se usa "
        "los borra quien administra Kafka."
    )


def _tell_left(findings: Findings) -> None:
    """What logs still have of what was replaced or taken back, and what time alone takes."""
    left = findings.left + [f for f in findings.current if not f.place.holds.taken_back]
    if not left:
        _say("En los registros de Kafka no queda nada más.")
        return
    _say("En los registros de Kafka queda, hasta que se compacten o venzan:")
    for topic, records in _by_topic(left).items():
        ends = [findings.gone_ms(found) for found in records]
        known = [end for end in ends if end is not None]
        by = f"a más tardar el {_day(max(known))}" if len(known) == len(ends) else "sin plazo"
        _say(f"  {records[0].place.holds.about} ({topic}): {len(records)}, {by}")


def exported(findings: Findings) -> dict[str, Any]:
    """The file of an export, as plain values."""
    places = []
    for topic, records in _by_topic(findings.records).items():
        times = findings.kept(topic)
        places.append(
            {
                "topic": topic,
                "about": records[0].place.holds.about,
                "kept": {"days_after_replaced": times.replaced, "days": times.written},
                "records": [_record(findings, found) for found in records],
            }
        )
    now = round(time.time() * 1000)
    return {"format": 1, "profile_id": findings.profile_id, "at": iso(now), "places": places}


def _record(findings: Findings, found: Found) -> dict[str, Any]:
    gone = findings.gone_ms(found)
    return {
        "partition": found.partition,
        "offset": found.offset,
        "key": found.key,
        "written": iso(found.written),
        "in_use": found.replaced is None,
        "gone_by": None if gone is None else iso(gone),
        "data": found.data,
    }


def write_private(path: Path, body: bytes) -> None:
    """Write a new file that nobody else may read.

    Raises:
        UnreadableFile: there is one of that name.
    """
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as exc:
        raise UnreadableFile(f"El archivo {path} ya existe: indique otro con --out.") from exc
    with open(number, "wb") as file:
        file.write(body)


def keeping(times: Kept) -> str:
    """How long records stay, in Spanish."""
    if times.replaced is None:
        return "Se guarda sin plazo." if times.written is None else _days(times.written)
    stays = "Queda hasta que se borre" if times.written is None else _days(times.written)[:-1]
    return f"{stays}; lo reemplazado o borrado desaparece en {times.replaced} días."


def _days(days: int) -> str:
    return f"Se guarda {days} días."


def _by_topic(records: Iterable[Found]) -> dict[str, list[Found]]:
    found: dict[str, list[Found]] = defaultdict(list)
    for record in records:
        found[record.place.topic].append(record)
    return found


def _plain(data: Any) -> str:
    return str(yaml.safe_dump(_short(data), allow_unicode=True, sort_keys=False, width=100))


def _short(data: Any) -> Any:
    """Vectors by their length: nobody reads their numbers."""
    if isinstance(data, dict):
        return {
            key: f"{len(value)} números" if key == "vector" else _short(value)
            for key, value in data.items()
        }
    return [_short(item) for item in data] if isinstance(data, list) else data


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, LIMA).strftime("%Y-%m-%d %H:%M")


def _day(ms: int) -> str:
    return datetime.fromtimestamp((ms + DAY_MS - 1) / 1000, LIMA).strftime("%Y-%m-%d")


def _say(text: str) -> None:
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def _complain(text: str) -> None:
    errors.print(text, markup=False, highlight=False, soft_wrap=True)
