"""The report as one file."""

from __future__ import annotations

import copy
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from matcher_stream.report import words
from matcher_stream.report.page import apart, page
from models.feedback.dataset import load
from models.report.frame import FACETS, Frame
from models.report.measures import shown_measures
from models.report.whole import Asked, Reference, report
from schemas.job import Job
from tests.support.impressions import population, write_export

REGIONS = ("15",) * 30 + ("08",) * 25 + ("21",) * 20 + ("16",)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    rows = population(800, taste={"f": 0.1, "m": 0.25}, regions=REGIONS, score=0.56)
    jobs = [Job(job_id=f"trabajo-{i}", title="Cocinera", employer=f"<b>Sol {i % 9}</b>",
                ubigeo="150101") for i in range(220)]  # fmt: skip
    before = Reference("export", "del 1 al 30 <junio>", shown_measures(Frame(population(300))))
    data = load(write_export(tmp_path_factory.mktemp("export") / "now", rows))
    return report(Asked(data, jobs=jobs, reference=before))


class _Seen(HTMLParser):
    """Tags with their attributes, and headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def test_it_stands_alone(made: dict[str, Any]) -> None:
    seen = _Seen(page(made))
    assert not {tag for tag, _ in seen.tags} & {"script", "link", "img", "iframe", "form"}
    addresses = [attrs[name] for _, attrs in seen.tags for name in ("href", "src") if name in attrs]
    assert set(addresses) == {"#contenido", "#ayuda"}
    assert not re.search(r"url\((?!#)|@import|https?:", page(made))
    assert seen.of("html") == [{"lang": "es"}]


def test_every_chart_has_a_table_and_says_what_it_says_and_what_not(made: dict[str, Any]) -> None:
    text = page(made)
    seen = _Seen(text)
    figures = seen.of("svg")
    assert len(figures) >= len(FACETS) + 4
    assert all(figure["role"] == "img" and figure["aria-label"] for figure in figures)
    assert text.count("Cómo leerlo:") == text.count("Qué no dice:") == len(figures)
    assert len(seen.of("table")) >= len(figures)


def test_the_top_says_of_when_of_how_many_and_what_is_left_out(made: dict[str, Any]) -> None:
    top = page(made).partition('id="pedido"')[0]
    assert f"del {made['period']['from']} al {made['period']['to']}" in top
    assert ">800, todas con permiso" in top
    assert f"grupos de menos de 10 personas, y lo que hicieron menos de 10: "\
           f"{made['suppressed']['groups']} grupos enteros" in top  # fmt: skip
    assert made["suppressed"]["cells"] > 0
    assert "Quien no dio su permiso no está aquí" in top


def test_raw_and_corrected_stand_side_by_side_with_intervals(made: dict[str, Any]) -> None:
    text = page(made)
    for how in (made["whole"]["taken"], made["whole"]["corrected"]["taken"]):
        told = f"{words.share(how['value'])}<small>{words.share(how['low'])} a "
        assert told + words.share(how["high"]) in text
        assert f"como {words.count(how['effective'])}" in text
    women, men = apart(made)
    assert women.startswith("Sexo: Mujeres: piden 0.")
    assert men.startswith(("Sexo: Hombres: piden 2.", "Sexo: Hombres: piden 3."))
    assert women.partition(": ")[2] in text


def test_whatever_others_wrote_is_escaped(made: dict[str, Any]) -> None:
    text = page(made)
    assert "<junio>" not in text
    assert "&lt;junio&gt;" in text
    odd = copy.deepcopy(made)
    (ages,) = (one["groups"] for one in odd["facets"] if one["facet"] == "age")
    ages[0]["group"] = "<i>9</i>"
    assert "<i>9</i>" not in page(odd)
    assert page(odd).count("&lt;i&gt;9&lt;/i&gt; años") == 2, "in the chart and in the table"


def test_what_is_left_out_is_named_and_has_no_figure(made: dict[str, Any]) -> None:
    (region,) = (one["groups"] for one in made["facets"] if one["facet"] == "region")
    quiet = [words.group("region", row["group"]) for row in region if row["people"] is None]
    text = page(made)
    if quiet:
        assert f"Se callan: {', '.join(quiet)}." in text
    assert all(f'<th scope="row">{name}</th>' not in text for name in quiet)


def test_how_places_were_weighed_is_said(made: dict[str, Any]) -> None:
    assert "no se midió" in page(made)
    pairs = [{"source": "swaps"}, {"source": "default"}, {"source": "default"}]
    some = {**made, "positions": {**made["positions"], "pairs": pairs}}
    assert "intercambiando vecinos en 1 pares de lugares; en 2 se supone" in page(some)
    whole = {**made, "positions": {**made["positions"], "pairs": pairs[:1]}}
    assert "se midió intercambiando vecinos." in page(whole)


def test_a_poor_report_is_a_page_too(tmp_path: Path) -> None:
    rows = population(12, taste={"f": 0.0})
    text = page(report(Asked(load(write_export(tmp_path, rows)))))
    assert "No se pidió comparar con nada." in text
    assert "0 siguen esperando" not in text


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "0 %"), (0.5, "50.0 %"), (0.0123, "1.2 %"), (0.00123, "0.12 %"), (None, "–")],
)
def test_shares_are_written_with_the_digits_they_need(value: float | None, said: str) -> None:
    assert words.share(value) == said


@pytest.mark.parametrize(("value", "said"), [(5.2, "5.2 h"), (72.0, "3 días"),
                                             (None, "no se alcanza a ver")])  # fmt: skip
def test_times_are_hours_then_days(value: float | None, said: str) -> None:
    assert words.hours(value) == said
