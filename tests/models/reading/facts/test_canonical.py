"""One spelling of a text and the way back to what was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.reading.facts.canonical import MAX_CHARS, canonical


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("tngo 2 años d exp", "tengo 2 anos de experiencia"),
        ("señora d 48  lavo\n\n ropa", "senora de 48 lavo\nropa"),
        ("A dos b", "a 2 b"),
        ("60 soles x dia", "60 soles por dia"),
        ("14 x 7", "14 x 7"),
        ("D. Quispe, d) pintor", "d. quispe, d) pintor"),
        ("a 5 k de aki", "a 5 k de aqui"),
        ("Licencia AI", "licencia ai"),
        ("ai trabajo", "hay trabajo"),
        ("clase d", "clase d"),
    ],
)
def test_a_text_is_spelt_in_one_way(written: str, read: str) -> None:
    assert canonical(written).text == read


def test_a_fact_names_the_piece_as_it_was_written() -> None:
    words = canonical("ola, tngo treinta y cinco años", "description")
    start = words.text.index("35")
    fact = words.fact(35, start, start + 2, 0.9, "rule")
    assert fact.said == "treinta y cinco"
    assert words.written[fact.start : fact.end] == fact.said
    assert fact.part == "description"


_PIECES = st.sampled_from(
    [
        "tngo ",
        "mil ",
        "dos",
        " ",
        "\n",
        "x dia ",
        "Ñ",
        "d ",
        "12",
        " lo q sea",
        "\t\t",
        "y ",
        "İ",
        "año",
    ]
)


@given(st.lists(st.one_of(_PIECES, st.text(max_size=5)), max_size=40).map("".join))
def test_every_place_leads_back_into_what_was_written(written: str) -> None:
    words = canonical(written)
    last = 0
    for at in range(len(words.text)):
        fact = words.fact(0, at, at + 1, 1.0, "")
        assert 0 <= fact.start <= fact.end <= len(words.written)
        assert fact.start >= last
        last = fact.start
    whole = words.fact(0, 0, len(words.text), 1.0, "")
    assert (whole.start, whole.end) == (0, len(words.written)) or not words.text


def test_what_comes_late_is_not_read() -> None:
    text = "busco trabajo " * 1000
    assert canonical(text) == canonical(text[:MAX_CHARS])
    assert len(canonical(text).written) == MAX_CHARS
