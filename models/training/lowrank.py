"""A BERT encoder of which only low-rank adapters learn, made for few cores.

The frozen weights are merged with the adapters once a step, W' = W + (alpha / r) B A (Hu 2021), so
a layer costs one product forward and one backward; the gradients of A and B follow from the same
two matrices. Tokens of all texts lie one after another in one matrix; only attention sees groups of
like length. Against peft on transformers under autocast this is several times faster on a CPU
(docs/training.md); the files written are peft's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import orjson
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from models.adapter import CONFIG, PREFIX, WEIGHTS
from models.batching import Group, plan
from models.forward import BertWeights

BUDGET: Final = 2048  # tokens a forward pass: what stays in the caches of the CPUs measured
_ATTENTION: Final = ("attention.self.query", "attention.self.key", "attention.self.value")
_OTHERS: Final = ("attention.output.dense", "intermediate.dense", "output.dense")


class _Adapted(torch.autograd.Function):
    """X W' + b with W' merged from adapters; gradients for x and for the adapters alone."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, scale: float,
                *adapters: Tensor) -> Tensor:  # fmt: skip
        ctx.save_for_backward(x, weight, *adapters)
        ctx.scale = scale
        return F.linear(x, weight, bias)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Any, ...]:
        (grad,) = grads
        x, weight, *adapters = ctx.saved_tensors
        below = grad @ weight if ctx.needs_input_grad[0] else None
        count = len(adapters) // 2
        out: list[Tensor] = []
        for part, down, up in zip(
            grad.chunk(count, dim=1), adapters[::2], adapters[1::2], strict=True
        ):
            # products with the adapters' rank as one side: cheap beside `below`
            out.append(((part @ up.to(part.dtype)).T @ x).float() * ctx.scale)
            out.append((part.T @ (x @ down.to(x.dtype).T)).float() * ctx.scale)
        return below, None, None, None, *out


