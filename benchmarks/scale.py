"""One more person among ever more jobs, and one more job among ever more people: CPU time.

The exact top 20 (a profile among jobs, a job among people: the same product) in a
matrix that grows, beside what it costs to embed the text that asks. Where the search costs as much
as the encoder, twice the rows no longer come nearly free; where it costs ten times as much, exact
search over everything has stopped paying and the rows must be cut (docs/encoder.md). CPU time of
the process, so that what else the machine does changes little.

    python -m benchmarks.scale [--sizes N,N,...] [--rounds N] [--json FILE]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.report import Report
from benchmarks.scoring import DIM, K, e5_like
from benchmarks.texts import generate
from models.encoding.encoder import load_encoder
from models.search import tiles
from models.search.matrix import VectorMatrix

SIZES: Final = "1000,10000,100000,1000000"
_CHUNK: Final = 20_000  # rows made up at a time: they are float64 at first
_ASKED: Final = 32


def cpu_seconds(work: Callable[[], object], rounds: int) -> float:
    """Least CPU seconds of `work` after a first call."""
    work()
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
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


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=SIZES, help="rows, growing")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report = Report("scale")
    encoder = load_encoder()
    people, _ = generate(64)
    embed = cpu_seconds(lambda: encoder.encode(people, "query"), options.rounds) / len(people)
    encoder.close()
    report.note("shortlist", str(tiles.fastest_dtype()))
    report.figure("embed_one_text", embed * 1000, "CPU ms")
    _, asked = e5_like(1, _ASKED)
    sizes = [int(size) for size in options.sizes.split(",")]
    matrix, spent = VectorMatrix(DIM, sizes[-1]), []
    for size in sizes:
        grow(matrix, size)
        whole = cpu_seconds(lambda: matrix.topk(asked, None, K), options.rounds) / _ASKED
        alone = cpu_seconds(lambda: matrix.topk(asked[:1], None, K), options.rounds)
        spent.append(whole)
        report.figure(f"top_{K}_of_{size}", whole * 1000, f"CPU ms a query, {_ASKED} at once")
        report.figure(f"top_{K}_of_{size}_alone", alone * 1000, "CPU ms")
        report.figure(f"over_embedding_{size}", whole / embed, "x", None)
    slope = (spent[-1] - spent[0]) / (sizes[-1] - sizes[0])
    report.figure("one_more_row", slope * 1e9, "CPU ns a query")
    report.figure("rows_that_cost_as_much_as_the_encoder", embed / slope, "")
    report.finish(options.json)


if __name__ == "__main__":
    main()
