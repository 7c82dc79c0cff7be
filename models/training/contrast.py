"""The loss that draws a query to its passage: InfoNCE over a batch (Oord and others 2018)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def contrast(
    queries: Tensor,
    passages: Tensor,
    temperature: float,
    alike: bool,
    right: Tensor | None = None,
) -> Tensor:
    """InfoNCE in both directions; row i of one belongs to row i of the other.

    Args:
        queries, passages: Unit vectors, [n, hidden].
        temperature: Of the softmax.
        alike: Also take queries as negatives of queries and passages of passages (the improved
            loss of Li and others 2023, GTE, equation 2).
        right: Which passages answer a query too and so are no negatives of it, bool [n, n].
    """
    own = torch.eye(len(queries), dtype=torch.bool, device=queries.device)
    across = queries @ passages.T / temperature
    if right is not None:
        right = right.to(queries.device)
        across = across.masked_fill((right | right.T) & ~own, -torch.inf)
    forward, backward = across, across.T
    if alike:
        forward = torch.cat([across, _others(queries, own, temperature)], dim=1)
        backward = torch.cat([across.T, _others(passages, own, temperature)], dim=1)
    labels = torch.arange(len(queries), device=queries.device)
    return (F.cross_entropy(forward, labels) + F.cross_entropy(backward, labels)) / 2


def _others(vectors: Tensor, own: Tensor, temperature: float) -> Tensor:
    return (vectors @ vectors.T / temperature).masked_fill(own, -torch.inf)
