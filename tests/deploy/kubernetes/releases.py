"""Releases of the chart on a cluster, and what became of their workers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from tests.deploy.helm import CHART, Object
from tests.deploy.kubernetes.control_plane import ControlPlane
from tests.support.processes import wait_for

#: Three workers and everything on that needs no operator; Secrets and a claim that stand already.
PRODUCTION: Final[dict[str, Any]] = {
    "image": {"tag": "one"},
    "kafka": {"brokers": "a:9093,b:9093", "securityProtocol": "SASL_SSL"},
    "secrets": {
        "ca": {"name": "kafka-ca"}, "matcher": {"name": "account-m"},
        "explainer": {"name": "account-x"}, "operator": {"name": "account-o"},
        "llm": {"name": "llm"}, "pages": {"name": "pages"}, "logs": {"name": "logs"},
    },
    "pages": {"serve": "busco,revisar", "publicUrl": "https://empleo.example"},
    "matcher": {"replicas": 3},
    "verify": {"enabled": True},
    "monitoring": {"serviceMonitor": True, "prometheusRule": True},
    "topologySpread": {"hosts": "hard", "zones": "hard"},
}  # fmt: skip


class Release:
    """One release in a namespace.

    Args:
        plane: The cluster.
        namespace: Where it stands.
        name: Its name.
        tmp: For its values.
    """

    def __init__(self, plane: ControlPlane, namespace: str, name: str, tmp: Path) -> None:
        self.plane = plane
        self.namespace = namespace
        self.name = name
        self._values = tmp / f"{name}.yaml"

    def install(self, values: dict[str, Any]) -> None:
        """Install it; returns when everything in it is ready."""
        self._values.write_text(yaml.safe_dump(values))
        self._ok(
            "install", self.name, str(CHART), "-f", str(self._values), "--wait", "--timeout=150s"
        )  # fmt: skip

    def upgrade(self, *changes: str, seconds: int = 120) -> tuple[int, str]:
        """Change values (`a.b=c`), and wait for all of it; helm's exit code and what it says."""
        told = self._helm(
            "upgrade", self.name, str(CHART), "-f", str(self._values), "--wait",
            f"--timeout={seconds}s", *(f"--set={change}" for change in changes),
        )  # fmt: skip
        return told.returncode, told.stdout + told.stderr

    def rollback(self) -> None:
        """To the revision before."""
        self._ok("rollback", self.name, "--wait")

    def uninstall(self) -> None:
        """Take it away."""
        self._ok("uninstall", self.name, "--wait")

    def get(self, kind: str, part: str = "") -> list[Object]:
        """Its objects of a kind, or those of one part."""
        label = f"app.kubernetes.io/instance={self.name}"
        chosen = f"{label},app.kubernetes.io/component={part}" if part else label
        found: list[Object] = self.plane.get(kind, "-n", self.namespace, "-l", chosen)
        return found

    def workers(self) -> dict[str, Object]:
        """Its matchers that are ready, by name."""
        return {p["metadata"]["name"]: p for p in self.get("pods", "matcher") if ready(p)}

    def claims(self) -> set[str]:
        """Names of the claims of its workers' volumes."""
        found = self.plane.get("pvc", "-n", self.namespace)
        prefix = f"data-{self.name}-matcher-"
        return {n for n in (c["metadata"]["name"] for c in found) if n.startswith(prefix)}

    def wait_workers(self, count: int, seconds: float = 60.0) -> float:
        """Wait until so many are ready and nobody else is there; returns the seconds."""

        def there() -> bool:
            return len(self.workers()) == len(self.get("pods", "matcher")) == count

        return wait_for(there, seconds, f"{count} workers of {self.name}", every=0.3)

    def evict(self, pod: str) -> tuple[int, str]:
        """Ask for a pod to go, as a drain does; kubectl's exit code and what it says."""
        eviction = {
            "apiVersion": "policy/v1", "kind": "Eviction",
            "metadata": {"name": pod, "namespace": self.namespace},
        }  # fmt: skip
        told = self.plane.kubectl(
            "create", "--raw", f"/api/v1/namespaces/{self.namespace}/pods/{pod}/eviction",
            "-f", "-", given=json.dumps(eviction),
        )  # fmt: skip
        return told.returncode, told.stderr

    def _helm(self, *arguments: str) -> Any:
        return self.plane.helm(*arguments, "--namespace", self.namespace)

    def _ok(self, *arguments: str) -> None:
        told = self._helm(*arguments)
        assert told.returncode == 0, told.stdout + told.stderr


def ready(pod: Object) -> bool:
    """Whether a pod takes requests and is to stay."""
    conditions = pod.get("status", {}).get("conditions", [])
    stays = "deletionTimestamp" not in pod["metadata"]
    return stays and any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def events(log: Path) -> Iterator[tuple[str, Object]]:
    """What a `kubectl get --watch --output-watch-events -o json` wrote: kind of event, object."""
    decoder, text, at = json.JSONDecoder(), log.read_text(), 0
    while at < len(text.rstrip()):
        event, at = decoder.raw_decode(text, at)
        at += len(text[at:]) - len(text[at:].lstrip())
        yield event["type"], event["object"]
