"""Hours, sums, counts, ages, beds and places as posters and messages write them."""

from __future__ import annotations

from typing import Any

import pytest

from models.reading.facts.job import JobFacts, job_facts


def facts(description: str, title: str = "Personal") -> JobFacts:
    return job_facts(title, description, None)


def value(description: str, name: str, title: str = "Personal") -> Any:
    fact = getattr(facts(description, title), name)
    return fact and fact.value


@pytest.mark.parametrize(
    ("description", "shift"),
    [
        ("Turno de 7 pm a 7 am. Ronda cada dos horas, llenar cuaderno.", "night"),
        ("Clínica, guardias nocturnas.", "night"), ("12 horas noche, 1,600.", "night"),
        ("Horno, turno de madrugada 2 am a 10 am.", "night"),
        ("Guardias diurnas y nocturnas.", None), ("Turnos con guardia nocturna cada 6 días.", None),
        ("Tienda, viernes a domingo, 70 el día.", "weekend"),
        ("Tutor, 3 tardes por semana.", "part_time"), ("4 horas de tarde, 450.", "part_time"),
        ("Lunes, miércoles y viernes 2 a 7.", "part_time"), ("Tardes de 3 a 8.", "part_time"),
        ("Mesa de partes de 8 a 1.", None), ("Llevar CV a la oficina de 9 am a 1 pm.", None),
        ("Presentarse de lunes a viernes de 9 a 12.", None),
        ("Presentarse con DNI, turno de 8 am a 5 pm.", "day"),
        ("Los buses salen de la plaza de 4 am a 5 am.", None), ("Posta a 5 horas en bote.", None),
        ("Bono por metas. De lunes a viernes.", None),
    ],
)  # fmt: skip
def test_shifts(description: str, shift: str | None) -> None:
    assert value(description, "shift") == shift


def test_a_title_may_say_half_the_day() -> None:
    assert value("Para bebé en Surco.", "shift", "Nana por las tardes") == "part_time"
    assert value("Tienda.", "shift", "Ventas por las mañanas y por las tardes") is None


@pytest.mark.parametrize(
    ("description", "pay"),
    [
        ("55 soles jornal más 25% nocturno.", (55, 55, "day")),
        ("Subvención 1130. De 9 a 3.", (1130, 1130, "month")),
        ("Aprendices. 450 soles de subvención.", (450, 450, "month")),
        ("Consultorio, 3 a 8 pm, 850.", (850, 850, "month")),
        ("6 noches, 1,700 con seguro.", (1700, 1700, "month")),
        ("1,300 y se queda en campamento.", (1300, 1300, "month")),
        ("Pareja, 1,300 cada uno con boleta.", (1300, 1300, "month")),
        ("Oficial 95 al día, peón 75.", (75, 95, "day")),
        ("6 operarios a 110 y 10 oficiales a 90 el día.", (90, 110, "day")),
        ("S/ 90 el día ayudantes y 130 maestros.", (90, 130, "day")),
        ("Pago 150 al chofer y 80 a los ayudantes al terminar el día.", (80, 150, "day")),
        ("Base 900 más 40% de cada servicio.", (900, 900, "month")),
        ("De S/ 1,500 a más según experiencia.", (1500, None, "month")),
        ("Según ley agraria 60.29 por día.", (60.29, 60.29, "day")),
        (
            "La capacitación es pagada con 40 soles diarios y luego 1200 mensuales.",
            (1200, 1200, "month"),
        ),
        ("Se alquila moto a 25 soles el día.", (None, None, None)),
        ("20 operarios y 30 oficiales.", (None, None, None)),
        ("Según ley 29973.", (None, None, None)), ("100 soles cada uno.", (None, None, None)),
    ],
)  # fmt: skip
def test_pay(description: str, pay: tuple[float | None, float | None, str | None]) -> None:
    assert tuple(value(description, n) for n in ("pay_min", "pay_max", "pay_period")) == pay


@pytest.mark.parametrize(
    ("description", "count"),
    [
        ("Serenazgo. Un puesto.", 1), ("Barbería. Una vacante.", 1), ("Grifo. 1 vac", 1),
        ("Barredores, 9 puestos CAS.", 9), ("Recibe 300 cosechadores.", 300),
        ("Consultora, 10 encuestadores en Huánuco.", 10), ("Se necesitan 12.", 12),
        ("Obra: 4 albañiles y 6 peones.", 10), ("Se busca 2 mozos, 1 azafata y 3 cocineros.", 6),
        ("Se busca 2 mozos, 1 año de experiencia.", 2), ("Fundo busca pareja para guardianía.", 2),
        ("Especialista en contrataciones 2", None), ("A cargo de 20 cosecheros.", None),
        ("Mercado de 40 puestos de venta.", None),
        ("Busca 5 proveedores de fruta.", None), ("Se requiere 2 años.", None),
    ],
)  # fmt: skip
def test_how_many(description: str, count: int | None) -> None:
    assert value(description, "vacancies") == count


@pytest.mark.parametrize(
    ("description", "ages"),
    [
        ("Recibe aprendices de 15 a 17 con permiso.", (15, 17)),
        ("Contratamos adolescentes de 16 a 17.", (16, 17)),
        ("Emplea a un o una joven de 17 a más.", (17, None)),
        ("Talleres para adolescentes de 15 a 17.", (None, None)),
        ("Cuida a menores de 14 a 16.", (None, None)),
    ],
)
def test_the_young(description: str, ages: tuple[int | None, int | None]) -> None:
    assert (value(description, "min_age"), value(description, "max_age")) == ages


@pytest.mark.parametrize(
    ("description", "given"),
    [
        ("Vivienda para personal foráneo.", True),
        ("120 x dia. casa pa foráneo", True),
        ("Hospedaje en la casa comunal.", True),
        ("Damos casita independiente.", True),
        ("Hay baño y un cuarto para cambiarse.", None),
        ("Limpieza de casa para gente mayor.", None),
    ],
)
def test_beds(description: str, given: bool | None) -> None:
    assert value(description, "lodging") is given


def test_local_delivery_is_no_place_and_a_carrier_has_one() -> None:
    assert value("Distribuidora en Tarma. Reparto local y a La Oroya.", "ubigeo") == "120701"
    assert value("Empresa de transporte de Comas busca cobrador.", "ubigeo") == "150110"
