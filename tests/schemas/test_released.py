"""Every example that was ever released is still a valid event, and says what it said."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from matcher_stream.config.catalogue import TOPICS
from schemas import EXCLUDING, Event, validate

RELEASED = Path(__file__).parent / "released"
MODELS = {topic.event.__name__: topic.event for topic in TOPICS if topic.event is not None}
EXAMPLES = sorted(RELEASED.glob("*/*.json"))
#: Written when a topic began, and never changed again.
LATEST = "0.4.0"


def _said(value: object) -> object:
    """Without what an event adds by itself."""
    if isinstance(value, dict):
        return {name: _said(item) for name, item in value.items() if item is not None}
    return [_said(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_example_ever_released_stays_valid(path: Path) -> None:
    given = orjson.loads(path.read_bytes())
    event = validate(MODELS[path.stem], given)
    kept = _said(event.model_dump())
    assert isinstance(kept, dict)
    assert given.keys() - kept.keys() == {name for name in given if given[name] is None}


def test_each_event_of_today_has_an_example_with_all_its_fields() -> None:
    for name, model in MODELS.items():
        written = [p for p in EXAMPLES if p.stem == name]
        assert written, f"{name} has no example in {RELEASED.name}/{LATEST}"
        fields: set[str] = set()
        for path in written:
            fields |= orjson.loads(path.read_bytes()).keys()
        assert fields == set(model.model_fields), name


def test_only_four_kinds_of_feedback_exclude() -> None:
    assert {"applied", "hired", "dismissed", "reported"} == EXCLUDING
    assert issubclass(MODELS["Invitation"], Event)
