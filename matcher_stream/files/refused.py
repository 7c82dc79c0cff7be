"""The rows that were refused, each with its reason, in a file that can be mended and sent again."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import IO, Any

import orjson

from matcher_stream.files.mapping import ADDED
from matcher_stream.files.rows import About, BadRow

_SUFFIX = ".rechazadas"


def beside(path: Path) -> Path:
    """A name next to a file for its refused rows; never that of a file that is there already."""
    stem = path.name
    for suffix in reversed(path.suffixes):
        stem = stem.removesuffix(suffix) if len(suffix) < 7 else stem
    names = (f"{stem}{_SUFFIX}{'' if n == 1 else f'-{n}'}" for n in count(1))
    return next(
        path.with_name(name)
        for name in names
        if not any(path.with_name(name + end).exists() for end in (".csv", ".jsonl"))
    )


class RefusedFile:
    """Made for its first row: CSV for tables, JSON Lines for JSON, with two columns more.

    Only the one who runs it may read it: the rows may hold personal data.

    Args:
        path: Where to; without an ending it gets that of its form.
        about: What the rows come from, known when the first is written.
    """

    def __init__(self, path: Path, about: About) -> None:
        self.path = path
        self._about = about
        self._file: IO[str] | None = None
        self._csv: Any = None

    def write(self, row: BadRow) -> None:
        """Add a row.

        Raises:
            OSError: the file cannot be written.
        """
        titles = self._about.titles
        if self._file is None:
            self._open(titles.columns if titles else None)
        if self._csv is None:
            said = dict(zip(ADDED, (row.line, row.reason), strict=True))
            told = row.raw if isinstance(row.raw, dict) else {"texto": row.raw}
            assert self._file is not None
            self._file.write(orjson.dumps({**said, **told}).decode() + "\n")
        else:
            values = list(row.raw.values()) if isinstance(row.raw, dict) else row.raw or ()
            self._csv.writerow((row.line, row.reason, *values))

    def _open(self, columns: Sequence[str] | None) -> None:
        if not self.path.suffix or self.path.suffix.startswith(_SUFFIX):
            end = ".jsonl" if columns is None else ".csv"
            self.path = self.path.with_name(self.path.name + end)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        encoding = "utf-8" if columns is None else "utf-8-sig"  # by which Excel knows it
        self._file = os.fdopen(os.open(self.path, flags, 0o600), "w", encoding=encoding, newline="")
        if columns is not None:
            self._csv = csv.writer(self._file)
            self._csv.writerow((*ADDED, *columns))

    def close(self) -> None:
        """Nothing more comes."""
        if self._file is not None:
            self._file.close()
