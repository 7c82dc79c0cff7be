"""How much a table holds: rows, bytes on disk and bytes of memory."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tables.base import PartitionedTable

_MEMORY: Final = ("cur-size-all-mem-tables", "estimate-table-readers-mem", "block-cache-usage")
"""RocksDB's properties that are bytes of memory."""


@dataclass(slots=True)
class Held:
    """Rows of a table, and the bytes that they take on disk and in memory."""

    rows: int = 0
    disk_bytes: int = 0
    memory_bytes: int = 0


def measured(table: PartitionedTable) -> Held:
    """What the partitions hold that are open here; RocksDB estimates its rows."""
    store: Any = table.data  # what differs between stores is not in Faust's interface
    if store.url.scheme == "memory":
        rows = store.data.items()
        return Held(len(rows), 0, sum(len(key) + len(value) for key, value in rows))
    held = Held()
    for partition, database in list(store._dbs.items()):
        held.rows += database.property_int_value("rocksdb.estimate-num-keys") or 0
        for name in _MEMORY:
            held.memory_bytes += database.property_int_value(f"rocksdb.{name}") or 0
        path = table.database_path(partition)
        if path is not None and path.is_dir():
            held.disk_bytes += sum(_size(file) for file in path.iterdir())
    return held


def _size(file: Path) -> int:
    with suppress(OSError):  # compaction takes files away
        return file.stat().st_size
    return 0
