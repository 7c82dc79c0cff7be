"""Copies of versions on this disk, from which they are loaded: each whole, or not there."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from matcher_stream.registry.store import Registry
from models.registry.manifest import SHORT_CHARS, whole_manifest
from schemas.errors import RefusedModel, RegistryUnavailable


def local_copy(registry: Registry, version: str, cache: Path) -> Path:
    """The folder of a verified copy; one that is there already is verified anew.

    So a worker that has had a version starts with it also while the registry is away.

    Args:
        registry: Where the version lies.
        version: Its id.
        cache: Folder of the copies.

    Raises:
        RefusedModel: it is not as it was registered: nothing of it stays here.
        RegistryUnavailable: the registry cannot be read, or the cache not written.
    """
    target = cache / version
    with contextlib.suppress(RefusedModel):
        whole_manifest(target, version)
        return target
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".taking-", dir=cache) as name:
            taken = Path(name) / version
            taken.mkdir()
            registry.take(version, taken)
            whole_manifest(taken, version)
            with contextlib.suppress(RefusedModel):  # another process may have been first
                whole_manifest(target, version)
                return target
            shutil.rmtree(target, ignore_errors=True)
            _rename(taken, target)
    except OSError as error:
        raise RegistryUnavailable(
            f"No se puede copiar la versión {version[:SHORT_CHARS]} en {cache} "
            f"({type(error).__name__}): revise espacio y permisos, o MATCHER_ENCODER_CACHE_DIR."
        ) from error
    whole_manifest(target, version)
    return target


def _rename(source: Path, target: Path) -> None:
    """Give a folder its name, unless another process gave it to the same one just now."""
    try:
        os.rename(source, target)
    except OSError:
        if not target.is_dir():
            raise
