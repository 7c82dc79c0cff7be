"""The map of personal data: every field of every topic and table was looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from matcher_stream.cli.personal_table import personal_table, readers, replaced
from matcher_stream.config.acls import roles
from matcher_stream.config.catalogue import TOPICS
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.personal import (
    FIELDS,
    INTERNAL,
    KINDS,
    LOOSE,
    ROWS,
    WHY,
    by_kind,
    fields_of,
    kinds_of,
    leaves,
)
from matcher_stream.config.settings import Settings
from matcher_stream.persons.places import TABLES
from matcher_stream.persons.places import TOPICS as HOLDING
from tables.base import Table
from tables.explained import ExplainTables
from tables.tables import Tables

PAGE = Path(__file__).parents[2] / "docs" / "personal-data.md"
ABOUT_PEOPLE = {"id", "said", "read", "made", "did", "words"}
VALUES: dict[str, type[Any]] = {t.name: t.event or INTERNAL[t.name] for t in TOPICS}
ALL = [*VALUES.values(), *(kind for types in ROWS.values() for kind in types)]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_field_was_looked_at(kind: type[Any]) -> None:
    unseen = [path for path, owner, name in leaves(kind) if not kinds_of(owner, name)]
    assert not unseen, f"say in matcher_stream/config/personal.py what they are: {unseen}"


def test_no_field_is_mapped_that_is_not_there() -> None:
    owners: dict[str, set[str]] = {}
    for kind in ALL:
        for _, owner, name in leaves(kind):
            owners.setdefault(owner, set()).add(name)
    mapped = {owner: set(" ".join(kinds.values()).split()) for owner, kinds in FIELDS.items()}
    assert mapped == owners
    assert set(KINDS) >= {kind for kinds in FIELDS.values() for kind in kinds}


def test_every_table_and_topic_is_on_the_map() -> None:
    declared = {
        name
        for owner in (Tables, ExplainTables)
        for name, made in vars(owner).items()
        if isinstance(made, Table)
    }
    assert set(ROWS) == declared
    assert set(LOOSE) == {table for table, types in ROWS.items() if not types}
    assert set(WHY) == declared | set(VALUES) | {"dlq"}


def test_what_is_about_people_is_what_a_person_is_shown() -> None:
    assert {t for t, kind in VALUES.items() if by_kind((kind,)).keys() & ABOUT_PEOPLE} == set(
        HOLDING
    )
    tables = {t for t, types in ROWS.items() if by_kind(types, t).keys() & ABOUT_PEOPLE}
    assert tables == set(TABLES)


def test_a_candidate_is_an_id_numbers_and_codes() -> None:
    """Who reads lists of candidates reads nothing that somebody said."""
    assert not by_kind((VALUES["candidates"],)).keys() & {"said", "read", "did", "words"}
    assert fields_of(VALUES["candidates"])


def test_readers_are_those_of_the_list_of_accounts() -> None:
    names = TopicNames(Settings(), "matcher-x")
    listed = roles("matcher", names, TopicNames(Settings(), "matcher-explainer"))
    assert readers(names.review, listed) == [
        "matcher", "reviewer", "operator", "administrator", "data-officer",
    ]  # fmt: skip
    words = "matcher-explainer-words-changelog"
    assert readers(words, listed) == ["explainer", "data-officer"]


def test_the_page_has_the_map_in_force() -> None:
    text = PAGE.read_text()
    assert replaced(text) == text, "run `make docs`"
    assert personal_table() in text
