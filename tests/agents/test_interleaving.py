"""A challenger's ranking is drawn into the champion's: of who agreed, by what rows hold."""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import orjson
import pytest

from matcher_stream.runtime import faults
from models.compare.interleaving import credit
from models.feedback.drafting import Placed, Trial, drafted
from schemas.base import LIMA
from tables.rows import OutcomeRow, RankingRow, unpack_tally
from tables.rows.trials import TRIAL
from tests.agents.conftest import MakeCluster
from tests.support.harness import Cluster, at, rows
from tests.support.harness.village import ad, profile, said
from tests.support.harness.worker import APP_ID

CHALLENGER = f"{APP_ID}-b"
ANYTHING = "busco cualquier trabajo"
OWN = ["taxi", "cocina", "limpieza", "obra"]
RIVAL = ["limpieza", "taxi", "cocina", "obra"]
LEASE = 5.0


def _in_days(days: int) -> str:
    """Asked for when it is needed: a run of the tests may go past midnight."""
    return (datetime.now(LIMA).date() + timedelta(days=days)).isoformat()


class Trying:
    """The champion, and a challenger in the shadow that ranks by vectors alone."""

    def __init__(self, make_cluster: MakeCluster, share: float = 1.0, top_k: int = 4) -> None:
        self.old = make_cluster(
            alias_lease=LEASE, interleave_with=CHALLENGER, interleave_share=share, top_k=top_k
        )
        self.new = make_cluster(
            beside=self.old, deployment="b", shadow=True, alias_lease=LEASE, top_k=4,
            ranker="dense", score_threshold=-1.0,
        )  # fmt: skip

    async def drain(self) -> None:
        """The challenger comes to rest, then the champion, who hears of it."""
        await self.new.drain()
        await self.old.drain()

    async def village(self, *people: dict[str, Any]) -> None:
        """Ads and people, read by both."""
        for name in OWN:
            self.old.publish("jobs", name, advert(name))
        for person in people:
            self.old.publish("profiles", person["profile_id"], person)
        await self.old.drain()
        await self.drain()

    def event(self, name: str = "ana") -> dict[str, Any]:
        """What somebody was told last."""
        return self.old.told("matches", name)[-1] or {}

    def shadow(self, name: str = "ana") -> list[str]:
        """The challenger's ranking of them."""
        told = self.new.told("matches", name, shadow=True)[-1] or {}
        return [entry["job_id"] for entry in told["entries"]]

    async def sound(self) -> None:
        """Verify says that all is well on either side, and revisions only grow."""
        for cluster in (self.old, self.new):
            report = await cluster.verify()
            assert report.ok, (cluster.app_id, report.differences)
        told = [event for event in self.old.told("matches", "ana") if event]
        for before, after in pairwise(told):
            assert before["revision"] < after["revision"] or before == after, (
                "or it is a repetition"
            )


def advert(name: str, **fields: Any) -> dict[str, Any]:
    """An ad of the village; the cleaning is far off, which the champion alone minds."""
    return ad(name, **{**({"ubigeo": "150123"} if name == "limpieza" else {}), **fields})


def agreed(name: str = "ana", text: str = ANYTHING, **fields: Any) -> dict[str, Any]:
    """Somebody who lets what they do teach the ranking."""
    return profile(name, text, consent_training=True, **fields)


def teams(event: dict[str, Any]) -> list[Placed]:
    """Places of an event."""
    return [Placed(entry["job_id"], entry.get("team")) for entry in event["entries"]]


@pytest.fixture
async def trying(make_cluster: MakeCluster) -> Trying:
    made = Trying(make_cluster)
    await made.village(agreed(), profile("beto", ANYTHING))
    return made


async def test_who_agreed_is_told_a_draft_of_both(trying: Trying) -> None:
    plain, event = trying.event("beto"), trying.event()
    assert [entry["job_id"] for entry in plain["entries"]] == OWN
    assert trying.shadow() == trying.shadow("beto") == RIVAL
    seed = Trial(1.0, APP_ID, CHALLENGER).seed("ana", event["as_of"])
    assert teams(event) == drafted(OWN, RIVAL, seed)
    assert {entry.get("team") for entry in event["entries"]} >= {"champion", "challenger"}
    assert [entry["rank"] for entry in event["entries"]] == [1, 2, 3, 4]
    assert (event["challenger"], event["cause"]) == (CHALLENGER, "model_changed")
    assert (event["entered"], event["left"]) == ([], [])
    scores = {entry["job_id"]: entry["score"] for entry in plain["entries"]}
    assert {entry["job_id"]: entry["score"] for entry in event["entries"]} == scores
    assert "challenger" not in plain
    assert not any("team" in entry for entry in plain["entries"])
    await trying.sound()
    report = await trying.old.verify()
    assert report.counts["rankings with another drawn in"] == 1


