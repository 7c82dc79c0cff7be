"""Time of two versions: the slower one is found, and one encoder of both is measured once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.compare.latency import PEOPLE, Timed, latency
from models.evaluation import judged
from models.ranking.weights import shipped_weights
from tests.support.harness.encoder import fixed_embedder

ROUNDS = 2


class Counting:
    """The embedder, so many times for each text."""

    def __init__(self, times: int) -> None:
        self._inner = fixed_embedder()
        self._times = times
        self.calls = 0

    def encode(self, texts: Sequence[str], kind: Any) -> NDArray[np.float32]:
        self.calls += 1
        for _ in range(self._times):
            found = self._inner.encode(texts, kind)
        return found


def _measured(champion: Counting, challenger: Counting) -> dict[str, Any]:
    given = judged.load("all", ("A",))
    held = fixed_embedder()
    first, second = (Timed(each, held, shipped_weights()) for each in (champion, challenger))
    return latency(first, second, given.people, given.jobs[:2], 3, ROUNDS)


def test_the_slower_version_is_found_whichever_it_is() -> None:
    found = _measured(Counting(1), Counting(40))
    assert found["ratio"] > 1.25
    assert found["encode ms"][1] > 5 * found["encode ms"][0]
    assert (found["people"], found["jobs"], found["rounds"]) == (PEOPLE, 2, ROUNDS)
    assert _measured(Counting(40), Counting(1))["ratio"] < 0.8


def test_one_encoder_of_both_is_measured_once_a_turn() -> None:
    shared = Counting(1)
    found = _measured(shared, shared)
    assert shared.calls == ROUNDS + 1
    assert found["encode ms"][0] == found["encode ms"][1]
