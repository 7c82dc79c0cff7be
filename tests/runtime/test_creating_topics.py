"""Topics on brokers that do not know all that we ask of them."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import InvalidConfigurationError

from matcher_stream.config import topics
from matcher_stream.config.contract import OPTIONAL, TopicNames, TopicSpec, public_specs
from matcher_stream.config.settings import Settings
from schemas.errors import TopicMismatch

SETTINGS = Settings(partitions=2)
SPECS = public_specs(TopicNames(SETTINGS, "app"), SETTINGS)


class OldBroker:
    """As much of a broker before Kafka 3.6 as creating topics touches.

    Args:
        unknown: Configurations that it refuses.
    """

    def __init__(self, unknown: frozenset[str]) -> None:
        self.unknown = unknown
        self.made: dict[str, dict[str, str]] = {}
        self.asked = 0

    async def start(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def list_topics(self) -> list[str]:
        return list(self.made)

    async def create_topics(self, asked: list[Any]) -> Any:
        self.asked += 1
        (topic,) = asked
        if strange := self.unknown & topic.topic_configs.keys():
            reason = f"Unknown topic config name: {min(strange)}"
            return _answer(topic, InvalidConfigurationError.errno, reason)
        self.made[topic.name] = topic.topic_configs
        return _answer(topic, 0, None)

    async def describe_topics(self) -> list[dict[str, Any]]:
        parts = [{"leader": 0, "replicas": [0]}] * SETTINGS.partitions
        return [{"topic": name, "partitions": parts} for name in self.made]

    async def describe_configs(self, resources: list[Any]) -> list[Any]:
        found = [
            (0, None, 2, resource.name, [(k, v) for k, v in self.made[resource.name].items()])
            for resource in resources
        ]
        return [SimpleNamespace(resources=found)]


def _answer(topic: Any, code: int, reason: str | None) -> Any:
    return SimpleNamespace(topic_errors=[(topic.name, code, reason)])


def _broker(monkeypatch: pytest.MonkeyPatch, unknown: frozenset[str]) -> OldBroker:
    broker = OldBroker(unknown)
    monkeypatch.setattr(topics, "AIOKafkaAdminClient", lambda **_: broker)
    return broker


def test_input_topics_say_how_far_ahead_a_timestamp_may_be() -> None:
    stating = {spec.name for spec in SPECS if OPTIONAL & spec.config.keys()}
    assert stating == set(TopicNames(SETTINGS, "app").inputs)


async def test_an_old_broker_gets_the_topics_without_it_and_one_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broker = _broker(monkeypatch, OPTIONAL)
    with caplog.at_level(logging.WARNING):
        created = await topics.create_topics(SETTINGS, SPECS)
    assert created == [spec.name for spec in SPECS]
    assert len([r for r in caplog.records if "message.timestamp" in r.getMessage()]) == 1
    assert broker.asked == len(SPECS) + 1, "it is asked once only"
    await topics.check_topics(SETTINGS, SPECS)


async def test_a_broker_that_knows_it_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broker = _broker(monkeypatch, frozenset())
    await topics.create_topics(SETTINGS, SPECS)
    assert broker.made[SPECS[0].name] == SPECS[0].config
    assert not caplog.records


async def test_what_else_it_refuses_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    _broker(monkeypatch, frozenset({"max.compaction.lag.ms"}))
    with pytest.raises(TopicMismatch, match=r"config name: max\.compaction\.lag\.ms"):
        await topics.create_topics(SETTINGS, SPECS)


async def test_a_topic_that_has_no_or_another_limit_is_not_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those of earlier versions of ours, and Kafka's own defaults."""
    broker = _broker(monkeypatch, frozenset())
    for limit in (None, "9223372036854775807", "3600000"):
        for spec in SPECS:
            config = {k: v for k, v in spec.config.items() if k not in OPTIONAL}
            extra = {} if limit is None else dict.fromkeys(OPTIONAL, limit)
            broker.made[spec.name] = {**config, **extra}
        await topics.check_topics(SETTINGS, SPECS)


def test_a_spec_without_it_states_nothing() -> None:
    assert not OPTIONAL & TopicSpec("a", 1, "compact").config.keys()
