"""Made-up job and profile texts in Spanish, the same for the same seed; no real person in them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Final

TRADES: Final = (
    "albañil", "maestro de obra", "ayudante de construcción", "gasfitero", "electricista",
    "carpintero", "soldador", "pintor de casas", "vidriero", "mecánico automotriz", "chofer A-IIb",
    "mototaxista", "repartidor en moto", "cobrador de combi", "estibador de mercado", "costurera",
    "operaria de confecciones", "remalladora", "zapatero", "panadero", "pastelera",
    "ayudante de cocina", "cocinera de menú", "moza de restaurante", "vendedora de tienda",
    "cajera", "reponedor de supermercado", "vigilante", "agente de seguridad", "conserje",
    "personal de limpieza", "trabajadora del hogar", "niñera", "cuidadora de adultos mayores",
    "técnica de enfermería", "peón agrícola", "cosechador de espárrago", "operador de tractor",
    "pescador artesanal", "procesador de pescado", "ayudante de minería", "jardinero",
    "lavador de autos", "auxiliar de almacén", "empaquetadora", "operario de producción",
    "digitador", "auxiliar de oficina", "profesor de primaria", "peluquera", "tejedora",
)  # fmt: skip
PLACES: Final = (
    "San Juan de Lurigancho", "Villa El Salvador", "Comas", "Ate", "Carabayllo", "Ventanilla",
    "Puente Piedra", "Cusco", "Juliaca", "Puno", "Huancayo", "Ayacucho", "Huaraz", "Cajamarca",
    "Jaén", "Piura", "Sullana", "Chiclayo", "Trujillo", "Chimbote", "Ica", "Chincha", "Pisco",
    "Arequipa", "Cerro Colorado", "Moquegua", "Tacna", "Iquitos", "Pucallpa", "Tarapoto",
)  # fmt: skip
PERSON: Final = (
    "tengo {n} años de experiencia", "soy puntual y responsable", "puedo trabajar de noche",
    "tengo herramientas propias", "solo puedo medio tiempo por mis hijos", "hablo quechua",
    "terminé la secundaria", "tengo brevete", "trabajé {n} años en obra", "sé manejar caja",
    "aprendo rápido", "busco trabajo cerca de mi casa", "disponibilidad inmediata",
    "también hago cachuelos de {trade}", "tengo carné de sanidad", "puedo viajar a provincia",
    "antes trabajé como {trade} en {place}", "no tengo experiencia pero tengo muchas ganas",
)  # fmt: skip
JOB: Final = (
    "mínimo {n} años de experiencia", "turno día de lunes a sábado", "turnos rotativos",
    "sueldo S/ {pay} más beneficios de ley", "pago semanal", "con secundaria completa",
    "licencia de conducir vigente", "se ofrece movilidad y almuerzo", "ingreso a planilla",
    "experiencia previa como {trade}", "residir cerca de {place}", "contratación inmediata",
    "saber trabajar en equipo", "horario de 8 a 6", "zona de trabajo {place}",
    "manejo de herramientas básicas", "atención al público", "apoyo en limpieza del local",
)  # fmt: skip


def generate(count: int, seed: int = 7) -> tuple[list[str], list[str]]:
    """`count` profile texts and `count` job texts of about 48 tokens on average (12 to 100)."""
    rng = random.Random(seed)

    def fill(phrase: str) -> str:
        return phrase.format(
            n=rng.randint(1, 15),
            trade=rng.choice(TRADES),
            place=rng.choice(PLACES),
            pay=rng.randint(10, 35) * 100,
        )

    def text(opening: str, phrases: tuple[str, ...]) -> str:
        parts = rng.sample(phrases, min(len(phrases), 1 + int(rng.gammavariate(4.0, 1.27))))
        return ", ".join([fill(opening), *(fill(p) for p in parts)]) + "."

    people = [text("Busco trabajo de {trade} en {place}", PERSON) for _ in range(count)]
    jobs = [text("Se necesita {trade} para {place}", JOB) for _ in range(count)]
    return people, jobs


def read(path: Path, count: int) -> list[str]:
    """The first `count` lines of a UTF-8 file that are not empty."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line][:count]
