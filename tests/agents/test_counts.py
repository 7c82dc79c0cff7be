"""What became of every record is counted, by topic and outcome (docs/operations.md)."""

from __future__ import annotations

from typing import Any

import pytest

from matcher_stream.runtime.metrics import REGISTRY
from tests.support.harness import Cluster
from tests.support.harness.village import COOK, ad, decision, profile, said

HELD = ad("taxi", 1)
OUTCOMES = (
    "accepted", "unchanged", "repeated", "held", "rejected", "withdrawn", "erased", "refused",
    "release", "reject",
)  # fmt: skip


def _counted(cluster: Cluster, kind: str) -> dict[str, float]:
    found = {
        outcome: REGISTRY.get_sample_value(
            "matcher_events_total", {"topic": getattr(cluster.names, kind), "outcome": outcome}
        )
        for outcome in OUTCOMES
    }
    return {outcome: value for outcome, value in found.items() if value}


class Since:
    """How far the counters of a topic have moved."""

    def __init__(self, cluster: Cluster, kind: str) -> None:
        self._cluster, self._kind = cluster, kind
        self._before = _counted(cluster, kind)

    @property
    def moved(self) -> dict[str, float]:
        now = _counted(self._cluster, self._kind)
        moved = {outcome: value - self._before.get(outcome, 0.0) for outcome, value in now.items()}
        return {outcome: value for outcome, value in moved.items() if value}


async def test_ads(cluster: Cluster) -> None:
    since = Since(cluster, "jobs")
    cluster.publish("decisions", "taxi", decision(HELD, "reject"))
    await cluster.run("decisions")
    for key, value in (
        ("obra", ad("obra")), ("obra", ad("obra")), ("obra", ad("obra", 1)), ("cocina", None),
        ("taxi", HELD), ("limpieza", ad("limpieza", description=HELD["description"])),
        ("obra", b"{"),
    ):  # fmt: skip
        cluster.publish("jobs", key, value)
    await cluster.run("jobs", 1)
    outcomes = {"accepted": 2, "unchanged": 1, "withdrawn": 1, "rejected": 1, "held": 1}
    assert since.moved == {**outcomes, "refused": 1}
    since = Since(cluster, "jobs")
    cluster.rewind("jobs")
    await cluster.run("jobs", 1)
    assert since.moved == {"repeated": 5, "withdrawn": 1, "refused": 1}


async def test_people(cluster: Cluster) -> None:
    since = Since(cluster, "profiles")
    for value in (profile("ana"), profile("ana"), profile("ana", COOK), None, b"{"):
        cluster.publish("profiles", "ana", value)
    await cluster.run("profiles", 1)
    assert since.moved == {"accepted": 2, "unchanged": 1, "erased": 1, "refused": 1}
    since = Since(cluster, "profiles")
    cluster.rewind("profiles")
    await cluster.run("profiles", 1)
    assert since.moved == {"repeated": 3, "erased": 1, "refused": 1}


async def test_decisions_and_feedback(cluster: Cluster) -> None:
    since = Since(cluster, "decisions")
    for value in (decision(HELD, "release"), decision(HELD, "reject"), None):
        cluster.publish("decisions", "taxi", value)
    await cluster.run("decisions")
    assert since.moved == {"release": 1, "reject": 1, "withdrawn": 1}
    since = Since(cluster, "decisions")
    cluster.rewind("decisions")
    await cluster.run("decisions")
    assert since.moved == {"repeated": 2, "withdrawn": 1}
    since = Since(cluster, "feedback")
    said_before = REGISTRY.get_sample_value("matcher_feedback_total", {"kind": "applied"}) or 0.0
    cluster.publish("feedback", "ana", said("ana", "obra", "applied"))
    await cluster.run("feedback")
    assert since.moved == {"accepted": 1}
    said_now = REGISTRY.get_sample_value("matcher_feedback_total", {"kind": "applied"})
    assert said_now == said_before + 1


@pytest.mark.parametrize(
    ("fields", "unknown"),
    [
        ({"ubigeo": None, "place": "Macondo"}, {"place"}),
        ({"ubigeo": "999999"}, {"place"}),
        ({"ubigeo": None}, set()),
        ({"ubigeo": "150110"}, set()),
        ({"ubigeo": "010101"}, set()),
        ({"licence": "de nave"}, {"licence"}),
    ],
)
async def test_what_nobody_knows(
    cluster: Cluster, fields: dict[str, Any], unknown: set[str]
) -> None:
    for kind, key, value in (
        ("jobs", "obra", ad("obra", **fields)), ("profiles", "ana", profile("ana", **fields)),
    ):  # fmt: skip
        topic = getattr(cluster.names, kind)
        before = [_unknown(topic, field) for field in ("place", "licence")]
        cluster.publish(kind, key, value)
        await cluster.run(kind)
        after = [_unknown(topic, field) for field in ("place", "licence")]
        grown = [now - then for now, then in zip(after, before, strict=True)]
        assert grown == [float(field in unknown) for field in ("place", "licence")]


def _unknown(topic: str, field: str) -> float:
    labels = {"topic": topic, "field": field}
    return REGISTRY.get_sample_value("matcher_unknown_terms_total", labels) or 0.0
