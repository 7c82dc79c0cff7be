"""Where each limit bites, and an hour of one worker: from a plan, without a machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.capacity_plan import (
    DAY_SECONDS,
    PARTITIONS,
    Plan,
    job_ms,
    needed,
    profile_ms,
)
from benchmarks.capacity_terms import (
    Load,
    Machine,
    Slopes,
)

TICK = "tick of one partition"
Times = NDArray[np.float64]


def bites(slopes: Slopes, found: Plan, machine: Machine) -> dict[str, float]:
    """How many times the people and jobs (both) each limit allows with these workers and
    partitions, and how many times the jobs alone fit into a worker's memory.
    """
    names = [*found.need.workers, TICK]
    far = {name: _most(slopes, found, machine, name) for name in names}
    return {**far, "jobs in one memory": _jobs_alone(slopes, found, machine)}


def lacking(slopes: Slopes, load: Load, machine: Machine) -> str:
    """Why no number of workers does: the limit that asks for more than the most partitions."""
    need = needed(slopes, load, machine, PARTITIONS[-1])
    return TICK if need.partitions > PARTITIONS[-1] else need.binding


def _most(slopes: Slopes, found: Plan, machine: Machine, name: str) -> float:
    """By bisection: a limit's need grows with the load."""
    low, high = 0.0, 1024.0
    for _ in range(60):
        middle = (low + high) / 2
        load = scaled(found.load, middle)
        need = needed(slopes, load, machine, found.partitions)
        fits = need.partitions <= found.partitions
        if name != TICK:
            fits = need.workers[name] <= found.workers
        low, high = (middle, high) if fits else (low, middle)
    return low


def scaled(load: Load, times: float) -> Load:
    """So many times the people and the jobs."""
    return Load(
        people=round(load.people * times), jobs=round(load.jobs * times), changes=load.changes,
        lifetime=load.lifetime, top_k=load.top_k, peak=load.peak,
    )  # fmt: skip


def _jobs_alone(slopes: Slopes, found: Plan, machine: Machine) -> float:
    room = machine.fill * machine.memory_bytes - slopes.base_bytes
    room -= slopes.person_bytes * found.load.people / found.workers
    room -= slopes.partition_bytes * found.partitions / found.workers
    job = slopes.job_bytes + slopes.copy_bytes * found.partitions / found.workers
    return room / job / found.load.jobs


def busiest_hour(slopes: Slopes, found: Plan, seed: int = 7) -> tuple[float, float]:
    """An hour of one worker, drawn: profiles and ads come as they please, one at a time is worked
    on (Lindley's recursion); median and 99th percentile of a profile's seconds until it is told.
    """
    rng, load = np.random.default_rng(seed), found.load
    rate = load.peak / DAY_SECONDS / found.workers
    profiles = rng.poisson(load.people * load.changes / 365 * rate * 3600)
    ads = rng.poisson(load.jobs / load.lifetime * rate * found.workers * 3600)
    at = np.concatenate([rng.uniform(0, 3600, profiles), rng.uniform(0, 3600, ads)])
    own = profile_ms(slopes, load) / 1000
    other = job_ms(slopes, load, found.partitions) / found.workers / 1000
    takes = np.concatenate([np.full(profiles, own), np.full(ads, other)])
    order = np.argsort(at)
    done = _finished(at[order], takes[order])
    stays = (done - at[order])[order < profiles]
    if not len(stays):
        return 0.0, 0.0
    return float(np.quantile(stays, 0.5)), float(np.quantile(stays, 0.99))


def _finished(at: Times, takes: Times) -> Times:
    """When each is done, in turn: it begins when it is there and the one before it is done."""
    before = np.concatenate([[0.0], np.cumsum(takes)[:-1]])
    started: Times = np.maximum.accumulate(at - before) + before
    return started + takes
