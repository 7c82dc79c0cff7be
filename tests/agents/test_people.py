"""Changing and erasing people: the superseded version waits for its lists; the erased leave all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.people import MOST_VERSIONS
from tables.rows import ANY_VERSION, PersonRow, pack_list, person_header, superseded, unpack_list
from tables.rows.attributes import pack_person
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster, at, dies, here, history, phases, rows
from tests.support.harness.village import COOK, MASON, ad, profile, said


async def _village(cluster: Cluster, *people: str) -> Cluster:
    """Two ads stand, and these people were told of them; the lists have all been sent."""
    for name in ("obra", "cocina"):
        cluster.publish("jobs", name, ad(name))
    await cluster.drain()
    for name in people:
        cluster.publish("profiles", name, profile(name))
    await cluster.drain()
    return cluster


def _listed(cluster: Cluster, job_id: str) -> dict[str, float]:
    """The people that the last list of a job names, with their scores."""
    last = cluster.told("candidates", job_id)[-1] or {}
    return {entry["profile_id"]: entry["score"] for entry in last["entries"]}


def _traces(cluster: Cluster, name: str) -> list[str]:
    """Where a name still stands once all topics are compacted: tables, changelogs, outputs."""
    tables = cluster.worker.context.state.tables.all()
    found = [
        f"table {table.name}"
        for table in tables
        for partition in range(cluster.settings.partitions)
        for key, raw in table.rows(partition)
        if name.encode() in key + raw
    ]
    names = cluster.names
    kept = [table.changelog_topic_name for table in tables]
    kept += [names.matches, names.candidates, names.candidates_partial, names.job_fanout]
    for topic in kept:
        for record in cluster.broker.last(topic).values():
            if record.value is not None and name.encode() in (record.key or b"") + record.value:
                found.append(topic)
    return found


async def test_the_superseded_version_waits_until_its_lists_were_sent(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    before = rows(cluster, "people")["ana"]
    cluster.publish("profiles", "ana", profile("ana", COOK))
    await cluster.run("profiles")
    assert unpack_list(rows(cluster, "pending")["ana"]) == [superseded(before)]
    await cluster.drain()
    assert rows(cluster, "pending") == {}
    assert history(cluster, "pending", "ana")[-1] is None


async def test_every_list_that_a_person_was_in_is_made_anew(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    masonry = _listed(cluster, "obra")["ana"]
    cluster.publish("profiles", "ana", profile("ana", COOK))
    await cluster.drain()
    assert _listed(cluster, "obra")["ana"] < masonry
    cluster.publish("profiles", "ana", profile("ana", COOK, status="paused"))
    await cluster.drain()
    assert _listed(cluster, "obra") == _listed(cluster, "cocina") == {}


async def test_a_change_by_itself_sends_no_list(cluster: Cluster) -> None:
    """Lists are refreshed by budget, so that a burst of profiles does not send each of them."""
    await _village(cluster, "ana")
    since = here(cluster)
    cluster.publish("profiles", "ana", profile("ana", COOK))
    await cluster.run("profiles")
    assert "candidates_partial" not in phases(cluster, since)
    assert cluster.worker.context.state.dirty.pending(at(cluster, "ana"))


async def test_a_restart_finds_the_lists_that_still_wait(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    cluster.publish("profiles", "ana", profile("ana", status="paused"))
    await cluster.run("profiles")
    cluster.start()
    await cluster.drain()
    assert _listed(cluster, "obra") == {}


async def test_a_second_change_keeps_both_versions_that_lists_may_name(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    first = rows(cluster, "people")["ana"]
    cluster.publish("profiles", "ana", profile("ana", COOK))
    await cluster.run("profiles")
    second = rows(cluster, "people")["ana"]
    cluster.publish("profiles", "ana", profile("ana", COOK, age=30))
    await cluster.run("profiles")
    waiting = unpack_list(rows(cluster, "pending")["ana"])
    assert waiting == [superseded(first), superseded(second)]


def _hurried(i: int, **fields: Any) -> dict[str, Any]:
    """A large profile of somebody who says something else of themselves each time."""
    return profile("ana", MASON, skills=["x" * 900] * 6, min_pay=1_000 + i, **fields)


async def _hurry(cluster: Cluster, updates: Iterable[int], **fields: Any) -> None:
    for i in updates:
        cluster.publish("profiles", "ana", _hurried(i, **fields))
        await cluster.run("profiles")  # in one batch the last alone would count


def _largest(cluster: Cluster) -> int:
    return max(len(raw) for raw in history(cluster, "pending", "ana") if raw)


async def test_who_changes_faster_than_lists_are_sent_has_a_bounded_row(cluster: Cluster) -> None:
    await _village(cluster, "ana", "beto")
    since = here(cluster)
    await _hurry(cluster, range(100))
    version = len(superseded(rows(cluster, "people")["ana"])) + 4
    assert _largest(cluster) <= MOST_VERSIONS * version < 5_000
    assert "candidates_partial" not in phases(cluster, since), "lists go out by their budget"
    assert unpack_list(rows(cluster, "pending")["ana"]) == [ANY_VERSION]
    await cluster.drain()
    assert rows(cluster, "pending") == {}
    report = await cluster.verify()
    assert report.ok, "\n".join(report.lines())


async def test_what_lists_cannot_tell_apart_waits_once(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    for i in range(20):
        cluster.publish("profiles", "ana", profile("ana", MASON, valid_until=f"2090-01-{i + 1:02}"))
        await cluster.run("profiles")
        cluster.publish("profiles", "ana", profile("ana", COOK, valid_until=f"2090-01-{i + 1:02}"))
        await cluster.run("profiles")
    assert len(unpack_list(rows(cluster, "pending")["ana"])) == 2
    assert len(history(cluster, "pending", "ana")) <= 2 + 2, "and is not written again"


@pytest.mark.parametrize("restart", [True, False])
async def test_lists_that_name_a_version_which_is_not_kept_are_sent(
    cluster: Cluster, restart: bool
) -> None:
    """Once paused, nothing but the versions that wait leads to the lists that she is in."""
    await _village(cluster, "ana")
    await _hurry(cluster, range(MOST_VERSIONS + 2), status="paused")
    assert unpack_list(rows(cluster, "pending")["ana"]) == [ANY_VERSION]
    if restart:
        cluster.start()
    await cluster.drain()
    assert _listed(cluster, "obra") == _listed(cluster, "cocina") == {}


async def test_wherever_the_worker_dies_who_hurries_is_in_every_list_as_they_are(
    make_cluster: MakeCluster,
) -> None:
    """Also in between: the lists that were sent ahead, the row that begins again, the content."""
    for records in range(99):
        cluster = await _village(make_cluster(), "ana")
        await _hurry(cluster, range(MOST_VERSIONS), status="paused")
        cluster.publish("profiles", "ana", _hurried(99, status="paused"))
        died = await dies(cluster, "profiles", records)
        await _hurry(cluster, range(3), status="paused")
        cluster.start()
        await cluster.drain()
        assert _listed(cluster, "obra") == _listed(cluster, "cocina") == {}
        report = await cluster.verify()
        assert report.ok, "\n".join(report.lines())
        if not died:
            assert records >= 4, "pending, person, event and ranking"
            return


@pytest.mark.parametrize("restart", [True, False])
async def test_who_hurries_and_is_erased_is_in_no_list(cluster: Cluster, restart: bool) -> None:
    await _village(cluster, "ana", "beto")
    await _hurry(cluster, range(MOST_VERSIONS), status="paused")
    await _hurry(cluster, range(3))
    assert unpack_list(rows(cluster, "pending")["ana"]) == [ANY_VERSION]
    if restart:
        cluster.start()
    cluster.publish("profiles", "ana", None)
    await cluster.run("profiles")
    await cluster.run("candidates")
    assert set(_listed(cluster, "obra")) == set(_listed(cluster, "cocina")) == {"beto"}
    await cluster.drain()
    assert _traces(cluster, "ana") == []


async def _wait(cluster: Cluster, version: bytes) -> None:
    """Nothing but this version of hers waits."""
    context = cluster.worker.context
    row = {b"ana": pack_list([version])}
    await context.state.tables.pending.write(at(cluster, "ana"), row, [context.fence.turn()])


async def test_of_a_version_that_other_rules_made_every_list_is_sent(cluster: Cluster) -> None:
    """Its attributes mean something else and its fields are gone: any list may name it."""
    await _village(cluster, "ana")
    version = bytearray(superseded(rows(cluster, "people")["ana"]))
    whole = PersonRow.unpack(rows(cluster, "people")["ana"])
    version[version.index(pack_person(whole.attrs, None))] ^= 255
    assert person_header(bytes(version)).attrs is None
    assert superseded(bytes(version)) == version, "there is nothing to make others from"
    cluster.publish("profiles", "ana", profile("ana", status="paused"))
    await cluster.run("profiles")
    await _wait(cluster, bytes(version))
    cluster.start()
    await cluster.drain()
    assert _listed(cluster, "obra") == _listed(cluster, "cocina") == {}


async def test_a_row_of_an_earlier_program_holds_whole_profiles(cluster: Cluster) -> None:
    """They are read as they are, and kept in the shorter form from the next change on."""
    await _village(cluster, "ana")
    first = rows(cluster, "people")["ana"]
    cluster.publish("profiles", "ana", profile("ana", status="paused"))
    await cluster.run("profiles")
    await _wait(cluster, first)
    cluster.start()
    cluster.publish("profiles", "ana", profile("ana", COOK, status="paused"))
    await cluster.run("profiles")
    waiting = unpack_list(rows(cluster, "pending")["ana"])
    assert superseded(first) in waiting
    assert first not in waiting
    await cluster.drain()
    assert _listed(cluster, "obra") == {}


async def test_when_a_profile_ends_is_remembered_until_it_has(cluster: Cluster) -> None:
    ends = cluster.worker.context.state.person_ends
    await _village(cluster)
    cluster.publish("profiles", "ana", profile("ana", valid_until="2090-01-01"))
    cluster.publish("profiles", "carmen", profile("carmen", valid_until="2020-01-01"))
    await cluster.run("profiles")
    assert set(ends[at(cluster, "ana")]) == {"ana"}
    cluster.publish("profiles", "ana", profile("ana"))
    await cluster.run("profiles")
    assert ends[at(cluster, "ana")] == {}


async def test_an_erasure_is_told_before_the_rows_go_and_the_person_goes_last(
    cluster: Cluster,
) -> None:
    await _village(cluster, "ana", "beto")
    since = here(cluster)
    cluster.publish("profiles", "ana", None)
    await cluster.run("profiles")
    assert phases(cluster, since) == [
        "row:meta",  # from here on nothing older is told of them
        "candidates_partial",
        "matches",
        "row:meta",
        "row:exclusions row:pending row:rankings",
        "row:people",
        "ack profiles",
    ]
    assert not cluster.worker.broken


async def test_nothing_is_left_of_the_erased(cluster: Cluster) -> None:
    await _village(cluster, "ana", "beto")
    cluster.publish("feedback", "ana", said("ana", "obra", "dismissed"))
    await cluster.run("feedback")  # its lists still wait: there is a row in every table of people
    assert "table pending" in _traces(cluster, "ana")
    cluster.publish("profiles", "ana", None)
    await cluster.drain()
    assert _traces(cluster, "ana") == []
    assert cluster.told("matches", "ana")[-1] is None
    assert set(_listed(cluster, "obra")) == {"beto"}
    assert not cluster.worker.context.state.dirty.pending(at(cluster, "ana"))
    cluster.start()
    await cluster.drain()
    assert _traces(cluster, "ana") == []


async def test_of_the_erased_nothing_is_written_again_and_nothing_falls_due(
    cluster: Cluster,
) -> None:
    await _village(cluster)
    cluster.publish("profiles", "ana", profile("ana", valid_until="2099-01-01"))
    await cluster.run("profiles")  # the lists that she enters wait
    state, where = cluster.worker.context.state, at(cluster, "ana")
    assert state.dirty.pending(where)
    assert "ana" in state.person_ends[where]
    cluster.publish("profiles", "ana", None)
    await cluster.run("profiles")
    assert state.person_ends[where] == {}
    before = history(cluster, "pending", "ana")
    await cluster.drain()
    assert not state.dirty.pending(where)
    assert history(cluster, "pending", "ana") == before


async def test_who_returns_is_told_under_a_higher_revision(cluster: Cluster) -> None:
    """Also whoever comes to the same partition for the first time: `carmen`."""
    await _village(cluster, "ana")
    for text in (COOK, MASON, COOK):
        cluster.publish("profiles", "ana", profile("ana", text))
        await cluster.run("profiles")
    cluster.publish("profiles", "ana", None)
    await cluster.drain()
    cluster.start()
    assert at(cluster, "ana") == at(cluster, "carmen")
    for name in ("carmen", "ana"):
        cluster.publish("profiles", name, profile(name))
    await cluster.run("profiles")
    last = max(event["revision"] for event in cluster.told("matches", "ana")[:-2] if event)
    for name in ("ana", "carmen"):
        told = cluster.told("matches", name)[-1] or {}
        assert told["revision"] > last
        assert told["entered"] == ["obra", "cocina"], "what was known of them is forgotten"


async def test_a_first_ranking_told_before_a_death_is_told_again_under_its_number(
    cluster: Cluster,
) -> None:
    """Though an erasure has raised the floor under all first rankings meanwhile."""
    await _village(cluster, "carmen")
    for text in (COOK, MASON):
        cluster.publish("profiles", "carmen", profile("carmen", text))
        await cluster.run("profiles")
    cluster.publish("profiles", "ana", profile("ana"))
    assert await dies(cluster, "profiles", 4), "beginning, person and event are out"
    cluster.publish("profiles", "carmen", None)  # read in one batch with it, and done first
    await cluster.run("profiles")
    told = cluster.told("matches", "ana")
    assert len(told) == 2
    assert told[0] == told[1]


async def test_the_null_of_a_stranger_is_passed_on_and_leaves_no_trace(cluster: Cluster) -> None:
    await _village(cluster, "beto")
    cluster.publish("profiles", "ana", None)
    await cluster.drain()
    assert cluster.told("matches", "ana") == [None]
    assert _traces(cluster, "ana") == []


async def test_wherever_the_worker_dies_while_it_erases_nothing_is_left(
    make_cluster: MakeCluster,
) -> None:
    for records in range(99):
        cluster = make_cluster()
        await _village(cluster, "ana", "beto")
        cluster.publish("feedback", "ana", said("ana", "obra", "dismissed"))
        await cluster.run("feedback")
        cluster.publish("profiles", "ana", None)
        died = await dies(cluster, "profiles", records)
        await cluster.drain()
        assert _traces(cluster, "ana") == []
        assert cluster.told("matches", "ana")[-1] is None
        assert set(_listed(cluster, "obra")) == {"beto"}
        if not died:
            assert records >= 6
            return


async def test_wherever_the_worker_dies_every_list_is_as_the_last_profile_says(
    make_cluster: MakeCluster,
) -> None:
    for records in range(99):
        cluster = make_cluster()
        await _village(cluster, "ana")
        cluster.publish("profiles", "ana", profile("ana", status="paused"))
        died = await dies(cluster, "profiles", records)
        await cluster.drain()
        assert _listed(cluster, "obra") == _listed(cluster, "cocina") == {}
        assert cluster.ranking("ana") == []
        if not died:
            assert records >= 4
            return


_LIVES = st.lists(
    st.sampled_from([profile("ana", MASON), profile("ana", COOK), None]), min_size=2, max_size=4
)


@settings(max_examples=12, deadline=None)
@given(lives=_LIVES, deaths=st.lists(st.integers(0, 8), max_size=4))
def test_the_revision_only_grows_over_erasures_returns_and_deaths(
    lives: list[Any], deaths: list[int]
) -> None:
    async def run(patch: pytest.MonkeyPatch) -> None:
        cluster = await _village(Cluster(patch))
        for i, value in enumerate(lives):
            cluster.publish("profiles", "ana", value)
            if i < len(deaths):
                await dies(cluster, "profiles", deaths[i])
            await cluster.run("profiles")
        told = [event["revision"] for event in cluster.told("matches", "ana") if event]
        assert told == sorted(told)
        ids = {e["event_id"]: e["revision"] for e in cluster.told("matches", "ana") if e}
        assert len(set(ids.values())) == len(ids), "two events under one revision"

    with pytest.MonkeyPatch.context() as patch:
        asyncio.run(run(patch))
