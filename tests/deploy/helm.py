"""The chart, rendered."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.support.brokers import ROOT

CHART: Final = ROOT / "deploy" / "helm" / "matcher-stream"
_BUILT: Final = Path.home() / ".cache" / "matcher-stream" / "tools"

Object = dict[str, Any]


def program() -> str:
    """Helm, from the path or from `make helm`; skips the test where there is none."""
    found = shutil.which("helm") or next(map(str, sorted(_BUILT.glob("helm-*"))), None)
    if found is None:
        pytest.skip("helm is not here: `make helm` builds it")
    return found


def helm(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """One command of helm's."""
    command = [program(), *map(str, arguments)]
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
