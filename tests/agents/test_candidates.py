"""A job's list of people: merged, told when it changes, never under a number that was used."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from agents.candidates import decode
from matcher_stream.runtime import faults
from models.ranking.event_bodies import revision_of
from schemas.errors import InputError
from tables.rows import Head, head_key
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster, Died, at, dies, event_of, here, phases, rows
from tests.support.harness.village import ad, profile


def _partial(
    cluster: Cluster,
    *people: str,
    version: tuple[int, int] = (3, 0),
    partition: int = 0,
    score: float = 0.5,
    **more: Any,
) -> None:
    """One partition's list for the job `obra` comes in."""
    entries = [{"profile_id": name, "score": score} for name in people]
    body = {"job_id": "obra", "version": version, "partition": partition, "entries": entries}
    key = f"obra:{partition}"
    cluster.publish("candidates_partial", key, {**body, **more}, partition=at(cluster, "obra"))


async def _merge(cluster: Cluster) -> list[str]:
    since = here(cluster)
    await cluster.run("candidates")
    return phases(cluster, since)


def _lists(cluster: Cluster) -> list[list[str] | None]:
    return [
        None if told is None else [entry["profile_id"] for entry in told["entries"]]
        for told in cluster.told("candidates", "obra")
    ]


def _revisions(cluster: Cluster) -> list[int]:
    return [told["revision"] for told in cluster.told("candidates", "obra") if told]


async def test_a_list_that_was_told_and_not_noted_is_told_again(
    make_cluster: MakeCluster,
) -> None:
    """When it is merged again, together with the next, the list before it has come back."""
    cluster = make_cluster(partitions=1)
    _partial(cluster, "ana")
    await _merge(cluster)

    cluster.start()
    _partial(cluster, "ana", "gone")
    faults.configure("candidates.after_output:1")
    try:
        with pytest.raises(Died):
            await _merge(cluster)
    finally:
        faults.configure("")
    cluster.start()
    _partial(cluster, "ana")
    await _merge(cluster)
    _partial(cluster, "ana")
    await _merge(cluster)
    assert _lists(cluster) == [["ana"], ["ana", "gone"], ["ana"]]
    revisions = _revisions(cluster)
    assert revisions == sorted(set(revisions)), "no revision stands for two lists"
    assert cluster.letters("candidates_partial") == []


async def test_parts_and_mark_come_before_the_list_and_its_number_after(cluster: Cluster) -> None:
    _partial(cluster, "ana")
    assert await _merge(cluster) == [
        "row:lists",
        "candidates",
        "row:lists",
        "ack candidates_partial",
    ]
    assert not cluster.worker.broken


async def test_a_list_that_stays_is_not_told_again(cluster: Cluster) -> None:
    _partial(cluster, "ana")
    await _merge(cluster)
    _partial(cluster, "ana")
    assert "candidates" not in await _merge(cluster)
    cluster.rewind("candidates_partial")
    await _merge(cluster)
    assert _lists(cluster) == [["ana"]]


async def test_a_batch_of_parts_is_one_event(cluster: Cluster) -> None:
    _partial(cluster, "ana")
    _partial(cluster, "beto", partition=1)
    _partial(cluster, "ana", "carmen")
    await _merge(cluster)
    assert _lists(cluster) == [["ana", "beto", "carmen"]]


async def test_the_best_of_all_partitions_are_ranked_and_cut_at_k(
    make_cluster: MakeCluster,
) -> None:
    cluster = make_cluster(top_k=2)
    _partial(cluster, "zoe", partition=0, score=0.5)
    _partial(cluster, "beto", partition=1, score=0.9)
    await _merge(cluster)
    _partial(cluster, "ana", "zoe", partition=0, score=0.5)
    await _merge(cluster)
    told = [event or {} for event in cluster.told("candidates", "obra")]
    ranked = [[(e["rank"], e["profile_id"]) for e in event["entries"]] for event in told]
    assert ranked == [[(1, "beto"), (2, "zoe")], [(1, "beto"), (2, "ana")]]


async def test_an_event_says_how_many_partitions_it_knows_of(cluster: Cluster) -> None:
    _partial(cluster, "ana")
    await _merge(cluster)
    _partial(cluster, partition=1)
    await _merge(cluster)
    _partial(cluster, "ana", version=(4, 0))
    await _merge(cluster)
    told = [event or {} for event in cluster.told("candidates", "obra")]
    assert [event["partitions_seen"] for event in told] == [1, 2, 1]
    assert {event["partitions_total"] for event in told} == {2}
    assert [event["job_version"] for event in told] == [[3, 0], [3, 0], [4, 0]]


