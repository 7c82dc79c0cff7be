"""Makes a version: puts its parts into a folder, says of what it was made, and names it."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from models.encoding import adapter as adapters
from models.encoding.embedder import vector_version
from models.encoding.registry import ModelFiles, resolve
from models.ranking.weights import Weights, read_weights
from models.reading.facts.fact import READER_VERSION
from models.registry.card import LANGUAGES, card, card_name
from models.registry.figures import WHOLE, Figures, read_figures
from models.registry.manifest import FORMAT, MANIFEST, id_of, manifest_of
from models.registry.metadata import METADATA, EncoderPart, Metadata
from models.registry.tensors import check_adapter, check_tensors
from models.registry.version import ADAPTER, ENCODER, RANKER
from models.vetting.gate import GATE_VERSION
from schemas.errors import UsageError

RECIPE: Final = "recipe.json"
_PROMPTS: Final = "config_sentence_transformers.json"


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What a version is made of.

    Attributes:
        encoder: As `resolve` takes it; the files of a folder go into the version.
        adapter: Folder of the adapter, a shipped one's name, or empty.
        ranker: Bytes of the file of weights.
        licence: Under which the version may be used.
        code: The program that registers it.
        created: When.
        about: What it is, in a line.
        parent: The version that it came from.
        report: What `models evaluate --json` wrote; None if it was not measured.
        data: Files that it learned from or was measured on, by name.
        recipe: How the weights were trained, beside what the adapter's recipe says.
    """

    encoder: str
    adapter: str
    ranker: bytes
    licence: str
    code: str
    created: datetime
    about: str = ""
    parent: str | None = None
    report: bytes | None = None
    data: Mapping[str, Path] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)


def make_version(folder: Path, of: Ingredients) -> str:
    """Write a version into an empty folder, its manifest last; returns its id.

    Raises:
        MissingModel: encoder, adapter or weights are not here or do not fit each other.
        UnreadableFile: the report is none.
        UsageError: the report is of other vectors or another ranker than these.
    """
    files = resolve(of.encoder, of.adapter)
    weights = read_weights(of.ranker, RANKER)
    figures = None if of.report is None else read_figures(of.report, WHOLE)
    own = files.kind == "folder" and not of.encoder.startswith("hf:")
    recipe: dict[str, Any] = {}
    (folder / RANKER).write_bytes(of.ranker)
    if own:
        _copy_encoder(files, folder)
    if files.adapter is not None:
        recipe = _copy_adapter(files, folder)
    vectors = vector_version(of.encoder, of.adapter)
    if of.report is not None and figures is not None:
        _check_measured(figures, of.report, vectors, weights)
        (folder / WHOLE).write_bytes(of.report)
    metadata = Metadata(
        format=FORMAT,
        about=of.about,
        created=of.created,
        code=of.code,
        parent=of.parent,
        licence=of.licence,
        encoder=EncoderPart(
            source="" if own else of.encoder,
            base=replace(files, adapter=None).version(),
            vectors=vectors,
            dim=files.dim(),
        ),
        ranker=weights.version,
        reader=READER_VERSION,
        gate=GATE_VERSION,
        data={**_learned_from(recipe), **_hashes(of.data)},
        recipe={**recipe, **of.recipe},
        figures=figures,
    )
    _write(folder / METADATA, metadata.model_dump(mode="json"))
    for language in LANGUAGES:
        (folder / card_name(language)).write_text(card(metadata, weights, language))
    raw = manifest_of(folder).canonical()
    (folder / MANIFEST).write_bytes(raw)
    return id_of(raw)


def _copy_encoder(files: ModelFiles, folder: Path) -> None:
    """An encoder's own files, under its name, since the name is part of the vector space's."""
    name = re.sub(r"[^\w.-]+", "-", files.name, flags=re.ASCII).lstrip(".-") or "encoder"
    target = folder / ENCODER / name
    target.mkdir(parents=True)
    for path in files.files:
        if path.suffix == ".safetensors":
            check_tensors(path)
        shutil.copyfile(path, target / path.name)
    prompts = {"query": files.prompts.query, "passage": files.prompts.passage}
    _write(target / _PROMPTS, {"prompts": prompts})


def _copy_adapter(files: ModelFiles, folder: Path) -> dict[str, Any]:
    """The adapter with the tokenizer that it was trained with; returns how it was trained."""
    source, target = files.adapter or Path(), folder / ADAPTER
    target.mkdir()
    check_adapter(source, files.dim())
    for name in (adapters.WEIGHTS, adapters.CONFIG):
        shutil.copyfile(source / name, target / name)
    (target / adapters.TOKENIZER).write_text(files.tokenizer().to_str())
    if not (source / RECIPE).is_file():
        return {}
    shutil.copyfile(source / RECIPE, target / RECIPE)
    recipe: dict[str, Any] = orjson.loads((source / RECIPE).read_bytes())
    return recipe


def _check_measured(figures: Figures, report: bytes, vectors: str, weights: Weights) -> None:
    made = orjson.loads(report)["made of"]
    for what, found, wanted in (
        ("los vectores", figures.vectors, vectors),
        ("el ordenador", str(made.get("ranker", "")), weights.version),
        ("el filtro de avisos", str(made.get("gate", "")), GATE_VERSION),
    ):
        if found and found != wanted and not found.startswith(f"{wanted}-"):
            raise UsageError(
                f"Esas cifras son de {what} {found} y esta versión tiene {wanted}: mídala con "
                "«matcher-stream models evaluate --json»."
            )


def _learned_from(recipe: Mapping[str, Any]) -> dict[str, str]:
    """The hashes that `models train` wrote beside what it did."""
    found = recipe.get("data")
    return {str(name): str(value) for name, value in found.items()} if found else {}


def _hashes(data: Mapping[str, Path]) -> dict[str, str]:
    found = {}
    for name, path in data.items():
        with path.open("rb") as file:
            found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _write(path: Path, value: Any) -> None:
    path.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2))
