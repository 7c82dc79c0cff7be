"""The canary goes the way of everybody and is in nobody's ranking and in no count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from matcher_stream.canary import Canary
from matcher_stream.runtime import vitals
from matcher_stream.runtime.metrics import REGISTRY
from schemas import canary
from tests.support.harness import Cluster
from tests.support.harness.village import COOK, ad, profile

COUNTS = (
    "matcher_people", "matcher_jobs", "matcher_events_total", "matcher_facts_read_total",
    "matcher_facts_contradicted_total", "matcher_unknown_terms_total",
    "matcher_event_to_match_seconds_count",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    vitals.CANARY.clear()
    yield
    vitals.CANARY.clear()


def _counts() -> dict[Any, float]:
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
        if sample.name in COUNTS
    }


def _heard(stage: str) -> float:
    return REGISTRY.get_sample_value("matcher_canary_timestamp_seconds", {"stage": stage}) or 0.0


async def _round(cluster: Cluster, made: Canary) -> None:
    """An interval later: the person, then their job."""
    if made._round is not None:
        made._round -= cluster.settings.canary_interval
    await cluster.worker.context.voice.refresh()
    for _ in range(2):
        await made.sing()
        await cluster.drain()


async def _village(cluster: Cluster) -> Canary:
    """People and jobs that the canary's words fit."""
    cluster.publish("jobs", "cocina", ad("cocina"))
    cluster.publish("profiles", "ana", profile("ana", COOK))
    await cluster.drain()
    assert cluster.ranking("ana") == ["cocina"]
    return Canary(cluster.worker.context)


async def test_it_is_matched_and_nobody_sees_it(cluster: Cluster) -> None:
    made = await _village(cluster)
    before, told = _counts(), len(cluster.told("matches", "ana"))
    await _round(cluster, made)
    assert cluster.ranking(canary.PERSON) == [canary.JOB]
    assert _heard("person") > 0
    assert _heard("job") >= _heard("person")
    assert _counts() == before
    assert cluster.ranking("ana") == ["cocina"]
    assert len(cluster.told("matches", "ana")) == told
    (who,) = (cluster.told("candidates", "cocina")[-1] or {})["entries"]
    assert who["profile_id"] == "ana"
    (who,) = (cluster.told("candidates", canary.JOB)[-1] or {})["entries"]
    assert who["profile_id"] == canary.PERSON
    last = cluster.told("matches", canary.PERSON)[-1] or {}
    assert [entry["level"] for entry in last["entries"]] == ["also"], "it is worth no message"
    assert last["entries"][0]["job"]["canary"] is True
    report = await cluster.verify()
    assert report.ok, report.lines()
    assert (report.counts["people ok"], report.counts["jobs active"]) == (1, 1)


async def test_every_interval_it_comes_through_anew(cluster: Cluster) -> None:
    made = await _village(cluster)
    heard = []
    for _ in range(3):
        await _round(cluster, made)
        heard.append((_heard("person"), _heard("job")))
        await made.sing()
        await cluster.drain()  # within an interval nothing more is published
    assert heard == sorted(set(heard))
    assert len(cluster.told("matches", canary.PERSON)) == 6


async def test_a_job_that_does_not_come_through_is_not_heard_of(cluster: Cluster) -> None:
    made = await _village(cluster)
    await made.sing()
    await cluster.drain()
    assert _heard("person") > 0
    assert _heard("job") == 0, "its person alone is no match"
    await made.sing()
    await cluster.run("jobs")  # and the fan-out stands still
    assert _heard("job") == 0
    await cluster.drain()
    assert _heard("job") > 0


async def test_who_takes_the_partition_over_begins_at_once(cluster: Cluster) -> None:
    await _round(cluster, await _village(cluster))
    first = _heard("job")
    cluster.start()
    await _round(cluster, Canary(cluster.worker.context))
    assert _heard("job") > first
    cluster.worker.context.state.owned.discard(0)
    cluster.worker.context.state.owned.discard(1)
    sent = len(list(cluster.broker.records(cluster.names.profiles)))
    other = Canary(cluster.worker.context)
    await other.sing()
    assert len(list(cluster.broker.records(cluster.names.profiles))) == sent, "another's to do"


async def test_switched_off_it_leaves_nothing(cluster: Cluster) -> None:
    await _round(cluster, await _village(cluster))
    cluster.settings = cluster.settings.model_copy(update={"canary_interval": 0.0})
    cluster.start()
    off = Canary(cluster.worker.context)
    await cluster.worker.context.voice.refresh()
    for _ in range(3):
        await off.sing()
        await cluster.drain()
    assert cluster.told("matches", canary.PERSON)[-1] is None
    assert cluster.told("candidates", canary.JOB)[-1] is None
    nulls = [r for r in cluster.broker.records(cluster.names.profiles) if r.value is None]
    assert len(nulls) == 1
    report = await cluster.verify()
    assert report.ok, report.lines()
    assert report.held is not None
    assert set(report.held.people) == {"ana"}
    assert set(report.held.jobs) == {"cocina"}


async def test_what_is_not_renewed_expires(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await _village(cluster)
    monkeypatch.setattr(made, "_ends", lambda: 1_700_000_000_000)
    await _round(cluster, made)
    assert cluster.ranking(canary.PERSON) == []
    assert (await cluster.verify()).ok
