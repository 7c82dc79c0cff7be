"""A compact BERT forward pass over loaded weights: the matrix products and little else.

What transformers' general code spends its time on is left out: one fused query-key-value product,
weights packed once for oneDNN with GELU and the residual sum fused into the products, no mask is
ever built, and tokens of all texts of a batch lie one after another in one matrix
[tokens, hidden]. Texts are grouped by (nearly) equal length; only attention sees the groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from models.batching import Group

_PAD_ID: Final = 0  # any valid row: what a padding token computes is never read


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


class _Linear:
    """y = x W' + b, with GELU or a residual sum fused in where oneDNN can."""

    def __init__(self, weight: Tensor, bias: Tensor, packed: bool) -> None:
        self._bias, self._packed = bias, packed
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight) if packed else weight

    def __call__(self, x: Tensor) -> Tensor:
        if not self._packed:
            return F.linear(x, self._weight, self._bias)
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x, self._weight, self._bias, "none", [], "")
        return y

    def gelu(self, x: Tensor) -> Tensor:
        if not self._packed:
            return F.gelu(F.linear(x, self._weight, self._bias))
        y: Tensor = torch.ops.mkldnn._linear_pointwise(
            x, self._weight, self._bias, "gelu", [], "none"
        )
        return y

    def plus(self, x: Tensor, residual: Tensor) -> Tensor:
        if not self._packed:
            return F.linear(x, self._weight, self._bias).add_(residual)
        y: Tensor = torch.ops.mkldnn._linear_pointwise.binary(
            x, residual, self._weight, self._bias, "add"
        )
        return y


@dataclass(frozen=True, slots=True)
class _Layer:
    qkv: _Linear
    attention_out: _Linear
    attention_norm: tuple[Tensor, Tensor]
    up: _Linear
    down: _Linear
    norm: tuple[Tensor, Tensor]


