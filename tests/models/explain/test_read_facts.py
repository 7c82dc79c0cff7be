"""Sentences say where a fact is from: stated, or read from what somebody wrote."""

from __future__ import annotations

from typing import Any

import pytest

from models.explain import facts, sms, template
from models.ranking.reasons import say
from tests.models.explain.entries import entry_of

PERSON = (
    "manejo carro hace 5 años, vivo en pucallpa, tengo 30 años, secundaria completa, hablo quechua "
    "y castellano, brevete a2b, solo de día, minimo 1000 al mes"
)
AD = {
    "title": "Chofer",
    "description": "Empresa en Yarinacocha, Ucayali. Turno de día. S/ 1,300 al mes.",
    "requirements": "Brevete A-IIb. Secundaria completa. Mayores de 18 años. Quechua "
    "indispensable. 2 años de experiencia.",
}  # fmt: skip
STATED_PERSON = {
    "ubigeo": "250101", "age": 30, "education": "secundaria", "licence": "A-IIb",
    "languages": ["es", "qu"], "shifts": ["day"], "min_pay": 1000, "pay_period": "month",
}  # fmt: skip
STATED_AD = {
    "ubigeo": "250105", "shift": "day", "pay_min": 1300, "pay_max": 1300, "pay_period": "month",
    "licence": "A-IIb", "education": "secundaria", "min_age": 18, "languages": ["qu"],
    "experience_years": 2,
}  # fmt: skip


def _said(person: dict[str, Any], job: dict[str, Any]) -> tuple[str, str, str]:
    """The explanation, the SMS, and the reasons as the command line says them."""
    entry = entry_of(person, job)
    read = facts.read(entry)
    reasons = "; ".join(say(reason) for reason in entry["reasons"])
    return template.write(read), sms.write(read), reasons


def test_every_fact_that_was_read_says_so() -> None:
    words, message, reasons = _said({"text": PERSON}, AD)
    for sentence in (
        "Queda a unos 3.8 km del distrito que escribiste",
        "El aviso dice que pagan S/ 1300 al mes.",
        "Llega a lo que escribiste que pides: S/ 1000 al mes.",
        "El aviso pide brevete A-IIb, y tienes A-IIb, según lo que escribiste.",
        "El aviso pide hablar quechua, y lo hablas, según lo que escribiste.",
        "El aviso pide tener 18 años o más, y los tienes, según lo que escribiste.",
        "El aviso pide secundaria, y tienes secundaria, según lo que escribiste.",
        "El aviso dice que el horario es de día, y puedes, según lo que escribiste.",
        "El aviso dice 2 años de experiencia.",
    ):
        assert sentence in words, words
    assert "El aviso dice S/1300/mes" in message
    assert "El aviso pide brevete A-IIb (escribiste que s" in message
    assert sms.septets(message) <= sms.MAX_SEPTETS
    assert reasons.count("(según lo que escribiste y el aviso)") == 7


def test_what_is_stated_is_told_as_before() -> None:
    words, message, reasons = _said(
        {"text": "manejo carro", **STATED_PERSON}, {"title": "Chofer", **STATED_AD}
    )
    for told in (words, message, reasons):
        assert "escribiste" not in told
        assert "aviso" not in told.lower()
    assert "Piden brevete A-IIb, y cumples." in words
    assert "Pagan S/ 1300 al mes." in words


@pytest.mark.parametrize("field", ["licence", "languages", "age", "education", "shifts"])
def test_only_the_side_that_was_read_is_said_to_be(field: str) -> None:
    stated = {name: value for name, value in STATED_PERSON.items() if name != field}
    words, _, _ = _said({"text": PERSON, **stated}, {"title": "Chofer", **STATED_AD})
    assert words.count("según lo que escribiste") == 1
    assert "El aviso" not in words


def test_what_is_missing_and_read_from_the_ad() -> None:
    words, message, _ = _said({"text": "manejo carro"}, AD)
    assert "El aviso también pide brevete A-IIb" in words
    assert "No nos dijiste si cumples." in words
    assert "El aviso pide brevete A-IIb" in message


def test_lodging_and_a_paid_trip_are_told() -> None:
    far = {"title": "Chofer", "ubigeo": "080101"}
    moves = {"text": "manejo carro", "ubigeo": "250101", "relocate": True}
    words, message, _ = _said(moves, {**far, "lodging": True, "travel_paid": True})
    assert "Dan dónde dormir y pagan el viaje." in words
    assert "Nos dijiste que te puedes mudar." in words
    assert "Dan d" in message
    assert "Pagan el viaje" in message
    read = {**far, "description": "Damos cuarto para dormir y pagamos el pasaje de ida."}
    words, _, _ = _said({**moves, "text": "manejo carro, puedo mudarme", "relocate": None}, read)
    assert "El aviso dice que dan dónde dormir" in words
    assert "Según lo que escribiste, te puedes mudar." in words
