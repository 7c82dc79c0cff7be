"""What people say of jobs: the job leaves their ranking, and they its list; the hired pause."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tables.rows import MAX_EXCLUSIONS, pack_exclusions, unpack_exclusions
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster, at, dies, here, phases, rows
from tests.support.harness.village import COOK, ad, profile, said

T0 = 1_790_000_000_000


async def _village(cluster: Cluster, *people: str) -> Cluster:
    for name in ("obra", "cocina"):
        cluster.publish("jobs", name, ad(name))
    await cluster.drain()
    for name in people:
        cluster.publish("profiles", name, profile(name), timestamp=T0)
    await cluster.drain()
    return cluster


async def _say(cluster: Cluster, job: str, kind: str, **how: Any) -> list[str]:
    since = here(cluster)
    cluster.publish("feedback", "ana", said("ana", job, kind), **{"timestamp": T0 + 1, **how})
    await cluster.run("feedback")
    return phases(cluster, since)


def _listed(cluster: Cluster, job_id: str) -> set[str]:
    last = cluster.told("candidates", job_id)[-1] or {}
    return {entry["profile_id"] for entry in last["entries"]}


async def test_what_was_said_is_kept_before_the_ranking_is_told(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    assert await _say(cluster, "obra", "dismissed") == [
        "row:outcomes",
        "row:exclusions row:pending",
        "row:people",
        "matches",
        "row:rankings",
        "ack feedback",
    ]
    assert not cluster.worker.broken


@pytest.mark.parametrize("kind", ["applied", "dismissed", "reported"])
async def test_the_job_leaves_the_ranking_and_the_person_its_list(
    cluster: Cluster, kind: str
) -> None:
    await _village(cluster, "ana", "beto")
    await _say(cluster, "obra", kind)
    last = cluster.told("matches", "ana")[-1] or {}
    assert [entry["job_id"] for entry in last["entries"]] == ["cocina"]
    assert (last["left"], last["entered"], last["cause"]) == (["obra"], [], "feedback")
    await cluster.drain()
    assert _listed(cluster, "obra") == {"beto"}
    assert _listed(cluster, "cocina") == {"ana", "beto"}
    assert cluster.ranking("beto") == ["obra", "cocina"]


async def test_a_word_about_one_job_touches_no_other_list(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    await _say(cluster, "obra", "dismissed")
    state, where = cluster.worker.context.state, at(cluster, "ana")
    waiting = state.match.jobs.held(where, state.dirty.waiting(where, 100))
    assert waiting == ["obra"]


async def test_the_job_stays_out_whatever_comes_after(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    await _say(cluster, "obra", "dismissed")
    cluster.publish("profiles", "ana", profile("ana", age=30))
    cluster.publish("jobs", "obra", ad("obra", 1))
    await cluster.drain()
    assert cluster.ranking("ana") == ["cocina"]
    assert _listed(cluster, "obra") == set()
    cluster.start()
    cluster.tick("2099-01-01")
    cluster.publish("jobs", "obra", ad("obra"))
    cluster.publish("profiles", "ana", profile("ana"))
    await cluster.drain()
    assert cluster.ranking("ana") == ["cocina"]
    assert _listed(cluster, "obra") == set()


async def test_a_new_worker_knows_what_was_said(cluster: Cluster) -> None:
    """From its rows alone: no record of the person brings it back."""
    await _village(cluster, "ana")
    await _say(cluster, "obra", "dismissed")
    await cluster.drain()
    cluster.start()
    cluster.publish("jobs", "obra", ad("obra", 1))
    await cluster.drain()
    assert cluster.ranking("ana") == ["cocina"]
    assert _listed(cluster, "obra") == set()


async def test_feedback_before_its_profile_counts_once_the_profile_comes(
    cluster: Cluster,
) -> None:
    await _village(cluster)
    assert await _say(cluster, "obra", "dismissed") == ["row:exclusions", "ack feedback"]
    assert cluster.told("matches", "ana") == []
    cluster.start()
    cluster.publish("profiles", "ana", profile("ana"))
    await cluster.run("profiles")
    assert cluster.ranking("ana") == ["cocina"]


async def test_several_words_of_one_person_all_count(cluster: Cluster) -> None:
    await _village(cluster)
    cluster.publish("feedback", "ana", said("ana", "obra", "dismissed"))
    cluster.publish("feedback", "ana", said("ana", "cocina", "applied"))
    await cluster.run("feedback")
    cluster.publish("profiles", "ana", profile("ana"))
    await cluster.run("profiles")
    assert cluster.ranking("ana") == []
    kept = orjson.loads(rows(cluster, "exclusions")["ana"])
    assert {job_id: kind for job_id, (kind, _) in kept.items()} == {
        "obra": "dismissed",
        "cocina": "applied",
    }


async def test_who_was_hired_pauses_until_they_write_again(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    await _say(cluster, "obra", "hired")
    last = cluster.told("matches", "ana")[-1] or {}
    assert (last["status"], last["entries"], last["left"]) == ("paused", [], ["obra", "cocina"])
    await cluster.drain()
    assert _listed(cluster, "cocina") == set()
    cluster.start()
    cluster.publish("profiles", "ana", profile("ana"), timestamp=T0 + 2)
    await cluster.drain()
    assert cluster.ranking("ana") == ["cocina"], "searching again, but not for that job"
    assert _listed(cluster, "cocina") == {"ana"}


async def test_a_hire_older_than_the_profile_pauses_nobody(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    await _say(cluster, "obra", "hired", timestamp=T0 - 1)
    assert cluster.ranking("ana") == ["cocina"]


async def test_of_two_hires_the_later_one_counts(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    await _say(cluster, "obra", "hired", timestamp=T0 - 1)
    assert cluster.ranking("ana") == ["cocina"]
    await _say(cluster, "cocina", "hired", timestamp=T0 + 1)
    last = cluster.told("matches", "ana")[-1] or {}
    assert (last["status"], last["entries"]) == ("paused", [])


async def test_hired_pauses_is_a_setting(make_cluster: MakeCluster) -> None:
    cluster = await _village(make_cluster(hired_pauses=False), "ana")
    await _say(cluster, "obra", "hired")
    assert cluster.ranking("ana") == ["cocina"]


async def test_what_is_read_again_changes_nothing(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    await _say(cluster, "obra", "dismissed")
    kept, ranking = rows(cluster, "exclusions"), cluster.ranking("ana")
    cluster.rewind("feedback")
    await cluster.run("feedback")
    assert (rows(cluster, "exclusions"), cluster.ranking("ana")) == (kept, ranking)
    last = cluster.told("matches", "ana")[-1] or {}
    assert (last["entered"], last["left"]) == ([], []), "no news"


async def test_a_word_about_a_job_that_was_never_shown_is_answered(cluster: Cluster) -> None:
    """A ranking that a crash kept from being noted may have shown it."""
    await _village(cluster, "ana")
    told = len(cluster.told("matches", "ana"))
    await _say(cluster, "limpieza", "dismissed")
    assert len(cluster.told("matches", "ana")) == told + 1
    cluster.publish("jobs", "limpieza", ad("limpieza"))
    await cluster.drain()
    assert cluster.ranking("ana") == ["obra", "cocina"]


async def test_a_word_of_somebody_without_a_ranking_row_is_answered(cluster: Cluster) -> None:
    """Earlier programs wrote none before the first ranking was sent."""
    await _village(cluster, "ana")
    context = cluster.worker.context
    none: dict[bytes, bytes | None] = {b"ana": None}
    await context.state.tables.rankings.write(at(cluster, "ana"), none, [context.fence.turn()])
    await _say(cluster, "obra", "dismissed")
    assert cluster.ranking("ana") == ["cocina"]


@pytest.mark.parametrize(("later", "kept"), [(-1, False), (0, False), (1, True)])
async def test_what_was_said_before_an_erasure_goes_with_the_person(
    cluster: Cluster, later: int, kept: bool
) -> None:
    await _village(cluster, "ana")
    cluster.publish("profiles", "ana", None, timestamp=T0 + 5)
    await cluster.run("profiles")
    await _say(cluster, "obra", "dismissed", timestamp=T0 + 5 + later)
    assert ("ana" in rows(cluster, "exclusions")) is kept


async def test_a_null_says_nothing(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    await _say(cluster, "obra", "dismissed")
    before = rows(cluster, "exclusions"), cluster.told("matches", "ana")
    since = here(cluster)
    cluster.publish("feedback", "ana", None)
    await cluster.run("feedback")
    assert phases(cluster, since) == ["ack feedback"]
    assert before == (rows(cluster, "exclusions"), cluster.told("matches", "ana"))


async def test_refused_feedback_changes_nothing(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    assert await _say(cluster, "obra", "adored") == ["feedback.dlq", "ack feedback"]
    (letter,) = cluster.letters("feedback")
    assert letter["dlq_topic"] == cluster.names.feedback
    assert letter["dlq_partition"] == str(at(cluster, "ana"))
    assert letter["dlq_offset"] == "0"
    assert letter["dlq_error_class"] == "invalid_field"
    assert rows(cluster, "exclusions") == {}
    assert cluster.ranking("ana") == ["obra", "cocina"]


async def test_wherever_the_worker_dies_the_job_leaves_and_the_news_is_told(
    make_cluster: MakeCluster,
) -> None:
    for records in range(99):
        cluster = await _village(make_cluster(), "ana", "beto")
        cluster.publish("feedback", "ana", said("ana", "obra", "dismissed"))
        died = await dies(cluster, "feedback", records)
        await cluster.drain()
        assert cluster.ranking("ana") == ["cocina"]
        assert _listed(cluster, "obra") == {"beto"}
        left = [event["left"] for event in cluster.told("matches", "ana") if event]
        assert ["obra"] in left
        if not died:
            assert records >= 5
            return


_WORDS = st.sampled_from(
    [said("ana", job, kind) for job in ("obra", "cocina") for kind in ("applied", "dismissed")]
)
_STEPS = st.lists(
    st.one_of(
        _WORDS.map(lambda words: ("feedback", words)),
        st.sampled_from([profile("ana"), profile("ana", COOK)]).map(lambda v: ("profiles", v)),
    ),
    min_size=2,
    max_size=5,
)


@settings(max_examples=12, deadline=None)
@given(steps=_STEPS, deaths=st.lists(st.integers(0, 8), max_size=3))
def test_in_any_order_with_any_deaths_no_job_returns_that_was_left_out(
    steps: list[tuple[str, dict[str, Any]]], deaths: list[int]
) -> None:
    async def run(patch: pytest.MonkeyPatch) -> None:
        cluster = await _village(Cluster(patch))
        for i, (kind, value) in enumerate(steps):
            cluster.publish(kind, "ana", value)
            if i < len(deaths):
                await dies(cluster, kind, deaths[i])
            await cluster.run(kind)
            out = {value["job_id"] for kind, value in steps[: i + 1] if kind == "feedback"}
            assert not out & set(cluster.ranking("ana"))
            if any(kind == "profiles" for kind, _ in steps[: i + 1]):
                assert set(cluster.ranking("ana")) == {"obra", "cocina"} - out

    with pytest.MonkeyPatch.context() as patch:
        asyncio.run(run(patch))


async def test_of_who_says_much_the_latest_is_kept_and_that_they_were_hired(
    cluster: Cluster,
) -> None:
    await _village(cluster, "ana")
    await _say(cluster, "obra", "dismissed", timestamp=T0 + 1)
    await _say(cluster, "other", "hired", timestamp=T0 + 2)
    assert _listed(cluster, "obra") == {"ana"}, "not refreshed yet"
    for i in range(MAX_EXCLUSIONS - 1):
        value = said("ana", f"job-{i:05}", "dismissed")
        cluster.publish("feedback", "ana", value, timestamp=T0 + 3 + i)
    await cluster.drain()
    held = unpack_exclusions(rows(cluster, "exclusions")["ana"])
    assert len(held) == MAX_EXCLUSIONS
    assert "obra" not in held
    assert held["other"] == ("hired", T0 + 2)
    assert (await cluster.verify()).ok
    cluster.publish("profiles", "ana", profile("ana", COOK), timestamp=T0 + 10_000)
    await cluster.drain()
    assert "obra" in cluster.ranking("ana"), "what was forgotten may be told again"
    assert _listed(cluster, "obra") == {"ana"}
    assert (await cluster.verify()).ok


async def test_a_job_that_is_excluded_no_more_has_its_list_made_anew(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    await _say(cluster, "obra", "dismissed", timestamp=T0 + 1)
    many = {f"job-{i:05}": ("dismissed", T0 + 2) for i in range(MAX_EXCLUSIONS - 1)}
    row = {b"ana": pack_exclusions({"obra": ("dismissed", T0 + 1), **many})}
    context = cluster.worker.context
    await context.state.tables.exclusions.write(at(cluster, "ana"), row, [context.fence.turn()])
    cluster.start()
    await cluster.drain()
    assert _listed(cluster, "obra") == set()
    await _say(cluster, "cocina", "dismissed", timestamp=T0 + 3)
    await cluster.drain()
    assert cluster.ranking("ana") == ["obra"]
    assert _listed(cluster, "obra") == {"ana"}
    assert _listed(cluster, "cocina") == set()


@pytest.mark.parametrize("kind", ["shown", "opened", "interviewed"])
async def test_what_was_only_seen_is_kept_and_takes_nothing_back(
    cluster: Cluster, kind: str
) -> None:
    await _village(cluster, "ana")
    await _say(cluster, "obra", "dismissed")
    assert await _say(cluster, "obra", kind) == ["row:outcomes", "ack feedback"]
    assert await _say(cluster, "cocina", kind) == ["row:outcomes", "ack feedback"]
    assert cluster.ranking("ana") == ["cocina"]
    await cluster.drain()
    assert (await cluster.verify()).ok


async def test_another_word_on_the_job_that_hired_them_brings_them_back(cluster: Cluster) -> None:
    for name in ("obra", "cocina"):
        cluster.publish("jobs", name, ad(name))
    cluster.publish("profiles", "ana", profile("ana"))
    await cluster.drain()
    cluster.publish("feedback", "ana", said("ana", "cocina", "hired"))
    await cluster.drain()
    cluster.publish("feedback", "ana", said("ana", "cocina", "applied"))
    await cluster.drain()
    assert cluster.ranking("ana") == ["obra"]
    report = await cluster.verify()
    assert report.ok, report.differences
