"""deploy/docker-compose.yml as a file: what it says, before anybody starts it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from matcher_stream.config.settings import Settings
from tests.deploy.containers import compose_program, run
from tests.support.brokers import ROOT

FILE = ROOT / "deploy" / "docker-compose.yml"


def _services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load(FILE.read_text())["services"]
    return services


def test_compose_takes_the_file() -> None:
    done = run([*compose_program(), "-f", str(FILE), "config", "--quiet"])
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["matcher", "explainer"])
def test_workers_are_nobody_and_write_nothing_of_their_image(name: str) -> None:
    service = _services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "container_name" not in service  # else it cannot be scaled
    assert "ports" not in service


def test_every_variable_of_ours_is_a_setting() -> None:
    known = {"BROKER_URL", "MATCHER_LLM_API_KEY"}
    known |= {f"MATCHER_{name.upper()}" for name in Settings.model_fields}
    for name in ("topics", "matcher", "explainer"):
        assert set(_services()[name]["environment"]) <= known


def test_prometheus_looks_at_the_workers_and_reads_rules() -> None:
    given = yaml.safe_load((ROOT / "deploy" / "prometheus" / "compose.yml").read_text())
    looked_at = {job["dns_sd_configs"][0]["names"][0] for job in given["scrape_configs"]}
    assert looked_at == {"matcher", "explainer"} <= set(_services())
    folder = _services()["prometheus"]["volumes"][0].split(":")[0]
    for rules in given["rule_files"]:
        assert (FILE.parent / folder / Path(rules).name).exists(), rules


def test_every_folder_that_is_mounted_is_there() -> None:
    for service in _services().values():
        for volume in service.get("volumes", []):
            if volume.startswith("."):
                assert (FILE.parent / volume.split(":")[0]).is_dir(), volume
