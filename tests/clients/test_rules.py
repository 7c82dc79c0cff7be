"""What the notifiers of deploy/clients decide, whatever comes: the same in both languages."""

from __future__ import annotations

import hashlib
import itertools
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.clients.languages import LANGUAGES, Driven, language
from tests.support.examples import examples

NOON = 1_764_262_800.0  # a Thursday in Lima
HOUR, DAY = 3600.0, 86_400.0
LIMA = timezone(timedelta(hours=-5))
RULES = {"QUIET_HOURS": "21-8", "SENTENCE_SECONDS": "60", "LEASE_SECONDS": "60"}
#: What becomes of a message handed over: what the notifier hears, whether the gateway took it.
ENDS = {
    "sent": ("sent", True), "refused": ("refused", False), "later": ("later", False),
    "lost after": ("unknown", True), "lost before": ("unknown", False),
    "died after": (None, True), "died before": (None, False),
}  # fmt: skip

_PEOPLE, _JOBS = ("ana", "beto"), tuple(f"obra-{n}" for n in range(6))
_RANKING = st.dictionaries(st.sampled_from(_JOBS), st.sampled_from(["send", "send", "also"]))
_STEPS = st.one_of(
    st.tuples(st.just("ranking"), st.sampled_from(_PEOPLE), st.integers(1, 9), _RANKING),
    st.tuples(st.just("erase"), st.sampled_from(_PEOPLE)),
    st.tuples(st.just("sentence"), st.sampled_from(_PEOPLE), st.sampled_from(_JOBS)),
    st.tuples(st.just("wait"), st.sampled_from([5 * HOUR, 10 * HOUR, 19 * HOUR, DAY])),
    st.tuples(st.just("restart")),
    *[st.tuples(st.just("turn"), st.tuples(*[st.sampled_from(sorted(ENDS))] * 2))] * 5,
)


@dataclass(slots=True)
class World:
    """A gateway that knows keys again, the clock, and what is known of each person.

    Attributes:
        keys: Whether the gateway knows a key again.
        told: Of each person the jobs in messages that the gateway took, by message.
        rankings: Of each person the revision, event id and levels that count.
        graves: Of each erased person their last revision.
    """

    keys: bool = True
    now: float = NOON
    bodies: dict[str, str] = field(default_factory=dict)
    first: dict[str, float] = field(default_factory=dict)
    given_up: set[tuple[str, str]] = field(default_factory=set)
    told: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    days: dict[str, list[str]] = field(default_factory=dict)
    rankings: dict[str, tuple[int, str, dict[str, str]]] = field(default_factory=dict)
    graves: dict[str, int] = field(default_factory=dict)

    @property
    def clock(self) -> datetime:
        return datetime.fromtimestamp(self.now, LIMA)

    def ranked(self, who: str, revision: int, event_id: str, levels: dict[str, str]) -> None:
        old = self.rankings.get(who, (-1, "", {}))
        if revision > self.graves.get(who, -1) and revision >= old[0] and event_id != old[1]:
            self.rankings[who] = (revision, event_id, levels)

    def erased(self, who: str) -> None:
        if who in self.rankings:
            self.graves[who] = self.rankings.pop(who)[0]
        for kept in (self.told, self.days):
            kept.pop(who, None)
        self.given_up = {(person, job) for person, job in self.given_up if person != who}
        self.bodies = {k: b for k, b in self.bodies.items() if json.loads(b)["to"] != who}
        self.first = {key: at for key, at in self.first.items() if key in self.bodies}

    def handed(self, message: dict[str, str], end: str) -> None:
        """One attempt, and what must be true of it."""
        assert 8 <= self.clock.hour < 21
        key, body = message["key"], message["body"]
        said = json.loads(body)
        who, jobs = said["to"], said["jobs"]
        heard, taken = ENDS[end]
        if key not in self.bodies:
            levels = self.rankings[who][2]
            assert set(jobs) <= set(levels), "of a ranking that no longer counts"
            assert "send" in {levels[job] for job in jobs}
            assert len(jobs) <= 3
        elif key in self.first:
            assert self.bodies[key] == body
            assert self.keys, "tried again without a key"
            assert self.now - self.first[key] < DAY, "the gateway may have forgotten the key"
        self.bodies[key] = body
        if heard != "later":
            self.first.setdefault(key, self.now)
        if heard == "refused":
            self.given_up |= {(who, job) for job in jobs}
        mine = self.told.setdefault(who, {})
        if taken and key not in mine:
            assert not set(jobs) & set(itertools.chain(*mine.values())), "told twice"
            mine[key] = jobs
            assert str(self.clock.date()) not in self.days.setdefault(who, []), "twice a day"
            self.days[who].append(str(self.clock.date()))


