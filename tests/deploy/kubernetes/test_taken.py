"""A real API server takes what the chart renders, and refuses what is wrong in it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.deploy.helm import Object, only, rendered
from tests.deploy.kubernetes.control_plane import ControlPlane
from tests.deploy.test_chart import DEFAULTS, EVERYTHING

pytestmark = pytest.mark.cluster
HPA: Final = {"autoscaling": {"enabled": True, "kind": "hpa"}}
CHALLENGER: Final = {
    "matcher": {"epoch": 2, "encoder": "/weights/new"}, "explainer": {"enabled": False},
    "topics": {"create": False},
}  # fmt: skip
ON_DISK: Final = {"matcher": {"persistence": {"enabled": False}}}
VARIANTS: Final = {
    "defaults": DEFAULTS, "everything": EVERYTHING, "hpa": HPA, "challenger": CHALLENGER,
    "no volumes": ON_DISK,
}  # fmt: skip
#: A value of a wrong type or form for every kind, by its path.
WRONG: Final[dict[str, tuple[tuple[str | int, ...], Any]]] = {
    "ConfigMap": (("data",), ["kafka:9092"]),
    "ServiceAccount": (("automountServiceAccountToken",), "no"),
    "Service": (("spec", "ports", 0, "port"), "http"),
    "StatefulSet": (("spec", "podManagementPolicy"), "AllAtOnce"),
    "Deployment": (("spec", "replicas"), "two"),
    "PodDisruptionBudget": (("spec", "selector", "matchLabels"), "matcher"),
    "Job": (("spec", "backoffLimit"), "six"),
    "CronJob": (("spec", "timeZone"), "America/Arequipa"),
    "NetworkPolicy": (("spec", "policyTypes"), "Egress"),
    "ServiceMonitor": (("spec", "endpoints", 0, "interval"), "15 seconds"),
    "PrometheusRule": (("spec", "groups", 0, "rules", 0, "for"), "5 minutes"),
    "ScaledObject": (("spec", "maxReplicaCount"), "eight"),
}


def _tried(plane: ControlPlane, namespace: str, objects: list[Object]) -> tuple[int, str]:
    """What the server says to them without keeping them: exit code, errors and warnings."""
    given = yaml.safe_dump_all(objects)
    done = plane.kubectl("apply", "--dry-run=server", "-n", namespace, "-f", "-", given=given)
    return done.returncode, done.stderr


@pytest.mark.parametrize("values", VARIANTS.values(), ids=list(VARIANTS))
def test_the_server_takes_it_without_a_warning(
    plane: ControlPlane, namespace: str, tmp_path: Path, values: dict[str, Any]
) -> None:
    """Pods as the restricted level of pod security wants them, or there would be one."""
    assert _tried(plane, namespace, rendered(tmp_path, values)) == (0, "")


def test_the_server_refuses_an_unknown_field_of_every_kind(
    plane: ControlPlane, namespace: str, tmp_path: Path
) -> None:
    objects = rendered(tmp_path, EVERYTHING)
    for each in objects:
        each.get("spec", each)["replicaz"] = 1
    code, said = _tried(plane, namespace, objects)
    assert code != 0
    assert said.count('unknown field "') == len(objects)


def test_the_server_refuses_a_wrong_type_in_every_kind(
    plane: ControlPlane, namespace: str, tmp_path: Path
) -> None:
    objects = rendered(tmp_path, EVERYTHING)
    assert {each["kind"] for each in objects} == set(WRONG)
    for kind, (path, value) in WRONG.items():
        wrong = copy.deepcopy(next(each for each in objects if each["kind"] == kind))
        place = wrong
        for step in path[:-1]:
            place = place[step]  # type: ignore[index]
        place[path[-1]] = value  # type: ignore[index]
        code, said = _tried(plane, namespace, [wrong])
        assert code != 0, kind
        assert f".{path[-1]}" in said, said


def test_a_pod_that_is_root_is_warned_of(
    plane: ControlPlane, namespace: str, tmp_path: Path
) -> None:
    """So the silence of the others means something."""
    matcher = only(rendered(tmp_path, DEFAULTS), "StatefulSet")
    matcher["spec"]["template"]["spec"]["securityContext"]["runAsNonRoot"] = False
    assert "violate PodSecurity" in _tried(plane, namespace, [matcher])[1]
