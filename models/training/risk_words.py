"""Learns the weights of `models.vetting.alike` from labelled ads.

    python -m models.training.risk_words --judged DIR [--ordinary FILE ...] [--out FILE]

Logistic regression with an L2 penalty over `alike.features`; risky ads weigh as the root of how
rare they are. `held.jsonl` and `apart.jsonl` are never read, and of the judged folders those that
the caller names.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, embedding_bag

from models.evaluation.vetting import labelled
from models.vetting.alike import BIAS, features
from models.vetting.signs import words_of
from schemas.job import Job

LEARNED: Final = ("dev", "made", "other", "third")
L2: Final = 1e-5
STEPS: Final = 70
RATE: Final = 0.05
LEAST_WEIGHT: Final = 0.2
OUT: Final = Path("models/data/risk_words.tsv")
_HEADER: Final = """\
# Stems and pairs of stems of ads, and how much they speak for a risky ad: logistic regression,
# python -m models.training.risk_words. "=a&b" are two concepts of risk_lexemes.tsv near each other,
# "!" before one that the ad denies. Learned from invented ads (dev, made, other
# and third of models/data/vetting), the judged ads of regions A, C and D, and, as ordinary ones,
# those of models/data/graded and tests/models/reading/facts and public vacancies of SERVIR.
"""


@dataclass(frozen=True, slots=True)
class Example:
    """One ad's features, and whether it is risky."""

    risky: bool
    found: dict[str, float]


def example(job: Job, risky: bool) -> Example:
    """An ad to learn from."""
    return Example(risky, features(words_of(job)))


def shipped_examples() -> Iterator[Example]:
    """Of the vetting set what may be learned from, and the ordinary ads of the graded set."""
    for half in LEARNED:
        for ad in labelled(half):
            yield example(ad.job, ad.risky)
    raw = (resources.files("models.data") / "graded" / "jobs.jsonl").read_bytes()
    for row in map(orjson.loads, raw.splitlines()):
        if row["kind"] == "ordinary":
            yield example(Job.model_validate(row["job"]), risky=False)


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
    flat = torch.tensor([place[name] for ad in examples for name in sorted(ad.found)])
    shares = torch.tensor([ad.found[name] for ad in examples for name in sorted(ad.found)])
    starts = torch.tensor(np.cumsum([0, *(len(ad.found) for ad in examples[:-1])]))
    wanted = torch.tensor([float(ad.risky) for ad in examples])
    rare = torch.where(wanted > 0, ((1 - wanted).sum() / wanted.sum()).sqrt(), torch.tensor(1.0))
    table, bias = torch.zeros(len(kept), 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    adam = torch.optim.Adam([table, bias], lr=RATE)
    for _ in range(STEPS):
        adam.zero_grad()
        summed = embedding_bag(flat, table, starts, mode="sum", per_sample_weights=shares)
        logits = summed.squeeze(1) + bias
        losses = binary_cross_entropy_with_logits(logits, wanted, reduction="none")
        ((losses * rare).mean() + L2 * (table**2).sum()).backward()  # type: ignore[no-untyped-call]
        adam.step()
    learned = dict(zip(kept, table.detach().squeeze(1).tolist(), strict=True))
    weights = {name: round(w, 2) for name, w in learned.items() if abs(w) >= LEAST_WEIGHT}
    return {BIAS: round(bias.item(), 3), **weights}


def ordinary_examples(file: Path) -> Iterator[Example]:
    """Of a file of ads of which none is risky: events one a line, or TSV with a title a row."""
    for row in _rows(file):
        known = {name: value for name, value in row.items() if name in Job.model_fields and value}
        yield example(Job.model_validate({"job_id": "ordinary", **known}), risky=False)


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    lines = file.read_text(encoding="utf-8").splitlines()
    if file.suffix == ".tsv":
        yield from csv.DictReader(
            (line for line in lines if not line.startswith("#")),
            delimiter="\t",
            quoting=csv.QUOTE_NONE,
        )
    else:
        yield from map(orjson.loads, lines)


def main() -> None:
    """Learn and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judged", type=Path, required=True, help="folder of judged ads")
    parser.add_argument("--parts", default="A,C,D", help="its parts to learn from")
    parser.add_argument(
        "--ordinary", type=Path, nargs="*", default=(), help="files of ads, none risky"
    )
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    examples = [*shipped_examples()]
    for part in options.parts.split(","):
        examples += judged_examples(options.judged / part)
    for file in options.ordinary:
        examples += ordinary_examples(file)
    weights = learn(examples)
    lines = (f"{name}\t{weight:g}\n" for name, weight in sorted(weights.items()))
    options.out.write_text(_HEADER + "".join(lines), encoding="utf-8")
    print(f"{len(examples)} ads, {len(weights)} weights in {options.out}")


if __name__ == "__main__":
    main()
