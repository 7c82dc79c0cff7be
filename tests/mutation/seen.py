"""What is seen of the tests while nothing is changed, so that a change gets those that run it."""

from __future__ import annotations

import re
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from tests.mutation.planting import ROOT


@dataclass(slots=True)
class Seen:
    """What the tests touch: which of them run a line, how long each takes, and what each has
    noticed of a file until now.
    """

    by_line: dict[str, dict[int, set[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    seconds: dict[str, float] = field(default_factory=dict)
    noticed: Counter[tuple[str, str]] = field(default_factory=Counter)

    def mentioning(self, names: Collection[str]) -> set[str]:
        """Tests that run a line in which one of these names stands."""
        word = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")
        return {
            test
            for file, lines in self.by_line.items()
            for number, text in enumerate((ROOT / file).read_text().splitlines(), 1)
            if number in lines and names and word.search(text)
            for test in lines[number]
        }


class Noted:
    """Notes which lines of some files are run, in every thread."""

    def __init__(self, files: Collection[str], lines: set[tuple[str, int]]) -> None:
        self._files, self._lines = files, lines

    def __enter__(self) -> None:
        if self._files:
            threading.settrace(self._called)
            sys.settrace(self._called)

    def __exit__(self, *error: object) -> None:
        if self._files:
            sys.settrace(None)
            threading.settrace(None)

    def _called(self, frame: FrameType, event: str, arg: Any) -> Any:
        return self._line if frame.f_code.co_filename in self._files else None

    def _line(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "line":
            self._lines.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line
