"""What is asked where an ad has nothing but a description, as posters and messages have."""

from __future__ import annotations

import time
from typing import Any

import pytest

from models.reading.facts.job import job_facts

ASKED = ("education", "experience_years", "languages")


def asked(description: str, title: str = "Personal", requirements: str = "") -> dict[str, Any]:
    """Schooling, years and languages that an ad asks."""
    facts = job_facts(title, description, requirements or None)
    read = {name: getattr(facts, name) for name in ASKED}
    return {name: fact.value for name, fact in read.items() if fact is not None}


@pytest.mark.parametrize(
    ("description", "level"),
    [
        ("Almacén en Ate. Secundaria. Se postula hoy.", "secundaria"),
        ("Mayor de edad con secundaria. 1,200.", "secundaria"),
        ("Turno tarde, secundaria completa.", "secundaria"),
        ("Requisitos: primaria como mínimo.", "primaria"),
        ("Granja en Huaral. Secundaria incompleta.", "primaria"),
        ("Clínica. Técnico titulado, turno noche.", "tecnica"),
        ("Se pide estudios técnicos concluidos.", "tecnica"),
        ("Fundo en Ica. Técnico agropecuario, moto propia.", "tecnica"),
        ("Bachiller o técnico concluido.", "tecnica"),
        ("Egresado universitario o técnico titulado.", "tecnica"),
        ("Estudio contable. Bachiller en contabilidad.", "universitaria"),
        ("Médico veterinario colegiado, licencia A-I.", "universitaria"),
        ("Titulada y colegiada, guardias.", "universitaria"),
        ("Lic. en enfermería con colegiatura.", "universitaria"),
        ("Licenciada o licenciado con colegiatura.", "universitaria"),
        ("No piden estudios.", "none"),
    ],
)
def test_schooling_in_short_clauses(description: str, level: str) -> None:
    assert asked(description) == {"education": level}


def test_a_bare_title_is_of_the_level_that_the_ads_title_names() -> None:
    assert asked("Hospital. Titulada.", "Enfermera") == {"education": "universitaria"}
    assert asked("Hospital. Titulados.", "Enfermera y técnico en laboratorio") == {}


@pytest.mark.parametrize(
    "description",
    [
        "Se busca tutor para alumnos de primaria y secundaria.",
        "Librería frente a colegio. Atención a estudiantes de secundaria.",
        "Colegio con primaria y secundaria busca auxiliar de limpieza.",
        "Curso técnico gratuito, al terminar te damos certificado.",
        "Servicio técnico de celulares.", "Soporte técnico a usuarios.",
        "Trabajarás con un ingeniero colegiado.", "El taller lo dirige un técnico titulado.",
        "Secundaria completa, deseable.", "No se requiere secundaria completa.",
        "Te ayudamos a terminar tu secundaria.", "Técnica en enfermería o cuidadora con práctica.",
        "Bachiller, técnico o estudiante de últimos ciclos.", "Colegiatura: no requiere.",
        "Licenciados en obstetricia y/o personal técnico.", "Técnico electricista para obra.",
        "Técnico titulado o con experiencia.",
    ],
)  # fmt: skip
def test_schooling_that_is_taught_given_or_of_others(description: str) -> None:
    assert asked(description) == {}


def test_who_learns_there_may_get_a_career() -> None:
    assert asked("Modalidad formativa, subvención, carrera técnica.", "Aprendices") == {}


@pytest.mark.parametrize(
    ("description", "years"),
    [
        ("A-IIIb, 3 años de experiencia.", 3),
        ("Experiencia 6 meses. Sueldo 1,500 + bono.", 0.5),
        ("Pizzero con 1 año de experiencia mínimo.", 1),
        ("5 años de exp minimo. 120 x dia.", 5),
        ("Requiere experiencia en caja de 1 año.", 1),
        ("Taller. Saber usar seccionadora. 3 años. 80 al día.", 3),
        ("Buzo certificado, 5 años.", 5),
        ("Cocinera con exp de 2 añitos.", 2),
        ("Requiere operador con mínimo 5 años. Contrato de un año.", 5),
        ("Ventas al por mayor, 2 años en cargo similar.", 2),
        ("Bodega. 2 años manejando camión.", 2),
        ("Obra de 8 meses. Peones con 1 año de experiencia.", 1),
        ("Experiencia específica: 1 año. Experiencia general: mínima de 2 años.", 2),
        ("Empresa con 20 años de experiencia. Se exige 2 años de experiencia.", 2),
    ],
)
def test_years_in_short_clauses(description: str, years: float) -> None:
    assert asked(description) == {"experience_years": years}


