"""A Kubernetes without containers: kwok plays the kubelets, everything else is real."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from matcher_stream.local.processes import free_port
from tests.deploy.helm import Object
from tests.support.certificates import make_certificates
from tests.support.processes import ChildProcess, wait_for
from tests.support.tools import BUILT, tool

HERE: Final = Path(__file__).parent
NODES: Final = 4
VOLUMES: Final = 60
#: Slow machines beside other tests: it takes 9 to 14 s by itself.
START_SECONDS: Final = 120.0
_TOKEN: Final = "a-test-s-own"


def binaries() -> Path:
    """Where `make kubernetes` put what it built; skips the test where it did not."""
    found = sorted(BUILT.glob("kubernetes-*/.complete"))
    if not found:
        pytest.skip("a Kubernetes is not here: `make kubernetes` builds it, in 12 minutes of CPU")
    return found[-1].parent


def _node(number: int) -> Object:
    name = f"node-{number}"
    return {
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": name, "annotations": {"kwok.x-k8s.io/node": "fake"},
            "labels": {
                "kubernetes.io/hostname": name,
                "topology.kubernetes.io/zone": f"zone-{number % 2}",
            },
        },
    }  # fmt: skip


def _volume(number: int) -> Object:
    return {
        "apiVersion": "v1", "kind": "PersistentVolume",
        "metadata": {"name": f"disk-{number}"},
        "spec": {
            "capacity": {"storage": "20Gi"}, "accessModes": ["ReadWriteOnce", "ReadOnlyMany"],
            "persistentVolumeReclaimPolicy": "Retain", "storageClassName": "disks",
            "hostPath": {"path": "/nowhere"},  # nothing is ever mounted
        },
    }  # fmt: skip


_STORAGE: Final[Object] = {
    "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
    "metadata": {
        "name": "disks", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
    },
    "provisioner": "kubernetes.io/no-provisioner", "volumeBindingMode": "WaitForFirstConsumer",
}  # fmt: skip


class ControlPlane:
    """Its processes, on free ports of the loopback address and in a folder of their own.

    Args:
        folder: For data, keys and logs.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs = binaries()
        self._processes: list[ChildProcess] = []
        self.kubeconfig = folder / "kubeconfig"

    def start(self) -> None:
        """Start the parts one after the other, each when it can be used; then nodes and disks."""
        server, secure, store = (free_port() for _ in range(3))
        keys = make_certificates(self._folder)
        (self._folder / "tokens.csv").write_text(f"{_TOKEN},tests,1,system:masters\n")
        self._write_kubeconfig(secure)
        self._run(
            "etcd", f"--data-dir={self._folder / 'etcd'}", "--unsafe-no-fsync",
            f"--listen-client-urls=http://127.0.0.1:{store}",
            f"--advertise-client-urls=http://127.0.0.1:{store}",
            f"--listen-peer-urls=http://127.0.0.1:{server}",
            f"--initial-advertise-peer-urls=http://127.0.0.1:{server}",
            f"--initial-cluster=default=http://127.0.0.1:{server}",
        )  # fmt: skip
        self._run(
            "kube-apiserver", f"--etcd-servers=http://127.0.0.1:{store}",
            "--bind-address=127.0.0.1", f"--secure-port={secure}",
            f"--cert-dir={self._folder / 'certificates'}", "--endpoint-reconciler-type=none",
            f"--token-auth-file={self._folder / 'tokens.csv'}", "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={keys.key}",
            f"--service-account-signing-key-file={keys.key}",
            "--service-cluster-ip-range=10.96.0.0/16",
        )  # fmt: skip
        self._wait(lambda: self.kubectl("get", "--raw", "/readyz").returncode == 0, "API server")
        config = f"--kubeconfig={self.kubeconfig}"
        self._run(
            "kube-controller-manager", config, "--secure-port=0", "--leader-elect=false",
            f"--service-account-private-key-file={keys.key}",
            "--horizontal-pod-autoscaler-sync-period=1s",
        )  # fmt: skip
        self._run("kube-scheduler", config, "--secure-port=0", "--leader-elect=false")
        self._run(
            "kwok", config, "--manage-all-nodes=true", "--node-lease-duration-seconds=40",
            f"--config={HERE / 'stages.yaml'}",
        )  # fmt: skip
        self.apply(_STORAGE, *map(_node, range(NODES)), *map(_volume, range(VOLUMES)))
        self.install_definitions()
        self._wait(self._ready, "nodes")

    def install_definitions(self) -> None:
        """The operators' definitions, as they ship them; returns when their kinds can be used."""
        for definition in sorted(self._programs.glob("*.yaml")):
            self.ok("create", "-f", str(definition))
        self.ok("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")

    def stop(self) -> None:
        """End what was started, whatever state it is in."""
        for process in reversed(self._processes):
            process.reap()

    def kubectl(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """One command of kubectl's."""
        command = [
            str(self._programs / "kubectl"), f"--kubeconfig={self.kubeconfig}",
            f"--cache-dir={self._folder / 'cache'}", *arguments,
        ]  # fmt: skip
        return subprocess.run(
            command, input=given, capture_output=True, text=True, check=False, timeout=120
        )

    def ok(self, *arguments: str, given: str = "") -> str:
        """One that must succeed; returns what it says."""
        done = self.kubectl(*arguments, given=given)
        assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def get(self, *arguments: str) -> Any:
        """What `kubectl get` answers, parsed: an object, or the items of a list."""
        told = json.loads(self.ok("get", "-o", "json", *arguments))
        return told.get("items", told)

    def apply(self, *objects: Object) -> None:
        """Create objects, or change them."""
        self.ok("apply", "--server-side", "-f", "-", given=yaml.safe_dump_all(objects))

    def helm(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One command of helm's on this cluster."""
        return subprocess.run(
            [tool("helm"), *arguments], capture_output=True, text=True, check=False, timeout=180,
            env={**os.environ, "KUBECONFIG": str(self.kubeconfig)},
        )  # fmt: skip

    def child(self, name: str, log: Path, *arguments: str) -> ChildProcess:
        """A command of kubectl's that goes on; the caller starts and reaps it."""
        program = [str(self._programs / "kubectl"), f"--kubeconfig={self.kubeconfig}", *arguments]
        return ChildProcess(name, program, log)

    def _run(self, program: str, *arguments: str) -> None:
        log = self._folder / f"{program}.log"
        process = ChildProcess(program, [str(self._programs / program), *arguments], log)
        self._processes.append(process)
        process.start()

    def _wait(self, condition: Any, what: str) -> None:
        def holds() -> bool:
            ended = [each for each in self._processes if not each.alive]
            assert not ended, "\n".join(each.tail() for each in ended)
            return bool(condition())

        wait_for(holds, START_SECONDS, what)

    def _ready(self) -> bool:
        done = self.kubectl(
            "wait", "--for=condition=Ready", "node", "--all", "--timeout=1s"
        )  # fmt: skip
        return done.returncode == 0

    def _write_kubeconfig(self, port: int) -> None:
        server = {"server": f"https://127.0.0.1:{port}", "insecure-skip-tls-verify": True}
        self.kubeconfig.write_text(
            yaml.safe_dump({
                "apiVersion": "v1", "kind": "Config", "current-context": "tests",
                "clusters": [{"name": "tests", "cluster": server}],
                "users": [{"name": "tests", "user": {"token": _TOKEN}}],
                "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "tests"}}],
            })
        )  # fmt: skip
