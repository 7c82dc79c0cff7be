"""Two deployments on the same topics: one speaks, the other does until it is named, and then it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from matcher_stream.runtime import faults
from models.ranking.event_bodies import epoch_of
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster
from tests.support.harness.village import ad, profile

PEOPLE = {
    "ana": "busco chamba de albañil, asiento ladrillo",
    "beto": "cocino menú y sopas",
    "carla": "limpio casas y oficinas",
}
JOBS = ("obra", "cocina", "limpieza", "taxi")
LEASE = 5.0


class Pair:
    """The champion and a challenger with other thresholds, so that rankings differ."""

    def __init__(self, make_cluster: MakeCluster, **challenger: Any) -> None:
        self.old = make_cluster(alias_lease=LEASE)
        other = {"score_threshold": 0.2, "top_k": 2, **challenger}
        self.new = make_cluster(
            beside=self.old, deployment="b", shadow=True, alias_lease=LEASE, **other
        )

    async def drain(self) -> None:
        """Both come to rest."""
        await self.old.drain()
        await self.new.drain()

    async def village(self) -> None:
        """People and ads, read by both."""
        for name in JOBS:
            self.old.publish("jobs", name, ad(name))
        for name, text in PEOPLE.items():
            self.old.publish("profiles", name, profile(name, text))
        await self.drain()

    async def promote(self, to: Cluster) -> None:
        """Name a champion, and let everybody hear of it and act."""
        self.old.name_champion(to.app_id)
        await self.drain()
        self.old.wait(LEASE + 3)
        await self.drain()

    def public(self) -> dict[str, list[dict[str, Any] | None]]:
        """What every person was told."""
        return {name: self.old.told("matches", name) for name in PEOPLE}

    async def sound(self) -> None:
        """Verify says that all is well on either side, and revisions only grow."""
        for cluster in (self.old, self.new):
            report = await cluster.verify()
            assert report.ok, (cluster.app_id, report.differences)
        for name, told in self.public().items():
            revisions = [event["revision"] for event in told if event]
            assert all(a < b for a, b in pairwise(revisions)), (name, revisions)


@pytest.fixture
def pair(make_cluster: MakeCluster) -> Pair:
    return Pair(make_cluster)


def public_steps(cluster: Cluster) -> int:
    """Records in public topics that are no inputs."""
    names = cluster.names
    topics = {*names.spoken, *names.letters}
    return sum(len(list(cluster.broker.records(topic))) for topic in topics)


async def test_the_shadow_never_writes_to_a_public_topic(pair: Pair) -> None:
    for name in JOBS:
        pair.old.publish("jobs", name, ad(name))
    pair.old.publish("jobs", "taxi", ad("taxi", 1))  # held
    for name, text in PEOPLE.items():
        pair.old.publish("profiles", name, profile(name, text))
    pair.old.publish("profiles", "roto", b"{")
    await pair.new.drain()
    assert public_steps(pair.old) == 0
    assert pair.new.told("matches", "ana", shadow=True)
    assert len(list(pair.new.broker.records(pair.new.names.shadow(pair.new.names.review)))) > 0
    await pair.old.drain()
    assert public_steps(pair.old) > 0
    await pair.sound()


async def test_each_person_gets_one_event_if_their_ranking_differs(pair: Pair) -> None:
    await pair.village()
    before = pair.public()
    old = {name: told[-1] for name, told in before.items()}
    shadow = {name: pair.new.told("matches", name, shadow=True)[-1] for name in PEOPLE}
    await pair.promote(pair.new)
    differs = 0
    for name, told in pair.public().items():
        first, last = old[name] or {}, shadow[name] or {}
        same = [e["job_id"] for e in first["entries"]] == [e["job_id"] for e in last["entries"]]
        new = told[len(before[name]) :]
        assert len(new) == (0 if same else 1), name
        differs += not same
        for event in new:
            assert event is not None
            assert event["cause"] == "model_changed"
            assert epoch_of(event["revision"]) > epoch_of(first["revision"])
            assert event["entries"] == last["entries"]
    assert differs > 0
    await pair.sound()


async def test_who_was_handed_over_tells_what_comes_and_the_other_does_not(pair: Pair) -> None:
    await pair.village()
    await pair.promote(pair.new)
    pair.old.publish("profiles", "ana", profile("ana", "cocino menú, sopas y postres"))
    await pair.drain()
    told = pair.old.told("matches", "ana")
    sources = [
        dict(record.headers)["ce_source"].decode()
        for record in pair.old.broker.records(pair.old.names.matches)
        if record.key == b"ana"
    ]
    assert sources[-1] == pair.new.app_id
    assert sources.count(pair.old.app_id) == 1
    assert told[-1] is not None
    assert told[-1]["cause"] == "profile_updated"
    await pair.sound()


async def test_back_again(pair: Pair) -> None:
    await pair.village()
    first = {name: told[-1] for name, told in pair.public().items()}
    await pair.promote(pair.new)
    await pair.sound()
    await pair.promote(pair.old)
    for name, told in pair.public().items():
        assert (told[-1] or {})["entries"] == (first[name] or {})["entries"]
    await pair.sound()
    await pair.promote(pair.new)
    await pair.sound()


async def test_who_told_more_often_in_the_shadow_goes_on_from_what_is_public(pair: Pair) -> None:
    for text in ("12 ?? --", "13 ?? --", "14 ?? --"):
        pair.old.publish("profiles", "dina", profile("dina", text))
        await pair.new.drain()
    await pair.village()
    (said,) = pair.old.told("matches", "dina")
    assert len(pair.new.told("matches", "dina", shadow=True)) == 3
    await pair.promote(pair.new)
    assert pair.old.told("matches", "dina") == [said], "nothing is new to anybody"
    await pair.sound()
    await pair.promote(pair.old)
    await pair.sound()
    pair.old.publish("profiles", "dina", profile("dina", "cocino menú y sopas"))
    await pair.drain()
    await pair.sound()


async def test_nobody_speaks_until_the_lease_of_the_other_is_over(pair: Pair) -> None:
    await pair.village()
    said = public_steps(pair.old)
    pair.old.name_champion(pair.new.app_id)
    pair.old.publish("profiles", "ana", profile("ana", "cocino menú, sopas y postres"))
    await pair.new.drain()
    pair.old.wait(LEASE)
    await pair.new.drain()
    assert public_steps(pair.old) == said, "the champion may be writing still"
    pair.old.wait(2.5)
    await pair.new.drain()
    assert public_steps(pair.old) > said
    said = public_steps(pair.old)
    await pair.old.drain()
    assert public_steps(pair.old) == said, "who slept through it asks before it writes"
    await pair.sound()


async def test_who_slept_through_it_asks_before_it_writes(pair: Pair) -> None:
    await pair.village()
    pair.old.name_champion(pair.new.app_id)
    await pair.new.drain()
    pair.old.wait(LEASE + 3)
    await pair.new.drain()
    pair.old.publish("profiles", "ana", profile("ana", "cocino menú, sopas y postres"))
    said = public_steps(pair.old)
    assert await pair.old.run("profiles")  # it goes on as if it had been frozen
    assert public_steps(pair.old) == said
    assert pair.old.told("matches", "ana", shadow=True)
    await pair.drain()
    await pair.sound()


async def test_what_only_the_shadow_refused_is_a_public_letter_in_the_end(pair: Pair) -> None:
    await pair.village()
    pair.old.publish("profiles", "ana", b"{")
    await pair.new.drain()  # the champion has not come to it
    pair.old.name_champion(pair.new.app_id)
    await pair.old.drain()  # and now it is in the shadow
    assert not pair.old.letters("profiles")
    await pair.new.drain()
    pair.old.wait(LEASE + 3)
    await pair.drain()
    (letter,) = pair.old.letters("profiles")
    assert letter["dlq_consumer_group"] == pair.new.app_id
    await pair.sound()


async def test_a_held_ad_is_asked_about_once(pair: Pair) -> None:
    pair.old.publish("jobs", "taxi", ad("taxi", 1))
    await pair.village()
    assert [event is not None for event in pair.old.told("review", "taxi")][-1:] == [False]
    pair.old.publish("jobs", "taxi", ad("taxi", 1))
    await pair.drain()
    asked = pair.old.told("review", "taxi")
    assert asked[-1] is not None
    await pair.promote(pair.new)
    assert pair.old.told("review", "taxi") == asked
    await pair.sound()


async def test_epochs_that_somebody_set_by_hand_are_passed(make_cluster: MakeCluster) -> None:
    pair = Pair(make_cluster)
    pair.old.settings = pair.old.settings.model_copy(update={"epoch": 57})
    pair.old.start()
    await pair.village()
    await pair.promote(pair.new)
    await pair.sound()


async def test_the_record_decides_whatever_the_settings_say(pair: Pair) -> None:
    await pair.village()
    said = public_steps(pair.old)
    pair.old.name_champion("somebody-else")
    pair.old.publish("profiles", "ana", profile("ana", "cocino menú, sopas y postres"))
    await pair.drain()
    pair.old.wait(LEASE + 3)
    await pair.drain()
    assert public_steps(pair.old) == said


@pytest.mark.parametrize("point", faults.HANDOVER_POINTS)
@pytest.mark.parametrize("nth", [1, 2])
async def test_killed_on_the_way_it_is_said_once(pair: Pair, point: str, nth: int) -> None:
    await pair.village()
    shadow = {name: pair.new.told("matches", name, shadow=True)[-1] for name in PEOPLE}
    lengths = {name: len(told) for name, told in pair.public().items()}
    pair.old.name_champion(pair.new.app_id)
    await pair.drain()
    pair.old.wait(LEASE + 3)
    faults.configure(f"{point}:{nth}")
    try:
        await pair.new.drain()
    finally:
        faults.configure("")
    assert pair.new.deaths == (0 if (point, nth) == ("handover.after_lists", 2) else 1)
    pair.old.wait(LEASE + 3)
    await pair.drain()
    for name, told in pair.public().items():
        assert len(told) <= lengths[name] + 1, "one event at most"
        assert (told[-1] or {})["entries"] == (shadow[name] or {})["entries"]
    await pair.sound()


async def test_erased_while_the_other_speaks_is_erased(pair: Pair) -> None:
    await pair.village()
    pair.old.publish("profiles", "ana", None)
    await pair.new.drain()  # the champion has not read it
    await pair.promote(pair.new)
    assert pair.old.told("matches", "ana")[-1] is None
    pair.old.publish("profiles", "ana", profile("ana", PEOPLE["ana"]))
    await pair.drain()
    await pair.sound()
