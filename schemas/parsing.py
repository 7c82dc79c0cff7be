"""The one way in from bytes: size, nesting, JSON, types, key, the cheap checks first.

Whatever bytes arrive, the outcome is an event or an InputError, whose sentence quotes none of them.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

import orjson
from pydantic import ValidationError

from schemas import errors
from schemas.base import MAX_ID_CHARS, MAX_TEXT_BYTES, Event

MAX_VALUE_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 16
MAX_CONTAINERS: Final = 50_000
"""Lists and objects in one value: far more than any event has, and made in milliseconds."""

_OTHERS: Final = bytes(set(range(256)) - set(b"[]{}"))
_ALIKE: Final = bytes.maketrans(b"{}", b"[]")

EventT = TypeVar("EventT", bound=Event)


def decode_key(key: bytes | None) -> str:
    """The id a record is keyed by. Raises MissingId, InvalidEncoding or InvalidField."""
    if not key:
        raise errors.MissingId("The record has no key.")
    try:
        text = key.decode()
    except UnicodeDecodeError:
        raise errors.InvalidEncoding("The key is not UTF-8.") from None
    if "\0" in text:
        raise errors.InvalidEncoding("The key holds a NUL character.")
    if len(text) > MAX_ID_CHARS or not text.isprintable():
        raise errors.InvalidField(f"The key is not 1 to {MAX_ID_CHARS} printable characters.")
    return text


def decode_object(value: bytes) -> dict[str, Any]:
    """One JSON object from bytes, or the InputError that says what is wrong with them."""
    if len(value) > MAX_VALUE_BYTES:
        raise errors.TooLarge(f"The value is larger than {MAX_VALUE_BYTES} bytes.")
    if value.count(b"{") + value.count(b"[") > MAX_DEPTH:
        _check_nesting(value)
    try:
        obj = orjson.loads(value)
    except orjson.JSONDecodeError:
        try:
            value.decode()
        except UnicodeDecodeError:
            raise errors.InvalidEncoding("The value is not UTF-8.") from None
        if b"\0" in value:
            raise errors.InvalidEncoding("The value holds a NUL byte.") from None
        raise errors.InvalidJson("The value is not JSON.") from None
    if not isinstance(obj, dict):
        raise errors.InvalidJson("The value is JSON, but not an object.")
    return obj


def _check_nesting(value: bytes) -> None:
    """Bound nesting and number of lists and objects, before a parser makes them.

    A few passes of compiled code whatever the value: one that is no JSON may pass.
    """
    brackets = _outside_strings(value).translate(_ALIKE, _OTHERS)
    if b"[" * (MAX_DEPTH + 1) in brackets:
        raise errors.TooDeep(f"The value nests deeper than {MAX_DEPTH} levels.")
    if brackets.count(b"[") > MAX_CONTAINERS:
        raise errors.TooLarge(f"The value holds more than {MAX_CONTAINERS} lists and objects.")
    for _ in range(MAX_DEPTH):  # the innermost level each time
        brackets = brackets.replace(b"[]", b"")
    if b"[]" in brackets or brackets.count(b"[") > MAX_DEPTH:
        raise errors.TooDeep(f"The value nests deeper than {MAX_DEPTH} levels.")


def _outside_strings(value: bytes) -> bytes:
    """JSON without its strings; one that is open ends at the end."""
    plain = value.replace(rb"\\", b"").replace(rb"\"", b"")
    return b"".join(plain.split(b'"')[::2])


def validate(model: type[EventT], obj: object) -> EventT:
    """`obj` as an event, or the InputError for the first field that is wrong."""
    try:
        event = model.model_validate(obj)
    except ValidationError as error:
        raise _translate(error) from None
    if model.TERMS and isinstance(obj, dict):
        event._unread = tuple(name for name in model.TERMS if _lost(obj.get(name), event, name))
    return event


def _lost(given: object, event: Event, name: str) -> bool:
    """Whether a term, or an item of a list of terms, was given and not read."""
    if given is None:
        return False
    kept = getattr(event, name)
    if isinstance(given, list):
        return len(kept) < len(set(given))
    return kept is None


def parse(model: type[EventT], id_field: str, key: bytes | None, value: bytes) -> EventT:
    """The accepted event of one record: `value` checked, and its id equal to `key`."""
    name = decode_key(key)
    event = validate(model, decode_object(value))
    if getattr(event, id_field) != name:
        raise errors.KeyMismatch(f"The field {id_field} is not the record's key.")
    # Only an escape can bring a NUL through JSON, so the walk is paid by records that have one.
    if b"\\u0000" in value and _holds_nul(event.model_dump()):
        raise errors.InvalidEncoding("A field holds a NUL character.")
    return event


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(item) for item in value.values())
    return isinstance(value, list) and any(_holds_nul(item) for item in value)


_OF_TYPE: Final[dict[str, tuple[type[errors.InputError], str]]] = {
    "missing_id": (errors.MissingId, "is missing"),
    "nul": (errors.InvalidEncoding, "holds a NUL character"),
    "unprintable": (errors.InvalidField, "holds characters that cannot be printed"),
    "invalid_date": (errors.InvalidDate, "is not a date between 2000 and 2100"),
    "too_large": (errors.TooLarge, f"is longer than {MAX_TEXT_BYTES} bytes"),
    "string_too_long": (errors.TooLarge, "is too long"),
    "too_long": (errors.TooLarge, "has too many items"),
    "missing": (errors.InvalidField, "is missing"),
    "string_type": (errors.InvalidField, "must be a string"),
    "string_too_short": (errors.InvalidField, "is empty"),
    "int_type": (errors.InvalidField, "must be a whole number"),
    "float_type": (errors.InvalidField, "must be a number"),
    "finite_number": (errors.InvalidField, "must be a finite number"),
    "bool_type": (errors.InvalidField, "must be true or false"),
    "list_type": (errors.InvalidField, "must be a list"),
    "literal_error": (errors.InvalidField, "is not one of the allowed words"),
    "greater_than_equal": (errors.InvalidField, "is too small"),
    "less_than_equal": (errors.InvalidField, "is too large a number"),
}


def _translate(error: ValidationError) -> errors.InputError:
    """The first complaint as ours. Places are our field names and list positions, never data."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"] if isinstance(part, int | str))
    kind, what = _OF_TYPE.get(first["type"], (errors.InvalidField, "has a wrong value"))
    if first["type"] == "missing" and place.endswith("_id"):
        kind = errors.MissingId
    return kind(f"The field {place} {what}.")
