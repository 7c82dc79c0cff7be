"""What time things take: the matcher keeps its pace whatever is beside it or among its input."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.e2e.conftest import Deploy
from tests.support.bad_input import kinds_of, make_bad
from tests.support.deployment import Deployment
from tests.support.explainer import Explaining
from tests.support.fake_llm import fake_llm
from tests.support.kafka_io import Send, lag, last_by_key, publish_all, wait_until
from tests.support.people_and_jobs import invent_job, invent_person

PEOPLE, JOBS = 250, 80
LEAST = 0.5
"""Of the matcher's pace alone: two processes share two cores, and each may have one."""


def _person(rng: random.Random, name: str) -> dict[str, Any]:
    person = invent_person(rng, name)
    # no two texts alike, so that each phase encodes as much as the others
    return {**person, "text": f"{person['text']} Código {name}.", "consent_llm": True}


async def _pace(on: Deployment, rng: random.Random, phase: str) -> float:
    """People matched in a second: from the first profile's arrival to the last one's ranking."""
    names = [f"{phase}{n}" for n in range(PEOPLE)]
    sends = [
        Send(on.names.profiles, name.encode(), orjson.dumps(_person(rng, name))) for name in names
    ]
    await publish_all(on.broker, sends)
    await on.drained()
    matched = await last_by_key(on.broker, on.names.matches)
    asked = await last_by_key(on.broker, on.names.profiles)
    keys = [name.encode() for name in names]
    started = min(asked[key].timestamp for key in keys)
    ended = max(matched[key].timestamp for key in keys)
    return PEOPLE / ((ended - started) / 1000)


@pytest.mark.alone
@pytest.mark.kafka_only
async def test_the_matcher_keeps_its_pace(deploy: Deploy, tmp_path: Path) -> None:
    deployment = await deploy()
    deployment.start()
    rng = random.Random(7)
    jobs = [
        Send(deployment.names.jobs, f"j{n}".encode(), orjson.dumps(invent_job(rng, f"j{n}")))
        for n in range(JOBS)
    ]
    await publish_all(deployment.broker, jobs)
    await deployment.drained()
    await _pace(deployment, rng, "warm")
    alone = [await _pace(deployment, rng, "a")]
    paces: dict[str, float] = {}
    async with fake_llm() as llm:
        explaining = Explaining(
            deployment.broker, tmp_path, topic_prefix=deployment.prefix,
            partitions=deployment.settings.partitions,
            llm_base_url=llm.base_url, llm_api_key="sk-test",
        )  # fmt: skip
        await explaining.create_topics()
        try:
            (worker,) = explaining.start()

            async def caught_up() -> bool:
                return not await lag(
                    deployment.broker, explaining.app_id, [explaining.names.matches]
                )

            for mode in ("ok", "hang", "rate_limited"):
                llm.mode = mode
                await wait_until(caught_up, 60, "the explainer at the end of the matches")
                paces[mode] = await _pace(deployment, rng, mode)
            assert worker.alive
            assert worker.metric("matcher_explanations_total", writer="template") > 0
        finally:
            explaining.reap()
    alone.append(await _pace(deployment, rng, "b"))
    usual = sum(alone) / len(alone)
    told = ", ".join(f"{mode} {pace / usual:.2f}" for mode, pace in paces.items())
    print(f"matcher alone {usual:.0f} people/s; with the explainer, share of that: {told}")
    assert min(paces.values()) >= LEAST * usual


@pytest.mark.alone
@pytest.mark.embedded_only
async def test_bad_input_costs_no_more_than_its_share(deploy: Deploy) -> None:
    """As many bad records as good ones between them: at most twice the time, and some noise."""
    on = await deploy()
    on.start(BROKER_COMMIT_INTERVAL="0.2")  # so that rest is seen soon
    rng = random.Random(1)
    count, name = 400, on.names.profiles

    def people(first: str) -> list[Send]:
        made = [invent_person(rng, f"{first}-{n}") for n in range(count)]
        for number, person in enumerate(made):  # no text twice, so that each is embedded
            person["text"] += f" Calle {first} {number}, manzana {rng.randint(1, 10**6)}."
        return [Send(name, p["profile_id"].encode(), orjson.dumps(p)) for p in made]

    async def seconds(sends: list[Send]) -> float:
        await on.drained()
        started = time.monotonic()
        await publish_all(on.broker, sends)
        await on.drained()
        return time.monotonic() - started

    await seconds(people("i"))  # the first batches are slower
    alone = await seconds(people("j"))
    kinds = kinds_of("profiles", small=True)
    bad = [make_bad(rng.choice(kinds), "profiles", f"malo-j-{n}") for n in range(count)]
    between = [Send(name, b.key, b.value, (), None if b.key else 0) for b in bad]
    mixed = await seconds([s for pair in zip(people("k"), between, strict=True) for s in pair])
    print(f"{count} good ones: {alone:.1f} s, with as many bad ones: {mixed:.1f} s")
    assert mixed < 2 * alone * 1.15
    await on.verified(sample=0)
