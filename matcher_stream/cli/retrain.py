"""``matcher-stream models retrain``: from what people did to a proposal, for cron and by hand."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from matcher_stream.cli.console import activity, errors, out
from matcher_stream.cli.writing import needs_extra, parent_exists
from matcher_stream.config.settings import get_settings
from schemas.errors import UsageError

PROPOSED, NOTHING, BUSY = 0, 3, 75
"""Exit codes: a version is proposed; the run ended well and proposes none; another run is at work
(EX_TEMPFAIL). Others are errors, as of every command."""


def _folder(ctx: click.Context, param: click.Parameter, path: Path | None) -> Path | None:
    if path is not None and not path.is_dir():
        raise UsageError(f"No hay una carpeta {path}: indique una exportación en --feedback.")
    return path


@click.command("retrain")
@click.option("--feedback", type=click.Path(path_type=Path), callback=_folder, metavar="CARPETA",
              help="Exportación de 'models feedback export'; si no, se hace una.")  # fmt: skip
@click.option("--keep", type=click.Path(path_type=Path), metavar="CARPETA",
              help="Guarda aquí la exportación que se hace; si no, se borra al final.")  # fmt: skip
@click.option("--registry", "url", metavar="URL",
              help="Carpeta o dirección del registro; si no, MATCHER_REGISTRY.")  # fmt: skip
@click.option("--fewest", default=50, show_default=True, type=click.IntRange(5),
              help="Personas que deben haber hecho algo para aprender de ello.")  # fmt: skip
@click.option("--people", type=click.IntRange(1),
              help="En las puertas, solo las primeras personas juzgadas de cada zona.")  # fmt: skip
@click.option("--json", "as_json", type=click.Path(path_type=Path), callback=parent_exists,
              help="Escribe JSON aquí.")  # fmt: skip
def command(
    feedback: Path | None,
    keep: Path | None,
    url: str | None,
    fewest: int,
    people: int | None,
    as_json: Path | None,
) -> int:
    """Aprende de lo que hicieron las personas, registra una versión y la propone si pasa las
    puertas.

    No cambia lo que está en uso: eso lo decide alguien. El código es 0 si propone una versión, 3 si
    no hay nada que proponer y 75 si otra ejecución está en marcha.
    """
    if feedback is not None and keep is not None:
        raise UsageError("Con --feedback no se hace una exportación: quite --keep.")
    settings = get_settings()
    if url:
        settings = settings.model_copy(update={"registry": url})
    try:
        from matcher_stream.cli.exporting import alone, exported
        from matcher_stream.cli.retraining import retrained

        with alone(settings.registry) as first:
            if not first:
                errors.print("Otra ejecución de 'models retrain' está en marcha con este registro.")
                return BUSY
            with exported(feedback, keep) as folder, activity("Aprendiendo…") as tell:
                found = retrained(settings, folder, fewest, people, tell)
    except ImportError as error:
        raise needs_extra(error) from None
    if as_json is not None:
        as_json.write_bytes(orjson.dumps(found.told(), option=orjson.OPT_INDENT_2))
    for line in found.lines():
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    return PROPOSED if found.proposed else NOTHING
