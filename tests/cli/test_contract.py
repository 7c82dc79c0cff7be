"""Topics as the contract has them."""

from __future__ import annotations

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from matcher_stream.config.catalogue import (
    INPUTS,
    OUTPUTS,
    READ,
    TOPICS,
    Catalogue,
    InputTopic,
    Role,
    Topic,
)
from matcher_stream.config.contract import (
    DAY_MS,
    TopicNames,
    internal_specs,
    partition_for,
    public_specs,
    topic_specs,
)
from matcher_stream.config.settings import Settings
from matcher_stream.config.topics import TopicState, mismatch

SETTINGS = Settings(partitions=6)
NAMES = TopicNames(SETTINGS, "matcher-x")
ERASED_MS = 7 * DAY_MS


@given(st.binary(min_size=1, max_size=60), st.integers(1, 64))
def test_keys_go_where_aiokafka_puts_them(key: bytes, count: int) -> None:
    numbers = list(range(count))
    assert partition_for(key, count) == DefaultPartitioner()(key, numbers, numbers)


def test_keys_go_where_java_puts_them() -> None:
    # murmur2 of Apache Kafka's own unit test (UtilsTest.testMurmur2)
    for key, hashed in ((b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string",
                        -985981536)):  # fmt: skip
        assert partition_for(key, 1 << 31) == hashed & 0x7FFFFFFF


#: What others build against: role, key, cleanup and days of every topic of the contract.
CONTRACT: dict[str, tuple[Role, str, str, int | None]] = {
    "profiles": ("input", "profile_id", "compact", None),
    "jobs": ("input", "job_id", "compact", None),
    "decisions": ("input", "job_id", "compact", None),
    "feedback": ("input", "profile_id", "delete", 90),
    "job-fanout": ("internal", "job_id", "compact", None),
    "candidates-partial": ("internal", "job_id:partition", "compact", None),
    "work": ("internal", "of the item's subject", "delete", 7),
    "matches": ("output", "profile_id", "compact", None),
    "candidates": ("output", "job_id", "compact", None),
    "explanations": ("output", "profile_id:job_id", "compact,delete", 30),
    "review": ("output", "job_id", "compact", None),
    "models": ("control", "alias", "compact", None),
}


def test_the_catalogue_keeps_the_contract() -> None:
    has = {topic.name: (topic.role, topic.key, topic.cleanup, topic.days) for topic in TOPICS}
    assert {name: has.get(name) for name in CONTRACT} == CONTRACT


def test_each_topic_has_a_name_and_a_role_of_its_own() -> None:
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)
    others = {topic.name for topic in TOPICS if topic.role in ("internal", "control")}
    assert {*INPUTS, *OUTPUTS, *others} == {topic.name for topic in TOPICS}
    for topic in TOPICS:
        assert isinstance(topic, InputTopic) == (topic.role == "input")
        assert topic.agent or topic.role in ("output", "control")  # what we alone use is read by us


def test_names_are_read_by_the_catalogue_s_attributes() -> None:
    attributes = {name for name, value in vars(Catalogue).items() if isinstance(value, Topic)}
    assert attributes == {topic.name.replace("-", "_") for topic in TOPICS}
    names = {getattr(NAMES, attribute) for attribute in attributes}
    assert names == {NAMES.of(topic) for topic in TOPICS}
    assert NAMES.profiles == "matcher.profiles.v1"
    assert NAMES.job_fanout == "matcher-x-job-fanout.v1"
    assert Catalogue.profiles is INPUTS["profiles"]


def test_what_is_read_and_what_is_lag() -> None:
    assert set(NAMES.inputs) < set(NAMES.read)
    assert set(NAMES.read) == {NAMES.of(topic) for topic in READ}
    assert {*NAMES.inputs, NAMES.job_fanout, NAMES.work} <= set(NAMES.lagging)
    assert NAMES.candidates_partial not in NAMES.lagging


