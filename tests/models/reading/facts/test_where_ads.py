"""Where the work is and what comes with it: kinds of wordings, one by one."""

from __future__ import annotations

import time

import pytest

from models.reading.facts.canonical import JobWords, canonical
from models.reading.facts.job import job_facts
from models.reading.facts.where import offers, workplace


def place_of(description: str, title: str = "Personal", employer: str | None = None) -> str | None:
    fact = job_facts(title, description, None, employer).ubigeo
    return fact.value if fact else None


@pytest.mark.parametrize(
    ("description", "ubigeo"),
    [
        ("Municipalidad Distrital De Ate. LIMA. SEGURIDAD CIUDADANA.", "150103"),
        ("Ugel 07. LIMA - SAN LUIS. NO INDISPENSABLE.", "150134"),
        ("Hospital Dos De Mayo. LIMA - LIMA. ETICA.", "150101"),
        ("Municipalidad Provincial De Sullana. PIURA. MECANICA.", "200601"),
        ("Gobierno Regional. LAMBAYEQUE - LA VICTORIA. SIGA.", "140106"),
        ("Planta en Paita. Buses desde Piura y Sullana.", "200501"),
        ("Base en Chiclayo, ruta Jaén - Bagua.", "140101"),
        ("Restaurante en la Av. Piura, Nuevo Chimbote.", "021809"),
        ("Molino San Isidro, Nueva Cajamarca. Dos turnos.", "220804"),
        ("Tienda en Real Plaza Trujillo.", "130101"), ("Fundo en la pampa de Majes.", "040520"),
        ("Mercado San Pedro, Cusco.", "080101"), ("Mercado Centenario, Huacho.", "150801"),
        ("Terminal en el Callao, turnos.", "070101"), ("Bote que sale de San Andrés.", "110506"),
        ("Mina en el distrito de Yauli, provincia de Yauli.", "120810"),
        ("Agencia de la Huacachina, Ica.", "110101"),
        ("Molino en Lambayeque, carretera a Mocce.", "140301"),
        ("Huamanguilla chakrakunapi paltata pallanku.", "050403"),
    ],
)  # fmt: skip
def test_workplace(description: str, ubigeo: str) -> None:
    assert place_of(description) == ubigeo


@pytest.mark.parametrize(
    "description",
    [
        "Para unidades de Trujillo, Chimbote y Casma.", "Empresa líder busca personal.",
        "Sale carro del óvalo de Parcona.", "Recojo en Sullana 4 am.", "Chicas de Ayacucho.",
        "CONOCIMIENTO DEL MARCO NORMATIVO. ALTO NIVEL.", "Carretera Moquegua - Omate.",
        "Atención en ventanilla y caja.", "Quinua, maca, emoliente y panes.",
        "Fundo en la provincia de Cañete.", "Planta en Lambayeque.",
    ],
)  # fmt: skip
def test_no_workplace(description: str) -> None:
    assert place_of(description) is None


def test_the_employer_tells_where_the_ad_does_not() -> None:
    assert place_of("Auxiliar de contabilidad.", employer="Estudio Vargas, calle Zela, Tacna") == (
        "230101"
    )
    assert place_of("Limpieza.", employer="Municipalidad Distrital de Tumán") == "140120"
    assert place_of("Ayudante en Los Olivos.", employer="Transportes Cusco") == "150117"


@pytest.mark.parametrize(
    ("description", "given"),
    [
        ("Cama adentro, domingo libre.", True), ("Cuarto propio con baño.", True),
        ("14x7, campamento y alimentación.", True),
        ("Hay donde quedarse en la casa del fundo.", True),
        ("Se vive en el fundo.", True), ("Tarimas para dormir.", True), ("Casa y comida.", True),
        ("Hotel y alimentación por cuenta de la empresa.", True),
        ("Doy posada y tres platos.", True),
        ("Doy casa, leche y víveres.", True), ("S/ 2,500 + vivienda + moto.", True),
        ("Víveres y cabaña.", True), ("Se da casa en alquiler.", None),
        ("Sin cama adentro, de 8 a 6.", None), ("Hospedaje busca recepcionista.", None),
        ("Limpieza de habitaciones en hotel.", None), ("Sin quedarse a dormir.", None),
        ("No incluye alojamiento.", None), ("Construcción de hospedaje en Morales.", None),
        ("Se cubre hospedaje cuando toca pernoctar.", None),
        ("Depa de 3 cuartos, tres veces.", None),
        ("Preparar el desayuno en el campamento.", None), ("Tienda de camas y colchones.", None),
    ],
)  # fmt: skip
def test_lodging(description: str, given: bool | None) -> None:
    fact = job_facts("Personal", description, None).lodging
    assert (fact and fact.value) == given


@pytest.mark.parametrize(
    ("description", "paid"),
    [
        ("Pagamos pasaje.", True), ("Se cubre el pasaje de ida y vuelta.", True),
        ("Campamento, comida y pasajes.", True), ("Pasajes Trujillo - mina a nuestro cargo.", True),
        ("Se cubre el pasaje para la entrevista.", None), ("S/ 1,400 más pasajes.", None),
        ("Pasajes diarios.", None), ("Buses desde Piura.", None), ("Adelanto de pasaje.", None),
    ],
)  # fmt: skip
def test_paid_trip(description: str, paid: bool | None) -> None:
    fact = job_facts("Personal", description, None).travel_paid
    assert (fact and fact.value) == paid


@pytest.mark.parametrize(
    ("description", "given"),
    [
        ("60 soles y su almuerzo.", True), ("Incluye desayuno.", True),
        ("Jornal con comida.", True),
        ("Preparar desayuno y almuerzo para 20.", None), ("Venta de comida criolla.", None),
        ("La comida la ponen ustedes.", None),
    ],
)  # fmt: skip
def test_meals(description: str, given: bool | None) -> None:
    fact = job_facts("Personal", description, None).meals
    assert (fact and fact.value) == given


@pytest.mark.parametrize(
    ("description", "remote"),
    [
        ("100% remoto con contrato.", True), ("Usted cose en su casa.", True),
        ("Home office.", True),
        ("Trabajo no presencial.", True), ("Modalidad híbrida, dos días remoto.", None),
        ("Compra chompas tejidas en su casa.", True),
        ("Movilidad del trabajo a casa.", None), ("Cuidado de pacientes en su domicilio.", None),
        ("A las 11 ya está en su casa.", None),
    ],
)  # fmt: skip
def test_remote(description: str, remote: bool | None) -> None:
    fact = job_facts("Personal", description, None).remote
    assert (fact and fact.value) == remote


@pytest.mark.parametrize(
    "piece",
    [
        "LIMA - ", "en la ", "san ", "damos y con mas la el un ",
        "pasaje de de de ", "1 2 ", "(lima)",
        "desde casa trabajo en su ", "limpieza de hotel y ", "y su almuerzo preparar ", "x", ". ",
    ],
)  # fmt: skip
def test_hostile_ads_cost_no_more_than_their_first_letters(piece: str) -> None:
    one = canonical(piece * (200_000 // len(piece)))
    words = JobWords(one, one, one)
    workplace.job(words)
    start = time.process_time()
    workplace.job(words)
    for offer in (offers.lodging, offers.travel_paid, offers.meals, offers.remote):
        offer(words)
    assert time.process_time() - start < 3.0
