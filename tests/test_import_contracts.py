"""The import contracts of setup.cfg name every room, and each refuses what it is there for."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PLANTED = (
    ("tables/rows.py", "matcher_stream.config.topics"),
    ("agents/lists.py", "matcher_stream.web.pages"),
    ("matcher_stream/runtime/fence.py", "agents.context"),
    ("matcher_stream/config/topics.py", "matcher_stream.cli.console"),
    ("models/reading/text.py", "models.ranking.reasons"),
    ("models/brandnew.py", "orjson"),
    ("schemas/job.py", "faust"),
    ("models/explain/sms.py", "models.explain.template"),
    ("models/explain/template.py", "models.explain.sms"),
)
"""Files of a copy, and the module that each is made to import."""
REFUSED = {
    "Packages": (
        "tables.rows -> matcher_stream.config.topics",
        "agents.lists -> matcher_stream.web.pages",
        "matcher_stream.runtime.fence -> agents.context",
    ),
    "Application": ("matcher_stream.config.topics -> matcher_stream.cli.console",),
    "Models": ("models.reading.text -> models.ranking.reasons", "- models.brandnew"),
    "Pure": ("schemas.job -> faust",),
    "Circles": ("No cycles are allowed in models.explain.",),
}
"""What each contract, by the first word of its name, must say of that."""


@pytest.fixture(scope="module")
def config() -> ConfigParser:
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


def test_each_contract_refuses_a_planted_import(config: ConfigParser, tmp_path: Path) -> None:
    for package in config["importlinter"]["root_packages"].split():
        shutil.copytree(ROOT / package, tmp_path / package, ignore=_all_but_python)
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    for name, imported in PLANTED:
        with (tmp_path / name).open("a") as file:
            file.write(f"\nimport {imported}\n")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    told = re.split(r"^(\w+): .+\n-+$", done.stdout, flags=re.MULTILINE)
    by_contract = dict(zip(told[1::2], told[2::2], strict=True))
    assert by_contract.keys() == REFUSED.keys()
    for contract, sentences in REFUSED.items():
        for sentence in sentences:
            assert sentence in by_contract[contract], done.stdout


def test_every_room_is_in_both_contracts_that_place_it(config: ConfigParser) -> None:
    """One of them is exhaustive; a room that the other does not know would be free to anybody."""
    packages = set(re.findall(r"matcher_stream\.(\w+)", _layers(config, "packages")))
    assert packages == set(re.findall(r"\w+", _layers(config, "application")))


def _layers(config: ConfigParser, contract: str) -> str:
    return config[f"importlinter:contract:{contract}"]["layers"]


def _all_but_python(folder: str, names: list[str]) -> list[str]:
    return [n for n in names if not n.endswith(".py") and not (Path(folder) / n).is_dir()]
