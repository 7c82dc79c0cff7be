"""Records of internal topics that none of our workers writes, made from good ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import orjson

from tables.rows import NO_VECTOR, PostingRow
from tests.support.kafka_io import Record, Send

Maker = Callable[[Record], Record]


def _posting(**change: object) -> Maker:
    def make(good: Record) -> Record:
        row = PostingRow.unpack(good.value or b"")
        return replace(good, value=replace(row, **change).pack())  # type: ignore[arg-type]

    return make


def _value(value: bytes | None) -> Maker:
    return lambda good: replace(good, value=value)


def _cut(good: Record) -> Record:
    return replace(good, value=(good.value or b"")[:-7])


def _json(**change: object) -> Maker:
    def make(good: Record) -> Record:
        return replace(good, value=orjson.dumps({**orjson.loads(good.value or b"{}"), **change}))

    return make


def _without(name: str) -> Maker:
    def make(good: Record) -> Record:
        body = orjson.loads(good.value or b"{}")
        return replace(good, value=orjson.dumps({k: v for k, v in body.items() if k != name}))

    return make


def _header(name: str, value: bytes) -> Maker:
    return lambda good: replace(good, headers={**good.headers, name: value})


def _null(headers: dict[str, bytes]) -> Maker:
    return lambda good: replace(good, value=None, headers=headers)


_ANY: dict[str, Maker] = {
    "empty": _value(b""),
    "not JSON": _value(b"{"),
    "a list": _value(b"[]"),
    "a number": _value(b"7"),
    "no text": _value(b"\xff\xfe" * 40),
    "1970": lambda good: replace(good, timestamp=0),
    "1999": lambda good: replace(good, timestamp=946_684_799_999),
    "large": _value(b"x" * 2_000_000),
}
FANOUT: dict[str, Maker] = {
    **_ANY,
    "cut": _cut,
    "no vector": _posting(vector=NO_VECTOR),
    "another length": _posting(vector=np.ones(7, np.float16) / np.sqrt(7).astype(np.float16)),
    "a zero vector": lambda good: _posting(
        vector=np.zeros_like(PostingRow.unpack(good.value or b"").vector)
    )(good),
    "dead": _posting(died=1),
    "no card": _posting(card=b"[]"),
    "another card": _posting(
        card=b'{"title":"x","licence":"A-IIb","min_age":33,"shift":"night","remote":true}'
    ),
    "a version below 0": _posting(version=(-1, 0)),
    "no cause": _header("cause", b"porque si"),
    "no moment": _header("origin_ts", b"9" * 30),
    "a withdrawal without version": _null({}),
    "a withdrawal of no version": _null({"job_version": b"a:b"}),
    "a withdrawal of a huge version": _null({"job_version": b"9" * 30 + b":0"}),
    "a key that is no text": lambda good: replace(good, key=b"\xff\xfe"),
    "a long key": lambda good: replace(good, key=b"k" * 300),
}
PARTIALS: dict[str, Maker] = {
    **_ANY,
    "an empty version": _json(version=[]),
    "a version of words": _json(version=["a", "b"]),
    "a huge version": _json(version=[2**62, 0]),
    "no version": _without("version"),
    "no job": _without("job_id"),
    "entries of nobody": _json(entries=[{"score": 0.5}]),
    "entries of numbers": _json(entries=[1, 2]),
    "a score of words": _json(entries=[{"score": "x", "profile_id": "p"}]),
    "no partition": _json(partition=99),
    "another job": _json(job_id="otra"),
    "another key": lambda good: replace(good, key=b"otra:0"),
    "a key of no list": lambda good: replace(good, key=b"otra"),
}
WORK: dict[str, Maker] = {
    **_ANY,
    "no kind": _json(kind="baila"),
    "a day that never comes": _json(kind="tick", as_of="9999-99-99"),
    "the 30th of February": _json(kind="tick", as_of="2026-02-30"),
    "year 1": _json(kind="tick", as_of="0001-01-01"),
    "due before time": _json(kind="expire_job", id="x", due_ms=-1),
    "due for ever": _json(kind="expire_job", id="x", due_ms=2**60),
    "no id": _json(kind="expire_job", id=7),
    "counted down": _json(kind="shown", as_of="2026-01-01", counts={"x": -1}),
    "a part of none": _json(kind="shown", as_of="2026-01-01", part=3, parts=2),
    "deep": _value(b'{"kind":' + b"[" * 9_000),
    "null": _value(None),
}


def made(maker: Maker, good: Record) -> Send:
    """A bad record, to be sent to where its good one lies."""
    bad = maker(good)
    stamp = bad.timestamp if bad.timestamp != good.timestamp else None
    headers = tuple(bad.headers.items())
    return Send(good.topic, bad.key, bad.value, headers, good.partition, stamp)
