"""Others' code, as deploy/clients teaches it: publisher and notifier around the real matcher."""

from __future__ import annotations

import os
import random
from itertools import chain
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.e2e.conftest import Deploy
from tests.support.brokers import ROOT
from tests.support.clients.gateway import Gateway, gateway
from tests.support.clients.languages import LANGUAGES, language
from tests.support.clients.telling import Telling
from tests.support.deployment import Deployment
from tests.support.explainer import ExplainerProcess
from tests.support.kafka_io import read_all, wait_until
from tests.support.scenario import partition_of

SEED = int(os.environ.get("SCENARIO_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
SAMPLES = ROOT / "matcher_stream" / "samples"
PARTITIONS = 3  # no power of two: a hash's sign would show


def _samples(name: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (SAMPLES / name).read_bytes().splitlines()]


def _worth(event: dict[str, Any], told: set[str]) -> list[str]:
    """Jobs of a ranking that are news worth a message."""
    entries = event["entries"]
    return [e["job_id"] for e in entries if e["level"] == "send" and e["job_id"] not in told]


@pytest.mark.kafka_only
@pytest.mark.parametrize("name", LANGUAGES)
async def test_each_piece_of_news_is_sent_once(deploy: Deploy, tmp_path: Path, name: str) -> None:
    """Over a night and two days: notifiers killed, records again and late, a moody gateway."""
    print(f"SCENARIO_SEED={SEED}")
    spoken = language(name)
    deployment = await deploy(partitions=PARTITIONS)
    worker = deployment.start()[0]
    env = worker._env or {}
    explainer = ExplainerProcess(f"{deployment.prefix}-explainer", tmp_path, env)
    explainer.start()
    with gateway(SEED) as sms:
        told = Telling(spoken, deployment.broker, deployment.prefix, tmp_path, sms)
        # two do not always find together there: deploy/clients/README.md
        alone = deployment.broker.kind == "tansu"
        try:
            await _a_night_and_two_days(deployment, told, sms, 1 if alone else 2)
        finally:
            told.reap()
            explainer.reap()


async def _a_night_and_two_days(
    deployment: Deployment, told: Telling, sms: Gateway, count: int
) -> None:
    rng = random.Random(SEED)
    people, ads = _samples("people.jsonl"), _samples("jobs.jsonl")
    names = [person["profile_id"] for person in people]

    # the evening before: all is noted, nobody is woken
    told.go_to(0, 22, count)
    told.publish("jobs", ads[::2])
    told.publish("profiles", people)
    told.take_back("profiles", *names[:3])
    await deployment.drained()
    await _explained(told)
    await told.until_taken_in()
    assert sms.attempts == 0

    # the morning: whoever has news is told, once, whatever happens to notifiers
    rankings = await told.rankings()
    news = {who for who, event in rankings.items() if _worth(event, set())}
    assert len(news) > 8
    told.go_to(1, 9, count)
    await told.inject(_again(rng, await told.records(told.matches)))
    for least in sorted(rng.sample(range(2, len(news) - 2), 3)):
        await _kill_one(rng, told, sms, least)
    await told.until_told()
    assert sorted(message.to for message in sms.of("1")) == sorted(news)
    words = {r.json["sms"] for r in await told.records(told.explanations) if r.value}
    assert {line for message in sms.taken for line in message.text.split("\n")} <= words

    # later that day: new ads wait for tomorrow, somebody leaves
    told.publish("jobs", ads[1::2])
    gone = rng.sample(sorted(news), 3)
    told.take_back("profiles", *gone)
    await deployment.drained()
    await told.until_taken_in()
    await told.until_told()
    assert not {m.to for m in sms.of("1")[len(news) :]} & news  # theirs was this morning

    # the next day: what is new, or did not fit
    known = _told(sms)
    rankings = await told.rankings()
    worth = {who: _worth(event, known.get(who, set())) for who, event in rankings.items()}
    due = {who: jobs for who, jobs in worth.items() if jobs}
    assert len(due) > 3
    told.go_to(2, 9, count)
    await _kill_one(rng, told, sms, len(sms.taken) + 2)
    await told.until_told()
    assert sorted(message.to for message in sms.of("2")) == sorted(due)
    for message in sms.of("2"):
        assert set(due[message.to][:3]) <= set(message.jobs)
    assert not {m.to for m in sms.of("2")} & set(gone)
    _check_all(sms, await told.records(told.matches))
    for table in ("people", "told", "messages", "sentences"):
        left = {who for (who,) in told.rows(f"SELECT profile_id FROM {table}")}
        assert not left & {*names[:3], *gone}, table


async def _explained(told: Telling) -> None:
    """Wait until every entry has its sentence."""

    async def done() -> bool:
        rankings = await told.rankings()
        wanted = {
            f"{who}:{e['job_id']}" for who, event in rankings.items() for e in event["entries"]
        }
        there = {(r.key or b"").decode() for r in await told.records(told.explanations) if r.value}
        return wanted <= there and len(told.rows("SELECT 1 FROM sentences")) >= len(wanted)

    await wait_until(done, 60, "explanations of everything")


async def _kill_one(rng: random.Random, told: Telling, sms: Gateway, least: int) -> None:
    """When so many messages are out, one notifier dies at once and is started again."""

    async def reached() -> bool:
        told.check()
        return len(sms.taken) >= least

    await wait_until(reached, 60, f"{least} messages", every=0.01)
    victim = rng.choice(told.running)
    victim.kill9()
    victim.start()


def _again(rng: random.Random, records: list[Any]) -> list[Any]:
    """Some records once more, in any order: repeats, and revisions that no longer count."""
    live = [record for record in records if record.value is not None]
    return rng.sample(live, min(60, len(live)))


def _told(sms: Gateway) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for message in sms.taken:
        found.setdefault(message.to, set()).update(message.jobs)
    return found


def _check_all(sms: Gateway, records: list[Any]) -> None:
    """No job twice to anybody, no more than a message a day, nothing that matcher did not say."""
    assert not sms.wrong
    said: dict[str, set[str]] = {}
    for record in records:
        for entry in (record.json or {"entries": []})["entries"]:
            said.setdefault(record.key.decode(), set()).add(entry["job_id"])
    for who, jobs in _told(sms).items():
        mine = [message for message in sms.taken if message.to == who]
        assert len(list(chain(*(message.jobs for message in mine)))) == len(jobs), who
        assert len({message.day for message in mine}) == len(mine), who
        assert jobs <= said[who]
    assert sms.attempts > len(sms.taken), "the gateway was moody and nobody tried again"


@pytest.mark.parametrize("name", LANGUAGES)
async def test_the_publisher_meets_the_contract(deploy: Deploy, tmp_path: Path, name: str) -> None:
    """Partitions as Java's, headers, a null for what is gone; nothing of it is refused."""
    spoken = language(name)
    deployment = await deploy(partitions=PARTITIONS)
    with gateway(SEED) as sms:
        told = Telling(spoken, deployment.broker, deployment.prefix, tmp_path, sms)
        people = [f"persona-{n}-{'ñandú' * (n % 4)}" for n in range(40)]
        told.publish("profiles", ({"profile_id": p, "text": "albañil, 5 años"} for p in people))
        told.take_back("profiles", people[0])
        told.publish("jobs", [{"job_id": "obra", "title": "Albañil"}])
        told.take_back("jobs", "obra")
    profiles = await read_all(deployment.broker, deployment.names.profiles)
    for record in profiles:
        assert record.partition == partition_of(record.key or b"", PARTITIONS)
        assert record.headers["ce_type"] == b"pe.matcher.profiles.v1"
        assert record.headers["traceparent"].startswith(b"00-")
    mine = [r for r in profiles if r.key == people[0].encode()]
    assert [r.value is None for r in mine] == [False, True]
    assert {(r.json or {}).get("text") for r in profiles} == {"albañil, 5 años", None}
    jobs = await read_all(deployment.broker, deployment.names.jobs)
    assert [record.value is None for record in jobs] == [False, True]
