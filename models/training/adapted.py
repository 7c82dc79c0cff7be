"""A linear layer with its adapters merged in, and the gradients that training needs of it."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


class Adapted(torch.autograd.Function):
    """X W' + b with W' merged from adapters; gradients for x and for the adapters alone."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, scale: float,
                *adapters: Tensor) -> Tensor:  # fmt: skip
        """Rows [n, out] from x [n, in]; adapters: A [r, in] and B [out / k, r] of each of k parts.

        A weight [out, in] may be of several layers one above the other (query, key, value); the
        adapters are those of each in turn, or none.
        """
        ctx.save_for_backward(x, weight, *adapters)
        ctx.scale = scale
        return F.linear(x, weight, bias)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Any, ...]:
        """Gradients for x, if it wants one, and for the adapters."""
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
