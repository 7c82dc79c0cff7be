"""How often jobs are shown: an epoch ends once every partition was heard, and once only."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from agents.exposure import tell_shown
from tables.base import PAGE
from tables.rows import EXPOSURE, PostingRow, RankingRow, pack_shown
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster, at, dies, here, phases, rows
from tests.support.harness.village import ad, profile
from tests.support.turns import turns

DAY, NEXT = "2099-01-01", "2099-01-02"


@pytest.fixture
async def village(make_cluster: MakeCluster) -> Cluster:
    """Three people who are all shown both jobs, where nothing is free."""
    return await _village(make_cluster)


async def _village(make_cluster: MakeCluster) -> Cluster:
    cluster = make_cluster(exposure=0.2, exposure_free=0.01)
    for name in ("obra", "cocina"):
        cluster.publish("jobs", name, ad(name))
    for name in ("ana", "beto", "carmen"):
        cluster.publish("profiles", name, profile(name))
    await _settle(cluster)
    return cluster


async def _settle(cluster: Cluster) -> None:
    """What is published is worked off; no timer brings a day of its own."""
    for agent in ("jobs", "postings", "profiles"):
        await cluster.run(agent)


def _shown(cluster: Cluster, people: int, day: str = DAY, **counts: int) -> None:
    """A partition of people tells the jobs' partition in how many rankings they are."""
    item = {"kind": "shown", "as_of": day, "partition": people, "counts": counts}
    cluster.publish("work", b"", item, partition=at(cluster, "obra"))


async def _work(cluster: Cluster) -> list[str]:
    since = here(cluster)
    await cluster.run("work")
    return phases(cluster, since)


def _kept(cluster: Cluster) -> tuple[tuple[str, bytes], ...]:
    """What the last epoch left."""
    held = rows(cluster, "meta").items()
    return tuple((key, raw) for key, raw in held if key.startswith("exposure"))


def _penalty(cluster: Cluster, job_id: str) -> float:
    row = cluster.worker.context.state.job(at(cluster, job_id), job_id)
    assert row is not None
    return row.penalty


def _version(cluster: Cluster, job_id: str) -> tuple[int, int]:
    row = cluster.worker.context.state.job(at(cluster, job_id), job_id)
    assert row is not None
    return row.version


async def test_each_partition_of_people_tells_every_owner_its_counts(village: Cluster) -> None:
    village.tick(DAY)
    await village.run("work")
    told = [event for event in village.told("work", "") if event and event["kind"] == "shown"]
    assert {event["as_of"] for event in told} == {DAY}
    counts = {(event["partition"], frozenset(event["counts"].items())) for event in told}
    assert len(told) == 4, "two partitions of people, two of jobs"
    assert (at(village, "ana"), frozenset({("obra", 2), ("cocina", 2)})) in counts
    assert (at(village, "beto"), frozenset({("obra", 1), ("cocina", 1)})) in counts


async def test_without_exposure_nobody_counts(make_cluster: MakeCluster) -> None:
    cluster = make_cluster()
    cluster.tick(DAY)
    await cluster.run("work")
    assert len(list(cluster.broker.records(cluster.names.work))) == 2, "the ticks alone"


async def test_an_epoch_ends_only_when_every_partition_was_heard(village: Cluster) -> None:
    _shown(village, 0, obra=9)
    assert await _work(village) == ["row:meta", "ack work"]
    _shown(village, 0, NEXT, obra=9)
    assert await _work(village) == ["row:meta", "ack work"], "the other one told of no such day"
    assert _version(village, "obra") == (0, 0)
    _shown(village, 1, NEXT)
    ended = ["row:meta", "job_fanout", "row:jobs", "row:meta", "row:meta", "ack work"]
    assert await _work(village) == ended
    assert _penalty(village, "obra") > 0
    assert _version(village, "obra") == (0, 1)
    assert _version(village, "cocina") == (1, 0), "nobody is told of what stays as it is"
    assert not village.worker.broken
    assert not [key for key in rows(village, "meta") if key.startswith("shown")]


