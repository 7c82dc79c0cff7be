"""The compact trainer computes what peft on transformers does, and writes what peft reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from models.encoding.forward import BertWeights
from models.encoding.pretrained import to_bert
from models.training import lowrank
from models.training.lowrank import LowRankBert

TEXTS = [[0, 7, 9, 2], [0, 11, 12, 13, 14, 2], [0, 5, 2], [0, 30, 31, 2]]


def _tuned(base: BertWeights, upper: int = 0) -> LowRankBert:
    generator = torch.Generator().manual_seed(2)
    model = LowRankBert(base, 2, 6, torch.float32, "cpu", upper, generator, cores=2)
    with torch.no_grad():
        for tensor in model.parameters.values():
            tensor.copy_(torch.randn(tensor.shape, generator=generator) * 0.2)
    model.refresh()
    return model


def _by_peft(base: BertWeights, folder: Path) -> tuple[Any, torch.Tensor]:
    from peft import PeftModel

    model = PeftModel.from_pretrained(to_bert(base), str(folder), is_trainable=True)
    model.float()
    rows = []
    for text in TEXTS:
        hidden = model(input_ids=torch.tensor([text])).last_hidden_state
        rows.append(torch.nn.functional.normalize(hidden.mean(1), dim=-1))
    return model, torch.cat(rows)


@pytest.mark.parametrize("upper", [0, 2])
def test_vectors_and_gradients_are_those_of_peft(
    base: BertWeights, upper: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lowrank, "BUDGET", 6)  # several batches
    ours = _tuned(base, upper)
    ours.save(tmp_path, "tiny")
    theirs, expected = _by_peft(base, tmp_path)
    # the file holds float16
    assert torch.allclose(ours.vectors(TEXTS), expected, atol=2e-3)
    goal = torch.randn(expected.shape, generator=torch.Generator().manual_seed(4))
    loss = ours.gradients(TEXTS, lambda vectors: (vectors * goal).sum())
    assert loss == pytest.approx(float((expected * goal).sum().detach()), abs=2e-2)
    (expected * goal).sum().backward()  # type: ignore[no-untyped-call]
    grads = {
        name.replace(".default", ""): tensor.grad
        for name, tensor in theirs.named_parameters()
        if tensor.requires_grad
    }
    assert len(grads) == len(ours.parameters) == 2 * 6 * (upper or 3)
    for name, tensor in ours.parameters.items():
        other = grads[f"base_model.model.{name}.weight"]
        assert tensor.grad is not None
        assert other is not None
        assert tensor.grad.abs().max() > 1e-4
        assert torch.allclose(tensor.grad, other, atol=5e-3, rtol=2e-2), name


def test_nothing_is_added_before_the_first_step(base: BertWeights) -> None:
    model = LowRankBert(base, 2, 6, torch.float32, "cpu", 0, torch.Generator().manual_seed(1))
    bert = to_bert(base)
    with torch.no_grad():
        hidden = bert(input_ids=torch.tensor([TEXTS[1]])).last_hidden_state.mean(1)
        expected = torch.nn.functional.normalize(hidden, dim=-1)[0]
        assert torch.allclose(model.vectors(TEXTS)[1], expected, atol=1e-5)
