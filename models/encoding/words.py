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
_AT_ONCE: Final = 1 << 14  # rows: bounded memory for the 96M weights of a vocabulary
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
        return torch.from_numpy(dequantise(self.blocks[ids.numpy()])).half().view(len(ids), -1)

    def whole(self) -> Tensor:
        """All of them, float16."""
        some = torch.split(torch.arange(len(self.blocks)), _AT_ONCE)
        return torch.cat([self.rows(ids) for ids in some])


def dequantise(raw: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Weights of consecutive Q4_0 blocks: ``(nibble - 8) * scale``.

    Args:
        raw: bytes of n blocks of 18: a little-endian fp16 scale, then 16 bytes whose low nibbles
            are weights 0..15 and whose high nibbles are weights 16..31 (ggml's Q4_0).

    Returns:
        Array [n * 32].
    """
    blocks = raw.reshape(-1, BLOCK_BYTES)
    scale = np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32)
    nibbles = np.ascontiguousarray(blocks[:, 2:])
    out = np.empty((len(blocks), 2, BLOCK // 2), np.float32)
    np.bitwise_and(nibbles, 15, out=out[:, 0], casting="unsafe")
    np.right_shift(nibbles, 4, out=out[:, 1], casting="unsafe")
    out -= 8
    out *= scale[:, :, None]
    return out.reshape(-1)
