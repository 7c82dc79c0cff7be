"""The Helm chart: it renders what Kubernetes and the operators take, and what we promise."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import jsonschema
import kubernetes_validate
import pytest
import yaml

from matcher_stream.config.explainer_settings import ExplainerSettings
from tests.deploy.helm import CHART, Object, helm, only, rendered
from tests.support.brokers import ROOT

#: What Chart.yaml says it is for, and what is current.
VERSIONS: Final = ("1.27", "1.30", "1.34", "1.37")
SCHEMAS: Final = Path(__file__).parent / "crds"
OPERATORS: Final = ("ServiceMonitor", "PrometheusRule", "ScaledObject")
EVERYTHING: Final[dict[str, Any]] = {
    "kafka": {"brokers": "a:9093,b:9093", "securityProtocol": "SASL_SSL"},
    "secrets": {
        "ca": {"name": "kafka-ca"}, "matcher": {"name": "account-m"},
        "explainer": {"name": "account-x"}, "operator": {"name": "account-o"},
        "clientTls": {"name": "client"}, "llm": {"name": "llm"},
        "pages": {"name": "pages"}, "logs": {"name": "logs"},
    },
    "pages": {"serve": "busco,revisar", "publicUrl": "https://empleo.example"},
    "env": {"MATCHER_LAW_WORDING": "hold"},
    "matcher": {"weights": {"claim": "weights"}, "encoder": "/weights/e5"},
    "verify": {"enabled": True},
    "retrain": {"enabled": True, "registry": {"claim": "registry"}},
    "autoscaling": {"enabled": True},
    "monitoring": {
        "serviceMonitor": True, "prometheusRule": True, "labels": {"release": "prometheus"},
    },
    "networkPolicy": {"kafkaTo": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]},
    "topologySpread": {"hosts": "hard", "zones": "hard"},
}  # fmt: skip
DEFAULTS: Final[dict[str, Any]] = {}


def _pods(objects: list[Object]) -> list[Object]:
    """Every pod's specification in it."""
    found = []
    for each in objects:
        spec = each.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template:
            found.append(template["spec"])
    return found


@pytest.mark.parametrize("values", [DEFAULTS, EVERYTHING], ids=["defaults", "everything"])
@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_takes_what_is_rendered(
    tmp_path: Path, values: dict[str, Any], version: str
) -> None:
    for each in rendered(tmp_path, values):
        if each["kind"] not in OPERATORS:
            kubernetes_validate.validate(each, version, strict=True)


def test_the_operators_take_what_is_rendered(tmp_path: Path) -> None:
    objects = rendered(tmp_path, EVERYTHING)
    for kind in OPERATORS:
        schema = json.loads((SCHEMAS / f"{kind}.json").read_text())
        jsonschema.validate(only(objects, kind), schema)


def test_the_alerts_are_those_of_prometheus(tmp_path: Path) -> None:
    rule = only(rendered(tmp_path, EVERYTHING), "PrometheusRule")["spec"]
    assert rule == yaml.safe_load((ROOT / "deploy" / "prometheus" / "rules.yml").read_text())


def test_helm_s_own_look_finds_nothing() -> None:
    done = helm("lint", "--strict", CHART)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("values", [DEFAULTS, EVERYTHING], ids=["defaults", "everything"])
def test_every_pod_is_nobody_and_writes_nothing_of_its_image(
    tmp_path: Path, values: dict[str, Any]
) -> None:
    pods = _pods(rendered(tmp_path, values))
    assert len(pods) >= 3
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"]["drop"] == ["ALL"]
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}
            assert container["resources"]["limits"].keys() == {"memory"}


def test_secrets_are_named_and_never_held(tmp_path: Path) -> None:
    objects = rendered(tmp_path, EVERYTHING)
    assert "Secret" not in {each["kind"] for each in objects}
    for pod in _pods(objects):
        for variable in pod["containers"][0]["env"]:
            if re.search("PASSWORD|KEYS?$|USERNAME", variable["name"]):
                assert variable["valueFrom"]["secretKeyRef"]["name"], variable
    of = {
        pod["containers"][0]["name"]: {
            v["valueFrom"]["secretKeyRef"]["name"]
            for v in pod["containers"][0]["env"]
            if "secretKeyRef" in v.get("valueFrom", {})
        }
        for pod in _pods(objects)
    }
    assert of == {
        "matcher": {"account-m", "pages", "logs"}, "explainer": {"account-x", "llm", "logs"},
        "topics": {"account-o"}, "verify": {"account-o"},
        "retrain": {"account-o"},
    }  # fmt: skip


def test_every_variable_is_a_setting(tmp_path: Path) -> None:
    """A name that no setting has would be ignored without a word."""
    known = {"BROKER_URL"} | {f"MATCHER_{name.upper()}" for name in ExplainerSettings.model_fields}
    objects = rendered(tmp_path, EVERYTHING)
    used = set(only(objects, "ConfigMap")["data"])
    for pod in _pods(objects):
        used |= {variable["name"] for variable in pod["containers"][0]["env"]}
    assert used - {"POD_NAME"} <= known


