"""``matcher-stream publish``."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import click

from matcher_stream.cli.console import errors, out, progress
from matcher_stream.config.catalogue import INPUTS, InputTopic
from matcher_stream.config.settings import get_settings
from matcher_stream.files.mapping import Mapping, load_mapping
from matcher_stream.files.publish import publish_rows
from matcher_stream.files.rows import BadRow, Row, check_file, read_rows


class Refused:
    """Good rows of a file; bad ones are told on stderr and counted."""

    def __init__(
        self, path: Path, topic: InputTopic, mapping: Mapping | None, keep_dates: bool
    ) -> None:
        check_file(path)
        self._rows = read_rows(path, topic, mapping, keep_dates)
        self.count = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            if isinstance(row, BadRow):
                self.count += 1
                errors.print(
                    f"línea {row.line}: rechazada, {row.reason}",
                    markup=False, highlight=False, soft_wrap=True,
                )  # fmt: skip
            else:
                yield row


@click.command("publish")
@click.argument("kind", type=click.Choice(list(INPUTS)))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--mapping", help="Archivo TOML de columnas a campos, o 'servir'.")
@click.option("--keep-dates", is_flag=True, help="No mueve las fechas antiguas a hoy.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="Registros por segundo.")
def command(
    kind: str, file: Path, mapping: str | None, keep_dates: bool, rate: float | None
) -> int:
    """Publica FILE (JSON Lines o CSV, también .gz).

    Las filas malas se rechazan con su número de línea y se sigue con las demás; al final el
    código de salida es 1 si hubo alguna.
    """
    topic, columns = INPUTS[kind], load_mapping(mapping) if mapping else None
    if columns is not None and columns.topic is not topic:
        raise click.UsageError(f"--mapping {mapping} es para {columns.topic.name}, no para {kind}")
    rows = Refused(file, topic, columns, keep_dates)
    with progress() as bar:
        task = bar.add_task(f"Publicando {file.name}", total=None)
        sent = asyncio.run(
            publish_rows(
                get_settings(), topic, rows, rate=rate,
                on_sent=lambda done: bar.update(task, completed=done),
            )
        )  # fmt: skip
    out.print(f"Publicados: {sent}. Rechazados: {rows.count}.")
    return 1 if rows.count else 0
