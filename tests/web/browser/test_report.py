"""The analysts' report in Chromium: it is a file, so no server serves it."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher_stream.report.page import page
from models.feedback.dataset import load
from models.report.frame import Frame
from models.report.measures import shown_measures
from models.report.whole import Asked, Reference, report
from schemas.job import Job
from tests.support.browser import Visitor
from tests.support.impressions import population, write_export
from tests.web.browser.conftest import Browse

REGIONS = ("15",) * 30 + ("08",) * 25 + ("21",) * 20 + ("16",)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    rows = population(800, taste={"f": 0.1, "m": 0.25}, regions=REGIONS, score=0.56)
    jobs = [Job(job_id=f"trabajo-{i}", title="Cocinera", employer=f"Casa {i % 9}",
                ubigeo=("150101", "080101", "210101")[i % 3]) for i in range(220)]  # fmt: skip
    before = Reference("export", "otro mes", shown_measures(Frame(population(300))))
    data = load(write_export(folder / "now", rows))
    made = report(Asked(data, jobs=jobs, reference=before))
    (folder / "informe.html").write_text(page(made), encoding="utf-8")
    return folder


@pytest.mark.parametrize(("size", "dark"), [("phone", False), ("desktop", True)])
async def test_the_report_can_be_read_by_everybody(
    folder: Path, browse: Browse, size: str, dark: bool
) -> None:
    analyst = Visitor(await browse(size, dark=dark), folder.as_uri())
    await analyst.open("/informe.html")
    await analyst.check()
    await analyst.picture(f"informe-{size}-{'dark' if dark else 'light'}")
    assert set(analyst.loaded) <= {"/informe.html"}, "it asks nobody for anything"


async def test_without_scripts_and_on_paper_all_of_it_is_there(
    folder: Path, browse: Browse
) -> None:
    analyst = Visitor(await browse("desktop", javascript=False), folder.as_uri())
    await analyst.open("/informe.html")
    figures = analyst.page.locator("svg")
    assert await figures.count() > 8
    await analyst.page.emulate_media(media="print")
    for i in range(await figures.count()):
        box = await figures.nth(i).bounding_box()
        assert box
        assert box["width"] > 300
        assert box["height"] > 50
    paper = await analyst.page.pdf(format="A4")
    assert paper.startswith(b"%PDF")
    assert not analyst.troubles
