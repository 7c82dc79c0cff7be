"""Places as people write them, and distances."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.reading import geo
from models.reading.districts import ALL, DISTRICTS, District


def code(ubigeo: str | None, place: str | None) -> str | None:
    index = geo.district_index(ubigeo, place)
    return None if index == geo.UNKNOWN else DISTRICTS[index].ubigeo


def test_the_table_has_all_of_peru() -> None:
    assert len(ALL) == 1892
    assert len(DISTRICTS) == 1874
    assert len({district.ubigeo for district in ALL}) == len(ALL)
    assert len({district.region for district in DISTRICTS}) == 25
    for district in DISTRICTS:
        assert -18.5 < district.lat < 0.1
        assert -81.5 < district.lon < -68.5


@pytest.mark.parametrize(
    ("place", "ubigeo"),
    [
        ("San Juan de Lurigancho", "150132"), ("SJL", "150132"), ("sjl, lima", "150132"),
        ("Lima - Lima", "150101"), ("Lima", "150101"), ("Comas, Lima, Lima", "150110"),
        ("LIMA/LIMA/COMAS", "150110"), ("comas lima", "150110"), ("distrito de Comas", "150110"),
        ("Cusco", "080101"), ("Cuzco", "080101"), ("cuzco - cusco", "080101"),
        ("Nasca, Ica", "110301"), ("Cajamarca, Jaén", "060801"), ("jaen", "060801"),
        ("Miraflores, Arequipa", "040110"), ("Miraflores Lima", "150122"),
        ("Pucallpa", "250101"), ("Puerto Maldonado", "170101"), ("Tingo Maria", "100601"),
        ("El Pedregal", "040520"), ("Chosica", "150118"), ("Ate Vitarte", "150103"),
        ("Huaycán, Ate", "150103"), ("Punchana, Iquitos", "160108"), ("Huamanga", "050101"),
        ("Castilla, Piura", "200104"), ("Tambogrande, Piura", "200114"),
        ("Baños del Inca, Cajamarca", "060108"), ("Chimbote, Santa, Ancash", "021801"),
        ("La Libertad, Trujillo", "130101"), ("Junín, Junín, Junín", "120501"),
        ("San Luis, Lima, Lima", "150134"), ("Av. Arequipa 123, Miraflores, Lima", "150122"),
        ("cerca a Chiclayo", "140101"),
    ],
)  # fmt: skip
def test_names_people_write(place: str, ubigeo: str) -> None:
    assert code(None, place) == ubigeo


@pytest.mark.parametrize(
    "place",
    [
        "", "zzz", "Miraflores", "Santa Rosa", "San Miguel", "La Libertad", "Junín", "Lambayeque",
        "Loreto", "San Román, Puno", "Comunidad Ccapana, Cusco", "Caserío X, Calca, Cusco",
        "Av. Arequipa 123", "Castilla", "Comas, Cusco",
    ],
)  # fmt: skip
def test_what_could_be_several_places_or_only_a_region_stays_unknown(place: str) -> None:
    assert code(None, place) is None


@pytest.mark.parametrize(
    "spell",
    [
        lambda d: f"{d.name}, {d.province}, {d.region}",
        lambda d: f"{d.region} - {d.province} - {d.name}".upper(),
        lambda d: f"{d.region}/{d.province}/{d.name}".lower(),
    ],
)
def test_every_district_is_found_by_its_full_name(spell: Callable[[District], str]) -> None:
    assert [d.name for d in DISTRICTS if code(None, spell(d)) != d.ubigeo] == []


def test_a_name_alone_is_never_taken_for_a_smaller_namesake() -> None:
    for district in DISTRICTS:
        index = geo.district_index(None, district.name)
        if index != geo.UNKNOWN and DISTRICTS[index] != district:
            assert DISTRICTS[index].population >= 10 * district.population


def test_codes_come_first_and_unknown_codes_fall_back_to_the_name() -> None:
    assert code("150110", "Cusco") == "150110"
    assert code("999999", "Cusco") == "080101"
    assert code("999999", None) is None
    assert code("10101", None) == "010101", "a leading zero that a spreadsheet ate"
    assert code("not a code", "SJL") == "150132"


def test_districts_without_coordinates_are_unknown() -> None:
    newest = next(d for d in ALL if math.isnan(d.lat))
    assert code(newest.ubigeo, None) is None
    assert code(None, f"{newest.name}, {newest.province}, {newest.region}") is None


@given(st.text(max_size=100), st.text(max_size=8))
def test_any_text_is_a_row_or_unknown(place: str, ubigeo: str) -> None:
    assert -1 <= geo.district_index(ubigeo, place) < len(DISTRICTS)


def test_distances() -> None:
    table = geo.distances()
    assert table is geo.distances()
    assert table.dtype == np.float32
    assert table.shape == (len(DISTRICTS) + 1,) * 2

    def km(a: str, b: str) -> float:
        return float(table[geo.district_index(a, None), geo.district_index(b, None)])

    assert km("150101", "150101") == 0
    # Great-circle distances between the city centres, from an atlas.
    assert km("150101", "080101") == pytest.approx(572, abs=8)
    assert km("150101", "160101") == pytest.approx(1010, abs=15)
    assert km("150101", "150110") == pytest.approx(12, abs=3)
    assert np.array_equal(table, table.T)
    assert not table[-1].any(), "an unknown place is far from nowhere"
    assert not table[:, -1].any()


def test_haversine_agrees() -> None:
    rng = np.random.default_rng(5)
    for i, j in rng.integers(0, len(DISTRICTS), (200, 2)):
        a, b = DISTRICTS[i], DISTRICTS[j]
        half = (
            math.sin(math.radians(b.lat - a.lat) / 2) ** 2
            + math.cos(math.radians(a.lat))
            * math.cos(math.radians(b.lat))
            * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
        )
        assert geo.distances()[i, j] == pytest.approx(
            2 * 6371 * math.asin(math.sqrt(half)), abs=0.01
        )


def test_names_to_show() -> None:
    assert geo.name(geo.district_index("150110", None)) == "Comas, Lima"
    assert geo.name(geo.district_index("150101", None)) == "Lima"
    assert geo.name(geo.UNKNOWN) == ""
