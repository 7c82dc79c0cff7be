"""``matcher-stream models feedback``: what people did, as data to learn from."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime
from pathlib import Path

import click

from matcher_stream.cli.console import activity, errors, out
from matcher_stream.cli.topics import names_of
from matcher_stream.config.settings import get_settings
from schemas.errors import UnreadableFile

DIRECTORY = click.argument("directory", type=click.Path(path_type=Path), metavar="CARPETA")


@click.group("feedback")
def command() -> None:
    """Exporta lo que hicieron las personas que aceptaron que se aprenda de ello."""


@command.command("export")
@DIRECTORY
def export_command(directory: Path) -> None:
    """Escribe en una carpeta nueva impressions.jsonl y manifest.json.

    Solo de quien lo acepta (consent_training). Nombra también a quienes se borraron o lo retiraron
    desde las exportaciones que estén al lado, que así los dejan fuera.
    """
    from matcher_stream.persons.impressions import Gathered, gather
    from matcher_stream.verify.reading import broker_reader
    from models.feedback.writing import erased_elsewhere, write_export

    settings, salt, made = get_settings(), secrets.token_hex(16), datetime.now(UTC)

    async def read() -> Gathered:
        async with broker_reader(settings) as reader:
            return await gather(reader, settings, names_of(settings), salt)

    with activity("Leyendo los temas…"):
        found = asyncio.run(read())
    parent = directory.absolute().parent
    erased, unread = erased_elsewhere(parent, found.agreed.gone_of, besides=directory)
    manifest = write_export(
        directory, found.rows, made=made, salt=salt, erased=erased,
        propensities=found.propensities.told(), sources=found.agreed.sources,
        left_out=found.left_out,
    )  # fmt: skip
    _say(
        f"Escritas {manifest.rows} filas de {manifest.people} personas en {directory}. Tiene datos "
        "personales: bórrela cuando ya no haga falta."
    )
    left = found.left_out
    _say(f"Fuera: {left['no_consent']} sin permiso, {left['no_rank']} sin su lugar en la lista.")
    _say(f"Borradas o retiradas de exportaciones anteriores: {len(erased)} personas.")
    for path in unread:
        errors.print(f"No se pudo leer {path}: bórrela.", markup=False, highlight=False)


@command.command("prune")
@DIRECTORY
def prune_command(directory: Path) -> None:
    """Quita de una exportación, o de todas las de una carpeta, a quien se borró o retiró su
    permiso desde entonces.
    """
    from matcher_stream.persons.impressions import Agreed, who_agrees
    from matcher_stream.verify.reading import broker_reader
    from models.feedback.dataset import MANIFEST, erased_since, exports_in, read_manifest, read_rows
    from models.feedback.writing import prune

    found = [directory] if (directory / MANIFEST).exists() else exports_in(directory)
    if not found:
        raise UnreadableFile(f"No hay exportaciones en {directory}: revise la carpeta.")
    settings = get_settings()

    async def read() -> Agreed:
        async with broker_reader(settings) as reader:
            return await who_agrees(reader, settings, names_of(settings))

    with activity("Leyendo los temas…"):
        agreed = asyncio.run(read())
    for path in found:
        manifest = read_manifest(path)
        people = {row.person for row in read_rows(path, manifest)}
        gone = agreed.gone_of(manifest, people) | erased_since(path, manifest)
        rows = prune(path, gone)
        _say(f"{path}: quitadas {rows} filas de {len(people & gone)} personas.")


def _say(text: str) -> None:
    out.print(text, markup=False, highlight=False, soft_wrap=True)
