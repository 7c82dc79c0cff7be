"""The vocabulary's embeddings: by far most of a small multilingual encoder's weights.

A text touches a few of its 250,000 rows, so a row of 4-bit blocks is unpacked when it is asked for:
the file's pages serve every process of a machine, and no start unpacks all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

BLOCK: Final = 32  # weights per 4-bit block
BLOCK_BYTES: Final = 18  # one fp16 scale and 32 nibbles
#: What transformers calls them in a ``BertModel``.
WORDS: Final = "embeddings.word_embeddings.weight"


class Words(Protocol):
    """Embeddings [words, hidden] by id of a token."""

    def rows(self, ids: Tensor) -> Tensor:
        """Those [ids, hidden] of some words, in the precision that they are kept in."""

    def whole(self) -> Tensor:
        """All of them [words, hidden]."""


@dataclass(frozen=True, slots=True)
class PlainWords:
    """Embeddings that lie in memory as they are.

    Args:
        weight: [words, hidden].
    """

    weight: Tensor

    def rows(self, ids: Tensor) -> Tensor:
        """Those of some words."""
        return torch.nn.functional.embedding(ids, self.weight)

    def whole(self) -> Tensor:
        """All of them."""
        return self.weight


@dataclass(frozen=True, slots=True)
class PackedWords:
    """Embeddings in 4-bit blocks, each weight rounded to float16 (relative error 2**-11).

    Args:
        blocks: [words, bytes of a row's blocks], unsigned bytes.
    """

    blocks: npt.NDArray[np.uint8]

    def rows(self, ids: Tensor) -> Tensor:
        """Those of some words, float16."""
        return torch.from_numpy(dequantise(np.asarray(self.blocks[ids.numpy()]), np.float16)).view(
            len(ids), -1
        )

    def whole(self) -> Tensor:
        """All of them, float16."""
        return torch.from_numpy(dequantise(self.blocks, np.float16)).view(len(self.blocks), -1)


def dequantise(
    raw: npt.NDArray[np.uint8], dtype: npt.DTypeLike = np.float32
) -> npt.NDArray[np.floating]:
    """Weights of consecutive Q4_0 blocks: ``(nibble - 8) * scale``.

    Args:
        raw: bytes of n blocks of 18: a little-endian fp16 scale, then 16 bytes whose low nibbles
            are weights 0..15 and whose high nibbles are weights 16..31 (ggml's Q4_0).
        dtype: of the result; float16 rounds each weight once (relative error 2**-11).

    Returns:
        Array [n * 32].
    """
    blocks = raw.reshape(-1, BLOCK_BYTES)
    out = np.empty((len(blocks), BLOCK), dtype)
    step = 1 << 18  # blocks at a time: bounded memory for the 96M weights of the vocabulary
    for start in range(0, len(blocks), step):
        part = blocks[start : start + step]
        scale = np.ascontiguousarray(part[:, :2]).view("<f2").astype(np.float32)
        nibbles = part[:, 2:]
        half = BLOCK // 2
        target = out[start : start + step]
        target[:, :half] = ((nibbles & 15).astype(np.int8) - 8) * scale
        target[:, half:] = ((nibbles >> 4).astype(np.int8) - 8) * scale
    return out.reshape(-1)
