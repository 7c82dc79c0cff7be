"""What time brings: each item only if it still applies, its effects like those of any event."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import orjson
import pytest

from agents import work as work_module
from agents.work import IDLE_LISTS, decode
from matcher_stream.runtime.turns import PATIENCE_SECONDS
from models.ranking.unlocks import UNLOCKS_VERSION
from models.reading.facts.fact import READER_VERSION
from schemas.base import DAY_MS, LIMA
from schemas.errors import InputError
from tables.base import PAGE
from tables.rows import (
    AS_OF,
    ERASED,
    GATE,
    NO_VECTOR,
    RANKER,
    Head,
    PostingRow,
    erased_key,
    head_key,
    pack_erased,
    pack_exclusions,
)
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster, at, dies, event_of, here, phases, rows
from tests.support.harness.village import COOK, DRIVER, MASON, ad, profile, said
from tests.support.turns import turns

NOW = round(time.time() * 1000)


async def _village(cluster: Cluster, *people: str) -> Cluster:
    for name in ("obra", "cocina"):
        cluster.publish("jobs", name, ad(name))
    await cluster.drain()
    for name in people:
        cluster.publish("profiles", name, profile(name))
    await cluster.drain()
    return cluster


async def _work(cluster: Cluster, partition: int, item: Any, **how: Any) -> list[str]:
    since = here(cluster)
    cluster.publish("work", b"", item, partition=partition, **how)
    await cluster.run("work")
    return phases(cluster, since)


def _fact(cluster: Cluster, partition: int, key: bytes) -> str:
    return cluster.worker.context.state.meta(partition, key)


# -- what is refused ----------------------------------------------------------------------

_NOT_WORK = [
    b"{",
    None,
    {"kind": "holiday"},
    {"kind": "tick", "as_of": "tomorrow"},
    {"kind": "expire_job", "id": 7},
    {"kind": "shown", "as_of": "2099-01-01", "counts": {"obra": -1}},
]


@pytest.mark.parametrize("item", _NOT_WORK)
async def test_what_is_no_work_is_refused_with_its_coordinates(cluster: Cluster, item: Any) -> None:
    assert await _work(cluster, 1, item) == ["work.dlq", "ack work"]
    (letter,) = cluster.letters("work")
    assert letter["dlq_topic"] == cluster.names.work
    assert (letter["dlq_partition"], letter["dlq_offset"]) == ("1", "0")
    assert rows(cluster, "meta") == {}


@pytest.mark.parametrize("item", [{"kind": "tick"}, {"kind": "expire_job"}, {"kind": "shown"}])
async def test_an_item_that_does_not_say_of_what_does_nothing(cluster: Cluster, item: Any) -> None:
    assert await _work(cluster, 1, item) == ["ack work"]


# -- expiry of people ---------------------------------------------------------------------


def _ends(cluster: Cluster, name: str) -> int:
    row = cluster.worker.context.state.person(at(cluster, name), name)
    assert row is not None
    return row.ends


async def _until(cluster: Cluster, name: str, day: str) -> dict[str, Any]:
    """A profile that ends on a day; its expiry as it will be due."""
    cluster.publish("profiles", name, profile(name, valid_until=day))
    await cluster.drain()
    return {"kind": "expire_profile", "id": name, "due_ms": _ends(cluster, name)}


async def test_a_profile_ends_when_its_time_has_come(cluster: Cluster) -> None:
    await _village(cluster)
    due = await _until(cluster, "ana", "2090-01-01")
    assert cluster.ranking("ana") == ["obra", "cocina"]
    assert await _work(cluster, at(cluster, "ana"), due) == [
        "row:pending",
        "row:people",
        "matches",
        "row:rankings",
        "ack work",
    ]
    last = cluster.told("matches", "ana")[-1] or {}
    assert (last["status"], last["entries"], last["cause"]) == ("expired", [], "tick")
    await cluster.drain()
    for job_id in ("obra", "cocina"):
        assert (cluster.told("candidates", job_id)[-1] or {})["entries"] == []
    assert cluster.worker.context.state.person_ends[at(cluster, "ana")] == {}


async def test_an_expiry_that_was_due_for_another_profile_is_void(cluster: Cluster) -> None:
    await _village(cluster)
    due = await _until(cluster, "ana", "2090-01-01")
    await _until(cluster, "ana", "2091-01-01")
    assert await _work(cluster, at(cluster, "ana"), due) == ["ack work"]
    assert cluster.ranking("ana") == ["obra", "cocina"]
    assert await _work(cluster, 0, {**due, "id": "nobody"}) == ["ack work"]


async def test_a_profile_without_an_end_never_expires(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    item = {"kind": "expire_profile", "id": "ana", "due_ms": 1}
    assert await _work(cluster, at(cluster, "ana"), item) == ["ack work"]


async def test_an_expiry_that_comes_again_is_not_told_again(cluster: Cluster) -> None:
    await _village(cluster)
    due = await _until(cluster, "ana", "2090-01-01")
    await _work(cluster, at(cluster, "ana"), due)
    told = cluster.told("matches", "ana")
    assert "matches" not in await _work(cluster, at(cluster, "ana"), due)
    assert cluster.told("matches", "ana") == told


async def test_wherever_the_worker_dies_the_expiry_is_told(make_cluster: MakeCluster) -> None:
    for records in range(99):
        cluster = await _village(make_cluster())
        due = await _until(cluster, "ana", "2090-01-01")
        cluster.publish("work", b"", due, partition=at(cluster, "ana"))
        died = await dies(cluster, "work", records)
        await cluster.drain()
        last = cluster.told("matches", "ana")[-1] or {}
        assert (last["status"], last["entries"]) == ("expired", [])
        assert (cluster.told("candidates", "obra")[-1] or {})["entries"] == []
        if not died:
            assert records == 4, "pending, person, event and ranking"
            return


# -- the daily tick -----------------------------------------------------------------------


async def test_a_tick_brings_its_date_once_and_never_an_older_one(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    for day, dated in (("2099-01-02", "2099-01-02"), ("2099-01-01", "2099-01-02")):
        await _work(cluster, 0, {"kind": "tick", "as_of": day})
        assert _fact(cluster, 0, AS_OF) == dated
    again = {"kind": "tick", "as_of": "2099-01-02"}
    assert await _work(cluster, 0, again) == ["ack work"]


async def test_old_graves_and_heads_are_swept_and_young_ones_stay(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    cluster.publish("jobs", "obra", None)
    await cluster.drain()
    keep = round(cluster.settings.fanout_retention_days)
    assert keep > 1
    where = at(cluster, "obra")
    for days, left in ((keep - 1, True), (keep + 1, False)):
        item = {"kind": "tick", "as_of": f"2099-01-{10 + days}"}
        for partition in range(cluster.settings.partitions):
            await _work(cluster, partition, item, timestamp=NOW + days * DAY_MS)
        assert ("obra" in rows(cluster, "postings")) is left
        assert any(key.startswith("obra") for key in rows(cluster, "lists")) is left
        swept = [cluster.told("candidates_partial", f"obra:{p}")[-1] is None for p in (0, 1)]
        assert swept == [not left] * 2
    assert "cocina" in rows(cluster, "postings"), "what stands is never swept"
    assert any(key.startswith("cocina") for key in rows(cluster, "lists"))
    assert cluster.broker.last(cluster.names.candidates_partial)[b"obra:0"].partition == where
    await cluster.drain()
    assert cluster.letters("candidates_partial") == []


async def test_feedback_without_a_person_is_swept_after_a_week(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    for name in ("ana", "carmen"):
        cluster.publish("feedback", name, said(name, "obra", "dismissed"), timestamp=NOW)
    await cluster.drain()
    assert at(cluster, "ana") == at(cluster, "carmen")
    for days, left in ((6, {"ana", "carmen"}), (8, {"ana"})):
        item = {"kind": "tick", "as_of": f"2099-01-{10 + days}"}
        await _work(cluster, at(cluster, "ana"), item, timestamp=NOW + days * DAY_MS)
        assert set(rows(cluster, "exclusions")) == left


async def test_the_sweep_is_told_before_the_head_goes(make_cluster: MakeCluster) -> None:
    cluster = await _village(make_cluster(partitions=1))
    cluster.publish("jobs", "obra", None)
    await cluster.drain()
    item = {"kind": "tick", "as_of": "2099-01-01"}
    assert await _work(cluster, 0, item, timestamp=NOW + 30 * DAY_MS) == [
        "row:meta",
        "candidates_partial",
        "row:postings",
        "row:lists",
        "ack work",
    ]
    assert not cluster.worker.broken


async def test_a_sweep_cut_short_leaves_nothing_standing(make_cluster: MakeCluster) -> None:
    """What a tick did not get to before a death, the next one does."""
    for records in range(99):
        cluster = await _village(make_cluster(partitions=1))
        cluster.publish("jobs", "obra", None)
        await cluster.drain()
        item = {"kind": "tick", "as_of": "2099-01-01"}
        cluster.publish("work", b"", item, timestamp=NOW + 30 * DAY_MS)
        died = await dies(cluster, "work", records)
        await cluster.run("work")
        next_day = {"kind": "tick", "as_of": "2099-01-02"}
        await _work(cluster, 0, next_day, timestamp=NOW + 31 * DAY_MS)
        for table in ("postings", "lists"):
            assert not any(key.startswith("obra") for key in rows(cluster, table))
        if not died:
            assert records == 5, "date, null, grave, and the list with its head"
            return


async def test_a_job_that_comes_back_during_a_sweep_keeps_its_list(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    cluster.publish("jobs", "obra", None)
    await cluster.drain()
    context, where = cluster.worker.context, at(cluster, "obra")
    item = {"kind": "tick", "as_of": "2099-01-01"}
    cluster.publish("work", b"", item, partition=where, timestamp=NOW + 60 * DAY_MS)
    lists, lock = context.state.tables.lists, context.locks.lists
    back = Head((9, 0))
    async with lock:  # the candidates agent is at work
        sweeping = asyncio.ensure_future(cluster.run("work"))
        async with asyncio.timeout(5):
            while not sweeping.done() and not lock.waiting():
                await asyncio.sleep(0)
        assert not sweeping.done()
        await lists.write(where, {head_key("obra"): back.pack()}, [context.fence.turn()])
    await sweeping
    assert Head.unpack(lists.get_row(where, head_key("obra"))) == back
    assert cluster.told("candidates_partial", "obra:0")[-1] is not None


async def test_a_day_brings_what_a_setting_has_changed(make_cluster: MakeCluster) -> None:
    """Whether the hired pause is part of no version: once a day everybody is ranked anew."""
    cluster = await _village(make_cluster(hired_pauses=False), "ana", "beto")
    later = round(time.time() * 1000) + 1000
    cluster.publish("feedback", "ana", said("ana", "obra", "hired"), timestamp=later)
    await cluster.drain()
    assert cluster.ranking("ana") == ["cocina"]
    cluster.settings = cluster.settings.model_copy(update={"hired_pauses": True})
    cluster.start()
    told = len(cluster.told("matches", "beto"))
    cluster.tick("2099-01-01")
    await cluster.run("work")
    last = cluster.told("matches", "ana")[-1] or {}
    assert (last["status"], last["left"], last["cause"]) == ("paused", ["cocina"], "tick")
    assert last["as_of"] == "2099-01-01"
    assert len(cluster.told("matches", "beto")) == told, "nothing changed for him"


@pytest.mark.parametrize("kind", ["tick", "rerank"])
async def test_a_person_goes_ahead_while_everybody_is_ranked_anew(
    make_cluster: MakeCluster, kind: str
) -> None:
    cluster = await _village(make_cluster(partitions=1), *(f"p-{n:03}" for n in range(150)))
    context = cluster.worker.context
    await context.state.tables.meta.write(0, {RANKER: b"another"}, [context.fence.turn()])
    lock = context.locks.people
    cluster.publish("work", b"", {"kind": kind, "as_of": "2099-01-01"}, timestamp=NOW)
    cluster.publish("profiles", "zoila", profile("zoila"))
    started = []
    async with lock, asyncio.timeout(5):  # she comes when the ranking is about to begin
        for agent in ("work", "profiles"):
            started.append(asyncio.ensure_future(cluster.run(agent)))
            while lock.waiting() < len(started):
                await asyncio.sleep(0)
    ranking, answer = started
    await answer
    assert cluster.ranking("zoila")
    assert not ranking.done(), "she waited until everybody had been ranked"
    await ranking
    assert (await cluster.verify()).ok


async def test_a_ranking_of_everybody_that_is_read_again_is_not_done_again(
    cluster: Cluster,
) -> None:
    """It would tell a first ranking, that a death kept from being noted, as another event."""
    await _village(cluster, "ana")
    assert await _work(cluster, at(cluster, "ana"), {"kind": "rerank"}) == ["ack work"]


async def test_a_sweep_of_much_lets_others_run(cluster: Cluster) -> None:
    await _village(cluster, "ana")
    fence, tables = cluster.worker.context.fence, cluster.worker.context.state.tables
    tick = {"kind": "tick", "as_of": "2099-01-01"}
    cluster.publish("work", b"", tick, partition=0, timestamp=NOW)
    few = await turns(cluster.run("work"))
    names = [f"job-{i:05}" for i in range(20 * PAGE)]
    young = PostingRow((0, 0), NOW, NO_VECTOR, b"").pack()
    rows_of = {
        tables.postings: {name.encode(): young for name in names},
        tables.lists: {head_key(name): Head(withdrawn=NOW).pack() for name in names},
        tables.exclusions: {
            name.encode(): pack_exclusions({"x": ("applied", NOW)}) for name in names
        },
    }
    days = ["2099-01-04", "2099-01-03", "2099-01-02"]
    for table, made in rows_of.items():
        await table.write(0, made, [fence.turn()])
        tick["as_of"] = days.pop()
        cluster.publish("work", b"", tick, partition=0, timestamp=NOW)
        many = await turns(cluster.run("work"))
        assert many >= few + 20, table.name
        few = many


# -- another ranker, another gate ---------------------------------------------------------


async def test_another_ranker_ranks_everybody_again_and_tells_what_changed(
    make_cluster: MakeCluster,
) -> None:
    cluster = await _village(make_cluster(), "ana", "beto")
    cluster.settings = cluster.settings.model_copy(
        update={"ranker": "dense", "score_threshold": 0.8}
    )
    cluster.start()
    context = cluster.worker.context
    assert _fact(cluster, 0, RANKER) != context.versions.ranker
    await cluster.drain()
    for partition in (0, 1):
        assert _fact(cluster, partition, RANKER) == context.versions.ranker
    for name in ("ana", "beto"):
        last = cluster.told("matches", name)[-1] or {}
        assert (last["cause"], last["ranker_version"]) == (
            "model_changed",
            f"dense-2-k3-t0.8-s0.8-{READER_VERSION}-{UNLOCKS_VERSION}",
        )
    told = len(cluster.told("matches", "ana"))
    await _work(cluster, at(cluster, "ana"), {"kind": "rerank"})
    assert len(cluster.told("matches", "ana")) == told, "nothing changed since"


async def test_another_gate_vets_every_ad_anew_and_remembers_that_it_did(
    make_cluster: MakeCluster,
) -> None:
    cluster = make_cluster(vetting=False)
    cluster.publish("jobs", "taxi", ad("taxi", 1))
    cluster.publish("jobs", "obra", ad("obra"))
    cluster.publish("profiles", "ana", profile("ana"))
    await cluster.drain()
    assert set(cluster.ranking("ana")) == {"taxi", "obra"}
    cluster.settings = cluster.settings.model_copy(update={"vetting": True})
    cluster.start()
    await cluster.drain()
    last = cluster.told("matches", "ana")[-1] or {}
    assert (last["left"], cluster.ranking("ana")) == (["taxi"], ["obra"])
    assert (cluster.told("review", "taxi")[-1] or {})["status"] == "held"
    for partition in (0, 1):
        assert _fact(cluster, partition, GATE) == cluster.worker.context.vetted_by
    assert cluster.told("review", "obra") == [None], "nothing is said of what stays as it was"


# -- refreshes ----------------------------------------------------------------------------


async def test_a_refresh_gives_way_to_inputs_and_makes_up_for_it(make_cluster: MakeCluster) -> None:
    cluster = await _village(make_cluster(partials_per_second=1))
    cluster.publish("profiles", "ana", profile("ana", COOK))
    await cluster.run("profiles")
    where = at(cluster, "ana")
    busy: Any = SimpleNamespace(backlog=1)
    cluster.worker.context.inputs.append(busy)
    sent = len(list(cluster.broker.records(cluster.names.candidates_partial)))
    await _work(cluster, where, {"kind": "refresh"})
    assert len(list(cluster.broker.records(cluster.names.candidates_partial))) == sent + 1
    assert "ana" in rows(cluster, "pending")
    cluster.worker.context.inputs.clear()
    cluster.nobody_comes()
    await _work(cluster, where, {"kind": "refresh"})
    assert len(list(cluster.broker.records(cluster.names.candidates_partial))) == sent + 2
    assert rows(cluster, "pending") == {}


async def test_good_items_beside_a_bad_one_are_all_done(cluster: Cluster) -> None:
    for value in (b"[]", orjson.dumps({"kind": "tick", "as_of": "2099-01-01"})):
        cluster.publish("work", b"", value, partition=0)
    await cluster.run("work")
    assert _fact(cluster, 0, AS_OF) == "2099-01-01"
    assert len(cluster.letters("work")) == 1


async def test_a_refresh_beside_inputs_takes_its_share_of_the_budget_by_the_second(
    make_cluster: MakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not used is lost after a second; two partitions share what a worker may send."""
    cluster = make_cluster(partials_per_second=80)
    agent: Any = cluster.worker.agents["work"]
    now = 1000.0
    clock = SimpleNamespace(monotonic=lambda: now, time=time.time)
    monkeypatch.setattr(work_module, "time", clock)
    cluster.nobody_comes()
    cluster.worker.context.inputs.append(cast(Any, SimpleNamespace(backlog=1)))
    budgets = []
    for passes in (0.0, 0.5, 0.25, 10.0, 0.001):
        now += passes
        budgets.append(agent._budget(0))
    assert budgets == [40, 20, 10, 40, 1]
    assert agent._budget(1) == 40, "each partition has its own"
    cluster.worker.context.state.owned.discard(1)
    now += 1.0
    assert agent._budget(0) == 80
    cluster.worker.context.inputs.clear()
    assert agent._budget(0) == IDLE_LISTS
    async with cluster.worker.context.locks.people.turn(first=True):
        now += 1.0
        assert agent._budget(0) == 80, "somebody was here a moment ago"


