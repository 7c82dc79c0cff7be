"""A worker that stands still for a while, at the settings that ship, and then goes on."""

from __future__ import annotations

import asyncio
import random
import time
from itertools import pairwise

import pytest

from matcher_stream.config.settings import Settings
from tests.e2e.conftest import Deploy
from tests.e2e.test_crashes import SEED
from tests.support.deployment import Deployment, check_outcome
from tests.support.kafka_io import Record, read_all
from tests.support.scenario import make_scenario

RATE = 12.0
"""Happenings a second while it stands still, and before and after."""
AROUND = 25.0


@pytest.mark.soak
@pytest.mark.kafka_only
@pytest.mark.parametrize("seconds", [30, 60, 120])
async def test_who_stood_still_comes_back_and_has_written_nothing_wrong(
    deploy: Deploy, seconds: int
) -> None:
    """30 s is the session: the group may or may not have noticed. Nobody ends itself."""
    print(f"SCENARIO_SEED={SEED}")
    deployment = await deploy(session_timeout=Settings().session_timeout)
    frozen, other = deployment.start(2)
    count = int(RATE * (seconds + 2 * AROUND) / 1.6)
    scenario = make_scenario(SEED, int(count * 0.6), int(count * 0.4))
    flowing = asyncio.create_task(deployment.publish(scenario.happenings, rate=RATE))
    await asyncio.sleep(AROUND + random.Random(SEED).random())
    frozen.freeze()
    await asyncio.sleep(seconds)
    frozen.thaw()
    thawed = time.monotonic()
    landed = await flowing
    report = await deployment.verified(600)
    print("\n".join(report.lines()))
    print(f"verified {time.monotonic() - thawed:.0f} s after the thaw")
    assert frozen.exit_code is None, frozen.tail()
    assert other.exit_code is None, other.tail()
    assert frozen.ready
    check_outcome(scenario, landed, report)
    await _in_order(deployment)
    for line in frozen.log.read_text(errors="replace").splitlines():
        if "rozen" in line or "leaves" in line:
            print(line)


async def _in_order(deployment: Deployment) -> None:
    """Each person's events come in order of revision, and one revision says one thing."""
    told: dict[bytes | None, list[Record]] = {}
    for record in await read_all(deployment.broker, deployment.names.matches):
        told.setdefault(record.key, []).append(record)
    for key, records in told.items():
        events = [record.json for record in records if record.value is not None]
        for before, after in pairwise(events):
            assert before["revision"] <= after["revision"], key
            if before["revision"] == after["revision"]:
                assert before["event_id"] == after["event_id"], key
