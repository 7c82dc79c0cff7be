"""The table of Peru's districts, as shipped in models/data."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources
from itertools import takewhile
from typing import Final


@dataclass(frozen=True, slots=True)
class District:
    """One district; numbers are None where the source has none.

    Attributes:
        ubigeo: INEI code, six digits.
        name, province, region: As written in Peru.
        capital: Its main town where that has another name, else "".
        lat, lon: Of the capital, degrees; NaN for the newest districts.
        altitude: Of the capital, metres.
        poverty: Share of people in poverty, percent, 2018.
        population: About, 2020; 0 unknown.
    """

    ubigeo: str
    name: str
    province: str
    region: str
    capital: str
    lat: float
    lon: float
    altitude: float | None
    poverty: float | None
    population: int


def _read() -> list[District]:
    def number(text: str) -> float | None:
        return float(text) if text else None

    source = resources.files("models.data").joinpath("districts.csv").read_text("utf-8")
    districts = []
    for row in list(csv.reader(source.splitlines()))[1:]:
        ubigeo, name, province, region, capital, lat, lon, altitude, poverty, population = row
        districts.append(
            District(
                ubigeo, name, province, region, capital,
                float(lat or "nan"), float(lon or "nan"),
                number(altitude), number(poverty), int(population or 0),
            )
        )  # fmt: skip
    return districts


ALL: Final = _read()
"""All districts, those whose place is known first."""
DISTRICTS: Final = tuple(takewhile(lambda d: d.lat == d.lat, ALL))
"""Districts whose place is known: what a row number means everywhere else."""