async def test_an_epoch_that_has_ended_is_not_ended_again(village: Cluster) -> None:
    for partition in (0, 1):
        _shown(village, partition, obra=9)
    await _work(village)
    before = rows(village, "jobs"), rows(village, "meta")
    for partition in (0, 1):
        _shown(village, partition, obra=500)
        _shown(village, partition, "2020-01-01", obra=500)
    assert await _work(village) == ["ack work"]
    assert (rows(village, "jobs"), rows(village, "meta")) == before


async def test_a_penalty_is_a_new_version_that_people_are_ranked_by(village: Cluster) -> None:
    first = village.told("matches", "ana")[-1] or {}
    before = {entry["job_id"]: entry["score"] for entry in first["entries"]}
    for partition in (0, 1):
        _shown(village, partition, obra=9)
    await _work(village)
    await village.drain()
    last = village.told("matches", "ana")[-1] or {}
    after = {entry["job_id"]: entry["score"] for entry in last["entries"]}
    assert after.keys() == before.keys(), "nobody loses a match by it"
    assert after["obra"] == pytest.approx(before["obra"] - _penalty(village, "obra"), abs=2e-4)
    assert after["cocina"] == before["cocina"]
    for raw in village.broker.last(village.names.job_fanout).values():
        assert raw.value is not None
        assert PostingRow.unpack(raw.value).attrs is not None
    assert (await village.verify()).ok


async def test_a_job_that_ended_or_waits_is_not_revived_by_it(village: Cluster) -> None:
    village.publish("jobs", "obra", ad("obra", status="filled"))
    village.publish("jobs", "taxi", ad("taxi", 1))
    await _settle(village)
    for partition in (0, 1):
        _shown(village, partition, obra=9, taxi=9)
    await _work(village)
    assert (_penalty(village, "obra"), _penalty(village, "taxi")) == (0.0, 0.0)
    assert village.broker.log(village.names.job_fanout, 0)[-1].value is None


async def test_a_penalty_wanes_when_the_job_is_shown_no_more(village: Cluster) -> None:
    found: list[float] = []
    for day in ("2099-01-01", "2099-01-02", "2099-01-03"):
        for partition in (0, 1):
            _shown(village, partition, day, **({"obra": 9} if not found else {}))
        await _work(village)
        found.append(_penalty(village, "obra"))
    assert found[0] > found[1] > found[2] > 0


async def test_a_penalty_that_stays_raises_no_version(village: Cluster) -> None:
    """A job in as many rankings each day comes to a count that stays."""
    versions: list[tuple[int, int]] = []
    for i in range(60):
        for partition in (0, 1):
            _shown(village, partition, f"2099-{1 + i // 28:02}-{1 + i % 28:02}", obra=4)
        await village.run("work")
        versions.append(_version(village, "obra"))
    assert versions[-1] == versions[-2]
    assert versions[1] > versions[0]


async def test_an_edited_ad_keeps_its_penalty(village: Cluster) -> None:
    for partition in (0, 1):
        _shown(village, partition, obra=9)
    await _work(village)
    before = _penalty(village, "obra")
    village.publish("jobs", "obra", ad("obra", 1))
    await village.drain()
    assert _penalty(village, "obra") == before > 0
    copy = PostingRow.unpack(village.broker.log(village.names.job_fanout, 0)[-1].value or b"")
    assert copy.attrs is not None
    assert copy.attrs.penalty == before


async def test_wherever_the_worker_dies_the_epoch_ends_the_same(make_cluster: MakeCluster) -> None:
    """Counts and penalties are those of one epoch, not of two."""
    outcomes: set[Any] = set()
    for records in range(99):
        cluster = await _village(make_cluster)
        _shown(cluster, 0, obra=9, cocina=3)
        _shown(cluster, 1, obra=1)
        died = await dies(cluster, "work", records)
        await cluster.run("work")
        await _settle(cluster)
        counts = _kept(cluster)
        outcomes.add((counts, _penalty(cluster, "obra"), _penalty(cluster, "cocina")))
        last = (cluster.told("matches", "ana")[-1] or {})["entries"]
        told = {entry["job_id"]: tuple(entry["job_version"]) for entry in last}
        assert told == {job_id: _version(cluster, job_id) for job_id in ("obra", "cocina")}
        if not died:
            assert records >= 8, "two facts, two copies of each job, their rows, the counts"
            break
    assert len(outcomes) == 1


