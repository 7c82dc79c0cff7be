"""Jobs as people see them: who is told, newest versions only, and graves for what is gone."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agents.postings import decode
from models.ranking.attrs import job_attrs
from schemas.base import MAX_MS, MIN_MS
from tables.rows import PostingRow
from tests.agents.conftest import MakeCluster
from tests.support.harness import TRACE, Cluster, MemoryEvent, Record, at, dies, here, phases, rows
from tests.support.harness.village import COOK, MASON, ad, profile

NOW = round(time.time() * 1000)


async def _post(cluster: Cluster, value: dict[str, Any] | None, **how: Any) -> list[str]:
    """Until the fan-out has been worked off; what the postings agent did."""
    cluster.publish("jobs", "obra" if value is None else value["job_id"], value, **how)
    await cluster.run("jobs")
    since = here(cluster)
    await cluster.run("postings")
    return phases(cluster, since)


async def _ask(cluster: Cluster, *people: str) -> None:
    for name in people:
        cluster.publish("profiles", name, profile(name))
    await cluster.run("profiles")


def _copies(cluster: Cluster, partition: int) -> list[Record]:
    return cluster.broker.log(cluster.names.job_fanout, partition)


def _again(cluster: Cluster, record: Record) -> None:
    """A fan-out record comes once more, after all others."""
    cluster.broker.append(
        record.topic, record.partition, record.key, record.value, record.headers, record.timestamp
    )


def _posting(cluster: Cluster, job_id: str, partition: int) -> PostingRow | None:
    table = cluster.worker.context.state.tables.postings
    raw = table.get_row(partition, job_id.encode())
    return None if raw is None else PostingRow.unpack(raw)


async def test_each_step_is_durable_before_the_next(make_cluster: MakeCluster) -> None:
    cluster = make_cluster(partitions=1)
    await _ask(cluster, "ana")
    await cluster.drain()  # no list waits for her sake
    posted = ["row:postings", "candidates_partial", "matches", "row:rankings", "ack job_fanout"]
    assert await _post(cluster, ad("obra")) == posted
    assert await _post(cluster, ad("obra", 1)) == posted
    assert await _post(cluster, None) == posted
    assert not cluster.worker.broken


async def test_everybody_who_may_want_it_is_told_in_every_partition(cluster: Cluster) -> None:
    await _ask(cluster, "ana", "beto", "carmen")
    await _post(cluster, ad("obra"), timestamp=NOW, headers=[("traceparent", TRACE)])
    for name in ("ana", "beto", "carmen"):
        last = cluster.told("matches", name)[-1] or {}
        assert (last["entered"], last["cause"]) == (["obra"], "job_posted")
    for record in list(cluster.broker.records(cluster.names.matches))[-3:]:
        assert dict(record.headers).get("traceparent") in (TRACE, None)
    last_of = cluster.broker.last(cluster.names.matches)
    traces = {dict(last_of[name].headers)["traceparent"] for name in (b"ana", b"beto", b"carmen")}
    assert traces == {TRACE}


async def test_of_several_new_jobs_the_latest_is_the_cause(cluster: Cluster) -> None:
    """Whichever comes first in the batch."""
    await _ask(cluster, "ana")
    older = TRACE[:-2] + b"00"
    for name, stamp, trace in (("obra", NOW, TRACE), ("cocina", NOW - 9, older)):
        headers = [("traceparent", trace)]
        cluster.publish("jobs", name, ad(name), timestamp=stamp, headers=headers)
    await cluster.run("jobs")
    await cluster.run("postings")
    record = cluster.broker.last(cluster.names.matches)[b"ana"]
    assert cluster.ranking("ana") == ["obra", "cocina"]
    assert dict(record.headers)["traceparent"] == TRACE


async def test_only_those_are_told_whose_ranking_changes(make_cluster: MakeCluster) -> None:
    cluster = make_cluster(top_k=1)
    cluster.publish("profiles", "ana", profile("ana", MASON))
    cluster.publish("profiles", "carmen", profile("carmen", COOK))
    await cluster.run("profiles")
    await _post(cluster, ad("cocina"))
    told = len(cluster.told("matches", "carmen"))
    await _post(cluster, ad("obra"))
    await _post(cluster, None)
    assert len(cluster.told("matches", "carmen")) == told, "she has a job that is nearer to her"
    causes = [(event or {})["cause"] for event in cluster.told("matches", "ana")[-2:]]
    assert causes == ["job_posted", "job_withdrawn"]
    assert cluster.ranking("ana") == ["cocina"]


async def test_nobody_is_ranked_again_whose_places_are_all_nearer(
    make_cluster: MakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ad concerns few people: ranking all of them for each would not scale."""
    cluster = make_cluster(partitions=1, top_k=1)
    cluster.publish("profiles", "ana", profile("ana", MASON))
    cluster.publish("profiles", "carmen", profile("carmen", COOK))
    await cluster.run("profiles")
    for name in ("cocina", "obra"):
        await _post(cluster, ad(name))
    match, ranked = cluster.worker.context.state.match, list[int]()
    rank = match.rank_people

    def spy(partition: int, slots: Any) -> Any:
        ranked.extend(slots)
        return rank(partition, slots)

    monkeypatch.setattr(match, "rank_people", spy)
    await _post(cluster, ad("obra", 1))
    assert ranked == [match.people(0).slots["ana"]]


