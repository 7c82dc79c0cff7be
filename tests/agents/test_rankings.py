"""Telling people: whole rankings with what is new, only what changed, under growing revisions."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.ranking.event_bodies import event_id
from models.ranking.offline import rank_all
from schemas import Job, Profile, validate
from schemas.base import DAY_MS
from schemas.matches import MAX_SIMILAR, Matches
from tables.rows import REVISION_FLOOR, RankingRow
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster, at, here, phases, rows
from tests.support.harness.village import COOK, JOBS, MASON, ad, profile

T0 = 1_790_000_000_000  # 2026-09-21 in Lima


async def _post(cluster: Cluster, *names: str, **fields: Any) -> None:
    for name in names:
        cluster.publish("jobs", name, ad(name, **fields))
    await cluster.run("jobs")
    await cluster.run("postings")


async def _ask(cluster: Cluster, value: dict[str, Any], **how: Any) -> None:
    cluster.publish("profiles", value["profile_id"], value, **how)
    await cluster.run("profiles")


def _told(cluster: Cluster, name: str) -> list[dict[str, Any]]:
    return [event for event in cluster.told("matches", name) if event]


def _news_add_up(told: list[dict[str, Any]]) -> None:
    """`entered` and `left` lead from each ranking that consumers were told to the next."""
    known: list[str] = []
    for event in {event["revision"]: event for event in told}.values():
        now = [entry["job_id"] for entry in event["entries"]]
        assert event["entered"] == [name for name in now if name not in known]
        assert event["left"] == [name for name in known if name not in now]
        known = now


async def test_an_event_is_the_whole_ranking_with_what_is_new(cluster: Cluster) -> None:
    await _post(cluster, "cocina")
    await _ask(cluster, profile("ana"))
    await _post(cluster, "obra")
    cluster.publish("jobs", "cocina", None)
    await cluster.run("jobs")
    await cluster.run("postings")
    told = _told(cluster, "ana")
    rankings = [[entry["job_id"] for entry in event["entries"]] for event in told]
    assert rankings == [["cocina"], ["obra", "cocina"], ["obra"]]
    assert [event["entered"] for event in told] == [["cocina"], ["obra"], []]
    assert [event["left"] for event in told] == [[], [], ["cocina"]]
    assert [event["cause"] for event in told] == ["profile_updated", "job_posted", "job_withdrawn"]


async def test_a_ranking_is_noted_after_it_was_stored_and_before_the_ack(
    make_cluster: MakeCluster,
) -> None:
    cluster = make_cluster(partitions=1)
    await _ask(cluster, profile("ana"))
    since = here(cluster)
    await _post(cluster, "obra")
    assert phases(cluster, since)[-3:] == ["matches", "row:rankings", "ack job_fanout"]


async def test_every_revision_is_one_more_than_the_last(make_cluster: MakeCluster) -> None:
    cluster = make_cluster(epoch=3)
    await _ask(cluster, profile("ana"))
    for name in ("obra", "cocina", "taxi"):
        await _post(cluster, name)
    assert [event["revision"] - (3 << 32) for event in _told(cluster, "ana")] == [1, 2, 3, 4]


async def test_a_ranking_that_stays_is_not_told_again(cluster: Cluster) -> None:
    await _post(cluster, "obra")
    await _ask(cluster, profile("ana"))
    before = _told(cluster, "ana"), rows(cluster, "rankings")
    cluster.tick("2099-01-01")
    cluster.publish("work", b"", {"kind": "rerank"}, partition=at(cluster, "ana"))
    since = here(cluster)
    await cluster.run("work")
    assert "matches" not in phases(cluster, since)
    assert before == (_told(cluster, "ana"), rows(cluster, "rankings"))


async def test_a_changed_ad_in_a_ranking_is_told_though_nobody_enters_or_leaves(
    cluster: Cluster,
) -> None:
    await _post(cluster, "obra")
    await _ask(cluster, profile("ana"))
    await _post(cluster, "obra", pay_min=1500.0, pay_period="month")
    last = _told(cluster, "ana")[-1]
    assert last["entries"][0]["job"]["pay_min"] == 1500.0
    assert last["entries"][0]["job_version"] == [1, 0]
    assert (last["entered"], last["left"]) == ([], [])


async def test_new_words_are_answered_even_if_the_ranking_stays(cluster: Cluster) -> None:
    """A consumer can tell that the profile was worked on; then it is finished."""
    await _ask(cluster, profile("ana"))
    await _ask(cluster, profile("ana", COOK))
    assert [event["status"] for event in _told(cluster, "ana")] == ["no_match", "no_match"]
    row = cluster.worker.context.state.ranking(at(cluster, "ana"), "ana")
    held = cluster.worker.context.state.person(at(cluster, "ana"), "ana")
    assert row is not None
    assert held is not None
    versions = cluster.worker.context.versions
    assert row.done == f"{held.content_hash.hex()}:{versions.encoder}:{versions.ranker}"


async def test_another_cause_leaves_done_as_it_was(cluster: Cluster) -> None:
    await _ask(cluster, profile("ana"))
    state, where = cluster.worker.context.state, at(cluster, "ana")
    before = state.ranking(where, "ana")
    await _post(cluster, "obra")
    after = state.ranking(where, "ana")
    assert before is not None
    assert after is not None
    assert before.done == after.done != ""
    assert after.jobs == ["obra"]


async def test_of_two_days_in_a_batch_the_later_one_counts(make_cluster: MakeCluster) -> None:
    cluster = make_cluster(partitions=1)
    for name, stamp in (("ana", T0), ("beto", T0 + DAY_MS), ("carmen", T0)):
        cluster.publish("profiles", name, profile(name), timestamp=stamp)
    await cluster.run("profiles")
    days = {_told(cluster, name)[-1]["as_of"] for name in ("ana", "beto", "carmen")}
    assert days == {"2026-09-22"}


async def test_a_row_that_was_never_begun_begins_at_the_floor(make_cluster: MakeCluster) -> None:
    """As programs before this one left it: content, and no ranking yet."""
    cluster = make_cluster(partitions=1)
    await _ask(cluster, profile("ana"))
    tables = cluster.worker.context.state.tables
    await tables.rankings.write(0, {b"ana": None}, [cluster.worker.context.fence.turn()])
    await tables.meta.write(0, {REVISION_FLOOR: b"7"}, [cluster.worker.context.fence.turn()])
    await _post(cluster, "obra")
    last = _told(cluster, "ana")[-1]
    assert (last["revision"] & 0xFFFFFFFF, last["entered"]) == (8, ["obra"])


async def test_the_worst_places_are_not_told_beyond_k(make_cluster: MakeCluster) -> None:
    cluster = make_cluster(top_k=1)
    await _post(cluster, "cocina")
    await _ask(cluster, profile("ana", MASON))
    await _post(cluster, "limpieza")  # further from her than the one that she has
    assert len(_told(cluster, "ana")) == 1
    await _post(cluster, "obra")
    assert [len(event["entries"]) for event in _told(cluster, "ana")] == [1, 1]
    assert cluster.ranking("ana") == ["obra"]
    assert _told(cluster, "ana")[-1]["left"] == ["cocina"]


async def test_nobody_is_told_of_a_match_below_the_threshold(make_cluster: MakeCluster) -> None:
    cluster = make_cluster(score_threshold=0.5)
    await _post(cluster, *JOBS)
    await _ask(cluster, profile("ana", MASON))
    (event,) = _told(cluster, "ana")
    assert [entry["job_id"] for entry in event["entries"]] == ["obra"]
    assert event["entries"][0]["score"] >= 0.5


async def test_headers_say_what_the_event_is_and_pass_the_trace_on(cluster: Cluster) -> None:
    trace = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    await _ask(cluster, profile("ana"), headers=[("traceparent", trace)])
    (record,) = cluster.broker.records(cluster.names.matches)
    headers = dict(record.headers)
    (event,) = _told(cluster, "ana")
    assert headers["ce_id"].decode() == event["event_id"]
    assert headers["ce_type"] == b"pe.matcher.matches.v1"
    assert headers["ce_source"].decode() == cluster.names.source
    assert headers["traceparent"] == trace
    body = {name: value for name, value in event.items() if name != "event_id"}
    assert event["event_id"] == event_id(body)


async def test_the_date_is_that_of_the_record_or_of_a_later_tick(cluster: Cluster) -> None:
    await _ask(cluster, profile("ana"), timestamp=T0)
    cluster.tick("2026-10-01")
    await cluster.run("work")
    await _ask(cluster, profile("ana", COOK), timestamp=T0 + DAY_MS)
    await _ask(cluster, profile("ana", MASON), timestamp=T0 + 30 * DAY_MS)
    dates = [event["as_of"] for event in _told(cluster, "ana")]
    assert dates == ["2026-09-21", "2026-10-01", "2026-10-21"]


async def test_what_was_told_is_known_after_a_restart(cluster: Cluster) -> None:
    await _post(cluster, "obra", "cocina")
    await _ask(cluster, profile("ana"))
    cluster.start()
    cluster.publish("jobs", "cocina", None)  # told to whoever has it, by the rows alone
    await cluster.run("jobs")
    await cluster.run("postings")
    await _post(cluster, "taxi")
    told = _told(cluster, "ana")
    assert told[1]["left"] == ["cocina"]
    assert told[2]["entered"] == ["taxi"]
    _news_add_up(told)


_CHANGES = st.lists(
    st.one_of(
        st.sampled_from([profile("ana", MASON), profile("ana", COOK)]).map(lambda v: ("ana", v)),
        st.sampled_from(JOBS).map(lambda name: (name, ad(name))),
        st.sampled_from(JOBS).map(lambda name: (name, None)),
    ),
    min_size=3,
    max_size=6,
)


@settings(max_examples=12, deadline=None)
@given(changes=_CHANGES, deaths=st.lists(st.integers(0, 9), max_size=3))
def test_entered_and_left_are_reckoned_against_what_consumers_were_told(
    changes: list[tuple[str, Any]], deaths: list[int]
) -> None:
    async def run(patch: pytest.MonkeyPatch) -> None:
        cluster = Cluster(patch)
        await _ask(cluster, profile("ana"))
        for i, (key, value) in enumerate(changes):
            cluster.publish("profiles" if key == "ana" else "jobs", key, value)
            if i < len(deaths):
                cluster.worker.producer.left = deaths[i]
            await cluster.drain()
        _news_add_up(_told(cluster, "ana"))
        told = [event["revision"] for event in _told(cluster, "ana")]
        assert told == sorted(told)

    with pytest.MonkeyPatch.context() as patch:
        asyncio.run(run(patch))


_COPIES = [f"copia-{i:02}" for i in range(60)]
_AD: dict[str, Any] = {
    "title": "Albañil para obra",
    "description": "Buscamos albañil con ganas de trabajar para asentar ladrillo, tarrajear y "
    "vaciar techos en obra de cuatro pisos, con almuerzo y pasajes.",
    "ubigeo": "150110",
}


async def _copied(cluster: Cluster) -> list[str]:
    """Sixty copies of one ad stand and ana was told of them; returns what her entry lists."""
    for name in _COPIES:
        cluster.publish("jobs", name, {"job_id": name, **_AD})
    cluster.publish("profiles", "ana", profile("ana"))
    await cluster.drain()
    return _listed(cluster)


def _listed(cluster: Cluster) -> list[str]:
    event = _told(cluster, "ana")[-1]
    validate(Matches, event)
    (entry,) = event["entries"]
    return [entry["job_id"], *entry.get("similar", ())]


async def test_of_near_duplicates_the_best_are_listed_and_everybody_agrees(
    cluster: Cluster,
) -> None:
    listed = await _copied(cluster)
    assert listed == _COPIES[: 1 + MAX_SIMILAR]
    assert sorted(RankingRow.unpack(rows(cluster, "rankings")["ana"]).similar) == listed[1:]
    assert (await cluster.verify()).ok
    jobs = [validate(Job, {"job_id": name, **_AD}) for name in _COPIES]
    context = cluster.worker.context
    people = [validate(Profile, profile("ana"))]
    encoder, ranker = context.vectors.encoder.result(), context.state.ranker
    (entry,) = rank_all(people, jobs, encoder, ranker, context.settings.top_k)["ana"]
    assert entry["similar"] == listed[1:]


async def test_who_is_listed_and_goes_makes_room_and_who_is_not_changes_nothing(
    cluster: Cluster,
) -> None:
    listed = await _copied(cluster)
    gone, next_one = listed[5], _COPIES[1 + MAX_SIMILAR]
    before = len(_told(cluster, "ana"))
    cluster.publish("jobs", _COPIES[-1], None)
    await cluster.drain()
    assert len(_told(cluster, "ana")) == before, "one that nobody was told of"
    cluster.publish("jobs", gone, None)
    await cluster.drain()
    assert len(_told(cluster, "ana")) == before + 1
    assert _listed(cluster) == [*(name for name in listed if name != gone), next_one]
    cluster.publish("jobs", listed[0], None)
    await cluster.drain()
    assert _listed(cluster)[0] == listed[1], "the next stands for the others"
    cluster.publish("jobs", "copia-zz", {"job_id": "copia-zz", **_AD})
    await cluster.drain()
    assert len(_told(cluster, "ana")) == before + 2, "another copy behind all of them"
    assert (await cluster.verify()).ok


async def test_what_is_worth_a_message_is_marked(make_cluster: MakeCluster) -> None:
    cluster = make_cluster(send_threshold=0.5)
    await _post(cluster, *JOBS)
    await _ask(cluster, profile("ana", MASON))
    (event,) = _told(cluster, "ana")
    levels = {entry["job_id"]: entry["level"] for entry in event["entries"]}
    assert levels["obra"] == "send"
    assert {"send", "also"} == set(levels.values())
    assert all((entry["score"] >= 0.5) == (entry["level"] == "send") for entry in event["entries"])


async def test_nobody_gets_a_message_about_a_job_that_may_be_anywhere(cluster: Cluster) -> None:
    await _post(cluster, "obra")
    await _post(cluster, "cocina", remote=True)
    homeless = profile("ana", f"{MASON}, cocino menú", ubigeo=None)
    await _ask(cluster, homeless)
    asked = _told(cluster, "ana")[-1]
    assert {entry["job_id"]: entry["level"] for entry in asked["entries"]} == {
        "obra": "also", "cocina": "send",
    }  # fmt: skip
    assert "en qué distrito vives" in asked["message"]
    await _ask(cluster, homeless | {"ubigeo": "150110"})
    told = _told(cluster, "ana")[-1]
    assert {entry["level"] for entry in told["entries"]} == {"send"}
    assert "message" not in told


async def test_another_limit_for_messages_is_news_for_everybody(cluster: Cluster) -> None:
    await _post(cluster, "obra")
    await _ask(cluster, profile("ana", MASON))
    cluster.settings = cluster.settings.model_copy(update={"send_threshold": 1.0})
    cluster.start()
    await cluster.drain()
    assert [event["entries"][0]["level"] for event in _told(cluster, "ana")] == ["send", "also"]
