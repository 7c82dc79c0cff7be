"""What the guides name is there: files, what links lead to, and the code that they quote."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GUIDES = (
    "README.md", "CONTRIBUTING.md",
    *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md"))),
)  # fmt: skip
TO_BE_MADE: set[str] = set()
"""Files that a guide tells its readers to make."""
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_TICKED = re.compile(r"`([^`\n]+)`")
_ROOMS = "agents|benchmarks|deploy|docs|matcher_stream|models|schemas|tables|tests"
_PATH = re.compile(rf"(?:{_ROOMS})/\S*")
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


@pytest.mark.parametrize("guide", GUIDES)
def test_what_a_guide_names_is_there(guide: str) -> None:
    prose = _FENCED.sub("", (ROOT / guide).read_text())
    named = {said for said in _TICKED.findall(prose) if _PATH.fullmatch(said)}
    assert {path for path in named - TO_BE_MADE if not (ROOT / path).exists()} == set()
    for link in _LINK.findall(prose):
        assert (ROOT / guide).parent.joinpath(link).exists(), link


def test_code_is_quoted_as_it_is() -> None:
    quoted = []
    for language, text in _FENCED.findall((ROOT / "CONTRIBUTING.md").read_text()):
        head, _, code = text.partition("\n")
        if language == "python" and (ROOT / head.removeprefix("# ")).is_file():
            assert code in (ROOT / head.removeprefix("# ")).read_text(), head
            quoted.append(head)
    assert len(quoted) == 2
