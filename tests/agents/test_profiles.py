"""People in: what of a profile's record takes effect, in which order, and what is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from agents import profiles
from models.reading.text import content_hash
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster, at, dies, encoded, here, phases, rows
from tests.support.harness.village import COOK, MASON, UNREADABLE, ad, profile, said

T0 = 1_790_000_000_000


@pytest.fixture
async def village(cluster: Cluster) -> Cluster:
    """Two ads stand; nobody has asked yet."""
    for name in ("obra", "cocina"):
        cluster.publish("jobs", name, ad(name))
    await cluster.drain()
    return cluster


async def _tell(cluster: Cluster, value: dict[str, Any] | None, **how: Any) -> list[str]:
    since = here(cluster)
    cluster.publish("profiles", "ana", value, **how)
    await cluster.run("profiles")
    return phases(cluster, since)


async def test_each_step_is_durable_before_the_next(village: Cluster) -> None:
    assert await _tell(village, profile("ana")) == [
        "row:pending row:rankings",
        "row:people",
        "matches",
        "row:rankings",
        "ack profiles",
    ]
    assert await _tell(village, profile("ana", COOK)) == [
        "row:pending",
        "row:people",
        "matches",
        "row:rankings",
        "ack profiles",
    ]
    assert not village.worker.broken


async def test_a_person_is_ranked_against_every_ad_that_stands(village: Cluster) -> None:
    await _tell(village, profile("ana"))
    assert village.ranking("ana") == ["obra", "cocina"]
    await _tell(village, profile("ana", COOK))
    assert village.ranking("ana") == ["cocina", "obra"]


async def test_unchanged_content_sends_nothing_and_is_the_last_heard_of(village: Cluster) -> None:
    await _tell(village, profile("ana"), timestamp=T0)
    happened = await _tell(village, profile("ana"), timestamp=T0 + 5)
    assert happened == ["row:people", "ack profiles"]
    row = village.worker.context.state.person(at(village, "ana"), "ana")
    assert row is not None
    assert (row.offset, row.record_ts) == (1, T0 + 5)


async def test_a_text_is_embedded_once_whoever_says_it(village: Cluster) -> None:
    before = len(encoded(village))
    for name in ("ana", "beto", "carmen"):
        village.publish("profiles", name, profile(name))
    await village.run("profiles")
    await _tell(village, profile("ana", age=30))
    await _tell(village, profile("ana", age=31))
    assert len(encoded(village)) == before + 1


async def test_a_vector_in_a_row_is_not_made_again_by_the_next_worker(village: Cluster) -> None:
    await _tell(village, profile("ana"))
    village.start()
    await _tell(village, profile("ana", age=30))
    assert encoded(village) == []
    assert village.ranking("ana") == ["obra", "cocina"]


async def test_words_that_say_no_work_are_told_so_and_never_embedded(village: Cluster) -> None:
    await _tell(village, profile("ana"))
    before = encoded(village)
    await _tell(village, profile("ana", UNREADABLE))
    told = village.told("matches", "ana")[-1] or {}
    assert (told["status"], told["entries"]) == ("unreadable", [])
    assert told["message"]
    assert told["left"] == ["obra", "cocina"]
    assert encoded(village) == before


async def test_who_says_no_work_but_names_skills_is_ranked_by_them(village: Cluster) -> None:
    await _tell(village, profile("ana", "hola como estas", skills=["asentar ladrillo"]))
    assert (village.told("matches", "ana")[-1] or {})["status"] == "ok"
    assert village.ranking("ana")[0] == "obra"


async def test_who_writes_in_quechua_is_ranked_and_told_what_was_read(village: Cluster) -> None:
    await _tell(village, profile("ana", "Yanuyta yachani, mana sirayta yachanichu. Limapi tiyani"))
    told = village.told("matches", "ana")[-1] or {}
    assert (told["status"], village.ranking("ana")) == ("ok", ["cocina"])
    assert told["message"] == (
        "Leímos: Yanuyta (cocinar). Si no es así, pide que te ayuden a escribirlo en castellano."
    )
    await village.drain()
    assert (await village.verify()).ok
    await _tell(village, profile("ana", "Sumaq punchaw kachun, Limapi tiyani"))
    told = village.told("matches", "ana")[-1] or {}
    assert (told["status"], told["entries"]) == ("unreadable", [])
    await village.drain()
    assert (await village.verify()).ok


async def test_who_pauses_leaves_all_rankings_and_who_returns_enters_them(village: Cluster) -> None:
    await _tell(village, profile("ana"))
    await _tell(village, profile("ana", status="paused"))
    await _tell(village, profile("ana"))
    told = [event or {} for event in village.told("matches", "ana")]
    assert [event["status"] for event in told] == ["ok", "paused", "ok"]
    assert [event["left"] for event in told] == [[], ["obra", "cocina"], []]
    assert [event["entered"] for event in told] == [["obra", "cocina"], [], ["obra", "cocina"]]


async def test_the_same_words_bring_back_who_was_hired(village: Cluster) -> None:
    """The content is finished, but what follows from it is another."""
    await _tell(village, profile("ana"), timestamp=T0)
    village.publish("feedback", "ana", said("ana", "cocina", "hired"), timestamp=T0 + 1)
    await village.run("feedback")
    assert village.ranking("ana") == []
    assert "matches" in await _tell(village, profile("ana"), timestamp=T0 + 2)
    assert village.ranking("ana") == ["obra"]


async def test_what_is_read_again_is_told_to_nobody_again(village: Cluster) -> None:
    for value in (profile("ana"), profile("ana", COOK), None, profile("ana"), profile("ana", COOK)):
        await _tell(village, value, timestamp=T0)
    told, people = village.told("matches", "ana"), rows(village, "people")
    village.rewind("profiles", 3)  # the null and what was before it have left the topic
    since = here(village)
    await village.run("profiles")
    assert phases(village, since) == ["row:people", "ack profiles"]
    assert village.told("matches", "ana") == told
    assert rows(village, "people") == people


async def test_an_older_record_read_again_does_not_bring_its_words_back(village: Cluster) -> None:
    await _tell(village, profile("ana"), timestamp=T0)
    await _tell(village, profile("ana", COOK), timestamp=T0)
    village.rewind("profiles")
    since = here(village)
    assert await village.worker.run("profiles", max_events=1)
    assert "matches" not in phases(village, since)
    assert village.ranking("ana") == ["cocina", "obra"]


async def test_of_the_versions_of_a_person_in_a_batch_the_last_is_told(village: Cluster) -> None:
    before = len(encoded(village))
    village.publish("profiles", "ana", profile("ana"))
    village.publish("profiles", "carmen", profile("carmen"))
    for age in range(30, 60):
        village.publish("profiles", "ana", profile("ana", f"{COOK} {age}"))
    village.publish("profiles", "ana", profile("ana", COOK))
    village.publish("profiles", "ana", {"profile_id": "ana", "text": 7})  # refused
    await village.run("profiles")
    told = [event or {} for event in village.told("matches", "ana")]
    assert [event["entries"][0]["job_id"] for event in told] == ["cocina"]
    assert len(village.told("matches", "carmen")) == 1
    assert len(encoded(village)) == before + 2
    row = village.worker.context.state.person(at(village, "ana"), "ana")
    assert row is not None
    assert row.offset == _offset(village, COOK)
    assert len(village.letters("profiles")) == 1
    await village.drain()
    assert (await village.verify()).ok


async def test_where_the_last_version_cannot_be_used_the_one_before_counts(
    village: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hashed(said: Any) -> bytes:
        if said.age == 66:
            raise ZeroDivisionError
        return content_hash(said)

    monkeypatch.setattr(profiles, "content_hash", hashed)
    for value in (profile("ana"), profile("ana", COOK), profile("ana", age=66)):
        village.publish("profiles", "ana", value)
    await village.run("profiles")
    told = [event or {} for event in village.told("matches", "ana")]
    assert [event["entries"][0]["job_id"] for event in told] == ["cocina"]
    (letter,) = village.letters("profiles")
    assert (letter["dlq_error_class"], letter["dlq_offset"]) == ("unreadable", "2")


def _offset(cluster: Cluster, text: str) -> int:
    """Of the last profile with just this text."""
    records = cluster.broker.records(cluster.names.profiles)
    return max(r.offset for r in records if f'"{text}"'.encode() in (r.value or b""))


async def test_an_erasure_in_a_batch_ends_what_was_before_it_and_nothing_after(
    village: Cluster,
) -> None:
    await _tell(village, profile("ana"))
    village.publish("feedback", "ana", said("ana", "obra", "dismissed"))
    await village.run("feedback")
    before = len(encoded(village))
    for value in (profile("ana", COOK), None, None, profile("ana", MASON), profile("ana", COOK)):
        village.publish("profiles", "ana", value)
    await village.run("profiles")
    told = village.told("matches", "ana")[2:]
    assert [event and event["entries"][0]["job_id"] for event in told] == [None, "cocina"]
    assert rows(village, "exclusions") == {}
    assert encoded(village)[before:] == [encoded(village)[-1]], "the cook's words, once"
    for value in (profile("ana", MASON), None):
        village.publish("profiles", "ana", value)
    await village.run("profiles")
    assert village.told("matches", "ana")[4:] == [None]
    assert "ana" not in rows(village, "people")
    await village.drain()
    assert (await village.verify()).ok


@pytest.mark.parametrize("then", [profile("ana", COOK), None])
async def test_what_was_begun_before_a_death_is_finished_first(
    make_cluster: MakeCluster, then: dict[str, Any] | None
) -> None:
    """It may have been told, under a revision that no other event may have."""
    for records in range(99):
        cluster = make_cluster()
        for name in ("obra", "cocina"):
            cluster.publish("jobs", name, ad(name))
        await cluster.drain()
        await _tell(cluster, profile("ana", COOK))
        cluster.publish("profiles", "ana", profile("ana", MASON))
        died = await dies(cluster, "profiles", records)
        for value in (profile("ana", MASON, age=40), then, profile("ana", f"{COOK} 8")):
            cluster.publish("profiles", "ana", value)
        await cluster.run("profiles")
        told = [event for event in cluster.told("matches", "ana") if event]
        revisions = [event["revision"] for event in told]
        assert revisions == sorted(revisions)
        assert len({event["event_id"] for event in told}) == len(set(revisions))
        assert cluster.ranking("ana") == ["cocina", "obra"]
        if not died:
            assert records >= 4
            return


@pytest.mark.parametrize("forwarded", [True, False])
async def test_a_version_stays_where_what_follows_may_be_older(
    village: Cluster, forwarded: bool
) -> None:
    """A null that was forwarded late, or a record that is taken for a repetition."""
    if forwarded:
        village.publish("profiles", "ana", profile("ana"), timestamp=T0 + 5)
        since = [("forwarded_ts", str(T0).encode())]
        village.publish("profiles", "ana", None, headers=since, timestamp=T0 + 6)
        await village.run("profiles")
        assert village.ranking("ana") == ["obra", "cocina"]
        return
    village.publish("profiles", "ana", profile("ana", COOK), timestamp=T0 + 1)
    village.publish("profiles", "ana", profile("ana"), timestamp=T0)
    await village.run("profiles")
    told = [event or {} for event in village.told("matches", "ana")]
    assert [event["entries"][0]["job_id"] for event in told] == ["cocina", "obra"]


async def test_a_refused_profile_leaves_the_last_accepted_one_in_force(village: Cluster) -> None:
    await _tell(village, profile("ana"))
    before = rows(village, "people"), village.told("matches", "ana")
    happened = await _tell(village, {"profile_id": "ana", "text": 7})
    assert happened == ["profiles.dlq", "ack profiles"]
    (letter,) = village.letters("profiles")
    assert letter["dlq_topic"] == village.names.profiles
    assert letter["dlq_partition"] == str(at(village, "ana"))
    assert letter["dlq_offset"] == "1"
    assert letter["dlq_error_class"] == "invalid_field"
    assert before == (rows(village, "people"), village.told("matches", "ana"))


async def test_a_null_that_comes_late_to_its_partition_erases_no_newer_profile(
    village: Cluster,
) -> None:
    wrong = 1 - at(village, "ana")
    await _tell(village, profile("ana"), timestamp=T0)
    village.publish("profiles", "ana", None, partition=wrong, timestamp=T0 + 1)
    village.publish("profiles", "ana", profile("ana", COOK), timestamp=T0 + 2)
    await village.run("profiles")
    await village.run("profiles")  # the null, where it belongs
    assert village.ranking("ana") == ["cocina", "obra"]
    assert None not in village.told("matches", "ana")
    assert "ana" in rows(village, "people")


async def test_a_null_in_a_wrong_partition_erases_the_older_profile(village: Cluster) -> None:
    wrong = 1 - at(village, "ana")
    await _tell(village, profile("ana"), timestamp=T0)
    await _tell(village, None, partition=wrong, timestamp=T0 + 1)
    await village.run("profiles")
    assert village.told("matches", "ana")[-1] is None
    assert "ana" not in rows(village, "people")


async def test_a_profile_that_ended_before_it_came_is_told_as_expired(village: Cluster) -> None:
    await _tell(village, profile("ana", valid_until="2020-01-01"))
    told = village.told("matches", "ana")[-1] or {}
    assert (told["status"], told["entries"]) == ("expired", [])


async def test_wherever_the_worker_dies_the_person_is_told_their_last_words(
    make_cluster: MakeCluster,
) -> None:
    """Death after every record in turn; what has the same revision says the same."""
    for records in range(99):
        cluster = make_cluster()
        for name in ("obra", "cocina"):
            cluster.publish("jobs", name, ad(name))
        await cluster.drain()
        await _tell(cluster, profile("ana", MASON))
        cluster.publish("profiles", "ana", profile("ana", COOK))
        died = await dies(cluster, "profiles", records)
        await cluster.run("profiles")
        told = {event["revision"]: event for event in cluster.told("matches", "ana") if event}
        assert len({event["event_id"] for event in cluster.told("matches", "ana") if event}) == 2
        assert [event["entries"][0]["job_id"] for event in told.values()] == ["obra", "cocina"]
        if not died:
            assert records >= 4, "pending, person, event and ranking: there are as many deaths"
            return
