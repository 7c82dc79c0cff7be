"""Recovery in bulk: changelogs into the tables, thousands of records at a time.

Faust takes a changelog record by record through its queue, with a task and a count of everything
that is left for each. Here its recovery finds the tables almost recovered: between its looking up
where the changelogs end and its reading them, they are read by a consumer of their own, as far as
that end, and written file by file (`tables.bulk`). Whatever that leaves Faust reads as before.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import MutableMapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from faust.tables import TableManager
from faust.tables.recovery import Recovery
from faust.types import TP

from matcher_stream.config.security import client_options
from matcher_stream.config.settings import Settings
from matcher_stream.runtime import vitals
from matcher_stream.runtime.fence import die
from tables.base import PartitionedTable
from tables.bulk import BulkRows

log = logging.getLogger(__name__)

FETCH_BYTES: Final = 9 << 20
"""From one partition at a time; above the topics' limit, as the workers' own."""
POLL_RECORDS: Final = 4096
"""Decoded between two turns of the event loop."""
WAITING_BYTES: Final = 64 << 20
"""Rows that wait to be written, of all partitions."""
TELL_SECONDS: Final = 5.0
_FETCH_WAIT_MS: Final = 50
_POLL_MS: Final = 500

#: By partition of a changelog, the last offset that the table holds.
Offsets = MutableMapping[TP, int | None]


class BulkRecovery(Recovery):
    """Faust's, with the changelogs read in bulk first."""

    _progress: Progress | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._turn = asyncio.Lock()

    def active_remaining_total(self) -> int:
        """Records that are still to be read."""
        return super().active_remaining_total() if self._progress is None else self._progress.left

    async def _wait(self, coro: Any, timeout: Any = None) -> None:
        """As Faust's, which would take a step that takes long for the end of the service.

        Requests to the broker have limits of their own.
        """
        await super()._wait(coro)

    async def _verify_remaining(self, now: float, stats: Any) -> None:
        if self._progress is None:  # else Faust would miss records that it was not sent
            await super()._verify_remaining(now, stats)

    async def _build_offsets(
        self, consumer: Any, tps: set[TP], destination: Any, title: str
    ) -> None:
        await super()._build_offsets(consumer, tps, destination, title)
        if title == "active":
            async with self._turn:  # one that a rebalance has ended may still write its last file
                await self._restore(set(tps), destination)

    async def _restore(self, tps: set[TP], offsets: Offsets) -> None:
        reading = Reading(offsets, {tp: self.active_highwaters[tp] for tp in tps})
        left: dict[Any, list[TP]] = {}
        for tp in sorted(tps):
            table: Any = self.tp_to_table[tp]
            if table.database_path(tp.partition) is None:
                continue
            offsets[tp] = max(_known(offsets[tp]), _known(table.persisted_offset(tp)))
            if reading.missing(tp):
                left.setdefault(table, []).append(tp)
        if not left:
            return
        self._progress = reading.progress = Progress(sum(map(reading.missing, tps)))
        app: Any = self.app
        try:
            await reading.all_of(app.context.settings, left)
        except KafkaError as error:
            log.warning("Reading changelogs in bulk ended with %s", type(error).__name__)
        except Exception as error:  # Faust would log it and go on with half a state
            log.exception("The tables could not be recovered")
            die(f"recovery failed with {type(error).__name__}")
        finally:
            self._progress.ended()
            self._progress = None


class BulkTableManager(TableManager):
    """Faust's, with `BulkRecovery`."""

    @property
    def recovery(self) -> Recovery:
        """The recovery service."""
        if self._recovery is None:
            self._recovery = BulkRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery


def records_left(app: Any) -> int | None:
    """Records of changelogs that an app has still to read; None before it knows."""
    try:
        return int(app.tables.recovery.active_remaining_total())
    except Exception:  # Faust has none of it before it begins
        return None


class Progress:
    """Tells how far a recovery is: in the log and as a metric.

    Args:
        total: Records to read.

    Attributes:
        left: Of them.
    """

    def __init__(self, total: int) -> None:
        self.left = self._total = total
        self._began = self._told = time.monotonic()
        vitals.RECOVERY_RECORDS.set(total)

    def read(self, records: int) -> None:
        """So many more are read; the log hears of it now and then."""
        self.left -= records
        vitals.RECOVERY_RECORDS.set(self.left)
        now, done = time.monotonic(), self._total - self.left
        if now - self._told < TELL_SECONDS or not done:
            return
        self._told, rest = now, (now - self._began) * self.left / done
        log.info(
            "Recovering: %d of %d records read (%d %%), about %.0f s left",
            done, self._total, 100 * done // self._total, rest,
        )  # fmt: skip

    def ended(self) -> None:
        """Nothing more is read here."""
        vitals.RECOVERY_RECORDS.set(0)
        seconds = time.monotonic() - self._began
        log.info("Read %d records of changelogs in %.2f s", self._total - self.left, seconds)


class Reading:
    """One reading of changelogs as far as they went when it began.

    Args:
        offsets: What the tables hold; follows what is written.
        ends: The last offset to read.

    Attributes:
        progress: Told of what is read.
    """

    progress: Progress

    def __init__(self, offsets: Offsets, ends: dict[TP, int]) -> None:
        self._offsets, self._ends = offsets, ends

    def missing(self, tp: TP) -> int:
        """Records that a table lacks."""
        return max(0, self._ends[tp] - _known(self._offsets[tp]))

    async def all_of(self, settings: Settings, left: dict[PartitionedTable, list[TP]]) -> None:
        """Read these changelogs into their tables, one table after the other.

        Raises:
            KafkaError: the broker does not let us read; what was written stays.
        """
        consumer = AIOKafkaConsumer(
            **client_options(settings),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_wait_ms=_FETCH_WAIT_MS,
        )
        try:
            await consumer.start()
            for table, tps in left.items():
                await self._table(consumer, {tp: BulkRows(table, tp.partition) for tp in tps})
        finally:
            await consumer.stop()

    async def _table(self, consumer: AIOKafkaConsumer, rows: dict[TP, BulkRows]) -> None:
        reading = {TopicPartition(*tp): tp for tp in rows}
        consumer.assign(list(reading))
        for part, tp in reading.items():
            consumer.seek(part, _known(self._offsets[tp]) + 1)
        while reading:
            batches = await consumer.getmany(timeout_ms=_POLL_MS, max_records=POLL_RECORDS)
            for part, records in batches.items():
                self._take(records, part, rows)
            for part, tp in list(reading.items()):
                if await consumer.position(part) > self._ends[tp]:
                    consumer.pause(part)
                    del reading[part]
            while sum(waiting.size for waiting in rows.values()) > WAITING_BYTES:
                await self._write(max(rows, key=lambda tp: rows[tp].size), rows)
        for tp in rows:
            await self._write(tp, rows)

    def _take(self, records: list[Any], part: TopicPartition, rows: dict[TP, BulkRows]) -> None:
        tp = TP(part.topic, part.partition)
        waiting, end = rows[tp], self._ends[tp]
        for record in records:
            if record.offset <= end:  # what came since is not part of this recovery
                waiting.put(record.key, record.value, record.offset)
        self.progress.read(len(records))

    async def _write(self, tp: TP, rows: dict[TP, BulkRows]) -> None:
        """Write in a thread; who is cancelled meanwhile goes when it is written."""
        writing = asyncio.ensure_future(asyncio.to_thread(rows[tp].write))
        try:
            last = await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait([writing])
            raise
        if last is not None:
            self._offsets[tp] = last


def _known(offset: int | None) -> int:
    return -1 if offset is None else offset
