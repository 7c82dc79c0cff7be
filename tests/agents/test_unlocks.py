"""What one step would open: told with the ranking, again at the tick, and checked by verify."""

from __future__ import annotations

from typing import Any

import orjson

from agents.asked import told as told_last
from matcher_stream.verify.opening import CHECKED, UNCHECKED
from models.ranking.offline import match_all
from schemas import Job, Profile, validate
from schemas.matches import Matches
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster, at, dies
from tests.support.harness.village import DRIVER, MASON, ad, profile

A_TAXI = {"code": "licence", "value": "B-IIc", "jobs": 1}
WALKER = profile("ana", DRIVER, licence="none")


def _last(cluster: Cluster, name: str = "ana") -> dict[str, Any]:
    event = cluster.told("matches", name)[-1]
    assert event is not None
    Matches.model_validate(event)
    return event


async def _right(cluster: Cluster, checked: int = 1) -> None:
    """Verify has nothing to say, and counted the steps of so many people again."""
    report = await cluster.verify()
    assert report.ok, report.lines()
    assert (report.counts[CHECKED], report.counts[UNCHECKED]) == (checked, 0)


async def test_who_gets_the_licence_has_the_jobs_that_were_counted(cluster: Cluster) -> None:
    for name in ("obra", "taxi"):
        cluster.publish("jobs", name, ad(name))
    cluster.publish("jobs", "otro", {**ad("taxi"), "job_id": "otro"})
    cluster.publish("profiles", "ana", WALKER)
    await cluster.drain()
    before = cluster.ranking("ana")
    assert "taxi" not in before
    assert _last(cluster)["unlocks"] == [{**A_TAXI, "jobs": 2}]
    await _right(cluster)
    cluster.publish("profiles", "ana", {**WALKER, "licence": "B-IIc"})
    await cluster.drain()
    assert set(cluster.ranking("ana")) - set(before) == {"taxi", "otro"}
    assert "unlocks" not in _last(cluster)
    await _right(cluster)


async def test_the_same_without_a_broker(cluster: Cluster) -> None:
    for name in ("obra", "taxi"):
        cluster.publish("jobs", name, ad(name))
    cluster.publish("profiles", "ana", WALKER)
    await cluster.drain()
    jobs = [validate(Job, ad(name)) for name in ("obra", "taxi")]
    context = cluster.worker.context
    encoder, ranker = context.vectors.encoder.result(), context.state.ranker
    found = match_all([validate(Profile, WALKER)], jobs, encoder, ranker, 3)["ana"]
    assert found.unlocks == _last(cluster)["unlocks"] == [A_TAXI]


async def test_a_count_alone_is_no_news_until_the_day_ends(cluster: Cluster) -> None:
    cluster.publish("jobs", "taxi", ad("taxi"))
    cluster.publish("profiles", "ana", WALKER)
    await cluster.drain()
    told = len(cluster.told("matches", "ana"))
    cluster.publish("jobs", "otro", {**ad("taxi"), "job_id": "otro"})
    await cluster.drain()
    assert len(cluster.told("matches", "ana")) == told
    assert _last(cluster)["unlocks"] == [A_TAXI]
    asked, settled = await told_last(cluster.worker.context, "ana")
    assert settled, "who asks is shown what was told, and that nothing is under way"
    assert (asked or {})["unlocks"] == [A_TAXI]
    await _right(cluster)  # of the jobs that it was counted over
    cluster.tick("2099-01-01")
    await cluster.drain()
    assert len(cluster.told("matches", "ana")) == told + 1
    last = _last(cluster)
    assert last["unlocks"] == [{**A_TAXI, "jobs": 2}]
    assert (last["cause"], last["entered"], last["left"]) == ("tick", [], [])
    await _right(cluster)
    cluster.tick("2099-01-02")
    await cluster.drain()
    assert len(cluster.told("matches", "ana")) == told + 1, "nothing changed since"


async def test_a_ranking_that_changes_tells_the_count_of_the_same_jobs(cluster: Cluster) -> None:
    cluster.publish("profiles", "ana", {**WALKER, "text": MASON})
    await cluster.drain()
    assert "unlocks" not in _last(cluster)
    cluster.publish("jobs", "taxi", ad("taxi", title="Mototaxista y albañil"))
    cluster.publish("jobs", "obra", ad("obra"))
    await cluster.drain()
    assert cluster.ranking("ana") == ["obra"]
    await _right(cluster)
    cluster.publish("jobs", "taxi", None)
    cluster.publish("jobs", "obra", ad("obra", 1))
    await cluster.drain()
    assert "unlocks" not in _last(cluster)
    await _right(cluster)


