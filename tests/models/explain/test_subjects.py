"""What a job may ask for is told by every writer, and a model speaks of it only by citing it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.explain import facts, prompt, template
from models.explain.grounding import Ungrounded, check
from models.ranking.reasons import CODES, PLACES, SUBJECTS
from tests.models.explain.entries import entry_of
from tests.models.ranking.test_reasons import CASES

ASKED = [
    pytest.param(states, asks, id=wanted[0][0])
    for states, asks, wanted in CASES
    if wanted and wanted[0][0].partition("_")[0] in SUBJECTS
]


def test_every_code_is_of_a_place_a_subject_or_the_pay() -> None:
    asks = {f"{subject}_{suffix}" for subject in SUBJECTS for suffix in ("ok", "ask")}
    assert {*PLACES, *asks, "pay", "pay_ok", "pay_ask"} == set(CODES)


@pytest.mark.parametrize(("states", "asks"), ASKED)
def test_what_is_asked_is_told_by_the_template_and_to_a_model(
    states: dict[str, Any], asks: dict[str, Any]
) -> None:
    read = facts.read(entry_of(states, asks))
    (ask,) = read.asks
    assert ask.asked in _sentence(read)
    name, fields = _field(read)
    assert ask.asked in fields[name]


@pytest.mark.parametrize(("states", "asks"), ASKED)
def test_a_model_that_speaks_of_it_cites_it(states: dict[str, Any], asks: dict[str, Any]) -> None:
    read = facts.read(entry_of(states, asks))
    name, fields = _field(read)
    text = _sentence(read)
    assert check({"sentences": [{"text": text, "fields": [name]}]}, fields) == text
    names = " ".join(word for word in text.split() if not word.islower())  # those, and numbers
    elsewhere = {**fields, "puesto": names}
    with pytest.raises(Ungrounded, match="claim_without_field"):
        check({"sentences": [{"text": text, "fields": ["puesto"]}]}, elsewhere)


def _sentence(read: facts.MatchFacts) -> str:
    """What the template says of the only thing asked."""
    (ask,) = read.asks
    others = template.write(replace(read, asks=()))
    told = template.write(read).split(". ")
    (text,) = (f"{part}." for part in told if part not in others and ask.asked in part)
    return text


def _field(read: facts.MatchFacts) -> tuple[str, dict[str, str]]:
    """The field of the only thing asked, and all that a model is given."""
    fields = prompt.fields(read)
    (name,) = fields.keys() - prompt.fields(replace(read, asks=())).keys()
    return name, fields
