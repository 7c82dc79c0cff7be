"""Rows that come in = published + repeated + refused; of one id the last holds."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher_stream.config.catalogue import Catalogue, InputTopic
from matcher_stream.files.refused import RefusedFile, beside
from matcher_stream.files.repeats import Repeat, judged
from matcher_stream.files.rows import About, BadRow, Row, read_rows
from matcher_stream.files.tally import Tally
from schemas.errors import UnreadableFile

Outcome = Row | BadRow | Repeat
TITLES = ("profile_id", "text", "age", "min_pay", "valid_until")
CELLS = st.one_of(
    st.sampled_from(
        ["", "-", "Chofer", "30", "1,289.19", "15/03/2027", "x\ny", 'a "b" c', "<b>ñ</b>"]
    ),
    st.text(max_size=12).filter(lambda text: not set(text) & {"\r", "\ud800"}),
)
ROWS = st.lists(st.tuples(st.sampled_from(["p1", "p2", "", "\x07"]), *[CELLS] * 4), max_size=25)


def outcomes(
    content: bytes, name: str, topic: InputTopic = Catalogue.profiles, about: About | None = None
) -> list[Outcome]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return list(judged(read_rows(path, topic, about=about), topic))


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows([TITLES, *rows])
    return file.getvalue().encode("utf-8", "replace")


def check(found: list[Outcome], expected: int) -> None:
    tally = Tally()
    assert list(tally.through(found)) == found
    assert tally.read == expected == tally.good + tally.repeated + tally.refused
    lines = [row.line for row in found]
    assert lines == sorted(set(lines))
    last: dict[bytes, Row] = {}
    for row in found:
        if isinstance(row, Row):
            assert row.replaces == (last[row.key].line if row.key in last else 0)
            last[row.key] = row
        elif isinstance(row, Repeat):
            assert row.first == last[row.key].line
        else:
            assert row.reason


@given(ROWS)
def test_every_row_of_a_table_has_an_outcome(rows: list[tuple[str, ...]]) -> None:
    check(outcomes(as_csv(rows), "people.csv"), sum(any(row) for row in rows))


@given(ROWS, st.booleans())
def test_every_element_of_json_has_an_outcome(rows: list[tuple[str, ...]], lines: bool) -> None:
    objects = [orjson.dumps(dict(zip(TITLES, row, strict=True))) for row in rows]
    content = b"\n".join(objects) if lines else b"[" + b",".join(objects) + b"]"
    check(outcomes(content, "people.json"), len(rows))


@given(st.binary(max_size=300), st.sampled_from(["x.csv", "x.json", "x", "x.csv.gz", "x.xls"]))
def test_any_bytes_end_in_rows_or_in_one_sentence(content: bytes, name: str) -> None:
    for start in (b"", b"profile_id,text\n", b'{"profile_id": "a", "text": "b"}\n', b"["):
        with suppress(UnreadableFile):
            outcomes(start + content, name)


@given(st.integers(1, 8), st.sampled_from(['p0,"Chofer', 'p0,"a" b"', '"p0', 'p0,"x""']))
def test_a_quote_that_never_closes_costs_one_row(before: int, stray: str) -> None:
    good = [f"p{n},Chofer" for n in range(1, 10)]
    lines = ["profile_id,text", *good[:before], stray, *good[before:]]
    found = outcomes("\n".join(lines).encode(), "people.csv")
    others = [row for row in found if row.line != before + 2]
    assert [row.key.decode() + ",Chofer" for row in others if isinstance(row, Row)] == good
    check(found, 10)


def test_a_quote_that_a_later_row_closes_costs_one_row_too() -> None:
    content = 'profile_id,text\np1,Chofer\np2,"Peón\np3,Guardia\np4,"Cocina, menú"\np5,Chofer\n'
    found = outcomes(content.encode(), "people.csv")
    assert [row.line for row in found if isinstance(row, BadRow)] == [3]
    assert [row.key for row in found if isinstance(row, Row)] == [b"p1", b"p3", b"p4", b"p5"]


def test_of_one_id_the_last_content_holds_and_the_same_is_not_sent_again() -> None:
    rows = [("p1", "A", "", "", ""), ("p1", "A", "", "", ""), ("p1", "B", "", "", ""),
            ("p1", "A", "", "", "")]  # fmt: skip
    first, second, third, fourth = outcomes(as_csv(rows), "people.csv")
    assert isinstance(first, Row)
    assert second == Repeat(3, b"p1", 2)
    assert isinstance(third, Row)
    assert isinstance(fourth, Row)
    assert (first.replaces, third.replaces, fourth.replaces) == (0, 2, 4)


def test_of_feedback_only_what_is_wholly_the_same_is_a_repeat() -> None:
    content = b"profile_id,job_id,kind\np1,j1,applied\np1,j2,applied\np1,j1,applied\n"
    first, second, third = outcomes(content, "said.csv", Catalogue.feedback)
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert second.replaces == 0
    assert isinstance(third, Repeat)


@pytest.mark.parametrize("name", ["people.csv", "people.json"])
def test_refused_rows_can_be_mended_and_sent_again(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    rows: list[dict[str, Any]] = [
        {"profile_id": "p1", "text": "Chofer", "age": "treinta y pico años 1 2"},
        {"profile_id": "p2", "text": "Peón; \"obra\", ñ", "age": "30"},
        {"profile_id": "p3", "text": "Guardia", "age": "quizá"},
    ]  # fmt: skip
    if name.endswith(".csv"):
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, ["profile_id", "text", "age"])
            writer.writeheader()
            writer.writerows(rows)
            file.write("sola\n")
    else:
        path.write_bytes(orjson.dumps([*rows, "sola"]))
    about = About()
    kept = RefusedFile(beside(path), about)
    for row in read_rows(path, Catalogue.profiles, about=about):
        if isinstance(row, BadRow):
            kept.write(row)
    kept.close()
    end = ".csv" if name.endswith(".csv") else ".jsonl"
    assert kept.path == tmp_path / f"people.rechazadas{end}"
    assert kept.path.stat().st_mode & 0o777 == 0o600
    told = kept.path.read_text("utf-8-sig")
    assert "debe ser un número" in told
    mended = kept.path.with_name("mended" + end)
    mended.write_text(told.replace("quizá", "33").replace("treinta y pico años 1 2", "31"))
    again = list(read_rows(mended, Catalogue.profiles))
    good = [orjson.loads(row.value) for row in again if isinstance(row, Row)]
    assert good == [
        {"profile_id": "p1", "text": "Chofer", "age": 31},
        {"profile_id": "p3", "text": "Guardia", "age": 33},
    ]
    assert len(again) == 3  # the lonely cell is refused again
    assert beside(path).name == "people.rechazadas-2"  # what somebody mends is not written over
