"""Rows into a partition's database in bulk: what a recovery reads from a changelog.

RocksDB takes a sorted file of rows and their changelog offset in one step: after a death either
all of them are there or none, so the database always is what the changelog said at its offset.
Nothing of it is written twice, as a log of writes ahead and compactions would.
"""

from __future__ import annotations

from typing import Any, Final

from rocksdict import IngestExternalFileOptions, SstFileWriter

from tables.base import PartitionedTable

FILE: Final = "bulk.sst"
"""In the database's folder, so it goes when that is thrown away; RocksDB knows no such name."""


class BulkRows:
    """Changes of one partition of a table that wait to be written at once.

    Args:
        table: Whose rows are on disk.
        partition: Open here; it stays open until this object goes.

    Attributes:
        size: Bytes that wait.
    """

    def __init__(self, table: PartitionedTable, partition: int) -> None:
        store: Any = table.data  # what differs between stores is not in Faust's interface
        folder = table.database_path(partition)
        assert folder is not None, "a table in memory has no database"
        self._database = store._db_for_partition(partition)
        self._options = store.rocksdb_options
        self._offset_key: bytes = store.offset_key
        self._file = folder / FILE
        self._rows: dict[bytes, bytes | None] = {}
        self._offset = -1
        self.size = 0
        self._file.unlink(missing_ok=True)  # of a process that died

    def put(self, key: bytes, value: bytes | None, offset: int) -> None:
        """Take the changelog's next record: a row under its whole key, or None to delete it."""
        self._rows[key] = value
        self._offset = offset
        self.size += len(key) + len(value or b"")

    def write(self) -> int | None:
        """Write what waits; returns its last offset, or None if nothing does."""
        if self._offset < 0:
            return None
        rows = {**self._rows, self._offset_key: str(self._offset).encode()}
        writer = SstFileWriter(self._options.as_options())
        writer.open(str(self._file))
        for key in sorted(rows):
            value = rows[key]
            if value is None:
                del writer[key]
            else:
                writer[key] = value
        writer.finish()
        moved = IngestExternalFileOptions()
        moved.set_move_files(True)
        self._database.ingest_external_file([str(self._file)], moved)
        last = self._offset
        self._rows, self._offset, self.size = {}, -1, 0
        return last
