"""What groups, figures and measures are called in Spanish, and how numbers are written."""

from __future__ import annotations

from typing import Final

from models.report.frame import REGIONS, UNKNOWN

FACETS: Final = {
    "region": "Región", "sex": "Sexo", "age": "Edad", "poverty": "Pobreza del distrito",
    "trade": "Oficio",
}  # fmt: skip
_NOT_KNOWN: Final = "No se sabe"
_GROUPS: Final[dict[str, dict[str, str]]] = {
    "region": REGIONS,
    "sex": {"f": "Mujeres", "m": "Hombres"},
    "poverty": {"<20": "Menos de 20 %", "20-40": "De 20 a 40 %", ">=40": "40 % y más"},
    "trade": {
        "0": "Fuerzas armadas y policía", "1": "Dirección y gerencia", "2": "Profesionales",
        "3": "Técnicos", "4": "Oficina", "5": "Servicios y ventas", "6": "Campo y pesca",
        "7": "Construcción y artesanía", "8": "Máquinas y manejo", "9": "Ayuda y labores simples",
    },
}  # fmt: skip
_MEASURES: Final = {
    "score": "Puntaje de lo mostrado", "level": "Nivel: mandar o también",
    "component dense": "Puntaje: lo que dicen los textos",
    "component lexical": "Puntaje: cómo están escritas las palabras",
    "component occupation": "Puntaje: el oficio", "component travel": "Puntaje: el viaje",
    "component pay": "Puntaje: el pago", "component experience": "Puntaje: la experiencia",
    "component exposure": "Puntaje: ya se mostró a muchos",
    "people characters": "Personas: letras del texto",
    "people unknown words": "Personas: palabras que no están en los diccionarios",
    "people message style": "Personas: palabras escritas como en mensajes",
    "people language": "Personas: idioma", "people facts read": "Personas: cuántos datos se leen",
    "people facts": "Personas: qué datos se leen", "people region": "Personas: región",
    "jobs characters": "Avisos: letras del texto",
    "jobs unknown words": "Avisos: palabras que no están en los diccionarios",
    "jobs message style": "Avisos: palabras escritas como en mensajes",
    "jobs language": "Avisos: idioma", "jobs facts read": "Avisos: cuántos datos se leen",
    "jobs facts": "Avisos: qué datos se leen", "jobs region": "Avisos: región",
}  # fmt: skip
_BINS: Final = {
    "es": "castellano", "qu": "quechua", "ay": "aimara", "unknown": "no está claro",
    "send": "mandar", "also": "también", "none": "ninguno", UNKNOWN: _NOT_KNOWN,
}  # fmt: skip


def group(facet: str, name: str) -> str:
    """A group of people."""
    if name == UNKNOWN:
        return _NOT_KNOWN
    if facet == "age":
        return f"{name.replace('-', ' a ').replace('+', ' y más')} años"
    return _GROUPS.get(facet, {}).get(name, name)


def measure(name: str) -> str:
    """What was measured for drift."""
    return _MEASURES.get(name, name.replace("component ", "Puntaje: "))


def bin_of(name: str) -> str:
    """One bin of a measure."""
    return _BINS.get(name, name)


def share(value: float | None) -> str:
    """A share in percent, with as many digits as it needs."""
    if value is None:
        return "–"
    percent = 100 * value
    return f"{percent:.1f} %" if percent >= 1 else f"{percent:.2g} %"


def axis(value: float) -> str:
    """A share at an axis, where all are round."""
    return f"{100 * value:.3g} %"


def count(value: float | None) -> str:
    """A whole number with its thousands apart."""
    return "–" if value is None else f"{value:,.0f}"


def hours(value: float | None) -> str:
    """A time in hours, or in days from three on."""
    if value is None:
        return "no se alcanza a ver"
    return f"{value:.2g} h" if value < 72 else f"{value / 24:.2g} días"
