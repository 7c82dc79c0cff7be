"""Tables whose changelog is written first: in memory, and on the real RocksDB store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import faust
import pytest

from matcher_stream.runtime.fence import Fence
from schemas.errors import ChangelogRefused, StaleGeneration
from tables.base import PAGE, PartitionedTable, Table, TableSet
from tables.explained import ExplainTables
from tables.tables import Tables
from tests.support.harness.broker import MemoryBroker, MemoryProducer, Record
from tests.support.harness.events import MemoryEvent, event_of
from tests.support.turns import turns

PARTITIONS = 3


class Shelves(TableSet):
    """Tables of a test."""

    books = Table("What stands here.")
    notes = Table("What was said of it.")


class WatchedBroker(MemoryBroker):
    """Calls somebody before it stores a record."""

    before: Callable[[], None] = staticmethod(lambda: None)

    def append(self, *args: Any, **kwargs: Any) -> Record:
        """Store a record."""
        self.before()
        return super().append(*args, **kwargs)


class Process:
    """As much of a process as a table needs, with a disk or without."""

    def __init__(self, store: str, folder: Path) -> None:
        self.broker = WatchedBroker(PARTITIONS)
        self.producer: Any = MemoryProducer(self.broker)
        self.generation = 1
        self.fence = Fence(lambda: self.generation, session_timeout=3600.0)
        self.fence.open()
        self.in_memory = store == "memory"
        self._options: dict[str, Any] = {"store": f"{store}://", "datadir": str(folder)}
        self.shelves = self.open()

    def open(self) -> Shelves:
        """The tables, as a process finds them when it starts."""
        app: Any = faust.App("library", Table=PartitionedTable, **self._options)
        app._producer = self.producer
        return Shelves(app, PARTITIONS, self.fence)

    @property
    def books(self) -> PartitionedTable:
        return self.shelves.books

    def close(self) -> None:
        """Let go of the databases, as the end of a process does."""
        for table in self.shelves.all():
            for db in getattr(table.data, "_dbs", {}).values():
                db.close()

    def log(self, partition: int = 0) -> list[tuple[bytes | None, bytes | None]]:
        """What the changelog of the books holds."""
        records = self.broker.log(self.books.changelog_topic_name, partition)
        return [(record.key, record.value) for record in records]


def _event(generation: int = 1) -> MemoryEvent:
    return event_of("input", b"k", b"v", generation=generation)


@pytest.fixture(params=["memory", "rocksdb"])
def process(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Process]:
    made = Process(request.param, tmp_path)
    yield made
    made.close()


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[Process]:
    made = Process("rocksdb", tmp_path)
    yield made
    made.close()


# -- reading ------------------------------------------------------------------------------


async def test_a_row_is_read_back(process: Process) -> None:
    await process.books.write(0, {b"a": b"1", b"b": b""}, [_event()])
    assert process.books.get_row(0, b"a") == b"1"
    assert process.books.get_row(0, b"b") == b""
    assert process.books.get_row(0, b"c") is None
    assert process.shelves.notes.get_row(0, b"a") is None


async def test_equal_keys_of_two_partitions_do_not_meet(process: Process) -> None:
    """Faust's memory store has one dict; its RocksDB store looks into every open database."""
    await process.books.write(0, {b"a": b"zero"}, [_event()])
    await process.books.write(1, {b"a": b"one"}, [_event()])
    assert process.books.get_row(0, b"a") == b"zero"
    assert process.books.get_row(1, b"a") == b"one"
    assert process.books.get_row(2, b"a") is None
    await process.books.write(0, {b"a": None}, [_event()])
    assert process.books.get_row(0, b"a") is None
    assert process.books.get_row(1, b"a") == b"one"
    assert list(process.books.rows(0)) == []
    assert process.log(1) == [(b"\0\1a", b"one")]


async def test_rows_come_in_key_order_of_one_partition(process: Process) -> None:
    keys = [b"b", b"", b"a\0x", b"\xff\xff", b"a", b"\0"]
    for key in keys:
        await process.books.write(1, {key: key + b"!"}, [_event()])
    await process.books.write(2, {b"z": b"other"}, [_event()])
    assert list(process.books.rows(1)) == [(key, key + b"!") for key in sorted(keys)]
    assert list(process.books.rows(2)) == [(b"z", b"other")]
    assert list(process.books.rows(0)) == []


