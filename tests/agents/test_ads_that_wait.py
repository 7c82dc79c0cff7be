"""How long the oldest held ad waits is told, also by the worker that takes over."""

from __future__ import annotations

import time

import pytest

from matcher_stream.runtime.metrics import REGISTRY
from tests.support.harness import Cluster
from tests.support.harness.village import ad, decision

HELD = ad("taxi", 1)


def _told(name: str) -> float:
    return REGISTRY.get_sample_value(name) or 0.0


async def test_the_oldest_ad_that_waits_for_a_reviewer(cluster: Cluster) -> None:
    hour_ago = round(time.time() * 1000) - 3_600_000
    cluster.publish("jobs", "taxi", HELD, timestamp=hour_ago)
    cluster.publish("jobs", "obra", ad("obra"), timestamp=hour_ago - 1)
    await cluster.drain()
    for _ in range(2):
        assert _told("matcher_held_jobs") == 1
        assert _told("matcher_oldest_held_job_seconds") == pytest.approx(3600, abs=60)
        cluster.start()  # another worker: it knows of the ad by its table alone
        await cluster.worker.timers.due()
    cluster.publish("decisions", "taxi", decision(HELD, "release"))
    await cluster.drain()
    await cluster.worker.timers.due()
    assert (_told("matcher_held_jobs"), _told("matcher_oldest_held_job_seconds")) == (0, 0)
