"""Events from people's files: CSV, Excel, JSON; each row with its number.

A bad row never stops the rest: it comes out as a `BadRow` with a Spanish sentence.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Final

import orjson

from matcher_stream.config.catalogue import InputTopic
from matcher_stream.files.cells import CellError, Reader
from matcher_stream.files.dates import order
from matcher_stream.files.lines import Lines, buffered
from matcher_stream.files.mapping import Mapping, kinds, plain_row
from matcher_stream.files.objects import array_prefix, json_array, json_lines
from matcher_stream.files.refusals import in_spanish
from matcher_stream.files.sheets import OLE, ZIP, workbook
from matcher_stream.files.table import CsvTable, Raw, Titles
from schemas import Event
from schemas.errors import InputError, UnreadableFile

_TABLES: Final = {".csv", ".tsv", ".txt", ".tab"}
_OBJECTS: Final = {".json", ".jsonl", ".ndjson"}
_AHEAD: Final = (500, 4 << 20)
"""Rows and characters that are looked at for how a column writes its dates."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is a valid event: its key and value as they are published.

    Attributes:
        notes: What was mended: ``html``, ``letters``, ``period``, ``range``.
        replaces: Line of the row before with the same id, 0 if there is none.
    """

    line: int
    key: bytes
    value: bytes
    event: Event
    notes: tuple[str, ...] = ()
    replaces: int = 0


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that cannot be used, and why (Spanish, never quoting it).

    Attributes:
        field: Which field of ours, empty where it is the whole row.
        raw: As it stands in the file.
    """

    line: int
    reason: str
    field: str = ""
    raw: Any = None


@dataclass(slots=True)
class About:
    """What a file turned out to be.

    Attributes:
        form: ``csv``, ``excel``, ``jsonl`` or ``json``.
        unit: What a row's number counts, in Spanish.
        titles: The row of titles, of tables only.
        details: Delimiter, sheet and sheets left out, for people to read.
        encodings: Lines read by each encoding, of texts only.
    """

    form: str = ""
    unit: str = "línea"
    titles: Titles | None = None
    details: list[str] = field(default_factory=list)
    encodings: dict[str, int] = field(default_factory=dict)


def check_file(path: Path) -> None:
    """Tell at once about a file that cannot be opened.

    Raises:
        UnreadableFile: it is missing, a folder, or not ours to read.
    """
    with _told(path):
        path.open("rb").close()


def read_rows(
    path: Path,
    topic: InputTopic,
    mapping: Mapping | None = None,
    keep_dates: bool = False,
    about: About | None = None,
) -> Iterator[Row | BadRow]:
    """Rows of a file in order.

    Args:
        path: What it is its name says, or its first bytes; texts also with ``.gz``.
        topic: Where the rows are meant for.
        mapping: From the file's columns to our fields; None means they have our names.
        keep_dates: Leave dates that the mapping would move to today.
        about: Is told what the file is, before the first row.

    Raises:
        UnreadableFile: the file cannot be opened, is not what its name says, or breaks off.
    """
    about = about if about is not None else About()
    known = mapping.columns if mapping else topic.event.model_fields
    with _told(path), _raws(path, list(known), about) as raws:
        reader = Reader()
        rows: Iterable[Raw] = raws
        if about.titles:
            columns = mapping.dates if mapping else _dates(topic)
            reader.month_first, rows = _looked_ahead(raws, columns)
        for raw in rows:
            yield _row(raw, topic, mapping, keep_dates, reader, about.titles is None)


