"""What is known of a person or a job: what is stated, and where nothing is, what words say.

A stated field always wins. Where words contradict it, that is said and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from models.reading.facts.bars import Side, counts
from models.reading.facts.job import JobFacts, job_facts
from models.reading.facts.person import PersonFacts, person_facts
from models.reading.geo import district_index
from schemas.base import Event

READ: Final = "read"
DIFFERS: Final = "differs"
_PERSON: Final = (
    "max_distance_km", "relocate", "remote_only", "licence", "languages", "age", "education",
    "shifts", "experience_years",
)  # fmt: skip
_JOB: Final = (
    "remote", "licence", "languages", "min_age", "education", "shift", "vacancies",
    "experience_years", "lodging", "travel_paid",
)  # fmt: skip
_PLACE: Final = ("ubigeo", "place")


class Known(NamedTuple):
    """Fields with where they are from.

    Attributes:
        stated: What the publisher stated.
        read: What the words say of fields that are not stated.
        differs: Stated fields that the words contradict, in the fields' order.
    """

    stated: Mapping[str, Any]
    read: Mapping[str, Any]
    differs: tuple[str, ...]

    @property
    def fields(self) -> dict[str, Any]:
        """All together."""
        return {**self.stated, **self.read}

    def get(self, name: str) -> Any:
        """A field, None if neither stated nor read."""
        return self.read[name] if name in self.read else self.stated.get(name)

    def kept(self) -> dict[str, Any]:
        """As rows keep it: the stated fields, and beside them what was read."""
        more: dict[str, Any] = {READ: dict(self.read)} if self.read else {}
        if self.differs:
            more[DIFFERS] = list(self.differs)
        return {**self.stated, **more}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Known:
        """The same back from what `kept` gave."""
        stated = {name: kept[name] for name in kept if name not in (READ, DIFFERS)}
        return cls(stated, kept.get(READ, {}), tuple(kept.get(DIFFERS, ())))

    def source(self, name: str) -> str:
        """Where a field is from: ``stated`` or ``read``."""
        return "read" if name in self.read else "stated"


@lru_cache(maxsize=4_096)
def _person(text: str) -> PersonFacts:
    return person_facts(text)


@lru_cache(maxsize=4_096)
def _job(
    title: str, description: str | None, requirements: str | None, employer: str | None
) -> JobFacts:
    return job_facts(title, description, requirements, employer)


def known_person(profile: Event | Mapping[str, Any]) -> Known:
    """What is known of a person.

    Args:
        profile: An accepted profile, or the dict of its fields.
    """
    stated = _stated(profile)
    facts = _person(stated.get("text", ""))
    return _known("person", stated, facts, _PERSON, ("min_pay",))


def known_job(job: Event | Mapping[str, Any]) -> Known:
    """What is known of a job.

    Args:
        job: An accepted ad, or the dict of its fields.
    """
    stated = _stated(job)
    texts = (stated.get(name) for name in ("description", "requirements", "employer"))
    facts = _job(stated.get("title", ""), *texts)
    return _known("job", stated, facts, _JOB, ("pay_min", "pay_max"))


def _stated(event: Event | Mapping[str, Any]) -> dict[str, Any]:
    fields = event if isinstance(event, Mapping) else event.__dict__
    return {name: value for name, value in fields.items() if value is not None}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _sure(
    side: Side, facts: PersonFacts | JobFacts, names: tuple[str, ...], pay: tuple[str, ...]
) -> dict[str, Any]:
    """The facts that fill a field; those of pay have one bar."""
    bar = dict.fromkeys(pay, "pay")
    found = {name: fact for name in (*names, *pay) if (fact := getattr(facts, name, None))}
    return {
        name: _plain(fact.value)
        for name, fact in found.items()
        if counts(side, bar.get(name, name), fact)
    }


def _known(
    side: Side,
    stated: dict[str, Any],
    facts: PersonFacts | JobFacts,
    names: tuple[str, ...],
    amounts: tuple[str, ...],
) -> Known:
    sure = _sure(side, facts, ("ubigeo", "anywhere", *names), (*amounts, "pay_period"))
    read: dict[str, Any] = {}
    differs: list[str] = []
    if "ubigeo" in sure:
        if not any(stated.get(name) for name in _PLACE):
            read["ubigeo"] = sure["ubigeo"]
        elif _elsewhere(stated, sure["ubigeo"]):
            differs.append("ubigeo")
    for name in names:
        if name not in sure:
            continue
        if stated.get(name) is None:
            read[name] = sure[name]
        elif not _same(stated[name], sure[name]):
            differs.append(name)
    if "anywhere" in sure and stated.get("relocate") is not False:
        read["anywhere"] = sure["anywhere"]
    _pay(stated, sure, amounts, read, differs)
    return Known(stated, read, tuple(differs))


def _elsewhere(stated: dict[str, Any], read: str) -> bool:
    """Whether a stated place that we know is another district than the one read."""
    known = district_index(stated.get("ubigeo"), stated.get("place"))
    return known >= 0 and known != district_index(read, None)


def _pay(
    stated: dict[str, Any],
    sure: dict[str, Any],
    amounts: tuple[str, ...],
    read: dict[str, Any],
    differs: list[str],
) -> None:
    """An amount goes with its period: both are read, or neither."""
    if "pay_period" not in sure or not any(name in sure for name in amounts):
        return
    if not any(stated.get(name) for name in amounts):
        read |= {name: sure[name] for name in (*amounts, "pay_period") if name in sure}
        return
    for name in amounts:
        if stated.get(name) and name in sure and not _same(stated[name], sure[name]):
            differs.append(name)


def _same(stated: Any, read: Any) -> bool:
    if isinstance(stated, list):
        return set(stated) == set(read)
    if isinstance(stated, str) and isinstance(read, str):
        return set(stated.split()) == set(read.split())
    return bool(stated == read)
