"""A random run of everything that happens to people and jobs, and what must be true after it."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiokafka.partitioner import murmur2

from models.reading.text import content_hash
from schemas import parse_job
from tests.support.bad_input import Topic, kinds_of, make_bad
from tests.support.kafka_io import Send
from tests.support.people_and_jobs import invent_job, invent_person, make_risky

DAY_MS = 86_400_000
EXCLUDING = ("applied", "dismissed", "reported", "hired")


def partition_of(key: bytes, partitions: int) -> int:
    """Where Java's and aiokafka's default partitioner put a key."""
    number: int = (murmur2(key) & 0x7FFFFFFF) % partitions
    return number


@dataclass(frozen=True, slots=True)
class Happening:
    """One record of the run.

    Attributes:
        topic: Which input.
        key: Its key.
        value: Its value.
        refused: Error classes of which its DLQ copy must name one; None if it is accepted.
        astray: Whether it is sent to a partition that is not its key's.
    """

    topic: Topic
    key: bytes | None
    value: bytes | None
    refused: frozenset[str] | None = None
    astray: bool = False

    def send(self, prefix: str, partitions: int) -> Send:
        """As a record for topics with this prefix and partition count."""
        partition = None
        if self.astray and self.key is not None:
            partition = (partition_of(self.key, partitions) + 1) % partitions
        elif self.key is None:
            partition = 0
        return Send(f"{prefix}.{self.topic}.v1", self.key, self.value, (), partition)


@dataclass(slots=True)
class Scenario:
    """The run and its outcome.

    Attributes:
        happenings: All records, in the order in which they are published.
        people: The last accepted profile of each person who was not erased.
        jobs: The last accepted ad of each job that was not withdrawn.
        erased: People who are gone.
        withdrawn: Jobs that are gone.
        excluded: Jobs that each person's feedback takes out of their ranking.
    """

    happenings: list[Happening] = field(default_factory=list)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    excluded: dict[str, set[str]] = field(default_factory=dict)

    @property
    def refused(self) -> list[int]:
        """Positions of the records that must be refused."""
        return [n for n, happening in enumerate(self.happenings) if happening.refused]

    def sends(self, prefix: str, partitions: int) -> list[Send]:
        """All records for topics with this prefix."""
        return [happening.send(prefix, partitions) for happening in self.happenings]

    def parts(self, count: int) -> list[Sequence[Happening]]:
        """The run cut into `count` stretches of about the same length."""
        size = -(-len(self.happenings) // count)
        return [self.happenings[i : i + size] for i in range(0, len(self.happenings), size)]


class _Writer:
    """Writes a scenario step by step, keeping track of what is in force."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.seed = seed
        self.now = int(time.time() * 1000)
        self.out = Scenario()
        self.count = 0
        # A null that went astray reaches its partition later than its neighbours: leave such keys.
        self.untouchable: set[str] = set()
        # Feedback and profiles are two topics: what is said of somebody who came back may be read
        # before their erasure, and then rightly goes with it.
        self.returned: set[str] = set()

    def add(self, topic: Topic, key: str, value: dict[str, Any] | None) -> None:
        raw = None if value is None else orjson.dumps(value)
        self.out.happenings.append(Happening(topic, key.encode(), raw))

    # -- people ---------------------------------------------------------------------------
    def new_person(self) -> None:
        self.count += 1
        name = f"p{self.seed}-{'ñandú-' if self.count % 17 == 0 else ''}{self.count}"
        self.put_person(invent_person(self.rng, name))

    def put_person(self, person: dict[str, Any]) -> None:
        self.out.people[person["profile_id"]] = person
        self.out.erased.discard(person["profile_id"])
        self.add("profiles", person["profile_id"], person)

    def some_person(self) -> str | None:
        names = [name for name in self.out.people if name not in self.untouchable]
        return self.rng.choice(names) if names else None

    def change_person(self) -> None:
        name = self.some_person()
        if name is None:
            return
        person = dict(self.out.people[name])
        roll = self.rng.random()
        if roll < 0.25:
            pass  # published again, unchanged
        elif roll < 0.5:
            person = invent_person(self.rng, name)
        elif roll < 0.6:
            person["status"] = "paused"
        elif roll < 0.7:
            person["status"] = "searching"
        elif roll < 0.76:
            person["valid_until"] = self.now - DAY_MS
        elif roll < 0.82:
            person["valid_until"] = self.now + self.rng.randint(2_000, 30_000)
        elif roll < 0.87:
            person["consent_matching"] = False
        elif roll < 0.9:
            person["text"] = "12 ?? --"
        else:
            person["place"] = "Distrito que nadie conoce"
            person.pop("ubigeo", None)
        self.put_person(person)

    def erase_person(self, *, astray: bool = False) -> None:
        name = self.some_person()
        if name is None:
            return
        del self.out.people[name]
        self.out.excluded.pop(name, None)
        self.out.erased.add(name)
        if astray:
            self.untouchable.add(name)
            self.out.happenings.append(
                Happening(
                    "profiles", name.encode(), None, frozenset({"wrong_partition"}), astray=True
                )
            )
        else:
            self.add("profiles", name, None)

    def return_person(self) -> None:
        """Somebody who was erased comes back, with nothing known about them."""
        names = sorted(n for n in self.out.erased - self.untouchable if n not in self._spoke)
        if names:
            name = self.rng.choice(names)
            self.returned.add(name)
            self.put_person(invent_person(self.rng, name))

    # -- jobs -----------------------------------------------------------------------------
    def new_job(self) -> None:
        self.count += 1
        name = f"j{self.seed}-{'peón-' if self.count % 19 == 0 else ''}{self.count}"
        job = invent_job(self.rng, name)
        if self.rng.random() < 0.04:
            job["expires_at"] = "2020-01-31"
        if self.rng.random() < 0.15:
            job = make_risky(self.rng, job)
        self.put_job(job)

    def put_job(self, job: dict[str, Any]) -> None:
        self.out.jobs[job["job_id"]] = job
        self.out.withdrawn.discard(job["job_id"])
        self.add("jobs", job["job_id"], job)

    def some_job(self) -> str | None:
        names = [name for name in self.out.jobs if name not in self.untouchable]
        return self.rng.choice(names) if names else None

    def change_job(self) -> None:
        name = self.some_job()
        if name is None:
            return
        job = dict(self.out.jobs[name])
        roll = self.rng.random()
        if roll < 0.25:
            pass
        elif roll < 0.4:
            job = invent_job(self.rng, name)
        elif roll < 0.48:
            job = make_risky(self.rng, invent_job(self.rng, name))
        elif roll < 0.6:
            job["status"] = "closed"
        elif roll < 0.7:
            job["status"] = "filled"
        elif roll < 0.82:
            job["status"] = "open"
        elif roll < 0.9:
            job["expires_at"] = self.now + self.rng.randint(2_000, 30_000)
        else:
            job["posted_at"] = self.now - 40 * DAY_MS
            job.pop("expires_at", None)
        self.put_job(job)

    def withdraw_job(self, *, astray: bool = False) -> None:
        name = self.some_job()
        if name is None:
            return
        del self.out.jobs[name]
        self.out.withdrawn.add(name)
        if astray:
            self.untouchable.add(name)
            self.out.happenings.append(
                Happening("jobs", name.encode(), None, frozenset({"wrong_partition"}), astray=True)
            )
        else:
            self.add("jobs", name, None)

    def return_job(self) -> None:
        names = sorted(self.out.withdrawn - self.untouchable)
        if names:
            self.put_job(invent_job(self.rng, self.rng.choice(names)))

    def decide(self) -> None:
        """A reviewer decides, mostly about the ad that stands, sometimes about an older one."""
        name = self.some_job()
        if name is None:
            return
        roll = self.rng.random()
        if roll < 0.1:
            self.add("decisions", name, None)
            return
        raw = orjson.dumps(self.out.jobs[name] if roll < 0.8 else invent_job(self.rng, name))
        content = content_hash(parse_job(name.encode(), raw)).hex()
        decision = self.rng.choice(("release", "release", "reject"))
        self.add("decisions", name, {"job_id": name, "decision": decision, "content_hash": content})

    # -- the rest -------------------------------------------------------------------------
    @property
    def _spoke(self) -> set[str]:
        return {
            (h.key or b"").decode()
            for h in self.out.happenings
            if h.topic == "feedback" and h.refused is None
        }

    def feedback(self) -> None:
        person, job = self.some_person(), self.some_job()
        if person is None or job is None or person in self.returned:
            return
        kind = self.rng.choices(EXCLUDING, (5, 5, 3, 1))[0]
        self.out.excluded.setdefault(person, set()).add(job)
        self.add("feedback", person, {"profile_id": person, "job_id": job, "kind": kind})

    def bad(self, kind: str | None = None) -> None:
        topic: Topic = self.rng.choice(("profiles", "jobs", "feedback", "decisions"))
        self.count += 1
        name = f"malo{self.seed}-{self.count}"
        if topic != "feedback" and self.rng.random() < 0.5:
            # A bad record about somebody we know: what was accepted last stays in force.
            known = self.some_person() if topic == "profiles" else self.some_job()
            name = known or name
        made = make_bad(kind or self.rng.choice(kinds_of(topic, small=True)), topic, name)
        self.out.happenings.append(Happening(topic, made.key, made.value, made.codes))

    def astray(self) -> None:
        """A good record in the wrong partition, about somebody new: refused, nothing else."""
        self.count += 1
        person = invent_person(self.rng, f"perdido{self.seed}-{self.count}")
        self.out.happenings.append(
            Happening(
                "profiles",
                person["profile_id"].encode(),
                orjson.dumps(person),
                frozenset({"wrong_partition"}),
                astray=True,
            )
        )