async def test_the_best_people_of_each_partition_go_to_the_owner_of_the_job(
    cluster: Cluster,
) -> None:
    await _ask(cluster, "ana", "beto", "carmen")
    await _post(cluster, ad("obra"))
    log = cluster.broker.log(cluster.names.candidates_partial, at(cluster, "obra"))
    assert [record.key for record in log] == [b"obra:0", b"obra:1"]
    for partition, people in enumerate((["ana", "carmen"], ["beto"])):
        (part,) = cluster.told("candidates_partial", f"obra:{partition}")
        assert part is not None
        assert [entry["profile_id"] for entry in part["entries"]] == people
        assert (part["version"], part["partition"]) == ([0, 0], partition)


async def test_a_withdrawal_leaves_the_rankings_and_a_grave(cluster: Cluster) -> None:
    await _ask(cluster, "ana")
    await _post(cluster, ad("obra"))
    await _post(cluster, None, timestamp=NOW)
    last = cluster.told("matches", "ana")[-1] or {}
    assert (last["entries"], last["left"]) == ([], ["obra"])
    for partition in range(cluster.settings.partitions):
        grave = _posting(cluster, "obra", partition)
        assert grave is not None
        assert (grave.version, len(grave.vector), grave.card) == ((1, 0), 0, b"")
        assert grave.died == _copies(cluster, partition)[-1].timestamp
        assert (cluster.told("candidates_partial", f"obra:{partition}")[-1] or {})["withdrawn"]


@pytest.mark.parametrize("restart", [False, True])
async def test_a_late_older_posting_revives_nothing(cluster: Cluster, restart: bool) -> None:
    await _ask(cluster, "ana")
    await _post(cluster, ad("obra"))
    await _post(cluster, None)
    if restart:
        cluster.start()
    told, held = cluster.told("matches", "ana"), rows(cluster, "postings")
    since = here(cluster)
    for partition in range(cluster.settings.partitions):
        _again(cluster, _copies(cluster, partition)[0])
    await cluster.run("postings")
    assert phases(cluster, since) == ["ack job_fanout"]
    assert (cluster.told("matches", "ana"), rows(cluster, "postings")) == (told, held)
    assert len(cluster.worker.context.state.match.jobs) == 0


async def test_a_late_older_version_changes_nothing(cluster: Cluster) -> None:
    await _ask(cluster, "ana")
    await _post(cluster, ad("obra"))
    await _post(cluster, ad("obra", 1))
    told, held = cluster.told("matches", "ana"), rows(cluster, "postings")
    since = here(cluster)
    for partition in range(cluster.settings.partitions):
        _again(cluster, _copies(cluster, partition)[0])
    await cluster.run("postings")
    assert phases(cluster, since) == ["ack job_fanout"]
    assert (cluster.told("matches", "ana"), rows(cluster, "postings")) == (told, held)


async def test_a_late_older_withdrawal_takes_nothing(cluster: Cluster) -> None:
    """The ad was closed, then opened again; the closing comes once more."""
    await _ask(cluster, "ana")
    await _post(cluster, ad("obra", status="closed"))
    await _post(cluster, ad("obra"))
    for partition in range(cluster.settings.partitions):
        _again(cluster, _copies(cluster, partition)[0])
    await cluster.run("postings")
    assert cluster.ranking("ana") == ["obra"]


