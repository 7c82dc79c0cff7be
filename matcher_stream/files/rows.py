"""Events from people's files: JSON Lines or CSV, plain or gzipped, each row with its line number.

A bad row never stops the rest: it comes out as a `BadRow` with a Spanish sentence.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from matcher_stream.config.catalogue import InputTopic
from matcher_stream.files.mapping import Mapping, MappingError, plain_row
from schemas import Event, decode_object
from schemas.errors import InputError, UnreadableFile

_NOT_UTF8: Final = re.compile("[\udc80-\udcff]")  # what surrogateescape makes of other bytes


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is a valid event: its key and value as they are published."""

    line: int
    key: bytes
    value: bytes
    event: Event


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that cannot be used, and why (Spanish, never quoting it)."""

    line: int
    reason: str


def check_file(path: Path) -> None:
    """Tell at once about a file that cannot be opened.

    Raises:
        UnreadableFile: it is missing, a folder, or not ours to read.
    """
    with _told(path):
        path.open("rb").close()


def read_rows(
    path: Path, topic: InputTopic, mapping: Mapping | None = None, keep_dates: bool = False
) -> Iterator[Row | BadRow]:
    """Rows of a file in order.

    Args:
        path: ``.csv`` or JSON Lines (any other name), also with ``.gz``.
        topic: Where the rows are meant for.
        mapping: From the file's columns to our fields; None means they have our names.
        keep_dates: Leave dates that the mapping would move to today.

    Raises:
        UnreadableFile: the file cannot be opened or is not what its name says.
    """
    is_csv = ".csv" in [suffix.lower() for suffix in path.suffixes]
    with _told(path), _open(path) as file:
        for line, fields in _csv(file) if is_csv else _json_lines(file):
            yield _row(line, fields, topic, mapping, keep_dates, is_csv)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Errors of reading a file as one sentence."""
    try:
        yield
    except FileNotFoundError as exc:
        raise UnreadableFile(f"No existe el archivo {path}: revise la ruta.") from exc
    except (gzip.BadGzipFile, EOFError) as exc:
        raise UnreadableFile(f"El archivo {path} no es un .gz completo.") from exc
    except csv.Error as exc:
        raise UnreadableFile(f"El archivo {path} no es un CSV: {exc}.") from exc
    except OSError as exc:
        raise UnreadableFile(f"No se puede leer {path}: {exc.strerror or exc}.") from exc


def _open(path: Path) -> io.BufferedReader | gzip.GzipFile:
    return gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")


def _json_lines(file: Iterable[bytes]) -> Iterator[tuple[int, dict[str, Any] | str]]:
    for line, raw in enumerate(file, 1):
        text = raw.removeprefix(b"\xef\xbb\xbf") if line == 1 else raw
        if not text.strip():
            continue
        try:
            yield line, decode_object(text)
        except InputError as error:
            yield line, in_spanish(error)


def _csv(file: Any) -> Iterator[tuple[int, dict[str, Any] | str]]:
    csv.field_size_limit(10 << 20)
    with io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="") as text:
        reader = csv.reader(text)
        header = next(reader, [])
        line = reader.line_num + 1
        for values in reader:
            here, line = line, reader.line_num + 1
            if not any(values):
                continue
            if any(map(_NOT_UTF8.search, values)):
                yield here, "no está en UTF-8"
            elif len(values) != len(header):
                yield here, f"tiene {len(values)} columnas y se esperaban {len(header)}"
            else:
                yield here, dict(zip(header, values, strict=True))


def _row(
    line: int,
    fields: dict[str, Any] | str,
    topic: InputTopic,
    mapping: Mapping | None,
    keep_dates: bool,
    is_csv: bool,
) -> Row | BadRow:
    if isinstance(fields, str):
        return BadRow(line, fields)
    try:
        if mapping is not None:
            fields = mapping.apply(fields, keep_dates)
        elif is_csv:
            fields = plain_row(fields, topic)
        name = fields.get(topic.key)
        key = name.encode() if isinstance(name, str) else b"?"
        value = orjson.dumps(fields)
        return Row(line, key, value, topic.parse(key or b"?", value))
    except MappingError as error:
        return BadRow(line, str(error))
    except InputError as error:
        return BadRow(line, in_spanish(error))
    except (TypeError, UnicodeEncodeError):  # orjson on numbers or texts that JSON has no room for
        return BadRow(line, "tiene un valor que no se puede escribir en JSON")


_FIELD: Final = re.compile(r"The field (\S+) (.+)\.")
_WHAT: Final = {
    "is missing": "falta",
    "holds a NUL character": "contiene un carácter nulo",
    "holds characters that cannot be printed": "contiene caracteres que no se pueden imprimir",
    "is not a date between 2000 and 2100": "no es una fecha entre 2000 y 2100",
    "is too long": "es demasiado largo",
    "has too many items": "tiene demasiados elementos",
    "must be a string": "debe ser un texto",
    "is empty": "está vacío",
    "must be a whole number": "debe ser un número entero",
    "must be a number": "debe ser un número",
    "must be a finite number": "debe ser un número finito",
    "must be true or false": "debe ser verdadero o falso",
    "must be a list": "debe ser una lista",
    "is not one of the allowed words": "no es una de las palabras permitidas",
    "is too small": "es demasiado pequeño",
    "is too large a number": "es un número demasiado grande",
}
_OTHER: Final = {
    "invalid_json": "no es un objeto JSON",
    "invalid_encoding": "no está en UTF-8 o contiene un carácter nulo",
    "missing_id": "no tiene identificador",
    "key_mismatch": "el identificador no coincide con la clave",
    "too_large": "es demasiado grande",
    "too_deep": "tiene demasiados niveles",
    "invalid_date": "tiene una fecha que no se puede leer",
}


def in_spanish(error: InputError) -> str:
    """What is wrong with a row, for the person who wrote it."""
    if found := _FIELD.fullmatch(str(error)):
        field, what = found.groups()
        if what in _WHAT:
            return f"el campo {field} {_WHAT[what]}"
        if error.code == "too_large":
            return f"el campo {field} es demasiado largo"
    return _OTHER.get(error.code, "tiene un valor que no sirve")
