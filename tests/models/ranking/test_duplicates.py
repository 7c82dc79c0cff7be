"""Near-duplicates: the same ad by another hand, and nothing that is another job."""

from __future__ import annotations

from typing import Any

import pytest

from models.ranking.duplicates import MOST_DIFFERENT, same, signature
from models.ranking.ranker import Place, collapse
from schemas import Job, validate
from schemas.matches import MAX_SIMILAR

AD: dict[str, Any] = {
    "job_id": "a",
    "title": "Operario de almacén",
    "description": "Empresa del rubro de alimentos busca operario de almacén para carga y descarga "
    "de mercadería, orden y limpieza del almacén, picking y control de inventario. Turno de día, "
    "de lunes a sábado, con planilla desde el primer día y movilidad de regreso.",
    "place": "Ate, Lima",
    "pay_max": 1300,
}


def sign(**changes: Any) -> bytes:
    return signature(validate(Job, {**AD, **changes}))


@pytest.mark.parametrize(
    "changes",
    [
        {"employer": "Otra agencia SAC"},
        {"title": "OPERARIO DE ALMACEN"},
        {"description": AD["description"].replace("busca", "requiere").upper()},
        {"description": AD["description"] + " Postula ya."},
        {"place": None, "ubigeo": "150103"},
    ],
)
def test_another_hand_is_a_near_duplicate(changes: dict[str, Any]) -> None:
    assert same(sign(), sign(**changes))
    assert same(sign(**changes), sign())


@pytest.mark.parametrize(
    "changes",
    [
        {"place": "Comas, Lima"},
        {"pay_max": 1800},
        {"shift": "night"},
        {
            "title": "Ayudante de cocina",
            "description": "Restaurante busca ayudante de cocina para picar verduras, lavar platos "
            "y apoyar al cocinero en la preparación del menú diario. Turno de día, de lunes a "
            "sábado, con planilla desde el primer día y movilidad de regreso.",
        },
        {
            "title": "Operario de producción",
            "description": AD["description"]
            .replace("almacén", "producción")
            .replace("carga y descarga de mercadería", "sellado y etiquetado de bolsas")
            .replace("picking y control de inventario", "manejo de faja"),
        },
    ],
)
def test_another_job_is_none(changes: dict[str, Any]) -> None:
    assert not same(sign(), sign(**changes))


def test_a_short_ad_is_like_no_other() -> None:
    short = sign(title="Ayudante de cocina", description=None)
    assert short == b""
    assert not same(short, short)


@pytest.mark.parametrize(("bits", "near"), [(MOST_DIFFERENT, True), (MOST_DIFFERENT + 1, False)])
def test_near_is_a_number_of_bits(bits: int, near: bool) -> None:
    other = ((1 << bits) - 1).to_bytes(16)
    assert same(b"k" * 8 + bytes(16), b"k" * 8 + other) is near


def test_a_signature_never_changes() -> None:
    assert sign().hex() == "0f8131de08f212dbd3281a11bf074d81cacb23818b4816f6"


def test_duplicates_share_the_place_of_the_first() -> None:
    a, b, c = b"k" * 8 + bytes(16), b"k" * 8 + bytes(15) + b"\1", b"other..." + bytes(16)
    ordered = [("1", 0.9, a), ("2", 0.8, c), ("3", 0.8, b), ("4", 0.7, b""), ("5", 0.6, a)]
    assert collapse(ordered, 3) == [
        Place("1", 0.9, ("3",)),
        Place("2", 0.8),
        Place("4", 0.7),
    ], "what comes after the last place is not listed"
    assert collapse(ordered, 9)[0] == Place("1", 0.9, ("3", "5"))


def test_no_more_than_so_many_are_listed_the_best_first() -> None:
    a = b"k" * 8 + bytes(16)
    ordered = [(f"{i:02}", 0.9 - i / 1000, a) for i in range(60)]
    (place,) = collapse(ordered, 3)
    assert place.similar == tuple(f"{i:02}" for i in range(1, 1 + MAX_SIMILAR))
    assert collapse([*ordered, ("z", 0.1, b"")], 3)[1:] == [Place("z", 0.1)], "they use up no place"
