"""A Faust table whose changelog is written first.

Faust's own table writes RocksDB, sends the changelog record without looking at the outcome and
finds the partition through a task-local "current event". Here a write names its partition, its
changelog records are sent and awaited, and only then RocksDB takes the rows together with the
changelog offset in one atomic batch. So the disk never holds what the changelog lacks: a worker
with an empty disk rebuilds exactly what a worker with a full one reads.

A write names the events that it acts for, and asks the guard about them right before it acts; the
ways in which Faust itself lets a table be written are closed.

Keys start with their partition number (two bytes), since Faust's memory store and its RocksDB
store look for a key in every partition that they have open.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import islice, takewhile
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol, cast

import faust
from faust.stores import STORES
from faust.types import TP
from rocksdict import WriteBatch

from schemas.errors import ChangelogRefused, StaleGeneration

STORES.aliases["rocksdb"] = "tables.store:PartitionStore"  # Faust's own way to name a store
_PREFIX = struct.Struct(">H")
PAGE: Final = 256
"""Rows of a scan between two turns of the event loop."""

ROCKSDB_OPTIONS = {
    "write_buffer_size": 8 << 20,
    "block_cache_size": 16 << 20,
    "max_open_files": 256,
}

Changes = Mapping[bytes, bytes | None]


class Guard(Protocol):
    """Who may write; the runtime's fence."""

    def check(self, events: Sequence[Any]) -> None:
        """Raise StaleGeneration unless every event may still be written."""

    def writing(self, table: str, events: Sequence[Any]) -> AbstractContextManager[None]:
        """Around a write, for who follows the events through the worker."""


class PartitionedTable(faust.Table[bytes, bytes]):
    """Bytes to bytes, partition by partition; a value of None in a write deletes the row.

    Attributes:
        guard: Asked before every write; `TableSet` gives it.
    """

    guard: Guard

    def get_row(self, partition: int, key: bytes) -> bytes | None:
        """The row of `key` in `partition`, or None."""
        full = _PREFIX.pack(partition) + key
        if self._in_memory:
            return cast("bytes | None", self._rows_store.data.get(full))
        return cast("bytes | None", self._rows_store._db_for_partition(partition).get(full))

    def rows(self, partition: int, after: bytes | None = None) -> Iterator[tuple[bytes, bytes]]:
        """All rows of a partition, in key order, without the prefix; or those after a key."""
        prefix, store = _PREFIX.pack(partition), self._rows_store
        start = prefix if after is None else prefix + after + b"\0"
        if self._in_memory:
            items = sorted(item for item in store.data.items() if item[0] >= start)
        else:
            items = store._db_for_partition(partition).items(from_key=start)
        for key, value in items:
            if key[:2] == prefix and key != getattr(store, "offset_key", None):
                yield key[2:], value

    def keys_with(self, partition: int, prefix: bytes) -> list[bytes]:
        """The keys of a partition that begin so and go on, in order."""
        keys = (key for key, _ in self.rows(partition, after=prefix))
        return list(takewhile(lambda key: key.startswith(prefix), keys))

    async def scan(
        self, partition: int, events: Sequence[Any]
    ) -> AsyncIterator[tuple[bytes, bytes]]:
        """The same a page at a time: others run in between, and may write what comes later.

        Args:
            partition: Of the rows.
            events: What the scan follows from.

        Raises:
            StaleGeneration: the events are another worker's now.
        """
        after: bytes | None = None
        self.guard.check(events)
        # no iterator outlives a page: it would keep a database open that a rebalance closes
        while page := list(islice(self.rows(partition, after), PAGE)):
            for row in page:
                yield row
            after = page[-1][0]
            await asyncio.sleep(0)
            self.guard.check(events)

    def database_path(self, partition: int) -> Path | None:
        """Folder of a partition's database on disk; None if rows are kept in memory."""
        return None if self._in_memory else Path(self._rows_store.partition_path(partition))

    def changelog_offset(self, partition: int) -> int | None:
        """Offset of the last changelog record that the local store holds."""
        if self._in_memory:
            return None
        return self.data.persisted_offset(TP(self.changelog_topic_name, partition))

    async def write(self, partition: int, changes: Changes, events: Sequence[Any]) -> None:
        """Make the changes durable in the changelog, then in the local store.

        Args:
            partition: Of all the keys.
            changes: Rows by key; None deletes. May be empty; then nothing is asked.
            events: What the changes follow from.

        Raises:
            StaleGeneration: the events are another worker's now; nothing was written locally.
            ChangelogRefused: the broker did not take a record; nothing was written locally.
        """
        if not changes:
            return
        prefix = _PREFIX.pack(partition)
        rows = {prefix + key: value for key, value in changes.items()}
        with self.guard.writing(self.name, events):
            last = await self._send_ahead(partition, rows, events)
            self._put_rows(partition, rows, last)

    def on_key_set(self, key: bytes, value: bytes) -> NoReturn:
        """Faust's own way of writing, which nobody would check."""
        raise TypeError("A table is written by write(), which checks the events behind it.")

    def on_key_del(self, key: bytes) -> NoReturn:
        """Faust's own way of deleting."""
        raise TypeError("A row is deleted by write(), which checks the events behind it.")

    async def _send_ahead(self, partition: int, rows: Changes, events: Sequence[Any]) -> int:
        producer, topic, futures = self.app.producer, self.changelog_topic_name, []
        self.guard.check(events)
        try:
            for key, value in rows.items():
                self.guard.check(events[:1])  # sending may wait for room in the producer
                futures.append(await producer.send(topic, key, value, partition, None, None))
            done = await asyncio.gather(*futures)
        except StaleGeneration:
            raise
        except Exception as exc:
            self.guard.check(events)  # else it failed for being frozen: a successor repeats it
            raise ChangelogRefused(
                f"The changelog of table {self.name} refused a record ({type(exc).__name__})."
            ) from exc
        return max(record.offset for record in done)

    def _put_rows(self, partition: int, rows: Changes, offset: int) -> None:
        store = self._rows_store
        if self._in_memory:
            for key, value in rows.items():
                if value is None:
                    store.data.pop(key, None)
                else:
                    store.data[key] = value
            return
        batch: Any = WriteBatch(raw_mode=True)
        for key, value in rows.items():
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(store.offset_key, str(offset).encode())
        store._db_for_partition(partition).write(batch)

    @property
    def _rows_store(self) -> Any:
        return self.data  # what differs between stores is not in Faust's interface

    @property
    def _in_memory(self) -> bool:
        return self.data.url.scheme == "memory"


class Table:
    """Declares one table of a `TableSet`: ``people = Table("What its rows are.")``.

    Args:
        text: What its rows are and what their key is.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, tables: TableSet, owner: type) -> PartitionedTable:
        return tables.made[self.name]


class TableSet:
    """All tables of an application, each with as many partitions as the topics.

    Args:
        app: The Faust app.
        partitions: How many.
        guard: Asked before every write.

    Attributes:
        made: The tables by name.
    """

    def __init__(self, app: Any, partitions: int, guard: Guard) -> None:
        self.made: dict[str, PartitionedTable] = {}
        for declared in vars(type(self)).values():
            if isinstance(declared, Table):
                made = self.made[declared.name] = app.Table(
                    declared.name,
                    partitions=partitions,
                    key_type=bytes,
                    value_type=bytes,
                    help=declared.text,
                    options=dict(ROCKSDB_OPTIONS),
                )
                made.guard = guard

    def all(self) -> list[PartitionedTable]:
        """Every table that is declared."""
        return list(self.made.values())
