"""All agents of a worker together: whatever happens and wherever it dies, `verify` is content."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher_stream.runtime import faults
from tests.support.examples import examples
from tests.support.harness import Cluster
from tests.support.harness.village import PEOPLE, Happening, happenings, story

_SLOW = settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
#: What happens, in rounds: within a round agents see it all at once.
_ROUNDS = st.lists(st.lists(happenings(), min_size=1, max_size=6), min_size=1, max_size=4)


async def _check(cluster: Cluster) -> None:
    report = await cluster.verify()
    assert report.ok, "\n".join(report.lines())
    for name in PEOPLE:
        told = [event["revision"] for event in cluster.told("matches", name) if event]
        assert told == sorted(told), f"revisions of {name} out of order: {told}"


@_SLOW
@given(
    rounds=_ROUNDS,
    deaths=st.lists(st.integers(0, 60), max_size=3),
    seed=st.integers(0, 9),
    at_once=st.booleans(),
)
def test_whatever_happens_and_wherever_it_dies(
    rounds: list[list[Happening]], deaths: list[int], seed: int, at_once: bool
) -> None:
    async def run(patch: pytest.MonkeyPatch) -> None:
        cluster = Cluster(patch, seed)
        cluster.at_once = at_once
        await cluster.play(rounds, deaths)
        await _check(cluster)

    with pytest.MonkeyPatch.context() as patch:
        asyncio.run(run(patch))


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("point", faults.POINTS)
async def test_a_death_at_every_named_point(make_cluster: Any, point: str, nth: int) -> None:
    cluster = make_cluster(exposure=0.2, exposure_free=0.01)
    faults.configure(f"{point}:{nth}")
    try:
        await cluster.play(story(), [])
    finally:
        faults.configure("")
    await _check(cluster)
    assert cluster.deaths == 1, f"{point} was not passed {nth} times"
