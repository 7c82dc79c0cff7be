"""Rows of JSON: one object a line, or an array of objects, alone or inside an object."""

from __future__ import annotations

import codecs
import io
from collections.abc import Collection, Iterable, Iterator
from typing import IO, Any, Final

import ijson
import orjson

from matcher_stream.files.lines import SAMPLE
from matcher_stream.files.refusals import in_spanish
from matcher_stream.files.table import Raw
from schemas import decode_object
from schemas.errors import InputError, UnreadableFile
from schemas.parsing import MAX_VALUE_BYTES

DEEPEST: Final = 64
"""Levels of brackets, those around the rows included."""
_OTHERS: Final = bytes(set(range(256)) - set(b"[]{}"))
LARGEST: Final = 16 << 20
"""Bytes between the ends of two elements of an array."""


def json_lines(lines: Iterable[tuple[str | None, str]]) -> Iterator[Raw]:
    """Each line an object."""
    for number, (text, problem) in enumerate(lines, 1):
        if text is None:
            yield Raw(number, "", problem)
        elif text.strip():
            try:
                yield Raw(number, decode_object(text.encode()))
            except InputError as error:
                yield Raw(number, text.rstrip("\r\n"), in_spanish(error)[0])


class _Bounded:
    """A file that ends with an error where one element is too large or nests too deep.

    Depth is counted before ijson sees it, which keeps the whole path of every bracket.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.since = 0
        self._depth = 0
        self._in_string = False
        self._half = b""

    def read(self, size: int) -> bytes:
        """The next bytes, as ijson asks for them."""
        found = self._file.read(size)
        self.since += len(found)
        if self.since > LARGEST:
            raise UnreadableFile("tiene un elemento demasiado grande")
        self._count(self._half + found)
        return found

    def _count(self, chunk: bytes) -> None:
        plain = chunk.replace(rb"\\", b"")
        self._half = b"\\" if plain.endswith(b"\\") else b""
        parts = plain.removesuffix(self._half).replace(rb"\"", b"").split(b'"')
        for part in parts[self._in_string :: 2]:
            for bracket in part.translate(None, _OTHERS):
                self._depth += 1 if bracket in b"[{" else -1
                if self._depth > DEEPEST:
                    raise UnreadableFile("tiene demasiados niveles")
        self._in_string ^= len(parts) % 2 == 0


def json_array(file: io.BufferedReader, prefix: str) -> Iterator[Raw]:
    """Each element of an array an object, numbered from 1.

    Args:
        file: From its first byte, in UTF-8.
        prefix: Where the elements are, as ijson names it.

    Raises:
        UnreadableFile: the JSON breaks off or one element is too large; tells after which.
    """
    if file.peek(3).startswith(codecs.BOM_UTF8):
        file.read(3)
    source = _Bounded(file)
    number = 0
    try:
        elements = ijson.items(source, prefix, use_float=True, multiple_values=True)
        for number, element in enumerate(elements, 1):
            source.since = 0
            yield _element(number, element)
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise UnreadableFile(
            f"deja de ser JSON después del elemento {number}: lo que sigue no se leyó."
        ) from error
    except UnreadableFile as error:
        raise UnreadableFile(
            f"{error} después del elemento {number}: lo que sigue no se leyó."
        ) from error


def _element(number: int, element: Any) -> Raw:
    try:
        value = orjson.dumps(element)
        return Raw(number, decode_object(value))
    except InputError as error:
        return Raw(number, value.decode()[:MAX_VALUE_BYTES], in_spanish(error)[0])
    except (TypeError, UnicodeEncodeError):
        return Raw(number, "", "tiene un valor que no se puede escribir en JSON")


def array_prefix(file: io.BufferedReader, known: Collection[str]) -> str | None:
    """Where the rows are, as ijson names it; None for one object a line.

    Looks at the file's first bytes and takes none.

    Args:
        file: From its first byte.
        known: Names that a row has.
    """
    start = file.peek(SAMPLE).removeprefix(codecs.BOM_UTF8).lstrip()
    first = start.partition(b"\n")[0]
    try:
        for where, event, value in ijson.parse(_Bounded(io.BytesIO(start))):
            if event == "start_map" and where.endswith("item"):
                return str(where)
            if event == "map_key" and not where and value in known:
                return None if _is_whole(first) or b"\n" not in start else ""
    except (ijson.JSONError, UnicodeDecodeError, UnreadableFile):
        pass
    return "item" if start.startswith(b"[") else None


def _is_whole(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True
