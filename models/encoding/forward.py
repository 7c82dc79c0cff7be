"""A compact BERT forward pass over loaded weights: the matrix products and little else.

What transformers' general code spends its time on is left out: one fused query-key-value product,
weights packed once for oneDNN, GELU and the residual sum fused into the products where that wins,
no mask is built for texts of equal length, and tokens of all texts of a batch lie one after another
in one matrix [tokens, hidden]. Texts are grouped by (nearly) equal length; only attention sees the
groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from models.encoding.batching import GROUP_COST, Group
from models.encoding.layers import compiled_layers
from models.encoding.words import PlainWords, Words
from models.hardware.cpu import packs

_ALONE: Final = 32  # tokens from which a text attends by itself in float32 on a CPU
_PAD_ID: Final = 0  # any valid row: what a padding token computes is never read


@dataclass(frozen=True, slots=True)
class BertWeights:
    """Weights of a BERT encoder under transformers' ``BertModel`` names (no pooler).

    The vocabulary's embeddings are apart from the tensors.
    """

    tensors: dict[str, Tensor]
    words: Words
    hidden: int
    layers: int
    heads: int
    intermediate: int
    eps: float
    max_positions: int


class CompactBert:
    """The forward pass; weights are prepared once for one precision and device.

    Args:
        weights: of the encoder.
        dtype: precision of weights and hidden states.
        device: cpu or cuda.
        packed: let oneDNN multiply; None where it can.
        fused: let oneDNN compute GELU and residual sum within its products.

    Attributes:
        group_cost: what one more group costs, in tokens (see batching.group).
    """

    def __init__(
        self,
        weights: BertWeights,
        dtype: torch.dtype,
        device: str = "cpu",
        packed: bool | None = None,
        fused: bool = True,
    ) -> None:
        self.dtype, self.device, self.hidden = dtype, device, weights.hidden
        self._heads, self._eps = weights.heads, weights.eps
        self._packed = device == "cpu" and (packs(dtype) if packed is None else packed)
        self._fused = fused
        # texts that attend by themselves gain nothing from being padded to one length
        self._alone = _ALONE if device == "cpu" and dtype == torch.float32 else 0
        self.group_cost = 0 if self._alone else GROUP_COST
        t = weights.tensors
        self._words = (
            weights.words if device == "cpu" else PlainWords(weights.words.whole().to(device))
        )
        kind = t["embeddings.token_type_embeddings.weight"][0]
        position = t["embeddings.position_embeddings.weight"] + kind
        self._position = position.to(device, torch.float32)
        self._norm = self._pair(t, "embeddings.LayerNorm", torch.float32)
        self._weights = [
            tensor
            for i in range(weights.layers)
            for tensor in self._layer(t, f"encoder.layer.{i}", weights.hidden // weights.heads)
        ]
        self._layers = compiled_layers()
        self._no_mask = torch.empty(0, dtype=dtype, device=device)

    def _pair(self, t: dict[str, Tensor], name: str, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        weight, bias = t[f"{name}.weight"], t[f"{name}.bias"]
        return weight.to(self.device, dtype), bias.to(self.device, dtype)

    def _layer(self, t: dict[str, Tensor], at: str, width: int) -> list[Tensor]:
        """The layer's tensors in the order that layers.layers wants."""
        # the attention's scale goes into the query's weights: one pass over the scores less
        parts = (("query", width**-0.5), ("key", 1.0), ("value", 1.0))
        names = [(f"{at}.attention.self.{part}", scale) for part, scale in parts]
        weight = torch.cat([t[f"{name}.weight"].float() * scale for name, scale in names])
        bias = torch.cat([t[f"{name}.bias"].float() * scale for name, scale in names])
        return [
            self._pack(weight.to(self.device, self.dtype)),
            bias.to(self.device, self.dtype),
            *self._linear(t, f"{at}.attention.output.dense"),
            *self._pair(t, f"{at}.attention.output.LayerNorm", self.dtype),
            *self._linear(t, f"{at}.intermediate.dense"),
            *self._linear(t, f"{at}.output.dense"),
            *self._pair(t, f"{at}.output.LayerNorm", self.dtype),
        ]

    def _linear(self, t: dict[str, Tensor], name: str) -> tuple[Tensor, Tensor]:
        weight, bias = self._pair(t, name, self.dtype)
        return self._pack(weight), bias

    def _pack(self, weight: Tensor) -> Tensor:
        if not self._packed:
            return weight
        packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight)
        return packed

    @torch.inference_mode()
    def __call__(
        self, sequences: Sequence[Sequence[int]], groups: Sequence[Group], careful: bool = False
    ) -> Tensor:
        """Mean-pooled, L2-normalised vectors, float32 [texts, hidden], on the CPU.

        Args:
            sequences: token ids of each text, in the groups' order.
            groups: how consecutive texts share a padded length (see batching.plan).
            careful: use the slower softmax that cannot overflow.
        """
        x, masks = self._run(sequences, groups, careful)
        return self._pool(x, groups, masks).cpu()

    @torch.inference_mode()
    def states(self, sequences: Sequence[Sequence[int]], groups: Sequence[Group]) -> Tensor:
        """Last hidden states [tokens, hidden], those of padding among them."""
        return self._run(sequences, groups, careful=False)[0]

    def _run(
        self, sequences: Sequence[Sequence[int]], groups: Sequence[Group], careful: bool
    ) -> tuple[Tensor, list[Tensor]]:
        x, masks = self._embed(sequences, groups)
        texts, lengths = [g.texts for g in groups], [g.length for g in groups]
        x = self._layers(
            x,
            self._weights,
            texts,
            lengths,
            masks,
            self._heads,
            self._eps,
            self._packed,
            self._fused,
            self._alone,
            careful,
        )
        return x, masks

    def _embed(
        self, sequences: Sequence[Sequence[int]], groups: Sequence[Group]
    ) -> tuple[Tensor, list[Tensor]]:
        """Hidden states [tokens, hidden], and per group [texts, length] 1 = token, 0 = none."""
        ids: list[int] = []
        masks: list[Tensor] = []
        at = 0
        for group in groups:
            rows = sequences[at : at + group.texts]
            at += group.texts
            for row in rows:
                ids.extend(row)
                ids.extend([_PAD_ID] * (group.length - len(row)))
            if all(len(row) == group.length for row in rows):
                masks.append(self._no_mask)
                continue
            lengths = torch.tensor([len(row) for row in rows], device=self.device)
            steps = torch.arange(group.length, device=self.device)
            masks.append((steps < lengths[:, None]).to(self.dtype))
        places = [self._position[: g.length].repeat(g.texts, 1) for g in groups]
        words = self._words.rows(torch.tensor(ids, device=self.device))
        x = torch.cat(places).add_(words)
        return F.layer_norm(x, (self.hidden,), *self._norm, self._eps).to(self.dtype), masks

    def _pool(self, x: Tensor, groups: Sequence[Group], masks: Sequence[Tensor]) -> Tensor:
        parts = []
        at = 0
        for group, mask in zip(groups, masks, strict=True):
            states = x[at : at + group.tokens].view(group.texts, group.length, -1).float()
            if len(mask):
                states = states * mask[..., None]
            parts.append(states.sum(1))  # the norm that follows makes the mean of the sum
            at += group.tokens
        return F.normalize(torch.cat(parts), dim=-1)
