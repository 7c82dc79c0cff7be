"""``matcher-stream data``: people's files, before they are published."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import IO, Any

import click
import orjson

from matcher_stream.cli.console import activity, out
from matcher_stream.cli.publish import fitting
from matcher_stream.config.catalogue import INPUTS, InputTopic
from matcher_stream.files.mapping import Mapping, load_mapping
from matcher_stream.files.repeats import Repeat, judged
from matcher_stream.files.rows import About, BadRow, Row, check_file, read_rows
from matcher_stream.files.tally import NOTES, Tally, district
from schemas.errors import UnreadableFile

_SHOWN = 20
_GUESSED_BY = 50


@click.group("data")
def command() -> None:
    """Revisa archivos de personas, trabajos o respuestas."""


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--kind", type=click.Choice(list(INPUTS)),
              help="Qué son las filas (sin esto se deduce).")  # fmt: skip
@click.option("--mapping", help="Archivo TOML de columnas a campos, o 'servir'.")
@click.option("--keep-dates", is_flag=True, help="No mueve las fechas antiguas a hoy.")
@click.option("--rows", "every", is_flag=True, help="Una línea por cada fila.")
@click.option("--out", "target", type=click.Path(path_type=Path),
              help="Escribe cada fila y lo que resulta como JSON Lines.")  # fmt: skip
def check(
    file: Path,
    kind: str | None,
    mapping: str | None,
    keep_dates: bool,
    every: bool,
    target: Path | None,
) -> int:
    """Dice qué haría 'publish' con cada fila de FILE, sin publicar nada.

    Código de salida: 0 si se publicarían todas, 1 si se rechazaría alguna, 2 si el archivo no se
    puede leer hasta el final.
    """
    check_file(file)
    columns = load_mapping(mapping) if mapping else None
    kind = kind or (columns.topic.name if columns else _guess(file))
    columns = fitting(mapping, kind)
    tally, about = Tally(), About()
    rows = _judged(file, INPUTS[kind], columns, keep_dates, about)
    written = target.open("wb") if target else None
    finished = False
    try:
        with activity(f"Leyendo {file.name}…"):
            for row in tally.through(rows, places=True):
                shown = isinstance(row, BadRow) and tally.refused <= _SHOWN
                if every or shown:
                    _print(_line(row, about))
                if written is not None:
                    _write(written, row)
        finished = True
    finally:
        if written is not None:
            written.close()
        if finished or tally.read:
            _summary(tally, about, kind, finished)
    return 1 if tally.refused else 0


def _judged(
    file: Path, topic: InputTopic, mapping: Mapping | None, keep_dates: bool, about: About
) -> Any:
    return judged(read_rows(file, topic, mapping, keep_dates, about), topic)


def _guess(file: Path) -> str:
    """The kind of input that most of the first rows are."""
    counts = {}
    for kind, topic in INPUTS.items():
        try:
            rows = islice(read_rows(file, topic), _GUESSED_BY)
            counts[kind] = sum(isinstance(row, Row) for row in rows)
        except UnreadableFile:
            counts[kind] = 0
    best = max(counts, key=lambda kind: counts[kind])
    if not counts[best]:
        raise click.UsageError("no se deduce qué son las filas: use --kind o --mapping")
    return best


def _print(text: str) -> None:
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def _line(row: Row | BadRow | Repeat, about: About) -> str:
    head = f"{about.unit} {row.line}: "
    if isinstance(row, BadRow):
        return f"{head}rechazada, {row.reason}"
    if isinstance(row, Repeat):
        return f"{head}igual a la {about.unit} {row.first}, no se repite"
    more = [NOTES[note] for note in dict.fromkeys(row.notes)]
    if row.replaces:
        more.append(f"reemplaza a la {about.unit} {row.replaces}")
    if "place" in type(row.event).model_fields:
        from models.reading.geo import name  # numpy takes a while

        more.append(name(district(row)) or "sin distrito")
    return f"{head}se publica {row.key.decode()}" + (f" ({'; '.join(more)})" if more else "")


def _write(file: IO[bytes], row: Row | BadRow | Repeat) -> None:
    said: dict[str, Any] = {"fila": row.line}
    if isinstance(row, BadRow):
        said |= {"resultado": "rechazada", "campo": row.field, "motivo": row.reason}
    elif isinstance(row, Repeat):
        said |= {"resultado": "repetida", "igual_a": row.first}
    else:
        said |= {"resultado": "publicada", "corregido": row.notes, "reemplaza_a": row.replaces}
        said["evento"] = orjson.Fragment(row.value)
    file.write(orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE))


def _summary(tally: Tally, about: About, kind: str, finished: bool) -> None:
    if not finished:
        _print("Se detuvo antes del final del archivo.")
    texts = sorted(about.encodings, key=lambda each: -about.encodings[each])
    what = [about.form, *about.details, *([f"texto en {', '.join(texts)}"] if texts else [])]
    _print(f"{kind}: {', '.join(what)}")
    if about.titles:
        others = [c for c in about.titles.columns if c and c not in about.titles.read]
        if about.titles.above:
            _print(f"Filas encima de los títulos, que no se leen: {len(about.titles.above)}.")
        if others:
            _print(f"Columnas que no se leen: {', '.join(others)}.")
    _print(
        f"Filas: {tally.read}. Se publican: {tally.good}. Rechazadas: {tally.refused}."
        + tally.said()
    )
    for reason, count in tally.reasons.most_common(_SHOWN):
        _print(f"  {count} rechazadas: {reason}")
    for note, count in tally.notes.most_common():
        _print(f"  En {count}: {NOTES[note]}.")
    for field, count in tally.unread.most_common():
        _print(f"  En {count}: las palabras de {field} no están en la lista y no se usan.")
    if tally.good and "place" in INPUTS[kind].event.model_fields:
        _print(f"Con distrito: {tally.placed} de {tally.good} ({tally.placed / tally.good:.1%}).")
    filled = ", ".join(f"{field} {count}" for field, count in tally.fields.most_common())
    _print(f"Campos con valor: {filled}.")
