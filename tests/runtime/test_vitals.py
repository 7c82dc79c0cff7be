"""Starts, rebalances, endings and tables, as metrics tell of them."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from prometheus_client import Gauge

from matcher_stream.runtime import endings, vitals
from matcher_stream.runtime.metrics import REGISTRY
from tests.runtime.conftest import Group, until


def _value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def _labels(gauge: Gauge) -> set[tuple[str, ...]]:
    return {tuple(s.labels.values()) for s in next(iter(gauge.collect())).samples}


async def test_a_partition_is_owned_from_the_fence_s_opening_to_its_closing(
    matcher: tuple[Any, Group],
) -> None:
    _, group = matcher
    vitals.OWNED.clear()  # of workers of other tests in this process
    await group.give(0, 1)
    assert _labels(vitals.OWNED) == set(), "its tables are not recovered"
    await group.recover()
    assert _labels(vitals.OWNED) == {("matcher-fixed", "0"), ("matcher-fixed", "1")}
    await group.take_away()
    assert _labels(vitals.OWNED) == set()
    await group.give(1)
    await group.recover()
    assert _labels(vitals.OWNED) == {("matcher-fixed", "1")}
    assert _value("matcher_partitions", app_id="matcher-fixed") == 2


def test_each_part_of_a_start_is_told_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow start is looked for in the part that took long."""
    own, now = time.time() - psutil.Process().create_time(), 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    phases = vitals.Phases()
    now += 2.0
    phases.joined()
    now += 0.5
    phases.recovered()
    told = dict(part.split(" ", 1) for part in phases.ready().split(", "))
    assert "rebalance" not in told
    assert (told["join"], told["recovery"]) == ("2.00 s", "0.50 s")
    seconds, unit = told["import"].split(" ")
    assert float(seconds) == pytest.approx(own, abs=2.0)
    assert unit == "s"


async def test_a_rebalance_lasts_from_the_last_work_to_the_next(
    explainer: tuple[Any, Group], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    _, group = explainer
    count, total = "matcher_rebalance_seconds_count", "matcher_rebalance_seconds_sum"
    before = _value(count), _value(total)
    await group.give(0)
    now += 30
    await group.recover()
    assert _value(count) == before[0], "a start is none"
    started = _value("matcher_start_seconds", phase="recovery")
    now += 1000
    await group.take_away()
    now += 4
    await group.give(0, 1)
    now += 7
    await group.recover()
    assert (_value(count) - before[0], _value(total) - before[1]) == (1, 11)
    now += 500
    await group.give(0)  # evicted: nobody asked it to give up anything
    now += 2
    await group.recover()
    assert (_value(count) - before[0], _value(total) - before[1]) == (2, 13)
    assert _value("matcher_start_seconds", phase="recovery") == started, "of the start only"


@pytest.mark.parametrize(
    ("last_words", "reason"),
    [([], "killed"), (["stopped"], "stopped"), (["failed"], "failed"), (["frozen"], "frozen"),
     (["refused"], "refused"), (["failed", "stopped"], "stopped")],
)  # fmt: skip
def test_a_start_counts_how_the_process_before_ended(
    tmp_path: Path, last_words: list[endings.Ending], reason: str
) -> None:
    folder = tmp_path / "data"
    endings.begin(folder)
    assert _value("matcher_restarts_total", reason=reason) == 0
    for word in last_words:
        endings.note(word)
    endings.begin(folder)
    assert _value("matcher_restarts_total", reason=reason) == 1
    endings.begin(folder)
    assert _value("matcher_restarts_total", reason="killed") == 1 + (reason == "killed")


def test_a_last_word_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    (tmp_path / "last-ending.json").write_bytes(b"[1")
    endings.begin(tmp_path)
    assert _value("matcher_restarts_total", reason="killed") == 0


async def test_tables_are_measured(matcher: tuple[Any, Group]) -> None:
    app, group = matcher
    await group.give(0, 1)
    await group.recover()
    people = app.context.state.tables.people
    for partition in (0, 1):
        rows = {bytes([0, partition, number]): b"x" * 1000 for number in range(25)}
        people._put_rows(partition, rows, 1)
    vitals.measure_tables(app.context.state.tables.all())
    assert _value("matcher_table_rows", table="people") == pytest.approx(50, abs=4)
    assert _value("matcher_table_disk_bytes", table="people") > 50_000
    assert _value("matcher_table_memory_bytes", table="people") > 50_000
    assert ("people",) in _labels(vitals.TABLE_ROWS)


async def test_the_event_loop_s_delay_is_measured(matcher: tuple[Any, Group]) -> None:
    name = "matcher_event_loop_delay_seconds_count"
    before, fence = _value(name), matcher[0].context.fence
    ticking = asyncio.ensure_future(fence.keep_ticking())
    try:
        await until(lambda: _value(name) > before)
    finally:
        ticking.cancel()