async def test_nothing_is_counted_where_that_is_not_wished(make_cluster: MakeCluster) -> None:
    cluster = make_cluster(unlocks=False)
    cluster.publish("jobs", "taxi", ad("taxi"))
    cluster.publish("profiles", "ana", WALKER)
    await cluster.drain()
    assert "unlocks" not in _last(cluster)
    await _right(cluster, checked=0)
    cluster.settings = cluster.settings.model_copy(update={"unlocks": True})
    cluster.start()  # everybody is told anew
    await cluster.drain()
    assert _last(cluster)["unlocks"] == [A_TAXI]
    await _right(cluster)


async def test_wherever_the_worker_dies_the_count_is_of_the_jobs_that_were_there(
    make_cluster: MakeCluster,
) -> None:
    for records in range(1, 9):
        cluster = make_cluster(records)
        cluster.publish("profiles", "ana", WALKER)
        cluster.publish("jobs", "obra", ad("obra"))
        await cluster.drain()
        for name in ("taxi", "otro"):
            cluster.publish("jobs", name, {**ad("taxi"), "job_id": name})
        cluster.publish("jobs", "obra", ad("obra", 1))
        await cluster.run("jobs")
        await dies(cluster, "postings", records=records)
        cluster.publish("profiles", "ana", {**WALKER, "age": 30})  # between one copy and the next
        await cluster.run("profiles")
        await cluster.drain()
        await _right(cluster)


async def test_verify_names_what_is_not_so(cluster: Cluster) -> None:
    cluster.publish("jobs", "taxi", ad("taxi"))
    cluster.publish("profiles", "ana", WALKER)
    await cluster.drain()
    topic, partition = cluster.names.matches, at(cluster, "ana")
    right = _last(cluster)
    wrong: list[list[dict[str, Any]]] = [
        [], [{**A_TAXI, "jobs": 2}], [{**A_TAXI, "value": "A-I"}],
        [{"code": "distance", "km": 10, "jobs": 1}], [A_TAXI, A_TAXI],
    ]  # fmt: skip
    for unlocks in wrong:
        event = {**right, "event_id": f"{unlocks}", "unlocks": unlocks}
        cluster.broker.append(topic, partition, b"ana", orjson.dumps(event))
        report = await cluster.verify()
        assert set(report.by_kind()) == {"unlocks"}, unlocks
    paused = {**WALKER, "status": "paused"}
    cluster.publish("profiles", "ana", paused)
    await cluster.drain()
    event = {**_last(cluster), "event_id": "paused", "unlocks": [A_TAXI]}
    cluster.broker.append(topic, partition, b"ana", orjson.dumps(event))
    assert set((await cluster.verify()).by_kind()) == {"unlocks"}


async def test_jobs_that_compaction_took_leave_nothing_to_compare(cluster: Cluster) -> None:
    for name in ("taxi", "obra"):
        cluster.publish("jobs", name, ad(name))
    cluster.publish("profiles", "ana", WALKER)
    await cluster.drain()
    cluster.publish("jobs", "taxi", ad("taxi", title="Mototaxista en el barrio"))
    await cluster.drain()
    await _right(cluster)
    log = cluster.broker.log(cluster.names.job_fanout, at(cluster, "ana"))
    log.remove(next(record for record in log if record.key == b"taxi"))
    report = await cluster.verify()
    assert report.ok, "the ranking is checked all the same"
    assert (report.counts[CHECKED], report.counts[UNCHECKED]) == (0, 1)


async def test_a_late_older_copy_is_passed_over_by_worker_and_verify(cluster: Cluster) -> None:
    cluster.publish("jobs", "taxi", ad("taxi"))
    await cluster.drain()
    topic, where = cluster.names.job_fanout, at(cluster, "ana")
    old = cluster.broker.log(topic, where)[0]
    cluster.publish("jobs", "taxi", ad("taxi", licence="A-I"))
    await cluster.drain()
    cluster.broker.append(topic, where, old.key, old.value, old.headers)
    cluster.publish("jobs", "obra", ad("obra"))
    await cluster.drain()
    cluster.publish("profiles", "ana", WALKER)
    await cluster.drain()
    assert _last(cluster)["unlocks"] == [{**A_TAXI, "value": "A-I"}]
    await _right(cluster)