def _event(revision: int, levels: dict[str, str]) -> dict[str, Any]:
    body = json.dumps([revision, levels])
    entries = [
        {"job_id": job, "job_version": [7, 0], "level": level, "job": {"title": f"Ad {job}"}}
        for job, level in levels.items()
    ]
    event_id = hashlib.sha256(body.encode()).hexdigest()
    return {"revision": revision, "event_id": event_id, "entries": entries}


class Notifier:
    """The same notifier in every language that is here."""

    def __init__(self, folder: Path, keys: bool) -> None:
        env = {**RULES, "KEY_HOURS": "24" if keys else "0"}
        self._folder, self._count = folder, itertools.count()
        self._driven: dict[str, Driven] = {}
        for name in LANGUAGES:
            try:
                spoken = language(name)
            except pytest.skip.Exception:
                continue
            self._driven[name] = Driven(spoken, folder / f"{name}-first.db", env)
        self.fresh()

    def fresh(self) -> None:
        self._number = next(self._count)
        self.do("open")

    def do(self, name: str, *given: Any) -> Any:
        answers = [
            driven.do(name, *(given or [str(self._folder / f"{spoken}-{self._number}.db")]))
            for spoken, driven in self._driven.items()
        ]
        assert all(answer == answers[0] for answer in answers), answers
        return answers[0]

    def close(self) -> None:
        for driven in self._driven.values():
            driven.close()


@pytest.fixture(scope="module", params=[True, False], ids=["keys", "no keys"])
def notifier(request: pytest.FixtureRequest) -> Iterator[tuple[Notifier, bool]]:
    memory = Path("/dev/shm")  # waiting for a disk shows nothing here
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        made = Notifier(Path(folder), request.param)
        try:
            yield made, request.param
        finally:
            made.close()


def _turn(told: Notifier, world: World, ends: Sequence[str]) -> int:
    world.now += 61  # news has waited for its sentence, and a lease is over
    told.do("decide", world.now)
    messages = told.do("claim", world.now)
    for message, end in zip(messages, ends, strict=False):
        world.handed(message, end)
        if heard := ENDS[end][0]:
            told.do("settle", message["key"], heard, world.now)
    return len(messages)


@settings(max_examples=examples(60), deadline=None)
@given(steps=st.lists(_STEPS, min_size=25, max_size=50))
def test_each_piece_of_news_once_a_day_and_by_day(
    notifier: tuple[Notifier, bool], steps: list[tuple[Any, ...]]
) -> None:
    told, keys = notifier
    told.fresh()
    world = World(keys)
    for step, *said in steps:
        if step == "ranking":
            who, revision, levels = said
            event = _event(revision, levels)
            told.do("ranking", who, event, world.now)
            world.ranked(who, revision, event["event_id"], levels)
        elif step == "erase":
            told.do("ranking", said[0], None, world.now)
            world.erased(said[0])
        elif step == "sentence":
            who, job = said
            sentence = {"profile_id": who, "job_version": [7, 0], "revision": 9, "sms": f"So {job}"}
            told.do("sentence", f"{who}:{job}", sentence, world.now)
        elif step == "wait":
            world.now += said[0]
        elif step == "restart":
            told.do("open")
        else:
            _turn(told, world, said[0])
    _everything_is_told(told, world)


def _everything_is_told(told: Notifier, world: World) -> None:
    """After some calm days nothing worth a message is left, and nothing of the erased."""
    for _ in range(12):
        world.now += HOUR
        if 8 <= world.clock.hour < 21:
            _turn(told, world, ["sent", "sent"])
        else:
            assert not _turn(told, world, [])
    for _ in range(8):
        midday = world.clock.replace(hour=12, minute=0) + timedelta(days=1)
        world.now = midday.timestamp()
        told.do("sweep", world.now)
        for _ in range(3):
            _turn(told, world, ["sent", "sent"])
    unknown = told.do("rows", "SELECT body FROM messages WHERE state = 'unknown'")
    over = set(world.given_up)
    for row in unknown:
        said = json.loads(row["body"])
        over |= {(said["to"], job) for job in said["jobs"]}
    for who, (_, _, levels) in world.rankings.items():
        known = set(itertools.chain(*world.told.get(who, {}).values()))
        worth = {job for job, level in levels.items() if level == "send"}
        assert worth <= known | {job for person, job in over if person == who}
    there = told.do("rows", "SELECT DISTINCT profile_id FROM people")
    assert {row["profile_id"] for row in there} == set(world.rankings)
    for table in ("told", "messages"):
        left = told.do("rows", f"SELECT DISTINCT profile_id FROM {table}")
        assert {row["profile_id"] for row in left} <= set(world.rankings)