class CompactBert:
    """The forward pass; weights are prepared once for one precision and device."""

    def __init__(self, weights: BertWeights, dtype: torch.dtype, device: str = "cpu") -> None:
        self.dtype, self.device, self.hidden = dtype, device, weights.hidden
        self._heads, self._eps = weights.heads, weights.eps
        self._width = weights.hidden // weights.heads
        self._packed = device == "cpu" and torch._C._has_mkldnn
        t = weights.tensors
        self._word = t["embeddings.word_embeddings.weight"].to(device)
        kind = t["embeddings.token_type_embeddings.weight"][0]
        position = t["embeddings.position_embeddings.weight"] + kind
        self._position = position.to(device, torch.float32)
        self._norm = self._norm_of(t, "embeddings.LayerNorm", torch.float32)
        self._layers = [self._layer(t, f"encoder.layer.{i}") for i in range(weights.layers)]

    def _norm_of(
        self, t: dict[str, Tensor], name: str, dtype: torch.dtype
    ) -> tuple[Tensor, Tensor]:
        weight, bias = t[f"{name}.weight"], t[f"{name}.bias"]
        return weight.to(self.device, dtype), bias.to(self.device, dtype)

    def _layer(self, t: dict[str, Tensor], at: str) -> _Layer:
        def linear(weight: Tensor, bias: Tensor) -> _Linear:
            place = (self.device, self.dtype)
            return _Linear(weight.to(*place), bias.to(*place), self._packed)

        def named(name: str) -> _Linear:
            return linear(t[f"{at}.{name}.weight"], t[f"{at}.{name}.bias"])

        # the attention's scale goes into the query's weights: one pass over the scores less
        scale = self._width**-0.5
        parts = (("query", scale), ("key", 1.0), ("value", 1.0))
        weights = [t[f"{at}.attention.self.{p}.weight"].float() * s for p, s in parts]
        biases = [t[f"{at}.attention.self.{p}.bias"].float() * s for p, s in parts]
        return _Layer(
            qkv=linear(torch.cat(weights), torch.cat(biases)),
            attention_out=named("attention.output.dense"),
            attention_norm=self._norm_of(t, f"{at}.attention.output.LayerNorm", self.dtype),
            up=named("intermediate.dense"),
            down=named("output.dense"),
            norm=self._norm_of(t, f"{at}.output.LayerNorm", self.dtype),
        )

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
        x, masks = self._embed(sequences, groups)
        for layer in self._layers:
            x = self._block(x, layer, groups, masks, careful)
        return self._pool(x, groups, masks).cpu()

    def _embed(
        self, sequences: Sequence[Sequence[int]], groups: Sequence[Group]
    ) -> tuple[Tensor, list[Tensor | None]]:
        """Hidden states [tokens, hidden], and per group [texts, length] 1 = token, 0 = none."""
        ids: list[int] = []
        masks: list[Tensor | None] = []
        at = 0
        for group in groups:
            rows = sequences[at : at + group.texts]
            at += group.texts
            for row in rows:
                ids.extend(row)
                ids.extend([_PAD_ID] * (group.length - len(row)))
            lengths = torch.tensor([len(row) for row in rows], device=self.device)
            padded = bool((lengths < group.length).any())
            steps = torch.arange(group.length, device=self.device)
            masks.append((steps < lengths[:, None]).to(self.dtype) if padded else None)
        places = [self._position[: g.length].repeat(g.texts, 1) for g in groups]
        words = F.embedding(torch.tensor(ids, device=self.device), self._word)
        x = torch.cat(places).add_(words)
        return F.layer_norm(x, (self.hidden,), *self._norm, self._eps).to(self.dtype), masks

    def _block(
        self,
        x: Tensor,
        layer: _Layer,
        groups: Sequence[Group],
        masks: Sequence[Tensor | None],
        careful: bool,
    ) -> Tensor:
        size = (self.hidden,)
        context = self._attend(layer.qkv(x), groups, masks, careful)
        x = F.layer_norm(
            layer.attention_out.plus(context, x), size, *layer.attention_norm, self._eps
        )
        x = layer.down.plus(layer.up.gelu(x), x)
        return F.layer_norm(x, size, *layer.norm, self._eps)

    def _attend(
        self,
        qkv: Tensor,
        groups: Sequence[Group],
        masks: Sequence[Tensor | None],
        careful: bool,
    ) -> Tensor:
        """Context vectors [tokens, hidden] from queries, keys, values [tokens, 3 * hidden]."""
        out = qkv.new_empty(len(qkv), self.hidden)
        at = 0
        for group, mask in zip(groups, masks, strict=True):
            end = at + group.tokens
            self._attend_group(qkv[at:end], group, mask, out[at:end], careful)
            at = end
        return out

    def _attend_group(
        self, qkv: Tensor, group: Group, mask: Tensor | None, out: Tensor, careful: bool
    ) -> None:
        """softmax(q k') v without softmax's own passes: (exp(q k') [v 1]) and one division.

        The column of ones yields the row sums; a padding token's row of [v 1] is zero, so it has
        no weight. Nothing is subtracted before exp: scores of a sane model are far from the
        range's end (88), and the caller asks again, `careful`, where a vector is not finite.
        """
        texts, length, heads, width = group.texts, group.length, self._heads, self._width
        parts = qkv.view(texts, length, 3, heads, width).permute(2, 0, 3, 1, 4)
        q, k = parts[:2].reshape(2, texts * heads, length, width)
        v = qkv.new_empty(texts, heads, length, width + 1)
        v[..., width] = 1.0
        v[..., :width] = parts[2]
        if mask is not None:
            v *= mask[:, None, :, None]
        weights = torch.bmm(q, k.transpose(1, 2))
        weights = _softmax(weights, mask, heads) if careful else weights.exp_()
        summed = torch.bmm(weights, v.view(-1, length, width + 1)).view(v.shape)
        target = out.view(texts, length, heads, width).transpose(1, 2)
        torch.div(summed[..., :width], summed[..., width:], out=target)

    def _pool(self, x: Tensor, groups: Sequence[Group], masks: Sequence[Tensor | None]) -> Tensor:
        parts = []
        at = 0
        for group, mask in zip(groups, masks, strict=True):
            states = x[at : at + group.tokens].view(group.texts, group.length, -1).float()
            if mask is not None:
                states = states * mask[..., None]
            parts.append(states.sum(1))  # the norm that follows makes the mean of the sum
            at += group.tokens
        return F.normalize(torch.cat(parts), dim=-1)


def _softmax(scores: Tensor, mask: Tensor | None, heads: int) -> Tensor:
    """Softmax over real tokens; scores [texts * heads, length, length], mask [texts, length]."""
    if mask is not None:
        absent = (mask == 0).repeat_interleave(heads, 0)
        scores = scores.masked_fill(absent[:, None, :], -torch.inf)
    return torch.softmax(scores, -1)
