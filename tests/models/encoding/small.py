"""Weights of a BERT so small that its forward pass costs nothing."""

from __future__ import annotations

import torch

from models.encoding.forward import BertWeights
from models.encoding.words import WORDS, PlainWords

_HIDDEN, _INNER, _WORDS, _POSITIONS = 32, 64, 60, 64


def weights() -> BertWeights:
    """One layer of random numbers, the same at every call."""
    shapes = {
        WORDS: (_WORDS, _HIDDEN),
        "embeddings.position_embeddings.weight": (_POSITIONS, _HIDDEN),
        "embeddings.token_type_embeddings.weight": (1, _HIDDEN),
    }
    at = "encoder.layer.0"
    linears = {
        f"{at}.attention.self.query": (_HIDDEN, _HIDDEN),
        f"{at}.attention.self.key": (_HIDDEN, _HIDDEN),
        f"{at}.attention.self.value": (_HIDDEN, _HIDDEN),
        f"{at}.attention.output.dense": (_HIDDEN, _HIDDEN),
        f"{at}.intermediate.dense": (_INNER, _HIDDEN),
        f"{at}.output.dense": (_HIDDEN, _INNER),
    }
    norms = ("embeddings", f"{at}.attention.output", f"{at}.output")
    generator = torch.Generator().manual_seed(1)
    tensors = {name: torch.randn(*shape, generator=generator) for name, shape in shapes.items()}
    for name, (out, inner) in linears.items():
        tensors[f"{name}.weight"] = 0.1 * torch.randn(out, inner, generator=generator)
        tensors[f"{name}.bias"] = torch.zeros(out)
    for name in norms:
        tensors[f"{name}.LayerNorm.weight"] = torch.ones(_HIDDEN)
        tensors[f"{name}.LayerNorm.bias"] = torch.zeros(_HIDDEN)
    words = PlainWords(tensors.pop(WORDS))
    return BertWeights(tensors, words, _HIDDEN, 1, 4, _INNER, 1e-5, _POSITIONS)
