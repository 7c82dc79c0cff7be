"""What time brings is asked for once, of whoever owns the partition, and by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any

import numpy as np
import orjson
import pytest

from agents import jobs, profiles
from matcher_stream import timers as timers_module
from matcher_stream.runtime import metrics
from schemas.base import LIMA
from schemas.errors import StaleGeneration
from tables.rows import AS_OF, GATE, RANKER
from tests.support.harness import Cluster
from tests.support.harness import broker as broker_module
from tests.support.harness.village import ad, profile

START = datetime(2026, 11, 23, 12, tzinfo=LIMA)
DAY = 86_400.0


class Clock:
    """All the clocks that timers, the broker and agents look at, in one hand."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.seconds = 1_000_000.0
        self._began = self.seconds
        for module in (timers_module, broker_module, metrics, jobs, profiles):
            patch.setattr(module, "time", self)
        patch.setattr(timers_module, "datetime", self)
        patch.setattr(metrics, "_last_progress", {})

    def monotonic(self) -> float:
        return self.seconds

    def time(self) -> float:
        return self.now(LIMA).timestamp()

    def now(self, zone: tzinfo) -> datetime:
        return (START + timedelta(seconds=self.seconds - self._began)).astimezone(zone)

    def ms(self, seconds: float = 0.0) -> int:
        """So many seconds from now, in ms since the epoch."""
        return round((self.time() + seconds) * 1000)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
async def cluster(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Cluster:
    """A worker that has done all that its first day brings."""
    made = Cluster(monkeypatch)
    await made.drain()
    clock.seconds += 3600
    return made


def _asked(cluster: Cluster) -> Callable[[], list[tuple[int, dict[str, Any]]]]:
    """Reads what was asked for since it was read last: partition and item."""
    seen = 0

    def new() -> list[tuple[int, dict[str, Any]]]:
        nonlocal seen
        sent = [s for s in cluster.broker.steps if (s.what, s.topic) == ("stored", work)]
        positions: dict[int, int] = {}
        items = []
        for step in sent:
            offset = positions[step.partition] = positions.get(step.partition, -1) + 1
            record = cluster.broker.log(work, step.partition)[offset]
            assert record.key == b""
            items.append((step.partition, orjson.loads(record.value or b"")))
        seen, fresh = len(items), items[seen:]
        return fresh

    work = cluster.names.work
    new()
    return new


# -- what is due --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "ends"), [("expire_job", "job_ends"), ("expire_profile", "person_ends")]
)
async def test_an_end_is_asked_for_when_it_has_come_and_once_a_minute(
    cluster: Cluster, clock: Clock, kind: str, ends: str
) -> None:
    asked, due = _asked(cluster), clock.ms(10)
    getattr(cluster.worker.context.state, ends)[1] = {"taxi": due, "obra": clock.ms(9999)}
    timers = cluster.worker.timers
    await timers.due()
    assert asked() == []
    clock.seconds += 10
    await timers.due()
    item = {"kind": kind, "id": "taxi", "due_ms": due}
    assert asked() == [(1, item)]
    for _ in range(5):
        clock.seconds += 11
        await timers.due()
    assert asked() == [], "asked less than a minute ago"
    clock.seconds += 6
    await timers.due()
    assert asked() == [(1, item)]


async def test_an_ad_with_another_end_is_due_anew(cluster: Cluster, clock: Clock) -> None:
    """It was prolonged by a second and expires within the minute: not asked, it would stay."""
    asked, ends = _asked(cluster), cluster.worker.context.state.job_ends
    for end in (clock.ms(-5), clock.ms(-4)):
        ends[0] = {"taxi": end}
        await cluster.worker.timers.due()
        await cluster.worker.timers.due()
        assert asked() == [(0, {"kind": "expire_job", "id": "taxi", "due_ms": end})]


