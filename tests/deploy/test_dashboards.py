"""The dashboards: Grafana's own types read them, and every panel can be understood and drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import promql_parser
import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests.support.metric_names import names_in, series_names

GRAFANA = Path(__file__).parents[2] / "deploy" / "grafana"
PAGES = sorted((GRAFANA / "dashboards").glob("*.json"))
UNITS = {"s", "ops", "short", "bytes", "percentunit", "currencyUSD"}
"""Of Grafana's: seconds, a second, a number, bytes (1024), a share of 1, dollars."""


def panels(page: Path) -> list[dict[str, Any]]:
    """The panels of a page, its rows left out."""
    return [p for p in orjson.loads(page.read_bytes())["panels"] if p["type"] != "row"]


def _by_name(path: Path) -> str:
    return path.stem


def _lost(given: Any, back: Any, at: str = "") -> list[str]:
    """What is in `given` and not in `back`."""
    if isinstance(given, dict):
        assert isinstance(back, dict), at
        return [
            lost
            for name, value in given.items()
            for lost in (
                _lost(value, back[name], f"{at}.{name}") if name in back else [f"{at}.{name}"]
            )
            if value not in (None, {}, [])
        ]
    if isinstance(given, list):
        pairs = zip(given, back, strict=True)
        return [lost for i, (a, b) in enumerate(pairs) for lost in _lost(a, b, f"{at}[{i}]")]
    return [] if given == back else [f"{at}: {given!r} is {back!r}"]


@pytest.mark.parametrize("page", PAGES, ids=_by_name)
def test_grafana_s_types_read_a_page_and_lose_nothing(page: Path) -> None:
    register_default_plugins()
    given = orjson.loads(page.read_bytes())
    read = Dashboard.from_json(given)
    assert _lost(given, orjson.loads(JSONEncoder(sort_keys=True).encode(read))) == []


@pytest.mark.parametrize("page", PAGES, ids=_by_name)
def test_a_panel_says_what_it_shows_and_in_which_unit(page: Path) -> None:
    told = orjson.loads(page.read_bytes())
    assert len(told["description"]) > 40
    for panel in panels(page):
        assert panel["title"]
        assert len(panel["description"]) > 25, panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS, panel["title"]
        assert panel["targets"], panel["title"]


@pytest.mark.parametrize("page", PAGES, ids=_by_name)
def test_every_expression_parses_and_names_series_of_the_code(page: Path) -> None:
    for panel in panels(page):
        for target in panel["targets"]:
            promql_parser.parse(target["expr"])
            assert names_in(target["expr"]) <= series_names(), panel["title"]
            assert names_in(target["expr"]), panel["title"]


@pytest.mark.parametrize("page", PAGES, ids=_by_name)
def test_panels_do_not_overlap(page: Path) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in orjson.loads(page.read_bytes())["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert max(x for x, _ in cells) < 24, panel["title"]
        assert not cells & taken, panel["title"]
        taken |= cells


def test_every_series_is_drawn_somewhere_or_has_its_reason() -> None:
    drawn = {name for page in PAGES for p in panels(page) for t in p["targets"]
             for name in names_in(t["expr"])}  # fmt: skip
    families = {name.removesuffix(end) for name in drawn for end in ("_bucket", "_count", "_sum")}
    named = {n for n in series_names() if n.startswith("matcher_") and not n.endswith("_bucket")}
    aside = {
        "matcher_outputs_total": "the broker counts it too", "matcher_stale_events_total": "rare",
        "matcher_start_timestamp_seconds": "for an alert", "matcher_pages_total": "pages",
        "matcher_feedback_outcomes_total": "analysts count exports",
        "matcher_feedback_unplaced_total": "analysts look (docs/feedback.md)",
        "matcher_champion": "a status page says it",
        "matcher_canary_interval_seconds": "a setting", "matcher_table_memory_bytes": "in memory",
    }  # fmt: skip
    left = {
        name for name in named - drawn - aside.keys()
        if name.removesuffix("_count").removesuffix("_sum") not in families
    }  # fmt: skip
    assert left == set()


def test_pages_and_their_source_are_provisioned() -> None:
    folder = GRAFANA / "provisioning"
    (source,) = yaml.safe_load((folder / "datasources" / "prometheus.yml").read_text())[
        "datasources"
    ]
    (provider,) = yaml.safe_load((folder / "dashboards" / "matcher.yml").read_text())["providers"]
    assert provider["type"] == "file"
    assert len(PAGES) == 3
    for page in PAGES:
        told = orjson.loads(page.read_bytes())
        assert told["uid"] == page.stem
        for panel in panels(page):
            assert {t["datasource"]["uid"] for t in panel["targets"]} == {source["uid"]}
