"""``matcher-stream models``: for analysts, who evaluate, train and register what ranks."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import cast

import click
import orjson
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from matcher_stream.cli import aliases, compare, feedback, registry, retrain
from matcher_stream.cli.console import activity, out
from matcher_stream.cli.report import command as report_command
from matcher_stream.cli.writing import needs_extra, parent_exists
from matcher_stream.config.model import model_of
from matcher_stream.config.settings import get_settings
from schemas.errors import UsageError


@click.group("models")
def command() -> None:
    """Evalúa, entrena y registra lo que ordena los trabajos."""


for _registered in (*registry.COMMANDS, *aliases.COMMANDS, report_command):
    command.add_command(_registered)
command.add_command(compare.command)
command.add_command(retrain.command)
command.add_command(feedback.command)


def _folder(ctx: click.Context, param: click.Parameter, path: Path | None) -> Path | None:
    if path is not None and not path.is_dir():
        raise UsageError(f"No hay una carpeta {path}: indique otra en --data-dir.")
    return path


@command.command("evaluate")
@click.option("--data", "data", multiple=True, default=("all",), show_default=True,
              type=click.Choice(["graded", "judged", "reading", "titles", "known-item", "gender",
                                 "exposure", "all"]),
              help="Qué se mide; se puede repetir.")  # fmt: skip
@click.option("--system", "systems", multiple=True, help="Qué se compara; se puede repetir. "
              "Lo último es lo que se compara con lo demás.",
              type=click.Choice(["bm25", "tfidf", "zero-shot", "lexical", "adapter", "current",
                                 "ranker"]))  # fmt: skip
@click.option("--data-dir", type=click.Path(path_type=Path), callback=_folder,
              help="Carpeta con los títulos y vacantes, que no vienen en el paquete.")  # fmt: skip
@click.option("--split", type=click.Choice(["dev", "test"]), default="dev", show_default=True,
              help="Qué personas y ocupaciones apartadas usar.")  # fmt: skip
@click.option("--crowd", is_flag=True, help="Busca además entre los títulos de todas las partes.")
@click.option("--fields", multiple=True, default=("all", "words"), show_default=True,
              type=click.Choice(["all", "home", "words"]),
              help="Qué se da de personas y avisos juzgados además de palabras.")  # fmt: skip
@click.option("--errors", is_flag=True, help="Lista lo que se leyó mal.")
@click.option("--known-items", default=1000, show_default=True, type=click.IntRange(1),
              help="Vacantes de la búsqueda.")  # fmt: skip
@click.option("--json", "as_json", type=click.Path(path_type=Path), callback=parent_exists,
              help="Escribe JSON aquí.")  # fmt: skip
@click.option("--html", "as_html", type=click.Path(path_type=Path), callback=parent_exists,
              help="Escribe HTML aquí.")  # fmt: skip
def evaluate(
    data: tuple[str, ...],
    systems: tuple[str, ...],
    data_dir: Path | None,
    split: str,
    crowd: bool,
    fields: tuple[str, ...],
    errors: bool,
    known_items: int,
    as_json: Path | None,
    as_html: Path | None,
) -> None:
    """Compara sistemas con datos que no se usaron para aprender.

    Con «all» se mide todo aquello para lo que hay datos.
    """
    from matcher_stream.cli.evaluating import available, samples, show
    from models.evaluation.assemble import SYSTEMS, Asked
    from models.evaluation.assemble import evaluate as measure
    from models.evaluation.encoders import Models
    from models.evaluation.judged import Fields
    from models.evaluation.page import page
    from models.evaluation.splits import Split

    settings = get_settings()
    chosen = available(data_dir) if "all" in data else data
    people, jobs = samples()
    asked = Asked(chosen, tuple(dict.fromkeys(systems)) or SYSTEMS, data_dir, cast(Split, split),
                  known_items, crowd, people, jobs, cast("tuple[Fields, ...]", fields))  # fmt: skip
    model = model_of(settings)
    models = Models(model.encoder, settings.encoder_precision, model.adapter, model.weights)
    try:
        with activity("Midiendo…") as tell:
            report = measure(asked, models, tell)
    except ImportError as error:
        raise needs_extra(error) from None
    show(report, errors)
    if as_json is not None:
        as_json.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    if as_html is not None:
        as_html.write_text(page(report), encoding="utf-8")


@command.command("train")
@click.option("--data-dir", required=True, type=click.Path(path_type=Path), callback=_folder,
              help="Carpeta con los datos de entrenamiento y vacantes.")  # fmt: skip
@click.option("--out", "target", required=True, type=click.Path(path_type=Path),
              help="Carpeta del adaptador; si quedó a medias, sigue.")  # fmt: skip
@click.option("--seed", default=1, show_default=True, help="Semilla.")
@click.option("--steps", default=0, show_default=True, help="Pasos; 0: una vuelta a los datos.")
def train(data_dir: Path, target: Path, seed: int, steps: int) -> None:
    """Entrena un adaptador de bajo rango y lo guarda."""
    try:
        from models.training.train import Recipe, Trainer, gather

        recipe = dataclasses.replace(Recipe(), seed=seed, steps=steps)
        with activity("Reuniendo pares…"):
            trainer = Trainer(recipe, gather(data_dir, recipe), target)
    except ImportError as error:
        raise needs_extra(error) from None
    columns = (TextColumn("pérdida {task.fields[loss]:.3f}"), BarColumn(), MofNCompleteColumn(),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=out) as progress:
        bar = progress.add_task("", total=trainer.steps, loss=0.0)
        trainer.run(lambda step, loss: progress.update(bar, completed=step, loss=loss))
    out.print(f"Adaptador escrito en {target}: úselo con MATCHER_ADAPTER={target}, o "
              f"regístrelo con 'matcher-stream models import {target}'.")  # fmt: skip
