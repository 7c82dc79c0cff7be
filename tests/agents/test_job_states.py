"""A job's change of state for the same content: a mark, everybody told, the row."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import orjson
import pytest

from schemas.base import DAY_MS
from tables.rows import JobRow, PostingRow
from tests.agents.conftest import MakeCluster
from tests.support.harness import TRACE, Cluster, at, dies, here, history, phases, rows
from tests.support.harness.village import DRIVER, ad, decision, profile

#: Yesterday: an ad of that time stands.
T0 = round(time.time() * 1000) - DAY_MS


def _row(cluster: Cluster, job_id: str) -> JobRow:
    row = cluster.worker.context.state.job(at(cluster, job_id), job_id)
    assert row is not None
    return row


async def _village(cluster: Cluster, version: int = 0) -> Cluster:
    """One ad, and one person who would take it."""
    cluster.publish("jobs", "taxi", ad("taxi", version), timestamp=T0)
    cluster.publish("profiles", "ana", profile("ana", DRIVER, licence="B-IIc"))
    await cluster.drain()
    return cluster


def _due(cluster: Cluster, job_id: str, due: int) -> None:
    item = {"kind": "expire_job", "id": job_id, "due_ms": due}
    cluster.publish("work", b"", item, partition=at(cluster, job_id))


def _decide(cluster: Cluster, job: dict[str, Any], what: str) -> None:
    cluster.publish("decisions", job["job_id"], decision(job, what))


async def test_a_change_is_marked_told_and_noted_in_this_order(cluster: Cluster) -> None:
    await _village(cluster)
    since = here(cluster)
    _due(cluster, "taxi", _row(cluster, "taxi").ends)
    await cluster.run("work")
    assert phases(cluster, since) == ["row:jobs", "job_fanout review", "row:jobs", "ack work"]
    *_, marked, noted = (JobRow.unpack(raw) for raw in history(cluster, "jobs", "taxi") if raw)
    assert (marked.state, marked.telling, marked.version) == ("active", True, (0, 1))
    assert (noted.state, noted.telling, noted.version) == ("expired", False, (0, 1))


async def test_an_expired_job_leaves_the_rankings(cluster: Cluster) -> None:
    await _village(cluster)
    assert cluster.ranking("ana") == ["taxi"]
    ends = _row(cluster, "taxi").ends
    _due(cluster, "taxi", ends)
    await cluster.drain()
    last = cluster.told("matches", "ana")[-1] or {}
    assert (last["entries"], last["left"], last["cause"]) == ([], ["taxi"], "job_expired")
    assert cluster.told("candidates", "taxi")[-1] is None
    assert cluster.worker.context.state.job_ends[at(cluster, "taxi")] == {}
    copy = cluster.broker.log(cluster.names.job_fanout, 0)[-1]
    assert dict(copy.headers)["origin_ts"] == str(ends).encode()


@pytest.mark.parametrize("shift", [-1, 1])
async def test_an_expiry_that_was_due_for_another_version_is_void(
    cluster: Cluster, shift: int
) -> None:
    await _village(cluster)
    since = here(cluster)
    _due(cluster, "taxi", _row(cluster, "taxi").ends + shift)
    _due(cluster, "obra", 1)  # nobody knows it
    await cluster.run("work")
    assert phases(cluster, since) == ["ack work"]
    assert _row(cluster, "taxi").state == "active"


async def test_what_has_ended_ends_once(cluster: Cluster) -> None:
    await _village(cluster)
    for _ in range(2):
        _due(cluster, "taxi", _row(cluster, "taxi").ends)
    await cluster.run("work")
    assert _row(cluster, "taxi").version == (0, 1)


@pytest.mark.parametrize("state", ["held", "rejected"])
async def test_a_job_that_waits_or_was_rejected_ends_too(cluster: Cluster, state: str) -> None:
    await _village(cluster, version=1)
    if state == "rejected":
        _decide(cluster, ad("taxi", 1), "reject")
        await cluster.run("decisions")
    assert _row(cluster, "taxi").state == state
    _due(cluster, "taxi", _row(cluster, "taxi").ends)
    await cluster.run("work")
    assert _row(cluster, "taxi").state == "expired"
    assert cluster.told("review", "taxi")[-1] is None


async def test_a_decision_does_not_revive_what_has_ended(cluster: Cluster) -> None:
    await _village(cluster, version=1)
    _due(cluster, "taxi", _row(cluster, "taxi").ends)
    await cluster.run("work")
    since = here(cluster)
    _decide(cluster, ad("taxi", 1), "release")
    await cluster.run("decisions")
    assert phases(cluster, since) == ["row:decisions", "ack decisions"]
    assert _row(cluster, "taxi").state == "expired"


async def test_receivers_can_tell_a_later_state_of_the_same_record(cluster: Cluster) -> None:
    await _village(cluster, version=1)
    for what in ("release", "reject", "release"):
        _decide(cluster, ad("taxi", 1), what)
        await cluster.run("decisions")
    log = cluster.broker.log(cluster.names.job_fanout, 0)
    versions = [dict(record.headers)["job_version"] for record in log]
    assert versions == [b"0:0", b"0:1", b"0:2", b"0:3"]
    assert [record.value is None for record in log] == [True, False, True, False]
    assert PostingRow.unpack(log[-1].value or b"").version == (0, 3)
    await cluster.drain()
    assert cluster.ranking("ana") == ["taxi"]


async def test_the_news_of_a_decision_says_so_and_passes_its_trace_on(cluster: Cluster) -> None:
    await _village(cluster, version=1)
    cluster.publish(
        "decisions",
        "taxi",
        decision(ad("taxi", 1), "release"),
        timestamp=T0,
        headers=[("traceparent", TRACE)],
    )
    await cluster.run("decisions")
    headers = dict(cluster.broker.log(cluster.names.job_fanout, 0)[-1].headers)
    assert headers["cause"] == b"decision"
    assert headers["origin_ts"] == str(T0).encode()
    assert headers["traceparent"] == TRACE


async def test_a_held_job_whose_decision_is_taken_back_is_put_before_reviewers_again(
    cluster: Cluster,
) -> None:
    await _village(cluster, version=1)
    _decide(cluster, ad("taxi", 1), "release")
    cluster.publish("decisions", "taxi", None)
    await cluster.run("decisions")
    assert _row(cluster, "taxi").state == "held"
    first, *_, released, again = cluster.told("review", "taxi")
    assert released is None
    assert first is not None
    assert again is not None
    assert (again["job_version"], again["reasons"]) == ([0, 2], first["reasons"])


async def test_wherever_the_worker_dies_an_expiry_is_told_and_noted(
    make_cluster: MakeCluster,
) -> None:
    for records in range(99):
        cluster = await _village(make_cluster())
        _due(cluster, "taxi", _row(cluster, "taxi").ends)
        died = await dies(cluster, "work", records)
        await cluster.drain()
        assert cluster.ranking("ana") == []
        assert _row(cluster, "taxi").state == "expired"
        if not died:
            assert not _row(cluster, "taxi").telling
            assert records == 5, "mark, one copy for each partition, review and row"
            return


async def test_an_expiry_cut_short_is_taken_back_if_the_ad_comes_again_first(
    make_cluster: MakeCluster,
) -> None:
    """Receivers heard that it expired; the same ad, published again, has another end by now.
    Without its mark the row would say that they know that it stands.
    """
    cluster = await _village(make_cluster())
    _due(cluster, "taxi", _row(cluster, "taxi").ends)
    assert await dies(cluster, "work", 4), "the mark, two copies and the review are out"
    await cluster.run("postings")
    assert cluster.ranking("ana") == []
    cluster.publish("jobs", "taxi", ad("taxi"), timestamp=T0 + 1)
    await cluster.run("jobs")
    await cluster.drain()
    assert cluster.ranking("ana") == ["taxi"]
    assert (_row(cluster, "taxi").state, _row(cluster, "taxi").telling) == ("active", False)


async def test_a_mark_stays_until_the_record_behind_it_is_read_again(
    make_cluster: MakeCluster,
) -> None:
    """A decision in between tells an older version, which receivers leave out."""
    cluster = await _village(make_cluster(), version=1)
    cluster.publish("decisions", "taxi", decision(ad("taxi", 1), "release"))
    assert await dies(cluster, "decisions", 1), "the decision is kept, nobody was told"
    cluster.publish("jobs", "taxi", ad("taxi", 1), timestamp=T0 + 1)
    assert await dies(cluster, "jobs", 4), "told as released, under the new record's version"
    _decide(cluster, ad("taxi", 1), "reject")
    await cluster.run("decisions")
    assert _row(cluster, "taxi").telling
    await cluster.drain()
    assert _row(cluster, "taxi").state == "rejected"
    assert not _row(cluster, "taxi").telling
    assert cluster.ranking("ana") == []
    for raw in rows(cluster, "postings").values():
        assert PostingRow.unpack(raw).died


async def test_work_for_ads_accepted_by_wider_rules_changes_nothing(cluster: Cluster) -> None:
    """An ad from before a rule that would refuse it today stands as it is."""
    await _village(cluster)
    where, row = at(cluster, "taxi"), _row(cluster, "taxi")
    row.job["title"] = " "
    table = cluster.worker.context.state.tables.jobs
    turn = cluster.worker.context.fence.turn()
    await table.write(where, {b"taxi": row.pack()}, [turn])
    since = here(cluster)
    cluster.publish("work", b"", orjson.dumps({"kind": "revet"}), partition=where)
    await cluster.run("work")
    assert phases(cluster, since) == ["row:meta", "ack work"]


async def test_a_marked_job_is_told_though_its_state_stays(cluster: Cluster) -> None:
    """Before a crash they may have been told of another one."""
    await _village(cluster)
    jobs, where = cluster.worker.context.state.tables.jobs, at(cluster, "taxi")
    marked = replace(_row(cluster, "taxi"), telling=True).pack()
    await jobs.write(where, {b"taxi": marked}, [cluster.worker.context.fence.turn()])
    _decide(cluster, ad("taxi"), "release")
    since = here(cluster)
    await cluster.run("decisions")
    assert "job_fanout review" in phases(cluster, since)
    assert _row(cluster, "taxi").version == (0, 1)


async def test_an_expiry_of_what_is_filled_is_void(cluster: Cluster) -> None:
    cluster.publish("jobs", "taxi", ad("taxi", status="filled"), timestamp=T0)
    await cluster.drain()
    _due(cluster, "taxi", _row(cluster, "taxi").ends)
    since = here(cluster)
    await cluster.run("work")
    assert phases(cluster, since) == ["ack work"]
    assert _row(cluster, "taxi").state == "filled"


async def test_of_a_held_job_reviewers_hear_again_when_the_gate_is_another(
    cluster: Cluster,
) -> None:
    """What they read names the gate's version and its reasons."""
    await _village(cluster, 1)
    cluster.publish("work", b"", {"kind": "revet"}, partition=at(cluster, "taxi"))
    before = len(cluster.told("review", "taxi"))
    await cluster.run("work")
    told = list(cluster.broker.records(cluster.names.review))
    assert len([record for record in told if record.key == b"taxi"]) == before + 1
    assert dict(told[-1].headers)["ce_type"] == b"pe.matcher.review.v1"
    assert _row(cluster, "taxi").version == (0, 0), "receivers hear nothing"
