"""Filter by filter, why a pair may be matched or may not: the same as `filters.eligible`, told."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from models.ranking import attrs
from models.ranking.attrs import HOUSES, NO_AGE, RELOCATE, JobAttrs, PersonAttrs
from models.ranking.bits import BITS
from models.reading.geo import distances

CODES: Final = ("distance", "licence", "language", "education", "shift", "onsite", "age", "pay")


class Check(NamedTuple):
    """One filter.

    Attributes:
        code: One of CODES.
        passed: Whether it lets the pair through.
        stated: Whether both sides say anything that it compares; if not it passes.
        facts: Kilometres, years or soles a month that were compared.
    """

    code: str
    passed: bool
    stated: bool
    facts: dict[str, Any]


def checks(person: PersonAttrs, job: JobAttrs) -> tuple[Check, ...]:
    """Every filter in the order of CODES; all pass exactly where the pair is eligible, the canary
    aside, which is in nobody's ranking.
    """
    lacking = job.demand & ~person.have
    of_kind = {kind: sum(bits.values()) for kind, bits in BITS.items()}
    found = [_distance(person, job)]
    for kind, stated in (
        ("licence", attrs.LICENCE), ("language", attrs.LANGUAGE),
        ("education", attrs.SCHOOLING), ("shift", attrs.SHIFT),
    ):  # fmt: skip
        both = bool(person.stated & job.asked & stated)
        found.append(Check(kind, not lacking & of_kind[kind], both, {}))
    rest = lacking & ~sum(of_kind.values())
    found.append(Check("onsite", not rest, bool(person.stated & attrs.REMOTE), {}))
    years = {} if person.age == NO_AGE else {"age": person.age}
    both = bool(years) and job.min_age > 0
    found.append(Check("age", person.age >= job.min_age, both, {**years, "min_age": job.min_age}))
    asked = bool(person.min_pay) and job.pay != float("inf")
    pay = {"monthly": round(job.pay), "wish": round(person.min_pay)} if asked else {}
    found.append(Check("pay", job.pay >= person.min_pay, asked, pay))
    return tuple(found)


def _distance(person: PersonAttrs, job: JobAttrs) -> Check:
    known = person.district >= 0 and job.district >= 0 and not job.remote
    km = float(distances()[person.district, job.district])
    housed = bool(job.asked & HOUSES and person.stated & RELOCATE)
    facts: dict[str, Any] = {"km": round(km, 1)} if known else {}
    if known and person.radius_km != float("inf"):
        facts["max_km"] = person.radius_km
    if known and housed:
        facts["housed"] = True
    return Check("distance", job.remote or housed or km <= person.radius_km, known, facts)