async def test_it_is_off_unless_somebody_turns_it_on(make_cluster: MakeCluster) -> None:
    trying = Trying(make_cluster, share=0.0)
    await trying.village(agreed(), agreed("beto"))
    for name in ("ana", "beto"):
        assert [entry["job_id"] for entry in trying.event(name)["entries"]] == OWN
        assert "challenger" not in trying.event(name)
    assert len(trying.old.told("matches", "ana")) == 1
    await trying.sound()


async def test_a_share_takes_part_and_always_the_same(make_cluster: MakeCluster) -> None:
    trying = Trying(make_cluster, share=0.4)
    people = [agreed(f"p{i}") for i in range(12)]
    await trying.village(*people)
    trial = Trial(0.4, APP_ID, CHALLENGER)
    taking = {f"p{i}" for i in range(12) if trial.takes(f"p{i}", consented=True)}
    assert 0 < len(taking) < 12
    assert {name for i in range(12) if "challenger" in trying.event(name := f"p{i}")} == taking
    await trying.sound()


async def test_a_challenger_brings_in_what_the_champion_allows(make_cluster: MakeCluster) -> None:
    trying = Trying(make_cluster, top_k=2)
    await trying.village(agreed(), agreed("beto", licence="none"), profile("carla", ANYTHING))
    assert [entry["job_id"] for entry in trying.event("carla")["entries"]] == OWN[:2]
    told = {place.job_id: place.team for place in teams(trying.event())}
    assert told["limpieza"] == "challenger"
    (brought,) = [e for e in trying.event()["entries"] if e["job_id"] == "limpieza"]
    assert brought["score"] == pytest.approx(sum(brought["components"].values()))
    assert brought["reasons"]
    await trying.sound()
    for what in ("dismissed", "reported"):
        trying.old.publish("feedback", "ana", said("ana", "limpieza", what))
        await trying.old.drain()
        assert "limpieza" not in trying.old.ranking("ana"), "the challenger has not heard of it"
        await trying.drain()
        await trying.sound()


async def test_what_the_champion_would_not_show_does_not_come_in(
    make_cluster: MakeCluster,
) -> None:
    trying = Trying(make_cluster, top_k=2)
    high = trying.old.settings.model_copy(update={"score_threshold": 0.2})
    trying.old.settings = high
    trying.old.start()
    await trying.village(agreed())
    assert trying.shadow()[:2] == ["limpieza", "taxi"]
    assert trying.old.ranking("ana") == ["taxi", "cocina"], "limpieza has a score of 0.17"
    await trying.sound()


async def test_a_job_that_ends_leaves_and_one_that_comes_enters(make_cluster: MakeCluster) -> None:
    trying = Trying(make_cluster, top_k=2)
    await trying.village(agreed(), profile("beto", ANYTHING))
    for name in ("limpieza", "taxi", "cocina"):
        trying.old.publish("jobs", name, None)
        await trying.old.drain()  # the challenger lags
        assert name not in trying.old.ranking("ana")
        assert not (await trying.old.verify()).differences
        await trying.drain()
        trying.old.publish("jobs", name, advert(name))
        await trying.old.drain()
        assert not (await trying.old.verify()).differences
        await trying.drain()
        await trying.sound()
    assert "challenger" in trying.event()


async def test_of_an_older_profile_a_challenger_says_nothing(trying: Trying) -> None:
    later = round(time.time() * 1000) + 60_000
    trying.old.publish("profiles", "ana", agreed(text="cocino menú y sopas"), timestamp=later)
    await trying.old.drain()
    event = trying.event()
    assert "challenger" not in event
    scores = [entry["score"] for entry in event["entries"]]
    assert scores == sorted(scores, reverse=True)
    await trying.drain()
    await trying.sound()


