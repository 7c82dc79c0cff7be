"""The page of bounds names what is there: every constant, file and test."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "bounds.md").read_text()
CODE = "\n".join(
    path.read_text()
    for room in ("agents", "matcher_stream", "models", "schemas", "tables", "tests")
    for path in (ROOT / room).rglob("*.py")
)


def test_every_name_on_the_page_is_one_of_the_code() -> None:
    names = set(re.findall(r"`(_?[a-zA-Z]\w+)`", PAGE)) - {"traceparent", "meta", "lists"}
    assert len(names) > 40
    gone = [
        name
        for name in names
        if not name.startswith("MATCHER_") and not re.search(rf"\b{name}\b", CODE)
    ]
    assert not gone
    settings = {name.removeprefix("MATCHER_").lower() for name in names if "MATCHER_" in name}
    assert all(re.search(rf"\b{name}: ", CODE) for name in settings)


def test_every_file_on_the_page_is_there() -> None:
    for name in re.findall(r"`([\w/]+\.py)`", PAGE):
        inside = name.replace("runtime/", "matcher_stream/runtime/", 1)
        places = (ROOT / name, ROOT / inside, *(ROOT / "tests").rglob(name))
        assert any(place.exists() for place in places), name