async def test_equal_ids_of_two_partitions_and_kinds_are_not_mixed_up(
    cluster: Cluster, clock: Clock
) -> None:
    asked, state, due = _asked(cluster), cluster.worker.context.state, clock.ms(-1)
    state.job_ends = {0: {"x": due}, 1: {"x": due}}
    state.person_ends = {0: {"x": due}, 1: {}}
    await cluster.worker.timers.due()
    kinds = [(partition, item["kind"]) for partition, item in asked()]
    assert kinds == [(0, "expire_job"), (0, "expire_profile"), (1, "expire_job")]


async def test_only_partitions_that_are_owned_are_looked_after(
    cluster: Cluster, clock: Clock
) -> None:
    asked, state = _asked(cluster), cluster.worker.context.state
    state.job_ends = {0: {"a": clock.ms(-1)}, 1: {"b": clock.ms(-1)}}
    state.owned = {1}
    await cluster.worker.timers.due()
    assert [item["id"] for _, item in asked()] == ["b"]


async def test_an_ad_expires_by_its_timer(cluster: Cluster, clock: Clock) -> None:
    """With the agents: an hour later the ad is in nobody's ranking, and nothing is due."""
    cluster.publish("profiles", "ana", profile("ana"))
    until = (clock.now(LIMA) + timedelta(hours=1)).isoformat()
    cluster.publish("jobs", "obra", ad("obra", expires_at=until))
    await cluster.drain()
    assert cluster.ranking("ana") == ["obra"]
    clock.seconds += 3601
    asked = _asked(cluster)
    await cluster.drain()
    assert cluster.ranking("ana") == []
    assert [item["kind"] for _, item in asked()].count("expire_job") == 1
    clock.seconds += 61
    await cluster.worker.timers.due()
    assert asked() == []


# -- days and versions --------------------------------------------------------------------


async def test_a_day_begins_once_in_each_partition(cluster: Cluster, clock: Clock) -> None:
    asked = _asked(cluster)
    await cluster.worker.timers.due()
    assert asked() == [], "today has begun"
    for day in (1, 2):
        clock.seconds += DAY
        today = (START + timedelta(days=day)).date().isoformat()
        await cluster.worker.timers.due()
        await cluster.worker.timers.due()
        tick = {"kind": "tick", "as_of": today}
        assert asked() == [(0, tick), (1, tick)]
        await cluster.drain()
        clock.seconds += 61
        await cluster.worker.timers.due()
        assert asked() == [], "it has begun"
        assert cluster.worker.context.state.meta(0, AS_OF) == today


async def test_a_day_begins_at_midnight_in_lima(cluster: Cluster, clock: Clock) -> None:
    asked = _asked(cluster)
    midnight = datetime(2026, 11, 24, tzinfo=LIMA)
    clock.seconds += (midnight - clock.now(LIMA)).total_seconds() - 1
    await cluster.worker.timers.due()
    assert asked() == []
    clock.seconds += 1
    await cluster.worker.timers.due()
    assert {item["as_of"] for _, item in asked()} == {"2026-11-24"}


async def test_a_day_that_nobody_has_begun_is_asked_for_again(
    cluster: Cluster, clock: Clock
) -> None:
    asked = _asked(cluster)
    clock.seconds += DAY
    for _ in range(2):
        await cluster.worker.timers.due()
        assert len(asked()) == 2
        clock.seconds += 61


@pytest.mark.parametrize(("key", "kind"), [(RANKER, "rerank"), (GATE, "revet")])
async def test_another_version_is_asked_for_until_it_is_done(
    cluster: Cluster, clock: Clock, key: bytes, kind: str
) -> None:
    asked, context = _asked(cluster), cluster.worker.context
    await cluster.worker.timers.due()
    assert asked() == [], "the versions are those of the tables"
    await context.state.tables.meta.write(1, {key: b"another"}, [context.fence.turn()])
    await cluster.worker.timers.due()
    await cluster.worker.timers.due()
    assert asked() == [(1, {"kind": kind})]
    clock.seconds += 61
    await cluster.worker.timers.due()
    assert asked() == [(1, {"kind": kind})]
    await cluster.drain()
    asked()
    clock.seconds += 61
    await cluster.worker.timers.due()
    assert asked() == []


