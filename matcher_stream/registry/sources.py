"""What can be registered: a version from elsewhere, an adapter, or an encoder of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

import orjson
from fsspec.core import url_to_fs

from matcher_stream.registry.reaching import reachable
from matcher_stream.registry.store import Registry
from models.encoding import adapter as adapters
from models.registry.manifest import KINDS, MANIFEST, MAX_FILES
from schemas.errors import UnreadableFile

Kind = Literal["version", "adapter", "encoder"]
_CONFIG: Final = "config.json"


def bring(source: str, folder: Path) -> tuple[Path, Kind]:
    """Copy what lies at an address onto this disk, and say what it is.

    Args:
        source: A folder, an address that fsspec reads, or REGISTRY#ID.
        folder: Takes the copy, under the source's own name.

    Returns:
        The copy's folder, and what it holds.

    Raises:
        UnreadableFile: there is nothing that can be registered.
        UnknownModel: the registry has no such version.
        RefusedModel: a file of the version is not there.
        RegistryUnavailable: the address cannot be read.
    """
    url, _, version = source.rpartition("#")
    if url:
        registry = Registry(url)
        copy = folder / "version"
        copy.mkdir()
        registry.take(registry.find(version), copy)
        return copy, "version"
    with reachable(source):
        fs, root = url_to_fs(source)
        root = root.rstrip("/")
        paths = [path for path in fs.find(root) if path.endswith(KINDS)] if fs.isdir(root) else []
        names = {path[len(root) :].lstrip("/"): path for path in paths}
        kind = _kind(set(names), source)
        copy = folder / root.rpartition("/")[2]
        for name, path in names.items():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            fs.get_file(path, str(copy / name))
    return copy, kind


def base_of(folder: Path) -> str:
    """The encoder that an adapter's folder says it was trained on.

    Raises:
        UnreadableFile: it says none.
    """
    try:
        config: dict[str, Any] = orjson.loads((folder / adapters.CONFIG).read_bytes())
        base = config["base_model_name_or_path"]
    except (ValueError, KeyError, TypeError):
        base = None
    if not isinstance(base, str) or not base:
        raise UnreadableFile(
            f"{adapters.CONFIG} no dice sobre qué codificador se entrenó: indíquelo con --encoder."
        )
    return base


def _kind(names: set[str], source: str) -> Kind:
    if len(names) > MAX_FILES:
        raise UnreadableFile(f"{source} tiene demasiados archivos: indique la carpeta del modelo.")
    if MANIFEST in names:
        return "version"
    if {adapters.WEIGHTS, adapters.CONFIG} <= names:
        return "adapter"
    if _CONFIG in names and any(name.endswith(".safetensors") for name in names):
        return "encoder"
    raise UnreadableFile(
        f"En {source} no hay un adaptador, un codificador ni una versión en safetensors: si se "
        "está entrenando, espere a que termine."
    )
