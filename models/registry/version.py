"""A version on this disk: read whole or not at all, and held against what this program does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from models.encoding import adapter as adapters
from models.encoding.embedder import vector_version
from models.encoding.registry import resolve
from models.ranking.weights import Weights, read_weights
from models.reading.facts.fact import READER_VERSION
from models.registry.manifest import SHORT_CHARS, refusal, whole_manifest
from models.registry.metadata import MAX_METADATA_BYTES, METADATA, Metadata, read_metadata
from models.registry.tensors import check_adapter, check_tensors
from models.vetting.gate import GATE_VERSION
from schemas.errors import MissingModel

RANKER: Final = "ranker.json"
ADAPTER: Final = "adapter"
ENCODER: Final = "encoder"
"""Folder of an encoder's own weights; they lie in one more, of the encoder's name."""
_AGAIN: Final = (
    "mídala con este programa y regístrela de nuevo con «matcher-stream models import» "
    "(docs/registry.md)"
)


@dataclass(frozen=True, slots=True)
class Version:
    """A version whose every file was verified.

    Attributes:
        id: SHA-256 of its manifest.
        folder: Where it lies on this disk.
        weights: Of its ranker; their name holds the id, so that another version re-ranks everybody.
    """

    id: str
    folder: Path
    metadata: Metadata
    weights: Weights

    @property
    def encoder(self) -> str:
        """Its encoder as `resolve` takes it: the folder in the version, else where the base is."""
        inside = sorted((self.folder / ENCODER).glob("*/config.json"))
        return str(inside[0].parent) if inside else self.metadata.encoder.source

    @property
    def adapter(self) -> str:
        """Folder of its adapter; empty if it has none."""
        folder = self.folder / ADAPTER
        return str(folder) if (folder / adapters.WEIGHTS).is_file() else ""


def open_version(folder: Path, version: str) -> Version:
    """A version that is whole and fits this program.

    Args:
        folder: Where it lies.
        version: Its id.

    Raises:
        RefusedModel: it is not whole, was changed, or does not fit, or its encoder is not here; the
            sentence says what to do.
    """
    whole_manifest(folder, version)
    metadata = _metadata(folder, version)
    _check_rules(metadata, version)
    try:
        weights = read_weights((folder / RANKER).read_bytes(), RANKER)
    except FileNotFoundError:
        raise refusal(version, f"le falta {RANKER}") from None
    except MissingModel as error:
        raise refusal(version, _without_end(error), _AGAIN) from None
    opened = Version(version, folder, metadata, named(weights, version))
    try:
        _check_vectors(opened)
    except MissingModel as error:
        why = f"su codificador no está aquí o no sirve ({_without_end(error)})"
        raise refusal(version, why, "instálelo o use otra versión") from None
    return opened


def named(weights: Weights, version: str) -> Weights:
    """A version's weights under the name that events tell."""
    return replace(weights, version=f"{weights.version}-{version[:SHORT_CHARS]}")


def _metadata(folder: Path, version: str) -> Metadata:
    path = folder / METADATA
    if not path.is_file() or path.stat().st_size > MAX_METADATA_BYTES:
        raise refusal(version, "no tiene metadatos")
    return read_metadata(path.read_bytes(), version)


def _check_rules(metadata: Metadata, version: str) -> None:
    """A threshold fits the reader and the gate that it was chosen with."""
    for what, made, here in (
        ("el lector", metadata.reader, READER_VERSION),
        ("el filtro de avisos", metadata.gate, GATE_VERSION),
    ):
        if made != here:
            raise refusal(
                version, f"se hizo con {what} {made} y este programa tiene {here}", _AGAIN
            )


def _check_vectors(version: Version) -> None:
    """The encoder here is the one that it was made for, and so is whatever else makes a vector."""
    made = version.metadata.encoder
    files = resolve(version.encoder, version.adapter)
    if files.dim() != made.dim:
        why = f"sus vectores tienen {made.dim} números y los de {files.name}, {files.dim()}"
        raise refusal(version.id, why, "use el codificador con que se hizo u otra versión")
    if files.adapter is not None:
        check_adapter(files.adapter, made.dim)
    for path in version.folder.glob(f"{ENCODER}/*/*.safetensors"):
        check_tensors(path)
    base = replace(files, adapter=None).version()
    if base != made.base:
        why = f"se hizo sobre el codificador {made.base} y aquí está {base}"
        raise refusal(version.id, why, "instale aquel codificador o use otra versión")
    vectors = vector_version(version.encoder, version.adapter)
    if vectors != made.vectors:
        why = f"se hizo con los vectores {made.vectors} y este programa calcula {vectors}"
        raise refusal(version.id, why, _AGAIN)


def _without_end(error: Exception) -> str:
    return str(error).rstrip(".")
