"""Local databases that were not used for so long that their changelog has forgotten tombstones.

A partition that comes back to a worker after days would find rows on disk whose deletion is no
longer in the changelog: people who were erased meanwhile. So each owned partition has a stamp
that is touched every minute, and a database whose stamp is too old is deleted while it is closed.
Without a stamp (its worker lived for less than a minute) the age of its newest file counts.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from matcher_stream.runtime.parts import AppParts

log = logging.getLogger(__name__)


def throw_away_stale_state(parts: AppParts) -> None:
    """Touch the stamps of owned partitions and delete databases unused for too long."""
    folder = Path(parts.settings.data_dir)
    folder.mkdir(parents=True, exist_ok=True)
    limit = time.time() - parts.settings.stale_state_hours * 3600
    for partition in range(parts.settings.partitions):
        stamp = folder / f"partition-{partition}.used"
        if partition in parts.state.owned:
            stamp.touch()
            continue
        paths = [table.database_path(partition) for table in parts.state.tables.all()]
        databases = [path for path in paths if path is not None]
        if (used := _last_used(stamp, databases)) is not None and used < limit:
            log.warning("The local state of partition %d is too old: it is rebuilt", partition)
            for database in databases:
                shutil.rmtree(database, ignore_errors=True)
            stamp.unlink(missing_ok=True)


def _last_used(stamp: Path, databases: Sequence[Path]) -> float | None:
    """When a partition's state was used last (seconds since the epoch); None if there is none."""
    if stamp.exists():
        return stamp.stat().st_mtime
    files = [file for database in databases if database.is_dir() for file in database.iterdir()]
    return max((file.stat().st_mtime for file in files), default=None)
