"""A publisher's traceparent is on everything that follows from its record, hop by hop."""

from __future__ import annotations

from tests.support.harness import TRACE, Cluster
from tests.support.harness.village import COOK, ad, decision, profile, said

OTHER = b"00-" + b"1" * 32 + b"-" + b"2" * 16 + b"-00"


def _trace(cluster: Cluster, kind: str, key: str) -> bytes | None:
    """Of the last record about a key."""
    record = cluster.broker.last(getattr(cluster.names, kind))[key.encode()]
    return dict(record.headers).get("traceparent")


async def test_from_an_ad_to_rankings_and_lists(cluster: Cluster) -> None:
    cluster.publish("profiles", "ana", profile("ana", COOK), headers=[("traceparent", OTHER)])
    await cluster.drain()
    assert _trace(cluster, "matches", "ana") == OTHER
    cluster.publish("jobs", "cocina", ad("cocina"), headers=[("traceparent", TRACE)])
    await cluster.drain()
    assert cluster.ranking("ana") == ["cocina"]
    home = cluster.broker.last(cluster.names.candidates_partial)
    assert {dict(record.headers).get("traceparent") for record in home.values()} == {TRACE}
    for kind, key in (("job_fanout", "cocina"), ("matches", "ana"), ("candidates", "cocina")):
        assert _trace(cluster, kind, key) == TRACE, kind
    cluster.publish(
        "feedback", "ana", said("ana", "cocina", "dismissed"), headers=[("traceparent", OTHER)]
    )
    await cluster.drain()
    assert cluster.ranking("ana") == []
    assert _trace(cluster, "matches", "ana") == OTHER
    cluster.publish("jobs", "cocina", None, headers=[("traceparent", OTHER)])
    await cluster.drain()
    assert cluster.told("candidates", "cocina")[-1] is None
    assert _trace(cluster, "candidates", "cocina") == OTHER


async def test_from_a_decision_to_the_ranking_and_the_reviewers(cluster: Cluster) -> None:
    held = ad("taxi", 1)
    cluster.publish("jobs", "taxi", held, headers=[("traceparent", TRACE)])
    await cluster.drain()
    told = [
        dict(r.headers).get("traceparent") for r in cluster.broker.records(cluster.names.review)
    ]
    assert told[0] == TRACE
    cluster.publish(
        "decisions", "taxi", decision(held, "release"), headers=[("traceparent", OTHER)]
    )
    await cluster.drain()
    assert _trace(cluster, "job_fanout", "taxi") == OTHER
    assert cluster.told("review", "taxi")[-1] is None
    assert _trace(cluster, "review", "taxi") == OTHER


async def test_from_an_erasure_to_the_null_of_a_ranking(cluster: Cluster) -> None:
    for name in ("ana", "beto"):
        cluster.publish("profiles", name, profile(name))
    await cluster.drain()
    cluster.publish("profiles", "beto", None, headers=[("traceparent", OTHER)])
    cluster.publish("profiles", "ana", None, headers=[("traceparent", TRACE)])
    await cluster.drain()
    assert cluster.told("matches", "ana")[-1] is None
    assert _trace(cluster, "matches", "ana") == TRACE
    assert _trace(cluster, "matches", "beto") == OTHER


async def test_a_null_that_is_forwarded_is_followed(cluster: Cluster) -> None:
    astray = 1 - cluster.worker.context.partition_of("ana")
    headers = [("traceparent", TRACE)]
    cluster.publish("profiles", "ana", None, partition=astray, headers=headers)
    await cluster.run("profiles")
    assert _trace(cluster, "profiles", "ana") == TRACE
    assert len(list(cluster.broker.records(cluster.names.profiles))) == 2


async def test_a_record_that_is_refused_is_followed_too(cluster: Cluster) -> None:
    cluster.publish("profiles", "ana", b"{", headers=[("traceparent", TRACE)])
    await cluster.run("profiles")
    (letter,) = cluster.letters("profiles")
    assert letter["traceparent"].encode() == TRACE
