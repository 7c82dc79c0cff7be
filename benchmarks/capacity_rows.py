"""Made-up people and ads as rows of tables: words repeat, ids and vectors do not."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from benchmarks import texts
from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.duplicates import signature
from models.reading.districts import DISTRICTS
from models.reading.facts.known import Known, known_person
from models.reading.text import card
from schemas import Job, Profile, validate
from tables.rows import JobRow, PersonRow, PostingRow

TEXTS: Final = 384
_NOW: Final = 1_790_000_000_000


def _place(index: int) -> str:
    """A district: of a third one of Lima's, of the others any."""
    lima = [d for d in DISTRICTS if d.region == "Lima"]
    some = lima if index % 3 == 0 else DISTRICTS
    return some[index * 7919 % len(some)].ubigeo


def profile(index: int) -> dict[str, Any]:
    """Somebody who states what people state."""
    words = _texts()[0][index % TEXTS]
    return {"profile_id": f"51900{index:06d}", "text": words, "ubigeo": _place(index),
            "min_pay": 1100.0, "pay_period": "month", "age": 18 + index % 45}  # fmt: skip


def ad(index: int) -> dict[str, Any]:
    """An ad that states what ads state."""
    words = _texts()[1][index % TEXTS]
    return {"job_id": f"bolsa-{index:07d}", "title": words[:60], "description": words,
            "employer": "Empresa de prueba S.A.C.", "ubigeo": _place(index + 1),
            "pay_max": 1130.0 + index % 9 * 150, "pay_period": "month"}  # fmt: skip


@lru_cache(maxsize=1)
def _texts() -> tuple[list[str], list[str]]:
    return texts.generate(TEXTS)


@lru_cache(maxsize=TEXTS)
def known_of(index: int) -> tuple[Known, Any]:
    """What is known of a person, and the same as filters read it."""
    known = known_person(validate(Profile, profile(index)).model_dump(exclude_none=True))
    return known, person_attrs(known)


def person_row(index: int, vector: Any) -> tuple[str, bytes]:
    """A row of the people table; words repeat, ids and vectors do not."""
    known, attrs = known_of(index % TEXTS)
    name = profile(index)["profile_id"]
    row = PersonRow(bytes(16), bytes(16), _NOW, index, 0, False, vector, known, attrs)
    return name, row.pack()


@lru_cache(maxsize=TEXTS)
def shown_of(index: int) -> tuple[dict[str, Any], bytes, Any, bytes]:
    """Fields, card, attributes and signature of an ad."""
    job = validate(Job, ad(index))
    shown = card(job)
    return job.model_dump(exclude_none=True), orjson.dumps(shown), job_attrs(shown), signature(job)


def _mark(index: int) -> bytes:
    """A signature like no other: ads that repeat words are no near-duplicates here."""
    size = len(shown_of(index % TEXTS)[3])
    return np.random.default_rng(index).bytes(size)


def posting_row(index: int, vector: Any) -> tuple[str, bytes]:
    """A row of the postings table."""
    _, shown, attrs, _ = shown_of(index % TEXTS)
    row = PostingRow((index, 0), 0, vector, shown, _mark(index), attrs)
    return ad(index)["job_id"], row.pack()


def job_row(index: int, vector: Any) -> tuple[str, bytes]:
    """A row of the jobs table."""
    fields = shown_of(index % TEXTS)[0]
    row = JobRow(bytes(16), bytes(16), _NOW, index, 0, _NOW, "active", vector, fields)
    return ad(index)["job_id"], row.pack()


def vectors_near(texts_of: NDArray[np.float16], count: int, seed: int) -> NDArray[np.float16]:
    """Vectors of so many texts: each near that of one that was embedded; float16 [count, dim]."""
    rng = np.random.default_rng(seed)
    out = np.empty((count, texts_of.shape[1]), np.float16)
    for start in range(0, count, 4096):
        which = np.arange(start, min(start + 4096, count))
        near = texts_of[which % len(texts_of)].astype(np.float32)
        near += rng.normal(scale=0.3 / near.shape[1] ** 0.5, size=near.shape)
        out[which] = near / np.linalg.norm(near, axis=1, keepdims=True)
    return out
