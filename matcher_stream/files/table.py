"""Records of a CSV file: delimiter, row of titles, and a way on after quotes that never close."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Final

from matcher_stream.files.lines import LONGEST, Lines
from schemas.errors import UnreadableFile
from schemas.vocab import plain

TITLES_WITHIN: Final = 20
"""So many rows from the top the titles are looked for."""
_DELIMITERS: Final = ",;\t|"
_READ_AGAIN: Final = 64 << 20
"""Characters that may be read anew after quotes that never close."""


@dataclass(frozen=True, slots=True)
class Raw:
    """One row as it stands in the file.

    Attributes:
        line: Where, counted from 1.
        cells: By column, or the values in order where they do not fit the columns, or a text.
        problem: Why it cannot be used, empty if it can.
    """

    line: int
    cells: dict[str, Any] | Sequence[Any] | str
    problem: str = ""


class _Open(Exception):
    """A record goes on past the end of the file or past what a record may have."""


class Records:
    """Rows of values with the line each begins in.

    Args:
        lines: Of the file.
        delimiter: Between two values.
        first: Number of the first line.
    """

    def __init__(
        self, lines: Iterable[tuple[str | None, str]], delimiter: str, first: int = 1
    ) -> None:
        self._lines = iter(lines)
        self._again: deque[tuple[str | None, str]] = deque()
        self._taken: list[tuple[str | None, str]] = []
        self._size = 0
        self._allowance = _READ_AGAIN
        self._reader = csv.reader(iter(self._next, None), delimiter=delimiter)
        csv.field_size_limit(2 * LONGEST)
        self.line = first - 1
        """The last line that was read."""

    def _next(self) -> str:
        """The next line for the reader; as a record's first it may be the end."""
        try:
            line = self._again.popleft() if self._again else next(self._lines)
        except StopIteration:
            if self._taken:
                raise _Open from None
            raise
        self._taken.append(line)
        self._size += len(line[0] or "")
        if line[0] is None or (self._size > LONGEST and len(self._taken) > 1):
            raise _Open
        return line[0]

    def __iter__(self) -> Iterator[tuple[int, list[str], str]]:
        """(line, values, problem) of each record that is not blank."""
        while True:
            self._taken, self._size = [], 0
            here = self.line + 1
            try:
                values = next(self._reader)
            except StopIteration:
                return
            except (csv.Error, _Open) as error:
                yield self._refused(here, error)
                continue
            self.line += len(self._taken)
            if any(values):
                yield here, values, ""

    def _refused(self, here: int, error: Exception) -> tuple[int, list[str], str]:
        text, problem = self._taken[0]
        if not problem:
            is_csv = not isinstance(error, csv.Error)
            problem = "tiene comillas que no se cierran" if is_csv else "no está escrita como CSV"
        self._read_again()
        self.line += 1
        return here, [] if text is None else [text.rstrip("\r\n")], problem

    def first_line(self) -> str | None:
        """The first line of a record of several, whose others are then read as records anew."""
        others = len(self._taken) - 1
        if not others:
            return None
        self._read_again()
        self.line -= others
        return self._taken[0][0]

    def _read_again(self) -> None:
        rest = self._taken[1:]
        self._allowance -= sum(len(line[0] or "") for line in rest)
        if self._allowance < 0:
            raise UnreadableFile(
                f"Desde la línea {self.line + 1} hay demasiadas comillas que no se cierran: "
                "corríjalas; lo que sigue no se leyó."
            )
        self._again.extendleft(reversed(rest))
        self._taken = self._taken[:1]


def normal(title: str) -> str:
    """How titles of columns are compared: no accents, no case, one ``_`` between words."""
    return re.sub(r"[^a-z0-9]+", "_", plain(title)).strip("_")


class Titles:
    """The row that names the columns.

    Args:
        rows: The first of the file, each with its line.
        known: Columns that are read.

    Raises:
        UnreadableFile: no row names one of them, or one is named twice.
    """

    def __init__(self, rows: Sequence[tuple[int, Sequence[Any]]], known: Iterable[str]) -> None:
        names = {normal(name): name for name in known}

        def count(row: tuple[int, Sequence[Any]]) -> int:
            return sum(normal(str(cell)) in names for cell in row[1])

        best = max(rows, key=count, default=None)
        if best is None or not count(best):
            raise UnreadableFile(
                "no tiene una fila con los nombres de las columnas: escriba en la primera fila "
                f"{', '.join(list(names.values())[:3])}…"
            )
        self.line = best[0]
        self.above = [line for line, _ in rows if line < self.line]
        self.read = set(names.values())
        self.columns = [names.get(normal(str(c)), str(c).strip()) for c in best[1]]
        twice = [name for name in names.values() if self.columns.count(name) > 1]
        if twice:
            raise UnreadableFile(f"tiene dos columnas {min(twice)}: quite una.")

    def fit(self, values: Sequence[Any]) -> dict[str, Any] | str:
        """Values by column, or why they do not fit; empty ones at the end may be too many."""
        width = len(self.columns)
        if len(values) < width or any(value != "" for value in values[width:]):
            return f"tiene {len(values)} columnas y se esperaban {width}"
        return dict(zip(self.columns, values, strict=False))


class CsvTable:
    """Rows of a CSV file.

    Args:
        lines: Of the file.
        known: Columns that are read.

    Raises:
        UnreadableFile: see `Titles`.

    Attributes:
        delimiter: What stands between two values.
        titles: The row that names the columns.
    """

    def __init__(self, lines: Lines, known: Iterable[str]) -> None:
        self._known = list(known)
        stream = iter(lines)
        head = list(islice(stream, TITLES_WITHIN))
        first = 1
        if head and (told := re.fullmatch(r"sep=(.)\s*", head[0][0] or "")):
            self.delimiter, first, head = told[1], 2, head[1:]
        else:
            self.delimiter = self._guess([line for line, _ in head if line is not None])
        preview = Records(head, self.delimiter, first)
        self.titles = Titles([(line, row) for line, row, problem in preview if not problem], known)
        self._records = Records(chain(head, stream), self.delimiter, first)

    def _guess(self, lines: Sequence[str]) -> str:
        names = {normal(name) for name in self._known}

        def count(delimiter: str) -> int:
            return max(
                (sum(normal(cell) in names for cell in line.split(delimiter)) for line in lines),
                default=0,
            )

        return max(_DELIMITERS, key=count)

    def __iter__(self) -> Iterator[Raw]:
        for line, values, problem in self._records:
            if problem:
                yield Raw(line, values, problem)
            elif line > self.titles.line:
                fields = self.titles.fit(values)
                if not isinstance(fields, str):
                    yield Raw(line, fields)
                elif (text := self._records.first_line()) is not None:
                    text = text.rstrip("\r\n")
                    yield Raw(line, [text], "tiene comillas que no se cierran o le faltan columnas")
                else:
                    yield Raw(line, values, fields)
