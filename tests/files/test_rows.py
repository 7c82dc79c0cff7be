"""Files that people bring: good rows come out as events, bad rows with their line number."""

from __future__ import annotations

import gzip
from datetime import datetime
from pathlib import Path

import orjson
import pytest

from matcher_stream.config.catalogue import INPUTS, Catalogue, InputTopic
from matcher_stream.files.cells import CellError, Reader
from matcher_stream.files.mapping import load_mapping
from matcher_stream.files.rows import BadRow, Row, read_rows
from schemas.base import LIMA
from schemas.errors import KeyMismatch, UnreadableFile
from tests.support.events import least

GOOD = '{"profile_id": "p1", "text": "Soy albañil en Comas"}\n'
SERVIR_HEADER = (
    "job_title,public_institution,ubication,salary,vacancies,job_posting_number,"
    "start_publication_date,end_publication_date,required_experience,educational_background,"
    "specialization,required_knowledge,skills,job_posting_url\n"
)
SERVIR_ROW = (
    'CHOFER,Municipalidad de Prueba,CUSCO - CUSCO,"S/. 1,289.19",2,CAS-001,31/01/2025,13/02/2025,'
    "UN AÑO,SECUNDARIA COMPLETA,NO APLICA,MECÁNICA BÁSICA,ORDEN,\n"
)


def test_json_lines_keep_line_numbers_over_blank_and_bad_lines(tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    path.write_bytes(
        GOOD.encode()
        + b"\n"
        + b"not json\n"
        + b'{"profile_id": "p2"}\n'
        + b'{"profile_id": "p3", "text": 5}\n'
        + b'{"text": "sin id"}\n'
        + b"\xff\xfe\n"
        + b'{"profile_id": "p4", "text": "x", "valid_until": "9999-12-31"}\n'
        + b'{"profile_id": "p5", "text": "Cocino"}\n'
    )
    rows = list(read_rows(path, Catalogue.profiles))
    good = [row for row in rows if isinstance(row, Row)]
    bad = {row.line: row.reason for row in rows if isinstance(row, BadRow)}
    assert [(row.line, row.key) for row in good] == [(1, b"p1"), (9, b"p5")]
    assert set(bad) == {3, 4, 5, 6, 7, 8}
    assert bad[4] == "el campo text falta"
    assert bad[5] == "el campo text debe ser un texto"
    assert "identificador" in bad[6] or "profile_id" in bad[6]
    assert "UTF-8" in bad[7]
    assert "fecha" in bad[8]


def test_reasons_never_quote_the_row(tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    path.write_text('{"profile_id": "DNI-12345678", "text": ["SECRETO"], "age": "SECRETO"}\n')
    (row,) = read_rows(path, Catalogue.profiles)
    assert isinstance(row, BadRow)
    assert "SECRETO" not in row.reason
    assert "12345678" not in row.reason


def test_gzip_and_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + GOOD.encode()))
    assert [type(row) for row in read_rows(path, Catalogue.profiles)] == [Row]


def test_csv_cells_take_their_fields_kinds(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "profile_id,text,age,relocate,languages,min_pay\n"
        'p1,"Cocinera\ncon experiencia",30,sí,quechua|español,1200.50\n'
        "p2,Chofer,,no,,\n"
        "p3,Vigilante,quizá,,,\n"
        "p4,Sin columnas\n"
    )
    rows = list(read_rows(path, Catalogue.profiles))
    assert [row.line for row in rows] == [2, 4, 5, 6]  # the first takes two lines
    first = orjson.loads(rows[0].value) if isinstance(rows[0], Row) else {}
    assert first == {
        "profile_id": "p1",
        "text": "Cocinera\ncon experiencia",
        "age": 30,
        "relocate": True,
        "languages": ["quechua", "español"],
        "min_pay": 1200.5,
    }
    assert isinstance(rows[2], BadRow)
    assert rows[2].reason == "el campo age debe ser un número"
    assert isinstance(rows[3], BadRow)
    assert "columnas" in rows[3].reason


@pytest.mark.parametrize("topic", INPUTS.values(), ids=INPUTS)
def test_every_input_is_read_from_both_kinds_of_file(topic: InputTopic, tmp_path: Path) -> None:
    fields = least(topic)
    lines, table = tmp_path / "rows.jsonl", tmp_path / "rows.csv"
    lines.write_bytes(orjson.dumps(fields))
    table.write_text(",".join(fields) + "\n" + ",".join(fields.values()) + "\n")
    for path in (lines, table):
        (row,) = read_rows(path, topic)
        assert isinstance(row, Row), row
        assert row.key == fields[topic.key].encode()
        assert type(row.event) is topic.event


@pytest.mark.parametrize("topic", INPUTS.values(), ids=INPUTS)
def test_every_input_is_keyed_by_the_field_that_its_parser_compares(topic: InputTopic) -> None:
    value = orjson.dumps(least(topic))
    assert getattr(topic.parse(b"a", value), topic.key) == "a"
    with pytest.raises(KeyMismatch, match=topic.key):
        topic.parse(b"b", value)


