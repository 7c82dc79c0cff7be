"""The documentation as a site: every link leads somewhere, and nothing is asked of the network."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import pytest

from tests.support.brokers import ROOT

SITE: Final = ROOT / ".site" / "html"
LOADED: Final = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src")}
"""What a browser gets without being asked to."""


class Page(HTMLParser):
    """What a page leads to, loads, and can be led to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.classes: set[str] = set()
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if not value:
                continue
            if name == "id":
                self.ids.add(value)
            if name == "class":
                self.classes.update(value.split())
            if (tag, name) in LOADED:
                self.loaded.append(value)
            if name in ("href", "src"):
                self.links.append(value)


@pytest.fixture(scope="module")
def pages() -> dict[Path, Page]:
    """The site, built as everybody does."""
    done = subprocess.run(["make", "site"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout + done.stderr
    return {path: Page(path) for path in SITE.rglob("*.html") if path.name != "404.html"}


def _targets(page: Page) -> Iterator[tuple[Path, str]]:
    """The files and anchors that a page's links of ours lead to."""
    for link in page.links:
        parts = urlsplit(link)
        if not parts.scheme and not parts.netloc:
            path = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
            yield (path / "index.html" if path.is_dir() else path), unquote(parts.fragment)


def test_every_link_leads_somewhere(pages: dict[Path, Page]) -> None:
    broken = [
        f"{page.path.relative_to(SITE)}: {path.relative_to(SITE)}#{anchor}"
        for page in pages.values()
        for path, anchor in _targets(page)
        if not path.exists() or (anchor and path in pages and anchor not in pages[path].ids)
    ]
    assert broken == []


def test_every_page_can_be_reached(pages: dict[Path, Page]) -> None:
    found, waiting = set(), [SITE / "index.html"]
    while waiting:
        path = waiting.pop()
        if path in pages and path not in found:
            found.add(path)
            waiting += [target for target, _ in _targets(pages[path])]
    assert found == pages.keys()
    written = list((ROOT / "docs").rglob("*.md"))
    assert len(pages) == len(written) + 3  # README, CONTRIBUTING, CHANGELOG


def test_no_page_asks_the_network(pages: dict[Path, Page]) -> None:
    for page in pages.values():
        assert [url for url in page.loaded if urlsplit(url).netloc] == [], page.path
        assert not page.classes & {"mermaid", "glightbox"}, "drawn by what is got from a CDN"
        assert "fonts.googleapis" not in page.path.read_text()
    for style in SITE.rglob("*.css"):
        assert re.findall(r"url\([\"']?(?:https?:)?//", style.read_text()) == [], style


def test_diagrams_are_drawn(pages: dict[Path, Page]) -> None:
    text = (SITE / "docs" / "architecture.html").read_text()
    assert '<div class="diagram"><svg' in text
    assert "candidates agent" in text


def test_a_link_that_leads_nowhere_fails_the_build(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "README.md").write_text("[a](nowhere.md) [b](other.md#no-such-part)\n")
    (tmp_path / "pages" / "other.md").write_text("# Other\n")
    settings, _, _ = (ROOT / "docs" / "site" / "mkdocs.yml").read_text().partition("nav:\n")
    (tmp_path / "mkdocs.yml").write_text(settings)
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict", "--config-file",
         tmp_path / "mkdocs.yml"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "page does not exist" in done.stdout + done.stderr
    assert "anchor does not exist" in done.stdout + done.stderr
