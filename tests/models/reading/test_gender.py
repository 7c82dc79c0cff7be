"""A woman and a man who write the same words are read as the same."""

from __future__ import annotations

import pytest

from models.reading.gender import gender_said, neutral

PAIRS = [
    ("cocinero", "cocinera"),
    ("soy gasfitero con experiencia", "soy gasfitera con experiencia"),
    ("Técnico enfermero titulado", "Técnica enfermera titulada"),
    ("tecnico contador", "tecnica contadora"),
    ("costurero rápido y proactivo", "costurera rápida y proactiva"),
    ("se necesitan cocineros y meseros", "se necesitan cocineras y meseras"),
    ("vendedores de campo", "vendedoras de campo"),
    ("fotógrafo", "fotógrafa"),
]
THINGS = [
    "reparo lavadoras y licuadoras",
    "mantenimiento de carretera",
    "operador de retroexcavadora",
    "cochera en alquiler",
    "busco lo que sea, cualquiera",
    "obra de madera",
    "chacra de papa",
]


@pytest.mark.parametrize(("he", "she"), PAIRS)
def test_both_genders_read_alike(he: str, she: str) -> None:
    assert neutral(he) == neutral(she) == he


@pytest.mark.parametrize("text", THINGS)
def test_things_stay_what_they_are(text: str) -> None:
    assert neutral(text) == text


def test_both_genders_in_one_ad_are_one_word() -> None:
    assert neutral("Se busca cocinero/a") == "Se busca cocinero"
    assert neutral("Operario(a) de limpieza") == "Operario de limpieza"
    assert neutral("cobro y/o reparto") == "cobro y/o reparto"
    assert neutral("brevete A/B, turno 8 a 5") == "brevete A/B, turno 8 a 5"


def test_capitals_stay() -> None:
    assert neutral("Enfermera") == "Enfermero"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("soy cocinera en Lima", "feminine"),
        ("TÉCNICA EN FARMACIA, título de técnico", "feminine"),
        ("soldador homologado, trabajé con pesqueras", "masculine"),
        ("Señorita, busco de mozo", "masculine"),
        ("Mujer, 45 años", "feminine"),
        ("ayudante de lo que sea, solo noches", None),
        ("Noqaqa llankayta maskachkani", None),
        ("", None),
    ],
)
def test_which_gender_words_say_is_a_guess_by_the_first_that_tells(
    text: str, said: str | None
) -> None:
    assert gender_said(text) == said
