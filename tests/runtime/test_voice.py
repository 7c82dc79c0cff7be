"""Where a record goes: by the alias that was read last, the lease, and the marks of partitions."""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson
import pytest

from matcher_stream.config.contract import TopicNames, partition_for
from matcher_stream.config.settings import Settings
from matcher_stream.runtime.voice import CHAMPION, MARGIN_SECONDS, Voice
from tests.support.harness.broker import MemoryBroker, memory_reading

US, LEASE = "matcher-x", 5.0


class Heard:
    """A voice with a broker of lists and a clock that a test winds."""

    def __init__(self, **settings: Any) -> None:
        self.settings = Settings(partitions=2, alias_lease=LEASE, **settings)
        self.names = TopicNames(self.settings, US)
        self.broker, self.now = MemoryBroker(2), 100.0
        reading = partial(memory_reading, self.broker)
        self.voice = Voice(self.names, self.settings, reading, lambda: self.now)
        self.public = self.names.matches
        self.hidden = self.names.shadow(self.names.matches)

    async def named(self, deployment: str | None, raw: bytes | None = None) -> int:
        """A record of the champion, read; returns its offset."""
        said = {"alias": "champion", "deployment": deployment, "by": "Rosa", "at": "2026-01-01"}
        value = orjson.dumps(said) if deployment else raw
        home = partition_for(CHAMPION, 2)
        record = self.broker.append(self.names.models, home, CHAMPION, value)
        await self.voice.refresh()
        return record.offset

    def where(self) -> str | None:
        """Where a ranking of partition 0 goes."""
        return self.voice.where(self.public, 0)


async def test_nobody_was_named() -> None:
    one, other = Heard(), Heard(shadow=True)
    assert one.where() is None, "nothing was read yet"
    await one.voice.refresh()
    await other.voice.refresh()
    assert (one.where(), other.where()) == (one.public, other.hidden)
    assert one.voice.epoch(0) == one.settings.epoch
    assert not one.voice.due(0)


async def test_a_lease_ends_though_nobody_says_so() -> None:
    heard = Heard()
    await heard.voice.refresh()
    heard.now += LEASE - 0.1
    assert heard.where() == heard.public
    heard.now += 0.1
    assert heard.where() is None
    await heard.voice.heard()
    assert heard.where() == heard.public


async def test_the_shadow_needs_no_lease() -> None:
    heard = Heard(shadow=True)
    await heard.voice.refresh()
    heard.now += 10 * LEASE
    assert heard.where() == heard.hidden


async def test_who_is_named_waits_and_speaks_once_it_was_handed_over() -> None:
    heard = Heard(shadow=True, epoch=3)
    await heard.named("another")
    record = await heard.named(US)
    heard.now += LEASE + MARGIN_SECONDS - 0.1
    await heard.voice.refresh()
    assert not heard.voice.due(0)
    heard.now += 0.1
    assert heard.voice.due(0)
    assert heard.where() == heard.hidden
    with heard.voice.handing(0, 9) as handed:
        assert heard.where() == heard.public
    assert handed == (record, 9)
    assert heard.where() == heard.public
    assert (heard.voice.epoch(0), heard.voice.epoch(1)) == (9, 3 + record + 1)
    assert not heard.voice.due(0)
    assert heard.voice.due(1), "each partition by itself"


async def test_a_hand_over_that_fails_leaves_the_partition_as_it_was() -> None:
    heard = Heard()
    heard.voice.own({0: (0, 5)})
    await heard.named("another")
    await heard.named(US)
    with pytest.raises(ValueError, match="broken off"), heard.voice.handing(0, 9):
        raise ValueError("broken off")
    assert heard.voice.handed == {0: (0, 5)}
    assert heard.where() == heard.hidden


async def test_another_record_of_the_same_deployment_is_another_hand_over() -> None:
    heard = Heard()
    heard.voice.own({0: (await heard.named(US), 5)})
    assert heard.where() == heard.public
    await heard.named(US)
    assert heard.where() == heard.hidden


async def test_inputs_and_internal_topics_are_left_alone() -> None:
    heard = Heard(shadow=True)
    for topic in (heard.names.profiles, heard.names.work, heard.names.explanations):
        assert heard.voice.where(topic, 0) == topic


async def test_letters_are_the_champion_s_with_or_without_a_lease() -> None:
    heard = Heard()
    (letters, *_) = heard.names.letters
    await heard.named(US)
    heard.now += 10 * LEASE
    assert heard.voice.where(letters, 0) == letters
    await heard.named("another")
    assert heard.voice.where(letters, 0) == heard.names.shadow(letters)


@pytest.mark.parametrize("raw", [b"{", b'{"alias": "champion"}', b'{"alias": "challenger"}'])
async def test_what_is_no_alias_changes_nothing(raw: bytes) -> None:
    heard = Heard(shadow=True)
    heard.voice.own({0: (await heard.named(US), 5)})
    await heard.named(None, raw)
    assert heard.where() == heard.public


async def test_a_null_takes_the_name_away() -> None:
    heard = Heard(shadow=True)
    heard.voice.own({0: (await heard.named(US), 5)})
    await heard.named(None)
    assert heard.where() == heard.hidden