async def test_a_scan_reads_every_row_and_lets_others_run(process: Process) -> None:
    keys = [f"{i:04}".encode() for i in range(3 * PAGE + 1)]
    await process.books.write(1, {key: key for key in keys}, [_event()])
    await process.books.write(2, {b"z": b"other"}, [_event()])
    seen = [row async for row in process.books.scan(1, [_event()])]
    assert seen == [(key, key) for key in keys]
    assert await turns(_all(process.books.scan(1, [_event()]))) >= 4
    assert [row async for row in process.books.scan(0, [_event()])] == []


async def _all(scan: AsyncIterator[tuple[bytes, bytes]]) -> None:
    async for _ in scan:
        pass


async def test_a_scan_goes_on_after_the_last_row_whatever_is_written_meanwhile(
    process: Process,
) -> None:
    keys = [f"{i:04}".encode() for i in range(PAGE + 2)]
    await process.books.write(0, dict.fromkeys(keys, b"1"), [_event()])
    seen = []
    async for key, _ in process.books.scan(0, [_event()]):
        seen.append(key)
        if key == keys[PAGE - 1]:
            await process.books.write(0, {keys[0]: None, keys[PAGE]: None, b"z": b"1"}, [_event()])
    assert seen == [*keys[:PAGE], keys[PAGE + 1], b"z"]


async def test_who_lost_the_partition_reads_no_further(process: Process) -> None:
    await process.books.write(0, {f"{i:04}".encode(): b"1" for i in range(PAGE + 1)}, [_event()])
    scan, seen = process.books.scan(0, [_event()]), []

    async def read() -> None:
        async for key, _ in scan:
            seen.append(key)
            process.generation = 2

    with pytest.raises(StaleGeneration):
        await read()
    assert len(seen) == PAGE


async def test_who_lost_the_partition_reads_nothing(process: Process) -> None:
    await process.books.write(0, {b"a": b"1"}, [_event()])
    process.generation = 2
    with pytest.raises(StaleGeneration):
        await anext(process.books.scan(0, [_event()]))


async def test_rows_go_on_right_after_a_key(process: Process) -> None:
    keys = [b"a", b"a\0", b"a\0head", b"b"]
    await process.books.write(0, {key: key for key in keys}, [_event()])
    for i, key in enumerate(keys):
        assert [found for found, _ in process.books.rows(0, key)] == keys[i + 1 :]


async def test_a_write_replaces_and_deletes(process: Process) -> None:
    await process.books.write(0, {b"a": b"1", b"b": b"1"}, [_event()])
    await process.books.write(0, {b"a": b"2", b"b": None, b"never": None}, [_event()])
    assert list(process.books.rows(0)) == [(b"a", b"2")]
    assert process.log() == [
        (b"\0\0a", b"1"), (b"\0\0b", b"1"), (b"\0\0a", b"2"), (b"\0\0b", None),
        (b"\0\0never", None),
    ]  # fmt: skip


# -- the order of effects -----------------------------------------------------------------


async def test_the_changelog_is_written_before_the_row(process: Process) -> None:
    seen = []
    process.broker.before = lambda: seen.append(process.books.get_row(0, b"a"))
    await process.books.write(0, {b"a": b"1", b"b": b"2"}, [_event()])
    assert seen == [None, None]
    assert process.books.get_row(0, b"a") == b"1"
    assert process.producer.forgotten() == 0, "every record was waited for"


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("when", ["sending", "storing"])
async def test_what_the_changelog_refuses_is_not_written_here(
    process: Process, monkeypatch: pytest.MonkeyPatch, when: str, nth: int
) -> None:
    """Not even the rows whose records it took: all of a write, or nothing."""
    await process.books.write(0, {b"a": b"old"}, [_event()])
    count = 0

    def refuse() -> None:
        nonlocal count
        count += 1
        if count == nth:
            raise OSError("no space left")

    if when == "storing":
        refusing_later = Refusing(process.broker, refuse)
        monkeypatch.setattr(process.books.app, "_producer", refusing_later)
    else:
        send = process.producer.send

        async def refusing(*args: Any) -> Any:
            refuse()
            return await send(*args)

        monkeypatch.setattr(process.producer, "send", refusing)
    with pytest.raises(ChangelogRefused, match=r"books .*OSError"):
        await process.books.write(0, {b"a": b"new", b"b": b"new", b"c": b"new"}, [_event()])
    assert list(process.books.rows(0)) == [(b"a", b"old")]


