"""Records that somebody waits for are handed out before those that were fetched before them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import faust
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from faust.types import TP

from matcher_stream.runtime.fetching import FirstTopicsTransport
from tests.e2e.conftest import Deploy
from tests.support.brokers import Broker
from tests.support.kafka_io import Send, consuming, publish_all, wait_until

ADS = 300


async def _at_hand(consumer: AIOKafkaConsumer, *topics: str) -> None:
    """Wait until the fetcher holds records of these topics that nobody was given yet."""

    async def held() -> bool:
        return set(topics) <= {tp.topic for tp in consumer._fetcher._records}

    await wait_until(held, 20, f"Fetching of {topics}")


@pytest.mark.embedded_only
async def test_a_person_is_handed_out_before_the_ads_at_hand(
    broker: Broker, deploy: Deploy, tmp_path: Path
) -> None:
    deployment = await deploy()
    names, partitions = deployment.names, range(deployment.settings.partitions)
    app = faust.App("fetching", broker=f"aiokafka://{broker.url}", datadir=str(tmp_path))
    app.transport = FirstTopicsTransport(app, {names.profiles})
    thread = cast(Any, app.consumer)._thread  # not started: its work is done here
    thread.thread_loop.close()
    ads = [Send(names.jobs, f"j{i}".encode(), b"{}") for i in range(ADS)]
    await publish_all(broker, ads)
    async with consuming(broker) as consumer:
        topics = names.jobs, names.profiles
        consumer.assign([TopicPartition(topic, p) for topic in topics for p in partitions])
        await _at_hand(consumer, names.jobs)
        await publish_all(broker, [Send(names.profiles, b"somebody", b"{}")])
        await _at_hand(consumer, names.jobs, names.profiles)
        handed: list[list[Any]] = []
        while sum(map(len, handed)) <= ADS:
            found = await thread._fetch_records(
                consumer, {TP(*tp) for tp in consumer.assignment()}, timeout=20, max_records=100
            )
            handed.append([record for records in found.values() for record in records])
    assert [record.key for record in handed[0]] == [b"somebody"]
    assert {record.topic for records in handed[1:] for record in records} == {names.jobs}
    assert max(map(len, handed)) == 100, "few enough that who comes now does not wait for long"
