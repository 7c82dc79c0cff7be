"""The transformer layers as one function that runs without the interpreter.

A forward pass is hundreds of short operations, and after each of them Python would wait for its
global lock, which the event loop holds. TorchScript runs the whole function in one go: measured
5 % faster on a machine that does nothing else and up to 30 % where an event loop is busy. The
same function runs as ordinary Python where it cannot be compiled.
"""

import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

LayersFunction = Callable[..., Tensor]


def attend_alone(qkv: Tensor, out: Tensor, start: int, count: int, length: int, heads: int) -> None:
    """Attention of `count` texts of one length from row `start`, each by itself, into `out`.

    Nothing is copied first, and what one text needs stays in a core's cache. In float32 that is
    faster than all texts at once, from about 32 tokens on (docs/encoder.md).
    """
    width = qkv.size(1) // (3 * heads)
    for row in range(start, start + count * length, length):
        parts = qkv[row : row + length].view([length, 3, heads, width]).permute([1, 2, 0, 3])
        weights = torch.softmax(torch.bmm(parts[0], parts[1].transpose(1, 2)), -1)
        target = out[row : row + length].view([length, heads, width])
        target.copy_(torch.bmm(weights, parts[2]).transpose(0, 1))


def softmax(scores: Tensor, mask: Tensor, heads: int) -> Tensor:
    """Softmax over real tokens; scores [texts * heads, length, length], mask [texts, length]."""
    if mask.numel() > 0:
        absent = (mask == 0).repeat_interleave(heads, 0)
        scores = scores.masked_fill(absent[:, None, :], -float("inf"))
    return torch.softmax(scores, -1)


def attend(
    qkv: Tensor,
    texts: list[int],
    lengths: list[int],
    masks: list[Tensor],
    heads: int,
    alone: int,
    careful: bool,
) -> Tensor:
    """Context vectors [tokens, hidden] from queries, keys, values [tokens, 3 * hidden].

    softmax(q k') v without softmax's own passes: (exp(q k') [v 1]) and one division. The column of
    ones yields the row sums; a padding token's row of [v 1] is zero, so it has no weight. Nothing
    is subtracted before exp: scores of a sane model are far from the range's end (88), and the
    caller asks again, `careful`, where a vector is not finite. Texts of at least `alone` tokens
    in a group without padding go one by one (attend_alone); none if it is 0.
    """
    width = qkv.size(1) // (3 * heads)
    out = torch.empty([qkv.size(0), heads * width], dtype=qkv.dtype, device=qkv.device)
    start = 0
    for i in range(len(texts)):
        count, length = texts[i], lengths[i]
        end = start + count * length
        if alone > 0 and length >= alone and masks[i].numel() == 0:
            attend_alone(qkv, out, start, count, length, heads)
            start = end
            continue
        parts = qkv[start:end].view([count, length, 3, heads, width]).permute([2, 0, 3, 1, 4])
        qk = parts[:2].reshape([2, count * heads, length, width])
        v = torch.ones([count, heads, length, width + 1], dtype=qkv.dtype, device=qkv.device)
        v[:, :, :, :width] = parts[2]
        if masks[i].numel() > 0:
            v.mul_(masks[i][:, None, :, None])
        weights = torch.bmm(qk[0], qk[1].transpose(1, 2))
        weights = softmax(weights, masks[i], heads) if careful else weights.exp_()
        summed = torch.bmm(weights, v.view([-1, length, width + 1])).view(v.size())
        target = out[start:end].view([count, length, heads, width]).transpose(1, 2)
        torch.div(summed[:, :, :, :width], summed[:, :, :, width:], out=target)
        start = end
    return out


def linear(x: Tensor, weight: Tensor, bias: Tensor, packed: bool) -> Tensor:
    """X W' + b."""
    if packed:
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
        return y
    return torch.nn.functional.linear(x, weight, bias)


def linear_gelu(x: Tensor, weight: Tensor, bias: Tensor, packed: bool, fused: bool) -> Tensor:
    """The exact GELU of X W' + b; `fused` within oneDNN's product of packed weights."""
    if packed and fused:
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "gelu", [], "none")
        return y
    z: Tensor = torch.ops.aten.gelu_(linear(x, weight, bias, packed))
    return z


def linear_plus(
    x: Tensor, residual: Tensor, weight: Tensor, bias: Tensor, packed: bool, fused: bool
) -> Tensor:
    """X W' + b + residual; `fused` within oneDNN's product of packed weights."""
    if packed and fused:
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x, residual, weight, bias, "add")
        return y
    return linear(x, weight, bias, packed).add_(residual)


def layers(
    x: Tensor,
    weights: list[Tensor],
    texts: list[int],
    lengths: list[int],
    masks: list[Tensor],
    heads: int,
    eps: float,
    packed: bool,
    fused: bool,
    alone: int,
    careful: bool,
) -> Tensor:
    """Hidden states [tokens, hidden] after all layers.

    Args:
        x: hidden states [tokens, hidden] after the embedding.
        weights: per layer 12 tensors: weight and bias of query-key-value (the attention's scale
            within), attention output, its norm, up, down, the norm.
        texts: number of texts of each group.
        lengths: padded length of each group's texts.
        masks: per group [texts, length], 1 for a token and 0 for none; empty if all are tokens.
        heads: attention heads.
        eps: of the norms.
        packed: weights are in oneDNN's own order.
        fused: GELU and residual sum within oneDNN's products (which wins depends on the CPU).
        alone: texts of so many tokens attend one by one; 0 for none.
        careful: use the slower softmax that cannot overflow.
    """
    size = [x.size(1)]
    for i in range(0, len(weights), 12):
        qkv = linear(x, weights[i], weights[i + 1], packed)
        context = attend(qkv, texts, lengths, masks, heads, alone, careful)
        x = linear_plus(context, x, weights[i + 2], weights[i + 3], packed, fused)
        x = torch.layer_norm(x, size, weights[i + 4], weights[i + 5], eps)
        inner = linear_gelu(x, weights[i + 6], weights[i + 7], packed, fused)
        x = linear_plus(inner, x, weights[i + 8], weights[i + 9], packed, fused)
        x = torch.layer_norm(x, size, weights[i + 10], weights[i + 11], eps)
    return x


@lru_cache(maxsize=1)
def compiled_layers() -> LayersFunction:
    """`layers` compiled by TorchScript (some 0.3 s), or as it is where that is not possible."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch prefers its own compiler, which takes minutes
        try:
            script: Any = torch.jit.script  # type: ignore[attr-defined, unused-ignore]
            function: LayersFunction = script(layers)
            # shapes change with every batch: recording them, as torch would, only costs time
            torch._C._jit_set_profiling_executor(False)
        except (AttributeError, RuntimeError):
            return layers
    return function
