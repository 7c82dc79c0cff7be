"""Teaches a student, and writes its adapter every so often: a run that ends early is of use.

Run: python -m models.training.teaching --data-dir DATA --out FOLDER [--layers 6] [--steps N]
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import orjson
import torch
from torch import Tensor

from models.encoding import adapter
from models.encoding.registry import resolve
from models.hardware import cpu
from models.reading.gender import neutral
from models.reading.lexicon import normalise
from models.training.student import KEPT, Parts, Recipe, Student, Teacher
from models.training.student_texts import Text, gather_texts
from schemas.errors import MissingModel

_EVERY: Final = 50  # steps between writings
_WARM: Final = 60  # steps until the rate is at its peak
_FLOOR: Final = 0.02  # share of the peak at which the rate ends
Tokens = tuple[int, ...]


class Teaching:
    """One run.

    Args:
        recipe: What to do.
        texts: What to learn on, in units that stay in one batch.
        target: Folder of the adapter.

    Raises:
        MissingModel: the encoder or the teacher's adapter is not here.
    """

    def __init__(self, recipe: Recipe, texts: Sequence[Sequence[Text]], target: Path) -> None:
        self._recipe, self._target, self._kept = recipe, target, KEPT[recipe.layers]
        files = resolve(recipe.source)
        weights, self._tokenizer = files.load()
        self._prompts = {"query": files.prompts.query, "passage": files.prompts.passage}
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(recipe.tokens)
        folder = adapter.find_adapter(recipe.teacher)
        if folder is None:
            raise MissingModel("A student needs the adapter of its teacher.")
        dtype = torch.bfloat16 if cpu.packs(torch.bfloat16) else torch.float32
        cores = cpu.usable_cores()
        self._teacher = Teacher(adapter.merge(weights, folder), dtype, cores)
        self.student = Student(adapter.keep(weights, self._kept), recipe, dtype, cores)
        self.student.begin(folder, self._kept)
        torch.set_num_threads(1)  # what is not in the streams is too small to share out
        self._units = self._tokens(texts)
        self._known: dict[Tokens, Tensor] = {}
        groups = [
            {"params": list(self.student.parameters.values()), "lr": recipe.rate},
            {"params": list(self.student.norms.values()), "lr": recipe.rate / 2},
        ]
        self._optimiser = torch.optim.AdamW(groups, weight_decay=0.0, betas=(0.9, 0.98))
        self._began = time.monotonic()
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimiser, self._rate)

    def run(self, told: Callable[[int, Parts], None]) -> Path:
        """Teach to the end; returns the adapter's folder.

        Args:
            told: Called after each step with its number and the parts of the loss.
        """
        self._began = time.monotonic()
        step = 0
        for step, rows in enumerate(self._batches(), 1):
            found = self.student.learn(rows, self.taught(rows), self._recipe)
            torch.nn.utils.clip_grad_norm_(self.student.learned(), 1.0)
            self._optimiser.step()
            self._schedule.step()
            self.student.refresh()
            told(step, found)
            if step % _EVERY == 0:
                self._save(step)
            if self._done(step) >= 1.0:
                break
        self._save(step)
        return self._target

    def taught(self, rows: Sequence[Tokens]) -> list[Tensor]:
        """The teacher's last hidden states of each text, bfloat16 [tokens, hidden]."""
        fresh = [row for row in dict.fromkeys(rows) if row not in self._known]
        self._known.update(zip(fresh, self._teacher.states(fresh), strict=True))
        return [self._known[row] for row in rows]

    def _done(self, step: int) -> float:
        """Share of the run that is over."""
        clock = (time.monotonic() - self._began) / 60
        return max(step / self._recipe.steps, clock / (self._recipe.minutes or math.inf))

    def _rate(self, step: int) -> float:
        falling = (1 + math.cos(math.pi * min(1.0, self._done(step)))) / 2
        return min((step + 1) / _WARM, _FLOOR + (1 - _FLOOR) * falling)

    def _tokens(self, texts: Sequence[Sequence[Text]]) -> list[list[Tokens]]:
        said = [
            self._prompts[kind] + neutral(normalise(text))  # as the Embedder does
            for unit in texts
            for kind, text in unit
        ]
        ids = iter([tuple(e.ids) for e in self._tokenizer.encode_batch_fast(said)])
        return [[next(ids) for _ in unit] for unit in texts]

    def _batches(self) -> list[list[Tokens]]:
        """One batch a step, through all units again and again in a new order."""
        rng = random.Random(self._recipe.seed)
        out: list[list[Tokens]] = []
        batch: list[Tokens] = []
        while len(out) < self._recipe.steps:
            for unit in rng.sample(self._units, len(self._units)):
                batch += unit
                if len(batch) >= self._recipe.batch:
                    out.append(batch)
                    batch = []
        return out[: self._recipe.steps]

    def _save(self, step: int) -> None:
        self.student.write(self._target, self._recipe.source, self._kept)
        recipe = asdict(self._recipe) | {"steps_run": step}
        (self._target / "recipe.json").write_bytes(orjson.dumps(recipe, option=orjson.OPT_INDENT_2))


def chosen(folder: Path, recipe: Recipe) -> list[list[Text]]:
    """The texts of a recipe."""
    found = gather_texts(folder, recipe.seed)
    few = min(recipe.units or len(found), len(found))
    return random.Random(recipe.seed + 2).sample(found, few)


def main() -> None:
    """Teach as asked, a line each 20 steps."""
    usual = Recipe()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--layers", type=int, choices=sorted(KEPT), default=usual.layers)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--steps", type=int, default=usual.steps)
    parser.add_argument("--minutes", type=float, default=usual.minutes)
    given = parser.parse_args()
    recipe = replace(
        usual, layers=given.layers, seed=given.seed, steps=given.steps, minutes=given.minutes
    )
    teaching = Teaching(recipe, chosen(given.data_dir, recipe), given.out)

    def told(step: int, parts: Parts) -> None:
        if step % 20 == 0:
            print(step, "vectors {:.4f}, similarities {:.5f}, states {:.4f}".format(*parts))

    print("Written to", teaching.run(told))


if __name__ == "__main__":
    main()
