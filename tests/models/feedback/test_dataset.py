"""An export is read whole or not at all, and never with somebody who was erased since."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from models.feedback.dataset import (
    MANIFEST,
    ROWS,
    Impression,
    Manifest,
    hash_of,
    load,
)
from schemas.errors import UnreadableFile

SALT = "00" * 16


def row(person: str, **fields: Any) -> Impression:
    """An impression of somebody invented."""
    told: dict[str, Any] = {
        "job_id": "obra", "as_of": "2026-09-22", "revision": 3, "rank": 1, "surface": "web",
        "propensity": 1.0, "swapped": False, "level": "send", "score": 0.8,
        "components": {"meaning": 0.8}, "shown": 1_790_000_000_000, "outcome": "none",
        "outcome_ts": None, **fields,
    }  # fmt: skip
    return Impression(person=hash_of(SALT, person), **told)


def put(folder: Path, rows: Sequence[Impression], day: int = 1, **fields: Any) -> Path:
    """An export in a folder."""
    folder.mkdir(parents=True)
    raw = b"".join(one.line() for one in rows)
    (folder / ROWS).write_bytes(raw)
    told = {"sha256": hashlib.sha256(raw).hexdigest(), "format": 1, "salt": SALT, **fields}
    made = datetime(2026, 10, day, tzinfo=UTC)
    manifest = Manifest(made=made, rows=len(rows), people=1, **told)
    (folder / MANIFEST).write_bytes(manifest.raw())
    return folder


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    rows = [row("ana"), row("ana", rank=2, outcome="dismissed", reason="too_far", outcome_ts=7)]
    found = load(put(tmp_path / "uno", rows))
    assert found.rows == rows
    assert found.people == {hash_of(SALT, "ana")}
    assert found.dropped == frozenset()


def test_who_was_erased_since_is_left_out(tmp_path: Path) -> None:
    """Whoever names them: this export, one made later beside it, or the caller."""
    rows = [row("ana"), row("beto"), row("carmen"), row("dina")]
    first = put(tmp_path / "uno", rows, 1, erased=[hash_of(SALT, "ana")])
    put(tmp_path / "dos", [], 2, erased=[hash_of(SALT, "beto")])
    found = load(first, [hash_of(SALT, "carmen")])
    assert found.rows == [row("dina")]
    assert found.dropped == {hash_of(SALT, name) for name in ("ana", "beto", "carmen")}


def test_who_came_back_is_in_the_later_export(tmp_path: Path) -> None:
    put(tmp_path / "uno", [], 1, erased=[hash_of(SALT, "ana")])
    later = put(tmp_path / "dos", [row("ana")], 2)
    assert load(later).rows == [row("ana")]


def test_a_folder_of_something_else_beside_it_is_none_of_its_business(tmp_path: Path) -> None:
    (tmp_path / "modelo").mkdir()
    (tmp_path / "modelo" / MANIFEST).write_text('{"format": 1, "files": {}}')
    assert load(put(tmp_path / "uno", [row("ana")])).rows == [row("ana")]


@pytest.mark.parametrize(
    ("name", "was", "now", "words"),
    [
        (ROWS, b'"rank":1', b'"rank":2', "cambió después de exportarlo"),
        (MANIFEST, b'"format": 1', b'"format": 2', "su formato es 2"),
        (MANIFEST, b'"made"', b'"mode"', "su manifiesto no se puede leer"),
    ],
)
def test_what_was_changed_is_refused(
    tmp_path: Path, name: str, was: bytes, now: bytes, words: str
) -> None:
    file = put(tmp_path / "uno", [row("ana")]) / name
    assert was in file.read_bytes()
    file.write_bytes(file.read_bytes().replace(was, now))
    with pytest.raises(UnreadableFile, match=words):
        load(tmp_path / "uno")


@pytest.mark.parametrize("name", [ROWS, MANIFEST])
def test_what_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    (put(tmp_path / "uno", [row("ana")]) / name).unlink()
    with pytest.raises(UnreadableFile, match="no tiene"):
        load(tmp_path / "uno")


def test_a_row_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no se puede leer"):
        load(put(tmp_path / "uno", [row("ana", propensity=0.0)]))


def test_a_prune_cut_short_leaves_an_export_that_can_be_read(tmp_path: Path) -> None:
    """Between the new rows and the manifest that names them."""
    raw = row("beto").line()
    becoming = hashlib.sha256(raw).hexdigest()
    rows = [row("ana"), row("beto")]
    gone = [hash_of(SALT, "ana")]
    folder = put(tmp_path / "uno", rows, erased=gone, becoming=becoming)
    assert load(folder).rows == [row("beto")]
    (folder / ROWS).write_bytes(raw)
    assert load(folder).rows == [row("beto")]
