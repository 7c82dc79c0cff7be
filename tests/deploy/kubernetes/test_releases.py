"""Releases on a real control plane: they come up, roll, stand side by side, and go."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from tests.deploy.kubernetes.control_plane import ControlPlane
from tests.deploy.kubernetes.releases import PRODUCTION, Release, events, ready
from tests.support.processes import wait_for

pytestmark = pytest.mark.cluster
SECRETS: Final = {
    "kafka-ca": {"ca.crt": "-"}, "llm": {"api-key": "-"}, "logs": {"key": "-"},
    "account-m": {"username": "m", "password": "-"},
    "account-x": {"username": "x", "password": "-"},
    "account-o": {"username": "o", "password": "-"}, "pages": {"keys": "-", "tokens": "-"},
}  # fmt: skip


@pytest.fixture
def empleo(plane: ControlPlane, namespace: str, tmp_path: Path) -> Release:
    """Three workers that are ready."""
    plane.apply(*(
        {
            "apiVersion": "v1", "kind": "Secret", "stringData": held,
            "metadata": {"name": name, "namespace": namespace},
        }
        for name, held in SECRETS.items()
    ))  # fmt: skip
    release = Release(plane, namespace, "empleo", tmp_path)
    release.install(PRODUCTION)
    return release


def _image(pod: dict[str, Any]) -> str:
    tag: str = pod["spec"]["containers"][0]["image"].partition(":")[2]
    return tag


def _allowed(release: Release) -> int:
    (budget,) = release.get("pdb", "matcher")
    allowed: int = budget["status"]["disruptionsAllowed"]
    return allowed


def test_it_comes_up(plane: ControlPlane, empleo: Release) -> None:
    workers = empleo.workers()
    assert len(workers) == 3
    assert len({pod["spec"]["nodeName"] for pod in workers.values()}) == 3
    claims = plane.get("pvc", "-n", empleo.namespace)
    assert [claim["status"]["phase"] for claim in claims] == ["Bound"] * 3
    assert all(map(ready, empleo.get("pods", "explainer")))
    assert not empleo.get("jobs")  # of the topics: done and taken away
    for part, count in (("matcher", 3), ("explainer", 1)):
        slices = [
            each for each in plane.get("endpointslices", "-n", empleo.namespace)
            if each["metadata"]["labels"]["kubernetes.io/service-name"] == f"empleo-{part}"
        ]  # fmt: skip
        assert sum(len(each["endpoints"] or []) for each in slices) == count
    held = plane.get("secrets", "-n", empleo.namespace)
    own = {s["metadata"]["name"] for s in held if s["type"] != "helm.sh/release.v1"}
    assert own == set(SECRETS)
    for kind in ("networkpolicies", "servicemonitors", "prometheusrules", "cronjobs"):
        assert empleo.get(kind), kind


def test_a_new_image_goes_round_one_worker_at_a_time(
    plane: ControlPlane, empleo: Release, tmp_path: Path
) -> None:
    log = tmp_path / "pods.json"
    label = "app.kubernetes.io/component=matcher"
    watch = plane.child(
        "watch", log, "get", "pods", "-n", empleo.namespace, "-l", label, "-o", "json",
        "--watch", "--output-watch-events",
    )  # fmt: skip
    watch.start()
    try:
        wait_for(lambda: log.read_text().count('"ADDED"') == 3, 30, "pods")
        code, said = empleo.upgrade("image.tag=two")
        assert code == 0, said
        empleo.wait_workers(3)
    finally:
        watch.reap()
    now: dict[str, bool] = {}
    gone, fewest = [], 3
    for kind, pod in events(log):
        name = pod["metadata"]["name"]
        now[name] = kind != "DELETED" and ready(pod)
        gone += [name] if kind == "DELETED" else []
        fewest = min(fewest, sum(now.values())) if len(now) == 3 else fewest
    assert gone == ["empleo-matcher-2", "empleo-matcher-1", "empleo-matcher-0"]
    assert fewest == 2
    assert {_image(pod) for pod in empleo.workers().values()} == {"two"}


def test_an_image_that_is_never_ready_costs_one_worker_and_can_be_taken_back(
    empleo: Release,
) -> None:
    code, _ = empleo.upgrade("image.tag=broken", seconds=10)
    assert code != 0
    wait_for(lambda: _allowed(empleo) == 0, 30, "the budget is spent", every=0.3)
    workers = empleo.workers()
    assert {name: _image(pod) for name, pod in workers.items()} == {
        "empleo-matcher-0": "one", "empleo-matcher-1": "one",
    }  # fmt: skip
    code, said = empleo.evict("empleo-matcher-0")
    assert code != 0
    assert "disruption budget" in said
    empleo.rollback()
    empleo.wait_workers(3)
    wait_for(lambda: _allowed(empleo) == 1, 30, "the budget is whole", every=0.3)
    assert empleo.evict("empleo-matcher-0") == (0, "")
    empleo.wait_workers(3)


def test_a_challenger_stands_beside_it_and_outlives_it(
    plane: ControlPlane, empleo: Release, tmp_path: Path
) -> None:
    challenger = Release(plane, empleo.namespace, "challenger", tmp_path)
    challenger.install({
        **PRODUCTION, "matcher": {"replicas": 2, "epoch": 2, "encoder": "/weights/new"},
        "explainer": {"enabled": False}, "topics": {"create": False},
    })  # fmt: skip
    before = {name: pod["metadata"]["uid"] for name, pod in challenger.workers().items()}
    assert len(before) == 2
    assert len(empleo.workers()) == 3
    for release, count in ((empleo, 3), (challenger, 2)):
        (budget,) = release.get("pdb", "matcher")
        assert budget["status"]["expectedPods"] == count
    assert len(empleo.claims()) == 3
    empleo.uninstall()
    wait_for(lambda: not empleo.claims(), 60, "its volumes are let go", every=0.3)
    assert not empleo.get("all,cm,sa,pdb,networkpolicies,servicemonitors,prometheusrules")
    assert {n: p["metadata"]["uid"] for n, p in challenger.workers().items()} == before
    assert len(challenger.claims()) == 2


def test_larger_volumes_are_refused_in_place_and_come_worker_by_worker(
    plane: ControlPlane, empleo: Release
) -> None:
    """As docs/deploying.md says it."""
    larger = "matcher.persistence.size=15Gi"
    code, said = empleo.upgrade(larger)
    assert code != 0
    assert "field is immutable" in said
    before = {name: pod["metadata"]["uid"] for name, pod in empleo.workers().items()}
    assert len(before) == 3
    plane.ok("delete", "sts", "empleo-matcher", "-n", empleo.namespace, "--cascade=orphan")
    code, said = empleo.upgrade(larger)
    assert code == 0, said
    assert {n: p["metadata"]["uid"] for n, p in empleo.workers().items()} == before
    for kind, name in (("pvc", "data-empleo-matcher-2"), ("pod", "empleo-matcher-2")):
        plane.ok("delete", kind, name, "-n", empleo.namespace, "--wait=false")
    wait_for(lambda: _size(plane, empleo, 2) == "15Gi", 60, "a larger volume", every=0.3)
    empleo.wait_workers(3)
    assert _size(plane, empleo, 0) == "10Gi"


def _size(plane: ControlPlane, release: Release, worker: int) -> str | None:
    """What a worker's claim asks for, None while there is none."""
    name = f"data-{release.name}-matcher-{worker}"
    claims = plane.get("pvc", "-n", release.namespace, f"--field-selector=metadata.name={name}")
    return claims[0]["spec"]["resources"]["requests"]["storage"] if claims else None
