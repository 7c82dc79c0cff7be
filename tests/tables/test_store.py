"""RocksDB's databases under two threads, and what they hold."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tables import store
from tables.measuring import Held, measured
from tests.support.harness.events import event_of
from tests.tables.test_base import PARTITIONS, Process

EVENT = [event_of("input", b"k", b"v", generation=1)]
HELD_HERE = "lock hold by current process"


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[Process]:
    made = Process("rocksdb", tmp_path)
    yield made
    made.close()


async def test_threads_that_ask_at_once_open_a_partition_once(on_disk: Process) -> None:
    """After a rebalance the event loop and the builder of the indexes both do."""
    many, together = range(PARTITIONS * 20), threading.Barrier(2)
    assert on_disk.books.data is on_disk.books.data  # a store is there since its table started

    def ask(_: int) -> set[int | None]:
        found = set()
        for partition in many:
            together.wait(10.0)
            found.add(on_disk.books.changelog_offset(partition))
        return found

    with ThreadPoolExecutor(2) as pool:
        first, second = (pool.submit(ask, nth) for nth in range(2))
        assert (first.result(), second.result()) == ({None}, {None})


async def test_a_partition_is_opened_again_once_its_last_reader_is_done(on_disk: Process) -> None:
    """A revoked partition may come back while a thread still reads what it had."""
    await on_disk.books.write(0, {b"a": b"1"}, EVENT)
    shelf: Any = on_disk.books.data
    reading, asked = on_disk.books.rows(0), threading.Event()
    next(reading)
    shelf._dbs.clear()  # as on_rebalance does

    def read_on() -> None:
        nonlocal reading
        asked.wait()
        time.sleep(0.1)  # a reader's work: the other waits for it in the meantime
        reading = iter(())

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(read_on)
        asked.set()
        assert on_disk.books.get_row(0, b"a") == b"1"
        done.result()


async def test_a_reader_that_never_ends_is_not_waited_for_any_longer(
    on_disk: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "READER_SECONDS", 0.05)
    await on_disk.books.write(0, {b"a": b"1"}, EVENT)
    shelf: Any = on_disk.books.data
    reading = on_disk.books.rows(0)
    next(reading)
    shelf._dbs.clear()
    with pytest.raises(Exception, match=HELD_HERE):
        on_disk.books.get_row(0, b"a")
    reading.close()  # type: ignore[attr-defined]


async def test_a_database_that_cannot_be_opened_says_so_at_once(
    on_disk: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "READER_SECONDS", 60.0)
    path = on_disk.books.database_path(0)
    assert path is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a file where the folder should be")
    started = time.monotonic()
    with pytest.raises(Exception, match="File exists"):
        on_disk.books.get_row(0, b"a")
    assert time.monotonic() - started < 30


async def test_what_a_table_holds_on_disk(on_disk: Process) -> None:
    rows = {b"%03d" % n: b"x" * 100 for n in range(200)}
    await on_disk.books.write(0, rows, EVENT)
    await on_disk.books.write(2, {b"a": b"1"}, EVENT)
    held = measured(on_disk.books)
    files = [file for partition in (0, 2) for file in _files(on_disk, partition)]
    # besides them each database holds its offset
    assert held.rows == 200 + 1 + 2
    assert held.disk_bytes == sum(file.stat().st_size for file in files)
    assert held.memory_bytes > 200 * 100
    assert measured(on_disk.shelves.notes) == Held()


async def test_a_file_that_compaction_takes_counts_nothing(
    on_disk: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    await on_disk.books.write(0, {b"a": b"1"}, EVENT)
    files = [*_files(on_disk, 0), Path("gone")]
    monkeypatch.setattr(Path, "iterdir", lambda _: iter(files))
    assert measured(on_disk.books).disk_bytes == sum(file.stat().st_size for file in files[:-1])


async def test_a_database_whose_folder_is_gone_takes_no_disk(
    on_disk: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    await on_disk.books.write(0, {b"a": b"1"}, EVENT)
    monkeypatch.setattr(type(on_disk.books), "database_path", lambda *_: Path("gone"))
    assert measured(on_disk.books).disk_bytes == 0


async def test_what_a_table_holds_in_memory(tmp_path: Path) -> None:
    process = Process("memory", tmp_path)
    await process.books.write(0, {b"a": b"1", b"bc": b"23"}, EVENT)
    # a key has the two bytes of its partition before it
    assert measured(process.books) == Held(2, 0, (2 + 1 + 1) + (2 + 2 + 2))


def _files(process: Process, partition: int) -> list[Path]:
    path = process.books.database_path(partition)
    assert path is not None
    return list(path.iterdir())
