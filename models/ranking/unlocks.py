"""What one step would open: jobs worth a message that fail one thing which people can change.

A step is one class of licence, one level of schooling, one language, one shift, or some kilometres
more. It opens the jobs that somebody who took it may be matched with and who did not take it may
not. `count_unlocks` is the definition, over `eligible`; `unlocks_at` is the same over arrays, for
jobs that are known to be one step away.

No step changes what the ranker reads of a person, so a job's score is the same before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.ranking.attrs import PersonAttrs
from models.ranking.bits import BITS, level_bits, licence_bits, shift_bits
from models.ranking.duplicates import alike
from models.ranking.evidence import Side, jobs_side, people_side
from models.ranking.filters import eligible
from models.ranking.ranker import ActiveJob, Person, Ranker, collapse
from models.search.pairing import exact_dots
from schemas.matches import MAX_UNLOCKED, MAX_UNLOCKS

UNLOCKS_VERSION: Final = "u1"
"""Changes with every change of what is counted: everybody is told anew."""

DISTANCE: Final = "distance"
CODES: Final = (DISTANCE, "shift", "language", "licence", "education")
"""Kinds of steps; of those that open as many jobs the first is told first: roughly from what takes
a word to what takes years."""
KM: Final = (10, 20, 40)
"""How much farther somebody might go."""
CHANGEABLE: Final = sum(sum(bits.values()) for bits in BITS.values())
"""Bits of which somebody might have one more; what is left, work on site, is their wish."""

_LEAST_FIRST: Final = (DISTANCE, "education")
"""Kinds whose steps are one ladder: the lowest rung that opens anything is told."""


class Step(NamedTuple):
    """One thing that would be otherwise: a term of the code's vocabulary, or kilometres more."""

    code: str
    value: str | int


class Unlock(NamedTuple):
    """A step and how many jobs it opens, near-duplicates counted once, at most MAX_UNLOCKED."""

    code: str
    value: str | int
    jobs: int

    def told(self) -> dict[str, Any]:
        """As in a matches event."""
        name = "km" if self.code == DISTANCE else "value"
        return {"code": self.code, name: self.value, "jobs": self.jobs}


def steps(code: str) -> tuple[Step, ...]:
    """The steps of a kind, the smallest or the first of its vocabulary first."""
    terms: Iterable[str | int] = KM if code == DISTANCE else BITS[code]
    return tuple(Step(code, term) for term in terms)


def after(person: PersonAttrs, step: Step) -> PersonAttrs:
    """The person who took a step; whoever states nothing of a kind has all of it already."""
    if step.code == DISTANCE:
        return replace(person, radius_km=_radius(person, int(step.value)))
    return replace(person, have=person.have | _gained(person.have, step))


def unlocks(person: Person, jobs: Sequence[ActiveJob], ranker: Ranker) -> tuple[Unlock, ...]:
    """What one step would open for somebody, by brute force; as `count_unlocks`."""
    jobs = [job for job in jobs if job.job_id not in person.excluded]
    if not jobs or not len(person.vector):
        return ()
    dots = exact_dots(person.vector[None], np.stack([job.vector for job in jobs]))
    asked = unexposed(jobs_side([job.attrs for job in jobs]))
    scores = ranker.scores(dots, people_side([person.attrs]), asked).tolist()
    worth = [job for job, score in zip(jobs, scores, strict=True) if score >= ranker.send]
    return count_unlocks(person.attrs, worth)


def unexposed(jobs: Side) -> Side:
    """The jobs without what exposure takes: it says nothing of how well they fit."""
    return replace(jobs, penalty=np.zeros(len(jobs)))


def count_unlocks(person: PersonAttrs, worth: Sequence[ActiveJob]) -> tuple[Unlock, ...]:
    """What one step would open: the definition.

    Args:
        person: Who.
        worth: All jobs worth a message but for those they told us to leave out, whether they are
            eligible for them or not.

    Returns:
        One step of each kind at most, MAX_UNLOCKS in all, those that open most jobs first. Of
        schooling and distance it is the least step that opens any; of the others the term that
        most of the jobs which it opens ask for, the earlier one of the vocabulary where two are
        level.
    """
    shut = [job for job in worth if not eligible(person, job.attrs)]
    found = []
    for code in CODES:
        opened = {
            step: [job for job in shut if eligible(after(person, step), job.attrs)]
            for step in steps(code)
        }
        if code in _LEAST_FIRST:
            chosen = next((step for step in opened if opened[step]), None)
        else:
            asking = {step: _asking(step, opened[step], person) for step in opened}
            chosen = max(asking, key=lambda step: asking[step])
        if chosen is not None and opened[chosen]:
            named = [(job.job_id, job.signature) for job in opened[chosen]]
            found.append(Unlock(*chosen, _distinct(named)))
    return _most_first(found)


