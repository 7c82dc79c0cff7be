"""The words that were signs, where they stand in the ad as it was written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.vetting.gate import vet
from models.vetting.marks import Piece, marked
from schemas.job import Job


def _marks(title: str, description: str = "") -> dict[str, list[str]]:
    """The marked words by code."""
    job = Job(job_id="a", title=title, description=description or None)
    found: dict[str, list[str]] = {}
    for pieces in marked(job, [reason.code for reason in vet(job).reasons]).values():
        for piece in pieces:
            if piece.code:
                found.setdefault(piece.code, []).append(piece.text)
    return found


def test_the_words_are_those_that_the_ad_has() -> None:
    found = _marks("Cocinera", "Pagamos S/ 1,300.50 al mes. Deposita S/ 80 por Yape antes. Ven.")
    assert " ".join(found["fee"]).startswith("Deposita S/ 80 por Yape")


def test_words_spelt_out_or_misspelt_are_marked_as_written() -> None:
    assert _marks("Cocinera", "½ día. D e p ó s i t a S/ 80 por Yape antes")["fee"][0].startswith(
        "D e p ó s i t a"
    )
    assert "Depocita" in _marks("Cocinera", "Depocita 80 soles por yape para la vacante")["fee"][0]


def test_what_is_denied_is_not_marked() -> None:
    found = _marks("Cocinera", "No pedimos depósito. Retenemos tu DNI. No cobramos inscripción.")
    assert "papers" in found
    assert "fee" not in found


def test_breaches_of_law_are_marked_in_the_part_that_has_them() -> None:
    found = _marks("Vendedora", "Solo mujeres. Buena presencia. De 18 a 25 años")
    assert found["law_sex"] == ["Solo mujeres"]
    assert found["law_looks"] == ["Buena presencia"]
    assert found["law_age"] == ["De 18 a 25 años"]


def test_the_end_of_a_long_ad_is_marked_where_it_stands() -> None:
    found = _marks("Cocinera", "cocina. " * 900 + "Deposita S/ 80 por Yape antes.")
    assert found["fee"][0].startswith("Deposita S/ 80")


@given(
    st.lists(
        st.sampled_from(["Deposita", "S/ 80", "por Yape", "<b>", "½", "3.º", "a b c d", ".", "ñ"]),
        max_size=20,
    )
)
def test_nothing_of_a_text_is_lost(words: list[str]) -> None:
    text = " ".join(words)
    job = Job(job_id="a", title="Cocinera", description=text)
    pieces = marked(job, ["fee", "alike"]).get("description", [])
    assert "".join(piece.text for piece in pieces) == text
    assert all(isinstance(piece, Piece) for piece in pieces)
