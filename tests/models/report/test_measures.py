"""What is measured of texts, rankings and exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from models.encoding.lexical import lexical_vectors
from models.evaluation.judged import rows_of
from models.ranking.blend import make_ranker
from models.report import measures
from models.report.frame import Frame
from models.report.measures import (
    PLACES,
    job_measures,
    judged_measures,
    people_measures,
    shown_measures,
)
from schemas.job import Job
from schemas.profile import Profile
from tests.support.impressions import ONE


class _Spelling:
    """Vectors of spelling in place of an encoder's."""

    def encode(self, texts: Sequence[str], kind: Any) -> Any:
        return lexical_vectors(texts)


def test_words_are_measured_whatever_fields_stand_beside_them() -> None:
    people = [
        Profile(profile_id="a", text="cocino en casa, tengo brevete A-I, 30 años", licence="A-I",
                place="Comas, Lima"),
        Profile(profile_id="b", text="ola toy bscando chamba d lo q sea x favor"),
        Profile(profile_id="c", text="nuqaqa llank'ayta munani wasikunata pichani"),
    ]  # fmt: skip
    found = people_measures(people)
    assert found["people characters"].values == [float(len(person.text)) for person in people]
    assert list(found["people language"].values)[::2] == ["es", "qu"]
    plain, message, quechua = found["people message style"].values
    assert plain == 0.0
    assert float(message) > 0.3
    assert quechua == 0.0
    assert float(found["people unknown words"].values[2]) > 0.3
    assert float(found["people unknown words"].values[0]) < 0.2
    facts = found["people facts"]
    of_a = {f for unit, f in zip(facts.unit, facts.values, strict=True) if unit == 0}
    assert {"licence", "age"} <= of_a
    assert float(found["people facts read"].values[0]) == len(of_a)
    assert list(found["people region"].values) == ["Lima", "?", "?"]


def test_of_ads_title_description_and_requirements_are_one_text() -> None:
    ad = Job(job_id="a", title="Cocinera", description="menú", requirements="turno noche",
             ubigeo="080101")  # fmt: skip
    found = job_measures([ad])
    assert found["jobs characters"].values == [float(len("Cocinera\nmenú\nturno noche"))]
    assert "shift" in found["jobs facts"].values
    assert found["jobs region"].values == ["Cusco"]


def test_of_an_export_the_first_places_count_whose_score_is_known() -> None:
    rows = [
        replace(ONE, person="a", rank=1, score=0.9, region="08"),
        replace(ONE, person="a", rank=PLACES, score=0.5, level="also", region="08"),
        replace(ONE, person="a", rank=PLACES + 1, score=0.1, level="also", region="08"),
        replace(ONE, person="b", rank=1, score=None, level=None, region="08"),
    ]
    found = shown_measures(Frame(rows))
    assert list(found["score"].values) == [0.9, 0.5]
    assert list(found["level"].values) == ["send", "also"]
    assert list(found["component dense"].values) == [0.4, 0.4]
    assert found["score"].units == 2
    assert list(found["people region"].values) == ["Cusco", "Cusco"]


def test_what_was_learned_from_is_ranked_without_the_part_that_is_looked_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []

    def few(part: str, name: str) -> list[dict[str, Any]]:
        read.append(part)
        return rows_of(part, name)[:12]

    monkeypatch.setattr(measures, "rows_of", few)
    found = judged_measures(_Spelling(), make_ranker("blend", 0.0))
    assert set(read) == {"A", "C", "D"}
    assert found["people characters"].units == 36
    assert found["jobs characters"].units == 36
    entries = found["score"]
    assert entries.units == 36
    assert 36 <= len(entries.values) <= 36 * PLACES
    assert {name for name in found if name.startswith("component")} >= {"component lexical"}
    assert all(0 <= float(value) <= 1 for value in entries.values)


@pytest.mark.parametrize("name", ["score", "level", "component dense"])
def test_a_measure_has_one_value_of_each_entry(name: str) -> None:
    found = shown_measures(Frame([ONE, replace(ONE, job_id="b", rank=2)]))[name]
    assert found.unit.tolist() == [0, 0]
    assert len(found.values) == 2
