"""A database that was unused for too long is deleted; those in use are stamped."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from matcher_stream.runtime.stale import throw_away_stale_state
from tests.runtime.conftest import Group

HOUR = 3600.0


@pytest.fixture
async def context(explainer: tuple[Any, Group]) -> Any:
    """The parts of a worker, with a database of each table for each partition."""
    made = explainer[0].context
    for table in made.state.tables.all():
        for partition in range(2):
            table.database_path(partition).mkdir(parents=True)
            (table.database_path(partition) / "CURRENT").write_text("rows")
    return made


def _stamp(context: Any, partition: int, hours_ago: float) -> Path:
    stamp = Path(context.settings.data_dir) / f"partition-{partition}.used"
    stamp.touch()
    then = time.time() - hours_ago * HOUR
    os.utime(stamp, (then, then))
    return stamp


def _kept(context: Any, partition: int) -> set[bool]:
    tables = context.state.tables.all()
    return {table.database_path(partition).exists() for table in tables}


def test_owned_partitions_are_stamped(context: Any) -> None:
    context.state.owned = {1}
    stamp = _stamp(context, 1, hours_ago=1000)
    throw_away_stale_state(context)
    assert time.time() - stamp.stat().st_mtime < HOUR
    assert _kept(context, 1) == {True}, "what is in use is never thrown away"
    assert not stamp.with_name("partition-0.used").exists()


def test_what_was_unused_for_too_long_is_deleted(
    context: Any, caplog: pytest.LogCaptureFixture
) -> None:
    limit = context.settings.stale_state_hours
    moment = 0.01
    old, recent = _stamp(context, 0, limit + moment), _stamp(context, 1, limit - moment)
    throw_away_stale_state(context)
    assert _kept(context, 0) == {False}
    assert not old.exists()
    assert _kept(context, 1) == {True}
    assert recent.exists()
    assert "The local state of partition 0 is too old: it is rebuilt" in caplog.text


def test_the_first_start_on_a_machine_makes_the_folder_of_stamps(context: Any) -> None:
    folder = context.settings.data_dir / "of" / "this worker"
    settings = context.settings.model_copy(update={"data_dir": folder})
    object.__setattr__(context, "settings", settings)
    context.state.owned = {1}
    throw_away_stale_state(context)
    assert [stamp.name for stamp in folder.iterdir()] == ["partition-1.used"]


def test_a_young_database_without_a_stamp_is_kept(context: Any) -> None:
    """Its newest file counts: most of a database is old."""
    for table in context.state.tables.all():
        old = table.database_path(0) / "000001.sst"
        old.touch()
        os.utime(old, (0, 0))
    throw_away_stale_state(context)
    assert _kept(context, 0) == _kept(context, 1) == {True}


def test_an_old_database_without_a_stamp_is_deleted(context: Any) -> None:
    """Its worker lived for less than a minute."""
    then = time.time() - (context.settings.stale_state_hours + 1) * HOUR
    for table in context.state.tables.all():
        os.utime(table.database_path(0) / "CURRENT", (then, then))
    throw_away_stale_state(context)
    assert _kept(context, 0) == {False}
    assert _kept(context, 1) == {True}


@pytest.fixture
def old(settings: dict[str, Any]) -> Path:
    """A stamp of long ago, from before the app is made."""
    stamp: Path = settings["data_dir"] / "partition-0.used"
    stamp.parent.mkdir()
    stamp.touch()
    os.utime(stamp, (0, 0))
    return stamp


def test_it_is_deleted_while_it_is_closed(old: Path, explainer: tuple[Any, Group]) -> None:
    assert not old.exists(), "once tables are open it would be too late"
