"""A worker that starts from its tables knows what the one before it knew; others' is forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from models.ranking.attrs import ATTRS_VERSION
from tables import state as state_module
from tables.index.people import PersonEntry
from tables.rows import ERASED, attributes, erased_key, pack_erased
from tests.support.harness import Cluster, at, rows
from tests.support.harness.village import CLEANER, COOK, DRIVER, UNREADABLE, ad, profile, said

T0 = 1_790_000_000_000
LATE = "2090-01-01"


async def _village(patch: pytest.MonkeyPatch, **settings: Any) -> Cluster:
    """Everything that a table may hold: ads that stand, end, wait and are gone, one said twice;
    people who search, pause, ended, were hired, cannot be read, and lists that wait.
    """
    cluster = Cluster(patch, **{"top_k": 2, **settings})
    words = " ".join(f"ladrillo {i}" for i in range(20))  # enough to tell that it is the same
    once = ad("obra", employer="Obras SAC", description=words)
    for value in (
        once,
        {**once, "job_id": "obra-2"},
        ad("cocina", expires_at=LATE),
        ad("taxi", 1),
        ad("limpieza"),
    ):
        cluster.publish("jobs", value["job_id"], value)
    cluster.publish("jobs", "mozo", {"job_id": "mozo", "title": "Mozo", "ubigeo": "150110"})
    await cluster.drain()
    cluster.publish("jobs", "mozo", None)
    people = [
        profile("ana", age=30), profile("beto", COOK, valid_until=LATE), profile("carmen", DRIVER),
        profile("dina", CLEANER, status="paused"), profile("elsa", UNREADABLE),
        profile("fidel", COOK, min_pay=900.0), profile("gina", valid_until="2020-01-01"),
    ]  # fmt: skip
    for value in people:
        cluster.publish("profiles", value["profile_id"], value, timestamp=T0)
    await cluster.drain()
    for name, job, kind in (("ana", "limpieza", "dismissed"), ("fidel", "cocina", "hired")):
        cluster.publish("feedback", name, said(name, job, kind), timestamp=T0 + 1)
    cluster.publish("profiles", "beto", profile("beto", CLEANER, valid_until=LATE))
    await cluster.run("feedback")
    await cluster.run("profiles")
    return cluster


def _person(entry: PersonEntry) -> tuple[Any, ...]:
    vector = entry.vector.tobytes()
    return vector, entry.attrs, entry.profile, entry.excluded, entry.status


def _known(cluster: Cluster) -> dict[str, Any]:
    """All that indexes say, without the slots in which they hold it."""
    state = cluster.worker.context.state
    jobs, known = state.match.jobs, dict[str, Any]()
    for partition in range(cluster.settings.partitions):
        people, held = state.match.people(partition), jobs.jobs_of(partition)
        entries = {entry.profile_id: entry for entry in people.entries if entry}
        names = {slot: name for name, slot in people.slots.items()}
        known[f"people {partition}"] = {name: _person(entry) for name, entry in entries.items()}
        known[f"K-th {partition}"] = {n: float(people.kth[s]) for n, s in people.slots.items()}
        known[f"holders {partition}"] = {
            job_id: {names[slot] for slot in people.holders(job_id)} for job_id in held
        }
        known[f"jobs {partition}"] = {name: jobs.entries[slot] for name, slot in held.items()}
        times = state.job_ends, state.person_ends, state.held
        known[f"times {partition}"] = [dict(of.get(partition, {})) for of in times]
        slots = sorted(people.slots.values())
        ranked = state.match.rank_people(partition, slots)
        known[f"rankings {partition}"] = {
            names[slot]: [(job.job_id, job.score, job.similar) for job in mine.jobs]
            for slot, mine in zip(slots, ranked, strict=True)
        }
    return known


def _waiting(cluster: Cluster) -> set[tuple[int, str]]:
    """Partition and job of each list that waits for a refresh."""
    state = cluster.worker.context.state
    return {
        (partition, job_id)
        for partition in range(cluster.settings.partitions)
        for job_id in state.match.jobs.held(partition, state.dirty.waiting(partition))
    }


@pytest.mark.parametrize(("batch", "top_k"), [(1, 1), (2, 2), (4096, 2)])
async def test_a_restart_knows_what_was_known(
    monkeypatch: pytest.MonkeyPatch, batch: int, top_k: int
) -> None:
    monkeypatch.setattr(state_module, "_BUILD_BATCH", batch)
    cluster = await _village(monkeypatch, top_k=top_k)
    before, jobs = _known(cluster), len(cluster.worker.context.state.match.jobs)
    where, waiting = at(cluster, "beto"), _waiting(cluster)
    assert waiting
    assert before[f"times {where}"][1], "somebody's profile ends"
    assert before[f"times {at(cluster, 'taxi')}"][2], "an ad waits for a reviewer"
    told = before[f"rankings {at(cluster, 'ana')}"]["ana"]
    assert any(similar for *_, similar in told) is (top_k > 1)
    cluster.start()
    assert _known(cluster) == before
    assert _waiting(cluster) >= waiting, "lists whose last place is not known any more wait as well"
    assert len(cluster.worker.context.state.match.jobs) == jobs
    assert cluster.worker.context.state.match.jobs.size == jobs, "one copy for all partitions"


async def test_a_start_under_other_rules_makes_attributes_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cluster = await _village(monkeypatch)
    before, waiting = _known(cluster), _waiting(cluster)
    monkeypatch.setattr(attributes, "ATTRS_VERSION", ATTRS_VERSION + 1)
    cluster.start()
    assert _known(cluster) == before
    assert _waiting(cluster) >= waiting


async def test_nothing_is_kept_of_a_partition_that_went_to_another_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cluster = await _village(monkeypatch)
    state, where = cluster.worker.context.state, at(cluster, "beto")
    other, known = 1 - where, _known(cluster)
    state.rebuild([other])
    assert state.owned == {other}
    assert where not in state.job_ends
    assert where not in state.person_ends
    assert where not in state.held
    assert len(state.match.people(where)) == 0
    assert not state.dirty.pending(where)
    assert not state.match.jobs.jobs_of(where)
    state.rebuild([other, where])
    assert _known(cluster) == known


async def test_who_was_being_erased_when_the_worker_died_is_not_indexed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The mark of an erasure is final; one of before the person's profile concerns no one."""
    cluster = await _village(monkeypatch)
    context, where = cluster.worker.context, at(cluster, "ana")
    row = context.state.person(where, "ana")
    assert row is not None
    assert any(at(cluster, name) == where for name in ("beto", "carmen", "fidel"))
    assert row.offset == 0
    for name, offset, indexed in (("zoila", 9, True), ("ana", 0, True), ("ana", 1, False)):
        marks = {erased_key(name): pack_erased(offset, T0)}
        await context.state.tables.meta.write(where, marks, [context.fence.turn()])
        context.state.rebuild(range(2))
        people = context.state.match.people(where)
        assert ("ana" in people.slots) is indexed
        assert len(people) > 1
    assert [key for key, _ in context.state.tables.meta.rows(where) if key.startswith(ERASED)]
    assert "ana" in rows(cluster, "people"), "the tombstone comes again and takes it"


async def test_lists_that_only_the_latest_version_may_enter_wait_after_a_restart_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cluster = Cluster(monkeypatch)
    cluster.publish("jobs", "obra", ad("obra"))
    cluster.publish("profiles", "ana", profile("ana", status="paused"))
    await cluster.drain()
    cluster.publish("profiles", "ana", profile("ana"))
    await cluster.run("profiles")
    cluster.start()
    assert _waiting(cluster) == {(at(cluster, "ana"), "obra")}


async def test_a_job_that_has_ended_is_asked_for_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = await _village(monkeypatch)
    state, where = cluster.worker.context.state, at(cluster, "cocina")
    assert "cocina" in state.job_ends[where]
    cluster.publish("jobs", "cocina", ad("cocina", status="filled"))
    await cluster.run("jobs")
    assert "cocina" not in state.job_ends[where]
    state.note_end(where, "cocina", None)
    assert "cocina" not in state.job_ends[where]
