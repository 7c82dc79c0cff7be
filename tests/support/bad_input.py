"""Every kind of record that must be refused, with the error class that its DLQ copy must name."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import orjson

Topic = Literal["profiles", "jobs", "feedback", "decisions"]
ID_FIELD: dict[str, str] = {
    "profiles": "profile_id", "jobs": "job_id", "feedback": "profile_id", "decisions": "job_id",
}  # fmt: skip
TEXT_FIELD: dict[str, str] = {
    "profiles": "text", "jobs": "title", "feedback": "kind", "decisions": "decision",
}  # fmt: skip
DATE_FIELD: dict[str, str] = {
    "profiles": "valid_until", "jobs": "expires_at", "feedback": "at", "decisions": "at",
}  # fmt: skip
NUMBER_FIELD: dict[str, str] = {
    "profiles": "min_pay", "jobs": "pay_min", "feedback": "at", "decisions": "at",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that is refused: key, value and the error classes that fit it."""

    key: bytes | None
    value: bytes
    codes: frozenset[str]


def _good(topic: Topic, name: str) -> dict[str, object]:
    good: dict[str, dict[str, object]] = {
        "profiles": {"profile_id": name, "text": "Soy albañil en Comas"},
        "jobs": {"job_id": name, "title": "Albañil"},
        "feedback": {"profile_id": name, "job_id": "j", "kind": "applied"},
        "decisions": {"job_id": name, "decision": "release", "content_hash": "0" * 32},
    }
    return good[topic]


def _with(topic: Topic, name: str, **fields: object) -> bytes:
    return orjson.dumps({**_good(topic, name), **fields})


def _raw(topic: Topic, name: str, field: str, raw: bytes) -> bytes:
    """A record in which one field's JSON text is `raw`, whatever that is."""
    return _with(topic, name, **{field: 0})[:-1] + b',"' + field.encode() + b'":' + raw + b"}"


def _without(topic: Topic, name: str, field: str) -> bytes:
    return orjson.dumps({k: v for k, v in _good(topic, name).items() if k != field})


Maker = Callable[[Topic, str], tuple[bytes, str]]

MAKERS: dict[str, Maker] = {
    "not JSON": lambda t, n: (b"esto no es JSON", "invalid_json"),
    "cut JSON": lambda t, n: (_with(t, n)[:-3], "invalid_json"),
    "empty": lambda t, n: (b"", "invalid_json"),
    "a list": lambda t, n: (b"[1,2,3]", "invalid_json"),
    "a number": lambda t, n: (b"7", "invalid_json"),
    "text is a number": lambda t, n: (_with(t, n, **{TEXT_FIELD[t]: 5}), "invalid_field"),
    "text is an object": lambda t, n: (_with(t, n, **{TEXT_FIELD[t]: {"a": 1}}), "invalid_field"),
    "no text": lambda t, n: (_without(t, n, TEXT_FIELD[t]), "invalid_field"),
    "no id": lambda t, n: (_without(t, n, ID_FIELD[t]), "missing_id"),
    "another id": lambda t, n: (_with(t, n, **{ID_FIELD[t]: n + "-otro"}), "key_mismatch"),
    "id is a number": lambda t, n: (_with(t, n, **{ID_FIELD[t]: 12}), "invalid_field"),
    "invalid UTF-8": lambda t, n: (
        _with(t, n).replace(b'":"', b'":"\xff\xfe', 2),
        "invalid_encoding",
    ),
    "NUL in id": lambda t, n: (_with(t, n, **{ID_FIELD[t]: n + "\0"}), "invalid_encoding"),
    "NUL in text": lambda t, n: (_with(t, n, **{TEXT_FIELD[t]: "a\0b"}), "invalid_encoding"),
    "raw NUL bytes": lambda t, n: (b"\0\0\0" + _with(t, n), "invalid_json"),
    "deep nesting": lambda t, n: (_raw(t, n, "x", b"[" * 50_000 + b"]" * 50_000), "too_deep"),
    "deep and open": lambda t, n: (_raw(t, n, "x", b'{"a":' * 50_000), "too_deep"),
    "NaN": lambda t, n: (_raw(t, n, NUMBER_FIELD[t], b"NaN"), "invalid_json"),
    "Infinity": lambda t, n: (_raw(t, n, NUMBER_FIELD[t], b"-Infinity"), "invalid_json"),
    "number too big": lambda t, n: (_raw(t, n, NUMBER_FIELD[t], b"1e999"), "invalid_json"),
    "unreadable date": lambda t, n: (_with(t, n, **{DATE_FIELD[t]: "mañana"}), "invalid_date"),
    "year 9999": lambda t, n: (_with(t, n, **{DATE_FIELD[t]: "9999-12-31"}), "invalid_date"),
    "year 1": lambda t, n: (_with(t, n, **{DATE_FIELD[t]: "0001-01-01"}), "invalid_date"),
    "date is a list": lambda t, n: (_with(t, n, **{DATE_FIELD[t]: [2026]}), "invalid_field"),
}

#: Error classes that name the same fault as well as the one given.
_ALSO = {
    "empty": {"missing_id"},
    "raw NUL bytes": {"invalid_encoding"},
    "NUL in text": {"invalid_field"},
    "number too big": {"invalid_field", "invalid_date"},
    "id is a number": {"missing_id"},
    "deep and open": {"invalid_json"},
}


def make_bad(kind: str, topic: Topic, name: str) -> Bad:
    """One bad record of a kind in `MAKERS`, or of the two kinds that need more than a value."""
    if kind == "5 MB text":
        value = _with(topic, name, **{TEXT_FIELD[topic]: "ladrillo " * 600_000})
        return Bad(name.encode(), value, frozenset({"too_large"}))
    if kind == "no key":
        return Bad(None, _with(topic, name), frozenset({"missing_id"}))
    if kind == "key is no text":
        return Bad(
            b"\xff\xfe" + name.encode(),
            _with(topic, name),
            frozenset({"invalid_encoding", "key_mismatch"}),
        )
    value, code = MAKERS[kind](topic, name)
    return Bad(name.encode(), value, frozenset({code} | _ALSO.get(kind, set())))


_LARGE = ("5 MB text", "deep nesting", "deep and open")


def kinds_of(topic: Topic, *, small: bool = False) -> tuple[str, ...]:
    """The kinds of bad record that a topic can hold; Kafka itself refuses a record without a key
    where it compacts."""
    kinds = (*MAKERS, "5 MB text", "key is no text")
    if topic == "feedback":
        kinds += ("no key",)
    return tuple(kind for kind in kinds if kind not in _LARGE) if small else kinds


def burst(rng: random.Random, count: int, topic: Topic, prefix: str) -> list[Bad]:
    """Many bad records: every kind once, then small ones at random."""
    small = kinds_of(topic, small=True)
    kinds = list(kinds_of(topic))
    kinds += [rng.choice(small) for _ in range(count - len(kinds))]
    rng.shuffle(kinds)
    return [make_bad(kind, topic, f"{prefix}-{n}") for n, kind in enumerate(kinds[:count])]
