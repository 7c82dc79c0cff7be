"""Records that almost are right: valid ones with one part exchanged, as hypothesis draws it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from hypothesis import strategies as st

from tests.support.harness.broker import Record

#: Timestamps (ms) that brokers before Kafka 4 accept: none, 1970, microseconds, nanoseconds, all.
STAMPS = (-1, 0, 946_684_799_999, 4_102_462_800_000, 1_790_000_000_000_000, 2**62, 2**63 - 1)
_TEXTS = ("", "x", "9999-99-99", "2026-02-30", "1" * 30, "\x00", "ñ" * 300, "null", "0:0", "-1:-1")
_NUMBERS = (0, -1, 1, 300, 2**31, 2**63 - 1, -(2**63), 1e308, 0.5, -0.5)
_OTHERS: tuple[Any, ...] = ([], {}, [[]], [None], [{}], {"a": 1}, ["x"], [1, 2, 3])
_JUNK: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(_NUMBERS),
    st.sampled_from(_TEXTS),
    st.sampled_from(_OTHERS),
)
_HEADERS = ("forwarded_ts", "traceparent", "job_version", "cause", "origin_ts", "ce_id", "x")
_HEADER_VALUES = (
    b"", b"\xff", b"9" * 30, b"-1", b"1790000000000", b"0:0", b"9:9:9", b"x" * 5_000,
    b"9" * 19 + b":1",
)  # fmt: skip


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from _paths(value[key], (*path, key))
    elif isinstance(value, list):
        for i in range(min(len(value), 3)):
            yield from _paths(value[i], (*path, i))


def _exchanged(value: Any, path: tuple[Any, ...], junk: Any, drop: bool) -> Any:
    if not path:
        return junk
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1 and drop:
        del copy[path[0]]
    else:
        copy[path[0]] = _exchanged(copy[path[0]], path[1:], junk, drop)
    return copy


def each_exchanged(value: Any) -> Iterator[bytes]:
    """A JSON value with every part of it exchanged, by everything, and left out."""
    for path in _paths(value):
        for junk in (None, True, *_NUMBERS, *_TEXTS, *_OTHERS):
            yield orjson.dumps(_exchanged(value, path, junk, drop=False))
        if path:
            yield orjson.dumps(_exchanged(value, path, None, drop=True))


@st.composite
def _values(draw: st.DrawFn, value: bytes | None) -> bytes | None:
    if value is None or draw(st.booleans()):
        return draw(st.sampled_from((b"", b"{", b"null", b"[]", b"{}", b"\xff\xfe", b"1", value)))
    try:
        parsed = orjson.loads(value)
    except orjson.JSONDecodeError:
        return draw(_bytes(value))
    path = draw(st.sampled_from(sorted(_paths(parsed), key=repr)))
    return orjson.dumps(_exchanged(parsed, path, draw(_JUNK), draw(st.booleans())))


@st.composite
def _bytes(draw: st.DrawFn, value: bytes) -> bytes:
    """A packed row with some bytes exchanged, or cut short, or longer."""
    at = draw(st.integers(0, len(value)))
    head = draw(st.integers(0, 60))
    where = draw(st.sampled_from((at, min(head, len(value)))))
    new = draw(st.binary(max_size=4))
    end = draw(st.sampled_from((where + len(new), len(value))))
    return value[:where] + new + value[end:]


@st.composite
def poisoned(draw: st.DrawFn, record: Record) -> Record:
    """The record with its value, key, headers or timestamp exchanged, or several of them."""
    parts = draw(st.sets(st.sampled_from(("value", "key", "headers", "stamp")), min_size=1))
    if "value" in parts:
        record = record._replace(value=draw(_values(record.value)))
    if "key" in parts:
        keys = (None, b"", b"\xff", b"a" * 300, b"obra\x00part", b"ana", b"obra:0", b"obra:x")
        record = record._replace(key=draw(st.sampled_from(keys)))
    if "headers" in parts:
        pairs = st.tuples(st.sampled_from(_HEADERS), st.sampled_from(_HEADER_VALUES))
        record = record._replace(headers=(*draw(st.lists(pairs, max_size=3)), *record.headers))
    if "stamp" in parts:
        record = record._replace(timestamp=draw(st.sampled_from(STAMPS)))
    return record
