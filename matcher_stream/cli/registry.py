"""``matcher-stream models list|show|import|verify|export``: the registry of versions."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson
from rich.table import Table
from rich.text import Text

from matcher_stream.cli.console import activity, errors, out
from matcher_stream.config.settings import get_settings
from schemas.errors import MatcherError, UsageError

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


def _registry(function: F) -> F:
    """The option that says which registry; MATCHER_REGISTRY unless told."""
    about = "Carpeta o dirección del registro; si no, MATCHER_REGISTRY."
    return click.option("--registry", "url", metavar="URL", help=about)(function)


def _opened(url: str | None) -> Any:
    from matcher_stream.registry.store import Registry

    return Registry(url or get_settings().registry)


@click.command("list")
@_registry
@click.option("--json", "as_json", is_flag=True, help="Una línea JSON por versión.")
def list_command(url: str | None, as_json: bool) -> None:
    """Muestra las versiones registradas, la más nueva primero."""
    from matcher_stream.cli.registering import listed

    rows = listed(_opened(url), get_settings())
    if as_json:
        for row in rows:
            sys.stdout.write(orjson.dumps(row.told(), option=orjson.OPT_APPEND_NEWLINE).decode())
        return
    if not rows:
        out.print("No hay versiones: registre la del programa con 'matcher-stream models import'.")
        return
    table = Table("id", "registrada", "descripción", "viene de", "licencia", "cifra", "uso")
    for row in rows:
        table.add_row(*(Text(cell, overflow="fold") for cell in row.cells()))
    out.print(table)
    if not get_settings().model:
        out.print("Los trabajadores usan lo que viene en el programa (MATCHER_MODEL vacía).")


@click.command("show")
@click.argument("version", metavar="ID")
@_registry
@click.option("--json", "as_json", is_flag=True, help="Metadatos y archivos como JSON.")
@click.option("--language", type=click.Choice(["es", "en"]), default="es", show_default=True,
              help="Idioma de la ficha.")  # fmt: skip
def show_command(version: str, url: str | None, as_json: bool, language: str) -> None:
    """Muestra la ficha de una versión con sus cifras."""
    registry = _opened(url)
    name = registry.find(version)
    if as_json:
        told = {
            "id": name,
            **registry.metadata(name).model_dump(mode="json"),
            "files": registry.manifest(name).model_dump()["files"],
        }
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
        return
    from models.registry.card import LANGUAGES, card_name

    chosen = next(known for known in LANGUAGES if known == language)
    click.echo(f"{name}\n")
    click.echo(registry.text(name, card_name(chosen)).decode())


@click.command("import")
@click.argument("source", required=False, metavar="[CARPETA|URL|REGISTRO#ID]")
@_registry
@click.option("--figures", type=FILE, help="Informe de 'models evaluate --json' de estas partes.")
@click.option("--ranker", type=FILE, help="Pesos del ordenador; si no, los del programa.")
@click.option("--encoder", help="Codificador del adaptador; si no, el que dice el adaptador.")
@click.option("--licence", help="Licencia; hace falta para lo que no viene en el programa.")
@click.option("--parent", metavar="ID", help="Versión registrada de la que viene.")
@click.option("--about", default="", help="Qué es, en una línea.")
@click.option("--data", multiple=True, type=FILE,
              help="Archivo con que aprendió: se anota su SHA-256; se puede repetir.")  # fmt: skip
def import_command(source: str | None, url: str | None, **given: Any) -> None:
    """Registra lo que viene en el programa, o un adaptador de 'models train', un codificador o una
    versión de otro registro.
    """
    from matcher_stream.cli.registering import Given, imported

    registry = _opened(url)
    with activity("Registrando…"):
        version, new = imported(registry, source, Given(**given))
    place = f"en {registry.url}"
    out.print(f"Registrada {place}: {version}" if new else f"Ya estaba {place}: {version}",
              markup=False, highlight=False, soft_wrap=True)  # fmt: skip


@click.command("verify")
@click.argument("versions", nargs=-1, metavar="[ID...]")
@_registry
def verify_command(versions: tuple[str, ...], url: str | None) -> int:
    """Lee cada archivo de las versiones dichas, o de todas; el código es 1 si alguna no sirve aquí.

    Una versión sirve si está entera, nadie la cambió y es para este programa.
    """
    from models.registry.version import open_version

    registry = _opened(url)
    names = [registry.find(version) for version in versions] or registry.ids()
    if not names:
        raise UsageError(f"No hay versiones en {registry.url}: revise MATCHER_REGISTRY.")
    wrong = 0
    for name in names:
        try:
            with tempfile.TemporaryDirectory(prefix="matcher-version-") as folder:
                registry.verify(name, Path(folder))
                open_version(Path(folder), name)
        except MatcherError as error:
            wrong += 1
            errors.print(f"{name[:12]}: {error}", markup=False, highlight=False, soft_wrap=True)
        else:
            out.print(f"{name[:12]}: bien", highlight=False)
    return 1 if wrong else 0


@click.command("export")
@click.argument("version", metavar="ID")
@click.argument("target", type=click.Path(path_type=Path), metavar="CARPETA")
@_registry
def export_command(version: str, target: Path, url: str | None) -> None:
    """Copia una versión, comprobada, a una carpeta nueva."""
    if target.exists():
        raise UsageError(f"{target} ya existe: indique una carpeta nueva.")
    registry = _opened(url)
    name = registry.find(version)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=target.absolute().parent) as folder:
        copy = Path(folder) / name
        copy.mkdir()
        registry.verify(name, copy)
        copy.rename(target)
    out.print(f"Copiada en {target}: {name}", markup=False, highlight=False, soft_wrap=True)


COMMANDS = (list_command, show_command, import_command, verify_command, export_command)
"""What the group `models` has of the registry."""
