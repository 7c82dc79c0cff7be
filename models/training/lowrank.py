"""A BERT encoder of which only low-rank adapters learn, made for few cores.

The frozen weights are merged with the adapters once a step, W' = W + (alpha / r) B A (Hu 2021), so
a layer costs one product forward and one backward; the gradients of A and B follow from the same
two matrices. Tokens of all texts lie one after another in one matrix; only attention sees groups of
like length, and each core works on a batch of its own. Against peft on transformers under autocast
this is about twice as fast on a CPU (docs/training.md); the files written are peft's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import orjson
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from models.encoding.adapter import CONFIG, PREFIX, WEIGHTS
from models.encoding.batching import Batch, Group, plan
from models.encoding.forward import BertWeights
from models.hardware.streams import Streams
from models.training.adapted import Adapted

BUDGET: Final = 1024  # tokens a forward pass: what stays in the caches of the CPUs measured
_ATTENTION: Final = ("attention.self.query", "attention.self.key", "attention.self.value")
_OTHERS: Final = ("attention.output.dense", "intermediate.dense", "output.dense")


class LowRankBert:
    """Vectors with gradients.

    Args:
        weights: Of the base encoder; not changed.
        rank, alpha: Of the adapters; what they add is scaled by alpha / rank.
        dtype: Of products and activations; adapters are float32 always.
        device: cpu or cuda.
        upper: How many of the upper layers learn; 0 for all.
        generator: Source of the adapters' first values.
        cores: How many batches are computed at a time, each on one core.

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
        cores: int = 1,
    ) -> None:
        self._streams = Streams(cores, 1, "train")
        self._shape, self._rank, self._alpha = weights, rank, alpha
        self._dtype, self._device = dtype, device
        self._frozen = {n: t.to(device) for n, t in weights.tensors.items()}
        self._words = weights.words.whole().to(device)
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
        """Mean-pooled, L2-normalised vectors, float32 [texts, hidden], without gradients."""
        return torch.cat(self._parts(sequences, learn=False)[0])[_back(self._plan(sequences))]

    def gradients(
        self, sequences: Sequence[Sequence[int]], loss: Callable[[Tensor], Tensor]
    ) -> float:
        """Set the gradient of every parameter; returns the loss.

        The loss sees all vectors at once; batches go forward and backward one by one (Gao and
        others 2021, without computing them twice), and are summed in their order, so that the
        same seed gives the same numbers.

        Args:
            sequences: Token ids of texts.
            loss: Of vectors, [texts, hidden].
        """
        parts, batches = self._parts(sequences, learn=True)
        whole = torch.cat([part.detach() for part in parts]).requires_grad_()
        found = loss(whole[_back(batches)])
        (above,) = torch.autograd.grad(found, whole)
        learned = list(self.parameters.values())
        pieces = torch.split(above, [len(part) for part in parts])

        def backward(at: int) -> tuple[Tensor, ...]:
            return torch.autograd.grad(parts[at], learned, pieces[at])

        for at, grads in enumerate(self._streams.map(backward, range(len(parts)))):
            for tensor, grad in zip(learned, grads, strict=True):
                tensor.grad = grad if at == 0 or tensor.grad is None else tensor.grad + grad
        return float(found.detach())

    def _plan(self, sequences: Sequence[Sequence[int]]) -> list[Batch]:
        return plan([len(row) for row in sequences], BUDGET, self._streams.count)

    def _parts(
        self, sequences: Sequence[Sequence[int]], learn: bool
    ) -> tuple[list[Tensor], list[Batch]]:
        def forward(batch: Batch) -> Tensor:
            with torch.set_grad_enabled(learn):
                rows = [sequences[i] for i in batch.texts]
                return F.normalize(self._forward(rows, batch.groups), dim=-1)

        batches = self._plan(sequences)
        return self._streams.map(forward, batches), batches

    def _forward(self, rows: Sequence[Sequence[int]], groups: Sequence[Group]) -> Tensor:
        x, masks = self._states(rows, groups)
        return pooled(x, groups, masks)

    def _states(
        self, rows: Sequence[Sequence[int]], groups: Sequence[Group]
    ) -> tuple[Tensor, list[Tensor]]:
        """Hidden states [tokens, hidden], and per group which of them are tokens."""
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
        return x, masks

    def _embed(self, ids: Tensor, places: Tensor) -> Tensor:
        t = self._frozen
        kind = t["embeddings.token_type_embeddings.weight"][0].float()
        words = self._words[ids.to(self._device)].float()
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
        found: Tensor = Adapted.apply(  # type: ignore[no-untyped-call]
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

    def close(self) -> None:
        """Stop the threads."""
        self._streams.close()


def pooled(x: Tensor, groups: Sequence[Group], masks: Sequence[Tensor]) -> Tensor:
    """Means over the tokens of each text, [texts, hidden]."""
    found, at = [], 0
    for g, mask in zip(groups, masks, strict=True):
        states = x[at : at + g.tokens].view(g.texts, g.length, -1).float()
        found.append((states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True))
        at += g.tokens
    return torch.cat(found)


def _back(batches: Sequence[Batch]) -> Tensor:
    """Where each text's vector lies among those of the batches one after another."""
    return torch.argsort(torch.tensor([i for batch in batches for i in batch.texts]))
