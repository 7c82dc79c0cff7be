"""What `matcher-stream models list` and `models import` do."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from matcher_stream import __version__
from matcher_stream.config.settings import Settings
from matcher_stream.registry.sources import base_of, bring
from matcher_stream.registry.store import Registry
from models.encoding import adapter as adapters
from models.encoding.embedder import vector_version
from models.encoding.registry import AUTO
from models.evaluation.graded import FOLDER as GRADED
from models.evaluation.judged import FOLDER as JUDGED
from models.evaluation.judged import PARTS
from models.ranking.weights import shipped_file, shipped_weights
from models.registry.making import Ingredients, make_version
from models.registry.manifest import MANIFEST, SHORT_CHARS, id_of
from models.registry.metadata import Metadata
from models.registry.version import RANKER, open_version
from schemas.errors import MissingModel, RefusedModel, UsageError

CODE: Final = f"matcher-stream {__version__}"
LICENCE: Final = "Apache-2.0; encoder multilingual-e5-small: MIT"
"""Of what ships."""


@dataclass(frozen=True, slots=True)
class Given:
    """Options of `models import`, as its help tells them."""

    figures: Path | None = None
    ranker: Path | None = None
    encoder: str | None = None
    licence: str | None = None
    parent: str | None = None
    about: str = ""
    data: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One version in the list; of a damaged one only why.

    Attributes:
        use: ``model`` for the one that MATCHER_MODEL names, ``builtin`` for one that holds what
            ships in the program, else empty.
    """

    id: str
    metadata: Metadata | None
    use: str
    wrong: str = ""

    def told(self) -> dict[str, Any]:
        """As JSON."""
        if self.metadata is None:
            return {"id": self.id, "error": self.wrong}
        figures = self.metadata.figures
        head = figures and figures.headline()
        told = self.metadata.model_dump(mode="json", include={"about", "created", "code", "parent",
                                                              "licence", "ranker"})  # fmt: skip
        return {"id": self.id, **told, "figure": head and head.model_dump(), "use": self.use}

    def cells(self) -> tuple[str, ...]:
        """As a line of the table."""
        name = self.id[:SHORT_CHARS]
        if self.metadata is None:
            return (name, "", self.wrong, "", "", "", "")
        metadata = self.metadata
        figures = metadata.figures
        head = figures and figures.headline()
        figure = (
            f"{head.metric} {head.mean:.3f}, {head.task}" if head and head.mean else "sin medir"
        )
        return (
            name,
            f"{metadata.created:%Y-%m-%d %H:%M}",
            metadata.about,
            (metadata.parent or "—")[:SHORT_CHARS],
            metadata.licence,
            figure,
            {"model": "en uso", "builtin": "la del programa"}.get(self.use, ""),
        )


def listed(registry: Registry, settings: Settings) -> list[Row]:
    """Every version, the newest first, damaged ones last."""
    rows = list(_rows(registry, settings, hashlib.sha256(shipped_file()).hexdigest()))
    first = datetime.min.replace(tzinfo=UTC)
    return sorted(rows, key=lambda row: row.metadata.created if row.metadata else first,
                  reverse=True)  # fmt: skip


def _rows(registry: Registry, settings: Settings, ranker: str) -> Iterator[Row]:
    vectors = vector_version(adapters.DEFAULT_SOURCE, AUTO)
    for name in registry.ids():
        try:
            metadata = registry.metadata(name)
            files = registry.manifest(name).files
        except RefusedModel as error:
            yield Row(name, None, "", str(error))
            continue
        use = ""
        if settings.model and name.startswith(settings.model):
            use = "model"
        elif metadata.encoder.vectors == vectors and files[RANKER].sha256 == ranker:
            use = "builtin"
        yield Row(name, metadata, use)


def imported(registry: Registry, source: str | None, given: Given) -> tuple[str, bool]:
    """Register what lies at an address, or what ships; the id, and whether it is new.

    Args:
        registry: Takes it.
        source: As `bring` takes it; None for what ships.
        given: What was said of it.

    Raises:
        MatcherError: it cannot be registered; the sentence says why.
    """
    with tempfile.TemporaryDirectory(prefix="matcher-import-") as name:
        brought, made = Path(name) / "brought", Path(name) / "made"
        brought.mkdir()
        made.mkdir()
        if source is None:
            of = _shipped(registry, given)
        else:
            copy, kind = bring(source, brought)
            if kind == "version":
                return _copied(registry, copy, given)
            of = _own(registry, copy, kind == "adapter", given)
        try:
            make_version(made, of)
        except MissingModel as error:
            raise RefusedModel(
                f"No se registra {source or 'lo del programa'}: falta algo o sus partes no son "
                f"unas para otras (detalle: {str(error).rstrip('.')})."
            ) from None
        return registry.put(made)


def _copied(registry: Registry, copy: Path, given: Given) -> tuple[str, bool]:
    """A version from elsewhere stays what it is, so nothing new can be said of it."""
    if given != Given():
        raise UsageError(
            "Una versión registrada no cambia: para decir algo nuevo de ella registre su carpeta "
            "adapter o encoder, con su ranker.json en --ranker y su id en --parent."
        )
    open_version(copy, id_of((copy / MANIFEST).read_bytes()))
    return registry.put(copy)


def _shipped(registry: Registry, given: Given) -> Ingredients:
    about = f"{CODE}: {adapters.DEFAULT}, {shipped_weights().version}"
    return _ingredients(
        registry, given, given.encoder or adapters.DEFAULT_SOURCE, AUTO,
        {**judged_files(), **{path.name: path for path in given.data}}, about, LICENCE,
    )  # fmt: skip


def _own(registry: Registry, copy: Path, is_adapter: bool, given: Given) -> Ingredients:
    if given.licence is None:
        raise UsageError("Falta --licence: diga bajo qué licencia se puede usar esta versión.")
    if not is_adapter and given.ranker is None:
        raise UsageError(
            "Falta --ranker: los pesos del programa son para su codificador; apréndalos con "
            "«python -m models.training.weights»."
        )
    encoder = (given.encoder or base_of(copy)) if is_adapter else str(copy)
    data = {path.name: path for path in given.data}
    adapter = str(copy) if is_adapter else ""
    return _ingredients(registry, given, encoder, adapter, data, copy.name, given.licence)


def _ingredients(
    registry: Registry,
    given: Given,
    encoder: str,
    adapter: str,
    data: dict[str, Path],
    about: str,
    licence: str,
) -> Ingredients:
    return Ingredients(
        encoder=encoder,
        adapter=adapter,
        ranker=shipped_file() if given.ranker is None else given.ranker.read_bytes(),
        licence=given.licence or licence,
        code=CODE,
        created=datetime.now(UTC).replace(microsecond=0),
        about=given.about or about,
        parent=None if given.parent is None else registry.find(given.parent),
        report=None if given.figures is None else given.figures.read_bytes(),
        data=data,
    )


def judged_files() -> dict[str, Path]:
    """What the shipped weights and threshold were chosen on, as far as it ships."""
    folders = {"graded": GRADED, **{f"judged/{part}": JUDGED / part for part in PARTS["dev"]}}
    return {
        f"{folder}/{path.name}": Path(str(path))
        for folder, found in folders.items()
        if found.is_dir()
        for path in found.iterdir()
        if path.name.endswith((".jsonl", ".tsv"))
    }
