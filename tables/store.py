"""Faust's RocksDB store, opened once per partition however many threads ask.

Faust opens a database where it is first asked for, in whichever thread: the event loop after a
rebalance and the scoring thread that builds the indexes may ask at once, and RocksDB gives its
lock to one. A database also stays open as long as anybody holds it: who asks again right after a
rebalance waits for the last reader of before.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Final

from faust.stores import rocksdb

_HELD_HERE: Final = "lock hold by current process"
READER_SECONDS: Final = 10.0
"""For how long a reader of before a rebalance is waited for."""
_PAUSE: Final = 0.01


class PartitionStore(rocksdb.Store):
    """One RocksDB database per partition."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._opening = threading.Lock()

    def _db_for_partition(self, partition: int) -> Any:
        db = self._dbs.get(partition)
        if db is not None:
            return db
        with self._opening:
            return super()._db_for_partition(partition)

    def _open_for_partition(self, partition: int) -> Any:
        until = time.monotonic() + READER_SECONDS
        while True:
            try:
                return super()._open_for_partition(partition)
            except Exception as exc:  # rocksdict raises no class of its own
                if _HELD_HERE not in str(exc) or time.monotonic() > until:
                    raise
            time.sleep(_PAUSE)  # its reader is in another thread
