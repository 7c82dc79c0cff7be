"""Bad records by the thousand on every topic that a worker reads.

Each is in the dead letters under its coordinates; the good ones between them count as if there
were no others.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import orjson
import pytest

from schemas.base import MAX_MS, MIN_MS
from tests.e2e.conftest import Deploy
from tests.e2e.test_crashes import SEED
from tests.support.bad_input import Topic, kinds_of, make_bad
from tests.support.bad_internal import FANOUT, PARTIALS, WORK, made
from tests.support.brokers import KafkaBroker
from tests.support.deployment import Deployment
from tests.support.kafka_io import MAX_RECORD, Record, Send, publish_all, read_all
from tests.support.people_and_jobs import invent_person
from tests.support.scenario import Scenario, make_scenario, partition_of

At = tuple[str, int, int]
STAMPS = (0, 1, MIN_MS - 1)
#: Apache Kafka refuses these to a publisher, unless a topic says otherwise: older brokers do not.
LATER = (MAX_MS, 1_790_000_000_000_000, 2**62)
HEADERS = ("forwarded_ts", "traceparent", "job_version", "cause", "origin_ts", "ce_id", "x")
VALUES = (b"", b"\xff", b"9" * 30, b"-1", b"1790000000000", b"0:0", b"x" * 5_000)
SLICE = 400
"""Records published together, compressed or not."""


@dataclass(frozen=True, slots=True)
class Poison:
    """A record, and the error classes of which its letter names one; None if it is good."""

    send: Send
    codes: frozenset[str] | None


def _headers(rng: random.Random) -> list[tuple[str, bytes]]:
    """Headers of ours, as a publisher might set them."""
    return [(rng.choice(HEADERS), rng.choice(VALUES)) for _ in range(rng.randint(0, 3))]


class _Poisoner:
    """Makes bad records.

    Args:
        on: The matcher.
        scenario: Good records, whose keys bad ones take too.
        internal: Good records of internal topics.
        stamps: Timestamps that the broker takes and we do not.
    """

    def __init__(
        self,
        on: Deployment,
        scenario: Scenario,
        internal: dict[str, list[Record]],
        stamps: tuple[int, ...],
    ) -> None:
        self._rng = random.Random(SEED)
        self._on, self._internal, self._stamps = on, internal, stamps
        self._known = {"jobs": list(scenario.jobs), "decisions": list(scenario.jobs)}
        self._known |= {"profiles": list(scenario.people), "feedback": list(scenario.people)}

    def make(self, count: int) -> Iterator[Poison]:
        """So many, of all kinds."""
        ways = (self._input, self._input, self._stamped, self._astray, self._inside)
        for number in range(count):
            yield self._rng.choice(ways)(number)

    def large(self, count: int) -> Iterator[Poison]:
        """What only compression makes fit."""
        for number in range(count):
            topic = ("profiles", "jobs")[number % 2]
            name = getattr(self._on.names, topic)
            value = b'{"text":"' + b"a" * (20 << 20) + b'"}'
            yield Poison(Send(name, b"enorme-%d" % number, value), frozenset({"too_large"}))

    def _topic(self) -> tuple[Topic, str]:
        topic: Topic = self._rng.choice(get_args(Topic))
        return topic, f"{self._on.prefix}.{topic}.v1"

    def _name(self, topic: str, number: int) -> str:
        """A stranger's, or that of somebody whose last accepted version stays in force."""
        known = self._known[topic]
        return self._rng.choice(known) if self._rng.random() < 0.3 else f"malo-{number}"

    def _input(self, number: int) -> Poison:
        topic, full = self._topic()
        small = self._rng.random() > 0.002
        kind = self._rng.choice(kinds_of(topic, small=small))
        bad = make_bad(kind, topic, self._name(topic, number))
        where = 0 if bad.key is None else None
        return Poison(Send(full, bad.key, bad.value, _headers(self._rng), where), bad.codes)

    def _stamped(self, number: int) -> Poison:
        topic, full = self._topic()
        key, value = self._good(topic, f"sello-{number}")
        if topic in ("profiles", "jobs") and self._rng.random() < 0.2:
            value = None
        stamp, codes = self._rng.choice(self._stamps), frozenset({"invalid_timestamp"})
        return Poison(Send(full, key, value, _headers(self._rng), None, stamp), codes)

    def _astray(self, number: int) -> Poison:
        topic, full = self._topic()
        key, value = self._good(topic, f"perdido-{number}")
        partitions = self._on.settings.partitions
        where = (partition_of(key, partitions) + self._rng.randint(1, partitions - 1)) % partitions
        if self._rng.random() < 0.2:
            value = None  # forwarded too, and erases a stranger
        codes = frozenset({"wrong_partition"})
        return Poison(Send(full, key, value, _headers(self._rng), where), codes)

    def _good(self, topic: Topic, name: str) -> tuple[bytes, bytes | None]:
        """A record with which nothing else is wrong."""
        value: dict[str, Any] = {
            "profiles": invent_person(self._rng, name),
            "jobs": {"job_id": name, "title": "Albañil"},
            "feedback": {"profile_id": name, "job_id": "j", "kind": "applied"},
            "decisions": {"job_id": name, "decision": "release", "content_hash": "0" * 32},
        }[topic]
        return name.encode(), orjson.dumps(value)

    def _inside(self, _: int) -> Poison:
        topic, makers = self._rng.choice(
            (("job_fanout", FANOUT), ("candidates_partial", PARTIALS), ("work", WORK))
        )
        kind = self._rng.choice(sorted(makers))
        while kind == "large" and self._rng.random() > 0.05:
            kind = self._rng.choice(sorted(makers))
        good = self._rng.choice(self._internal[topic])
        return Poison(made(makers[kind], good), frozenset())


