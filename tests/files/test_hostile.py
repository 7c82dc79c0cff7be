"""Files made to hurt: each ends soon, in bounded memory, with rows or with one sentence."""

from __future__ import annotations

import gzip
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from matcher_stream.config.catalogue import Catalogue
from matcher_stream.files import objects, sheet_child, table
from matcher_stream.files.rows import BadRow, Row, read_rows
from schemas.errors import UnreadableFile

MEGABYTE = 1 << 20


def rows_of(path: Path) -> list[Row | BadRow]:
    return list(read_rows(path, Catalogue.profiles))


def bomb(path: Path, sheet: bytes) -> Path:
    """A workbook whose one sheet is these bytes."""
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet().write_row(0, 0, ["profile_id", "text"])
    book.close()
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["xl/worksheets/sheet1.xml"] = sheet
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return path


HEAD = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
    b'main"><sheetData>'
)
TAIL = b"</sheetData></worksheet>"
TITLE = b'<row r="1"><c r="A1" t="str"><v>profile_id</v></c><c r="B1" t="str"><v>text</v></c></row>'


def test_two_cells_at_opposite_corners(tmp_path: Path) -> None:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = bomb(tmp_path / "x.xlsx", HEAD + TITLE + far + TAIL)
    assert path.stat().st_size < 10_000
    with pytest.raises(UnreadableFile, match="demasiado grande"):
        rows_of(path)


def test_a_zip_bomb(tmp_path: Path) -> None:
    path = bomb(tmp_path / "x.xlsx", HEAD + TITLE + b"<row/>" * 3 + b" " * (150 * MEGABYTE) + TAIL)
    assert path.stat().st_size < MEGABYTE
    assert rows_of(path) == []  # in the child's memory, not in ours


def test_entities_that_grow_are_no_text(tmp_path: Path) -> None:
    doctype = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
    )
    head = HEAD.replace(b"<worksheet", doctype + b"]><worksheet")
    row = b'<row r="2"><c r="A2" t="str"><v>p1</v></c><c r="B2" t="str"><v>&j;</v></c></row>'
    path = bomb(tmp_path / "x.xlsx", head + TITLE + row + TAIL)
    try:
        rows = rows_of(path)
    except UnreadableFile:
        return
    assert all(len(row.value) < 1000 for row in rows if isinstance(row, Row))


def test_memory_of_the_child_is_bounded() -> None:
    script = (
        "import resource\n"
        "from matcher_stream.files import sheet_child\n"
        "try: sheet_child.main('/no/hay.xlsx')\n"
        "except OSError: pass\n"
        "print(resource.getrlimit(resource.RLIMIT_AS)[0])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert int(done.stdout) == sheet_child.MEMORY


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04" + b"x" * 100, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000]
)
def test_what_only_begins_like_a_workbook(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match="no es un Excel completo"):
        rows_of(path)


def test_a_workbook_that_breaks_off(tmp_path: Path) -> None:
    path = bomb(tmp_path / "x.xlsx", HEAD + TITLE + b'<row r="2"><c r="A2" t="str"><v>p1')
    with pytest.raises(UnreadableFile, match="no es un Excel completo"):
        rows_of(path)


@pytest.mark.parametrize("size", [10 * MEGABYTE, 300_000])
@pytest.mark.parametrize("name", ["x.csv", "x.jsonl", "x.json"])
def test_a_huge_cell_is_refused_alone(tmp_path: Path, size: int, name: str) -> None:
    cell = "<p>abcdefg" * (size // 10)
    path = tmp_path / name
    if name == "x.csv":
        path.write_text(f"profile_id,text\np1,{cell}\np2,Chofer\n")
    else:
        rows = [f'{{"profile_id":"p1","text":"{cell}"}}', '{"profile_id":"p2","text":"Chofer"}']
        path.write_text("\n".join(rows) if name == "x.jsonl" else "[" + ",".join(rows) + "]")
    bad, good = rows_of(path)
    assert isinstance(bad, BadRow)
    assert "demasiado grande" in bad.reason or "demasiado largo" in bad.reason
    assert isinstance(good, Row)


def test_an_endless_element_of_json_ends_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "LARGEST", MEGABYTE)
    path = tmp_path / "x.json"
    path.write_text('[{"profile_id":"p1","text":"Chofer"},"' + "a" * (3 * MEGABYTE) + '"]')
    found = []
    with pytest.raises(UnreadableFile, match="demasiado grande después del elemento 1"):
        found += list(read_rows(path, Catalogue.profiles))


def test_a_large_array_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "LARGEST", MEGABYTE)
    path = tmp_path / "x.json"
    text = "Chofer " * 50
    rows = ",".join(f'{{"profile_id":"p{n}","text":"{text}"}}' for n in range(6_000))
    path.write_text(f"[{rows}]")
    assert len(rows_of(path)) == 6_000


DEEP = '[{"a":' + "[" * 70 + "]" * 70 + "}]"


@pytest.mark.parametrize(
    "content", ['[{"profile_id":"p1","text":"a"},', "[" * 100_000, DEEP, '[{"a":1}}']
)
def test_json_that_breaks_off_says_after_which(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(UnreadableFile, match=r"después del elemento \d+: lo que sigue no se leyó"):
        rows_of(path)


def test_brackets_in_strings_and_behind_backslashes_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    text = r"[[[ \\\" {{{ \\" * 9_000  # longer than what is read at once
    path.write_text(f'[{{"profile_id":"p1","text":"{text}"}},{{"profile_id":"p2","text":"b"}}]')
    assert all(isinstance(row, Row) for row in rows_of(path))


def test_nul_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"profile_id,text\np1,Cho\0fer\np2,Chofer\n" + b"\0" * 1000 + b"\np3,Chofer\n")
    rows = rows_of(path)
    assert [row.line for row in rows if isinstance(row, BadRow)] == [2, 4]
    assert [row.key for row in rows if isinstance(row, Row)] == [b"p2", b"p3"]


def test_a_gzip_bomb_is_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"profile_id,text\np1,")
        for _ in range(100):
            file.write(b"a" * MEGABYTE)
        file.write(b"\np2,Chofer\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bad, good = rows_of(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10  # KiB
    assert isinstance(bad, BadRow)
    assert isinstance(good, Row)


def test_quotes_without_end_over_and_over_stop_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "_READ_AGAIN", 100)
    path = tmp_path / "x.csv"
    path.write_text("profile_id,text\n" + 'p1,"a\n' + "p2,b\n" * 100)
    with pytest.raises(UnreadableFile, match="lo que sigue no se leyó"):
        rows_of(path)


def test_a_wrong_delimiter_is_told_once_not_for_every_row(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("profile_id:text\n" + "p1:Chofer\n" * 1000)
    with pytest.raises(UnreadableFile, match="fila con los nombres"):
        rows_of(path)


def test_a_large_table_is_never_held_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    with path.open("w") as file:
        file.write("profile_id,text\n")
        for number in range(20_000):
            file.write(f"p{number},{'Chofer de camión ' * 60}\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sum(isinstance(row, Row) for row in read_rows(path, Catalogue.profiles)) == 20_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 12 << 10  # of 20 MB
