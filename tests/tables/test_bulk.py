"""Rows that a recovery writes file by file, on the real RocksDB store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tables.bulk import FILE, BulkRows
from tests.support.harness.events import event_of
from tests.tables.test_base import Process

EVENT = [event_of("input", b"k", b"v", generation=1)]
PREFIX = b"\0\1"


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[Process]:
    made = Process("rocksdb", tmp_path)
    yield made
    made.close()


async def test_the_last_word_on_each_key_counts_whatever_was_there(on_disk: Process) -> None:
    books = on_disk.books
    await books.write(1, {b"kept": b"1", b"gone": b"1", b"changed": b"1"}, EVENT)
    bulk = BulkRows(books, 1)
    assert bulk.write() is None
    for offset, (key, value) in enumerate(
        [(b"new", b"1"), (b"changed", b"2"), (b"gone", None), (b"new", b"2"), (b"empty", b"")], 7
    ):
        bulk.put(PREFIX + key, value, offset)
    assert bulk.size > 0
    assert bulk.write() == 11
    assert bulk.size == 0
    assert dict(books.rows(1)) == {b"kept": b"1", b"changed": b"2", b"new": b"2", b"empty": b""}
    assert books.changelog_offset(1) == 11
    assert list(books.rows(0)) == []
    bulk.put(PREFIX + b"new", b"3", 12)  # a later file is on top of an earlier one
    assert bulk.write() == 12
    await books.write(1, {b"kept": b"2"}, EVENT)  # and an ordinary write on top of it
    assert (books.get_row(1, b"new"), books.get_row(1, b"kept")) == (b"3", b"2")


def test_rows_outlive_the_process_that_wrote_them(on_disk: Process) -> None:
    bulk = BulkRows(on_disk.books, 1)
    bulk.put(PREFIX + b"a", b"1", 3)
    bulk.write()
    del bulk
    on_disk.close()
    on_disk.shelves = on_disk.open()
    assert dict(on_disk.books.rows(1)) == {b"a": b"1"}
    assert on_disk.books.changelog_offset(1) == 3


def test_a_file_that_was_not_taken_is_as_if_it_had_not_been_written(on_disk: Process) -> None:
    books = on_disk.books
    folder: Any = books.database_path(1)
    bulk = BulkRows(books, 1)
    bulk.put(PREFIX + b"a", b"1", 3)
    bulk.write()
    assert not (folder / FILE).exists()
    (folder / FILE).write_bytes(b"half a file of somebody who died")
    again = BulkRows(books, 1)
    assert not (folder / FILE).exists()
    assert again.write() is None
    assert dict(books.rows(1)) == {b"a": b"1"}
