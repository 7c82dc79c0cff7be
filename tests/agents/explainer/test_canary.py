"""The canary's ranking is explained as anybody's, and counts as nobody's."""

from __future__ import annotations

from typing import Any

from matcher_stream.runtime import vitals
from matcher_stream.runtime.metrics import REGISTRY
from schemas import canary
from tests.support.harness.explainer_cluster import ExplainerCluster
from tests.support.harness.rankings import erasure, ranking

COUNTS = (
    "matcher_explanations_total", "matcher_match_to_explanation_seconds_count",
    "matcher_events_total",
)  # fmt: skip


def _counts() -> dict[Any, float]:
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
        if sample.name in COUNTS
    }


def _explained() -> float:
    name, labels = "matcher_canary_timestamp_seconds", {"stage": "explained"}
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_the_canary_is_explained_and_not_counted(explainer: ExplainerCluster) -> None:
    vitals.CANARY.clear()
    explainer.publish(ranking("ana", "obra"))
    await explainer.drain()
    before = _counts()
    assert _explained() == 0
    explainer.publish(ranking(canary.PERSON, canary.JOB))
    await explainer.drain()
    assert [told["job_id"] for told in explainer.told(canary.PERSON).values()] == [canary.JOB]
    first = _explained()
    assert first > 1e9
    explainer.publish(erasure(canary.PERSON))
    await explainer.drain()
    assert _explained() == first, "an erasure explains nothing"
    assert _counts() == before
    explainer.check()
