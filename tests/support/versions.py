"""Versions of models so small that making one costs nothing: no weights are loaded."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models

from models.encoding.registry import default_cache_dir
from models.ranking.weights import shipped_file
from models.registry.making import Ingredients, make_version

DIM = 16
LAYER = "encoder.layer.0.attention.self.query"
CREATED = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)


def encoder_folder(folder: Path, dim: int = DIM, seed: int = 0) -> Path:
    """What `resolve` takes for an encoder: its files, but of one matrix."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "hidden_size": dim}))
    Tokenizer(models.WordLevel({"<unk>": 0, "obra": 1}, "<unk>")).save(
        str(folder / "tokenizer.json")
    )
    made = np.random.default_rng(seed).standard_normal((dim, dim), np.float32)
    save_file({f"{LAYER}.weight": made}, folder / "model.safetensors")
    return folder


def running_encoder(folder: Path) -> Path:
    """A BERT that runs, of random weights: what it says of texts is worth nothing."""
    import torch
    from transformers import BertConfig, BertModel

    config = BertConfig(vocab_size=3, hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
                        intermediate_size=32, max_position_embeddings=512)  # fmt: skip
    torch.manual_seed(1)
    BertModel(config).save_pretrained(folder)
    Tokenizer(models.WordLevel({"[PAD]": 0, "[UNK]": 1, "obra": 2}, "[UNK]")).save(
        str(folder / "tokenizer.json")
    )
    return folder


def adapter_folder(folder: Path, base: str, dim: int = DIM, **recipe: Any) -> Path:
    """What `models train` writes."""
    folder.mkdir(parents=True)
    half = np.random.default_rng(1).standard_normal((2, dim)).astype(np.float16)
    prefix = f"base_model.model.{LAYER}"
    tensors = {f"{prefix}.lora_A.weight": half, f"{prefix}.lora_B.weight": half.T.copy()}
    save_file(tensors, folder / "adapter_model.safetensors")
    config = {"r": 2, "lora_alpha": 4, "base_model_name_or_path": base}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    (folder / "recipe.json").write_text(json.dumps({"seed": 1, **recipe}))
    return folder


def ranker_file(**changes: Any) -> bytes:
    """The shipped weights with other numbers."""
    return orjson.dumps({**orjson.loads(shipped_file()), **changes})


def ingredients(encoder: str | Path, **changes: Any) -> Ingredients:
    """What a version with the shipped weights is made of."""
    made = Ingredients(
        encoder=str(encoder), adapter="", ranker=shipped_file(), licence="Apache-2.0",
        code="matcher-stream test", created=CREATED, about="pequeña",
    )  # fmt: skip
    return replace(made, **changes)


def small_version(folder: Path, **changes: Any) -> tuple[Path, str]:
    """A version with an encoder of its own: its folder and its id.

    Args:
        folder: Takes it, and what it is made of.
        changes: Of its ingredients.
    """
    base = folder / "small"
    if not base.exists():
        encoder_folder(base)
    made = folder / f"made-{len(list(folder.iterdir()))}"
    made.mkdir()
    return made, make_version(made, ingredients(base, **changes))


def tuned_cache(folder: Path) -> Path:
    """A cache folder of a test's own, in which it is known how the encoder runs here."""
    if default_cache_dir().is_dir():
        shutil.copytree(default_cache_dir(), folder, ignore=shutil.ignore_patterns("versions"))
    return folder