async def test_who_withdraws_is_told_the_champions_ranking(trying: Trying) -> None:
    before = len(trying.old.told("matches", "ana"))
    trying.old.publish("profiles", "ana", profile("ana", ANYTHING))
    await trying.old.drain()
    await trying.drain()
    assert len(trying.old.told("matches", "ana")) == before + 1
    assert [entry["job_id"] for entry in trying.event()["entries"]] == OWN
    assert RankingRow.unpack(rows(trying.old, "rankings")["ana"]).rival is None
    await trying.sound()


async def test_a_challenger_that_is_gone_or_broken_holds_nobody_up(trying: Trying) -> None:
    where = at(trying.old, "beto")
    topic = trying.new.names.shadow(trying.new.names.matches)
    source = [("ce_source", CHALLENGER.encode())]
    for value in (b"{", b"[]", b"{}", b'{"revision": 1, "entries": [7]}'):
        trying.old.broker.append(topic, where, b"beto", value, source)
    trying.old.publish("profiles", "beto", agreed("beto"))
    trying.old.publish("profiles", "carla", agreed("carla"))
    await trying.old.drain()
    for name in ("beto", "carla"):
        assert [entry["job_id"] for entry in trying.event(name)["entries"]] == OWN
    assert (await trying.old.verify()).ok


async def test_what_somebody_else_wrote_there_is_not_the_challengers(trying: Trying) -> None:
    before = trying.old.told("matches", "ana")
    topic = trying.new.names.shadow(trying.new.names.matches)
    wrong = orjson.dumps({"revision": 99, "entries": [{"job_id": "obra"}]})
    trying.old.broker.append(topic, at(trying.old, "ana"), b"ana", wrong, [("ce_source", b"x")])
    await trying.old.drain()
    assert trying.old.told("matches", "ana") == before


async def test_a_promoted_challenger_tells_its_own_and_the_other_is_silent(
    trying: Trying,
) -> None:
    trying.old.name_champion(CHALLENGER)
    for _ in range(2):
        await trying.drain()
        trying.old.wait(LEASE + 3)
    await trying.drain()
    assert trying.old.ranking("ana") == RIVAL
    assert "challenger" not in trying.event()
    assert trying.event()["cause"] == "model_changed"
    await trying.sound()
    trying.old.name_champion(APP_ID)
    for _ in range(2):
        await trying.drain()
        trying.old.wait(LEASE + 3)
    await trying.drain()
    assert trying.event()["challenger"] == CHALLENGER
    await trying.sound()


async def test_an_erased_person_leaves_nothing(trying: Trying) -> None:
    trying.old.publish("profiles", "ana", None)
    await trying.old.drain()  # the challenger's ranking of them lies there still
    trying.old.start()
    await trying.old.drain()
    assert trying.old.told("matches", "ana")[-1] is None
    for table in ("rankings", "people", "outcomes"):
        assert "ana" not in {key.partition("\0")[0] for key in rows(trying.old, table)}
    await trying.drain()
    await trying.sound()


@pytest.mark.parametrize("point", faults.INTERLEAVE_POINTS)
async def test_killed_on_the_way_the_same_draft_comes_out(
    make_cluster: MakeCluster, point: str
) -> None:
    whole, killed = Trying(make_cluster), Trying(make_cluster)
    await whole.village(agreed(), agreed("beto"))
    faults.configure(f"{point}:1")
    try:
        await killed.village(agreed(), agreed("beto"))
    finally:
        faults.configure("")
    await killed.drain()
    assert killed.old.deaths == 1
    for name in ("ana", "beto"):
        assert teams(killed.event(name)) == teams(whole.event(name))
        drafts = [e for e in killed.old.told("matches", name) if e and "challenger" in e]
        assert len({orjson.dumps(event["entries"]) for event in drafts}) == 1
    await killed.sound()


