"""Cells as offices write them: what is sure is read, what is not is refused, nothing is guessed."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher_stream.files.cells import CellError, Reader, read_amount
from matcher_stream.files.dates import day_of, order, read_date
from matcher_stream.files.markup import LONGEST, clean


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("S/. 1,289.19", 1289.19, 1289.19),
        ("1.289,19", 1289.19, 1289.19),
        ("1289,19", 1289.19, 1289.19),
        ("1,289", 1289, 1289),
        ("1.289", 1289, 1289),
        ("1 289", 1289, 1289),
        ("1\u00a0289,50", 1289.5, 1289.5),
        ("1'289'000", 1289000, 1289000),
        ("12,345,678.90", 12345678.9, 12345678.9),
        ("1200 soles", 1200, 1200),
        ("S/1200.00", 1200, 1200),
        ("s/.1200 (bruto)", 1200, 1200),
        ("PEN 1200", 1200, 1200),
        ("1,500.00 - 2,000.00", 1500, 2000),
        ("S/ 1500 a S/ 2000", 1500, 2000),
        ("1500-2000", 1500, 2000),
        ("de 1.500 hasta 2.000 soles", 1500, 2000),
        ("1.5 mil", 1500, 1500),
        ("2k", 2000, 2000),
        ("mil doscientos", 1200, 1200),
        ("0", 0, 0),
        ("0,125", 0.125, 0.125),
    ],
)
def test_sums(text: str, low: float, high: float) -> None:
    found = read_amount("pay_min", text, True)
    assert (found.low, found.high) == pytest.approx((low, high))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("abc", "debe ser un número"),
        ("US$ 500", "soles"),
        ("500 dólares", "soles"),
        ("$500", "soles"),
        ("10%", "soles"),
        ("1200 más 300 de movilidad", "varios números"),
        ("2000 - 1500", "varios números"),
        ("1-2-3", "varios números"),
        ("1,2,3", "debe ser un número"),
        ("1.2.3", "debe ser un número"),
        ("12,34.567,8", "debe ser un número"),
    ],
)
def test_sums_that_are_not_clear(text: str, says: str) -> None:
    with pytest.raises(CellError, match=says) as raised:
        read_amount("pay_min", text, True)
    assert raised.value.field == "pay_min"
    assert text not in str(raised.value)


def test_a_negative_sum_is_not_taken_for_a_positive_one() -> None:
    assert read_amount("pay_min", "-500", True).low == -500
    assert read_amount("pay_min", "S/ -500", True).low == -500


def test_three_digits_behind_a_sign_are_thousands_of_soles_and_unclear_elsewhere() -> None:
    assert read_amount("pay_max", "1.500", True).low == 1500
    for text in ("1.500", "1,500"):
        with pytest.raises(CellError, match=r"escriba 1500 o 1\.5"):
            read_amount("max_distance_km", text, False)
    assert read_amount("max_distance_km", "1.5 km", False).low == 1.5
    assert read_amount("vacancies", "1,500", False, True).low == 1500


@given(st.integers(0, 10**7), st.integers(0, 99))
def test_every_way_to_write_a_sum_says_the_same(soles: int, cents: int) -> None:
    grouped = f"{soles:,}"
    for text in (
        f"{soles}.{cents:02}",
        f"{soles},{cents:02}",
        f"{grouped}.{cents:02}",
        f"{grouped.replace(',', '.')},{cents:02}",
        f"S/. {grouped}.{cents:02} soles",
        f"{grouped.replace(',', ' ')},{cents:02}",
    ):
        assert read_amount("pay_min", text, True).low == pytest.approx(soles + cents / 100)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("60 soles diarios", "day"),
        ("S/ 60 al día", "day"),
        ("S/ 8 / hora", "hour"),
        ("1500 mensuales", "month"),
        ("300 x semana", None),
        ("300 por semana", "week"),
        ("1200", None),
    ],
)
def test_the_period_beside_a_sum(text: str, period: str | None) -> None:
    assert read_amount("pay_min", text, True).period == period


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("15/03/2025", date(2025, 3, 15)),
        ("5/3/2025", date(2025, 3, 5)),
        ("05-03-2025", date(2025, 3, 5)),
        ("05.03.25", date(2025, 3, 5)),
        ("15/03/2025 10:30", date(2025, 3, 15)),
        ("15/03/2025 10:30:00 a. m.", date(2025, 3, 15)),
        ("15 de marzo de 2025", date(2025, 3, 15)),
        ("15 de Marzo del 2025", date(2025, 3, 15)),
        ("sábado, 15 de marzo de 2025", date(2025, 3, 15)),
        ("15-mar-25", date(2025, 3, 15)),
        ("1 setiembre 2025", date(2025, 9, 1)),
        ("2025-03-15", date(2025, 3, 15)),
        ("2025/3/15", date(2025, 3, 15)),
        ("20250315", date(2025, 3, 15)),
        ("45731", date(2025, 3, 15)),
        ("45731.75", date(2025, 3, 15)),
        ("2025-03-15T23:00:00-05:00", date(2025, 3, 15)),
        ("2025-03-15T03:00:00Z", date(2025, 3, 14)),
        ("1742058000000", date(2025, 3, 15)),
    ],
)
def test_dates(text: str, day: date) -> None:
    assert day_of(read_date(text)) == day


def test_a_moment_keeps_its_time() -> None:
    assert read_date("2025-03-15T10:20:30Z") == datetime.fromisoformat("2025-03-15T10:20:30Z")


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2025", "15/15/2025", "mañana", "15/03", "15 de brumario de 2025", "123",
        "00/01/2025",
        "15/03-2025", "2025-13-01", "99999",
    ],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match="debe ser una fecha"):
        read_date(text)


def test_month_first_is_refused() -> None:
    with pytest.raises(ValueError, match="mes antes que el día"):
        read_date("03/15/2025")
    with pytest.raises(ValueError, match="columna con mes/día"):
        read_date("03/04/2025", "", True)
    assert read_date("04/04/2025", "", True) == date(2025, 4, 4)  # the same either way
    assert read_date("03/04/2025", "%m/%d/%Y") == date(2025, 3, 4)
    with pytest.raises(ValueError, match="debe ser una fecha"):
        read_date("15/04/2025", "%m/%d/%Y")


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_day_written_in_any_way_is_that_day(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    for text in (f"{day:%d/%m/%Y}", f"{day.day}-{day.month}-{day.year}", str(day), str(serial)):
        assert read_date(text) == day
    assert order(f"{day:%d/%m/%Y}") == ("day" if day.day > 12 else "")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("boolean", "Sí", True),
        ("boolean", "FALSO", False),
        ("list", "quechua, español", ["quechua", "español"]),
        ("list", "a, b; c|d", ["a, b", "c", "d"]),
        ("integer", "3 vacantes", 3),
        ("integer", "UN (01)", 1),
        ("number", "A convenir", None),
        ("date", "-", None),
        ("text", "N/A", None),
        ("id", " NULL ", "NULL"),
        ("text", "None", "None"),
        ("number", 12.5, 12.5),
        ("text", 1200.0, "1200"),
        ("integer", 3.0, 3),
        ("date", 45731, date(2025, 3, 15)),
    ],
)
def test_cells_by_kind(kind: str, text: object, value: object) -> None:
    assert Reader().convert("x", text, kind) == value


def test_half_of_a_whole_number_is_refused() -> None:
    with pytest.raises(CellError, match="número entero"):
        Reader().convert("vacancies", "2.5", "integer")


@pytest.mark.parametrize(
    ("text", "meant", "notes"),
    [
        ("<p>Se busca <b>alba&ntilde;il</b></p><ul><li>DNI</li><li>Casco</li></ul>",
         "Se busca albañil\nDNI\nCasco", ["html"]),
        ("uno<br/>dos<td title='a>b'>tres", "uno\ndos\ntres", ["html"]),
        ("<script>x()</script>hola<style>p{}</style><!-- c -->", "hola", ["html"]),
        ("AT&amp;amp;T &#243; &lt;5 kg", "AT&T ó <5 kg", ["html"]),
        ("PeÃ³n, seÃ±or Ã\u0081ngel, Ã‘aÃ±a NÂ° 5 â€œhoyâ€\u009d",
         "Peón, señor Ángel, Ñaña N° 5 “hoy”",
         ["letters"]),
        ("pe├▒a", "peña", ["letters"]),
        ("Ã±<br>", "ñ", ["letters", "html"]),
        ("Soldador\u00a0\u200bde\u00adarco", "Soldador dearco", []),
        ("edad < 30 y > 18, AT&T", "edad < 30 y > 18, AT&T", []),
        ("<CAS 057> MENÚ” SÃO", "<CAS 057> MENÚ” SÃO", []),
        ("Ã mano", "Ã mano", []),
    ],
)  # fmt: skip
def test_texts(text: str, meant: str, notes: list[str]) -> None:
    found: list[str] = []
    assert clean(text, found) == meant
    assert found == notes


@given(st.text("áéíóúñüÁÉÍÓÚÑÜ¿¡°ºª «»abc “”–", max_size=60))
def test_spanish_decoded_as_windows_is_mended_and_right_spanish_never_changed(text: str) -> None:
    meant = text.strip()
    raw = meant.encode()
    wrong = "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in raw)
    assert clean(wrong, []).replace("\u00a0", " ") == meant
    assert clean(meant, []) == meant


@pytest.mark.parametrize(
    "piece",
    ["<", "<p ", "<!--", "<p><!", "<script>", "<p a='", "</p ", "<p><?", "&#1", "Ã", "<div>"],
)
def test_no_text_takes_long(piece: str) -> None:
    clean(piece * (LONGEST // len(piece)), [])  # quadratic work would pass the suite's patience
