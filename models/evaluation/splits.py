"""Which occupations may be learned from: a split by ESCO occupation that never changes."""

from __future__ import annotations

import hashlib
from typing import Literal

Split = Literal["train", "dev", "test"]


def split_of(esco_id: str) -> Split:
    """The split of an occupation by the hash of its URI: 70 % train, 10 % dev, 20 % test."""
    place = hashlib.blake2b(esco_id.encode(), digest_size=2).digest()
    share = int.from_bytes(place) % 100
    return "train" if share < 70 else "dev" if share < 80 else "test"
