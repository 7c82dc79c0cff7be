"""Write the schemas of the operators' objects beside this file: `python -m tests.deploy.crds`.

They are taken from the operators' own definitions (Apache-2.0), which come with their Go modules;
descriptions are left out. With a folder, `make kubernetes` has the definitions written there whole.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import yaml

_PROMETHEUS: Final = "github.com/prometheus-operator/prometheus-operator@v0.94.0"
_CRDS: Final = "example/prometheus-operator-crd/monitoring.coreos.com_"
SOURCES: Final = {
    "ServiceMonitor": (_PROMETHEUS, f"{_CRDS}servicemonitors.yaml"),
    "PrometheusRule": (_PROMETHEUS, f"{_CRDS}prometheusrules.yaml"),
    "ScaledObject": (
        "github.com/kedacore/keda/v2@v2.21.0",
        "config/crd/bases/keda.sh_scaledobjects.yaml",
    ),
}


def strict(schema: Any) -> Any:
    """A schema that says what an API server would refuse as unknown, without descriptions."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: strict(value)
        for key, value in schema.items()
        if not (key == "description" and isinstance(value, str))
        and not key.startswith("x-kubernetes-validations")
    }
    if isinstance(pattern := kept.get("pattern"), str):  # Go's flags may stand after the anchor
        kept["pattern"] = pattern.replace("^(?i)", "(?i)^")
    open_ended = schema.get("x-kubernetes-preserve-unknown-fields")
    if "properties" in schema and "additionalProperties" not in schema and not open_ended:
        kept["additionalProperties"] = False
    return kept


def definition_of(kind: str) -> str:
    """The definition of one kind as its operator ships it, downloaded if it is not here."""
    module, path = SOURCES[kind]
    told = subprocess.run(
        ["go", "mod", "download", "-json", module], capture_output=True, check=True
    )
    return Path(json.loads(told.stdout)["Dir"], path).read_text()


def main(folder: Path | None = None) -> None:
    """Download and write them."""
    for kind, (module, path) in SOURCES.items():
        text = definition_of(kind)
        if folder is not None:
            (folder / f"{kind}.yaml").write_text(text)
            continue
        definition = yaml.safe_load(text)
        version = next(v for v in definition["spec"]["versions"] if v["storage"])
        schema = strict(version["schema"]["openAPIV3Schema"])
        for name in ("metadata", "status"):
            schema["properties"][name] = {"type": "object"}
        schema["$comment"] = f"{module} {path}"
        target = Path(__file__).parent / f"{kind}.json"
        target.write_text(json.dumps(schema, sort_keys=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
