"""``matcher-stream models aliases | promote | rollback``: who speaks to the public."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import orjson
from rich.table import Table

from matcher_stream.champion.gates import Case, judge
from matcher_stream.champion.naming import aliases, handed_over, name_deployment, speaking
from matcher_stream.champion.running import (
    UNREGISTERED,
    Running,
    changed,
    named,
    registered_since,
    running,
)
from matcher_stream.cli.console import activity, out
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.model import BUILT_IN, app_id_of
from matcher_stream.config.settings import Settings, get_settings
from matcher_stream.verify.reading import broker_reader
from schemas.alias import Alias
from schemas.base import iso
from schemas.errors import UsageError

BY = click.option("--by", required=True, help="La persona que responde por el cambio.")
REASON = click.option("--reason", help="Por qué.")
TIMEOUT = click.option("--timeout", default=120.0, show_default=True, type=click.FloatRange(1),
                       help="Segundos que se espera el relevo.")  # fmt: skip


@click.command("aliases")
def aliases_command() -> None:
    """Muestra qué despliegue habla al público y cuál se prueba."""
    found, source = asyncio.run(_known(get_settings()))
    if not found:
        out.print(f"Nadie fue nombrado. Habla: {source or 'nadie todavía'}.", markup=False)
        return
    table = Table("alias", "despliegue", "antes", "versión", "quién", "desde", "por qué")
    for name, alias in sorted(found.items()):
        version = named(alias).version or "no se sabe"
        table.add_row(name, alias.deployment, alias.previous or "", version,
                      alias.by, iso(alias.at), alias.reason or "")  # fmt: skip
    out.print(table)


@click.command("promote")
@click.option("--deployment", help="Qué despliegue: su id de aplicación. Si falta, el de este "
              "entorno.")  # fmt: skip
@BY
@REASON
@TIMEOUT
@click.option("--compared", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="Lo que escribió 'models compare EN-USO CANDIDATA --json'.")  # fmt: skip
@click.option("--accept", "accepted", multiple=True, metavar="PUERTA",
              help="Una puerta de la comparación que no se pudo medir y no importa; se puede "
              "repetir.")  # fmt: skip
def promote(
    deployment: str | None,
    by: str,
    reason: str | None,
    timeout: float,
    compared: Path | None,
    accepted: tuple[str, ...],
) -> int:
    """Nombra campeón a un despliegue que está en la sombra, si pasa todas las pruebas.

    Use el mismo entorno que sus trabajadores.
    """
    settings = get_settings()
    own = app_id_of(settings)
    if deployment not in (None, own):
        raise UsageError(
            f"Este entorno es el del despliegue {own}: ponga los ajustes con que corren los "
            f"trabajadores de {deployment}."
        )
    comparison = None if compared is None else _comparison(compared)
    return asyncio.run(
        promoted(settings, own, by, reason, timeout, comparison, frozenset(accepted))
    )


def _comparison(path: Path) -> dict[str, Any]:
    """A comparison that was written to a file."""
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        found = None
    if not isinstance(found, dict):
        raise UsageError(f"{path} no es lo que escribe 'models compare --json': hágalo de nuevo.")
    return found


@click.command("rollback")
@BY
@REASON
@TIMEOUT
def rollback(by: str, reason: str | None, timeout: float) -> int:
    """Devuelve el público al despliegue de antes, sin más preguntas."""
    return asyncio.run(rolled_back(get_settings(), by, reason, timeout))


async def _known(settings: Settings) -> tuple[dict[str, Alias], str | None]:
    """The aliases, and who speaks where nobody was named."""
    names = TopicNames(settings, "")
    async with broker_reader(settings) as reader:
        found = await aliases(reader, names)
        return found, None if "champion" in found else await speaking(reader, names)


async def promoted(
    settings: Settings,
    deployment: str,
    by: str,
    reason: str | None,
    timeout: float,
    comparison: dict[str, Any] | None = None,
    accepted: frozenset[str] = frozenset(),
) -> int:
    """Name a deployment if every gate lets it through; returns the exit code.

    Args:
        settings: Of the deployment.
        deployment: Its application id.
        by: Who answers for it.
        reason: Why.
        timeout: Seconds to wait for the hand-over.
        comparison: Of the two versions of models, if one was made.
        accepted: Names of its gates that `by` accepts to know nothing of.
    """
    found, source = await _known(settings)
    before = found["champion"].deployment if "champion" in found else source
    if before == deployment and "champion" in found:
        out.print(f"{deployment} ya es el campeón.", markup=False)
        return 0
    own = running(settings)
    if before == deployment:
        used = own  # it speaks already, and gets the name
    elif "champion" in found:
        used = _named(settings, found["champion"])
    else:  # what ships has no other name; of settings nobody said anything
        used = Running(BUILT_IN if comparison is None else None)
    differ = () if before is None else changed(used.rules, own.rules or {})
    case = Case(settings, deployment, before, by, (used.version, own.version), differ, comparison,
                accepted)  # fmt: skip
    with activity("Comprobando…"):
        verdicts = await judge(case)
    for verdict in verdicts:
        mark = "sí" if verdict.ok else "NO"
        out.print(f"{verdict.gate}: {mark}, {verdict.why}.", markup=False)
    if not all(verdict.ok for verdict in verdicts):
        out.print("No se cambió nada.")
        return 1
    said = {"by": by, "reason": reason}
    return await _name(settings, (deployment, before), (own, used), timeout, said)


def _named(settings: Settings, champion: Alias) -> Running:
    """What the deployment of a record runs, by its registered name if it got one since."""
    found = named(champion)
    if found.version is None or not found.version.startswith(UNREGISTERED):
        return found
    return replace(found, version=registered_since(settings, found.version) or found.version)


async def rolled_back(settings: Settings, by: str, reason: str | None, timeout: float) -> int:
    """Name the deployment that was champion before; returns the exit code, arguments as above."""
    found, _ = await _known(settings)
    champion = found.get("champion")
    if champion is None or champion.previous is None:
        raise UsageError("No hay a quién volver: nadie fue campeón antes. Use 'promote'.")
    tried = found.get("challenger")
    again = named(tried) if tried and tried.deployment == champion.previous else Running()
    pair, said = (
        (champion.previous, champion.deployment),
        {"by": by, "reason": reason or "rollback"},
    )
    return await _name(settings, pair, (again, named(champion)), timeout, said)


async def _name(
    settings: Settings,
    pair: tuple[str, str | None],
    runs: tuple[Running, Running],
    timeout: float,
    said: Mapping[str, str | None],
) -> int:
    """Write the records, and wait until all of the deployment's partitions speak.

    Args:
        settings: Of either deployment.
        pair: Who speaks from now on, and who did.
        runs: What the two run.
        timeout: Seconds to wait.
        said: By whom, and why.
    """
    started, (deployment, before) = time.monotonic(), pair
    champion = {"deployment": deployment, "previous": before, **runs[0].fields(), **said}
    record = await name_deployment(settings, "champion", _stated(champion))
    if before:
        challenger = {"deployment": before, **runs[1].fields(), **said}
        await name_deployment(settings, "challenger", _stated(challenger))
    total = settings.partitions
    with activity(f"{deployment} toma el relevo…") as tell:
        done = await handed_over(
            settings, deployment, record, timeout,
            lambda count: tell(f"{deployment} toma el relevo: {count} de {total} particiones…"),
        )  # fmt: skip
    seconds = time.monotonic() - started
    if done < total:
        out.print(
            f"{deployment} fue nombrado, pero solo habla por {done} de {total} particiones "
            f"después de {seconds:.1f} s: revise que sus trabajadores estén en marcha.",
            markup=False,
        )
        return 1
    out.print(
        f"{deployment} habla al público desde hace un momento: {seconds:.1f} s.", markup=False
    )
    return 0


COMMANDS = (aliases_command, promote, rollback)


def _stated(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
