"""Records that somebody waits for are handed out before those that were fetched before them."""

from __future__ import annotations

from collections import Counter
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

ADS, PEOPLE, POLL = 60, 25, 10


async def _at_hand(consumer: AIOKafkaConsumer, *topics: str) -> None:
    """Wait until the fetcher holds records of these topics that nobody was given yet."""

    async def held() -> bool:
        return set(topics) <= {tp.topic for tp in consumer._fetcher._records}

    await wait_until(held, 20, f"Fetching of {topics}")


@pytest.mark.embedded_only
async def test_people_are_handed_out_before_the_ads_at_hand_every_other_time(
    broker: Broker, deploy: Deploy, tmp_path: Path
) -> None:
    deployment = await deploy()
    names, partitions = deployment.names, range(deployment.settings.partitions)
    app = faust.App("fetching", broker=f"aiokafka://{broker.url}", datadir=str(tmp_path))
    app.transport = FirstTopicsTransport(app, {names.profiles})
    thread = cast(Any, app.consumer)._thread  # not started: its work is done here
    thread.thread_loop.close()
    await publish_all(broker, [Send(names.jobs, f"j{i}".encode(), b"{}") for i in range(ADS)])
    async with consuming(broker) as consumer:
        topics = names.jobs, names.profiles
        consumer.assign([TopicPartition(topic, p) for topic in topics for p in partitions])
        await _at_hand(consumer, names.jobs)
        people = [Send(names.profiles, f"p{i}".encode(), b"{}", partition=0) for i in range(PEOPLE)]
        await publish_all(broker, people)
        await _at_hand(consumer, names.jobs, names.profiles)
        handed: list[Counter[str]] = []
        while sum(polled.total() for polled in handed) < ADS + PEOPLE:
            found = await thread._fetch_records(
                consumer, {TP(*tp) for tp in consumer.assignment()}, timeout=20, max_records=POLL
            )
            handed.append(Counter(tp.topic for tp, records in found.items() for _ in records))
    assert handed[0].keys() == {names.profiles}, "who came last is handed out first"
    assert handed[1] == {names.jobs: POLL}, "and then those who came before"
    assert sum(handed, Counter()) == {names.profiles: PEOPLE, names.jobs: ADS}