class LowRankBert:
    """Vectors with gradients.

    Args:
        weights: Of the base encoder; not changed.
        rank, alpha: Of the adapters; what they add is scaled by alpha / rank.
        dtype: Of products and activations; adapters are float32 always.
        device: cpu or cuda.
        upper: How many of the upper layers learn; 0 for all.
        generator: Source of the adapters' first values.

    Attributes:
        parameters: Names of linear layers with ``lora_A`` and ``lora_B``, and their tensors.
    """

    def __init__(
        self,
        weights: BertWeights,
        rank: int,
        alpha: int,
        dtype: torch.dtype,
        device: str,
        upper: int,
        generator: torch.Generator,
    ) -> None:
        self._shape, self._rank, self._alpha = weights, rank, alpha
        self._dtype, self._device = dtype, device
        self._frozen = {n: t.to(device) for n, t in weights.tensors.items()}
        self._first = weights.layers - (upper or weights.layers)
        self.parameters: dict[str, Tensor] = {}
        for layer in range(self._first, weights.layers):
            for part in (*_ATTENTION, *_OTHERS):
                name = f"encoder.layer.{layer}.{part}"
                out, inner = self._frozen[f"{name}.weight"].shape
                down = torch.rand(rank, inner, generator=generator) * 2 - 1
                first = {"lora_A": down / math.sqrt(inner), "lora_B": torch.zeros(out, rank)}
                for kind, tensor in first.items():
                    self.parameters[f"{name}.{kind}"] = tensor.to(device).requires_grad_()
        self._ready: list[list[tuple[Tensor, Tensor, list[Tensor]]]] = []
        self.refresh()

    def refresh(self) -> None:
        """Merge the adapters as they are now; to be called after each step of the optimiser."""
        with torch.no_grad():
            first = self._first if self._ready else 0
            self._ready[first:] = [
                [self._merge(layer, _ATTENTION), *(self._merge(layer, (p,)) for p in _OTHERS)]
                for layer in range(first, self._shape.layers)
            ]

    def _merge(self, layer: int, parts: Sequence[str]) -> tuple[Tensor, Tensor, list[Tensor]]:
        merged, biases, adapters = [], [], []
        for name in (f"encoder.layer.{layer}.{part}" for part in parts):
            weight = self._frozen[f"{name}.weight"].float()
            if layer >= self._first:
                down, up = (self.parameters[f"{name}.lora_{kind}"] for kind in "AB")
                weight = torch.addmm(weight, up, down, alpha=self._alpha / self._rank)
                adapters += [down, up]
            merged.append(weight)
            biases.append(self._frozen[f"{name}.bias"])
        return torch.cat(merged).to(self._dtype), torch.cat(biases).to(self._dtype), adapters

    def vectors(self, sequences: Sequence[Sequence[int]]) -> Tensor:
        """Mean-pooled, L2-normalised vectors, float32 [texts, hidden]."""
        parts, order = [], []
        for batch in plan([len(row) for row in sequences], BUDGET):
            parts.append(self._forward([sequences[i] for i in batch.texts], batch.groups))
            order += batch.texts
        back = torch.empty(len(order), dtype=torch.long)
        back[torch.tensor(order)] = torch.arange(len(order))
        return F.normalize(torch.cat(parts)[back.to(self._device)], dim=-1)

    def _forward(self, rows: Sequence[Sequence[int]], groups: Sequence[Group]) -> Tensor:
        lengths = [len(row) for row in rows]
        widths = [g.length for g in groups for _ in range(g.texts)]
        ids: list[int] = []
        places: list[int] = []
        for row, width in zip(rows, widths, strict=True):
            ids += [*row, *[1] * (width - len(row))]
            places += range(width)
        with torch.no_grad():
            x = self._embed(torch.tensor(ids), torch.tensor(places))
        masks, at = [], 0
        for g in groups:
            own = torch.tensor(lengths[at : at + g.texts], device=self._device)
            masks.append(torch.arange(g.length, device=self._device) < own[:, None])
            at += g.texts
        for layer in range(self._shape.layers):
            with torch.set_grad_enabled(torch.is_grad_enabled() and layer >= self._first):
                x = self._layer(x, layer, groups, masks)
        pooled, at = [], 0
        for g, mask in zip(groups, masks, strict=True):
            states = x[at : at + g.tokens].view(g.texts, g.length, -1).float()
            pooled.append((states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True))
            at += g.tokens
        return torch.cat(pooled)

    def _embed(self, ids: Tensor, places: Tensor) -> Tensor:
        t = self._frozen
        kind = t["embeddings.token_type_embeddings.weight"][0].float()
        words = t["embeddings.word_embeddings.weight"][ids.to(self._device)].float()
        where = t["embeddings.position_embeddings.weight"][places.to(self._device)].float()
        return self._norm((words + where + kind).to(self._dtype), "embeddings.LayerNorm")

    def _norm(self, x: Tensor, name: str) -> Tensor:
        weight, bias = (self._frozen[f"{name}.{p}"].to(self._dtype) for p in ("weight", "bias"))
        return F.layer_norm(x, (x.shape[1],), weight, bias, self._shape.eps)

    def _layer(
        self, x: Tensor, layer: int, groups: Sequence[Group], masks: Sequence[Tensor]
    ) -> Tensor:
        qkv, out, up, down = self._ready[layer]
        at = f"encoder.layer.{layer}"
        seen = self._attend(self._linear(x, qkv), groups, masks)
        x = self._norm(self._linear(seen, out) + x, f"{at}.attention.output.LayerNorm")
        inner = F.gelu(self._linear(x, up))
        return self._norm(self._linear(inner, down) + x, f"{at}.output.LayerNorm")

    def _linear(self, x: Tensor, merged: tuple[Tensor, Tensor, list[Tensor]]) -> Tensor:
        weight, bias, adapters = merged
        found: Tensor = _Adapted.apply(  # type: ignore[no-untyped-call]
            x, weight, bias, self._alpha / self._rank, *adapters
        )
        return found

    def _attend(self, qkv: Tensor, groups: Sequence[Group], masks: Sequence[Tensor]) -> Tensor:
        heads, out, at = self._shape.heads, [], 0
        for g, mask in zip(groups, masks, strict=True):
            part = qkv[at : at + g.tokens].view(g.texts, g.length, 3, heads, -1)
            q, k, v = part.permute(2, 0, 3, 1, 4)
            scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[3])
            if not bool(mask.all()):
                scores = scores.masked_fill(~mask[:, None, None], -math.inf)
            seen = torch.softmax(scores, -1) @ v
            out.append(seen.transpose(1, 2).reshape(g.tokens, -1))
            at += g.tokens
        return torch.cat(out)

    def save(self, folder: Path, source: str) -> None:
        """Write the adapters in float16 as peft does."""
        folder.mkdir(parents=True, exist_ok=True)
        half = {
            f"{PREFIX}{name}.weight": tensor.detach().half().cpu().contiguous()
            for name, tensor in self.parameters.items()
        }
        save_file(half, folder / WEIGHTS, metadata={"format": "pt"})
        config = {
            "peft_type": "LORA",
            "task_type": "FEATURE_EXTRACTION",
            "base_model_name_or_path": source,
            "r": self._rank,
            "lora_alpha": self._alpha,
            "lora_dropout": 0.0,
            "bias": "none",
            "inference_mode": True,
            "target_modules": [*(p.rpartition(".")[2] for p in _ATTENTION), *_OTHERS],
            "layers_to_transform": list(range(self._first, self._shape.layers)),
        }
        (folder / CONFIG).write_bytes(orjson.dumps(config, option=orjson.OPT_INDENT_2))