async def _internal(on: Deployment) -> dict[str, list[Record]]:
    """Good records of internal topics."""
    found: dict[str, list[Record]] = {}
    for topic in ("job_fanout", "candidates_partial", "work"):
        records = await read_all(on.broker, getattr(on.names, topic))
        found[topic] = [record for record in records if record.value is not None][:200]
        assert found[topic], topic
    return found


def _woven(rng: random.Random, bad: list[Poison], good: list[Poison]) -> list[Poison]:
    """Bad and good ones between each other, each in their order."""
    order = [True] * len(bad) + [False] * len(good)
    rng.shuffle(order)
    left = {True: iter(bad), False: iter(good)}
    return [next(left[which]) for which in order]


async def _publish(on: Deployment, records: list[Poison]) -> list[At]:
    """Publish in order, in batches that are compressed or not."""
    landed: list[At] = []
    for number, start in enumerate(range(0, len(records), SLICE)):
        part = [record.send for record in records[start : start + SLICE]]
        large = max(len(send.value or b"") for send in part) > MAX_RECORD
        compressed = on.broker.kind == "kafka" and (large or number % 2)
        landed += await publish_all(on.broker, part, compression="gzip" if compressed else None)
    return landed


def _letter_of(record: Record) -> At:
    headers = {name: value.decode() for name, value in record.headers.items()}
    return headers["dlq_topic"], int(headers["dlq_partition"]), int(headers["dlq_offset"])


def _same(letter: Record, send: Send) -> bool:
    """Whether a letter holds the bytes that were sent, or the hash of what is too large."""
    for name, had, sent in (("key", letter.key, send.key), ("value", letter.value, send.value)):
        digest = letter.headers.get(f"dlq_{name}_sha256")
        if digest is not None:
            if sent is None or hashlib.sha256(sent).hexdigest().encode() != digest:
                return False
        elif had != sent:
            return False
    return True


