"""CSV, Excel and JSON in every encoding: the same rows come out."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import xlsxwriter

from matcher_stream.config.catalogue import Catalogue
from matcher_stream.files.lines import Lines, buffered
from matcher_stream.files.mapping import load_mapping
from matcher_stream.files.rows import About, BadRow, Row, read_rows
from schemas.errors import UnreadableFile

TEXT = "Peón de construcción en Ñaña, categoría más baja, años de señalero"
TABLE = f'profile_id,text,min_pay\nana-1,"{TEXT}",1200\nana-2,"Cocinera, menú",\n'


def rows_of(path: Path, about: About | None = None) -> list[Row | BadRow]:
    return list(read_rows(path, Catalogue.profiles, about=about))


def values(rows: list[Row | BadRow]) -> list[Any]:
    return [orjson.loads(row.value) if isinstance(row, Row) else row.reason for row in rows]


MEANT = [
    {"profile_id": "ana-1", "text": TEXT, "min_pay": 1200.0},
    {"profile_id": "ana-2", "text": "Cocinera, menú"},
]


def write_xlsx(path: Path, rows: list[list[Any]], first: int = 0) -> Path:
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet("Personas")
    for number, row in enumerate(rows, first):
        for column, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(number, column, value)
            elif value is not None:
                sheet.write(number, column, value)
    book.close()
    return path


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "cp1252", "cp850", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_in_any_encoding(tmp_path: Path, encoding: str, end: str, delimiter: str) -> None:
    path = tmp_path / "people.csv"
    text = TABLE.replace('",', '"' + delimiter).replace("ana-1,", f"ana-1{delimiter}")
    text = text.replace("ana-2,", f"ana-2{delimiter}").replace("profile_id,text,min_pay",
        delimiter.join(("profile_id", "text", "min_pay")))  # fmt: skip
    path.write_bytes(text.replace("\n", end).encode(encoding))
    assert values(rows_of(path)) == MEANT


def test_a_file_of_two_encodings_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    first, second, third = TABLE.splitlines(keepends=True)
    path.write_bytes(first.encode() + second.encode("cp1252") + third.encode())
    about = About()
    assert values(rows_of(path, about)) == MEANT
    assert about.encodings == {"ascii": 1, "cp1252": 1, "utf-8": 1}


def test_a_line_in_no_encoding_of_ours_is_refused_alone(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(b"profile_id,text\np1,\x80\x81\x8d\xff\xfe\np2,Chofer\n")
    bad, good = rows_of(path)
    assert isinstance(bad, BadRow)
    assert "UTF-8" in bad.reason
    assert isinstance(good, Row)


@pytest.mark.parametrize("name", ["people.xlsx", "people.csv"])  # what it is, not what it is named
def test_excel(tmp_path: Path, name: str) -> None:
    path = write_xlsx(tmp_path / name, [
        ["Reporte de personas"], [],
        ["PROFILE ID", "Text", "min_pay", "valid until", "ubigeo", "age"],
        ["ana-1", TEXT, 1200, date(2027, 3, 15), 10101, 30.0],
        ["ana-2", "Cocinera, menú", "S/. 1,289.19", "15 de marzo de 2027", "150101", "treinta"],
        [],
        [77, "Chofer", None, 46461, None, "ya"],
    ])  # fmt: skip
    about = About()
    first, second, third = rows_of(path, about)
    assert values([first, second]) == [
        {"profile_id": "ana-1", "text": TEXT, "min_pay": 1200, "valid_until": "2027-03-15",
         "ubigeo": "10101", "age": 30},
        {"profile_id": "ana-2", "text": "Cocinera, menú", "min_pay": 1289.19,
         "valid_until": "2027-03-15", "ubigeo": "150101", "age": 30},
    ]  # fmt: skip
    assert isinstance(third, BadRow)
    assert (third.line, third.field) == (7, "age")
    assert (about.form, about.unit, about.details) == ("excel", "fila", ["hoja Personas"])
    assert about.titles
    assert about.titles.above == [1]


def test_sheets_that_are_not_read_are_named(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "people.xlsx"))
    book.add_worksheet("Vacía")
    hidden = book.add_worksheet("Oculta")
    hidden.write_row(0, 0, ["profile_id", "text"])
    hidden.hide()
    seen = book.add_worksheet("Datos")
    seen.write_row(0, 0, ["profile_id", "text"])
    seen.write_row(1, 0, ["p1", "Chofer"])
    book.close()
    about = About()
    assert len(rows_of(tmp_path / "people.xlsx", about)) == 1
    assert about.details == ["hoja Datos", "hojas que no se leen: Vacía, Oculta"]


def test_servir_columns_in_a_workbook(tmp_path: Path) -> None:
    titles = "job_title,public_institution,ubication,salary,vacancies,job_posting_number,"
    titles += "start_publication_date,end_publication_date,required_experience,"
    titles += "educational_background,specialization,required_knowledge"
    path = write_xlsx(tmp_path / "jobs.xlsx", [
        titles.split(","),
        ["CHOFER", "Municipalidad", "CUSCO - CUSCO", 289.125, 2, "CAS-001", datetime(2025, 1, 31),
         "13/02/2025", "UN AÑO", "SECUNDARIA COMPLETA", "NO APLICA", "MECÁNICA"],
    ])  # fmt: skip
    (row,) = read_rows(path, Catalogue.jobs, load_mapping("servir"), keep_dates=True)
    assert isinstance(row, Row), row
    value = orjson.loads(row.value)
    assert (value["pay_min"], value["pay_max"], value["vacancies"]) == (289.125, 289.125, 2)
    assert (value["posted_at"], value["expires_at"]) == ("2025-01-31", "2025-02-13")


JSON: list[Callable[[list[Any]], bytes]] = [
    lambda rows: b"\n".join(map(orjson.dumps, rows)),
    orjson.dumps,
    lambda rows: orjson.dumps(rows, option=orjson.OPT_INDENT_2),
    lambda rows: b"\xef\xbb\xbf \n" + orjson.dumps(rows),
    lambda rows: orjson.dumps({"total": 2, "meta": {}, "data": rows}, option=orjson.OPT_INDENT_2),
    lambda rows: orjson.dumps({"resultado": {"filas": rows}}),
    lambda rows: b"".join(orjson.dumps(row, option=orjson.OPT_INDENT_2) for row in rows),
    lambda rows: b"\n".join(map(orjson.dumps, rows)).decode().encode("utf-16"),
]


@pytest.mark.parametrize("write", JSON)
@pytest.mark.parametrize("name", ["people.json", "people.jsonl", "people", "people.json.gz"])
def test_json_in_any_form(tmp_path: Path, write: Callable[[list[Any]], bytes], name: str) -> None:
    path = tmp_path / name
    content = write(MEANT)
    if name == "people" and content.startswith(b"\xff\xfe"):
        pytest.skip("nothing says that it is JSON")
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert values(rows_of(path)) == MEANT


def test_strings_of_json_are_read_like_cells_and_events_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    path.write_text(
        '[{"profile_id": "p1", "text": "<p>Pe&oacute;n</p>", "min_pay": "S/ 60 diarios",'
        ' "skills": ["Ã±"], "valid_until": "15/03/2027", "otro": {"x": [1]}},'
        ' {"profile_id": "p2", "text": "  Chofer  ", "min_pay": "mucho"},'
        ' 5, {"profile_id": "p3", "text": " Chofer ", "otro": null}]'
    )
    first, second, third, fourth = rows_of(path)
    assert values([first]) == [
        {"profile_id": "p1", "text": "Peón", "min_pay": 60.0, "skills": ["ñ"],
         "valid_until": "2027-03-15", "otro": {"x": [1]}, "pay_period": "day"}
    ]  # fmt: skip
    assert isinstance(first, Row)
    assert set(first.notes) == {"html", "letters", "period"}
    assert isinstance(second, BadRow)
    assert (second.line, second.field) == (2, "min_pay")
    assert isinstance(third, BadRow)
    assert values([fourth]) == [{"profile_id": "p3", "text": " Chofer ", "otro": None}]


def test_a_range_of_pay_gives_both_ends_and_its_period(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text('job_id,title,pay_min\nj1,Chofer,"1,500.00 - 2,000.00 al mes"\n')
    (row,) = read_rows(path, Catalogue.jobs)
    assert isinstance(row, Row), row
    value = orjson.loads(row.value)
    assert (value["pay_min"], value["pay_max"], value["pay_period"]) == (1500, 2000, "month")
    assert set(row.notes) == {"range", "period"}


@pytest.mark.parametrize("first", ["sep=;\n", ""])
def test_what_excel_writes_above_a_table(tmp_path: Path, first: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        f"{first}Personas de Comas;;\n;;\nProfile-ID;TEXT;Teléfono\np1;Chofer;999\np2;Peón;1;;\n"
    )
    rows = rows_of(path)
    assert values(rows) == [
        {"profile_id": "p1", "text": "Chofer"},  # nobody's telephone is published
        {"profile_id": "p2", "text": "Peón"},
    ]
    assert [row.line for row in rows] == ([5, 6] if first else [4, 5])


def test_a_column_with_the_month_first_is_refused_where_it_is_not_clear(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text(
        "job_id,title,posted_at\nj1,Chofer,03/04/2026\nj2,Chofer,03/15/2026\nj3,Chofer,2026-03-04\n"
    )
    first, second, third = read_rows(path, Catalogue.jobs)
    assert isinstance(first, BadRow)
    assert "mes/día" in first.reason
    assert isinstance(second, BadRow)
    assert isinstance(third, Row)


def test_lines_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcher_stream.files.lines.LONGEST", 10)
    path = tmp_path / "x"
    for encoding in ("utf-8", "utf-16"):
        path.write_bytes(("a" * 25 + "\nbb\n" + "c" * 9 + "\n").encode(encoding))
        with buffered(path.open("rb", buffering=0)) as file:
            found = list(Lines(file))
        assert found == [(None, "es demasiado grande"), ("bb\n", ""), ("c" * 9 + "\n", "")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("p1,Chofer\np2,Peón\n", "fila con los nombres de las columnas"),
        ("", "fila con los nombres de las columnas"),
        ("profile_id,text,text\np1,a,b\n", "dos columnas text"),
        ("<html><table><tr><td>profile_id</td></tr></table></html>", "página web"),
    ],
)
def test_tables_that_are_none(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(content)
    with pytest.raises(UnreadableFile, match=says):
        rows_of(path)
