"""The lexicon's lines, and what becomes of texts."""

from __future__ import annotations

import time
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.reading.lexicon import Kind, entries, find, folded, normalise

ALL = frozenset[Kind](get_args(Kind)) - {"keep"}
NONE = frozenset[Kind]()


def plainly(text: str) -> str:
    """With all kinds in place."""
    return normalise(text, ALL, NONE)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("toy buscando chamba d lo q sea", "estoy buscando cualquier trabajo"),
        ("Toy buscando", "Estoy buscando"),
        ("x 3 dias", "por 3 dias"),
        ("3 dias x semana", "3 dias por semana"),
        ("14 x 7", "14 x 7"),
        ("S/ 60 x dia", "S/ 60 por día"),
        ("x 12 hrs", "por 12 horas"),
        ("Juan D. Quispe", "Juan D. Quispe"),
        ("b) limpieza d) cocina", "b) limpieza d) cocina"),
        ("vitamina d", "vitamina d"),
        ("casa d playa", "casa de playa"),
        ("carrera de postas", "carrera de postas"),
        ("trabajé en la posta", "trabajé en el centro de salud"),
        ("ayudante c/exp", "ayudante con experiencia"),
        ("kosinera kn xperiensia", "cocinera con experiencia"),
        ("campaña de uva", "cosecha de uva"),
        ("campaña de vacunación", "campaña de vacunación"),
        ("micro empresa", "micro empresa"),
        ("pircas, quipu", "pircas, quipu"),
        ("", ""),
    ],
)
def test_what_is_written_in_place(said: str, meant: str) -> None:
    assert plainly(said) == meant


def test_as_shipped_the_words_stay_and_the_standard_ones_follow() -> None:
    assert normalise("chamba d gasfitero, gasfitero") == (
        "chamba d gasfitero, gasfitero (trabajo, de, fontanero)"
    )
    assert normalise("Cocinera de restaurante") == "Cocinera de restaurante"


@given(st.text(max_size=300))
def test_any_text_is_taken(text: str) -> None:
    assert len(folded(text)) == len(text)
    assert normalise(text).startswith(text)
    assert normalise(text, NONE, NONE) == text
    places = [place for found in find(text) for place in (found.start, found.end)]
    assert places == sorted(places)


@given(st.lists(st.sampled_from([entry.form for entry in entries()]), max_size=8))
def test_every_form_is_found(forms: list[str]) -> None:
    for form in forms:
        text = form.replace("0", "12")
        found = find(text)
        kept = any(entry.form == form and entry.kind == "keep" for entry in entries())
        assert kept or (found and found[0].start == 0 and found[-1].end == len(text)), form


def test_lines_hold_together() -> None:
    forms = [folded(entry.form) for entry in entries()]
    assert len(forms) >= 300
    assert len(set(forms)) == len(forms)
    assert {entry.kind for entry in entries()} == set(get_args(Kind))
    for entry in entries():
        assert entry.form.strip() == entry.form
        assert entry.source
        assert (entry.form == entry.standard) == (entry.kind == "keep")


def test_fast() -> None:
    text = ("busco chamba d gasfitero dstoro caños y termas tngo erramientas x dia " * 3)[:200]
    normalise(text)
    start = time.thread_time()
    for _ in range(500):
        normalise(text)
    assert (time.thread_time() - start) / 500 < 1e-3
