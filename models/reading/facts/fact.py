"""A fact that words state, with the piece of text it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")

READER: Final = 3
"""Raise it with every change of what is read, also of ``data/reading_bars.tsv``: rankings by two
readers do not mix, and rows that another reader made are read again."""
READER_VERSION: Final = f"reader-{READER}"


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """One thing that a text states.

    Attributes:
        value: In the contract's terms (`schemas.vocab`), amounts in soles, distances in km.
        said: The piece of text it came from, as it was written.
        start, end: Where that piece lies in the text, in characters.
        sure: Share of readings by this rule that were right where it was measured, 0 to 1.
        rule: Name of the rule that read it, for the list of errors.
        part: Which text of an event holds it: "text", or "title", "description", "requirements"
            of an ad; positions count in it.
    """

    value: T
    said: str
    start: int
    end: int
    sure: float
    rule: str
    part: str = "text"
