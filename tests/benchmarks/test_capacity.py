"""From slopes to workers: arithmetic that a reader can redo by hand."""

from __future__ import annotations

import dataclasses
import math

import pytest

from benchmarks.capacity_limits import TICK, bites, busiest_hour, lacking, scaled
from benchmarks.capacity_plan import (
    PARTITIONS,
    day_seconds,
    job_ms,
    memory_bytes,
    needed,
    plan,
    profile_ms,
    rank_ms,
    restore_seconds,
)
from benchmarks.capacity_terms import (
    MIB,
    Load,
    Machine,
    Slopes,
)

NONE = Slopes(**{field.name: 0.0 for field in dataclasses.fields(Slopes)})
ROUND = Slopes(
    base_bytes=1000 * MIB, person_bytes=8000, job_bytes=4000, copy_bytes=100,
    partition_bytes=50e6, person_log=2000, job_log=1500, copy_log=3000, person_topics=10_000,
    job_topics=2500, copy_topics=3000, disk=1.0, read_ms=1, encode_ms=16, tell_ms=1, rank_ms=1,
    rank_job_ms=1e-4, vet_ms=5, encode_job_ms=15, post_ms=1, post_person_ms=2e-4, restore_ms=0.4,
    stream=1.5,
)  # fmt: skip
TOWN = Load(people=100_000, jobs=20_000)


def test_a_day_by_hand() -> None:
    assert rank_ms(ROUND, 20_000) == pytest.approx(3.0)
    assert profile_ms(ROUND, TOWN) == pytest.approx((1 + 16 + 3 + 1) * 1.5)
    # an ad: vetted and embedded once, scored in 8 partitions against everybody, and in the end as
    # many people are told of it, coming and going, as there are places in rankings for each ad
    told = 2 * 10 * 100_000 / 20_000
    ad = (5 + 15) * 1.5 + (8 * 1 + 20 + told * (3 + 1)) * 1.5
    assert job_ms(ROUND, TOWN, 8) == pytest.approx(ad)
    day = 100_000 * 12 / 365 * profile_ms(ROUND, TOWN) + 20_000 / 30 * ad
    assert day_seconds(ROUND, TOWN, 8) == pytest.approx(day / 1000)


def test_memory_and_restore_by_hand() -> None:
    held = 1000 * MIB + 20_000 * 4000 + (100_000 * 8000 + 20_000 * 8 * 100 + 8 * 50e6) / 2
    assert memory_bytes(ROUND, TOWN, 8, 2) == pytest.approx(held)
    records = 2 * 100_000 + 20_000 + 2 * 20_000 * 8
    assert restore_seconds(ROUND, TOWN, 8, 2) == pytest.approx(records * 0.4 / 2 / 1000)


@pytest.mark.parametrize(
    ("slopes", "machine", "asks", "count"),
    [
        # 100,000 people at 90 kB are 9 GB; of 8 GiB three quarters may be used
        (dataclasses.replace(NONE, person_bytes=90_000), Machine(), "memory", 2),
        (dataclasses.replace(NONE, person_bytes=180_000), Machine(), "memory", 3),
        # everybody at 432 ms are 43,200 s: three workers in four hours
        (dataclasses.replace(NONE, rank_ms=432), Machine(hold_seconds=1e9), "daily tick", 3),
        # 540,000 records at 10 ms are 5,400 s: six in a quarter of an hour
        (dataclasses.replace(NONE, restore_ms=10), Machine(), "restore", 6),
        # a profile at 10 s is 32,877 s of work a day, 4 times in the busiest hour: 1.52 s a second
        (dataclasses.replace(NONE, encode_ms=10_000, stream=1), Machine(), "busiest hour", 3),
    ],
)  # fmt: skip
def test_each_limit_asks_for_its_workers(
    slopes: Slopes, machine: Machine, asks: str, count: int
) -> None:
    need = needed(slopes, TOWN, machine, 8)
    assert (need.binding, need.count) == (asks, count)


def test_jobs_that_no_worker_can_hold_need_infinitely_many() -> None:
    need = needed(dataclasses.replace(NONE, job_bytes=1e6), TOWN, Machine(), 8)
    assert math.isinf(need.count)
    assert plan(dataclasses.replace(NONE, job_bytes=1e6), TOWN, Machine()) is None
    assert plan(ROUND, scaled(TOWN, 100), Machine()) is None
    assert lacking(ROUND, scaled(TOWN, 100), Machine()) == TICK
    assert lacking(dataclasses.replace(NONE, job_bytes=1e6), TOWN, Machine()) == "memory"


def test_partitions_leave_room_for_twice_the_workers_and_keep_a_tick_short() -> None:
    made = plan(dataclasses.replace(NONE, restore_ms=5), TOWN, Machine())
    assert made is not None
    assert made.partitions in PARTITIONS
    assert 2 * made.workers <= made.partitions
    slow = plan(dataclasses.replace(NONE, rank_ms=432), TOWN, Machine())
    assert slow is not None
    assert slow.partitions == 64, "43,200 s in parts of 900 s: 48 at least"
    assert slow.hold_seconds <= 900


@pytest.mark.parametrize("times", [1, 10, 30])
def test_a_plan_keeps_every_bound_and_says_where_they_end(times: int) -> None:
    load, machine = scaled(TOWN, times), Machine()
    made = plan(ROUND, load, machine)
    assert made is not None
    assert made.memory_bytes <= machine.fill * machine.memory_bytes
    assert made.busy <= machine.busy
    assert made.tick_seconds <= machine.tick_seconds
    assert made.restore_seconds <= machine.restore_seconds
    far = bites(ROUND, made, machine)
    assert set(far) == {*made.need.workers, TICK, "jobs in one memory"}
    assert min(far.values()) >= 1.0
    for name in made.need.workers:
        beyond = scaled(load, far[name] * 1.01)
        assert needed(ROUND, beyond, machine, made.partitions).workers[name] > made.workers


def test_an_hour_is_what_queueing_theory_says() -> None:
    """M/D/1 at a load of rho: a share of 1 - rho does not wait, the others a service or so."""
    slopes = dataclasses.replace(NONE, encode_ms=1000, stream=1)
    rho = 0.25
    load = Load(people=100_000, jobs=0, peak=2 * rho * 86_400 * 365 / (100_000 * 12))
    made = plan(slopes, load, Machine())
    assert made is not None
    assert made.workers == 2
    assert made.busy == pytest.approx(rho)
    half, most = busiest_hour(slopes, made)
    assert half == pytest.approx(1.0)
    assert 1.5 < most < 3.0
