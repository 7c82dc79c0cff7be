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
posted_at = { column = "start_publication_date", as = "date", format = "%d/%m/%Y" }
[dates]
move = ["posted_at", "expires_at"]               # the first becomes today, the others keep pace
[skip]
values = ["NO APLICA"]                           # cells that say nothing
```
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from matcher_stream.config.catalogue import INPUTS, InputTopic
from schemas import Event
from schemas.base import LIMA
from schemas.errors import UnreadableFile

_AMOUNT: Final = re.compile(r"\d{1,3}(?:[ ,]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_YES: Final = {"true", "1", "sí", "si", "yes", "x"}
_NO: Final = {"false", "0", "no", ""}


class MappingError(Exception):
    """A row does not fit its mapping; one Spanish sentence."""


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one field is made.

    Attributes:
        columns: Where from; their non-empty texts are joined.
        as_: text, number, integer, boolean, list or date.
        format: strptime format of a date.
        max_chars: A longer text is left out, 0 means no limit.
    """

    columns: tuple[str, ...]
    as_: str = "text"
    join: str = ". "
    format: str = "%Y-%m-%d"
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

    def apply(self, row: dict[str, Any], keep_dates: bool = False) -> dict[str, Any]:
        """One row as an event's fields.

        Raises:
            MappingError: a column is missing, or a value is not of its kind.
        """
        out = dict(self.constants)
        for name, rule in self.fields.items():
            if (value := self._value(name, rule, row)) is not None:
                out[name] = value
        if self.id_columns:
            texts = [str(_column(row, column)) for column in self.id_columns]
            digest = hashlib.blake2b("\x1f".join(texts).encode(), digest_size=8).hexdigest()
            out[self.id_field] = self.id_prefix + digest
        if self.move and not keep_dates:
            _move_to_today(out, self.move)
        return {k: v.isoformat() if isinstance(v, date) else v for k, v in out.items()}

    def _value(self, name: str, rule: FieldRule, row: dict[str, Any]) -> Any:
        texts = [str(_column(row, column)).strip() for column in rule.columns]
        text = rule.join.join(dict.fromkeys(t for t in texts if t and t not in self.skip))
        if not text or (rule.max_chars and len(text) > rule.max_chars):
            return None
        return convert(name, text, rule.as_, rule.format)


def _column(row: dict[str, Any], column: str) -> Any:
    if column not in row:
        raise MappingError(f"no tiene la columna {column}")
    return "" if row[column] is None else row[column]


def convert(name: str, text: str, kind: str, date_format: str = "%Y-%m-%d") -> Any:
    """A cell's text as a value of its kind.

    Raises:
        MappingError: it is not of that kind.
    """
    try:
        if kind == "date":
            return datetime.strptime(text, date_format).date()
        if kind in ("number", "integer"):
            found = _AMOUNT.search(text)
            if found is None:
                raise ValueError
            number = float(found[0].replace(",", "").replace(" ", ""))
            return int(number) if kind == "integer" else number
    except ValueError:
        what = "una fecha" if kind == "date" else "un número"
        raise MappingError(f"el campo {name} debe ser {what}") from None
    if kind == "boolean":
        if text.lower() not in _YES | _NO:
            raise MappingError(f"el campo {name} debe ser sí o no")
        return text.lower() in _YES
    if kind == "list":
        return [item.strip() for item in re.split(r"[|;]", text) if item.strip()]
    return text


def _move_to_today(fields: dict[str, Any], names: Sequence[str]) -> None:
    """The first date becomes today, the others keep their distance from it."""
    first = fields.get(names[0])
    if not isinstance(first, date):
        return
    shift: timedelta = datetime.now(LIMA).date() - first
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
def _kinds(event: type[Event]) -> dict[str, str]:
    """Each field's kind, from the JSON Schema of its model."""
    found = {}
    for name, schema in event.model_json_schema()["properties"].items():
        types = {option.get("type") for option in schema.get("anyOf", [schema])}
        kinds = {"integer", "number", "boolean"} & types if "string" not in types else set()
        found[name] = "list" if "array" in types else next(iter(kinds), "text")
    return found


def plain_row(row: dict[str, Any], topic: InputTopic) -> dict[str, Any]:
    """A CSV row whose columns have our fields' names: empty cells are left out.

    Raises:
        MappingError: a cell is not of its field's kind.
    """
    kinds = _kinds(topic.event)
    return {
        name: convert(name, text.strip(), kinds.get(name, "text"))
        for name, text in row.items()
        if text.strip()
    }
