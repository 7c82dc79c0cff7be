"""People's spellings of closed vocabularies, and the order of Peru's licences."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import vocab


@pytest.mark.parametrize(
    ("text", "person", "job"),
    [
        ("A-I", "A-I", "A-I"),
        ("A1", "A-I", "A-I"),
        ("AI", "A-I", "A-I"),
        ("brevete A1", "A-I", "A-I"),
        ("AIIb", "A-IIb", "A-IIb"),
        ("A-II-B", "A-IIb", "A-IIb"),
        ("a2b", "A-IIb", "A-IIb"),
        ("Licencia de conducir clase A categoría II-b", "A-IIb", "A-IIb"),
        ("A IIIC profesional", "A-IIIc", "A-IIIc"),
        ("A3C", "A-IIIc", "A-IIIc"),
        ("BIIc", "B-IIc", "B-IIc"),
        ("B2B", "B-IIb", "B-IIb"),
        ("A-I y B-IIb", "A-I B-IIb", None),
        ("A-IIb o A-IIIc", "A-IIb A-IIIc", "A-IIb"),
        ("A-IIIa o A-IIIb", "A-IIIa A-IIIb", None),
        ("A2", None, "A-IIa"),
        ("A3", None, None),
        ("A1 y A2", None, "A-I"),
        ("ninguna", "none", "none"),
        ("ninguno", "none", "none"),
        ("no tengo", "none", "none"),
        ("sin brevete", "none", "none"),
        ("no requiere", "none", "none"),
        ("si tengo brevete", None, None),
        ("A-IV", None, None),
        ("", None, None),
    ],
)
def test_licences(text: str, person: str | None, job: str | None) -> None:
    assert vocab.person_licence(text) == person
    assert vocab.job_licence(text) == job


def test_licence_order() -> None:
    covers = vocab.LICENCE_COVERS
    chain = ["A-I", "A-IIa", "A-IIb"]
    for low, high in pairwise(chain):
        assert covers[low] < covers[high]
    for top in ("A-IIIa", "A-IIIb"):
        assert covers["A-IIb"] < covers[top] < covers["A-IIIc"]
    assert "A-IIIb" not in covers["A-IIIa"]
    assert "A-IIIa" not in covers["A-IIIb"]
    assert covers["A-IIIc"] == {c for c in vocab.LICENCES if c.startswith("A")}
    # Four wheels do not cover two, nor the other way round.
    assert not any(c.startswith("B") for c in covers["A-IIIc"])
    assert covers["B-IIa"] < covers["B-IIb"] < covers["B-IIc"]
    assert all(name in covered for name, covered in covers.items())


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("secundaria", "secundaria"),
        ("Secundaria completa", "secundaria"),
        ("SECUNDARIA INCOMPLETA", "primaria"),
        ("5to de secundaria", "secundaria"),
        ("primaria incompleta", "none"),
        ("técnica", "tecnica"),
        ("tecnico superior", "tecnica"),
        ("Superior universitaria", "universitaria"),
        ("superior técnica", "tecnica"),
        ("universidad trunca", "secundaria"),
        ("egresado de SENATI", "tecnica"),
        ("técnico o universitario", "tecnica"),
        ("bachiller en educacion", "universitaria"),
        ("sin estudios", "none"),
        ("ninguno", "none"),
        ("none", "none"),
        ("kinder", None),
    ],
)
def test_schooling(text: str, level: str | None) -> None:
    assert vocab.education(text) == level


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("es", "es"), ("ES-PE", "es"), ("castellano", "es"), ("Español", "es"), ("quechua", "qu"),
        ("Quechua chanka", "qu"), ("quy", "qu"), ("runa simi", "qu"), ("aimara", "ay"),
        ("AYMARA", "ay"), ("inglés (básico)", "en"), ("Asháninka", "cni"), ("de", "de"),
        ("lengua de señas", "prl"), ("klingon", None), ("", None),
    ],
)  # fmt: skip
def test_languages(text: str, code: str | None) -> None:
    assert vocab.language(text) == code


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("día", "day"), ("noche", "night"), ("turno nocturno", "night"), ("madrugada", "night"),
        ("rotativo", "rotating"), ("tiempo completo rotativo", "rotating"), ("full time", "day"),
        ("part time", "part_time"), ("medio tiempo", "part_time"), ("por horas", "part_time"),
        ("fin de semana", "weekend"), ("sábados y domingos", "weekend"), ("zzz", None),
    ],
)  # fmt: skip
def test_shifts(text: str, name: str | None) -> None:
    assert vocab.shift(text) == name


@given(st.text(max_size=60))
def test_terms_read_again_are_the_same(text: str) -> None:
    for read in (vocab.person_licence, vocab.job_licence, vocab.education, vocab.language):
        term = read(text)
        assert term is None or read(term) == term
    term = vocab.shift(text)
    assert term is None or (term in vocab.SHIFTS and vocab.shift(term) == term)


def test_every_canonical_term_reads_as_itself() -> None:
    for words, read in (
        (vocab.LICENCES, vocab.person_licence),
        (vocab.LICENCES, vocab.job_licence),
        (vocab.EDUCATION, vocab.education),
        (vocab.LANGUAGES, vocab.language),
        (vocab.SHIFTS, vocab.shift),
    ):
        for word in words:
            assert read(word) == word
