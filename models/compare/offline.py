"""Two versions on judged people: quality, harms, what changes, exposure, gender, time and size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.compare.latency import ROUNDS, Timed, latency
from models.compare.ranked import JudgedPeople
from models.evaluation import gender, graded
from models.evaluation.judged import PARTS
from models.evaluation.run import TOP
from models.evaluation.whole import Whole
from models.ranking.offline import TextEncoder
from models.reading.text import job_text

if TYPE_CHECKING:
    from models.ranking.weights import Weights

Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Version:
    """One of the two.

    Attributes:
        id: In the registry, or ``builtin``.
        vectors: Name of its vector space.
        plain: Encodes anew whatever it is given.
        cached: Encodes a text once.
        weights: Of its ranker.
        size: Bytes of what it is made of; None if nobody counted.
    """

    id: str
    vectors: str
    plain: TextEncoder
    cached: TextEncoder
    weights: Weights
    size: int | None = None

    def told(self) -> dict[str, Any]:
        """What a report says of it."""
        return {
            "id": self.id,
            "vectors": self.vectors,
            "ranker": self.weights.version,
            "bytes": self.size,
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """How much is measured; less is quicker and shows less.

    Attributes:
        parts: Folders of the judged people.
        people: Of each folder; None for all.
        pairs: Of texts that differ in grammatical gender alone; None for all.
        rounds: How often each version is timed.
    """

    parts: Sequence[str] = PARTS["dev"]
    people: int | None = None
    pairs: int | None = None
    rounds: int = ROUNDS


def compare(
    champion: Version, challenger: Version, asked: Asked, tell: Tell = lambda text: None
) -> dict[str, Any]:
    """The comparison, as JSON can hold it; `gates.verdict` reads it.

    Args:
        champion: In use.
        challenger: To take its place.
        asked: How much is measured.
        tell: Called with what is going on.
    """
    tell("Leyendo personas y avisos juzgados")
    of = JudgedPeople(asked.parts, asked.people)
    known = of.sets["all"]
    ranked = []
    for side in (champion, challenger):
        tell(f"Ordenando con {side.id[:12]}")
        ranked.append(of.ranked(side.cached, side.weights))
    tell("Midiendo calidad y exposición")
    found: dict[str, Any] = {
        "champion": champion.told(),
        "challenger": challenger.told(),
        **of.told(*ranked),
    }
    tell("Midiendo género")
    found["gender"] = _gender(champion, challenger, of, asked.pairs)
    tell("Midiendo tiempo")
    first = known.region_of_job[0]
    timed = [j for j, part in zip(known.jobs, known.region_of_job, strict=True) if part == first]
    found["latency"] = latency(
        _timed(champion), _timed(challenger), known.people, timed, TOP, asked.rounds
    )
    return found


def _timed(version: Version) -> Timed:
    return Timed(version.plain, version.cached, version.weights)


def _gender(
    champion: Version, challenger: Version, of: JudgedPeople, most: int | None
) -> dict[str, Any] | None:
    """How alike rankings are when only grammatical gender changes; None without the pairs."""
    listed = graded.FOLDER / "gender_pairs.tsv"
    if not listed.is_file():
        return None
    pairs, jobs, held = gender.listed_pairs(listed)[:most], of.sets["words"].jobs, of.held["words"]
    systems = {
        name: Whole(side.cached, held, side.weights).system(jobs)
        for name, side in (("champion", champion), ("challenger", challenger))
    }
    return gender.report(systems, pairs, [job_text(job) for job in jobs])


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
