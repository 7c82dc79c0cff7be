"""The alerts: few, explained, about series that exist, and tested by promtool."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.metric_names import names_in, series_names

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus" / "rules.yml"
TESTS = RULES.with_name("rules_test.yml")
ALERTS: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]
]
HEADINGS = re.findall(r"(?m)^## (\w+)$", (ROOT / "docs" / "runbook.md").read_text())


def _promtool(*arguments: str) -> str:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not here: apt-get install prometheus brings it")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_there_are_at_most_ten_and_the_runbook_has_each() -> None:
    assert len(ALERTS) <= 10
    assert [alert["alert"] for alert in ALERTS] == HEADINGS


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_says_how_bad_what_and_where_to_look(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in ("page", "ticket")
    summary = alert["annotations"]["summary"]
    assert summary.endswith(".")
    assert len(summary) > 40
    link = f"docs/runbook.md#{alert['alert'].lower()}"
    assert alert["annotations"]["runbook_url"] == link


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_is_about_series_that_exist(alert: dict[str, Any]) -> None:
    named = names_in(alert["expr"])
    assert named
    assert named <= series_names()


def test_the_runbook_asks_for_series_that_exist() -> None:
    text = (ROOT / "docs" / "runbook.md").read_text()
    families = {re.sub(r"_(bucket|count|sum|total)$", "", name) for name in series_names()}
    for name in names_in(text):
        assert name in series_names() or name in families, name


def test_each_alert_fires_and_stays_silent_as_promtool_says() -> None:
    _promtool("check", "rules", str(RULES))
    assert "SUCCESS" in _promtool("test", "rules", str(TESTS))
    tried = re.findall(r"alertname: (\w+)\n +exp_alerts:\n", TESTS.read_text())
    assert set(tried) == {alert["alert"] for alert in ALERTS}, "each is seen to fire"


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_promtool_notices_a_rule_that_never_fires(alert: dict[str, Any], tmp_path: Path) -> None:
    rules = yaml.safe_load(RULES.read_text())
    for rule in rules["groups"][0]["rules"]:
        if rule["alert"] == alert["alert"]:
            rule["expr"] = f"({rule['expr']}) and on () vector(1) == 0"
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(rules))
    shutil.copy(TESTS, tmp_path)
    with pytest.raises(AssertionError, match=alert["alert"]):
        _promtool("test", "rules", str(tmp_path / "rules_test.yml"))
