"""All agents of a worker together: whatever happens and wherever it dies, `verify` is content."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher_stream.runtime import faults
from tests.support.harness import Cluster
from tests.support.harness.village import PEOPLE, Happening, ad, decision, happenings, profile

_SLOW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
#: What happens, in rounds: within a round agents see it all at once.
_ROUNDS = st.lists(st.lists(happenings(), min_size=1, max_size=6), min_size=1, max_size=4)


async def _play(cluster: Cluster, rounds: list[list[Happening]], deaths: list[int]) -> None:
    """Publish each round and work it off; in round i the worker dies after deaths[i] records."""
    for i, happened in enumerate(rounds):
        for kind, key, value in happened:
            if kind == "tick":
                cluster.tick(key)
            else:
                cluster.publish(kind, key, value)
        if i < len(deaths):
            cluster.worker.producer.left = deaths[i]
        await cluster.drain(max_events=3)


async def _check(cluster: Cluster) -> None:
    report = await cluster.verify()
    assert report.ok, "\n".join(report.lines())
    for name in PEOPLE:
        told = [event["revision"] for event in cluster.told("matches", name) if event]
        assert told == sorted(told), f"revisions of {name} out of order: {told}"


@_SLOW
@given(rounds=_ROUNDS, deaths=st.lists(st.integers(0, 60), max_size=3), seed=st.integers(0, 9))
def test_whatever_happens_and_wherever_it_dies(
    rounds: list[list[Happening]], deaths: list[int], seed: int
) -> None:
    async def run(patch: pytest.MonkeyPatch) -> None:
        cluster = Cluster(patch, seed)
        await _play(cluster, rounds, deaths)
        await _check(cluster)

    with pytest.MonkeyPatch.context() as patch:
        asyncio.run(run(patch))


def _said(name: str, job: str, kind: str) -> Happening:
    return "feedback", name, {"profile_id": name, "job_id": job, "kind": kind}


def _story() -> list[list[Happening]]:
    """A run that passes every point at which a process can be killed, each at least twice."""
    held = ad("taxi", 1)
    return [
        [("jobs", "obra", ad("obra")), ("jobs", "cocina", ad("cocina")), ("jobs", "taxi", held)],
        [("profiles", name, profile(name)) for name in PEOPLE],
        [("decisions", "taxi", decision(held, "release")), _said("ana", "obra", "dismissed")],
        [("decisions", "taxi", decision(held, "reject")), _said("carmen", "cocina", "applied")],
        [("profiles", "ana", profile("ana", "cocino menú")), ("jobs", "obra", ad("obra", 1))],
        [("jobs", "limpieza", ad("limpieza"))],
        [("tick", "2099-01-01", None)],
        [("tick", "2099-01-02", None)],
        [("jobs", "cocina", None), ("profiles", "beto", None)],
        [("profiles", "carmen", None)],
    ]


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("point", faults.POINTS)
async def test_a_death_at_every_named_point(make_cluster: Any, point: str, nth: int) -> None:
    cluster = make_cluster(exposure=0.2, exposure_free=0.01)
    faults.configure(f"{point}:{nth}")
    try:
        await _play(cluster, _story(), [])
    finally:
        faults.configure("")
    await _check(cluster)
    assert cluster.deaths == 1, f"{point} was not passed {nth} times"
