"""``matcher-stream models aliases | promote | rollback``: who speaks to the public."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import click
from rich.table import Table

from matcher_stream.champion.gates import Case, judge
from matcher_stream.champion.naming import aliases, handed_over, name_deployment, speaking
from matcher_stream.cli.console import activity, out
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.model import BUILT_IN, app_id_of, model_of
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
        table.add_row(name, alias.deployment, alias.previous or "", alias.version or BUILT_IN,
                      alias.by, iso(alias.at), alias.reason or "")  # fmt: skip
    out.print(table)


@click.command("promote")
@click.option("--deployment", help="Qué despliegue: su id de aplicación. Si falta, el de este "
              "entorno.")  # fmt: skip
@BY
@REASON
@TIMEOUT
def promote(deployment: str | None, by: str, reason: str | None, timeout: float) -> int:
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
    return asyncio.run(promoted(settings, own, by, reason, timeout))


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
    settings: Settings, deployment: str, by: str, reason: str | None, timeout: float
) -> int:
    """Name a deployment if every gate lets it through; returns the exit code.

    Args:
        settings: Of the deployment.
        deployment: Its application id.
        by: Who answers for it.
        reason: Why.
        timeout: Seconds to wait for the hand-over.
    """
    found, source = await _known(settings)
    before = found["champion"].deployment if "champion" in found else source
    if before == deployment and "champion" in found:
        out.print(f"{deployment} ya es el campeón.", markup=False)
        return 0
    with activity("Comprobando…"):
        verdicts = await judge(Case(settings, deployment, before, by))
    for verdict in verdicts:
        mark = "sí" if verdict.ok else "NO"
        out.print(f"{verdict.gate}: {mark}, {verdict.why}.", markup=False)
    if not all(verdict.ok for verdict in verdicts):
        out.print("No se cambió nada.")
        return 1
    model = model_of(settings).id
    return await _name(
        settings, deployment, before, timeout,
        {"by": by, "reason": reason, "version": None if model == BUILT_IN else model},
    )  # fmt: skip


async def rolled_back(settings: Settings, by: str, reason: str | None, timeout: float) -> int:
    """Name the deployment that was champion before; returns the exit code, arguments as above."""
    found, _ = await _known(settings)
    champion = found.get("champion")
    if champion is None or champion.previous is None:
        raise UsageError("No hay a quién volver: nadie fue campeón antes. Use 'promote'.")
    fields = {"by": by, "reason": reason or "rollback"}
    return await _name(settings, champion.previous, champion.deployment, timeout, fields)


async def _name(
    settings: Settings,
    deployment: str,
    before: str | None,
    timeout: float,
    fields: dict[str, Any],
) -> int:
    """Write the record, and wait until all of the deployment's partitions speak."""
    started = time.monotonic()
    known = {name: value for name, value in fields.items() if value is not None}
    previous = {"previous": before} if before else {}
    record = await name_deployment(
        settings, "champion", {"deployment": deployment, **previous, **known}
    )
    if before:
        await name_deployment(settings, "challenger", {"deployment": before, **known})
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
