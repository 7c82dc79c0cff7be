"""The HorizontalPodAutoscaler of the chart, on an external metric: slowly, and within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.deploy.kubernetes.control_plane import ControlPlane
from tests.deploy.kubernetes.metrics import GROUP, LagMetrics
from tests.deploy.kubernetes.releases import Release
from tests.support.certificates import make_certificates
from tests.support.processes import wait_for

pytestmark = pytest.mark.cluster
#: As the chart has it, with seconds for its minutes.
QUICK: Final = {
    "enabled": True, "kind": "hpa", "minReplicas": 2, "maxReplicas": 8, "upEverySeconds": 1,
    "downEverySeconds": 1, "calmSeconds": 3,
}  # fmt: skip


@pytest.fixture
def metrics(plane: ControlPlane, tmp_path: Path) -> Iterator[LagMetrics]:
    served = LagMetrics(make_certificates(tmp_path).broker)
    served.start()
    try:
        plane.apply(*served.registration())
        plane.ok("wait", "--for=condition=Available", f"apiservice/v1beta1.{GROUP}")
        yield served
    finally:
        plane.kubectl("delete", "apiservice", f"v1beta1.{GROUP}")
        served.stop()


def test_workers_follow_the_lag_one_by_one_and_never_beyond_the_partitions(
    plane: ControlPlane, namespace: str, metrics: LagMetrics, tmp_path: Path
) -> None:
    release = Release(plane, namespace, "empleo", tmp_path)
    release.install({"autoscaling": QUICK, "topics": {"create": False}})
    print(f"from 1 to the least: {release.wait_workers(2):.1f} s")
    assert metrics.asked == {"service=empleo-matcher"}
    metrics.lag = 1_000_000
    print(f"2 to 8: {release.wait_workers(8):.1f} s")
    (scaler,) = release.get("hpa")
    wanted = {c["type"]: c for c in scaler["status"]["conditions"]}["ScalingLimited"]
    assert (wanted["status"], wanted["reason"]) == ("True", "TooManyReplicas")
    metrics.lag = 4 * 4000
    print(f"8 to 4: {release.wait_workers(4):.1f} s")
    metrics.lag = 0
    print(f"4 to 2: {release.wait_workers(2):.1f} s")
    wait_for(lambda: len(release.claims()) == 2, 30, "volumes went with their workers", every=0.3)
    steps = [
        event["message"] for event in plane.get("events", "-n", namespace)
        if event["reason"] == "SuccessfulRescale" and "above target" in event["message"]
    ]  # fmt: skip
    sizes = sorted(step.partition("size: ")[2].partition(";")[0] for step in steps)
    assert sizes == ["3", "4", "5", "6", "7", "8"]
