"""What a comparison is called in Spanish."""

from __future__ import annotations

from typing import Final

FIELDS: Final = {"all": "con todos los campos", "words": "solo con palabras"}
FACETS: Final = {
    "group of regions": "zona",
    "region": "región",
    "sex": "sexo según sus palabras",
    "style": "manera de escribir",
    "language": "idioma",
    "age": "edad",
    "poverty of the district": "pobreza del distrito",
}
"""Facets in Spanish."""
STATES: Final = {"passed": "pasa", "failed": "NO PASA", "unknown": "no se sabe"}
SLICES: Final = {
    "unknown": "no se sabe", "feminine": "femenino", "masculine": "masculino", "sms": "SMS",
    "ordinary": "corriente", "cv": "currículum", "spanish": "castellano",
    "andean": "quechua o aimara", "to 17": "hasta 17", "18 to 24": "18 a 24",
    "25 to 44": "25 a 44", "45 and more": "45 y más", "1 ad": "1 aviso",
    "2 to 4 ads": "2 a 4 avisos", "5 ads and more": "5 avisos y más", "below 20 %": "menos de 20 %",
    "20 to 40 %": "20 a 40 %", "40 % and more": "40 % y más",
}  # fmt: skip
"""Names of slices that are words of ours."""


def slice_name(name: str) -> str:
    """A slice's name in Spanish, where it is a word of ours."""
    return SLICES.get(name, name)
