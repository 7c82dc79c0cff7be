"""Learns the weights of `models.vetting.alike` from labelled ads.

    python -m models.training.risk_words --judged DIR [--ordinary FILE] [--out FILE]

Logistic regression with an L2 penalty over `alike.features`, divided by the root of their number;
risky ads weigh as the root of how rare they are. `held.jsonl` and `apart.jsonl` are never read, and
of the judged folders those that the caller names.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import orjson
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, embedding_bag

from models.evaluation.vetting import labelled
from models.vetting.alike import BIAS, features
from models.vetting.signs import words_of
from schemas.job import Job

L2: Final = 1e-5
STEPS: Final = 70
RATE: Final = 0.05
LEAST_WEIGHT: Final = 0.2
OUT: Final = Path("models/data/risk_words.tsv")
_HEADER: Final = """\
# Stems and pairs of stems of ads, and how much they speak for a risky ad: logistic regression,
# python -m models.training.risk_words. Learned from invented ads (models/data/vetting/dev.jsonl),
# the judged ads of regions A, C and D, and public vacancies of SERVIR as ordinary ones.
"""


@dataclass(frozen=True, slots=True)
class Example:
    """One ad's features, and whether it is risky."""

    risky: bool
    found: frozenset[str]


def example(job: Job, risky: bool) -> Example:
    """An ad to learn from."""
    return Example(risky, frozenset(features(words_of(job))))


def shipped_examples() -> Iterator[Example]:
    """Of the dev half."""
    for ad in labelled("dev"):
        yield example(ad.job, ad.risky)


def judged_examples(folder: Path) -> Iterator[Example]:
    """Of one folder of judged ads."""
    for line in (folder / "jobs.jsonl").read_bytes().splitlines():
        row = orjson.loads(line)
        known = {name: value for name, value in row.items() if name in Job.model_fields}
        yield example(Job.model_validate(known), bool(row["risky"]))


def learn(examples: Sequence[Example]) -> dict[str, float]:
    """Weights by feature, the bias among them."""
    kept = sorted({name for ad in examples for name in ad.found})
    place = {name: index for index, name in enumerate(kept)}
    found = [sorted(place[name] for name in ad.found) for ad in examples]
    flat = torch.tensor([index for ad in found for index in ad])
    starts = torch.tensor(np.cumsum([0, *(len(ad) for ad in found[:-1])]))
    scale = torch.tensor([len(ad.found) ** -0.5 if ad.found else 1.0 for ad in examples])
    wanted = torch.tensor([float(ad.risky) for ad in examples])
    rare = torch.where(wanted > 0, ((1 - wanted).sum() / wanted.sum()).sqrt(), torch.tensor(1.0))
    table, bias = torch.zeros(len(kept), 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    adam = torch.optim.Adam([table, bias], lr=RATE)
    for _ in range(STEPS):
        adam.zero_grad()
        logits = embedding_bag(flat, table, starts, mode="sum").squeeze(1) * scale + bias
        losses = binary_cross_entropy_with_logits(logits, wanted, reduction="none")
        ((losses * rare).mean() + L2 * (table**2).sum()).backward()  # type: ignore[no-untyped-call]
        adam.step()
    learned = dict(zip(kept, table.detach().squeeze(1).tolist(), strict=True))
    weights = {name: round(w, 2) for name, w in learned.items() if abs(w) >= LEAST_WEIGHT}
    return {BIAS: round(bias.item(), 3), **weights}


def _ordinary(file: Path) -> Iterator[Example]:
    for line in file.read_bytes().splitlines():
        yield example(Job.model_validate_json(line), risky=False)


def main() -> None:
    """Learn and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judged", type=Path, required=True, help="folder of judged ads")
    parser.add_argument("--parts", default="A,C,D", help="its parts to learn from")
    parser.add_argument("--ordinary", type=Path, help="job events, one a line, none risky")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    examples = [*shipped_examples()]
    for part in options.parts.split(","):
        examples += judged_examples(options.judged / part)
    if options.ordinary:
        examples += _ordinary(options.ordinary)
    weights = learn(examples)
    lines = (f"{name}\t{weight:g}\n" for name, weight in sorted(weights.items()))
    options.out.write_text(_HEADER + "".join(lines), encoding="utf-8")
    print(f"{len(examples)} ads, {len(weights)} weights in {options.out}")


if __name__ == "__main__":
    main()