def _dates(topic: InputTopic) -> dict[str, str]:
    return {name: name for name, kind in kinds(topic.event).items() if kind == "date"}


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Errors of reading a file as one sentence."""
    try:
        yield
    except FileNotFoundError as exc:
        raise UnreadableFile(f"No existe el archivo {path}: revise la ruta.") from exc
    except (gzip.BadGzipFile, EOFError, zlib.error) as exc:
        raise UnreadableFile(f"El archivo {path} no es un .gz completo.") from exc
    except OSError as exc:
        raise UnreadableFile(f"No se puede leer {path}: {exc.strerror or exc}.") from exc
    except UnreadableFile as exc:
        raise UnreadableFile(f"El archivo {path}: {str(exc).rstrip('.')}.") from exc


@contextmanager
def _raws(path: Path, known: list[str], about: About) -> Iterator[Iterator[Raw]]:
    """The rows as they stand, whatever the file is."""
    with path.open("rb", buffering=0) as plain:
        start = plain.read(16)
        if start.startswith((ZIP, OLE)):
            about.form, about.unit = "excel", "fila"
            with workbook(path, known) as sheet:
                about.titles = sheet.titles
                about.details.append(f"hoja {sheet.sheet}")
                if sheet.others:
                    about.details.append(f"hojas que no se leen: {', '.join(sheet.others)}")
                yield iter(sheet)
            return
        plain.seek(0)
        zipped = start.startswith(b"\x1f\x8b") or path.suffix.lower() == ".gz"
        with buffered(gzip.GzipFile(fileobj=plain) if zipped else plain) as file:
            yield _texts(path, file, known, about)


def _texts(path: Path, file: io.BufferedReader, known: list[str], about: About) -> Iterator[Raw]:
    start = file.peek(256).removeprefix(b"\xef\xbb\xbf").lstrip()[:256].lower()
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        raise UnreadableFile(
            "es una página web o XML, no una tabla: ábralo en Excel y guárdelo como .xlsx o .csv"
        )
    named = {suffix.lower() for suffix in path.suffixes}
    lines = Lines(file)
    about.encodings = lines.encodings
    if named & _TABLES or (not named & _OBJECTS and not start.startswith((b"{", b"["))):
        table = CsvTable(lines, known)
        about.form, about.titles = "csv", table.titles
        sign = {"\t": "tabulación"}.get(table.delimiter, f"«{table.delimiter}»")
        about.details.append(f"separador {sign}")
        return iter(table)
    if (prefix := array_prefix(file, known)) is not None:
        about.form, about.unit = "json", "elemento"
        return json_array(file, prefix)
    about.form = "jsonl"
    return json_lines(lines)


def _looked_ahead(
    raws: Iterator[Raw], dates: dict[str, str]
) -> tuple[frozenset[str], Iterator[Raw]]:
    """Fields whose first rows have dates with the month first and none with the day first."""
    orders: dict[str, set[str]] = {name: set() for name in dates}
    most_rows, most_chars = _AHEAD
    head: list[Raw] = []
    size = 0
    for raw in raws:
        head.append(raw)
        if isinstance(raw.cells, dict):
            size += sum(len(cell) for cell in raw.cells.values() if isinstance(cell, str))
            for name, column in dates.items():
                if isinstance(cell := raw.cells.get(column), str):
                    orders[name].add(order(cell.strip()))
        if len(head) >= most_rows or size >= most_chars:
            break
    month_first = (name for name, seen in orders.items() if "month" in seen and "day" not in seen)
    return frozenset(month_first), chain(head, raws)


def _row(
    raw: Raw,
    topic: InputTopic,
    mapping: Mapping | None,
    keep_dates: bool,
    reader: Reader,
    typed: bool,
) -> Row | BadRow:
    if raw.problem or not isinstance(raw.cells, dict):
        return BadRow(raw.line, raw.problem, "", raw.cells)
    reader.begin()
    try:
        if mapping is not None:
            fields = mapping.apply(raw.cells, keep_dates, reader)
        else:
            fields = plain_row(raw.cells, topic, reader, typed)
        name = fields.get(topic.key)
        key = name.encode() if isinstance(name, str) else b"?"
        value = orjson.dumps(fields)
        return Row(raw.line, key, value, topic.parse(key or b"?", value), tuple(reader.notes))
    except CellError as error:
        return BadRow(raw.line, str(error), error.field, raw.cells)
    except InputError as error:
        return BadRow(raw.line, *in_spanish(error), raw.cells)
    except (TypeError, UnicodeEncodeError):  # orjson on numbers or texts that JSON has no room for
        return BadRow(raw.line, "tiene un valor que no se puede escribir en JSON", "", raw.cells)
