"""Where a worker starts to read, with aiokafka's own bookkeeping of what is assigned."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.subscription_state import SubscriptionState

from matcher_stream.runtime.seeking import owned_partitions, seek_uncommitted
from schemas.errors import PartialAssignment

OURS = TopicPartition("matcher.profiles.v1", 0)
NEW = TopicPartition("matcher.jobs.v1", 0)
CHANGELOG = TopicPartition("app-people-changelog", 0)


class _Consumer:
    """Seeks as aiokafka's consumer does; a rebalance comes after the first answer."""

    def __init__(self, committed: dict[TopicPartition, int], *, rebalance: bool = False) -> None:
        self.committed = committed
        self.rebalance = rebalance
        self.state = SubscriptionState()
        self.state.subscribe({tp.topic for tp in committed})
        self.state.assign_from_subscribed(set(committed))

    async def seek(self, tp: TopicPartition, offset: int) -> None:
        self.state.seek(tp, offset)

    async def seek_to_committed(self) -> dict[TopicPartition, int]:
        for tp, offset in self.committed.items():
            if offset:
                await self.seek(tp, offset)
            if self.rebalance:
                self.state.assign_from_subscribed(set())
        return self.committed

    def at(self, tp: TopicPartition) -> int | None:
        position = self.state.subscription.assignment.state_value(tp)
        return position._position if position.has_valid_position else None


def _app(consumer: _Consumer) -> SimpleNamespace:
    tables = SimpleNamespace(changelog_topics={CHANGELOG.topic})
    return SimpleNamespace(consumer=consumer, tables=tables)


async def test_what_nobody_committed_is_read_from_its_beginning() -> None:
    consumer = _Consumer({OURS: 7, NEW: 0, CHANGELOG: 0})
    assert await seek_uncommitted(_app(consumer))
    assert (consumer.at(OURS), consumer.at(NEW), consumer.at(CHANGELOG)) == (7, 0, None)


async def test_partitions_taken_away_meanwhile_end_nothing() -> None:
    consumer = _Consumer({OURS: 7, NEW: 5}, rebalance=True)
    assert not await seek_uncommitted(_app(consumer))


def _assigned(*partitions: TopicPartition) -> SimpleNamespace:
    tables = SimpleNamespace(changelog_topics={CHANGELOG.topic})
    assignor = SimpleNamespace(assigned_actives=lambda: set(partitions))
    return SimpleNamespace(tables=tables, assignor=assignor)


def test_owned_partitions_are_those_of_every_topic() -> None:
    all_of = [TopicPartition(t.topic, p) for t in (OURS, NEW, CHANGELOG) for p in (8, 1)]
    assert owned_partitions(_assigned(*all_of), [OURS.topic, NEW.topic]) == [1, 8]
    assert owned_partitions(_assigned(), [OURS.topic]) == []
    for left_out in all_of:
        rest = [tp for tp in all_of if tp != left_out]
        with pytest.raises(PartialAssignment, match=left_out.topic):
            owned_partitions(_assigned(*rest), [OURS.topic, NEW.topic])
    with pytest.raises(PartialAssignment, match=CHANGELOG.topic):
        owned_partitions(_assigned(OURS, NEW), [OURS.topic, NEW.topic])