async def test_telling_of_many_people_lets_others_run(village: Cluster) -> None:
    context = village.worker.context
    turn = context.fence.turn()
    few = await turns(tell_shown(context, 0, DAY, turn))
    told = RankingRow.beginning(0).pack()
    people = {f"person-{i:05}".encode(): told for i in range(20 * PAGE)}
    await context.state.tables.rankings.write(0, people, [turn])
    assert await turns(tell_shown(context, 0, DAY, turn)) >= few + 20


async def test_the_end_of_an_epoch_of_many_jobs_lets_others_run(village: Cluster) -> None:
    state, where = village.worker.context.state, at(village, "obra")

    async def end(day: str) -> int:
        for partition in (0, 1):
            _shown(village, partition, day, obra=9)
        return await turns(village.run("work"))

    await end(DAY)
    few = await end(NEXT)
    state.job_ends[where].update({f"job-{i:05}": 1 << 60 for i in range(200 * PAGE)})
    assert await end("2099-01-03") >= few + 200


async def test_any_number_of_jobs_is_told_and_ends_the_epoch(make_cluster: MakeCluster) -> None:
    """60,000 jobs in the rankings of one partition, with ids as long as they may be."""
    cluster = make_cluster(exposure=0.2, exposure_free=100.0)
    cluster.publish("jobs", "obra", ad("obra"))
    await _settle(cluster)
    state, turn, where = cluster.worker.context.state, _turn(cluster), at(cluster, "obra")
    obra = state.job(where, "obra")
    assert obra is not None
    ids = [name for n in range(130_000) if at(cluster, name := f"{n:06}" + "ñ" * 194) == where]
    ids = ids[:60_000]
    people = {
        f"person-{i:05}".encode(): RankingRow(
            1, "b" * 16, ids[i : i + 100], [0.9] * 100, "d", "ok", []
        ).pack()
        for i in range(0, len(ids), 100)
    }
    people |= {
        f"mason-{i}".encode(): RankingRow(1, "b" * 16, ["obra"], [0.9], "d", "ok", []).pack()
        for i in range(2_000)
    }
    await state.tables.rankings.write(0, people, [turn])
    await state.tables.jobs.write(where, {n.encode(): obra.pack() for n in ids}, [turn])
    state.job_ends[where].update(dict.fromkeys(ids, 1 << 60))
    for day in (DAY, NEXT):
        cluster.tick(day)
        await cluster.run("work")
        await cluster.run("work")  # what was told
    assert not cluster.letters("work")
    assert not cluster.worker.broken
    assert _penalty(cluster, "obra") > 0
    assert _version(cluster, "obra") == (0, 2)
    sizes = [len(r.value or b"") for r in cluster.broker.records(cluster.names.work)]
    assert max(sizes) < 500_000
    assert max(len(raw) for _, raw in _kept(cluster)) < 500_000
    assert sum(len(_counted(raw)) for _, raw in _kept(cluster)) >= len(ids)


def _turn(cluster: Cluster) -> Any:
    return cluster.worker.context.fence.turn()


def _counted(raw: bytes) -> dict[str, Any]:
    return dict(orjson.loads(raw))


async def test_who_tells_again_in_fewer_parts_is_believed(village: Cluster) -> None:
    """A worker that died while it told may find fewer jobs when it tells again."""

    def tell(people: int, part: int, parts: int, **counts: int) -> None:
        item = {
            "kind": "shown", "as_of": DAY, "partition": people, "part": part, "parts": parts,
            "counts": counts,
        }  # fmt: skip
        village.publish("work", b"", item, partition=at(village, "obra"))

    tell(0, 0, 3, cocina=90)
    tell(0, 2, 3, obra=90)
    tell(1, 0, 1)
    assert await _work(village) == ["row:meta"] * 3 + ["ack work"], "a third is still to come"
    tell(0, 0, 2, cocina=9)
    tell(0, 1, 2, obra=9)
    await _work(village)
    other = await _village_told(village, obra=9, cocina=9)
    assert (_penalty(village, "obra"), _penalty(village, "cocina")) == other


