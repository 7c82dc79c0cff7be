"""What all events share: the base class, the field types and their limits."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any, ClassVar, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PrivateAttr,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError, core_schema

MAX_TEXT_BYTES: Final = 200_000
MAX_SHORT_CHARS: Final = 1_000
MAX_ITEMS: Final = 200
MAX_ID_CHARS: Final = 200

LIMA: Final = timezone(timedelta(hours=-5))
"""Peru's only time zone, without daylight saving: what a date without a zone means."""
MIN_MS: Final = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp() * 1000)
MAX_MS: Final = int(datetime(2101, 1, 1, tzinfo=LIMA).timestamp() * 1000) + 1
"""The end of 2100-12-31 in Peru is the last moment accepted."""
DAY_MS: Final = 86_400_000

_DATE_ONLY = re.compile(r"\d{4}-?\d{2}-?\d{2}")


class Event(BaseModel):
    """Base of the events: unknown fields are ignored, wrong types refused, values never change."""

    TERMS: ClassVar[tuple[str, ...]] = ()
    """Fields whose words may be unreadable."""
    _unread: tuple[str, ...] = PrivateAttr(default=())

    model_config = ConfigDict(
        extra="ignore",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    @property
    def unread(self) -> tuple[str, ...]:
        """Fields the publisher stated in words we could not read (all or some): worth counting."""
        return self._unread


def _text(value: str) -> str:
    if len(value) * 4 > MAX_TEXT_BYTES and len(value.encode()) > MAX_TEXT_BYTES:
        raise PydanticCustomError("too_large", "too long")
    return value


def _identifier(value: object) -> object:
    """Ids are 1 to 200 printable characters; none at all is told apart from a bad one."""
    if value is None or value == "":
        raise PydanticCustomError("missing_id", "missing")
    if isinstance(value, str) and not value.isprintable():
        kind = "nul" if "\0" in value else "unprintable"
        raise PydanticCustomError(kind, "unprintable")
    return value


def _moment_ms(value: object, end_of_day: bool) -> object:
    """Epoch milliseconds of an ISO 8601 date or datetime; a whole day ends at its last midnight."""
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value.strip())
            if at.tzinfo is None:
                at = at.replace(tzinfo=LIMA)
            ms = int(at.timestamp() * 1000)
        except (ValueError, OverflowError, OSError):
            raise PydanticCustomError("invalid_date", "unreadable date") from None
        if end_of_day and ms >= MIN_MS and _DATE_ONLY.fullmatch(value.strip()):
            ms += DAY_MS
    elif isinstance(value, int) and not isinstance(value, bool):
        ms = value
    else:
        return value  # left to the type check, which refuses it
    if not MIN_MS <= ms < MAX_MS:
        raise PydanticCustomError("invalid_date", "date out of range")
    return ms


@dataclass(frozen=True, slots=True)
class Term:
    """Field annotation: a word people spell in many ways becomes one of `words`, or None.

    On a list it reads every item; what cannot be read drops out and the order becomes canonical.
    """

    read: Callable[[str], str | None]
    words: tuple[str, ...]

    def _normalise(self, value: object) -> object:
        if isinstance(value, str):
            return self.read(value)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return sorted({word for item in value if (word := self.read(item)) is not None})
        return value  # left to the type check, which refuses it

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self._normalise, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        described = handler(schema)
        for option in (described, *described.get("anyOf", ())):
            strings = option.get("items", option)
            if strings.get("type") == "string":
                strings["examples"] = list(self.words)
        return described


_MOMENT_SCHEMA: Final = {
    "description": "ISO 8601 date or datetime (Peru time if no zone), or epoch milliseconds; "
    "years 2000 to 2100.",
    "anyOf": [{"type": "string"}, {"type": "integer", "minimum": MIN_MS, "maximum": MAX_MS - 1}],
}
Id = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_ID_CHARS),
    BeforeValidator(_identifier),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_ID_CHARS}),
]
Text = Annotated[str, Field(max_length=MAX_TEXT_BYTES), AfterValidator(_text)]
Short = Annotated[str, StringConstraints(max_length=MAX_SHORT_CHARS)]
Words = Annotated[list[Short], Field(max_length=MAX_ITEMS)]
Amount = Annotated[float, Field(ge=0, le=1e9)]
Years = Annotated[float, Field(ge=0, le=100)]
Age = Annotated[int, Field(ge=0, le=120)]
Start = Annotated[
    int,
    BeforeValidator(lambda value: _moment_ms(value, end_of_day=False)),
    WithJsonSchema(_MOMENT_SCHEMA),
]
"""Epoch milliseconds; a date alone is the first moment of that day in Peru."""
End = Annotated[
    int,
    BeforeValidator(lambda value: _moment_ms(value, end_of_day=True)),
    WithJsonSchema(_MOMENT_SCHEMA),
]
"""Epoch milliseconds; a date alone is valid through that day in Peru."""


def iso(ms: int) -> str:
    """Epoch milliseconds as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
