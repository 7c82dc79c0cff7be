"""Notes that somebody else wrote are read as if the person had written them."""

from __future__ import annotations

import pytest

from models.reading.facts.canonical import canonical
from models.reading.facts.person import person_facts
from models.reading.facts.third_person import own_words


@pytest.mark.parametrize(
    ("note", "ubigeo", "age"),
    [
        ("La señora vive en Comas, tiene 48 años y cocina menú.", "150110", 48),
        (
            "Dato de la promotora: la usuaria vive en el distrito de Castilla, Piura.",
            "200104",
            None,
        ),
        ("busco trabajo para mi primo, tiene 22, vive en comas, carga sacos", "150110", 22),
        ("Mi papá es topógrafo, tiene 49 años. Vive en Bambamarca.", "060701", 49),
        ("Escribo de la ONG: Kevin cumplió 18, vive en Huánuco, Amarilis.", "100102", 18),
        ("Vive en Yarinacocha, busca de cocinera, tiene 45 años", "250105", 45),
        ("El joven tiene 19 años. Vive en Amarilis, Huánuco. Busca en obra.", "100102", 19),
    ],
)
def test_a_note_states_what_the_person_would(note: str, ubigeo: str, age: int | None) -> None:
    found = person_facts(note)
    assert found.ubigeo is not None
    assert found.ubigeo.value == ubigeo
    assert found.ubigeo.said in note
    assert (found.age and found.age.value) == age


@pytest.mark.parametrize(
    "text",
    [
        "La señora busca limpieza; su hijo vive en Comas y tiene 20 años.",
        "El señor cocina. Su mamá habla quechua, su esposa tiene 50 años.",
        "Cuido a la señora que vive en Comas, tiene 80 años; yo soy de Ate",
        "mi hermano vive en Comas y tiene 30 años, yo limpio casas",
    ],
)
def test_what_is_said_of_others_is_not_theirs(text: str) -> None:
    found = person_facts(text)
    assert found.age is None
    assert found.languages is None
    assert found.ubigeo is None or found.ubigeo.value != "150110"


def test_places_in_the_text_stay_where_they_were() -> None:
    words = canonical("La señora vive en Comas, habla quechua, tiene 48 años, quiere limpiar")
    own = own_words(words)
    assert own.text != words.text
    assert len(own.text) == len(words.text)


def test_misspelt_homes_are_homes() -> None:
    found = person_facts("soi de cajamarca pero ya bivo en comas, tengo 34 y 2 ijos de 8 y 11")
    assert found.ubigeo is not None
    assert found.ubigeo.value == "150110"
    assert found.age is not None
    assert found.age.value == 34
