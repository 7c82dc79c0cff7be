"""How well facts are read from words: precision and recall by fact, and the errors.

Gold is `said` of the judged people and ads: the facts that their words state. A reading counts as
the stream uses it, that is only where its rule is sure enough (``data/reading_bars.tsv``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from models.evaluation.judged import rows_of
from models.evaluation.vetting import Share
from models.reading.facts.known import Known, known_job, known_person

PERSON_FACTS: Final = (
    "ubigeo", "relocate", "remote_only", "licence", "languages", "age", "education", "shifts",
    "pay", "experience_years",
)  # fmt: skip
JOB_FACTS: Final = (
    "ubigeo", "remote", "pay", "licence", "languages", "min_age", "education", "shift",
    "vacancies", "experience_years", "lodging",
)  # fmt: skip
GOALS: Final[Mapping[str, tuple[float, float]]] = {
    "ubigeo": (0.97, 0.90), "licence": (0.99, 0.95), "age": (0.99, 0.95),
    "min_age": (0.99, 0.95), "experience_years": (0.97, 0.90), "education": (0.97, 0.90),
    "shifts": (0.95, 0.85), "shift": (0.95, 0.85), "pay": (0.98, 0.90),
    "relocate": (0.97, 0.85), "languages": (0.98, 0.95), "lodging": (0.98, 0.90),
}  # fmt: skip
"""Wanted precision and recall by fact."""


@dataclass(frozen=True, slots=True)
class Error:
    """One wrong or missed reading.

    Attributes:
        record: The person's or ad's id.
        fact: Which.
        said: What the words state, None if nothing.
        read: What was read, None if nothing.
    """

    record: str
    fact: str
    said: Any
    read: Any


@dataclass(slots=True)
class Figures:
    """Readings of one fact.

    Attributes:
        right: Read as the words state it.
        read: Read at all.
        said: Stated by the words.
        errors: What went wrong.
    """

    right: int = 0
    read: int = 0
    said: int = 0
    errors: list[Error] = field(default_factory=list)

    @property
    def precision(self) -> Share:
        """Of what was read, what is right."""
        return Share(self.right, self.read)

    @property
    def recall(self) -> Share:
        """Of what the words state, what was read right."""
        return Share(self.right, self.said)


Found = dict[tuple[str, str, str], Figures]
"""Figures by side ("person", "job"), style ("all", "sms", ...) and fact."""


def measure(parts: Sequence[str]) -> Found:
    """Read all records of these folders and compare."""
    people = [row for part in parts for row in rows_of(part, "people.jsonl")]
    return measure_rows(people, [row for part in parts for row in rows_of(part, "jobs.jsonl")])


def measure_rows(people: Iterable[Mapping[str, Any]], jobs: Iterable[Mapping[str, Any]]) -> Found:
    """Read the words of these records and compare with what is `said` in them."""
    found: Found = {}
    for row in people:
        known = known_person({"profile_id": row["profile_id"], "text": row["text"]})
        compare(found, "person", row["style"], row["profile_id"], row["said"], known)
    for row in jobs:
        names = ("job_id", "title", "description", "requirements", "employer")
        known = known_job({name: row[name] for name in names if row.get(name)})
        compare(found, "job", row["source"], row["job_id"], row["said"], known)
    return found


def compare(
    found: Found, side: str, style: str, record: str, said: Mapping[str, Any], known: Known
) -> None:
    """Count what was read of one record.

    Args:
        found: Figures so far; these are added.
        side: "person" or "job".
        style: How it is written, or where it is from.
        record: Its id.
        said: What its words state.
        known: What was read.
    """
    for fact in PERSON_FACTS if side == "person" else JOB_FACTS:
        gold, read = _value(said, fact), _value(known.read, fact)
        if gold is None and read is None:
            continue
        for group in ("all", style):
            figures = found.setdefault((side, group, fact), Figures())
            figures.said += gold is not None
            figures.read += read is not None
            if gold == read:
                figures.right += 1
            else:
                figures.errors.append(Error(record, fact, gold, read))


def _value(fields: Mapping[str, Any], fact: str) -> Any:
    """A fact in a form that can be compared; what is false says as little as what is absent, but
    for moving.
    """
    if fact == "pay":
        names = ("min_pay", "pay_min", "pay_max", "pay_period")
        found = tuple(fields.get(name) for name in names)
        return found if any(isinstance(value, int | float) for value in found) else None
    value = fields.get(fact)
    if isinstance(value, list):
        return tuple(sorted(value))
    return None if value is False and fact != "relocate" else value


def lines(found: Found, style: str = "all") -> Iterator[tuple[str, str, Figures, bool | None]]:
    """(side, fact, figures, whether the goals are met or None without one), in order."""
    for side, facts in (("person", PERSON_FACTS), ("job", JOB_FACTS)):
        for fact in facts:
            figures = found.get((side, style, fact))
            if figures is None:
                continue
            goal = GOALS.get(fact)
            met = None
            if goal is not None:
                met = figures.precision.value >= goal[0] and figures.recall.value >= goal[1]
            yield side, fact, figures, met


def report(found: Found) -> list[dict[str, Any]]:
    """The same as JSON can hold it, every style and every error."""
    return [
        {
            "side": side,
            "style": style,
            "fact": fact,
            "precision": figures.precision.value,
            "precision interval": list(figures.precision.interval),
            "recall": figures.recall.value,
            "recall interval": list(figures.recall.interval),
            "right": figures.right,
            "read": figures.read,
            "said": figures.said,
            "errors": [
                {"record": e.record, "said": e.said, "read": e.read} for e in figures.errors
            ],
        }
        for (side, style, fact), figures in sorted(found.items())
    ]
