"""``matcher-stream models``: for analysts, who evaluate and train what ranks."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, cast

import click
import orjson
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from matcher_stream.cli.console import activity, out
from matcher_stream.settings import get_settings
from schemas.errors import UsageError

_SHOWN = ("task", "system", "MAP", "MAP 95 %", "nDCG@10", "MRR", "P@5")


@click.group("models")
def command() -> None:
    """Evalúa y entrena lo que ordena los trabajos (pide el extra [train])."""


def _needs_extra(error: ImportError) -> UsageError:
    return UsageError(f"Falta el paquete {error.name}: instálelo con `make train-extra`.")


@command.command("evaluate")
@click.option("--data-dir", required=True, type=click.Path(path_type=Path, exists=True),
              help="Carpeta con los datos de entrenamiento y vacantes.")  # fmt: skip
@click.option("--split", type=click.Choice(["dev", "test"]), default="dev", show_default=True,
              help="Qué ocupaciones apartadas usar.")  # fmt: skip
@click.option("--known-items", default=1000, show_default=True, help="Vacantes de la búsqueda.")
@click.option("--json", "target", type=click.Path(path_type=Path), help="Escribe JSON aquí.")
def evaluate(data_dir: Path, split: str, known_items: int, target: Path | None) -> None:
    """Compara sistemas con datos que no se usaron para aprender."""
    from models.embedder import load_embedder
    from models.encoder import load_encoder
    from models.evaluation import gender, run, systems
    from models.evaluation.splits import Split
    from models.evaluation.systems import System

    settings = get_settings()
    with activity("Cargando los modelos…"):
        plain = load_encoder(settings.encoder, settings.encoder_precision)
        current = load_embedder(
            settings.encoder, settings.encoder_precision, None, settings.adapter
        )
        tasks = run.title_tasks(data_dir, cast(Split, split))
        tasks.append(run.known_items(data_dir, known_items, cast(Split, split)))
    compared: dict[str, System] = {
        "BM25": systems.bm25,
        "char TF-IDF": systems.char_tfidf,
        "zero-shot": systems.vectors(plain),
        "lexical": systems.lexical,
        "adapter": systems.vectors(current.encoder),
        "current": systems.vectors(current),
    }
    try:
        with activity("Midiendo…"):
            rows = run.table(tasks, compared)
    except ImportError as error:
        raise _needs_extra(error) from None
    out.print(_table(rows))
    pairs = gender.gender_pairs(data_dir, cast(Split, split))
    for name, system in compared.items():
        alike = gender.overlaps(system, pairs, tasks[0].documents)
        out.print(f"{name}: solapamiento de género {alike.mean():.3f} en {len(pairs)} pares")
    if target is not None:
        target.write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2))


def _table(rows: list[dict[str, Any]]) -> Table:
    found = Table(*_SHOWN)
    for row in rows:
        low, high = row["MAP 95 %"]
        cells = {**row, "MAP 95 %": f"{low:.3f}-{high:.3f}"}
        found.add_row(*(f"{c:.4f}" if isinstance(c, float) else str(c) for c in
                        (cells[name] for name in _SHOWN)))  # fmt: skip
    return found


@command.command("train")
@click.option("--data-dir", required=True, type=click.Path(path_type=Path, exists=True),
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
        raise _needs_extra(error) from None
    columns = (TextColumn("pérdida {task.fields[loss]:.3f}"), BarColumn(), MofNCompleteColumn(),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=out) as progress:
        bar = progress.add_task("", total=trainer.steps, loss=0.0)
        trainer.run(lambda step, loss: progress.update(bar, completed=step, loss=loss))
    out.print(f"Adaptador escrito en {target}: úselo con MATCHER_ADAPTER={target}.")