async def test_a_row_of_a_worker_that_stood_still_is_its_successor_s(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    def expire() -> None:
        process.fence.close()
        raise TimeoutError

    expiring = Refusing(process.broker, expire)
    monkeypatch.setattr(process.books.app, "_producer", expiring)
    with pytest.raises(StaleGeneration):
        await process.books.write(0, {b"a": b"new"}, [_event()])
    assert list(process.books.rows(0)) == []


class Refusing(MemoryProducer):
    """Takes every record and may report later that it could not be stored."""

    def __init__(self, broker: MemoryBroker, refuse: Callable[[], None]) -> None:
        super().__init__(broker)
        self._refuse = refuse

    async def send(self, *args: Any) -> Any:
        """Take a record."""
        promise: Any = await super().send(*args)
        store = promise.store

        def may_store() -> None:
            try:
                self._refuse()
            except OSError as error:
                promise.set_exception(error)
            else:
                store()

        promise.store = may_store
        return promise


async def test_who_lost_the_partition_writes_nothing(process: Process) -> None:
    event = _event()
    process.generation += 1
    with pytest.raises(StaleGeneration):
        await process.books.write(0, {b"a": b"1"}, [event])
    process.fence.open()
    with pytest.raises(StaleGeneration):
        await process.books.write(0, {b"a": b"1"}, [_event(2), event])
    assert process.producer.sent == 0
    assert process.books.get_row(0, b"a") is None
    await process.books.write(0, {b"a": b"1"}, [_event(2)])


async def test_who_loses_it_between_two_records_sends_no_second(process: Process) -> None:
    def sent(count: int) -> None:
        process.generation += 1

    process.producer.on_send = sent
    with pytest.raises(StaleGeneration):
        await process.books.write(0, {b"a": b"1", b"b": b"2"}, [_event()])
    assert process.producer.sent == 1
    assert list(process.books.rows(0)) == []


async def test_a_write_for_nothing_cannot_be_checked(process: Process) -> None:
    with pytest.raises(ValueError, match="events"):
        await process.books.write(0, {b"a": b"1"}, [])
    assert process.producer.sent == 0
    assert process.books.get_row(0, b"a") is None


async def test_no_changes_ask_nobody(process: Process) -> None:
    process.fence.close()
    await process.books.write(0, {}, [])
    assert process.producer.sent == 0


# -- Faust's own ways ---------------------------------------------------------------------

_WAYS: dict[str, Callable[[Any], Any]] = {
    "set": lambda table: table.__setitem__(b"\0\0a", b"2"),
    "set-new": lambda table: table.__setitem__(b"\0\0z", b"2"),
    "del": lambda table: table.__delitem__(b"\0\0a"),
    "update": lambda table: table.update({b"\0\0a": b"2"}),
    "update-words": lambda table: table.update(z=b"2"),
    "pop": lambda table: table.pop(b"\0\0a"),
    "popitem": lambda table: table.popitem(),
    "setdefault": lambda table: table.setdefault(b"\0\0z", b"2"),
    "clear": lambda table: table.clear(),
}


@pytest.mark.parametrize("way", _WAYS)
async def test_fausts_own_ways_are_closed(process: Process, way: str) -> None:
    """They would find the partition by a task-local event and not look at the outcome."""
    await process.books.write(0, {b"a": b"1"}, [_event()])
    with pytest.raises((TypeError, NotImplementedError, KeyError)) as refused:
        _WAYS[way](process.books)
    if process.in_memory or way not in ("popitem", "clear"):  # these find no partition on disk
        assert "write()" in str(refused.value), "refused by us, not for want of an event"
    assert list(process.books.rows(0)) == [(b"a", b"1")]
    assert process.log() == [(b"\0\0a", b"1")]


# -- sets of tables -----------------------------------------------------------------------


def test_a_table_has_the_name_of_its_attribute() -> None:
    class Drawers(TableSet):
        spoons = Table("What is eaten with.")

    assert vars(Drawers)["spoons"].name == "spoons"


def test_a_set_holds_every_table_that_is_declared(process: Process) -> None:
    shelves = process.shelves
    assert [table.name for table in shelves.all()] == ["books", "notes"]
    assert shelves.all() == [shelves.books, shelves.notes]
    for table in shelves.all():
        assert isinstance(table, PartitionedTable)
        assert table.guard is process.fence
        assert table.partitions == PARTITIONS
    assert [table.help for table in shelves.all()] == ["What stands here.", "What was said of it."]


@pytest.mark.parametrize("kind", [Tables, ExplainTables])
def test_the_sets_in_use_hold_every_table_that_is_declared(
    process: Process, kind: type[TableSet]
) -> None:
    """A table that is missing from `all` would escape the rebuild without a word."""
    app: Any = faust.App("library", Table=PartitionedTable, store="memory://")
    tables = kind(app, PARTITIONS, process.fence)
    declared = {name for name, value in vars(kind).items() if isinstance(value, Table)}
    assert {table.name for table in tables.all()} == declared
    assert set(app.tables) == declared, "what the app knows and what the set knows"
    assert declared
    for name in declared:
        assert getattr(tables, name).name == name


# -- on disk ------------------------------------------------------------------------------


async def test_a_database_knows_how_far_its_changelog_went(on_disk: Process) -> None:
    books = on_disk.books
    assert books.changelog_offset(0) is None
    await books.write(0, {b"a": b"1", b"b": b"2"}, [_event()])
    await books.write(0, {b"a": None}, [_event()])
    await books.write(1, {b"a": b"1"}, [_event()])
    assert books.changelog_offset(0) == 2
    assert books.changelog_offset(1) == 0
    assert books.changelog_offset(2) is None
    assert list(books.rows(0)) == [(b"b", b"2")], "the offset is no row"
    folder = books.database_path(0)
    assert folder is not None
    assert folder.is_dir()
    assert folder != books.database_path(1)


async def test_in_memory_there_is_no_such_offset(tmp_path: Path) -> None:
    process = Process("memory", tmp_path)
    assert process.books.database_path(0) is None
    await process.books.write(0, {b"a": b"1"}, [_event()])
    assert process.books.changelog_offset(0) is None


async def test_rows_and_offset_outlive_the_process(on_disk: Process) -> None:
    await on_disk.books.write(0, {b"a": b"1"}, [_event()])
    await on_disk.books.write(0, {b"b": b"2"}, [_event()])
    on_disk.close()
    on_disk.shelves = on_disk.open()
    assert list(on_disk.books.rows(0)) == [(b"a", b"1"), (b"b", b"2")]
    assert on_disk.books.changelog_offset(0) == 1


class OneBatch:
    """A database that takes a number of batches, and nothing that is not one."""

    def __init__(self, real: Any, batches: int) -> None:
        self._real = real
        self._left = batches

    def get(self, key: bytes) -> Any:
        """A value."""
        return self._real.get(key)

    def write(self, batch: Any) -> None:
        """Take a batch, or die."""
        if not self._left:
            raise OSError("the disk is gone")
        self._left -= 1
        self._real.write(batch)


@pytest.mark.parametrize("batches", [0, 1])
async def test_rows_and_offset_are_one_atomic_batch(
    on_disk: Process, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    books = on_disk.books
    await books.write(0, {b"a": b"1"}, [_event()])
    store: Any = books.data
    database = OneBatch(store._db_for_partition(0), batches)
    monkeypatch.setattr(store, "_db_for_partition", lambda partition: database)
    changes = {b"a": None, b"b": b"2", b"c": b"3"}
    if batches:
        await books.write(0, changes, [_event()])
    else:
        with pytest.raises(OSError, match="disk"):
            await books.write(0, changes, [_event()])
    monkeypatch.undo()
    if batches:
        assert (list(books.rows(0)), books.changelog_offset(0)) == (
            [(b"b", b"2"), (b"c", b"3")], 3,
        )  # fmt: skip
    else:
        assert (list(books.rows(0)), books.changelog_offset(0)) == ([(b"a", b"1")], 0)
