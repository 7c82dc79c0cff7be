"""Invented people and jobs in the Spanish of Peru: no real persons, no real employers."""

from __future__ import annotations

import random
from typing import Any

#: trade: what a person says they can do, what a job asks for, licence asked, if any
TRADES: tuple[tuple[str, str, str, str | None], ...] = (
    ("albañil", "asiento ladrillo y tarrajeo", "asentado de ladrillo y tarrajeo", None),
    ("ayudante de obra", "cargo material y preparo mezcla", "carga de material y mezcla", None),
    ("gasfitero", "arreglo caños y pongo tuberías", "instalación de tuberías de agua", None),
    ("electricista", "hago instalaciones de luz en casas", "instalaciones eléctricas", None),
    ("carpintero", "hago muebles de melamina", "muebles de melamina", None),
    ("soldador", "sueldo rejas y portones", "soldadura de estructuras", None),
    ("pintor de casas", "pinto fachadas y lijo paredes", "pintado de fachadas", None),
    ("cocinera", "cocino menú y sopas para pensión", "preparación de menú diario", None),
    ("ayudante de cocina", "pelo papas y lavo ollas", "apoyo en cocina", None),
    ("mozo", "atiendo mesas en pollería", "atención de mesas", None),
    ("panadero", "amaso y horneo pan de madrugada", "amasado y horneado", None),
    ("costurera", "coso en recta y remalladora", "costura en recta y remalladora", None),
    ("chofer de combi", "manejo combi hace años", "manejo de combi en ruta urbana", "A-IIb"),
    ("chofer de camión", "manejo camión de carga", "transporte de carga pesada", "A-IIIb"),
    ("mototaxista", "manejo mototaxi en mi barrio", "servicio de mototaxi", "B-IIc"),
    ("repartidor en moto", "reparto pedidos en moto", "reparto de pedidos", "B-IIb"),
    ("vigilante", "cuido locales de noche", "vigilancia de local", None),
    ("limpieza", "limpio oficinas y casas", "limpieza de oficinas", None),
    ("niñera", "cuido niños pequeños", "cuidado de niños", None),
    ("cuidadora", "cuido adultos mayores y enfermos", "cuidado de adulto mayor", None),
    ("peón agrícola", "cosecho espárrago y uva", "cosecha de uva y espárrago", None),
    ("ganadero", "ordeño vacas y pastoreo", "ordeño y pastoreo", None),
    ("pescador", "pesco y arreglo redes", "faena de pesca artesanal", None),
    ("estibador", "descargo camiones en el mercado", "estiba de mercadería", None),
    ("vendedora", "vendo ropa en galería", "venta de ropa", None),
    ("cajera", "cobro y cuadro caja", "caja en minimarket", None),
    ("mecánico", "arreglo motores y frenos", "mecánica automotriz", None),
    ("peluquera", "corto cabello y hago tintes", "corte y tinte", None),
    ("técnica en enfermería", "pongo inyecciones y tomo presión", "apoyo en tópico", None),
    ("jardinero", "corto pasto y podo árboles", "mantenimiento de jardines", None),
)

#: ubigeo, how people write the place
PLACES: tuple[tuple[str, str], ...] = (
    ("150110", "Comas, Lima"), ("150132", "SJL"), ("150142", "Villa El Salvador"),
    ("150103", "Ate, Lima"), ("150106", "Carabayllo"), ("040101", "Arequipa"),
    ("040104", "Cayma, Arequipa"), ("080101", "Cusco"), ("080108", "Wanchaq, Cuzco"),
    ("130101", "Trujillo"), ("130103", "Florencia de Mora, Trujillo"), ("140101", "Chiclayo"),
    ("200101", "Piura"), ("210101", "Puno"), ("211101", "Juliaca"), ("160101", "Iquitos"),
    ("120101", "Huancayo"), ("110101", "Ica"), ("060101", "Cajamarca"), ("050101", "Ayacucho"),
)  # fmt: skip

SHIFTS = ("day", "night", "rotating")
EDUCATION = ("none", "primaria", "secundaria", "tecnica")


def invent_person(rng: random.Random, profile_id: str) -> dict[str, Any]:
    """A profile, with as few or as many fields as people give."""
    trade, does, _, licence = rng.choice(TRADES)
    years = rng.randint(1, 25)
    text = rng.choice(
        (
            f"Soy {trade}, {does}. Tengo {years} años de experiencia.",
            f"busco chamba de {trade}, {does}",
            f"{does.capitalize()} y también ayudo en lo que haya. {years} años trabajando.",
            f"Trabajo como {trade} desde hace {years} años, soy responsable y puntual.",
        )
    )
    person: dict[str, Any] = {"profile_id": profile_id, "text": text}
    ubigeo, place = rng.choice(PLACES)
    optional: dict[str, Any] = {
        "age": rng.randint(16, 64),
        "max_distance_km": rng.choice([5, 20, 60, 400]),
        "relocate": rng.random() < 0.3,
        "licence": licence or rng.choice(["A-I", "A-IIa", "B-IIb", "none"]),
        "languages": rng.sample(["es", "qu", "ay"], rng.randint(1, 2)),
        "education": rng.choice(EDUCATION),
        "shifts": rng.sample(SHIFTS, rng.randint(1, 3)),
        "experience_years": years,
    }
    person.update({name: value for name, value in optional.items() if rng.random() < 0.4})
    if rng.random() < 0.7:
        person.update({"ubigeo": ubigeo} if rng.random() < 0.5 else {"place": place})
    if rng.random() < 0.3:
        person.update(min_pay=rng.choice([40, 60, 1025, 1500]), pay_period="month")
        if person["min_pay"] < 100:
            person["pay_period"] = "day"
    return person


def make_risky(rng: random.Random, job: dict[str, Any]) -> dict[str, Any]:
    """The same ad as somebody writes it who wants people's money."""
    asks = rng.choice(
        (
            "Para separar tu vacante deposita S/ 80 por Yape antes de la entrevista.",
            "Pago de inscripción de 50 soles, se devuelve con el primer sueldo.",
            "Debes dejar tu DNI original en garantía mientras dura el contrato.",
        )
    )
    risky = {name: value for name, value in job.items() if name != "employer"}
    return {**risky, "description": f"{job.get('description', '')} {asks}".strip()}


def invent_job(rng: random.Random, job_id: str) -> dict[str, Any]:
    """A job ad, with as few or as many fields as employers give."""
    trade, _, asks, licence = rng.choice(TRADES)
    ubigeo, place = rng.choice(PLACES)
    job: dict[str, Any] = {"job_id": job_id, "title": trade.capitalize()}
    optional: dict[str, Any] = {
        "description": f"Se necesita {trade} para {asks} en {place}.",
        "employer": f"Negocio {rng.randint(1, 99)} de {place.split(',')[0]}",
        "licence": licence,
        "languages": ["qu"] if rng.random() < 0.2 else ["es"],
        "min_age": rng.choice([18, 21]),
        "education": rng.choice(EDUCATION),
        "shift": rng.choice(SHIFTS),
        "vacancies": rng.randint(1, 10),
        "remote": rng.random() < 0.05,
    }
    job.update(
        {
            name: value
            for name, value in optional.items()
            if value is not None and rng.random() < 0.5
        }
    )
    if rng.random() < 0.7:
        job.update({"ubigeo": ubigeo} if rng.random() < 0.5 else {"place": place})
    if rng.random() < 0.5:
        pay = rng.choice([1025, 1200, 1800, 2500])
        job.update(pay_min=pay, pay_max=pay + 300, pay_period="month")
    return job
