"""Rows of a workbook: .xlsx, .xlsb, .xls and .ods."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

import orjson

from matcher_stream.files.table import TITLES_WITHIN, Raw, Titles
from schemas.errors import UnreadableFile

ZIP: Final = b"PK\x03\x04"
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHILD: Final = "matcher_stream.files.sheet_child"
_WHY: Final = {3: "está protegido con contraseña: guárdelo sin ella", 4: "no es un Excel completo"}


class SheetTable:
    """Rows of the first sheet that is not empty.

    Attributes:
        sheet: Its name.
        others: Sheets that are not read.
        titles: The row that names the columns.
    """

    def __init__(self, lines: Iterator[bytes], known: Iterable[str]) -> None:
        about = orjson.loads(next(lines))
        self.sheet: str = about["sheet"]
        self.others: list[str] = about["others"]
        rows = ((n, row) for n, line in enumerate(lines, 1) if any(row := orjson.loads(line)))
        self._head = list(islice(rows, TITLES_WITHIN))
        self._rows: Iterator[tuple[int, list[Any]]] = rows
        self.titles = Titles(self._head, known)

    def __iter__(self) -> Iterator[Raw]:
        for line, values in chain(self._head, self._rows):
            if line > self.titles.line:
                fields = self.titles.fit(values)
                problem = fields if isinstance(fields, str) else ""
                yield Raw(line, values if isinstance(fields, str) else fields, problem)


@contextmanager
def workbook(path: Path, known: Iterable[str]) -> Iterator[SheetTable]:
    """The rows of a workbook, read by a process of its own with bounded memory.

    Raises:
        UnreadableFile: it is no workbook, has a password, or needs more than that process may have.
    """
    command = [sys.executable, "-m", _CHILD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        try:
            yield SheetTable(_lines(child), known)
        finally:
            child.kill()


def _lines(child: subprocess.Popen[bytes]) -> Iterator[bytes]:
    assert child.stdout is not None
    line = b""
    for line in child.stdout:
        if line.endswith(b"\n"):
            yield line
    if code := child.wait():
        raise UnreadableFile(
            _WHY.get(code, "es demasiado grande o está dañado: guárdelo como CSV y vuelva a probar")
        )
