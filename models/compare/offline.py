"""Two versions on judged people: quality, harms, what changes, exposure, gender, time and size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from models.compare.changes import Ranking, changes
from models.compare.exposure import Ad, exposure
from models.compare.latency import ROUNDS, Timed, latency
from models.compare.quality import facets_of, quality
from models.evaluation import gender, graded, judged, sending, slices
from models.evaluation.judged import FIELDS, PARTS, Fields, Judged
from models.evaluation.run import TOP
from models.evaluation.sending import Sent
from models.evaluation.whole import Whole
from models.ranking.offline import TextEncoder
from models.reading.text import job_text
from schemas.job import Job

if TYPE_CHECKING:
    from models.ranking.weights import Weights

Tell = Callable[[str], object]
GIVEN: Final[tuple[Fields, ...]] = (FIELDS[0], FIELDS[2])
"""Of people and ads: all fields, and words alone."""


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
    from models.vetting import gate

    tell("Leyendo personas y avisos juzgados")
    every = {fields: judged.load(fields, asked.parts) for fields in GIVEN}
    facets = facets_of(every["all"])
    sets = {fields: _some(each, asked.people) for fields, each in every.items()}
    known = sets["all"]
    held = {
        fields: _Held({job.job_id for job in each.jobs if gate.vet(job).held})
        for fields, each in sets.items()
    }
    ranked: list[dict[Fields, Sent]] = []
    for side in (champion, challenger):
        tell(f"Ordenando con {side.id[:12]}")
        ranked.append(
            {
                fields: sending.sent(each, side.cached, held[fields], TOP, side.weights)
                for fields, each in sets.items()
            }
        )
    tell("Midiendo calidad y exposición")
    before, after = (_rankings(side["words"]) for side in ranked)
    ads = {job.job_id: Ad(_region(job), job.employer) for job in known.jobs}
    found: dict[str, Any] = {
        "champion": champion.told(),
        "challenger": challenger.told(),
        "quality": quality(ranked[0], ranked[1], facets),
        "changes": changes(before, after, facets),
        "exposure": exposure(before.values(), after.values(), ads),
    }
    tell("Midiendo género")
    found["gender"] = _gender(champion, challenger, sets["words"], held["words"], asked.pairs)
    tell("Midiendo tiempo")
    first = known.region_of_job[0]
    timed = [j for j, part in zip(known.jobs, known.region_of_job, strict=True) if part == first]
    found["latency"] = latency(
        _timed(champion), _timed(challenger), known.people, timed, TOP, asked.rounds
    )
    return found


class _Held:
    """Whether an ad waits for review; each was vetted once."""

    def __init__(self, waiting: set[str]) -> None:
        self._waiting = waiting

    def __call__(self, job: Job) -> bool:
        return job.job_id in self._waiting


def _timed(version: Version) -> Timed:
    return Timed(version.plain, version.cached, version.weights)


def _some(of: Judged, people: int | None) -> Judged:
    """The first people of each folder, with all ads."""
    if people is None:
        return of
    kept, seen = [], dict.fromkeys(of.region_of_person, 0)
    for i, part in enumerate(of.region_of_person):
        seen[part] += 1
        if seen[part] <= people:
            kept.append(i)
    return replace(
        of,
        people=[of.people[i] for i in kept],
        region_of_person=[of.region_of_person[i] for i in kept],
        about=[of.about[i] for i in kept],
        grades=[of.grades[i] for i in kept],
        broken=of.broken[kept],
    )


def _rankings(of: Sent) -> dict[str, Ranking]:
    return {
        person.profile_id: Ranking(
            [entry["job_id"] for entry in entries], [entry["score"] for entry in entries]
        )
        for person, entries in zip(of.judged.people, of.rankings, strict=True)
    }


def _region(job: Job) -> str:
    return slices.place_of(job.ubigeo, job.place)["region"]


def _gender(
    champion: Version, challenger: Version, of: Judged, held: _Held, most: int | None
) -> dict[str, Any] | None:
    """How alike rankings are when only grammatical gender changes; None without the pairs."""
    listed = graded.FOLDER / "gender_pairs.tsv"
    if not listed.is_file():
        return None
    pairs = gender.listed_pairs(listed)[:most]
    systems = {
        name: Whole(side.cached, held, side.weights).system(of.jobs)
        for name, side in (("champion", champion), ("challenger", challenger))
    }
    return gender.report(systems, pairs, [job_text(job) for job in of.jobs])


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