def test_workers_start_slowly_and_keep_their_disk_only_while_they_are(tmp_path: Path) -> None:
    spec = only(rendered(tmp_path, {"matcher": {"startupSeconds": 901}}), "StatefulSet")["spec"]
    container = spec["template"]["spec"]["containers"][0]
    probe = container["startupProbe"]
    assert probe["httpGet"]["path"] == "/ready"
    assert probe["periodSeconds"] * probe["failureThreshold"] >= 901
    assert container["livenessProbe"]["httpGet"]["path"] == "/live"
    assert spec["volumeClaimTemplates"][0]["metadata"]["name"] == "data"
    assert spec["persistentVolumeClaimRetentionPolicy"] == {
        "whenScaled": "Delete", "whenDeleted": "Delete",
    }  # fmt: skip


def test_budgets_policies_and_monitors_mean_the_pods_that_there_are(tmp_path: Path) -> None:
    objects = rendered(tmp_path, EVERYTHING)
    labels = [
        only(objects, kind, name)["spec"]["template"]["metadata"]["labels"]
        for kind, name in (("StatefulSet", "matcher"), ("Deployment", "explainer"))
    ]
    for each in objects:
        spec = each.get("spec", {})
        chosen = spec.get("podSelector", spec.get("selector", {}))
        chosen = chosen.get("matchLabels", {}) if each["kind"] != "Service" else spec["selector"]
        if each["kind"] in ("PodDisruptionBudget", "Service") or (
            each["kind"] == "NetworkPolicy"
            and each["metadata"]["name"].endswith(("matcher", "explainer"))
        ):
            assert sum(chosen.items() <= own.items() for own in labels) == 1, each["metadata"]
    monitor = only(objects, "ServiceMonitor")["spec"]["selector"]["matchLabels"]
    services = [each["metadata"]["labels"] for each in objects if each["kind"] == "Service"]
    assert all(monitor.items() <= labels.items() for labels in services)


def test_workers_are_scaled_slowly_within_the_partitions(tmp_path: Path) -> None:
    objects = rendered(tmp_path, EVERYTHING)
    spec = only(objects, "ScaledObject")["spec"]
    assert spec["minReplicaCount"] >= 1
    assert spec["maxReplicaCount"] <= 8
    down = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]
    assert down["policies"] == [{"type": "Pods", "value": 1, "periodSeconds": 1800}]
    assert "replicas" not in only(objects, "StatefulSet")["spec"]
    own = rendered(tmp_path, {"autoscaling": {"enabled": True, "kind": "hpa"}})
    assert only(own, "HorizontalPodAutoscaler")["spec"]["minReplicas"] >= 1


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"matcher": {"replicas": 9}}, "matcher.replicas is above kafka.partitions"),
        (
            {"autoscaling": {"enabled": True, "maxReplicas": 9}},
            "autoscaling.maxReplicas is above kafka.partitions",
        ),
        ({"autoscaling": {"enabled": True, "minReplicas": 0}}, "minReplicas must be 1 or more"),
    ],
)
def test_what_cannot_work_is_refused_with_a_sentence(
    tmp_path: Path, values: dict[str, Any], said: str
) -> None:
    given = tmp_path / "values.yaml"
    given.write_text(yaml.safe_dump(values))
    done = helm("template", "r", CHART, "--values", given)
    assert done.returncode != 0
    assert said in done.stderr


def test_a_challenger_stands_beside_the_release(tmp_path: Path) -> None:
    """Two releases in one namespace share no name, and pods of one are not the other's."""
    first = rendered(tmp_path, DEFAULTS)
    values = {
        "matcher": {"shadow": True, "encoder": "/weights/new"}, "explainer": {"enabled": False},
        "topics": {"create": False},
    }  # fmt: skip
    second = rendered(tmp_path, values, "challenger")
    names = [{(o["kind"], o["metadata"]["name"]) for o in objects} for objects in (first, second)]
    assert not names[0] & names[1]
    chosen = only(second, "StatefulSet")["spec"]["selector"]["matchLabels"]
    own = only(first, "StatefulSet")["spec"]["template"]["metadata"]["labels"]
    assert not chosen.items() <= own.items()


def test_retraining_is_off_until_somebody_wants_it(tmp_path: Path) -> None:
    assert "retrain" not in str([o["metadata"]["name"] for o in rendered(tmp_path, DEFAULTS)
                                 if o["kind"] == "CronJob"])  # fmt: skip
    objects = rendered(tmp_path, EVERYTHING)
    job = only(objects, "CronJob", "-retrain")["spec"]
    assert job["concurrencyPolicy"] == "Forbid", "the command's lock is of one machine"
    (container,) = job["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["command"][2] == "matcher-stream models retrain --fewest 50 || [ $? -eq 3 ]"
    assert {"name": "registry", "mountPath": "/registry"} in container["volumeMounts"]
    assert only(objects, "NetworkPolicy", "-retrain")
