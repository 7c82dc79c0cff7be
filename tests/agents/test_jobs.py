"""Ads in: vetted, embedded once, handed to every partition, noted only when all were told."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytest

from agents.jobs import CLOCK_SKEW_MS
from schemas.base import DAY_MS
from tables.rows import JobRow, PostingRow
from tests.agents.conftest import MakeCluster
from tests.support.harness import (
    TRACE,
    Cluster,
    Record,
    at,
    dies,
    encoded,
    here,
    history,
    phases,
    rows,
)
from tests.support.harness.village import ad, profile

#: Yesterday: an ad of that time stands.
T0 = round(time.time() * 1000) - DAY_MS


async def _post(cluster: Cluster, value: dict[str, Any] | None, **how: Any) -> list[str]:
    since = here(cluster)
    cluster.publish("jobs", "taxi" if value is None else value["job_id"], value, **how)
    await cluster.run("jobs")
    return phases(cluster, since)


def _row(cluster: Cluster, job_id: str) -> JobRow:
    row = cluster.worker.context.state.job(at(cluster, job_id), job_id)
    assert row is not None
    return row


def _copies(cluster: Cluster, job_id: str) -> list[Record]:
    """What partition 0 of people was told of a job."""
    log = cluster.broker.log(cluster.names.job_fanout, 0)
    return [record for record in log if record.key == job_id.encode()]


def _live(cluster: Cluster, job_id: str) -> bool:
    """Whether people were last told that the job stands."""
    return _copies(cluster, job_id)[-1].value is not None


async def test_each_step_is_durable_before_the_next(cluster: Cluster) -> None:
    """A new ad has no row to mark; a changed one is marked before anybody hears of it."""
    assert await _post(cluster, ad("taxi")) == ["job_fanout review", "row:jobs", "ack jobs"]
    changed = ["row:jobs", "job_fanout review", "row:jobs", "ack jobs"]
    assert await _post(cluster, ad("taxi", 1)) == changed
    assert await _post(cluster, None) == changed
    assert not cluster.worker.broken


async def test_the_mark_stands_in_the_old_row_while_receivers_are_told(cluster: Cluster) -> None:
    await _post(cluster, ad("taxi"))
    await _post(cluster, ad("taxi", pay_min=10.0))
    posted, marked, changed = (
        JobRow.unpack(raw) for raw in history(cluster, "jobs", "taxi") if raw
    )
    assert [row.telling for row in (posted, marked, changed)] == [False, True, False]
    assert marked.content_hash == posted.content_hash != changed.content_hash
    assert [row.version for row in (posted, marked, changed)] == [(0, 0), (0, 0), (1, 0)]


async def test_every_partition_of_people_gets_one_copy_of_the_same_version(
    cluster: Cluster,
) -> None:
    await _post(cluster, ad("obra"))
    await _post(cluster, ad("obra", 1))
    for partition in range(cluster.settings.partitions):
        log = cluster.broker.log(cluster.names.job_fanout, partition)
        copies = [PostingRow.unpack(record.value or b"") for record in log]
        assert [copy.version for copy in copies] == [(0, 0), (1, 0)]
        assert [dict(record.headers)["job_version"] for record in log] == [b"0:0", b"1:0"]


async def test_unchanged_content_is_told_to_nobody(cluster: Cluster) -> None:
    await _post(cluster, ad("obra"), timestamp=T0)
    assert await _post(cluster, ad("obra"), timestamp=T0 + DAY_MS) == ["row:jobs", "ack jobs"]
    row = _row(cluster, "obra")
    assert row.version == (0, 0), "receivers know it under this one"
    assert row.ends == T0 + DAY_MS + 30 * DAY_MS, "it stands for as long as the last record says"


async def test_a_text_is_embedded_once(cluster: Cluster) -> None:
    await _post(cluster, ad("obra"))
    assert len(encoded(cluster)) == 1
    await _post(cluster, ad("obra", pay_min=100.0))
    await _post(cluster, {**ad("obra"), "job_id": "otra"})
    assert len(encoded(cluster)) == 1
    cluster.start()
    await _post(cluster, ad("obra", status="filled"))
    await _post(cluster, ad("obra"))
    assert encoded(cluster) == [], "the row keeps its vector, also while the job is filled"
    assert _live(cluster, "obra")


async def test_the_news_of_a_job_says_why_since_when_and_on_whose_trace(cluster: Cluster) -> None:
    await _post(cluster, ad("taxi"), timestamp=T0, headers=[("traceparent", TRACE)])
    await _post(cluster, None, timestamp=T0 + 1)
    posted, gone = (dict(record.headers) for record in _copies(cluster, "taxi"))
    assert posted["cause"] == b"job_posted"
    assert posted["origin_ts"] == str(T0).encode()
    assert posted["traceparent"] == TRACE
    assert gone["cause"] == b"job_withdrawn"
    assert gone["job_version"] == b"1:0"


async def test_a_risky_ad_goes_to_reviewers_and_to_nobody_else(cluster: Cluster) -> None:
    await _post(cluster, ad("taxi", 1))
    assert not _live(cluster, "taxi")
    (held,) = cluster.told("review", "taxi")
    assert held is not None
    assert held["status"] == "held"
    assert held["content_hash"] == _row(cluster, "taxi").content_hash.hex()
    assert held["reasons"]


async def test_an_ad_that_becomes_risky_leaves_and_returns_once_it_is_mended(
    cluster: Cluster,
) -> None:
    cluster.publish("profiles", "ana", profile("ana", "manejo mototaxi en mi barrio"))
    await _post(cluster, ad("taxi"))
    await cluster.drain()
    assert cluster.ranking("ana") == ["taxi"]
    await _post(cluster, ad("taxi", 1))
    await cluster.drain()
    assert cluster.ranking("ana") == []
    await _post(cluster, ad("taxi"))
    await cluster.drain()
    assert cluster.ranking("ana") == ["taxi"]
    assert cluster.told("review", "taxi")[-1] is None


@pytest.mark.parametrize("status", ["filled", "closed"])
async def test_a_job_that_is_taken_stands_no_more(cluster: Cluster, status: str) -> None:
    await _post(cluster, ad("taxi"))
    await _post(cluster, ad("taxi", status=status))
    assert not _live(cluster, "taxi")
    assert _row(cluster, "taxi").state == status


async def test_an_ad_that_ended_before_it_came_is_accepted_and_never_stands(
    cluster: Cluster,
) -> None:
    await _post(cluster, ad("obra", expires_at="2020-01-01"))
    await _post(cluster, ad("cocina"), timestamp=T0 - 3000 * DAY_MS)
    for name in ("obra", "cocina"):
        assert _row(cluster, name).state == "expired"
        assert not _live(cluster, name)
    assert encoded(cluster) == [], "nobody will be compared with them"
    assert cluster.letters("jobs") == []


async def test_when_an_ad_ends_is_remembered_while_it_may_stand(cluster: Cluster) -> None:
    ends = cluster.worker.context.state.job_ends
    await _post(cluster, ad("taxi", 1, expires_at="2090-01-01"))
    assert set(ends[at(cluster, "taxi")]) == {"taxi"}
    await _post(cluster, ad("taxi", status="closed"))
    assert ends[at(cluster, "taxi")] == {}


async def test_a_withdrawal_leaves_no_row(cluster: Cluster) -> None:
    await _post(cluster, ad("taxi", 1))
    await _post(cluster, None)
    assert rows(cluster, "jobs") == {}
    assert not _live(cluster, "taxi")
    assert cluster.told("review", "taxi")[-1] is None
    assert cluster.worker.context.state.job_ends[at(cluster, "taxi")] == {}


async def test_a_null_that_comes_late_to_its_partition_withdraws_no_newer_ad(
    cluster: Cluster,
) -> None:
    cluster.publish("jobs", "obra", None, partition=1 - at(cluster, "obra"), timestamp=T0)
    cluster.publish("jobs", "obra", ad("obra"), timestamp=T0 + 1)
    await cluster.run("jobs")
    await cluster.run("jobs")
    assert _live(cluster, "obra")
    assert _row(cluster, "obra").state == "active"


async def test_a_refused_ad_leaves_the_last_accepted_one_in_force(cluster: Cluster) -> None:
    await _post(cluster, ad("obra"))
    before = rows(cluster, "jobs"), _copies(cluster, "obra")
    assert await _post(cluster, ad("obra", title=" ")) == ["jobs.dlq", "ack jobs"]
    (letter,) = cluster.letters("jobs")
    assert letter["dlq_topic"] == cluster.names.jobs
    assert letter["dlq_partition"] == str(at(cluster, "obra"))
    assert letter["dlq_offset"] == "1"
    assert letter["dlq_error_class"] == "invalid_field"
    assert before == (rows(cluster, "jobs"), _copies(cluster, "obra"))


async def test_what_is_read_again_is_told_to_nobody_again(cluster: Cluster) -> None:
    await _post(cluster, ad("obra"))
    await _post(cluster, ad("obra", 1))
    before = rows(cluster, "jobs")
    cluster.rewind("jobs")
    since = here(cluster)
    await cluster.run("jobs")
    assert phases(cluster, since) == ["ack jobs"]
    assert rows(cluster, "jobs") == before


async def test_offsets_that_begin_anew_are_said_once(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    """The topic was made anew: its records look older than what the tables hold."""
    await _post(cluster, ad("obra"), timestamp=T0)
    cluster.broker.log(cluster.names.jobs, at(cluster, "obra")).clear()
    cluster.rewind("jobs")
    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            await _post(cluster, ad("obra", 1), timestamp=T0 + DAY_MS)
            cluster.rewind("jobs")
    assert [record.message.count("offsets that were passed") for record in caplog.records] == [1]


@pytest.mark.parametrize(("later", "said"), [(0, 0), (CLOCK_SKEW_MS, 0), (CLOCK_SKEW_MS + 1, 1)])
async def test_clocks_that_differ_a_little_are_no_topic_made_anew(
    cluster: Cluster, caplog: pytest.LogCaptureFixture, later: int, said: int
) -> None:
    await _post(cluster, ad("obra"), timestamp=T0)
    cluster.broker.log(cluster.names.jobs, at(cluster, "obra")).clear()
    cluster.rewind("jobs")
    with caplog.at_level(logging.ERROR):
        await _post(cluster, ad("obra", 1), timestamp=T0 + later)
    assert len(caplog.records) == said


async def test_wherever_the_worker_dies_people_and_reviewers_hear_of_the_last_ad(
    make_cluster: MakeCluster,
) -> None:
    for records in range(99):
        cluster = make_cluster()
        await _post(cluster, ad("taxi"))
        cluster.publish("jobs", "taxi", ad("taxi", 1))
        died = await dies(cluster, "jobs", records)
        await cluster.run("jobs")
        assert not _live(cluster, "taxi")
        assert (cluster.told("review", "taxi")[-1] or {})["job_version"] == [1, 0]
        assert (_row(cluster, "taxi").state, _row(cluster, "taxi").telling) == ("held", False)
        if not died:
            assert records == 5, "mark, one copy for each partition, review and row"
            return


async def test_what_was_told_before_a_death_is_corrected_if_the_old_state_comes_back(
    make_cluster: MakeCluster,
) -> None:
    """Without its mark the old row would say that receivers know: the risky ad would stand."""
    cluster = make_cluster()
    await _post(cluster, ad("taxi", 1))
    strict = cluster.settings
    cluster.settings = strict.model_copy(update={"vetting": False})
    cluster.start()
    cluster.publish("jobs", "taxi", ad("taxi", 1))
    assert await dies(cluster, "jobs", 4), "the mark, two copies and the review are out"
    assert _live(cluster, "taxi")
    cluster.settings = strict  # whoever turned the gate off has thought better of it
    cluster.start()
    await cluster.run("jobs")
    assert _row(cluster, "taxi").state == "held"
    assert not _live(cluster, "taxi")


async def test_of_the_versions_of_an_ad_in_a_batch_the_last_is_handed_on(cluster: Cluster) -> None:
    await _post(cluster, ad("obra"))
    before = len(encoded(cluster))
    for number in range(20):
        cluster.publish("jobs", "taxi", ad("taxi", 1, description=f"Turno {number}."))
        cluster.publish("jobs", "obra", ad("obra", pay_min=900.0 + number))
    cluster.publish("jobs", "obra", None)
    await cluster.run("jobs")
    assert len(_copies(cluster, "taxi")) == 1
    assert not _live(cluster, "obra")
    assert len(_copies(cluster, "obra")) == 2
    assert len(encoded(cluster)) == before + 1
    await cluster.drain()
    assert (await cluster.verify()).ok


async def _vector(cluster: Cluster, *ads: dict[str, Any]) -> bytes:
    for value in ads:
        cluster.publish("jobs", "obra", value)
        await cluster.run("jobs")
    row = cluster.worker.context.state.job(at(cluster, "obra"), "obra")
    assert row is not None
    return row.vector.tobytes()


async def test_another_text_has_another_vector_whatever_was_known(
    make_cluster: MakeCluster,
) -> None:
    """Edited while it stands, and edited while it is filled and opened again."""
    edited = await _vector(make_cluster(), ad("obra", 1))
    assert await _vector(make_cluster(), ad("obra")) != edited
    assert await _vector(make_cluster(), ad("obra"), ad("obra", 1)) == edited
    filled = ad("obra", 1, status="filled")
    assert await _vector(make_cluster(), ad("obra"), filled) == b""
    assert await _vector(make_cluster(), ad("obra"), filled, ad("obra", 1)) == edited


async def test_an_ad_that_has_expired_is_told_as_a_version_of_its_own(cluster: Cluster) -> None:
    cluster.publish("jobs", "obra", ad("obra", expires_at="2020-01-01"))
    await cluster.run("jobs")
    copies = list(cluster.broker.records(cluster.names.job_fanout))
    assert len(copies) == cluster.settings.partitions
    for copy in copies:
        headers = dict(copy.headers)
        assert (copy.value, headers["job_version"]) == (None, b"0:1")
        assert headers["cause"] == b"job_expired"


@pytest.mark.parametrize(
    ("before", "records"),
    [
        ([], [0, 0]),
        ([0], [2, 2]),
        ([0], [2, 0, 2]),
        ([], [2, 0, 2]),
        ([0, None], [2, 2]),
        ([0], [None, 2, 2]),
    ],
)
@pytest.mark.parametrize("at_once", [1, 2])
async def test_a_dead_worker_may_have_told_what_another_reads_in_smaller_batches(
    make_cluster: MakeCluster, before: list[int | None], records: list[int | None], at_once: int
) -> None:
    """It told of the last record of a batch under its offset; the same words stand before it."""

    def value(version: int | None) -> dict[str, Any] | None:
        return None if version is None else ad("obra", pay_min=1_000.0 + version)

    for left in range(99):
        cluster = make_cluster()
        for version in before:
            cluster.publish("jobs", "obra", value(version))
            await cluster.drain()
        for version in records:
            cluster.publish("jobs", "obra", value(version))
        died = await dies(cluster, "jobs", left)
        await cluster.drain(max_events=at_once)
        report = await cluster.verify()
        assert report.ok, "\n".join(report.lines())
        assert _copies(cluster, "obra")[-1].value is not None
        if not died:
            assert not _row(cluster, "obra").telling
            return
