"""Districts to choose from: whatever may be meant, the likeliest first, and six at most."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.reading.districts import DISTRICTS
from models.reading.facts.where.options import MOST, options
from models.reading.geo import district_index, name


def _named(said: str) -> list[str]:
    return [name(district_index(code, None)) for code in options(said)]


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("Yarinacocha", "Yarinacocha, Ucayali"), ("vivo en yarinacoha", "Yarinacocha, Ucayali"),
        ("yari", "Yarinacocha, Ucayali"), ("pucalpa", "Calleria, Ucayali"),
        ("SJL", "San Juan de Lurigancho, Lima"), ("comas lima", "Comas, Lima"),
        ("sta rosa, chiclayo", "Santa Rosa, Lambayeque"), ("huanta ayacucho", "Huanta, Ayacucho"),
    ],
)  # fmt: skip
def test_what_is_meant_comes_first(said: str, first: str) -> None:
    assert _named(said)[0] == first


def test_namesakes_are_all_offered_and_a_region_offers_where_most_people_live() -> None:
    assert len(_named("santa rosa")) == MOST
    assert len({place.split(", ")[-1] for place in _named("santa rosa")}) > 3
    assert "San Juan de Lurigancho, Lima" in _named("lima")


@pytest.mark.parametrize("said", ["", "  ", "xxqqzz", "ñ", "12", "<script>"])
def test_what_names_no_place_offers_none(said: str) -> None:
    assert options(said) == []


@given(st.text(max_size=300))
def test_any_text_gives_at_most_six_districts_that_are_known(said: str) -> None:
    found = options(said)
    assert len(found) == len(set(found)) <= MOST
    assert set(found) <= {district.ubigeo for district in DISTRICTS}