async def test_what_was_said_before_a_death_is_said_again_before_anything_else(
    make_cluster: MakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    trying = Trying(make_cluster)
    topic, where = trying.new.names.shadow(trying.new.names.matches), at(trying.old, "ana")
    entries = [{"job_id": name} for name in reversed(OWN)]
    later = orjson.dumps({"revision": 99, "entries": entries})
    kill = faults.kill

    def die() -> None:
        source = [("ce_source", CHALLENGER.encode())]
        trying.old.broker.append(topic, where, b"ana", later, source)
        kill()

    monkeypatch.setattr(faults, "kill", die)
    faults.configure("interleave.after_output:1")
    try:
        await trying.village(agreed())
    finally:
        faults.configure("")
    assert trying.old.deaths == 1
    told = [event for event in trying.old.told("matches", "ana") if event]
    assert len({event["revision"] for event in told}) == 3 == len(told) - 1
    assert len({orjson.dumps(event) for event in told}) == 3, "one revision, one event"
    assert teams(told[-1])[0].job_id in {OWN[0], OWN[-1]}
    assert (await trying.old.verify()).ok


async def test_who_starts_again_says_nothing_anew(trying: Trying) -> None:
    before = trying.old.told("matches", "ana")
    trying.old.start()
    await trying.old.drain()
    assert trying.old.told("matches", "ana") == before
    await trying.sound()


async def test_turned_off_everybody_is_told_the_champions_ranking(trying: Trying) -> None:
    trying.old.settings = trying.old.settings.model_copy(update={"interleave_share": 0.0})
    trying.old.start()
    await trying.old.drain()
    assert [entry["job_id"] for entry in trying.event()["entries"]] == OWN
    assert "challenger" not in trying.event()
    await trying.sound()


async def test_verify_finds_a_draft_that_does_not_follow(trying: Trying) -> None:
    event = trying.event()
    worse = {**event, "event_id": "x", "entries": [dict(entry) for entry in event["entries"]]}
    for entry in worse["entries"]:
        if "team" in entry:
            entry["team"] = "challenger"
    where = at(trying.old, "ana")
    trying.old.broker.append(trying.old.names.matches, where, b"ana", orjson.dumps(worse))
    assert any("other teams" in line for line in (await trying.old.verify()).lines())
    trying.old.settings = trying.old.settings.model_copy(update={"interleave_share": 0.0})
    assert any("must be the champion's" in line for line in (await trying.old.verify()).lines())


async def test_what_people_apply_to_is_counted_by_team(make_cluster: MakeCluster) -> None:
    trying = Trying(make_cluster)
    names = [f"p{i}" for i in range(6)]
    await trying.village(*[agreed(name) for name in names], profile("carla", ANYTHING))
    picked: Counter[str] = Counter()
    credits = []
    for n, name in enumerate(names):
        event = trying.event(name)
        placed = [place for place in teams(event) if place.team]
        wanted = "challenger" if n < 4 else "champion"
        taken = [place.job_id for place in placed if place.team == wanted][:1]
        for entry in event["entries"]:
            word = {**said(name, entry["job_id"], "shown"), "rank": entry["rank"]}
            for surface in ("web", "sms"):
                tell(trying.old, {**word, "revision": event["revision"], "surface": surface})
        for job in taken:
            tell(trying.old, said(name, job, "applied"))
            tell(trying.old, {**said(name, job, "applied"), "surface": "sms"})
        picked["shown"] += 2 * len(placed)
        picked[f"applied {wanted}"] += len(taken)
        credits.append(credit(placed, taken))
    tell(trying.old, said("carla", "taxi", "applied"))
    await trying.drain()
    kept = [OutcomeRow.unpack(raw) for raw in rows(trying.old, "outcomes").values()]
    assert {row.challenger for row in kept if row.team} == {CHALLENGER}
    assert {row.team for row in kept} == {"", "champion", "challenger"}
    trying.old.tick(_in_days(1))
    await trying.drain()
    counts = Counter(tallied(trying.old))
    assert counts.pop("wins") == credits.count(1) == 4
    assert counts.pop("losses") == credits.count(-1) == 2
    assert counts == picked
    for name in names[:4]:
        trying.old.publish("profiles", name, None)
    await trying.drain()
    trying.old.tick(_in_days(2))
    await trying.drain()
    assert tallied(trying.old).get("wins", 0) == 0, "who is erased is counted no more"
    await trying.sound()


def tell(cluster: Cluster, word: dict[str, Any]) -> None:
    """Feedback of somebody."""
    cluster.publish("feedback", word["profile_id"], word)


def tallied(cluster: Cluster) -> dict[str, int]:
    """What was counted of the challenger, over all partitions."""
    found: Counter[str] = Counter()
    for partition in range(cluster.settings.partitions):
        table = cluster.worker.context.state.tables.tallies
        found.update(
            unpack_tally(table.get_row(partition, f"{TRIAL}{CHALLENGER}".encode()) or b"{}")
        )
    return dict(found)
