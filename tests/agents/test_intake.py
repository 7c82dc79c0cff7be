"""From records to accepted events: the same for every input topic, and nothing is lost."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.intake import by_partition, nothing, rounds, take_in
from matcher_stream.config import catalogue
from matcher_stream.config.contract import partition_for
from matcher_stream.runtime.outputs import FORWARDED
from schemas import parse_feedback, parse_profile
from schemas.errors import WrongPartition
from tests.support.events import least
from tests.support.harness import Cluster, at, event_of, here, phases, rows
from tests.support.harness.village import profile

T0 = 1_790_000_000_000
#: A good record of each input topic.
INPUTS = {name: ("ana", least(topic, "ana")) for name, topic in catalogue.INPUTS.items()}

# -- what is refused, on every input topic ------------------------------------------------

_BAD = [
    ("invalid_json", b"{"),
    ("invalid_json", b"[]"),
    ("invalid_encoding", b'{"text": "\xff"}'),
    ("missing_id", b"{}"),
    ("too_large", b'{"text": "' + b"a" * 1_000_000 + b'"}'),
    ("too_deep", b'{"a": ' * 20 + b"1" + b"}" * 20),
]


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize(("error", "value"), _BAD, ids=lambda value: str(value)[:20])
async def test_what_cannot_be_read_goes_to_its_dead_letters_as_it_was(
    cluster: Cluster, kind: str, error: str, value: bytes
) -> None:
    key, good = INPUTS[kind]
    cluster.publish(kind, key, good)
    await cluster.run(kind)
    since = here(cluster)
    cluster.publish(kind, key, value, timestamp=T0)
    await cluster.run(kind)
    assert phases(cluster, since) == [f"{kind}.dlq", f"ack {kind}"]
    topic = getattr(cluster.names, kind)
    (letter,) = cluster.broker.records(cluster.names.dlq(topic))
    assert (letter.key, letter.value) == (key.encode(), value)
    assert letter.partition == at(cluster, key)
    (headers,) = cluster.letters(kind)
    sentence = headers.pop("dlq_error_message")
    assert sentence
    assert "\n" not in sentence
    assert headers == {
        "dlq_topic": topic,
        "dlq_partition": str(at(cluster, key)),
        "dlq_offset": "1",
        "dlq_timestamp": str(T0),
        "dlq_error_class": error,
        "dlq_consumer_group": "harness",
    }


@pytest.mark.parametrize("kind", INPUTS)
async def test_an_id_that_is_not_the_key_is_refused(cluster: Cluster, kind: str) -> None:
    cluster.publish(kind, "otra", INPUTS[kind][1])
    await cluster.run(kind)
    (letter,) = cluster.letters(kind)
    assert letter["dlq_error_class"] == "key_mismatch"


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize(
    ("error", "key"),
    [
        ("missing_id", None),
        ("missing_id", b""),
        ("invalid_encoding", b"\xff"),
        ("invalid_encoding", b"a\0b"),
        ("invalid_field", b"a" * 201),
        ("invalid_field", b"a\nb"),
    ],
)
async def test_a_key_that_is_no_id_is_refused_with_or_without_a_value(
    cluster: Cluster, kind: str, error: str, key: bytes | None
) -> None:
    for value in (b"{}", None):
        cluster.broker.append(getattr(cluster.names, kind), 0, key, value)
    await cluster.run(kind)
    assert [letter["dlq_error_class"] for letter in cluster.letters(kind)] == [error] * 2


@pytest.mark.parametrize("kind", INPUTS)
async def test_a_record_in_a_wrong_partition_is_refused_and_changes_nothing(
    cluster: Cluster, kind: str
) -> None:
    key, value = INPUTS[kind]
    since = here(cluster)
    cluster.publish(kind, key, value, partition=1 - at(cluster, key))
    await cluster.run(kind)
    assert phases(cluster, since) == [f"{kind}.dlq", f"ack {kind}"]
    (letter,) = cluster.letters(kind)
    assert letter["dlq_error_class"] == "wrong_partition"
    assert letter["dlq_partition"] == str(1 - at(cluster, key))


# -- misplaced nulls ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", INPUTS)
async def test_a_misplaced_null_is_forwarded_with_its_time_before_its_letter(
    cluster: Cluster, kind: str
) -> None:
    key = INPUTS[kind][0]
    since = here(cluster)
    cluster.publish(kind, key, None, partition=1 - at(cluster, key), timestamp=T0)
    await cluster.run(kind)
    assert phases(cluster, since) == [kind, f"{kind}.dlq", f"ack {kind}"]
    (record,) = cluster.broker.log(getattr(cluster.names, kind), at(cluster, key))
    assert (record.key, record.value) == (key.encode(), None)
    assert dict(record.headers) == {FORWARDED: str(T0).encode()}
    assert record.timestamp > T0, "its own time is that of the forwarding"
    await cluster.run(kind)
    assert len(cluster.letters(kind)) == 1, "in its place it is as good as any"


async def test_a_null_that_was_misplaced_twice_keeps_its_first_time(cluster: Cluster) -> None:
    """Others may forward too: the header is what counts, not the record's own time."""
    headers = [(FORWARDED, str(T0).encode())]
    cluster.publish("profiles", "ana", None, partition=1 - at(cluster, "ana"), headers=headers)
    await cluster.run("profiles")
    (record,) = cluster.broker.log(cluster.names.profiles, at(cluster, "ana"))
    assert dict(record.headers) == {FORWARDED: str(T0).encode()}


