"""What we need of a broker, whichever it is."""

from __future__ import annotations

import logging
import uuid

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import InvalidTimestampError

from matcher_stream.config import topics
from matcher_stream.config.contract import DAY_MS, TopicNames, TopicSpec, public_specs
from matcher_stream.config.settings import Settings
from tests.support.brokers import Broker
from tests.support.kafka_io import (
    Send,
    committed,
    consuming,
    end_offsets,
    lag,
    last_by_key,
    publish_all,
    read_all,
)


async def _topic(broker: Broker, partitions: int = 3) -> str:
    name = f"t-{uuid.uuid4().hex[:8]}"
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.url)
    await admin.start()
    try:
        config = {"max.message.bytes": str(9_000_000)}
        await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=config)])
    finally:
        await admin.close()
    return name


async def test_keeps_records_as_they_were_sent(broker: Broker) -> None:
    topic = await _topic(broker)
    sends = [Send(topic, b"k%d" % (n % 7), b"v%d" % n, [("h", b"%d" % n)]) for n in range(50)]
    sends.append(Send(topic, b"k3", None, [("gone", b"\x00\xff")]))
    sends.append(Send(topic, None, b"\xff\xfe not text", partition=2))
    sends.append(Send(topic, b"big", b"x" * 5_000_000))
    landed = await publish_all(broker, sends)
    records = {r.at: r for r in await read_all(broker, topic)}
    assert len(records) == len(sends)
    for send, at in zip(sends, landed, strict=True):
        record = records[at]
        assert (record.key, record.value) == (send.key, send.value)
        assert record.headers == dict(send.headers)
    last = await last_by_key(broker, topic)
    assert last[b"k3"].value is None
    assert last[b"k5"].value == b"v47"


async def test_order_within_a_key_is_kept(broker: Broker) -> None:
    topic = await _topic(broker)
    await publish_all(broker, [Send(topic, b"one", b"%d" % n) for n in range(500)])
    assert [int(r.value or b"") for r in await read_all(broker, topic)] == list(range(500))


async def test_tells_lag_by_committed_offsets(broker: Broker) -> None:
    topic = await _topic(broker)
    group = f"g-{uuid.uuid4().hex[:8]}"
    await publish_all(broker, [Send(topic, b"k", b"v") for _ in range(10)])
    assert sum((await lag(broker, group, [topic])).values()) == 10
    ends = await end_offsets(broker, [topic])
    async with consuming(broker, group) as consumer:
        consumer.assign(list(ends))
        await consumer.commit({tp: end for tp, end in ends.items() if end})
    assert await lag(broker, group, [topic]) == {}
    assert await committed(broker, group, [topic]) == ends


@pytest.mark.kafka_only
async def test_a_timestamp_far_ahead_is_refused_to_its_publisher(broker: Broker) -> None:
    settings = Settings(
        broker_url=f"kafka://{broker.url}", topic_prefix=f"t{uuid.uuid4().hex[:8]}", partitions=2
    )
    names = TopicNames(settings, "app")
    await topics.create_topics(settings, public_specs(names, settings))
    states = await topics.describe_topics(settings, names.inputs)
    limits = {state.config["message.timestamp.after.max.ms"] for state in states.values()}
    assert limits == {str(DAY_MS)}
    await topics.check_topics(settings, public_specs(names, settings))
    with pytest.raises(InvalidTimestampError):
        await publish_all(broker, [Send(names.profiles, b"k", b"v", timestamp=4_000_000_000_000)])


@pytest.mark.kafka_only
async def test_a_configuration_that_the_broker_does_not_know_is_left_out(
    broker: Broker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As brokers before Kafka 3.6 do not know the limit of timestamps."""
    config = {"cleanup.policy": "compact", "message.timestamp.later.max.ms": "1"}
    monkeypatch.setattr(TopicSpec, "config", config)
    monkeypatch.setattr(topics, "OPTIONAL", frozenset({"message.timestamp.later.max.ms"}))
    settings = Settings(broker_url=f"kafka://{broker.url}")
    specs = [TopicSpec(f"t-{uuid.uuid4().hex[:8]}", 2, "compact") for _ in range(3)]
    with caplog.at_level(logging.WARNING):
        assert await topics.create_topics(settings, specs) == [spec.name for spec in specs]
    assert len([r for r in caplog.records if "later.max.ms" in r.getMessage()]) == 1
    await topics.check_topics(settings, specs)
