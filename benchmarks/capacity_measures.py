"""What `benchmarks.capacity` measures, each part in a process of its own, at growing sizes.

Texts are made up and vectors lie near those of real embeddings; rows, indexes, rankings and events
are the real ones. Sizes are powers of two, at which the matrices, which grow by doubling, are full.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.capacity_incoming import incoming, resident, timed
from benchmarks.capacity_index import (
    Vectors,
    fill,
    index_state,
    put_jobs,
    put_people,
)
from benchmarks.capacity_rows import (
    TEXTS,
    ad,
    job_row,
    known_of,
    person_row,
    posting_row,
    shown_of,
    vectors_near,
)
from benchmarks.capacity_telling import told
from models.ranking.event_bodies import candidate_entry
from tables.base import ROCKSDB_OPTIONS
from tables.index.matching import MatchState
from tables.rows import Part

NEW: Final = 64
ASKED: Final = 128
Figures = dict[str, float]


def people(texts_of: Vectors, sizes: Sequence[int]) -> list[Figures]:
    """So many people in one partition, and new ads scored against them."""
    state, out, held = index_state(len(texts_of[0])), [], 0
    put_jobs(state, 0, vectors_near(texts_of, NEW, 3))
    vectors = vectors_near(texts_of, sizes[-1], 1)
    for number in range(TEXTS):
        known_of(number)
    rows = [len(row) + len(name) for name, row in map(person_row, range(500), vectors)]
    names = [ad(n)["job_id"] for n in range(NEW)]
    before, took = resident(), 0.0
    for size in sizes:
        took += fill(put_people, state, held, vectors[:size])
        held = size

        def post() -> object:
            return state.people_affected(0, names), state.rank_candidates(0, names)

        post()
        grown = resident() - before
        posted = min(timed(post) for _ in range(5))
        out.append(
            {
                "bytes": grown,
                "post_ms": posted / NEW * 1000,
                "index_ms": took / size * 1000,
                "row": float(np.mean(rows)),
                "part": _part(state, names),
            }
        )
    return out


def _part(state: MatchState, names: list[str]) -> float:
    """Mean bytes of one partition's list of people for a job."""
    found = state.rank_candidates(0, names)
    slots, sizes = state.jobs.jobs_of(0), []
    for name, listed in zip(names, found, strict=True):
        job = state.jobs.entries[slots[name]].attrs
        entries = [
            candidate_entry(c.person.profile_id, c.score, c.components, c.person.attrs, job)
            for c in listed
        ]
        sizes.append(len(Part(name, (1, 0), 1, entries).pack()) + len(name))
    return float(np.mean(sizes))


def jobs(texts_of: Vectors, sizes: Sequence[int]) -> list[Figures]:
    """So many jobs in a worker, and people ranked among them; then in three more partitions."""
    state, out, held = index_state(len(texts_of[0])), [], 0
    put_people(state, 0, vectors_near(texts_of, ASKED, 4))
    vectors = vectors_near(texts_of, sizes[-1], 2)
    for number in range(TEXTS):
        shown_of(number)
    rows = [len(row) + len(name) for name, row in map(posting_row, range(500), vectors)]
    full = [len(row) + len(name) for name, row in map(job_row, range(500), vectors)]
    before, took = resident(), 0.0
    for size in sizes:
        took += fill(put_jobs, state, held, vectors[:size])
        held = size

        def rank() -> object:
            return [state.rank_people(0, range(at, at + 32)) for at in range(0, ASKED, 32)]

        rank()
        grown = resident() - before
        out.append(
            {
                "bytes": grown,
                "rank_ms": min(timed(rank) for _ in range(5)) / ASKED * 1000,
                "index_ms": took / size * 1000,
                "posting": float(np.mean(rows)),
                "job": float(np.mean(full)),
                **told(state),
            }
        )
    for partition in (1, 2, 3):
        for number in range(held):
            state.jobs.attach(partition, ad(number)["job_id"], (number, 0))
    out[-1]["copies"] = (resident() - before - grown) / 3
    return out


def disk(texts_of: Vectors, sizes: Sequence[int]) -> list[Figures]:
    """So many rows in RocksDB as a worker opens it, after it has compacted."""
    from rocksdict import Options, Rdict

    out = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            options = Options(raw_mode=True)
            options.create_if_missing(True)
            options.set_write_buffer_size(ROCKSDB_OPTIONS["write_buffer_size"])
            database, raw = Rdict(folder, options), 0
            for number, vector in enumerate(vectors_near(texts_of, size, 5)):
                made = person_row if number % 2 else posting_row
                name, row = made(number, vector)
                database.put(name.encode(), row)
                raw += len(name) + len(row)
            database.flush()
            database.compact_range(None, None)
            database.close()
            held = sum(file.stat().st_size for file in Path(folder).iterdir())
        out.append({"raw": float(raw), "held": float(held)})
    return out


PARTS: Final = {"people": people, "jobs": jobs, "disk": disk}


def apart(part: str, path: Path, *sizes: int) -> Any:
    """One part, in a process of its own.

    Args:
        part: ``incoming``, which makes the vectors, or one of `PARTS`.
        path: Where the vectors are.
        sizes: Growing.
    """
    words = [sys.executable, "-m", "benchmarks.capacity_measures", part, str(path)]
    done = subprocess.run([*words, *map(str, sizes)], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main(part: str, path: str, *sizes: str) -> None:
    """Run one part and print its figures as JSON."""
    counts = [int(size) for size in sizes]
    if part == "incoming":
        print(json.dumps(incoming(Path(path), counts[0])))
        return
    texts_of = np.load(path)["jobs" if part == "jobs" else "people"]
    print(json.dumps(PARTS[part](texts_of, counts)))


if __name__ == "__main__":
    main(*sys.argv[1:])