@pytest.mark.kafka_only
@pytest.mark.parametrize(
    ("count", "workers", "people", "jobs"),
    [
        pytest.param(2_000, 1, 80, 60, id="short"),
        pytest.param(50_000, 2, 1_200, 600, id="soak", marks=pytest.mark.soak),
    ],
)
async def test_every_bad_record_is_a_letter_and_every_good_one_counts(
    deploy: Deploy, tmp_path: Path, count: int, workers: int, people: int, jobs: int
) -> None:
    print(f"SCENARIO_SEED={SEED}")
    on = await deploy(exposure=0.2, exposure_free=1.0)
    stamps: tuple[int, ...] = STAMPS
    if isinstance(on.broker, KafkaBroker) and count > 10_000:
        stamps += LATER
        for topic in on.inputs:
            on.broker.configure_topic(topic, "message.timestamp.after.max.ms", str(2**63 - 1))
    on.start(workers)
    scenario = make_scenario(SEED, people, jobs)
    first, *rest = scenario.parts(4)
    begun = await on.publish(first)
    await on.drained(600)
    poisoner = _Poisoner(on, scenario, await _internal(on), stamps)
    good = [
        Poison(h.send(on.prefix, on.settings.partitions), h.refused) for part in rest for h in part
    ]
    records = _woven(random.Random(SEED), list(poisoner.make(count)), good)
    if on.broker.kind == "kafka":
        records += poisoner.large(2 + count // 5_000)
    landed = await _publish(on, records)
    await on.drained(3_600)
    assert [worker.exit_code for worker in on.workers] == [None] * workers
    must = {
        at: record for at, record in zip(landed, records, strict=True) if record.codes is not None
    }
    earlier = {at for at, h in zip(begun, first, strict=True) if h.refused}
    await _accounted(on, must, earlier)
    report = await on.verified(1_800)
    held = report.held
    assert held is not None
    assert set(held.people) == set(scenario.people)
    assert set(held.jobs) == set(scenario.jobs)
    for name, excluded in scenario.excluded.items():
        assert set(held.exclusions.get(name, {})) == excluded, name
    await _restarted(on)


async def _accounted(on: Deployment, must: dict[At, Poison], earlier: set[At]) -> None:
    """Every bad record has its one letter, or has left its topic before it was read: a broker
    compacts, and a record of 1970 ends a segment at once. Nothing else has a letter.
    """
    letters: dict[At, list[Record]] = {}
    for topic in on.names.read:
        for letter in await read_all(on.broker, on.names.dlq(topic)):
            letters.setdefault(_letter_of(letter), []).append(letter)
    print("letters by class:", Counter(
        letter.headers["dlq_error_class"].decode() for found in letters.values() for letter in found
    ).most_common())  # fmt: skip
    assert not letters.keys() - must.keys() - earlier, "a letter of a good record"
    missing = must.keys() - letters.keys()
    if missing:
        there = {
            r.at for topic in {at[0] for at in missing} for r in await read_all(on.broker, topic)
        }
        assert not missing & there, f"{len(missing & there)} bad records without a letter"
    print(f"bad records: {len(must)}, letters: {len(letters)}, compacted unread: {len(missing)}")
    for at in must.keys() & letters.keys():
        (letter,), poison = letters[at], must[at]
        code = letter.headers["dlq_error_class"].decode()
        assert not poison.codes or code in poison.codes, (at, code, poison.codes)
        assert letter.partition == at[1]
        assert _same(letter, poison.send), at
        stamp = int(letter.headers["dlq_timestamp"])
        assert poison.send.timestamp in (None, stamp) or stamp > 2**53, at


async def _restarted(on: Deployment) -> None:
    """What was stored can be read again, and a good record behind it all is answered."""
    worker = on.running[0]
    worker.stop()
    worker.data.rename(worker.data.with_suffix(".old"))
    worker.start()
    worker.wait_ready(300)
    person = {"profile_id": "despues", "text": "albañil, asiento ladrillo"}
    key = b"despues"
    await publish_all(on.broker, [Send(on.names.profiles, key, orjson.dumps(person))])
    await on.verified(600, sample=0)
    matches = [r for r in await read_all(on.broker, on.names.matches) if r.key == key]
    assert matches
    for one in on.workers:
        assert "CRITICAL" not in one.log.read_text(errors="replace")