async def test_the_parts_of_an_older_version_are_left_out(cluster: Cluster) -> None:
    _partial(cluster, "ana", version=(4, 0))
    await _merge(cluster)
    _partial(cluster, "gone", version=(3, 9))
    _partial(cluster, "gone", version=(3, 9), partition=1)
    await _merge(cluster)
    assert _lists(cluster) == [["ana"]]


async def test_of_a_withdrawn_job_a_null_is_told_and_a_grave_is_left(cluster: Cluster) -> None:
    for partition in (0, 1):
        _partial(cluster, "ana", partition=partition)
    await _merge(cluster)
    for partition in (0, 1):
        _partial(cluster, version=(5, 0), partition=partition, withdrawn=True)
    await _merge(cluster)
    assert _lists(cluster)[1:] == [None]
    head, *parts = (rows(cluster, "lists")[key] for key in sorted(rows(cluster, "lists")))
    assert len(parts) == 2, "each partition's word, since they come in any order"
    assert not any(b"ana" in row for row in (head, *parts))


@pytest.mark.parametrize("restart", [False, True])
async def test_a_late_older_part_revives_no_withdrawn_job(cluster: Cluster, restart: bool) -> None:
    _partial(cluster, "ana")
    _partial(cluster, version=(5, 0), withdrawn=True)
    await _merge(cluster)
    if restart:
        cluster.start()
    before = rows(cluster, "lists")
    _partial(cluster, "ana", version=(4, 7), partition=1)
    await _merge(cluster)
    assert _lists(cluster) == [None]
    assert set(rows(cluster, "lists")) == set(before)


async def test_a_job_that_comes_back_is_told_under_a_higher_revision(cluster: Cluster) -> None:
    _partial(cluster, "ana")
    await _merge(cluster)
    _partial(cluster, version=(5, 0), withdrawn=True)
    await _merge(cluster)
    _partial(cluster, "ana", version=(6, 0))
    await _merge(cluster)
    assert _lists(cluster) == [["ana"], None, ["ana"]]
    first, again = _revisions(cluster)
    assert again > first


async def test_headers_say_what_the_event_is(make_cluster: MakeCluster) -> None:
    cluster = make_cluster(epoch=5)
    _partial(cluster, "ana")
    await _merge(cluster)
    (record,) = cluster.broker.records(cluster.names.candidates)
    (event,) = cluster.told("candidates", "obra")
    headers = dict(record.headers)
    assert event is not None
    assert headers["ce_id"].decode() == event["event_id"]
    assert headers["ce_type"] == b"pe.matcher.candidates.v1"
    assert event["revision"] >> 32 == 5


async def test_an_event_is_the_whole_list_and_nothing_personal(cluster: Cluster) -> None:
    _partial(cluster, "ana")
    await _merge(cluster)
    (event,) = cluster.told("candidates", "obra")
    assert event is not None
    versions = cluster.worker.context.versions
    assert event.pop("revision") == revision_of(1, 1)
    assert len(event.pop("event_id")) >= 32
    assert event == {
        "job_id": "obra",
        "job_version": [3, 0],
        "partitions_seen": 1,
        "partitions_total": 2,
        "encoder_version": versions.encoder,
        "ranker_version": versions.ranker,
        "entries": [{"rank": 1, "profile_id": "ana", "score": 0.5}],
    }


async def test_one_partitions_word_of_a_withdrawal_counts_for_its_version_only(
    cluster: Cluster,
) -> None:
    _partial(cluster, version=(5, 0), withdrawn=True)
    _partial(cluster, "ana", version=(5, 0), partition=1)
    await _merge(cluster)
    assert _lists(cluster) == [None], "the word of another may be from before"
    _partial(cluster, "ana", version=(6, 0), partition=1)
    await _merge(cluster)
    assert _lists(cluster) == [None, ["ana"]]
    head = Head.unpack(rows(cluster, "lists")[head_key("obra").decode()])
    assert head.withdrawn == 0, "no sweep takes it for a grave"


async def test_the_sweeps_own_null_is_passed_over(cluster: Cluster) -> None:
    cluster.publish("candidates_partial", "obra:0", None, partition=at(cluster, "obra"))
    assert await _merge(cluster) == ["ack candidates_partial"]
    assert cluster.letters("candidates_partial") == []