@pytest.mark.parametrize("topic", INPUTS.values(), ids=INPUTS)
def test_every_input_can_have_a_file_of_columns(topic: InputTopic, tmp_path: Path) -> None:
    columns, table = tmp_path / "columns.toml", tmp_path / "rows.csv"
    fields = least(topic)
    rules = "".join(f'{name} = "columna {name}"\n' for name in fields)
    columns.write_text(f'kind = "{topic.name}"\n[fields]\n{rules}')
    header = ",".join(f"columna {name}" for name in fields)
    table.write_text(header + "\n" + ",".join(fields.values()) + "\n")
    mapping = load_mapping(str(columns))
    assert mapping.topic is topic
    (row,) = read_rows(table, topic, mapping)
    assert isinstance(row, Row), row


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.jsonl", None, "No existe"),
        ("cut.jsonl.gz", gzip.compress(GOOD.encode() * 99)[:-9], ".gz"),
        ("plain.jsonl.gz", GOOD.encode(), ".gz"),
    ],
)
def test_unreadable_files_are_one_sentence(
    tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=says):
        list(read_rows(path, Catalogue.profiles))
    with pytest.raises(UnreadableFile):
        list(read_rows(tmp_path, Catalogue.profiles))  # a folder


def _servir(tmp_path: Path, *rows: str, keep_dates: bool = False) -> list[Row | BadRow]:
    path = tmp_path / "jobs.csv"
    path.write_text(SERVIR_HEADER + "".join(rows))
    return list(read_rows(path, Catalogue.jobs, load_mapping("servir"), keep_dates))


def test_servir_ids_are_hashes_of_named_columns(tmp_path: Path) -> None:
    other = SERVIR_ROW.replace("CAS-001", "CAS-002")
    again = SERVIR_ROW.replace("1,289.19", "1,300.00")
    one, two, same = _servir(tmp_path, SERVIR_ROW, other, again)
    assert isinstance(one, Row)
    assert isinstance(two, Row)
    assert isinstance(same, Row)
    assert one.key.startswith(b"servir-")
    assert one.key != two.key
    assert one.key == same.key  # pay is not part of what the ad is


def test_servir_fields(tmp_path: Path) -> None:
    (row,) = _servir(tmp_path, SERVIR_ROW, keep_dates=True)
    assert isinstance(row, Row)
    value = orjson.loads(row.value)
    assert value["title"] == "CHOFER"
    assert value["pay_min"] == value["pay_max"] == 1289.19
    assert value["pay_period"] == "month"
    assert value["vacancies"] == 2
    assert value["education"] == "SECUNDARIA COMPLETA"
    assert value["description"] == "MECÁNICA BÁSICA"  # "NO APLICA" says nothing
    assert (value["posted_at"], value["expires_at"]) == ("2025-01-31", "2025-02-13")


def test_servir_dates_move_to_today_and_keep_their_distance(tmp_path: Path) -> None:
    (row,) = _servir(tmp_path, SERVIR_ROW)
    assert isinstance(row, Row)
    value = orjson.loads(row.value)
    posted = datetime.fromisoformat(value["posted_at"])
    assert posted.date() == datetime.now(LIMA).date()
    assert (datetime.fromisoformat(value["expires_at"]) - posted).days == 13


def test_a_row_without_a_mapped_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text("job_title\nCHOFER\n")
    (row,) = read_rows(path, Catalogue.jobs, load_mapping("servir"))
    assert isinstance(row, BadRow)
    assert "columna" in row.reason


@pytest.mark.parametrize(
    "text",
    [
        "no es toml [",
        'kind = "otros"\n[fields]\ntitle = "t"',
        'kind = "jobs"',
        'kind = "jobs"\n[fields]\nno_such_field = "t"',
        'kind = "jobs"\n[fields]\ntitle = 5',
    ],
)
def test_a_mapping_that_cannot_be_used_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "columns.toml"
    path.write_text(text)
    with pytest.raises(UnreadableFile, match=r"columns\.toml"):
        load_mapping(str(path))
    with pytest.raises(UnreadableFile, match="TOML"):
        load_mapping(str(tmp_path / "missing.toml"))


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("S/. 12,289.19", "number", 12289.19),
        ("S/ 1 200", "number", 1200.0),
        ("1289.9", "number", 1289.9),
        ("3 vacantes", "integer", 3),
        ("Sí", "boolean", True),
        ("a; b|c", "list", ["a", "b", "c"]),
    ],
)
def test_cells(text: str, kind: str, value: object) -> None:
    assert Reader().convert("x", text, kind) == value


@pytest.mark.parametrize(
    ("text", "kind"), [("nada", "number"), ("quizá", "boolean"), ("31/31/2025", "date")]
)
def test_cells_that_are_not_of_their_kind(text: str, kind: str) -> None:
    with pytest.raises(CellError):
        Reader().convert("x", text, kind, "%d/%m/%Y")
