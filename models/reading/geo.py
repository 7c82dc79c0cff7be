"""Where people and jobs are: rows of the table of districts, and distances between rows."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.reading.districts import DISTRICTS
from models.reading.places import by_name

EARTH_KM: Final = 6371.0
UNKNOWN: Final = -1

_BY_CODE: Final = {district.ubigeo: i for i, district in enumerate(DISTRICTS)}


def district_index(ubigeo: str | None, place: str | None) -> int:
    """Row of the district meant, by code if it is one of INEI's, else by name; -1 if unknown."""
    if ubigeo:
        found = _BY_CODE.get(ubigeo.strip().zfill(6))
        if found is not None:
            return found
    return by_name(place) if place else UNKNOWN


def name(index: int) -> str:
    """Name for people to read, as "District, Region"; empty if unknown."""
    if index < 0:
        return ""
    district = DISTRICTS[index]
    same = district.name == district.region
    return district.name if same else f"{district.name}, {district.region}"


@cache
def distances() -> NDArray[np.float32]:
    """Great-circle kilometres between districts, float32 [D + 1, D + 1].

    The last row and column, which index -1 reads, are 0: an unknown place is far from nowhere.
    """
    lat = np.radians([district.lat for district in DISTRICTS])
    lon = np.radians([district.lon for district in DISTRICTS])
    chord2 = np.zeros((len(lat), len(lat)))
    for axis in (np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)):
        chord2 += np.square(axis[:, None] - axis[None, :])
    table = np.zeros((len(lat) + 1, len(lat) + 1), np.float32)
    table[:-1, :-1] = 2 * EARTH_KM * np.arcsin(np.minimum(1.0, np.sqrt(chord2) / 2))
    table.flags.writeable = False
    return table