_PART: dict[str, Any] = {"job_id": "obra", "version": [3, 0], "partition": 0, "entries": []}
_NOT_PARTS = [
    b"{",
    b"[]",
    orjson.dumps({**_PART, "version": [1]}),
    orjson.dumps({**_PART, "version": ["a", 0]}),
    orjson.dumps({**_PART, "partition": -1}),
    orjson.dumps({**_PART, "partition": 1 << 16}),
    orjson.dumps({**_PART, "entries": 7}),
    orjson.dumps({**_PART, "entries": ["ana"]}),
    orjson.dumps({**_PART, "entries": [{"profile_id": "ana"}]}),
    orjson.dumps({**_PART, "entries": [{"profile_id": "ana", "score": "high"}]}),
    orjson.dumps({**_PART, "entries": [{"profile_id": 7, "score": 0.5}]}),
]


def _decode(where: int = 1, key: bytes = b"obra:0", **more: Any) -> Any:
    value = orjson.dumps({**_PART, **more})
    return decode(event_of("partial", key, value, where), 2)


@pytest.mark.parametrize(
    "broken",
    [
        {"key": b"obra:1"},
        {"key": b"obra"},
        {"key": b"cocina:0"},
        {"where": 0},
        {"partition": 2, "key": b"obra:2"},
        {"partition": -1, "key": b"obra:-1"},
        {"version": [-1, 0]},
        {"version": [0, -1]},
        {"version": [1 << 62, 0]},
        {"version": [0, 1 << 62]},
        {"entries": [{"profile_id": "ana", "score": "inf"}]},
        {"entries": [{"profile_id": None, "score": 0.5}]},
    ],
)
def test_a_list_is_of_a_partition_a_version_and_its_key(broken: dict[str, Any]) -> None:
    assert _decode().part.job_id == "obra"
    assert _decode(version=[0, 0]).part.version == (0, 0)
    assert _decode(partition=1, key=b"obra:1").part.partition == 1
    with pytest.raises(InputError):
        _decode(**broken)


@pytest.mark.parametrize("value", _NOT_PARTS)
async def test_what_is_no_partial_is_refused_and_never_stored(
    cluster: Cluster, value: bytes
) -> None:
    cluster.publish("candidates_partial", "obra:0", value, partition=1)
    _partial(cluster, "ana")
    await _merge(cluster)
    cluster.start()
    _partial(cluster, "ana")
    await _merge(cluster)
    (letter,) = cluster.letters("candidates_partial")
    assert letter["dlq_topic"] == cluster.names.candidates_partial
    assert (letter["dlq_partition"], letter["dlq_offset"]) == ("1", "0")
    assert letter["dlq_error_class"] == "invalid_field"
    assert _lists(cluster) == [["ana"]]


async def test_many_jobs_at_once_are_merged_each_by_itself(cluster: Cluster) -> None:
    for i in range(70):
        body = {"job_id": f"j{i}", "version": (1, 0), "partition": 0, "entries": []}
        where = at(cluster, f"j{i}")
        cluster.publish("candidates_partial", f"j{i}:0", body, partition=where)
    await _merge(cluster)
    assert all(len(cluster.told("candidates", f"j{i}")) == 1 for i in range(70))


async def test_wherever_the_worker_dies_no_revision_stands_for_two_lists(
    make_cluster: MakeCluster,
) -> None:
    """And what consumers hear last is the list as it is."""
    for records in range(99):
        cluster = make_cluster(partitions=1)
        _partial(cluster, "ana")
        await _merge(cluster)
        _partial(cluster, "ana", "beto")
        died = await dies(cluster, "candidates", records)
        _partial(cluster, "carmen")
        await _merge(cluster)
        assert _lists(cluster)[-1] == ["carmen"]
        told = {e["revision"]: e["event_id"] for e in cluster.told("candidates", "obra") if e}
        ids = {e["event_id"] for e in cluster.told("candidates", "obra") if e}
        assert len(told) == len(ids)
        assert list(told) == sorted(told)
        if not died:
            assert records == 4, "part, mark, event and head"
            return


async def test_the_list_of_a_job_follows_its_people(cluster: Cluster) -> None:
    """The whole way: an ad, people, one who leaves, a withdrawal."""
    cluster.publish("jobs", "obra", ad("obra"))
    for name in ("ana", "beto", "carmen"):
        cluster.publish("profiles", name, profile(name))
    await cluster.drain()
    assert sorted(_lists(cluster)[-1] or []) == ["ana", "beto", "carmen"]
    cluster.publish("profiles", "beto", None)
    await cluster.drain()
    assert sorted(_lists(cluster)[-1] or []) == ["ana", "carmen"]
    cluster.publish("jobs", "obra", None)
    await cluster.drain()
    assert _lists(cluster)[-1] is None
