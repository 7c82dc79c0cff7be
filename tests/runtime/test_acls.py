"""Lists of rights, topics as commands, and how safely topics are stored."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest

from matcher_stream.cli.acl_table import replaced
from matcher_stream.config.acls import Role, commands, roles
from matcher_stream.config.catalogue import OUTPUTS, TOPICS
from matcher_stream.config.contract import TopicNames, internal_specs, public_specs
from matcher_stream.config.rights import _needed
from matcher_stream.config.settings import Settings
from matcher_stream.config.topics import TopicState, topic_config, weakness
from tests.cli.conftest import Cli
from tests.cli.conftest import call as call
from tests.support.brokers import ROOT

SETTINGS = Settings()
MATCHER = TopicNames(SETTINGS, "matcher-e5-1")
EXPLAINER = TopicNames(SETTINGS, "matcher-explainer")


def _roles() -> dict[str, Role]:
    return {role.name: role for role in roles("matcher", MATCHER, EXPLAINER)}


def test_the_document_s_table_is_the_list_in_force() -> None:
    text = (ROOT / "docs" / "deploying.md").read_text()
    assert replaced(text) == text


def test_every_topic_has_who_writes_it_and_who_reads_it() -> None:
    specs = [*public_specs(MATCHER, SETTINGS), *internal_specs(MATCHER, SETTINGS)]
    for spec in specs:
        rights = {name: _needed(role, spec.name) for name, role in _roles().items()}
        assert any("Write" in each for each in rights.values()), spec.name
        assert any("Read" in each for each in rights.values()), spec.name


def test_every_output_has_a_reader_whose_work_it_is() -> None:
    """Operators and data officers look at everything: that is nobody's use of it."""
    lookers = {"operator", "data-officer"}
    for topic in OUTPUTS.values():
        name = MATCHER.of(topic)
        readers = {who for who, role in _roles().items() if "Read" in _needed(role, name)}
        assert readers - lookers, name


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        ("notifier", {"matches", "explanations", "invitations"}, {"feedback"}),
        ("employer", {"candidates"}, {"invitations"}),
    ],
)
def test_a_consumer_s_account_has_what_its_guide_asks_of_it(
    role: str, reads: set[str], writes: set[str]
) -> None:
    """And no more: what one person wrote, other people's lists and decisions stay closed."""
    rights = {t.name: set(_needed(_roles()[role], MATCHER.of(t))) for t in TOPICS}
    assert {name for name, may in rights.items() if "Read" in may} == reads
    assert {name for name, may in rights.items() if "Write" in may} == writes
    (group,) = [grant for grant in _roles()[role].grants if grant.kind == "group"]
    assert group.names == (f"matcher-{role}",)


def test_nobody_but_the_matcher_touches_its_own_topics() -> None:
    for spec in internal_specs(MATCHER, SETTINGS):
        writers = {name for name, role in _roles().items() if "Write" in _needed(role, spec.name)}
        assert writers == {"matcher"}


def test_an_application_s_rights_are_not_another_version_s() -> None:
    """A challenger with an account of its own cannot write what the champion keeps."""
    other = TopicNames(SETTINGS, "matcher-e5-2")
    for spec in internal_specs(other, SETTINGS):
        assert not any(_needed(role, spec.name) for name, role in _roles().items())


def test_who_draws_a_challenger_in_may_read_what_it_says_and_no_more() -> None:
    other = TopicNames(SETTINGS, "matcher-e5-2")
    wanted = other.shadow(other.matches)
    turned_on = SETTINGS.model_copy(
        update={"interleave_with": "matcher-e5-2", "interleave_share": 0.1}
    )
    listed = roles("matcher", TopicNames(turned_on, "matcher-e5-1"), EXPLAINER)
    rights = {role.name: _needed(role, wanted) for role in listed}
    assert {name: right for name, right in rights.items() if right} == {"matcher": ["Read"]}
    for spec in internal_specs(other, SETTINGS):
        if spec.name != wanted:
            assert not any(_needed(role, spec.name) for role in listed)


def test_commands_are_words_for_a_shell() -> None:
    lines = commands(_roles()["notifier"], "O'Higgins", ["kafka-acls.sh"])
    words = shlex.split(lines[0])
    assert words[words.index("--allow-principal") + 1] == "User:O'Higgins"
    taken = commands(_roles()["notifier"], "x", ["kafka-acls.sh"], "--remove")
    assert "--force" in shlex.split(taken[0])  # else it would ask


def test_the_command_names_accounts_as_asked(call: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHER_ENCODER_VERSION", "e5-1")
    told = call("topics", "acls", "--as", "publisher=web")
    assert told.code == 0
    assert "User:web" in told.out
    assert "User:matcher-publisher" not in told.out
    assert call("topics", "acls", "--as", "nadie=web").code == 2


def test_topics_can_be_made_by_somebody_else(call: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHER_REPLICATION_FACTOR", "3")
    told = call("topics", "commands")
    assert told.code == 0
    lines = [shlex.split(line) for line in told.out.splitlines()]
    made = {words[words.index("--topic") + 1] for words in lines}
    assert made == {spec.name for spec in public_specs(MATCHER, SETTINGS)}
    assert all("min.insync.replicas=2" in words for words in lines)


@pytest.mark.parametrize(
    ("replicas", "asked", "insync"), [(1, 0, 1), (2, 0, 1), (3, 0, 2), (3, 3, 3)]
)
def test_one_broker_may_be_lost(replicas: int, asked: int, insync: int) -> None:
    settings = Settings(replication_factor=replicas, min_insync_replicas=asked)
    assert settings.insync_replicas == insync
    spec = public_specs(MATCHER, settings)[0]
    assert topic_config(spec, settings).get("min.insync.replicas", "1") == str(insync)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"replicas": 3, "config": {"min.insync.replicas": "2"}}, ""),
        ({"replicas": 3}, ""),  # a broker that does not tell
        ({"replicas": 2, "config": {"min.insync.replicas": "2"}}, "2 réplicas y se pidieron 3"),
        ({"replicas": 3, "config": {"min.insync.replicas": "1"}}, "min.insync.replicas=1"),
    ],
)
def test_topics_stored_less_safely_are_told_of(state: dict[str, Any], said: str) -> None:
    settings = Settings(replication_factor=3)
    spec = public_specs(MATCHER, settings)[0]
    told = weakness(spec, TopicState(spec.name, spec.partitions, **state), settings)
    assert said in told
    assert bool(told) == bool(said)


def test_files_for_other_teams_hold_no_secret() -> None:
    for path in Path(ROOT, "deploy", "kafka", "clients").iterdir():
        text = path.read_text()
        assert "password=" not in text.replace('password="${env:KAFKA_PASSWORD}"', ""), path
