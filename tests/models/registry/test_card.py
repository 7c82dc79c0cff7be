"""The card says what the metadata say, in both languages, under the headings of the paper."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from models.evaluation import run
from models.evaluation.tasks import Task
from models.ranking.weights import shipped_weights
from models.registry.card import LANGUAGES, Language, card, card_name
from models.registry.card_words import HEADINGS, LABELS
from models.registry.figures import Figures, read_figures
from models.registry.metadata import Metadata, read_metadata
from models.registry.version import open_version
from models.vetting.gate import GATE_VERSION
from schemas.errors import UnreadableFile, UsageError
from tests.support.versions import small_version

_PAPER = (
    "Model details", "Intended use", "Factors", "Metrics", "Evaluation data", "Training data",
    "Quantitative analyses", "Ethical considerations", "Caveats and recommendations",
)  # fmt: skip
"""Mitchell and others 2019, figure 1."""


def _task(name: str, kind: str) -> dict[str, Any]:
    """Six queries, of which one system finds all and another none."""
    asked = [f"q{i}" for i in range(6)]
    regions: list[Mapping[str, str]] = [{"region": "Lima" if i < 5 else "Puno"} for i in range(6)]
    task = Task(name, asked, ["right", "wrong"], [{0}] * 6, [-1] * 6, regions, kind=kind)

    def scores(first: float, second: float) -> Any:
        return lambda queries, documents: np.tile([[first, second]], (6, 1)).astype(np.float32)

    return run.compare(task, {"bm25": scores(0, 1), "ranker": scores(1, 0)})


def _report(**made: str) -> bytes:
    goals = [{"what": "order", "figure": "1.00", "wanted": "at least 0.9", "met": True}]
    tasks = [_task("titles", "titles"), _task("judged, all", "judged"),
             _task("judged, words", "judged")]  # fmt: skip
    return orjson.dumps({"made of": {"split": "dev", **made}, "goals": goals, "tasks": tasks})


def test_figures_are_those_of_the_last_system() -> None:
    figures = read_figures(_report(), "report")
    assert [(f.task, f.system, f.mean) for f in figures.figures] == [
        ("titles", "ranker", 1.0), ("judged, all", "ranker", 1.0), ("judged, words", "ranker", 1.0),
    ]  # fmt: skip
    head = figures.headline()
    assert head is not None
    assert head.task == "judged, words", "people judged by hand, by their words alone"
    assert {(s.facet, s.slice, s.queries) for s in figures.slices} == {("region", "Lima", 5)}


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"made of": {}}', b'{"made of": 1}'])
def test_what_is_no_report_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableFile, match="report no es un informe"):
        read_figures(raw, "report")


@pytest.mark.parametrize("made", [{"vectors": "other"}, {"ranker": "blend-1"}, {"gate": "gate-0"}])
def test_figures_of_something_else_are_refused(made: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Esas cifras son de"):
        small_version(tmp_path, report=_report(**made))


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    file = tmp_path_factory.mktemp("data") / "pairs.jsonl"
    file.write_text("{}\n")
    report = _report(ranker=f"{shipped_weights().version}-0123456789ab", gate=GATE_VERSION)
    return small_version(
        tmp_path_factory.mktemp("made"), report=report, data={"pairs.jsonl": file},
        about="de prueba | <b>", parent="ab" * 32,
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_has_every_section_and_all_that_the_metadata_say(
    version: tuple[Path, str], language: Language
) -> None:
    opened = open_version(*version)
    text = (opened.folder / card_name(language)).read_text()
    headings = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert tuple(headings) == HEADINGS[language]
    for heading, named in zip(HEADINGS["en"], _PAPER, strict=True):
        assert heading.startswith(named)
    metadata = opened.metadata
    for said in (
        metadata.licence, metadata.code, "ab" * 32, metadata.encoder.vectors, metadata.reader,
        metadata.gate, metadata.ranker, *metadata.data, *metadata.data.values(), "1.000",
        "region: Lima", "2026-11-27T10:00:00+00:00", "occupation 0.037", "judged, words",
    ):  # fmt: skip
        assert said in text, said
    assert "de prueba \\| &lt;b>" in text, "what somebody wrote makes no table and no HTML"
    assert text == card(metadata, shipped_weights(), language), "from the metadata alone"
    assert (opened.folder / "figures.json").is_file()


def test_both_languages_say_the_same_things() -> None:
    assert LABELS["es"].keys() == LABELS["en"].keys()
    assert len(HEADINGS["es"]) == len(HEADINGS["en"]) == len(_PAPER)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_not_measured_says_so(tmp_path: Path, language: Language) -> None:
    opened = open_version(*small_version(tmp_path))
    text = card(opened.metadata, shipped_weights(), language)
    assert text.count(LABELS[language]["unmeasured"]) == 2
    assert LABELS[language]["nothing"] in text


def test_metadata_are_what_was_written(version: tuple[Path, str]) -> None:
    metadata = open_version(*version).metadata
    raw = (version[0] / "metadata.json").read_bytes()
    assert read_metadata(raw, version[1]) == metadata
    assert isinstance(metadata.figures, Figures)
    schema = Metadata.model_json_schema()
    assert schema["additionalProperties"] is False
    assert schema["properties"].keys() == orjson.loads(raw).keys()
