"""A compact BERT forward pass over loaded weights, without padding between texts.

Tokens of all texts of a batch lie one after another in one matrix [tokens, hidden], so that the
linear layers never see padding; attention runs over groups of texts of (nearly) equal length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True, slots=True)
class BertWeights:
    """Weights of a BERT encoder under transformers' ``BertModel`` names (no pooler)."""

    tensors: dict[str, Tensor]
    hidden: int
    layers: int
    heads: int
    intermediate: int
    eps: float
    max_positions: int


@dataclass(frozen=True, slots=True)
class _Layer:
    qkv: tuple[Tensor, Tensor]
    attention_out: tuple[Tensor, Tensor]
    attention_norm: tuple[Tensor, Tensor]
    up: tuple[Tensor, Tensor]
    down: tuple[Tensor, Tensor]
    norm: tuple[Tensor, Tensor]


class CompactBert:
    """The forward pass; weights are prepared once for one precision and device."""

    def __init__(self, weights: BertWeights, dtype: torch.dtype, device: str = "cpu") -> None:
        self.dtype, self.device = dtype, device
        self._hidden, self._heads, self._eps = weights.hidden, weights.heads, weights.eps
        t = weights.tensors
        self._word = t["embeddings.word_embeddings.weight"]
        positions = t["embeddings.position_embeddings.weight"].float()
        kind = t["embeddings.token_type_embeddings.weight"].float()[0]
        self._position = (positions + kind).to(device)
        self._norm = tuple(
            t[f"embeddings.LayerNorm.{k}"].float().to(device) for k in ("weight", "bias")
        )
        self._layers = [self._layer(t, f"encoder.layer.{i}") for i in range(weights.layers)]

    def _layer(self, t: dict[str, Tensor], at: str) -> _Layer:
        def pair(*names: str) -> tuple[Tensor, Tensor]:
            weight = torch.cat([t[f"{at}.{n}.weight"] for n in names])
            bias = torch.cat([t[f"{at}.{n}.bias"] for n in names])
            return weight.to(self.device, self.dtype), bias.to(self.device, self.dtype)

        return _Layer(
            qkv=pair("attention.self.query", "attention.self.key", "attention.self.value"),
            attention_out=pair("attention.output.dense"),
            attention_norm=pair("attention.output.LayerNorm"),
            up=pair("intermediate.dense"),
            down=pair("output.dense"),
            norm=pair("output.LayerNorm"),
        )

    @torch.inference_mode()
    def __call__(self, sequences: Sequence[Sequence[int]]) -> Tensor:
        """Mean-pooled, L2-normalised vectors, float32 [len(sequences), hidden]."""
        lengths = [len(s) for s in sequences]
        ids = torch.tensor([i for s in sequences for i in s], dtype=torch.long)
        places = torch.cat([torch.arange(n) for n in lengths])
        x = self._word[ids].to(self.device, torch.float32) + self._position[places]
        x = F.layer_norm(x, (self._hidden,), *self._norm, eps=self._eps).to(self.dtype)
        for layer in self._layers:
            x = self._block(x, layer, lengths)
        sums = [part.float().mean(0) for part in x.split(lengths)]
        return F.normalize(torch.stack(sums), dim=-1).cpu()

    def _block(self, x: Tensor, layer: _Layer, lengths: list[int]) -> Tensor:
        size = (self._hidden,)
        qkv = F.linear(x, *layer.qkv).view(len(x), 3, self._heads, -1)
        parts = []
        for part in qkv.split(lengths):
            q, k, v = part.permute(1, 2, 0, 3).unsqueeze(1)
            out = F.scaled_dot_product_attention(q, k, v)
            parts.append(out[0].transpose(0, 1).reshape(-1, self._hidden))
        x = x + F.linear(torch.cat(parts), *layer.attention_out)
        x = F.layer_norm(x, size, *layer.attention_norm, eps=self._eps)
        y = F.linear(F.gelu(F.linear(x, *layer.up)), *layer.down)
        return F.layer_norm(x + y, size, *layer.norm, eps=self._eps)
