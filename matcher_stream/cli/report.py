"""``matcher-stream models report``: what was shown and taken, for analysts."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from schemas.errors import UsageError


def _writable(ctx: click.Context, param: click.Parameter, path: Path | None) -> Path | None:
    """A file can be written there: better said now than after a minute."""
    if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise UsageError(f"No se puede escribir en {path}: revise que la carpeta exista.")
    return path


@click.command("report")
@click.option("--feedback", "folder", type=click.Path(path_type=Path), required=True,
              help="Carpeta de una exportación de respuestas.")  # fmt: skip
@click.option("--html", type=click.Path(path_type=Path), callback=_writable,
              help="Escribe la página aquí.")  # fmt: skip
@click.option("--json", "as_json", type=click.Path(path_type=Path), callback=_writable,
              help="Escribe lo mismo en JSON aquí.")  # fmt: skip
@click.option("--profiles", type=click.Path(path_type=Path),
              help="Personas: si cambiaron los textos; solo de quien dio permiso.")  # fmt: skip
@click.option("--jobs", type=click.Path(path_type=Path),
              help="Avisos que se ofrecieron: para empleadores, regiones y textos.")  # fmt: skip
@click.option("--broker", is_flag=True, help="Lee personas y avisos del broker, no de archivos.")
@click.option("--reference", default="judged", show_default=True, metavar="judged|none|DIR",
              help="Con qué se compara: lo juzgado que viene en el programa, nada, u otra "
              "exportación.")  # fmt: skip
@click.option("--min-people", "fewest", type=click.IntRange(2), default=10, show_default=True,
              help="Personas que debe tener un grupo para decir algo de él.")  # fmt: skip
def command(
    folder: Path,
    html: Path | None,
    as_json: Path | None,
    profiles: Path | None,
    jobs: Path | None,
    broker: bool,
    reference: str,
    fewest: int,
) -> None:
    """Informa qué se mostró y qué se pidió, por región, sexo, edad, pobreza y oficio.

    Solo con quien dio permiso para que se aprenda de sus respuestas, y solo sumas: lo que sería de
    menos de --min-people personas se calla. Con --reference se dice si textos y puntajes cambiaron.
    """
    if broker and (profiles or jobs):
        raise UsageError(
            "Personas y avisos salen del broker o de archivos: quite --broker o estos."
        )
    from matcher_stream.cli.reporting import made_of, show  # numpy and torch take seconds
    from matcher_stream.report.page import page

    made = made_of(folder, None if broker else (profiles, jobs), reference, fewest)
    if as_json is not None:
        as_json.write_bytes(orjson.dumps(made, option=orjson.OPT_INDENT_2))
    if html is not None:
        html.write_text(page(made), encoding="utf-8")
    show(made)