@pytest.mark.parametrize(
    ("stamp", "value", "outdated"),
    [
        (b"%d" % (T0 - 1), None, True),
        (b"%d" % T0, None, False),
        (b"%d" % (T0 + 1), None, False),
        (b"yesterday", None, False),
        (b"9" * 30, None, False),
        (b"9" * 13, None, False),
        (b"-1", None, False),
        (b"", None, False),
        (b"%d" % (T0 - 1), b"{}", False),
    ],
)
async def test_only_a_null_with_a_readable_older_time_is_outdated(
    cluster: Cluster, stamp: bytes, value: bytes | None, outdated: bool
) -> None:
    """Headers are input: whoever sends nonsense gets a record like any other."""
    event = event_of(
        cluster.names.profiles, b"ana", value, at(cluster, "ana"), headers=[(FORWARDED, stamp)]
    )
    intake = await take_in(cluster.worker.context, [event], lambda key, raw: raw, nothing)
    (item,) = intake.items
    assert item.outdated(T0) is outdated


# -- what is accepted ---------------------------------------------------------------------


async def test_a_batch_is_sorted_and_keeps_its_order(cluster: Cluster) -> None:
    where, topic = at(cluster, "ana"), cluster.names.profiles
    good = b'{"profile_id": "ana", "text": "cocino"}'
    values = [(b"ana", good), (b"ana", b"{"), (b"ana", None), (b"beto", None), (b"ana", good)]
    events = [event_of(topic, key, value, where, i) for i, (key, value) in enumerate(values)]
    intake = await take_in(cluster.worker.context, events, parse_profile, nothing)
    assert [item.offset for item in intake.items] == [0, 2, 4]
    assert [item.value is None for item in intake.items] == [False, True, False]
    assert [event.message.offset for event, _ in intake.refused] == [1, 3]
    assert isinstance(intake.refused[1][1], WrongPartition)


async def test_bad_records_stop_no_good_ones(cluster: Cluster) -> None:
    for value in (b"{", profile("ana"), b"[]"):
        cluster.publish("profiles", "ana", value)
    await cluster.run("profiles")
    assert len(cluster.letters("profiles")) == 2
    assert set(rows(cluster, "people")) == {"ana"}


_KEYS = st.lists(st.sampled_from("abcd"), max_size=12)


def test_no_round_is_longer_than_asked() -> None:
    assert list(rounds("abcdaefg", str, lambda: 3)) == [[*"abc"], [*"dae"], [*"fg"]]


def test_how_long_a_round_may_be_is_asked_for_each() -> None:
    longest, sizes = [2], []
    for part in rounds("abcdef", str, lambda: longest[0]):
        sizes.append(len(part))
        longest[0] = 1
    assert sizes == [2, 1, 1, 1, 1]


@settings(max_examples=50, deadline=None)
@given(_KEYS)
def test_rounds_hold_each_key_once_and_keep_all_in_order(keys: list[str]) -> None:
    items = list(enumerate(keys))
    cut = list(rounds(items, lambda item: item[1]))
    assert [item for batch in cut for item in batch] == items
    for batch in cut:
        assert len({key for _, key in batch}) == len(batch) > 0
    for batch, following in pairwise(cut):
        assert following[0][1] in {key for _, key in batch}, "cut no sooner than it must be"


@settings(max_examples=50, deadline=None)
@given(_KEYS, st.integers(1, 4))
def test_groups_hold_what_lives_together_in_order(keys: list[str], partitions: int) -> None:
    items = list(enumerate(keys))
    groups = by_partition(items, lambda item: partition_for(item[1].encode(), partitions))
    assert sorted(item for group in groups.values() for item in group) == items
    for partition, group in groups.items():
        assert group == sorted(group)
        assert {partition_for(key.encode(), partitions) for _, key in group} == {partition}


@settings(max_examples=50, deadline=None)
@given(key=st.one_of(st.none(), st.binary(max_size=12)), value=st.binary(max_size=60))
def test_whatever_bytes_come_are_an_item_or_refused(key: bytes | None, value: bytes) -> None:
    context: Any = SimpleNamespace(settings=SimpleNamespace(partitions=1))
    intake = asyncio.run(take_in(context, [event_of("t", key, value)], parse_feedback, nothing))
    assert len(intake.items) + len(intake.refused) == 1
