"""Districts as pages name them."""

from __future__ import annotations

from models.reading.districts import DISTRICTS
from models.reading.geo import district_index


def place_words(code: str) -> tuple[str, str]:
    """A district's code, and its name with province and region: names repeat within a region."""
    district = DISTRICTS[district_index(code, None)]
    around = [name for name in (district.province, district.region) if name != district.name]
    return code, ", ".join([district.name, *dict.fromkeys(around)])