@pytest.mark.parametrize(
    "description",
    [
        "Empresa con 10 años de experiencia en el rubro busca vendedor.",
        "Somos un taller con más de 8 años en el mercado.",
        "Empresa líder, 9 años de experiencia nos respaldan.",
        "Nuestros maestros tienen 5 años de experiencia.", "Planta con 6 años de operación.",
        "Contrato de 10 meses.", "Contrato, 1 año, renovable.", "Obra de 2 años.",
        "Cuidar niña, 3 años.", "Niño de 2 años con autismo.", "Edad: 20 a 30 años.",
        "Garantía de 2 años.", "Capacitación de 1 año en planta.", "Trabajo estable por 2 años.",
        "2 años de experiencia deseable.", "Deseable: 2 años de experiencia.",
        "Experiencia de 1 año, no indispensable.", "No se pide experiencia. Un año de contrato.",
        "Con o sin experiencia. 3 años.", "Cuidador técnico o con 2 años cuidando.",
    ],
)  # fmt: skip
def test_years_of_a_firm_a_contract_or_a_child(description: str) -> None:
    assert "experience_years" not in asked(description)


def test_what_the_requirements_say_comes_first() -> None:
    both = asked("Secundaria. 3 años de experiencia.", requirements="Técnico titulado, 1 año")
    assert both == {"education": "tecnica", "experience_years": 1}
    assert asked("3 años. Secundaria.", requirements="DNI, puntualidad") == {
        "education": "secundaria", "experience_years": 3
    }  # fmt: skip
    assert asked("3 años de práctica.", requirements="Sin experiencia") == {}


@pytest.mark.parametrize(
    ("description", "languages"),
    [
        ("Inglés avanzado indispensable.", ("en",)), ("Hotel. Inglés básico. 4,800.", ("en",)),
        ("Inglés avanzado, portugués deseable.", ("en",)),
        ("Proyecto en Aymaraes. Quechua y castellano. Moto.", ("es", "qu")),
        ("Inglés y portugués hablados.", ("en", "pt")),
        ("Docentes bilingües awajún castellano.", ("es", "agr")),
        ("Casado de preferencia, que hable quechua.", ("qu",)),
        ("Inglés no requerido.", ()), ("Academia de idiomas. Inglés, francés e italiano.", ()),
        ("Profesora para niveles: inglés básico.", ()), ("Que domine pan francés.", ()),
        ("Turistas de habla inglés y francés.", ()), ("Inglés básico, deseable.", ()),
    ],
)  # fmt: skip
def test_languages_in_short_clauses(description: str, languages: tuple[str, ...]) -> None:
    assert asked(description).get("languages", ()) == languages


@pytest.mark.parametrize(
    ("title", "description", "licence"),
    [
        ("Veterinario", "Colegiado, licencia A-I, quechua deseable.", "A-I"),
        ("Vendedor", "Licencia A-I, deseable.", None),
        ("Sereno", "Licencia B-IIb para motorizados.", None),
        ("Motorizado", "Licencia B-IIb para motorizados.", "B-IIb"),
        ("Chofer", "Licencia A-IIb para camioneta.", "A-IIb"),
    ],
)
def test_licences_of_all_who_are_sought(title: str, description: str, licence: str | None) -> None:
    fact = job_facts(title, description, None).licence
    assert (fact and fact.value) == licence


@pytest.mark.parametrize(
    "piece", ["tecnico en ", "experiencia a ", "2 años, ", "con ", "bachiller o ", "se pide con "]
)
def test_hostile_descriptions_cost_little(piece: str) -> None:
    began = time.process_time()
    job_facts("Personal", piece * (200_000 // len(piece)), None)
    assert time.process_time() - began < 1
