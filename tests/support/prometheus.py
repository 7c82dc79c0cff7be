"""A real Prometheus with the rules that ship, their times made short."""

from __future__ import annotations

import re
import shutil
import time
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from matcher_stream.local.processes import free_port
from tests.support.processes import ChildProcess, port_answers, wait_for

RULES = Path(__file__).parents[2] / "deploy" / "prometheus" / "rules.yml"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_WINDOW = re.compile(r"\[(\d+)([smhd])\]")


def _shorter(number: str, unit: str, factor: float) -> str:
    return f"{max(1, round(int(number) * _UNITS[unit] / factor))}s"


Factors = Mapping[str, tuple[float, float]]
Limits = Mapping[str, tuple[str, str]]


def scaled(rules: dict[str, Any], factors: Factors, limits: Limits) -> dict[str, Any]:
    """The same rules with shorter times and lower limits; everything else is what ships.

    Args:
        rules: As parsed.
        factors: By alert: what its windows, and what its `for`, are divided by; else 60.
        limits: By alert: a limit in its expression, and the one in its place.
    """
    for group in rules["groups"]:
        for rule in group["rules"]:
            name = rule["alert"]
            windows, pending = factors.get(name, (60.0, 60.0))
            pieces = _WINDOW.split(rule["expr"])  # text, number, unit, text, ...
            for at in range(1, len(pieces), 3):
                pieces[at : at + 2] = [f"[{_shorter(pieces[at], pieces[at + 1], windows)}", "]"]
            rule["expr"] = "".join(pieces)
            if name in limits:
                old, new = limits[name]
                assert old in rule["expr"], f"{name} has no {old!r} any more"
                rule["expr"] = rule["expr"].replace(old, new)
            if "for" in rule:
                number, unit = rule["for"][:-1], rule["for"][-1]
                rule["for"] = _shorter(number, unit, pending)
    return rules


class Prometheus:
    """Scrapes every second what `watch` names.

    Args:
        folder: Takes its data, configuration and log.
        factors, limits: See `scaled`.
    """

    def __init__(
        self,
        folder: Path,
        factors: Factors,
        limits: Limits,
    ) -> None:
        program = shutil.which("prometheus")
        if program is None:
            pytest.skip("Prometheus is not here: apt-get install prometheus brings it")
        folder.mkdir(parents=True, exist_ok=True)
        self.port, self._targets = free_port(), folder / "targets.json"
        rules = scaled(yaml.safe_load(RULES.read_text()), factors, limits)
        (folder / "rules.yml").write_text(yaml.safe_dump(rules))
        self._targets.write_text("[]")
        config = {
            "global": {
                "scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s",
            },
            "rule_files": ["rules.yml"],
            "scrape_configs": [
                {
                    "job_name": "workers",
                    "file_sd_configs": [{"files": ["targets.json"], "refresh_interval": "1s"}],
                }
            ],
        }  # fmt: skip
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        self._process = ChildProcess(
            "prometheus",
            [
                program,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--enable-feature=exemplar-storage",
            ],
            folder / "prometheus.log",
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process.start()
        wait_for(lambda: port_answers(self.port), 30, "Prometheus to listen")

    def reap(self) -> None:
        """Make sure that nothing of it is left."""
        self._process.reap()

    def watch(self, ports: Iterable[int]) -> None:
        """Scrape these ports of the loopback address."""
        groups = [{"targets": [f"127.0.0.1:{port}" for port in ports]}]
        fresh = self._targets.with_suffix(".new")
        fresh.write_bytes(orjson.dumps(groups))
        fresh.replace(self._targets)

    def ask(self, path: str, **parameters: str) -> Any:
        """What its API answers."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            told = orjson.loads(answer.read())
        assert told["status"] == "success", told
        return told["data"]

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The samples of an instant query."""
        found: list[dict[str, Any]] = self.ask("query", query=expression)["result"]
        return found

    def firing(self) -> set[str]:
        """The alerts that fire now."""
        alerts = self.ask("alerts")["alerts"]
        return {a["labels"]["alertname"] for a in alerts if a["state"] == "firing"}

    def fires(self, alert: str, timeout: float = 90.0) -> float:
        """Wait until it fires; returns the seconds it took."""
        return self._until(alert, firing=True, timeout=timeout)

    def clears(self, alert: str, timeout: float = 120.0) -> float:
        """Wait until it fires no longer; returns the seconds it took."""
        return self._until(alert, firing=False, timeout=timeout)

    def _until(self, alert: str, *, firing: bool, timeout: float) -> float:
        what = f"{alert} {'fires' if firing else 'clears'}"
        took = wait_for(lambda: (alert in self.firing()) == firing, timeout, what, every=0.25)
        print(f"{time.strftime('%H:%M:%S')} {what} after {took:.1f} s")
        return took