def test_every_topic_is_made_with_its_own_retention() -> None:
    specs = {spec.name: spec for spec in topic_specs(NAMES, SETTINGS)}
    for topic in TOPICS:
        spec = specs[NAMES.of(topic)]
        assert spec.retention_ms == (topic.days and topic.days * DAY_MS)
        assert spec.min_compaction_lag_ms == (topic.history_days and topic.history_days * DAY_MS)
        letters = NAMES.dlq(spec.name) in specs
        assert letters == (topic.role in ("input", "internal"))
    lettered = sum(topic.role in ("input", "internal") for topic in TOPICS)
    hidden = {NAMES.shadow(name) for name in (*NAMES.spoken, *NAMES.letters)}
    assert hidden < specs.keys()
    assert len(specs) == len(TOPICS) + lettered + len(hidden)


def test_what_is_said_in_the_shadow_is_kept_as_what_is_public() -> None:
    specs = {spec.name: spec for spec in topic_specs(NAMES, SETTINGS)}
    assert NAMES.shadow(NAMES.matches) == "matcher-x-shadow.matches.v1"
    for name in (*NAMES.spoken, *NAMES.letters):
        assert specs[NAMES.shadow(name)].config == specs[name].config


def test_every_topic_of_the_document_is_created() -> None:
    made = {spec.name for spec in topic_specs(NAMES, SETTINGS)}
    for topic in TOPICS:
        assert any(topic.name in name for name in made), topic.name
        if topic.role == "input":
            assert f"matcher.{topic.name}.v1.dlq" in made


def test_documented_cleanup_is_what_is_created() -> None:
    specs = {spec.name: spec for spec in topic_specs(NAMES, SETTINGS)}
    for topic in TOPICS:
        public, internal = f"matcher.{topic.name}.v1", f"matcher-x-{topic.name}.v1"
        spec = specs.get(public) or specs[internal]
        assert set(spec.cleanup.split(",")) == set(topic.cleanup.replace(" ", "").split(","))


def test_internal_topics_carry_the_application_id() -> None:
    assert all(spec.name.startswith("matcher-x-") for spec in internal_specs(NAMES, SETTINGS))
    assert all(spec.name.startswith("matcher.") for spec in public_specs(NAMES, SETTINGS))


def test_all_topics_have_the_same_partitions() -> None:
    assert {spec.partitions for spec in topic_specs(NAMES, SETTINGS)} == {6}


def test_nothing_of_a_person_outlives_a_week() -> None:
    for spec in topic_specs(NAMES, SETTINGS):
        if spec.name == NAMES.feedback:
            continue  # kept for 90 days by contract: ids and a word
        if "compact" in spec.cleanup:
            assert spec.max_compaction_lag_ms is not None
            assert spec.max_compaction_lag_ms <= ERASED_MS
            assert (spec.min_compaction_lag_ms or 0) <= spec.max_compaction_lag_ms
        elif spec.name.endswith(".dlq"):
            assert spec.retention_ms is not None
            assert spec.segment_ms is not None
            assert spec.retention_ms + spec.segment_ms <= ERASED_MS


def test_a_dead_letter_has_room_for_the_largest_input() -> None:
    specs = {spec.name: spec for spec in public_specs(NAMES, SETTINGS)}
    for topic in NAMES.inputs:
        headers = specs[NAMES.dlq(topic)].max_message_bytes - specs[topic].max_message_bytes
        assert headers >= 100_000


SPEC = public_specs(NAMES, SETTINGS)[0]


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (None, "Falta el tema"),
        (TopicState(SPEC.name, 3, 1, SPEC.config), "MATCHER_PARTITIONS=3"),
        (TopicState(SPEC.name, 6, 1, {**SPEC.config, "cleanup.policy": "delete"}), "cleanup"),
        (TopicState(SPEC.name, 6, 1, {**SPEC.config, "max.message.bytes": "1000"}), "bytes=1000"),
    ],
)
def test_a_topic_that_differs_is_one_sentence(state: TopicState | None, says: str) -> None:
    problem = mismatch(SPEC, state)
    assert says in problem
    assert problem.endswith(".")
    assert problem.count("\n") == 0


def test_a_topic_that_only_keeps_more_is_accepted() -> None:
    config = {**SPEC.config, "max.message.bytes": "99999999", "delete.retention.ms": "1"}
    assert mismatch(SPEC, TopicState(SPEC.name, 6, 3, config)) == ""
