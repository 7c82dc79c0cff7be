"""Changelogs on a real broker, read in bulk into tables on disk."""

from __future__ import annotations

import asyncio
import logging
import struct
import threading
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import faust
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from faust.types import TP

from matcher_stream.config.settings import Settings
from matcher_stream.runtime import recovery as recovery_module
from matcher_stream.runtime import vitals
from matcher_stream.runtime.fence import Fence
from matcher_stream.runtime.metrics import value
from matcher_stream.runtime.recovery import BulkRecovery, Offsets, Progress, Reading
from tables.base import PartitionedTable
from tables.bulk import BulkRows
from tests.support.brokers import Broker
from tests.support.kafka_io import Send, publish_all
from tests.tables.test_base import Shelves

PARTITIONS = 2
Record = tuple[int, bytes, bytes | None]


def _changes(count: int) -> list[Record]:
    """Rows that are written, written anew and deleted: partition, key, value."""
    return [
        (n % PARTITIONS, b"k%d" % (n % 71), None if n % 13 == 0 else b"%d" % n * (n % 50))
        for n in range(count)
    ]


def _rows(changes: list[Record], partition: int, until: int) -> dict[bytes, bytes]:
    """What a table holds that follows its changelog to an offset."""
    mine = [(key, value) for where, key, value in changes if where == partition]
    rows: dict[bytes, bytes | None] = dict(mine[: until + 1])
    return {key: value for key, value in rows.items() if value is not None}


class Library:
    """Tables on disk whose changelogs are on the broker."""

    def __init__(self, broker: Broker, folder: Path) -> None:
        name = f"lib-{uuid.uuid4().hex[:8]}"
        app: Any = faust.App(name, Table=PartitionedTable, store="rocksdb://", datadir=str(folder))
        fence = Fence(lambda: 1, session_timeout=3600.0)
        self.books = Shelves(app, PARTITIONS, fence).books
        self.settings = Settings(broker_url=f"kafka://{broker.url}", data_dir=folder / "data")
        self.broker, self.topic = broker, self.books.changelog_topic_name
        self.parts = [TP(self.topic, partition) for partition in range(PARTITIONS)]

    async def publish(self, changes: list[Record]) -> None:
        """Make the changelog if it is not there, and write to it in order."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.broker.url)
        await admin.start()
        if self.topic not in await admin.list_topics():
            await admin.create_topics([NewTopic(self.topic, PARTITIONS, 1)])
        await admin.close()
        await publish_all(
            self.broker,
            [Send(self.topic, struct.pack(">H", p) + k, v, partition=p) for p, k, v in changes],
        )

    def reading(self, end: int) -> tuple[Reading, Offsets]:
        """A reading up to an offset."""
        offsets: Offsets = {tp: self.books.changelog_offset(tp.partition) for tp in self.parts}
        made = Reading(offsets, dict.fromkeys(self.parts, end))
        made.progress = Progress(sum(map(made.missing, self.parts)))
        return made, offsets

    def check(self, changes: list[Record], end: int | None = None) -> list[int | None]:
        """Every partition is what the changelog says at the offset that it holds."""
        held = [self.books.changelog_offset(partition) for partition in range(PARTITIONS)]
        for partition, offset in enumerate(held):
            until = -1 if offset is None else offset
            assert dict(self.books.rows(partition)) == _rows(changes, partition, until)
            assert end is None or offset == end
        return held


@pytest.fixture
async def library(broker: Broker, tmp_path: Path) -> AsyncIterator[Library]:
    made = Library(broker, tmp_path)
    yield made
    store: Any = made.books.data
    store._dbs.clear()  # a database open at the interpreter's end takes it down


async def test_a_table_holds_what_its_changelog_said_when_its_end_was_looked_up(
    library: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(recovery_module, "TELL_SECONDS", 0.0)
    changes = _changes(1200)
    await library.publish(changes)
    first, offsets = library.reading(end=399)
    await first.all_of(library.settings, {library.books: library.parts})
    library.check(changes, end=399)
    assert set(offsets.values()) == {399}
    assert "Recovering: " in caplog.text
    monkeypatch.setattr(recovery_module, "WAITING_BYTES", 2000)  # now in many files
    monkeypatch.setattr(recovery_module, "POLL_RECORDS", 20)
    rest, offsets = library.reading(end=599)
    assert rest.missing(library.parts[0]) == 200
    await rest.all_of(library.settings, {library.books: library.parts})
    library.check(changes, end=599)
    assert value(vitals.RECOVERY_RECORDS) == 0.0


async def test_who_is_stopped_while_writing_leaves_a_whole_beginning(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rebalance ends a recovery; the next one, or another process, goes on from there."""
    changes = _changes(1200)
    await library.publish(changes)
    monkeypatch.setattr(recovery_module, "WAITING_BYTES", 2000)
    monkeypatch.setattr(recovery_module, "POLL_RECORDS", 20)
    begun, released, write = threading.Event(), threading.Event(), BulkRows.write

    def slow(rows: BulkRows) -> int | None:
        begun.set()
        assert released.wait(30)
        return write(rows)

    monkeypatch.setattr(BulkRows, "write", slow)
    reading, offsets = library.reading(end=599)
    running = asyncio.ensure_future(
        reading.all_of(library.settings, {library.books: library.parts})
    )
    assert await asyncio.to_thread(begun.wait, 30)
    assert set(offsets.values()) == {None}  # nothing counts that is not written
    running.cancel()
    await asyncio.wait([running], timeout=0.1)
    assert not running.done()  # whoever comes next finds nobody writing
    released.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    held = library.check(changes)
    assert any(offset is not None for offset in held)
    assert all(offset is None or offset < 599 for offset in held)
    rest, _ = library.reading(end=599)
    await rest.all_of(library.settings, {library.books: library.parts})
    library.check(changes, end=599)


def test_workers_recover_so(library: Library) -> None:
    from matcher_stream.config.worker_options import worker_options

    options = worker_options(library.settings.model_copy(update={"store": "memory"}))
    app: Any = faust.App("workers", **options)
    assert isinstance(app.tables.recovery, BulkRecovery)
