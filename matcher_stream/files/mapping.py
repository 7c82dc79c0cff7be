"""From a file's columns to our fields, as a small TOML file says.

``` toml
kind = "jobs"
[id]
field = "job_id"
prefix = "servir-"
hash = ["job_title", "start_publication_date"]   # the file has no ids: hash these columns
[constants]
pay_period = "month"
[fields]
title = "job_title"                              # a column as it is
pay_min = { column = "salary", as = "number" }   # text | number | integer | boolean | list | date
description = { columns = ["knowledge", "skills"], join = ". " }
posted_at = { column = "start", as = "date" }    # as in Peru; others need format = "%m/%d/%Y"
[dates]
move = ["posted_at", "expires_at"]               # the first becomes today, the others keep pace
[skip]
values = ["NO APLICA"]                           # cells that say nothing
```
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from matcher_stream.config.catalogue import INPUTS, InputTopic
from matcher_stream.files.cells import CellError, Reader
from matcher_stream.files.dates import day_of
from schemas import Event
from schemas.base import LIMA
from schemas.errors import UnreadableFile

ADDED: Final = ("fila", "motivo")
"""What our file of refused rows adds to each."""


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one field is made.

    Attributes:
        columns: Where from; their non-empty texts are joined.
        as_: text, number, integer, boolean, list or date.
        format: strptime format of a date, empty for what `read_date` can read.
        max_chars: A longer text is left out, 0 means no limit.
    """

    columns: tuple[str, ...]
    as_: str = "text"
    join: str = ". "
    format: str = ""
    max_chars: int = 0


@dataclass(frozen=True, slots=True)
class Mapping:
    """A whole mapping file, read."""

    topic: InputTopic
    fields: dict[str, FieldRule]
    id_field: str = ""
    id_prefix: str = ""
    id_columns: tuple[str, ...] = ()
    constants: dict[str, Any] = field(default_factory=dict)
    move: tuple[str, ...] = ()
    skip: frozenset[str] = frozenset()

    @property
    def columns(self) -> dict[str, str]:
        """Columns that are read, each with a field it is for."""
        found = dict.fromkeys(self.id_columns, self.id_field)
        return found | {c: name for name, rule in self.fields.items() for c in rule.columns}

    @property
    def dates(self) -> dict[str, str]:
        """Fields that are dates without a format of their own, each with its column."""
        rules = self.fields.items()
        return {n: r.columns[0] for n, r in rules if r.as_ == "date" and not r.format}

    def apply(self, row: dict[str, Any], keep_dates: bool, reader: Reader) -> dict[str, Any]:
        """One row as an event's fields.

        Raises:
            CellError: a column is missing, or a value is not of its kind.
        """
        out = dict(self.constants)
        for name, rule in self.fields.items():
            if (value := self._value(name, rule, row, reader)) is not None:
                out[name] = value
        reader.add_pay(out, "pay_period" in self.fields)
        if self.id_columns:
            texts = [str(_column(row, column, self.id_field)) for column in self.id_columns]
            digest = hashlib.blake2b("\x1f".join(texts).encode(), digest_size=8).hexdigest()
            out[self.id_field] = self.id_prefix + digest
        if self.move and not keep_dates:
            _move_to_today(out, self.move)
        return {k: v.isoformat() if isinstance(v, date) else v for k, v in out.items()}

    def _value(self, name: str, rule: FieldRule, row: dict[str, Any], reader: Reader) -> Any:
        cells = [_column(row, column, name) for column in rule.columns]
        if len(cells) == 1 and not isinstance(cells[0], str):
            return reader.convert(name, cells[0], rule.as_, rule.format)
        texts = [str(cell).strip() for cell in cells]
        text = rule.join.join(dict.fromkeys(t for t in texts if t and t not in self.skip))
        if not text or (rule.max_chars and len(text) > rule.max_chars):
            return None
        return reader.convert(name, text, rule.as_, rule.format)


def _column(row: dict[str, Any], column: str, name: str) -> Any:
    if column not in row:
        raise CellError(f"no tiene la columna {column}", name)
    return "" if row[column] is None else row[column]


