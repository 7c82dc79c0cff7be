"""``matcher-stream models compare``: two versions, or what two running ones told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import orjson

from matcher_stream.cli.console import activity
from matcher_stream.cli.writing import needs_extra, parent_exists
from matcher_stream.config.settings import get_settings
from schemas.errors import UsageError

_OUT = click.Path(path_type=Path)
_PARTS = ("A", "C", "D")


@click.command("compare")
@click.argument("versions", nargs=-1, metavar="[EN-USO CANDIDATA]")
@click.option("--registry", "url", metavar="URL",
              help="Carpeta o dirección del registro; si no, MATCHER_REGISTRY.")  # fmt: skip
@click.option("--told", metavar="TEMA",
              help="Tema de las listas publicadas; si no, el de MATCHER_TOPIC_PREFIX.")  # fmt: skip
@click.option("--shadow", metavar="TEMA", help="Tema de las listas de la candidata.")
@click.option("--part", "parts", multiple=True, default=_PARTS, show_default=True,
              type=click.Choice(_PARTS), help="Zonas de las personas juzgadas.")  # fmt: skip
@click.option("--people", type=click.IntRange(1),
              help="Solo las primeras personas de cada zona: rápido, y no decide.")  # fmt: skip
@click.option("--pairs", type=click.IntRange(1),
              help="Solo los primeros pares de femenino y masculino.")  # fmt: skip
@click.option("--json", "as_json", type=_OUT, callback=parent_exists, help="Escribe JSON aquí.")
@click.option("--html", "as_html", type=_OUT, callback=parent_exists, help="Escribe HTML aquí.")
def command(
    versions: tuple[str, ...],
    url: str | None,
    told: str | None,
    shadow: str | None,
    parts: tuple[str, ...],
    people: int | None,
    pairs: int | None,
    as_json: Path | None,
    as_html: Path | None,
) -> None:
    """Compara dos versiones registradas con personas y avisos juzgados, y dice qué puertas pasa la
    candidata.

    «builtin» es lo que usa este programa sin versión. Con --shadow compara además lo que las dos
    dicen a la vez en un broker; sin versiones, solo eso.
    """
    if len(versions) not in (0, 2) or not (versions or shadow):
        raise UsageError("Diga las dos versiones, la que está en uso y la candidata, o --shadow.")
    if told and not shadow:
        raise UsageError("Falta --shadow: diga el tema de las listas de la candidata.")
    settings = get_settings()
    if url:
        settings = settings.model_copy(update={"registry": url})
    try:
        from matcher_stream.cli.comparing import offline, on_topics, show
        from models.compare.gates import verdict
        from models.compare.page import page

        comparison: dict[str, Any] = {}
        with activity("Comparando…") as tell:
            if versions:
                comparison |= offline(settings, versions, parts, people, pairs, tell)
            if shadow:
                tell("Leyendo los temas")
                comparison["stream"] = on_topics(settings, told, shadow)
    except ImportError as error:
        raise needs_extra(error) from None
    found = verdict(comparison)
    show(comparison, found)
    if as_json is not None:
        report = {**comparison, "gates": found.told()}
        as_json.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    if as_html is not None:
        as_html.write_text(page(comparison, found), encoding="utf-8")
