"""The runbook as a page of every worker: whoever is on call has it where the trouble is told."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

RUNBOOK: Final = Path(__file__).with_name("runbook.md")
"""docs/runbook.md: a link in the repository, a copy where this is installed."""
_MARKS: Final = re.compile(r"\*\*|`|\[([^\]]*)\]\([^)]*\)")
_NO_CELLS: Final = re.compile(r"[|\s-]+")


class Section(NamedTuple):
    """One section.

    Attributes:
        anchor: As links name it.
        title: Its heading.
        blocks: Paragraphs, items of lists and rows of tables in order, as plain text.
    """

    anchor: str
    title: str
    blocks: tuple[str, ...]


@cache
def sections() -> tuple[Section, ...]:
    """The runbook's sections in order."""
    _, *parts = RUNBOOK.read_text("utf-8").split("\n## ")
    heads = (part.partition("\n") for part in parts)
    return tuple(Section(title.lower(), title, _blocks(text)) for title, _, text in heads)


def _blocks(text: str) -> tuple[str, ...]:
    found: list[str] = []
    begins = True
    for line in text.splitlines():
        if not line.strip() or _NO_CELLS.fullmatch(line):
            begins = True
            continue
        said = _MARKS.sub(r"\1", line.strip())
        if begins or line.startswith(("* ", "|")):
            found.append(_item(said))
        else:
            found[-1] += f" {said}"
        begins = False
    return tuple(found)


def _item(said: str) -> str:
    """A row of a table or an item of a list as a sentence."""
    if said.startswith("|"):
        return ": ".join(cell.strip() for cell in said.strip("|").split("|"))
    return said.replace("* ", "• ", 1) if said.startswith("* ") else said
