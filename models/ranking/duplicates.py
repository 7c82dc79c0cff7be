"""Near-duplicate ads: the same text put up again, as agencies do.

The signature of an ad is a simhash (Charikar 2002, "Similarity estimation techniques from rounding
algorithms") of its words in pairs, beside a key of what makes it another job however alike the
words are: its district and its pay. Two ads are near-duplicates if the keys are equal and few bits
of the simhashes differ.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from itertools import pairwise
from typing import Final

import numpy as np

from models.reading.geo import district_index
from schemas.job import Job

BITS: Final = 128
MOST_DIFFERENT: Final = 18
"""Of 128 bits: a cosine of about 0.90 between bags of word pairs, as bits differ in angle/pi."""
LEAST_WORDS: Final = 12
"""Shorter ads have no signature: many employers write "Ayudante de cocina" and nothing else."""
_MOST_WORDS: Final = 600
_KEY_BYTES: Final = 8
_WORD: Final = re.compile(r"[a-z0-9]+")


def signature(job: Job) -> bytes:
    """24 bytes, the same on every machine; empty for an ad too short to tell."""
    words = _words(job)
    if len(words) < LEAST_WORDS:
        return b""
    pairs = {f"{a} {b}" for a, b in pairwise(words)}
    digests = b"".join(
        hashlib.blake2b(pair.encode(), digest_size=BITS // 8).digest() for pair in sorted(pairs)
    )
    bits = np.unpackbits(np.frombuffer(digests, np.uint8).reshape(-1, BITS // 8), axis=1)
    majority = 2 * bits.sum(axis=0, dtype=np.int64) > len(bits)
    return _key(job) + np.packbits(majority).tobytes()


def same(a: bytes, b: bytes) -> bool:
    """Whether two signatures are of near-duplicates; an empty one is like no other."""
    if not a or not b or a[:_KEY_BYTES] != b[:_KEY_BYTES]:
        return False
    different = int.from_bytes(a[_KEY_BYTES:]) ^ int.from_bytes(b[_KEY_BYTES:])
    return different.bit_count() <= MOST_DIFFERENT


def alike(signature: bytes) -> bytes:
    """The part of a signature that near-duplicates have in common."""
    return signature[:_KEY_BYTES]


def _words(job: Job) -> list[str]:
    limit = 12 * _MOST_WORDS
    text = " ".join(part[:limit] for part in (job.title, job.description, job.requirements) if part)
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return _WORD.findall(plain)[:_MOST_WORDS]


def _key(job: Job) -> bytes:
    place = district_index(job.ubigeo, job.place)
    where = str(place) if place >= 0 else (job.ubigeo or job.place or "").strip().lower()
    what = f"{where}|{job.pay_min}|{job.pay_max}|{job.pay_period}|{job.shift}|{job.remote}"
    return hashlib.blake2b(what.encode(), digest_size=_KEY_BYTES).digest()
