"""``matcher-stream publish``."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import click

from matcher_stream.cli.console import errors, out, progress
from matcher_stream.config.catalogue import INPUTS, InputTopic
from matcher_stream.config.settings import get_settings
from matcher_stream.files.mapping import Mapping, load_mapping
from matcher_stream.files.publish import publish_rows
from matcher_stream.files.refused import RefusedFile, beside
from matcher_stream.files.repeats import judged
from matcher_stream.files.rows import About, BadRow, Row, check_file, read_rows
from matcher_stream.files.tally import Tally

_TOLD = 20
"""Lines on the terminal about rows that a file has in full."""


class Refused:
    """Good rows of a file; bad ones are told on stderr and counted."""

    def __init__(
        self, path: Path, topic: InputTopic, mapping: Mapping | None, keep_dates: bool
    ) -> None:
        check_file(path)
        self.about = About()
        self._rows = read_rows(path, topic, mapping, keep_dates, self.about)
        self.count = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            if isinstance(row, BadRow):
                self.count += 1
                tell_refused(row, self.about)
            else:
                yield row


def tell_refused(row: BadRow, about: About) -> None:
    """One line on stderr about a row that is refused."""
    _tell(f"{about.unit} {row.line}: rechazada, {row.reason}")


def _tell(text: str) -> None:
    errors.print(text, markup=False, highlight=False, soft_wrap=True)


class Outgoing:
    """The rows of a file that are published; what becomes of the others is told and kept.

    Args:
        path: The file.
        topic: Where to.
        mapping: From its columns to our fields.
        keep_dates: Leave old dates.
        refused: Where refused rows are written; None: beside the file.
    """

    def __init__(
        self,
        path: Path,
        topic: InputTopic,
        mapping: Mapping | None,
        keep_dates: bool,
        refused: Path | None,
    ) -> None:
        check_file(path)
        self.tally = Tally()
        self._about = About()
        self._rows = judged(read_rows(path, topic, mapping, keep_dates, self._about), topic)
        may_write = refused is not None or os.access(path.absolute().parent, os.W_OK)
        self._kept = RefusedFile(refused or beside(path), self._about) if may_write else None

    def __iter__(self) -> Iterator[Row]:
        for row in self.tally.through(self._rows):
            if isinstance(row, BadRow):
                self._keep(row)
            elif isinstance(row, Row):
                if row.replaces and self.tally.replacing <= _TOLD:
                    unit = self._about.unit
                    _tell(f"{unit} {row.line}: mismo id que la {unit} {row.replaces}; vale esta")
                yield row

    def _keep(self, row: BadRow) -> None:
        if self._kept is not None:
            self._kept.write(row)
        if self._kept is None or self.tally.refused <= _TOLD:
            tell_refused(row, self._about)

    def end(self) -> None:
        """Say where the refused rows are."""
        if self._kept is None:
            return
        self._kept.close()
        if self.tally.refused:
            more = self.tally.refused - _TOLD
            also = f"… y {more} rechazadas más. " if more > 0 else ""
            _tell(
                f"{also}Las filas rechazadas, con su motivo, están en {self._kept.path}: "
                "corríjalas ahí y publique ese archivo."
            )


@click.command("publish")
@click.argument("kind", type=click.Choice(list(INPUTS)))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--mapping", help="Archivo TOML de columnas a campos, o 'servir'.")
@click.option("--keep-dates", is_flag=True, help="No mueve las fechas antiguas a hoy.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="Registros por segundo.")
@click.option("--refused", type=click.Path(path_type=Path),
              help="Dónde guardar las filas rechazadas (sin esto: junto a FILE).")  # fmt: skip
def command(
    kind: str,
    file: Path,
    mapping: str | None,
    keep_dates: bool,
    rate: float | None,
    refused: Path | None,
) -> int:
    """Publica FILE: CSV, Excel (.xlsx, .xls, .ods) o JSON; CSV y JSON también .gz.

    Las filas malas se rechazan con su número y su motivo, y se sigue con las demás; las que repiten
    una anterior sin cambios no se publican otra vez. Código de salida: 0 si se publicó todo, 1 si
    se rechazó alguna fila, 2 si el archivo no se pudo leer hasta el final o no hay broker.
    'matcher-stream data check FILE' dice lo mismo sin publicar.
    """
    topic, columns = INPUTS[kind], fitting(mapping, kind)
    rows = Outgoing(file, topic, columns, keep_dates, refused)
    sent = 0
    finished = False
    try:
        with progress() as bar:
            task = bar.add_task(f"Publicando {file.name}", total=None)

            def on_sent(done: int) -> None:
                nonlocal sent
                sent = done
                bar.update(task, completed=done)

            work = publish_rows(get_settings(), topic, rows, rate=rate, on_sent=on_sent)
            asyncio.run(work)
        finished = True
    finally:
        rows.end()
        if finished or rows.tally.read:
            how = "" if finished else "Se detuvo antes del final. "
            told = f"{how}Publicados: {sent}. Rechazados: {rows.tally.refused}."
            out.print(told + rows.tally.said(), soft_wrap=True)
    return 1 if rows.tally.refused else 0


def fitting(mapping: str | None, kind: str) -> Mapping | None:
    """The file of columns of that name, if it is for that kind of rows.

    Raises:
        click.UsageError: it is for another.
        UnreadableFile: there is none.
    """
    columns = load_mapping(mapping) if mapping else None
    if columns is not None and columns.topic.name != INPUTS[kind].name:
        raise click.UsageError(f"--mapping {mapping} es para {columns.topic.name}, no para {kind}")
    return columns