def test_news_waits_a_moment_for_its_sentence_and_then_goes_without(
    notifier: tuple[Notifier, bool],
) -> None:
    told, _ = notifier
    told.fresh()
    for number, who in enumerate(_PEOPLE):
        told.do("ranking", who, _event(1, {"obra-1": "send", "obra-2": "also"}), NOON + number)
    for job in ("obra-1", "obra-2"):
        sentence = {
            "profile_id": "ana",
            "job_version": [7, 0],
            "revision": 1,
            "sms": f"Ven a {job}",
        }
        told.do("sentence", f"ana:{job}", sentence, NOON + 2)
    stale = {"profile_id": "beto", "job_version": [6, 0], "revision": 1, "sms": "De otro aviso"}
    told.do("sentence", "beto:obra-1", stale, NOON + 2)
    told.do("decide", NOON + 3)
    assert [json.loads(m["body"]) for m in told.do("claim", NOON + 3)] == [
        {"to": "ana", "text": "Ven a obra-1\nVen a obra-2", "jobs": ["obra-1", "obra-2"]}
    ]
    told.do("decide", NOON + 60)
    assert told.do("claim", NOON + 60) == []
    told.do("decide", NOON + 61)
    assert [json.loads(m["body"]) for m in told.do("claim", NOON + 61)] == [
        {"to": "beto", "text": "Ad obra-1\nAd obra-2", "jobs": ["obra-1", "obra-2"]}
    ]


def test_the_hours_of_lima(notifier: tuple[Notifier, bool]) -> None:
    told, _ = notifier
    for hour in range(48):
        moment = datetime(2026, 12, 31, tzinfo=LIMA) + timedelta(hours=hour, minutes=59)
        now = moment.timestamp()
        assert told.do("quiet", now) is not (8 <= moment.hour < 21)
        assert told.do("day", now) == str(moment.date())
        morning = moment.replace(hour=8, minute=0) + timedelta(days=1)
        assert told.do("tomorrow", now) == morning.timestamp()


def _jobs_of(messages: list[dict[str, str]]) -> list[list[str]]:
    return [json.loads(message["body"])["jobs"] for message in messages]


def test_more_news_of_a_day_waits_for_the_next_morning(notifier: tuple[Notifier, bool]) -> None:
    told, _ = notifier
    told.fresh()
    world = World()
    jobs: dict[str, str] = {}
    for revision in (1, 2, 3):  # one job more each time
        jobs[f"obra-{revision}"] = "send"
        told.do("ranking", "ana", _event(revision, jobs), world.now)
        world.ranked("ana", revision, str(revision), dict(jobs))
        assert _turn(told, world, ["sent"]) == (1 if revision == 1 else 0)
    world.now = NOON + 20 * HOUR
    assert _turn(told, world, ["sent"]) == 1
    assert [sorted(jobs) for jobs in world.told["ana"].values()] == [
        ["obra-1"],
        ["obra-2", "obra-3"],
    ]


def test_what_was_never_taken_on_its_day_is_decided_anew(notifier: tuple[Notifier, bool]) -> None:
    told, _ = notifier
    told.fresh()
    world = World()
    told.do("ranking", "ana", _event(1, {"obra-1": "send"}), world.now)
    world.ranked("ana", 1, "1", {"obra-1": "send"})
    assert _turn(told, world, ["later"]) == 1
    told.do("ranking", "ana", _event(2, {"obra-2": "send"}), world.now)
    world.now += DAY
    assert told.do("claim", world.now) == []
    told.do("decide", world.now + 60)
    assert _jobs_of(told.do("claim", world.now + 60)) == [["obra-2"]]


def test_what_may_have_been_taken_keeps_its_key(notifier: tuple[Notifier, bool]) -> None:
    """Whatever is said of another try: it may be the one that is known again."""
    told, keys = notifier
    told.fresh()
    told.do("ranking", "ana", _event(1, {"obra-1": "send"}), NOON)
    told.do("decide", NOON + 60)
    first = told.do("claim", NOON + 60)  # and dies
    second = told.do("claim", NOON + 121)
    assert second == (first if keys else [])
    told.do("settle", first[0]["key"], "later", NOON + 122)
    told.do("ranking", "ana", _event(2, {"obra-2": "send"}), NOON + 123)
    told.do("decide", NOON + 22 * HOUR)
    third = _jobs_of(told.do("claim", NOON + 22 * HOUR))
    assert third == ([["obra-1"]] if keys else [["obra-2"]])
    told.do("claim", NOON + 2 * DAY)
    states = told.do("rows", "SELECT body, state FROM messages")
    assert {"obra-1"} == {
        job
        for row in states
        if row["state"] == "unknown"
        for job in json.loads(row["body"])["jobs"]
    } - ({"obra-2"} if not keys else set())
