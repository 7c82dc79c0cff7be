"""What ranks, as the settings say: a registered version, or the parts that ship in the program."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from matcher_stream.config.settings import Settings
from models.encoding.embedder import vector_version
from models.encoding.registry import default_cache_dir
from models.ranking.weights import Weights, weights_of
from schemas.errors import InvalidSettings

if TYPE_CHECKING:
    from models.encoding.embedder import Embedder
    from models.registry.metadata import Metadata

BUILT_IN: Final = "builtin"
"""Name of what ships, where an id would stand."""
_ITS_OWN: Final = ("encoder", "adapter", "ranker")
"""Settings that a registered version decides."""


@dataclass(frozen=True, slots=True)
class Model:
    """The parts that rank.

    Attributes:
        id: Of the registered version; ``builtin`` for the program's own parts.
        encoder: As `models.encoding.registry.resolve` takes it.
        adapter: Likewise.
        weights: Of the ranker; None for those of the shipped encoder.
        metadata: What the version says of itself; None for the program's own parts.
    """

    id: str
    encoder: str
    adapter: str
    weights: Weights | None = None
    metadata: Metadata | None = None


def registered_as(settings: Settings) -> str | None:
    """The name by which what ranks can be compared: a version's id, or ``builtin``.

    None for an encoder, an adapter or a ranker that settings name and nobody registered.
    """
    if settings.model:
        return model_of(settings).id
    fields = Settings.model_fields
    return BUILT_IN if all(getattr(settings, n) == fields[n].default for n in _ITS_OWN) else None


def model_of(settings: Settings) -> Model:
    """What ranks. A registered version is fetched and verified whole before any of it is used.

    Raises:
        InvalidSettings: a setting says otherwise than the version would.
        UnknownModel: there is no such version.
        RefusedModel: it is not whole, was changed, or does not fit this program.
        RegistryUnavailable: the registry cannot be read.
    """
    if not settings.model:
        encoder, adapter = settings.encoder, settings.adapter
        return Model(BUILT_IN, encoder, adapter, weights_of(encoder, adapter))
    for name in _ITS_OWN:
        if getattr(settings, name) != Settings.model_fields[name].default:
            variable = f"MATCHER_{name.upper()}"
            raise InvalidSettings(
                f"The setting {variable} cannot be used beside MATCHER_MODEL, which brings its "
                f"own: unset one of the two."
            )
    cache = settings.encoder_cache_dir or default_cache_dir()
    return _registered(settings.registry, settings.model, cache / "versions")


@lru_cache(maxsize=4)
def _registered(url: str, short: str, cache: Path) -> Model:
    from matcher_stream.registry.copies import local_copy
    from matcher_stream.registry.store import Registry
    from models.registry.manifest import ID_CHARS
    from models.registry.version import open_version

    registry = Registry(url)
    version = short if len(short) == ID_CHARS else registry.find(short)
    opened = open_version(local_copy(registry, version, cache), version)
    return Model(version, opened.encoder, opened.adapter, opened.weights, opened.metadata)


def version_of(settings: Settings) -> str:
    """Name of the vector space, which is part of the application id; known without torch.

    Raises:
        MatcherError: as `model_of`.
    """
    model = model_of(settings)
    return settings.encoder_version or vector_version(model.encoder, model.adapter)


def app_id_of(settings: Settings) -> str:
    """The application id of a deployment: its vectors', and its own name where it has one.

    Raises:
        MatcherError: as `model_of`.
    """
    app_id = f"{settings.topic_prefix}-{version_of(settings)}"
    return f"{app_id}-{settings.deployment}" if settings.deployment else app_id


def load_model(settings: Settings) -> Embedder:
    """What turns texts into vectors.

    Raises:
        MatcherError: as `model_of`.
    """
    from models.encoding.embedder import load_embedder  # torch takes seconds

    model, precision = model_of(settings), settings.encoder_precision
    return load_embedder(model.encoder, precision, settings.encoder_cache_dir, model.adapter)