async def test_a_new_partition_is_asked_for_everything(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    cluster = Cluster(monkeypatch)
    asked = _asked(cluster)
    await cluster.worker.timers.due()
    assert [(partition, item["kind"]) for partition, item in asked()] == [
        (partition, kind) for partition in (0, 1) for kind in ("tick", "rerank", "revet")
    ]


# -- who may ask --------------------------------------------------------------------------


async def test_nothing_is_asked_while_the_fence_is_closed(cluster: Cluster, clock: Clock) -> None:
    asked, context = _asked(cluster), cluster.worker.context
    context.state.job_ends[0] = {"taxi": clock.ms(-1)}
    context.state.dirty.mark(0, "ana", np.array([0]))
    context.fence.close()
    await cluster.worker.timers.due()
    await cluster.worker.timers.refresh()
    assert asked() == []
    context.fence.open()
    await cluster.worker.timers.due()
    await cluster.worker.timers.refresh()
    assert [item["kind"] for _, item in asked()] == ["expire_job", "refresh"], "not forgotten"


async def test_whose_partitions_go_meanwhile_asks_no_more(cluster: Cluster, clock: Clock) -> None:
    asked, worker = _asked(cluster), cluster.worker
    worker.context.state.job_ends[0] = {"taxi": clock.ms(-1), "obra": clock.ms(-1)}
    worker.evict_after(worker.producer.sent + 1)
    sent = worker.producer.sent
    with pytest.raises(StaleGeneration):
        await worker.timers.due()
    assert worker.producer.sent == sent + 1
    worker.context.fence.open()
    await worker.timers.due()
    assert {item["id"] for _, item in asked()} == {"taxi", "obra"}, "none counts as asked"


# -- refreshes ----------------------------------------------------------------------------


async def test_a_refresh_waits_for_the_last_one(cluster: Cluster, clock: Clock) -> None:
    asked, state, timers = _asked(cluster), cluster.worker.context.state, cluster.worker.timers
    await timers.refresh()
    assert asked() == [], "no list waits"
    state.dirty.mark(1, "ana", np.array([0]))
    await timers.refresh()
    assert asked() == [(1, {"kind": "refresh"})]
    clock.seconds += 1
    await timers.refresh()
    assert asked() == [], "the last one is not done"
    metrics.progress("work", 1)
    clock.seconds += 1
    await timers.refresh()
    assert asked() == [(1, {"kind": "refresh"})], "it is done and lists still wait"
    state.dirty.settle(1, state.dirty.refreshed(1, np.array([0])))
    metrics.progress("work", 1)
    clock.seconds += 1
    await timers.refresh()
    assert asked() == []


async def test_a_refresh_that_was_lost_is_asked_for_again(cluster: Cluster, clock: Clock) -> None:
    asked, timers = _asked(cluster), cluster.worker.timers
    cluster.worker.context.state.dirty.mark(0, "ana", np.array([0]))
    await timers.refresh()
    clock.seconds += 59
    await timers.refresh()
    assert len(asked()) == 1
    clock.seconds += 2
    await timers.refresh()
    assert asked() == [(0, {"kind": "refresh"})]


async def test_partitions_are_refreshed_side_by_side(cluster: Cluster, clock: Clock) -> None:
    asked, dirty = _asked(cluster), cluster.worker.context.state.dirty
    dirty.mark(0, "ana", np.array([0]))
    await cluster.worker.timers.refresh()
    dirty.mark(1, "beto", np.array([0]))
    clock.seconds += 1
    await cluster.worker.timers.refresh()
    assert [partition for partition, _ in asked()] == [0, 1]