async def test_however_many_people_come_no_list_waits_for_ever(
    make_cluster: MakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many lists wait that by the budget alone the last would go out too late."""
    cluster = make_cluster(partials_per_second=2)
    context, agent = cluster.worker.context, cast(Any, cluster.worker.agents["work"])
    waiting, now, late = 600, 1000.0, work_module.LISTS_SECONDS
    context.state.dirty.mark(0, "ana", np.arange(waiting))
    monkeypatch.setattr(work_module, "time", SimpleNamespace(monotonic=lambda: now))
    context.inputs.append(cast(Any, SimpleNamespace(backlog=1)))
    monkeypatch.setattr(work_module, "LISTS_SECONDS", 10.0)
    assert agent._budget(0) == waiting / 10.0 / len(context.state.owned)
    monkeypatch.setattr(work_module, "LISTS_SECONDS", late)
    now += 1.0
    assert agent._budget(0) == 1, "few wait"


async def test_a_refresh_of_many_lists_lets_a_person_go_between(
    make_cluster: MakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = await _village(make_cluster(partitions=1), "ana")
    await cluster.drain()
    monkeypatch.setattr(work_module, "AT_ONCE", 1)
    for name in ("obra", "taxi"):
        cluster.publish("jobs", name, ad(name))
    await cluster.drain()
    cluster.publish("profiles", "ana", profile("ana", DRIVER))
    await cluster.run("profiles")
    cluster.nobody_comes()
    assert len(cluster.worker.context.state.dirty) > 1
    cluster.publish("work", b"", {"kind": "refresh"}, partition=0)
    cluster.publish("profiles", "zoila", profile("zoila", MASON))
    since, lock = here(cluster), cluster.worker.context.locks.people
    async with lock, asyncio.timeout(5):
        running = []
        for agent in ("work", "profiles"):
            running.append(asyncio.ensure_future(cluster.run(agent)))
            while lock.waiting() < len(running):
                await asyncio.sleep(0)
        lock._clock = lambda: time.monotonic() + PATIENCE_SECONDS  # the lists go first, once
    await asyncio.gather(*running)
    did = phases(cluster, since)
    told = did.index("matches")
    assert "candidates_partial" in did[told:], "she waited until all lists were made"


async def test_marks_of_erasures_and_the_words_of_strangers_stay_for_a_week(
    cluster: Cluster,
) -> None:
    """Until nothing older can come any more."""
    begins = round(datetime(2099, 1, 1, tzinfo=LIMA).timestamp() * 1000)
    week, turn = 7 * DAY_MS, [cluster.worker.context.fence.turn()]
    tables = cluster.worker.context.state.tables
    ages = {"long gone": week + 1, "gone": week, "just gone": 0}
    marks = {erased_key(name): pack_erased(1, begins - age) for name, age in ages.items()}
    await tables.meta.write(0, marks, turn)
    words = {
        b"old": pack_exclusions({"a": ("dismissed", begins - week - 1)}),
        b"on the day": pack_exclusions({"a": ("dismissed", begins - week)}),
        b"young": pack_exclusions(
            {"a": ("dismissed", begins - 2 * week), "b": ("dismissed", begins)}
        ),
    }
    await tables.exclusions.write(0, words, turn)
    cluster.tick("2099-01-01")
    await cluster.run("work")
    left = {key for key, _ in tables.meta.rows(0) if key.startswith(ERASED)}
    assert left == {erased_key("gone"), erased_key("just gone")}
    assert {key for key, _ in tables.exclusions.rows(0)} == {b"on the day", b"young"}


@pytest.mark.parametrize(
    ("day", "read"),
    [("1999-12-31", False), ("2000-01-01", True), ("2100-12-31", True), ("2101-01-01", False)],
)
def test_a_day_is_of_the_years_that_we_read(day: str, read: bool) -> None:
    event = event_of("work", b"", orjson.dumps({"kind": "tick", "as_of": day}))
    if read:
        assert decode(event)[1].as_of == day
    else:
        with pytest.raises(InputError):
            decode(event)
