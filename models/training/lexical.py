"""How the table of lexical vectors was made: tf-idf and SVD first, then contrastive learning.

    python -m models.training.lexical --data ../shared/data --out models/data/lexical-1.npz

The text pairs that should lie together come from `lexical_pairs`. The start is the untrained
alternative, hashed tf-idf reduced by SVD, to which a random row for each bucket is added: the low
rank forgets rare words, and two texts that share a rare word belong together (random projections,
Johnson-Lindenstrauss). InfoNCE over the batch then moves the rows (Oord and others 2018).
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds

from models.encoding.lexical import BUCKETS, DIM, Table, features
from models.training.lexical_pairs import Source, SpellingPair

Matrix = NDArray[np.float32]
_CACHE: Final = 200_000


@dataclass(frozen=True, slots=True)
class LexicalRecipe:
    """What can be tried.

    Attributes:
        steps: Of the optimiser; 0 keeps the start.
        batch: Pairs a step; the other pairs are the negatives.
        rate: Adam's, relative to rows of length about idf.
        temperature: Of the softmax over cosines.
        spread: Share of the random row in the start.
        seed: Of everything.
    """

    steps: int = 1500
    batch: int = 512
    rate: float = 0.02
    temperature: float = 0.07
    spread: float = 0.5
    seed: int = 7


def start(corpus: Sequence[str], recipe: LexicalRecipe) -> Matrix:
    """The untrained rows: idf * (SVD row + spread * random row), float32 [BUCKETS, DIM].

    A bucket that no text of the corpus has gets the idf of one text: a rare word.
    """
    found = [features(text) for text in corpus]
    sizes = np.array([len(ids) for ids in found])
    columns = np.concatenate(found)
    indptr = np.concatenate([[0], np.cumsum(sizes)])
    count = np.bincount(columns, minlength=BUCKETS)
    idf = np.log((len(corpus) + 1.0) / (np.maximum(count, 1) + 1.0))
    weights = idf[columns]
    norms = np.sqrt(np.add.reduceat(weights * weights, indptr[:-1]))
    weights = weights / np.repeat(np.maximum(norms, 1e-9), sizes)
    matrix = csr_matrix((weights, columns, indptr), shape=(len(corpus), BUCKETS))
    rng = np.random.default_rng(recipe.seed)
    _, _, right = svds(matrix, k=DIM, v0=rng.standard_normal(min(matrix.shape)))
    rows = right.T * np.sqrt(BUCKETS / DIM)  # rows of length about 1, as the random ones
    rows += recipe.spread * rng.standard_normal((BUCKETS, DIM)) / np.sqrt(DIM)
    return np.asarray(idf[:, None] * rows, np.float32)


def quantised(rows: Matrix) -> Table:
    """Rows as whole numbers: int8 directions, uint16 lengths."""
    top = np.abs(rows).max(axis=1)
    scale = np.where(top > 0, top, 1.0)
    weights = np.round(top / top.max() * 65535.0).astype(np.uint16)
    return Table(np.round(rows / scale[:, None] * 127.0).astype(np.int8), weights)


def train(
    rows: Matrix, source: Source, recipe: LexicalRecipe, report: Callable[[int, float], None]
) -> Matrix:
    """Rows moved so that the texts of a pair lie nearer to each other than to the others' texts.

    Args:
        rows: The start, float32 [BUCKETS, DIM].
        source: Where pairs come from.
        recipe: Steps and rates.
        report: Told the step and the mean loss since the last report.
    """
    torch.manual_seed(recipe.seed)
    choose = random.Random(recipe.seed)
    bag = torch.nn.EmbeddingBag.from_pretrained(
        torch.from_numpy(rows.copy()), freeze=False, mode="sum"
    )
    optimiser = torch.optim.Adam(bag.parameters(), lr=recipe.rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=recipe.rate, total_steps=max(recipe.steps, 1), pct_start=0.1
    )
    remembered: dict[str, NDArray[np.int64]] = {}
    loss_sum = 0.0
    for step in range(1, recipe.steps + 1):
        pairs = [source.pair(choose) for _ in range(recipe.batch)]
        loss = _loss(bag, pairs, recipe.temperature, remembered)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        loss_sum += float(loss.detach())
        if step % 100 == 0:
            report(step, loss_sum / 100)
            loss_sum = 0.0
    return np.asarray(bag.weight.detach().numpy(), np.float32)


def _loss(
    bag: torch.nn.EmbeddingBag,
    pairs: Sequence[SpellingPair],
    temperature: float,
    remembered: dict[str, NDArray[np.int64]],
) -> torch.Tensor:
    """InfoNCE in both directions; texts of one group are no negatives of each other."""
    left = _encode(bag, [pair.left for pair in pairs], remembered)
    right = _encode(bag, [pair.right for pair in pairs], remembered)
    groups = np.array([pair.group for pair in pairs])
    same = torch.from_numpy(groups[:, None] == groups[None, :])
    same.fill_diagonal_(False)
    logits = (left @ right.T / temperature).masked_fill(same, -1e4)
    target = torch.arange(len(pairs))
    there = torch.nn.functional.cross_entropy(logits, target)
    back = torch.nn.functional.cross_entropy(logits.T, target)
    return 0.5 * (there + back)


def _encode(
    bag: torch.nn.EmbeddingBag, texts: Sequence[str], remembered: dict[str, NDArray[np.int64]]
) -> torch.Tensor:
    found = []
    for text in texts:
        ids = remembered.get(text)
        if ids is None:
            ids = features(text)
            if len(remembered) < _CACHE:
                remembered[text] = ids
        found.append(ids)
    sizes = np.array([len(ids) for ids in found])
    offsets = torch.from_numpy(np.concatenate([[0], np.cumsum(sizes)[:-1]]))
    summed: torch.Tensor = bag(torch.from_numpy(np.concatenate(found)), offsets)
    return torch.nn.functional.normalize(summed, dim=1)


def save(table: Table, path: Path) -> None:
    """A compressed .npz of the whole numbers."""
    np.savez_compressed(path, rows=table.rows, weights=table.weights)


def main() -> None:
    """Trains, measures on the dev split, keeps the better of start and result."""
    from models.training.lexical_pairs import measure

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    for name in ("steps", "batch", "seed"):
        parser.add_argument(f"--{name}", type=int, default=getattr(LexicalRecipe(), name))
    for name in ("rate", "temperature", "spread"):
        parser.add_argument(f"--{name}", type=float, default=getattr(LexicalRecipe(), name))
    given: dict[str, Any] = vars(parser.parse_args())
    data, out, split = given.pop("data"), given.pop("out"), given.pop("split")
    recipe = LexicalRecipe(**given)
    source = Source.read(data)
    began = time.monotonic()

    def report(step: int, loss: float) -> None:
        print(f"step {step:5d}  loss {loss:.3f}  {time.monotonic() - began:.0f} s", flush=True)

    plain = quantised(start(source.corpus(), LexicalRecipe(spread=0.0, seed=recipe.seed)))
    rows = start(source.corpus(), recipe)
    learned = quantised(train(rows, source, recipe, report))
    kept, best = plain, -1.0
    for name, table in (("svd", plain), ("start", quantised(rows)), ("trained", learned)):
        found = measure(table, data, split)
        print(name, " ".join(f"{key} {value:.4f}" for key, value in found.items()), flush=True)
        if sum(found.values()) > best:
            kept, best = table, sum(found.values())
    save(kept, out)


if __name__ == "__main__":
    main()