async def _village_told(village: Cluster, **counts: int) -> tuple[float, float]:
    """The penalties that these counts lead to."""
    with pytest.MonkeyPatch.context() as patch:
        fresh = Cluster(patch, exposure=0.2, exposure_free=0.01)
        for name in ("obra", "cocina"):
            fresh.publish("jobs", name, ad(name))
        await _settle(fresh)
        _shown(fresh, 0, DAY, **counts)
        _shown(fresh, 1)
        await _work(fresh)
        return _penalty(fresh, "obra"), _penalty(fresh, "cocina")


@pytest.mark.parametrize(
    ("part", "parts", "people", "letters"),
    [(3, 3, 0, 1), (0, 0, 0, 1), (0, 1, 7, 0), (0, 1, 2, 0), (0, 1, None, 0)],
)
async def test_a_part_that_there_is_not_counts_nothing(
    village: Cluster, part: int, parts: int, people: int | None, letters: int
) -> None:
    item = {
        "kind": "shown", "as_of": DAY, "partition": people, "part": part, "parts": parts,
        "counts": {"obra": 9},
    }  # fmt: skip
    before = rows(village, "meta")
    village.publish("work", b"", item, partition=at(village, "obra"))
    await village.run("work")
    assert len(village.letters("work")) == letters
    assert rows(village, "meta") == before


async def test_who_tells_of_no_jobs_at_all_is_heard(village: Cluster) -> None:
    where = at(village, "obra")
    nothing = {"kind": "shown", "as_of": DAY, "partition": 0}
    village.publish("work", b"", nothing, partition=where)
    _shown(village, 1, obra=9)
    await village.run("work")
    assert _penalty(village, "obra") > 0
    assert not village.letters("work")


async def test_counts_that_earlier_programs_kept_wane_as_their_own_do(village: Cluster) -> None:
    """They stood in the head itself."""
    context, where = village.worker.context, at(village, "obra")
    head = {EXPOSURE: pack_shown({"as_of": "2098-12-31", "counts": {"obra": 9.0}})}
    await context.state.tables.meta.write(where, head, [_turn(village)])
    found: list[float] = []
    for day in (DAY, NEXT):
        for partition in (0, 1):
            _shown(village, partition, day)
        await village.run("work")
        found.append(_penalty(village, "obra"))
    assert found[0] > found[1] > 0


async def test_an_epoch_ends_while_nobody_else_changes_jobs(village: Cluster) -> None:
    for partition in (0, 1):
        _shown(village, partition, obra=9)
    lock = village.worker.context.locks.jobs
    async with lock:
        ending = asyncio.ensure_future(village.run("work"))
        async with asyncio.timeout(5):
            while not ending.done() and not lock.waiting():
                await asyncio.sleep(0)
        assert not ending.done()
        assert (_penalty(village, "obra"), _version(village, "obra")) == (0.0, (0, 0))
    await ending
    assert _version(village, "obra") == (0, 1)


@pytest.mark.parametrize(("free", "shown"), [(2.0, 16), (0.0, 4)])
async def test_half_of_a_penalty_is_reached_at_twice_of_what_is_free(
    make_cluster: MakeCluster, free: float, shown: int
) -> None:
    """A quarter of what is shown counts on the first day; where nothing is free, one is half."""
    cluster = make_cluster(exposure=0.2, exposure_free=free)
    cluster.publish("jobs", "obra", ad("obra"))
    await _settle(cluster)
    _shown(cluster, 0, obra=shown)
    _shown(cluster, 1)
    await _work(cluster)
    assert _penalty(cluster, "obra") == pytest.approx(0.1)


async def test_an_ad_for_many_is_shown_to_more_at_the_same_penalty(
    make_cluster: MakeCluster,
) -> None:
    cluster = make_cluster(exposure=0.2, exposure_free=1.0)
    for value in (ad("obra", vacancies=8), ad("cocina")):
        cluster.publish("jobs", value["job_id"], value)
    await _settle(cluster)
    for partition in (0, 1):
        _shown(cluster, partition, obra=80, cocina=10)
    await _work(cluster)
    assert _penalty(cluster, "obra") == _penalty(cluster, "cocina") > 0