async def test_what_is_read_again_is_told_to_nobody_again(cluster: Cluster) -> None:
    await _ask(cluster, "ana")
    await _post(cluster, ad("obra"))
    told, held = cluster.told("matches", "ana"), rows(cluster, "postings")
    cluster.rewind("job_fanout")
    await cluster.run("postings")
    assert (cluster.told("matches", "ana"), rows(cluster, "postings")) == (told, held)


async def test_a_newer_version_takes_the_place_of_the_older_one(cluster: Cluster) -> None:
    await _ask(cluster, "ana")
    await _post(cluster, ad("obra"))
    await _post(cluster, ad("obra", 1))
    last = cluster.told("matches", "ana")[-1] or {}
    assert [entry["job_version"] for entry in last["entries"]] == [[1, 0]]
    assert last["entries"][0]["job"]["title"] == "Ayudante de albañil para ladrillo"
    assert len(cluster.worker.context.state.match.jobs) == 1


async def test_two_versions_in_a_batch_are_told_one_by_one(cluster: Cluster) -> None:
    """Before a crash the older one may have been told: it must be taken back as well."""
    await _ask(cluster, "ana")
    for value in (ad("obra"), None):
        cluster.publish("jobs", "obra", value)
        await cluster.run("jobs")
    await cluster.run("postings")
    told = [event or {} for event in cluster.told("matches", "ana")]
    assert [(event["entered"], event["left"]) for event in told[1:]] == [
        (["obra"], []),
        ([], ["obra"]),
    ]


_VERSION = ("job_version", b"1:0")
_NOT_POSTINGS = [
    pytest.param(b"{}", [], "invalid_field", id="json"),
    pytest.param(b"\x04" + b"\xff" * 40, [], "invalid_field", id="cut short"),
    pytest.param(b"\x63" + b"\0" * 200, [], "invalid_field", id="another format"),
    pytest.param(None, [], "invalid_header", id="a null without a version"),
    pytest.param(None, [("job_version", b"one:0")], "invalid_header", id="unreadable version"),
    pytest.param(
        None, [("job_version", b"1:0"), ("origin_ts", b"soon")], "unreadable", id="no time"
    ),
    pytest.param(None, [("job_version", b"1:zero")], "invalid_header", id="unreadable counter"),
    pytest.param(None, [_VERSION, ("cause", b"whim")], "invalid_header", id="no cause of ours"),
    *(
        pytest.param(None, [_VERSION, ("origin_ts", b"%d" % ms)], "invalid_header", id=f"at {ms}")
        for ms in (MIN_MS - 1, MAX_MS)
    ),
]


@pytest.mark.parametrize(("value", "headers", "code"), _NOT_POSTINGS)
async def test_what_is_no_posting_is_refused_and_never_stored(
    cluster: Cluster, value: bytes | None, headers: list[tuple[str, bytes]], code: str
) -> None:
    cluster.publish("job_fanout", "obra", value, partition=1, headers=headers)
    cluster.publish("job_fanout", b"\xff", value, partition=1, headers=headers)
    since = here(cluster)
    await cluster.run("postings")
    assert phases(cluster, since) == ["job_fanout.dlq", "ack job_fanout"]
    letters = cluster.letters("job_fanout")
    assert [letter["dlq_offset"] for letter in letters] == ["0", "1"]
    assert {letter["dlq_partition"] for letter in letters} == {"1"}
    assert {letter["dlq_topic"] for letter in letters} == {cluster.names.job_fanout}
    assert [letter["dlq_error_class"] for letter in letters] == [code, "invalid_encoding"]
    assert rows(cluster, "postings") == {}
    cluster.start()


