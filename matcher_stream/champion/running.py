"""What a deployment runs: its models by a name that means the same for ever, and its settings.

Two deployments on the same models may tell people other things: a threshold, the length of a
list, what is held. A record of the models topic names both, so that whoever takes the place of the
champion is held against what it ran and not against what this environment happens to say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from agents.context import gate_of, ranker_of, versions_of
from matcher_stream.config.model import BUILT_IN, registered_as, version_of
from matcher_stream.config.settings import Settings
from matcher_stream.registry.store import Registry
from models.ranking.unlocks import UNLOCKS_VERSION
from models.ranking.weights import Weights, read_weights, shipped_weights
from models.reading.facts.fact import READER_VERSION
from models.registry.version import RANKER
from schemas.alias import Alias
from schemas.errors import MatcherError

UNREGISTERED: Final = "unregistered-"
"""Begins the name of models that nobody registered."""
_ADDRESS_CHARS: Final = 16
_NOT: Final = "no"


@dataclass(frozen=True, slots=True)
class Running:
    """What one deployment runs.

    Attributes:
        version: Id of the registered version, ``builtin``, or an address (`UNREGISTERED`); None
            where it is not known.
        rules: Settings by name that change what people are told; None where it is not known.
    """

    version: str | None = None
    rules: Mapping[str, str] | None = None

    def fields(self) -> dict[str, Any]:
        """As fields of an alias record."""
        version = None if self.version == BUILT_IN else self.version
        rules = None if self.rules is None else dict(self.rules)
        return {"version": version, "rules": rules}


def running(settings: Settings) -> Running:
    """What the deployment of these settings runs.

    Raises:
        MatcherError: as `model_of`.
    """
    return Running(registered_as(settings) or _address_of(settings), rules_of(settings))


def named(alias: Alias | None) -> Running:
    """What the deployment of a record runs. A record without rules is of a program that gave
    models which nobody had registered no name, so that without a version it says nothing.
    """
    if alias is None:
        return Running()
    return Running(alias.version or (alias.rules and BUILT_IN) or None, alias.rules)


def rules_of(settings: Settings) -> dict[str, str]:
    """All that changes what people are told beside the models, as it works out and not as it was
    set: what is left empty is the ranker's own.
    """
    ranker = ranker_of(settings)
    rules = {
        "ranker": settings.ranker,
        "top_k": str(settings.top_k),
        "score_threshold": f"{ranker.threshold:g}",
        "send_threshold": f"{ranker.send:g}",
        "exposure": f"{settings.exposure:g}",
        "swap_share": f"{settings.swap_share:g}",
        "unlocks": UNLOCKS_VERSION if settings.unlocks else _NOT,
        "default_expiry_days": f"{settings.default_expiry_days:g}",
        "hired_pauses": "yes" if settings.hired_pauses else _NOT,
        "gate": gate_of(settings).version,
        "reader": READER_VERSION,
    }
    if settings.exposure:
        rules["exposure_free"] = f"{settings.exposure_free:g}"
    return rules


def changed(before: Mapping[str, str] | None, after: Mapping[str, str]) -> tuple[str, ...] | None:
    """Rules that differ, each as ``name: old → new``; None where the old are not known."""
    if before is None:
        return None
    return tuple(
        f"{name}: {before.get(name, _NOT)} → {after.get(name, _NOT)}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name, _NOT) != after.get(name, _NOT)
    )


def told_as(settings: Settings) -> str:
    """The `ranker_version` of what it tells people."""
    return versions_of("", ranker_of(settings), settings).ranker


def _address(vectors: str, ranker: str, weights: Weights) -> str:
    held = orjson.dumps([vectors, ranker, replace(weights, version="")])
    return UNREGISTERED + hashlib.sha256(held).hexdigest()[:_ADDRESS_CHARS]


def _address_of(settings: Settings) -> str:
    """Of models that settings name: their vectors, and the weights that ship."""
    return _address(version_of(settings), settings.ranker, shipped_weights())


def registered_since(settings: Settings, address: str) -> str | None:
    """The registered version with the same vectors and weights as an address; None if there is
    none, or the registry cannot be read.
    """
    registry = Registry(settings.registry)
    try:
        for name in registry.ids():
            weights = read_weights(registry.text(name, RANKER), RANKER)
            vectors = registry.metadata(name).encoder.vectors
            if _address(vectors, "blend", weights) == address:
                return name
    except MatcherError:
        return None
    return None
