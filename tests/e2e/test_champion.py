"""A challenger in the shadow is promoted and rolled back, under load, while workers are killed."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from itertools import groupby, pairwise

import pytest

from matcher_stream.champion.gates import Case, caught_up
from matcher_stream.champion.naming import aliases, handed_over, name_deployment
from matcher_stream.champion.running import rules_of
from matcher_stream.cli.aliases import promoted, rolled_back
from matcher_stream.verify.reading import broker_reader
from models.ranking.event_bodies import epoch_of
from tests.e2e.conftest import Deploy
from tests.support.deployment import Deployment
from tests.support.kafka_io import Record, last_by_key, read_all
from tests.support.scenario import Happening, make_scenario

SEED = int(os.environ.get("SCENARIO_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
#: What docs promise of a machine with nothing else to do, twice over: other tests run beside.
EFFECT_SECONDS = 60.0


class Town:
    """The champion, a challenger that ranks otherwise, and what is published to both."""

    def __init__(self, old: Deployment, new: Deployment, rng: random.Random) -> None:
        self.old, self.new, self.rng = old, new, rng

    async def verified(self) -> None:
        """Both are at rest, and what each said follows from the inputs."""
        await self.old.verified(sample=0)
        await self.new.verified(sample=0)

    async def changes(
        self, to: Deployment, before: Deployment, during: Sequence[Happening], kills: int
    ) -> float:
        """Name `to` while records come and workers die; returns seconds until it spoke for all."""
        flowing = asyncio.create_task(self.old.publish(during, rate=15.0))
        killing = asyncio.create_task(self.kill(kills))
        fields = {"deployment": to.app_id, "previous": before.app_id, "by": "Rosa"}
        started = time.monotonic()
        record = await name_deployment(to.settings, "champion", fields)
        done = await handed_over(to.settings, to.app_id, record, 240.0)
        took = time.monotonic() - started
        await killing
        await flowing
        assert done == to.settings.partitions, self.old.tails() + self.new.tails()
        return took

    async def kill(self, times: int) -> None:
        """Kill anybody, as soon as they take part, and start them again."""
        for _ in range(times):
            await asyncio.sleep(self.rng.uniform(0.5, 4.0))
            victim = self.rng.choice([*self.old.running, *self.new.running])
            print("killed", victim.name)
            await asyncio.to_thread(victim.kill9)
            victim.start()
            await asyncio.to_thread(victim.wait_ready)


async def _town(deploy: Deploy, rng: random.Random) -> Town:
    old = await deploy()
    new = await deploy(beside=old, deployment="b", shadow=True, score_threshold=0.55, top_k=5)
    town = Town(old, new, rng)
    await asyncio.to_thread(old.start)
    await asyncio.to_thread(new.start)
    return town


def _by_key(records: list[Record]) -> dict[bytes | None, list[Record]]:
    found: defaultdict[bytes | None, list[Record]] = defaultdict(list)
    for record in records:
        found[record.key].append(record)
    return found


async def _check_public(town: Town, turns: int) -> None:
    """In every log of the public: revisions grow, each epoch is one deployment's, in turns."""
    names, broker = town.old.names, town.old.broker
    speakers: defaultdict[int, set[bytes]] = defaultdict(set)
    for topic in (names.matches, names.candidates):
        for key, records in _by_key(await read_all(broker, topic)).items():
            events = [record for record in records if record.value is not None]
            for before, after in pairwise(events):
                first, then = before.json, after.json
                assert first["revision"] <= then["revision"], (topic, key)
                same = first["event_id"] == then["event_id"]
                assert same or first["revision"] < then["revision"], (topic, key)
            for record in events:
                speakers[epoch_of(record.json["revision"])].add(record.headers["ce_source"])
    assert all(len(who) == 1 for who in speakers.values()), speakers
    order = [next(iter(speakers[epoch])) for epoch in sorted(speakers)]
    both = (town.old.app_id.encode(), town.new.app_id.encode())
    assert [who for who, _ in groupby(order)] == [both[i % 2] for i in range(turns)], speakers


async def _everybody_is_told(town: Town) -> None:
    """Who is published has a ranking, who is not has none."""
    names, broker = town.old.names, town.old.broker
    people = await last_by_key(broker, names.profiles)
    told = await last_by_key(broker, names.matches)
    alive = {key for key, record in told.items() if record.value is not None}
    published = {key for key, record in people.items() if record.value is not None}
    assert alive <= published
    refused = {record.key for record in await read_all(broker, names.dlq(names.profiles))}
    assert published - alive <= refused


@pytest.mark.parametrize(
    ("kills", "people", "jobs"),
    [
        pytest.param(2, 60, 40, id="short", marks=pytest.mark.kafka_only),
        pytest.param(6, 150, 100, id="longer", marks=pytest.mark.soak),
    ],
)
async def test_promotion_and_rollback_under_load(
    deploy: Deploy, kills: int, people: int, jobs: int
) -> None:
    print(f"SCENARIO_SEED={SEED}")
    rng = random.Random(SEED)
    town = await _town(deploy, rng)
    first, second, third = make_scenario(SEED, people, jobs).parts(3)
    await town.old.publish(first)
    await town.verified()
    sources = {
        r.headers.get("ce_source") or r.headers.get("dlq_consumer_group")
        for r in await _public(town)
        if r.value is not None
    }
    assert sources == {town.old.app_id.encode()}, "the shadow wrote to a public topic"
    shadow = await read_all(town.old.broker, town.new.names.shadow(town.new.names.matches))
    assert shadow
    verdict = await caught_up(Case(town.new.settings, town.new.app_id, town.old.app_id, "Rosa"))
    assert verdict.ok, verdict

    took = await town.changes(town.new, town.old, second, kills)
    print(f"promotion under load took {took:.1f} s")
    await town.verified()
    await _everybody_is_told(town)

    flowing = asyncio.create_task(town.old.publish(third, rate=15.0))
    started = time.monotonic()
    assert await rolled_back(town.old.settings, "Rosa", None, 240.0) == 0
    took = time.monotonic() - started
    await flowing
    print(f"rollback under load took {took:.1f} s")
    for worker in (*town.old.workers, *town.new.workers):
        for line in worker.log.read_text(errors="replace").splitlines():
            if "handed over" in line or "this deployment is" in line.lower():
                print(worker.name[-9:], line)
    assert took < EFFECT_SECONDS
    await town.verified()
    await _everybody_is_told(town)
    await _check_public(town, 3)
    again = partial(promoted, town.new.settings, town.new.app_id, "Rosa", "otra vez", 240.0)
    assert await again() == 1, "it has other settings, and nobody compared what they do"
    assert await again(accepted=frozenset({"comparación"})) == 0
    async with broker_reader(town.new.settings) as reader:
        found = await aliases(reader, town.new.names)
    assert found["champion"].rules == rules_of(town.new.settings)
    await town.verified()

    killing = asyncio.create_task(town.kill(kills))
    assert await rolled_back(town.old.settings, "Rosa", "mientras mueren", 240.0) == 0
    await killing
    await town.verified()
    await _everybody_is_told(town)
    await _check_public(town, 5)


async def _public(town: Town) -> list[Record]:
    """All that lies in public topics but for inputs: of those, what is no publisher's."""
    names, broker = town.old.names, town.old.broker
    return await read_all(broker, *names.spoken, *names.letters, names.explanations)
