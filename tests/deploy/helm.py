"""The chart, rendered."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support.brokers import ROOT
from tests.support.tools import tool

CHART: Final = ROOT / "deploy" / "helm" / "matcher-stream"

Object = dict[str, Any]


def helm(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """One command of helm's."""
    command = [tool("helm"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def rendered(tmp: Path, values: Mapping[str, Any], release: str = "r") -> list[Object]:
    """The chart's objects with some values of one's own."""
    given = tmp / "values.yaml"
    given.write_text(yaml.safe_dump(dict(values)))
    done = helm("template", release, CHART, "--namespace", "empleo", "--values", given)
    assert done.returncode == 0, done.stderr
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def only(objects: list[Object], kind: str, ending: str = "") -> Object:
    """The one object of a kind whose name ends so."""
    found = [o for o in objects if o["kind"] == kind and o["metadata"]["name"].endswith(ending)]
    assert len(found) == 1, (kind, ending, [o["metadata"]["name"] for o in found])
    return found[0]