def _move_to_today(fields: dict[str, Any], names: Sequence[str]) -> None:
    """The first date becomes today, the others keep their distance from it."""
    first = fields.get(names[0])
    if not isinstance(first, date):
        return
    shift: timedelta = datetime.now(LIMA).date() - day_of(first)
    for name in names:
        if isinstance(value := fields.get(name), date):
            fields[name] = value + shift


def load_mapping(name: str) -> Mapping:
    """A mapping that ships with us (``servir``), or one from a file.

    Raises:
        UnreadableFile: there is none, or it is not a mapping.
    """
    built_in = resources.files("matcher_stream") / "mappings" / f"{name}.toml"
    try:
        text = built_in.read_text() if built_in.is_file() else Path(name).read_text()
        return _parse(tomllib.loads(text))
    except OSError as exc:
        raise UnreadableFile(
            f"No se puede leer el archivo de columnas {name}: indique un archivo TOML o 'servir'."
        ) from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as exc:
        raise UnreadableFile(f"El archivo de columnas {name} no sirve: {exc}.") from exc


def _parse(raw: dict[str, Any]) -> Mapping:
    topic = INPUTS.get(raw["kind"])
    if topic is None:
        raise ValueError(f"kind debe ser {', '.join(INPUTS)}")
    unknown = set(raw["fields"]) - set(topic.event.model_fields)
    if unknown:
        raise ValueError(f"no hay ningún campo {min(unknown)}")
    own = raw.get("id", {})
    return Mapping(
        topic=topic,
        fields={name: _rule(rule) for name, rule in raw["fields"].items()},
        id_field=own.get("field", ""),
        id_prefix=own.get("prefix", ""),
        id_columns=tuple(own.get("hash", ())),
        constants=raw.get("constants", {}),
        move=tuple(raw.get("dates", {}).get("move", ())),
        skip=frozenset(raw.get("skip", {}).get("values", ())),
    )


def _rule(raw: str | dict[str, Any]) -> FieldRule:
    if isinstance(raw, str):
        return FieldRule((raw,))
    rest = {key: raw[key] for key in ("join", "format", "max_chars") if key in raw}
    columns = raw["columns"] if "columns" in raw else [raw["column"]]
    return FieldRule(tuple(columns), raw.get("as", "text"), **rest)


@cache
def kinds(event: type[Event]) -> dict[str, str]:
    """Each field's kind, from the JSON Schema of its model."""
    found = {}
    for name, schema in event.model_json_schema()["properties"].items():
        options = schema.get("anyOf", [schema])
        types = {option.get("type") for option in options}
        types |= {inner.get("type") for option in options for inner in option.get("anyOf", ())}
        if {"string", "integer"} <= types:
            found[name] = "date"
            continue
        typed = {"integer", "number", "boolean"} & types if "string" not in types else set()
        found[name] = "list" if "array" in types else next(iter(typed), "text")
    return found | {name: "id" for name in found if name.endswith("_id")}


def plain_row(
    row: dict[str, Any], topic: InputTopic, reader: Reader, typed: bool = False
) -> dict[str, Any]:
    """A row whose columns have our fields' names: empty cells and other columns are left out.

    Args:
        row: By column.
        topic: Where it is meant for.
        reader: What is known of the file.
        typed: It is JSON, in which all but strings are left to the event's own check.

    Raises:
        CellError: a cell is not of its field's kind.
    """
    known = kinds(topic.event)
    out = {}
    for name, cell in row.items():
        kind = known.get(name)
        if kind is None and (not typed or name in ADDED):
            continue  # nobody reads it, and it may be somebody's telephone
        if kind is None or (typed and not isinstance(cell, str)):
            value = _items(cell, reader) if kind == "list" else cell
        elif typed and kind in ("text", "id"):
            value = cell if kind == "id" else reader.text(cell)
        else:
            value = reader.convert(name, cell, kind)
        if typed or value not in (None, ""):
            out[name] = value.isoformat() if isinstance(value, date) else value
    reader.add_pay(out, out.get("pay_period") is not None)
    return out


def _items(value: Any, reader: Reader) -> Any:
    if not isinstance(value, list):
        return value
    return [reader.text(item) if isinstance(item, str) else item for item in value]
