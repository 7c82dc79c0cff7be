"""What the image is made of, without making it."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import sys
from pathlib import Path

from tests.support.brokers import ROOT

BIN = Path(sys.executable).parent


def _pinned(lock: str) -> dict[str, str]:
    found = re.findall(r"(?m)^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text())
    return dict(found)


def test_hadolint_finds_nothing() -> None:
    done = subprocess.run(
        [BIN / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_image_is_installed_by_the_same_uv() -> None:
    said = [
        re.search(pattern, (ROOT / name).read_text())
        for name, pattern in (
            ("Makefile", r"UV_VERSION := (\S+)"),
            ("Dockerfile", r"UV_VERSION=(\S+)"),
        )
    ]
    assert len({each[1] for each in said if each}) == 1
    assert all(said)


def test_the_image_s_lock_has_what_runs_and_no_more() -> None:
    """The same versions as the lock that is tested with, every requirement, no test tools."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    wanted = re.findall(r"(?m)^([a-z0-9-]+)", setup["options"]["install_requires"])
    run, tested = _pinned("requirements-run.lock"), _pinned("requirements.lock")
    assert set(wanted) <= set(run)
    assert run.items() <= tested.items()
    assert not run.keys() & {"pytest", "mypy", "ruff", "scikit-learn", "peft"}


def test_the_list_of_parts_names_every_package_with_its_hashes(tmp_path: Path) -> None:
    target = tmp_path / "sbom.json"
    lock = ROOT / "requirements-run.lock"
    subprocess.run(
        [BIN / "cyclonedx-py", "requirements", "--output-file", target, lock],
        check=True,
        timeout=60,
    )
    told = json.loads(target.read_text())
    assert told["bomFormat"] == "CycloneDX"
    parts = {part["name"]: part for part in told["components"]}
    assert {name: parts[name]["version"] for name in parts} == _pinned("requirements-run.lock")
    assert all(part["externalReferences"][0]["hashes"] for part in parts.values())
