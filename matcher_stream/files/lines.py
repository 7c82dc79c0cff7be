"""Lines of text from bytes of an unknown encoding, each bounded, however long the file is.

UTF-8 and UTF-16 by their marks; a line that is not UTF-8 is read as Windows-1252 or as DOS's code
page 850, whichever gives the letters of Spanish. Detectors that know all languages (charset-
normalizer was tried) take a short Spanish text in these two for Turkish or Japanese.
"""

from __future__ import annotations

import codecs
import gzip
import io
from collections.abc import Iterator
from typing import Final

LONGEST: Final = 4 << 20
"""Bytes (characters in UTF-16) of a line; the rest of a longer one is passed over."""
SAMPLE: Final = 64 << 10
_SPANISH: Final = frozenset("áéíóúñüÁÉÍÓÚÑÜ¿¡°ºª«»“”‘’–—•…´€")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Lines:
    """Iterates over (line or None, why not): text with its line end, or why it cannot be read.

    Args:
        file: From its first byte; `peek` must work.

    Attributes:
        encodings: How many lines were read by each.
    """

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self._scores = {"cp1252": 0, "cp850": 0}
        self.encodings: dict[str, int] = {}

    def __iter__(self) -> Iterator[tuple[str | None, str]]:
        start = self._file.peek(SAMPLE)[:SAMPLE]
        wide = _wide(start)
        if wide or (b"\r" in start and b"\n" not in start):
            return self._wrapped(wide or ("utf-8-sig" if _is_utf8(start) else self._guess(start)))
        return self._by_line()

    def _wrapped(self, encoding: str) -> Iterator[tuple[str | None, str]]:
        """Encodings in which a line does not end with one byte, and files of old Macs."""
        with io.TextIOWrapper(self._file, encoding, errors="replace") as text:
            while line := text.readline(LONGEST):
                self.encodings[encoding] = self.encodings.get(encoding, 0) + 1
                if len(line) == LONGEST and not line.endswith("\n"):
                    while (rest := text.readline(LONGEST)) and not rest.endswith("\n"):
                        pass
                    yield None, "es demasiado grande"
                elif "\ufffd" in line:
                    yield None, f"no se puede leer como {encoding.upper()}"
                else:
                    yield line, ""

    def _by_line(self) -> Iterator[tuple[str | None, str]]:
        first = True
        while raw := self._file.readline(LONGEST):
            if first:
                raw, first = raw.removeprefix(codecs.BOM_UTF8), False
            if len(raw) == LONGEST and not raw.endswith(b"\n"):
                while (rest := self._file.readline(LONGEST)) and not rest.endswith(b"\n"):
                    pass
                yield None, "es demasiado grande"
                continue
            text, encoding = self._decoded(raw)
            self.encodings[encoding] = self.encodings.get(encoding, 0) + 1
            yield text, "" if text is not None else "no está en UTF-8 ni en Windows-1252"

    def _decoded(self, raw: bytes) -> tuple[str | None, str]:
        try:
            return raw.decode(), "ascii" if raw.isascii() else "utf-8"
        except UnicodeDecodeError:
            encoding = self._guess(raw)
            text = _decode(raw, encoding)
            # one wrong letter in four is a name of elsewhere, more is another code page
            return (text if text and 2 * _fit(text) > _foreign(text) else None), encoding

    def _guess(self, raw: bytes) -> str:
        for name in self._scores:
            text = _decode(raw, name)
            self._scores[name] += -len(raw) if text is None else _fit(text)
        return max(self._scores, key=lambda name: self._scores[name])


def _decode(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_utf8(start: bytes) -> bool:
    """Whether the first bytes of a file are UTF-8; the last letter may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True


def _foreign(text: str) -> int:
    return sum(c > "\x7f" for c in text)


def _fit(text: str) -> int:
    """Letters and marks of Spanish less all other signs beyond ASCII."""
    return sum(1 if c in _SPANISH else -1 for c in text if c > "\x7f")


def _wide(start: bytes) -> str:
    """UTF-16 or 32 by its mark, or by where its zeros are; empty if it is neither."""
    for mark, name in _MARKS:
        if start.startswith(mark):
            return "" if name == "utf-8" else name
    pairs = max(1, len(start) // 2)
    odd, even = start[1::2].count(0), start[0::2].count(0)
    if odd > 0.7 * pairs and even < 0.1 * pairs:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * pairs and odd < 0.1 * pairs else ""


def buffered(file: io.RawIOBase | gzip.GzipFile) -> io.BufferedReader:
    """A file whose first bytes can be looked at without being taken."""
    return io.BufferedReader(file, 2 * SAMPLE)