def make_scenario(seed: int, people: int = 300, jobs: int = 200, share: float = 0.6) -> Scenario:
    """A run of at least `people` x `jobs`.

    Args:
        seed: The same seed makes the same run (but for dates, which count from now).
        people: People who appear.
        jobs: Jobs that appear.
        share: Later happenings, as a share of the appearances.
    """
    writer = _Writer(seed)
    later = int((people + jobs) * share)
    actions = (
        writer.change_person,
        writer.erase_person,
        writer.return_person,
        writer.change_job,
        writer.withdraw_job,
        writer.return_job,
        writer.decide,
        writer.feedback,
        writer.bad,
        writer.astray,
        lambda: writer.erase_person(astray=True),
        lambda: writer.withdraw_job(astray=True),
    )
    weights = (24, 6, 3, 24, 6, 3, 12, 20, 10, 2, 1, 1)
    steps = [writer.new_person] * people + [writer.new_job] * jobs
    steps += writer.rng.choices(actions, weights, k=later)
    writer.rng.shuffle(steps)
    for step in steps:
        step()
    for kind in ("5 MB text", "deep nesting"):
        writer.bad(kind)
    # At least one of each of the rare ones, whatever the dice said.
    writer.erase_person(astray=True)
    writer.withdraw_job(astray=True)
    writer.astray()
    return writer.out
