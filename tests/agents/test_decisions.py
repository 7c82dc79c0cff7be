"""Reviewers' decisions: for exactly the content that they saw, the last one, in either order."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster, at, dies, here, phases, rows
from tests.support.harness.village import ad, decision

HELD = ad("taxi", 1)
T0 = 1_790_000_000_000


def _state(cluster: Cluster) -> str:
    row = cluster.worker.context.state.job(at(cluster, "taxi"), "taxi")
    return "" if row is None else row.state


async def _post(cluster: Cluster, value: dict[str, Any]) -> None:
    cluster.publish("jobs", "taxi", value)
    await cluster.run("jobs")


async def _decide(cluster: Cluster, *said: dict[str, Any] | None, **how: Any) -> list[str]:
    since = here(cluster)
    for value in said:
        cluster.publish("decisions", "taxi", value, **how)
    await cluster.run("decisions")
    return phases(cluster, since)


async def test_a_decision_is_kept_before_anybody_hears_of_it(cluster: Cluster) -> None:
    await _post(cluster, HELD)
    assert await _decide(cluster, decision(HELD, "release")) == [
        "row:decisions",
        "row:jobs",
        "job_fanout review",
        "row:jobs",
        "ack decisions",
    ]
    assert not cluster.worker.broken


async def test_a_release_lets_the_held_ad_stand_and_takes_it_from_the_reviewers(
    cluster: Cluster,
) -> None:
    await _post(cluster, HELD)
    await _decide(cluster, decision(HELD, "release"))
    assert _state(cluster) == "active"
    assert cluster.told("review", "taxi")[-1] is None
    assert cluster.broker.log(cluster.names.job_fanout, 0)[-1].value is not None


async def test_a_rejection_takes_even_an_ad_that_the_gate_let_pass(cluster: Cluster) -> None:
    await _post(cluster, ad("taxi"))
    await _decide(cluster, decision(ad("taxi"), "reject"))
    assert _state(cluster) == "rejected"
    assert cluster.broker.log(cluster.names.job_fanout, 0)[-1].value is None


@pytest.mark.parametrize(("what", "state"), [("release", "active"), ("reject", "rejected")])
async def test_a_decision_may_come_before_its_ad(cluster: Cluster, what: str, state: str) -> None:
    assert await _decide(cluster, decision(HELD, what)) == ["row:decisions", "ack decisions"]
    await _post(cluster, HELD)
    assert _state(cluster) == state
    assert cluster.told("review", "taxi") == [None], "no reviewer is asked what is decided"


async def test_a_decision_applies_to_no_other_content(cluster: Cluster) -> None:
    edited = {**HELD, "pay_min": 5000.0}
    await _post(cluster, edited)
    await _decide(cluster, decision(HELD, "release"))
    assert _state(cluster) == "held"
    await _post(cluster, HELD)
    assert _state(cluster) == "active"
    await _post(cluster, edited)
    assert _state(cluster) == "held"


async def test_the_last_decision_counts(cluster: Cluster) -> None:
    await _post(cluster, HELD)
    await _decide(cluster, decision(HELD, "release"), decision(HELD, "reject"))
    assert _state(cluster) == "rejected"
    await _decide(cluster, None)
    assert _state(cluster) == "held"


async def test_an_older_decision_read_again_undoes_nothing(cluster: Cluster) -> None:
    await _post(cluster, HELD)
    await _decide(cluster, decision(HELD, "release"), decision(HELD, "reject"))
    before = rows(cluster, "decisions"), rows(cluster, "jobs")
    cluster.rewind("decisions")
    since = here(cluster)
    await cluster.run("decisions")
    assert "job_fanout" not in " ".join(phases(cluster, since))
    assert before == (rows(cluster, "decisions"), rows(cluster, "jobs"))


async def test_a_decision_that_was_taken_back_does_not_return_when_read_again(
    cluster: Cluster,
) -> None:
    await _post(cluster, HELD)
    await _decide(cluster, decision(HELD, "release"), None)
    cluster.rewind("decisions")
    topic, where = cluster.names.decisions, at(cluster, "taxi")
    del cluster.broker.log(topic, where)[1:]  # as far as a batch may reach
    since = here(cluster)
    await cluster.run("decisions")
    assert phases(cluster, since) == ["ack decisions"]
    assert _state(cluster) == "held"


async def test_a_null_that_comes_late_to_its_partition_takes_back_no_newer_decision(
    cluster: Cluster,
) -> None:
    await _post(cluster, HELD)
    wrong = 1 - at(cluster, "taxi")
    await _decide(cluster, decision(HELD, "reject"), timestamp=T0)
    cluster.publish("decisions", "taxi", None, partition=wrong, timestamp=T0 + 1)
    await _decide(cluster, decision(HELD, "release"), timestamp=T0 + 2)
    await cluster.run("decisions")
    assert _state(cluster) == "active"


async def test_a_refused_decision_leaves_the_last_accepted_one_in_force(cluster: Cluster) -> None:
    await _post(cluster, HELD)
    await _decide(cluster, decision(HELD, "release"))
    before = rows(cluster, "decisions")
    happened = await _decide(cluster, {**decision(HELD, "reject"), "decision": "burn"})
    assert happened == ["decisions.dlq", "ack decisions"]
    (letter,) = cluster.letters("decisions")
    assert letter["dlq_topic"] == cluster.names.decisions
    assert letter["dlq_partition"] == str(at(cluster, "taxi"))
    assert letter["dlq_offset"] == "1"
    assert letter["dlq_error_class"] == "invalid_field"
    assert (rows(cluster, "decisions"), _state(cluster)) == (before, "active")


async def test_wherever_the_worker_dies_the_decision_is_carried_out(
    make_cluster: MakeCluster,
) -> None:
    for records in range(99):
        cluster = make_cluster()
        await _post(cluster, HELD)
        cluster.publish("decisions", "taxi", decision(HELD, "release"))
        died = await dies(cluster, "decisions", records)
        await cluster.run("decisions")
        assert _state(cluster) == "active"
        for partition in range(cluster.settings.partitions):
            assert cluster.broker.log(cluster.names.job_fanout, partition)[-1].value is not None
        assert cluster.told("review", "taxi")[-1] is None
        kept = orjson.loads(rows(cluster, "decisions")["taxi"])
        assert kept[:2] == ["release", decision(HELD, "release")["content_hash"]]
        if not died:
            assert records == 6, "decision, mark, two copies, review and row"
            return
