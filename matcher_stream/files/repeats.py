"""Which rows of a file were there before: exact, and with little memory for any number of rows."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from matcher_stream.config.catalogue import InputTopic
from matcher_stream.files.rows import BadRow, Row


@dataclass(frozen=True, slots=True)
class Repeat:
    """A row that says what the row before it with the same id says: publishing it changes nothing.

    Attributes:
        line: Where it is.
        key: Its id.
        first: Where the other one is.
    """

    line: int
    key: bytes
    first: int


def judged(rows: Iterable[Row | BadRow], topic: InputTopic) -> Iterator[Row | BadRow | Repeat]:
    """Each row as what becomes of it: published, repeated or refused.

    Of rows with one id and different content each is published, in order, so that the last holds;
    its `replaces` says where the one before is. Where a topic keeps every record (feedback), only a
    row that is wholly the same is a repeat.

    Args:
        rows: Of one file, in order.
        topic: Where they are meant for.
    """
    by_id = topic.cleanup == "compact"
    seen = sqlite3.connect("", isolation_level=None)  # private, on disk when it grows, then gone
    try:
        seen.execute("PRAGMA cache_size = -16384")
        seen.execute("PRAGMA journal_mode = OFF")
        seen.execute("CREATE TABLE seen (id BLOB PRIMARY KEY, content BLOB, line) WITHOUT ROWID")
        seen.execute("BEGIN")
        for row in rows:
            if isinstance(row, BadRow):
                yield row
                continue
            content = hashlib.blake2b(row.value, digest_size=16).digest()
            key = hashlib.blake2b(row.key, digest_size=16).digest() if by_id else content
            found = seen.execute("SELECT content, line FROM seen WHERE id = ?", (key,)).fetchone()
            if found and found[0] == content:
                yield Repeat(row.line, row.key, found[1])
                continue
            seen.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", (key, content, row.line))
            yield replace(row, replaces=found[1]) if found else row
    finally:
        seen.close()
