"""Every term of the events has its word, and a word that people read is one that we read too."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest

from models.explain import facts, template
from models.ranking.reasons import say
from models.reading.spoken import PERIODS, WORDS, listed, spoken
from schemas import vocab
from schemas.profile import PayPeriod
from tests.models.explain.entries import entry_of

VOCABULARIES = {
    name: terms
    for name, terms in vars(vocab).items()
    if name.isupper() and not name.startswith("_") and isinstance(terms, tuple)
}
READ_BY: dict[str, Callable[[str], str | None]] = {
    "licence": vocab.person_licence,
    "education": vocab.education,
    "shift": vocab.shift,
    "language": vocab.language,
}


@pytest.mark.parametrize("name", VOCABULARIES)
def test_every_term_of_every_vocabulary_has_its_word(name: str) -> None:
    terms = set(VOCABULARIES[name])
    subject = max(WORDS, key=lambda subject: len(terms & set(WORDS[subject])))
    assert set(WORDS[subject]) - {vocab.NO_LICENCE} == terms - {vocab.NO_LICENCE}


def test_no_vocabulary_is_forgotten() -> None:
    assert set(VOCABULARIES) == {"LICENCES", "EDUCATION", "SHIFTS", "LANGUAGES"}
    assert WORDS["licence"][vocab.NO_LICENCE]
    assert set(PERIODS) == set(get_args(PayPeriod))


@pytest.mark.parametrize(
    ("subject", "term"), [(subject, term) for subject in WORDS for term in WORDS[subject]]
)
def test_what_is_said_is_read(subject: str, term: str) -> None:
    assert READ_BY[subject](spoken(subject, term)) == term


@pytest.mark.parametrize("code", vocab.LANGUAGES)
def test_no_code_of_a_language_reaches_anybody(code: str) -> None:
    entry = entry_of({}, {"languages": [code]})
    word = WORDS["language"][code]
    assert [say(reason) for reason in entry["reasons"]] == [f"piden hablar {word}"]
    assert f"También piden hablar {word}." in template.write(facts.read(entry))


@pytest.mark.parametrize(
    ("subject", "value", "said"),
    [
        ("language", ["qu"], "quechua"),
        ("language", ["ay", "es", "qu"], "aimara, castellano y quechua"),
        ("language", ["es", "en"], "castellano e inglés"),
        ("language", ["xx"], "xx"),
        ("licence", "A-IIb B-IIc", "A-IIb y B-IIc"),
        ("licence", "", ""),
        ("education", "none", "sin estudios"),
        ("age", 18, "18"),
        ("same", "Comas, Lima", "Comas, Lima"),
    ],
)
def test_values_as_people_say_them(subject: str, value: object, said: str) -> None:
    assert spoken(subject, value) == said


def test_lists_end_as_in_spanish() -> None:
    assert listed(["agua", "hielo"]) == "agua y hielo"
    assert listed(["padre", "hijo"]) == "padre e hijo"
    assert listed([]) == ""
