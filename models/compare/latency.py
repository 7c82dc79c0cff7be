"""How long two versions take for the same people, in one run, turn by turn.

Seconds of the processor are compared, not of the clock: what else runs on the machine takes the
clock from whichever happens to be at work. The ratio is the median over rounds, each of which
measures both, so that a machine that slows down slows both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models.ranking.blend import make_ranker
from models.ranking.offline import TextEncoder, rank_all
from models.reading.text import person_text
from schemas.job import Job
from schemas.profile import Profile

if TYPE_CHECKING:
    from models.ranking.weights import Weights

ROUNDS: Final = 7
PEOPLE: Final = 8


@dataclass(frozen=True, slots=True)
class Timed:
    """What is timed of a version.

    Attributes:
        plain: Encodes anew whatever it is given.
        cached: Gives the vectors that it has, so that ranking alone is timed.
        weights: Of its ranker.
    """

    plain: TextEncoder
    cached: TextEncoder
    weights: Weights


def latency(
    champion: Timed,
    challenger: Timed,
    people: Sequence[Profile],
    jobs: Sequence[Job],
    k: int,
    rounds: int = ROUNDS,
) -> dict[str, Any]:
    """Milliseconds of the processor a person: to encode their words, and to rank these ads.

    Where both have the very same encoder its time is measured once for both.

    Args:
        champion, challenger: The versions.
        people: As many as wanted; the first PEOPLE are timed.
        jobs: That are ranked; their vectors are held.
        k: Length of a ranking.
        rounds: How often each is timed, after one round that does not count.
    """
    asked = people[:PEOPLE]
    same = champion.plain is challenger.plain
    encoding: list[tuple[float, float]] = []
    ranking: list[tuple[float, float]] = []
    for turn in range(rounds + 1):
        sides = (champion, challenger) if turn % 2 else (challenger, champion)
        spent: dict[int, tuple[float, float]] = {}
        for side in sides:
            shared = spent.get(id(champion)) or spent.get(id(challenger))
            encoded = shared[0] if same and shared else _encoding(side, asked)
            spent[id(side)] = (encoded, _ranking(side, asked, jobs, k))
        if turn:
            first, second = spent[id(champion)], spent[id(challenger)]
            encoding.append((first[0], second[0]))
            ranking.append((first[1], second[1]))
    total = np.array(encoding) + np.array(ranking)
    return {
        "people": len(asked),
        "jobs": len(jobs),
        "rounds": rounds,
        "encode ms": _medians(np.array(encoding)),
        "rank ms": _medians(np.array(ranking)),
        "ratio": round(float(np.median(total[:, 1] / total[:, 0])), 3),
    }


def _medians(rows: Any) -> list[float]:
    return [round(float(value), 3) for value in np.median(rows, axis=0)]


def _encoding(side: Timed, people: Sequence[Profile]) -> float:
    texts = [person_text(person) for person in people]
    return _each(lambda: side.plain.encode(texts, "query"), len(people))


def _ranking(side: Timed, people: Sequence[Profile], jobs: Sequence[Job], k: int) -> float:
    ranker = make_ranker("blend", weights=side.weights)
    return _each(lambda: rank_all(people, jobs, side.cached, ranker, k), len(people))


def _each(work: Callable[[], object], people: int) -> float:
    """Milliseconds of the processor for one of these people."""
    before = time.process_time()
    work()
    return 1000.0 * (time.process_time() - before) / max(1, people)