@pytest.mark.parametrize("since", [MIN_MS, MAX_MS - 1])
async def test_a_copy_tells_when_its_cause_came_and_why(cluster: Cluster, since: int) -> None:
    headers = [_VERSION, ("origin_ts", b"%d" % since), ("cause", b"decision")]
    cluster.publish("job_fanout", "obra", None, partition=1, headers=headers)
    cluster.publish("job_fanout", "cocina", None, partition=1, headers=[_VERSION], timestamp=NOW)
    waiting = cluster.worker.waiting("postings")
    told = [decode(MemoryEvent(record), 0).why for record in waiting]
    assert [(why.cause, why.since) for why in told] == [("decision", since), ("job_posted", NOW)]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"died": 1}, id="a grave with a card"),
        pytest.param({"attrs": job_attrs({"min_age": 50})}, id="attributes of another card"),
        pytest.param({"version": (-1, 0)}, id="of no version"),
        pytest.param({"penalty": -0.1}, id="a penalty below nothing"),
        pytest.param({"penalty": 1.1}, id="a penalty above all"),
        pytest.param({"times": 0.4}, id="a vector that is too short"),
        pytest.param({"times": 2.1}, id="a vector that is too long"),
        pytest.param({"vector": np.ones(3, np.float16)}, id="of another encoder"),
        pytest.param({"vector": np.zeros(0, np.float16)}, id="without a vector"),
        pytest.param({"card": b""}, id="without a card"),
        pytest.param({"card": b"[]"}, id="a card that is none"),
    ],
)
async def test_a_posting_that_no_restart_could_index_is_refused(
    cluster: Cluster, broken: dict[str, Any]
) -> None:
    await _ask(cluster, "ana")
    await _post(cluster, ad("obra"))
    held = rows(cluster, "postings")
    real = PostingRow.unpack(_copies(cluster, at(cluster, "ana"))[0].value or b"")
    assert real.attrs is not None
    if "penalty" in broken:
        broken = {"attrs": replace(real.attrs, penalty=broken["penalty"])}
    if "times" in broken:
        length = np.linalg.norm(real.vector.astype(np.float64))
        broken = {"vector": (real.vector * (broken["times"] / length)).astype(np.float16)}
    bad = replace(real, **{"version": (9, 0), **broken}).pack()
    cluster.publish("job_fanout", "obra", bad, partition=at(cluster, "ana"))
    await cluster.run("postings")
    assert len(cluster.letters("job_fanout")) == 1
    assert rows(cluster, "postings") == held
    cluster.start()
    assert cluster.ranking("ana") == ["obra"]


async def test_a_posting_without_a_key_is_refused(cluster: Cluster) -> None:
    cluster.broker.append(cluster.names.job_fanout, 0, None, b"{}")
    cluster.broker.append(cluster.names.job_fanout, 0, None, None, [("job_version", b"1:0")])
    await cluster.run("postings")
    assert [letter["dlq_offset"] for letter in cluster.letters("job_fanout")] == ["0", "1"]


async def test_a_bad_record_among_good_ones_stops_none_of_them(cluster: Cluster) -> None:
    await _ask(cluster, "ana")
    cluster.publish("job_fanout", "obra", b"{}", partition=at(cluster, "ana"))
    await _post(cluster, ad("obra"))
    assert cluster.ranking("ana") == ["obra"]
    assert len(cluster.letters("job_fanout")) == 1


async def test_a_list_that_was_just_sent_settles_who_waited_for_it(cluster: Cluster) -> None:
    await _post(cluster, ad("obra"))
    await _ask(cluster, "ana")
    assert "ana" in rows(cluster, "pending")
    cluster.rewind("job_fanout")  # the same version once more: its list is sent with it
    await cluster.run("postings")
    assert rows(cluster, "pending") == {}


@pytest.mark.parametrize("last", ["posted", "withdrawn"])
async def test_wherever_the_worker_dies_rankings_and_lists_follow_the_job(
    make_cluster: MakeCluster, last: str
) -> None:
    for records in range(99):
        cluster = make_cluster()
        await _ask(cluster, "ana", "beto")
        await _post(cluster, ad("obra"))
        await cluster.drain()
        cluster.publish("jobs", "obra", ad("obra", 1) if last == "posted" else None)
        await cluster.run("jobs")
        died = await dies(cluster, "postings", records)
        await cluster.drain()
        for name in ("ana", "beto"):
            event = cluster.told("matches", name)[-1] or {}
            versions = [entry["job_version"] for entry in event["entries"]]
            assert versions == ([[1, 0]] if last == "posted" else [])
        named = cluster.told("candidates", "obra")[-1]
        if last == "posted":
            people = [entry["profile_id"] for entry in (named or {})["entries"]]
            assert sorted(people) == ["ana", "beto"]
        else:
            assert named is None
        if not died:
            assert records >= 8, "two partitions: posting, list, event and ranking"
            return