def _asking(step: Step, opened: Sequence[ActiveJob], person: PersonAttrs) -> int:
    """How many of the jobs lack just the step's own term."""
    own = BITS[step.code][str(step.value)]
    return sum(1 for job in opened if job.attrs.demand & own & ~person.have)


def unlocks_at(
    person: PersonAttrs,
    lacking: NDArray[np.uint64],
    km: NDArray[np.float32],
    named: Callable[[list[int]], list[tuple[str, bytes]]],
) -> tuple[Unlock, ...]:
    """The same for the jobs worth a message that are known to be one step away.

    Args:
        person: Who.
        lacking: The one bit that each lacks them, 0 where it is too far and nothing else, [n].
        km: How far each is, [n].
        named: Gives the ids and signatures of some of them.
    """
    found = []
    for code in CODES:
        if code == DISTANCE:
            step, opened = _nearest(person, lacking, km)
        else:
            step, opened = _asked(person, code, lacking)
        if step is not None:
            found.append(Unlock(*step, _distinct(named(np.flatnonzero(opened).tolist()))))
    return _most_first(found)


def _nearest(
    person: PersonAttrs, lacking: NDArray[np.uint64], km: NDArray[np.float32]
) -> tuple[Step | None, NDArray[np.bool_]]:
    """The least distance that opens any job, and which."""
    far = lacking == 0
    if far.any():
        for step in steps(DISTANCE):
            opened = far & (km <= np.float32(_radius(person, int(step.value))))
            if opened.any():
                return step, opened
    return None, far


def _asked(
    person: PersonAttrs, code: str, lacking: NDArray[np.uint64]
) -> tuple[Step | None, NDArray[np.bool_]]:
    """The step of a kind that is told, and which jobs it opens."""
    own = lacking & np.uint64(_MASKS[code])
    mine = own != 0
    if not mine.any():
        return None, mine
    bits, counts = np.unique(own[mine], return_counts=True)
    chosen = 0 if code in _LEAST_FIRST else int(np.argmax(counts))
    step = _STEP_OF[int(bits[chosen])]
    left = np.uint64(~_gained(person.have, step) & _ALL_BITS)
    return step, mine & ((own & left) == 0)


def _distinct(named: Sequence[tuple[str, bytes]]) -> int:
    """How many jobs these are, near-duplicates once, in order of id; MAX_UNLOCKED at most."""
    keys = [alike(signature) for _, signature in named if signature]
    if len(set(keys)) == len(keys):  # so no two are near-duplicates, as is usual
        return min(len(named), MAX_UNLOCKED)
    ordered = ((job_id, 0.0, signature) for job_id, signature in sorted(named))
    return len(collapse(ordered, MAX_UNLOCKED))


def _most_first(found: Sequence[Unlock]) -> tuple[Unlock, ...]:
    return tuple(sorted(found, key=lambda unlock: -unlock.jobs)[:MAX_UNLOCKS])


def _radius(person: PersonAttrs, more: int) -> float:
    """How far somebody goes who goes some kilometres more, as float32."""
    return float(np.float32(person.radius_km + more))


def _gained(have: int, step: Step) -> int:
    """All bits that a term gives to who has these."""
    term = str(step.value)
    if step.code == "licence":
        return licence_bits(term)
    if step.code == "education":
        return level_bits(term)
    if step.code == "shift":
        known = [name for name, bit in BITS["shift"].items() if have & bit]
        return shift_bits([*known, term])
    return BITS[step.code][term]


_ALL_BITS: Final = 0xFFFF_FFFF_FFFF_FFFF
_MASKS: Final = {code: sum(bits.values()) for code, bits in BITS.items()}
_STEP_OF: Final = {
    bit: Step(code, term) for code, bits in BITS.items() for term, bit in bits.items()
}
