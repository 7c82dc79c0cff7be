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
    careful: bool,
) -> Tensor:
    """Context vectors [tokens, hidden] from queries, keys, values [tokens, 3 * hidden].

    softmax(q k') v without softmax's own passes: (exp(q k') [v 1]) and one division. The column of
    ones yields the row sums; a padding token's row of [v 1] is zero, so it has no weight. Nothing
    is subtracted before exp: scores of a sane model are far from the range's end (88), and the
    caller asks again, `careful`, where a vector is not finite.
    """
    width = qkv.size(1) // (3 * heads)
    out = torch.empty([qkv.size(0), heads * width], dtype=qkv.dtype, device=qkv.device)
    start = 0
    for i in range(len(texts)):
        count, length = texts[i], lengths[i]
        end = start + count * length
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


def linear_gelu(x: Tensor, weight: Tensor, bias: Tensor, packed: bool) -> Tensor:
    """The exact GELU of X W' + b, in one pass where oneDNN packed the weights."""
    if packed:
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "gelu", [], "none")
        return y
    return torch.nn.functional.gelu(torch.nn.functional.linear(x, weight, bias))


def linear_plus(x: Tensor, residual: Tensor, weight: Tensor, bias: Tensor, packed: bool) -> Tensor:
    """X W' + b + residual, in one pass where oneDNN packed the weights."""
    if packed:
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x, residual, weight, bias, "add")
        return y
    return torch.nn.functional.linear(x, weight, bias).add_(residual)


def layers(
    x: Tensor,
    weights: list[Tensor],
    texts: list[int],
    lengths: list[int],
    masks: list[Tensor],
    heads: int,
    eps: float,
    packed: bool,
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
        careful: use the slower softmax that cannot overflow.
    """
    size = [x.size(1)]
    for i in range(0, len(weights), 12):
        qkv = linear(x, weights[i], weights[i + 1], packed)
        context = attend(qkv, texts, lengths, masks, heads, careful)
        x = linear_plus(context, x, weights[i + 2], weights[i + 3], packed)
        x = torch.layer_norm(x, size, weights[i + 4], weights[i + 5], eps)
        inner = linear_gelu(x, weights[i + 6], weights[i + 7], packed)
        x = linear_plus(inner, x, weights[i + 8], weights[i + 9], packed)
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
