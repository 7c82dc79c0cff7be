"""Numbers in words."""

from __future__ import annotations

import pytest

from models.reading.facts.numbers import numbers_in, value_of


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("treinta y cinco", 35),
        ("veinte y uno", 21),
        ("mil doscientos", 1200),
        ("mil trescientos cincuenta", 1350),
        ("dos mil cien", 2100),
        ("3 mil", 3000),
        ("cien mil", 100_000),
        ("sinco", 5),
        ("pichqa chunka", 50),
        ("chunka", 10),
        ("iskay", 2),
        ("phisqa tunka", 50),
        ("veinte treinta", None),
        ("una", None),
    ],
)
def test_a_run_of_words_is_one_number_or_none(words: str, value: int | None) -> None:
    assert value_of(words) == value


def test_a_run_is_cut_where_the_next_word_cannot_belong() -> None:
    said = "entre veinte treinta anos y 2 mil soles"
    assert [(said[a:b], digits) for a, b, digits in numbers_in(said)] == [
        ("veinte", "20"),
        ("treinta", "30"),
        ("2 mil", "2000"),
    ]
