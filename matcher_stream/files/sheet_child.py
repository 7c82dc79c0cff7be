"""A process of its own that reads a workbook and writes its rows as lines of JSON.

A workbook comes from anywhere: a zip bomb, or two cells a million rows apart, may take all memory
and end the process. So it is read where memory and time have a limit, and only this process ends.
"""

from __future__ import annotations

import resource
import sys
from datetime import date, datetime, time
from typing import Any, Final

import orjson
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

MEMORY: Final = 2 << 30
SECONDS: Final = 300


def main(path: str) -> int:
    """Write the sheet's name and those of the others, then a list for each row; 0 if all came."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    out = sys.stdout.buffer
    try:
        with CalamineWorkbook.from_path(path) as book:
            seen = [s.name for s in book.sheets_metadata if s.visible is SheetVisibleEnum.Visible]
            sheets = ((name, book.get_sheet_by_name(name)) for name in seen)
            name, sheet = next(((n, s) for n, s in sheets if s.height > 0), ("", None))
            _write(out, {"sheet": name, "others": [n for n in book.sheet_names if n != name]})
            for row in sheet.iter_rows() if sheet else ():
                _write(out, [_cell(value) for value in row])
    except PasswordError:
        return 3
    except CalamineError:
        return 4
    out.flush()
    return 0


def _write(out: Any, value: Any) -> None:
    out.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))


def _cell(value: Any) -> Any:
    """As JSON: a day without its midnight, a whole number without its point."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, datetime):
        return (value.date() if value.time() == time() else value).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return value if isinstance(value, str | int) else str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
