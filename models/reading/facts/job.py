"""What the words of an ad state about the job."""

from __future__ import annotations

from dataclasses import dataclass

from models.reading.facts.canonical import JobWords, canonical
from models.reading.facts.fact import Fact
from models.reading.facts.terms import (
    age,
    experience_asked,
    languages,
    licence,
    offer,
    openings,
    schooling_asked,
    shift_asked,
)
from models.reading.facts.where import offers, workplace


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What was read; None where the words do not say it.

    Positions of a fact count in its part: title, description or requirements.

    Attributes:
        ubigeo: Where the work is, INEI code of the district.
        remote: Done from home.
        pay_min, pay_max: Soles for one `pay_period`; equal where one sum is said.
        pay_period: month, week, day or hour; piece work has none and gives no pay.
        licence: The least class asked.
        languages: Asked, ISO codes; not those that are only welcome.
        min_age, max_age: Years.
        education: The least asked, a term of EDUCATION.
        shift: A term of SHIFTS.
        vacancies: How many are sought.
        experience_years: Asked, the general one where a notice asks for several.
        closes: Last day to apply, ISO date; without a year in the words, None.
        lodging: A place to sleep is given.
        travel_paid: The trip there is paid.
        meals: Food is given.
    """

    ubigeo: Fact[str] | None = None
    remote: Fact[bool] | None = None
    pay_min: Fact[float] | None = None
    pay_max: Fact[float] | None = None
    pay_period: Fact[str] | None = None
    licence: Fact[str] | None = None
    languages: Fact[tuple[str, ...]] | None = None
    min_age: Fact[int] | None = None
    max_age: Fact[int] | None = None
    education: Fact[str] | None = None
    shift: Fact[str] | None = None
    vacancies: Fact[int] | None = None
    experience_years: Fact[float] | None = None
    closes: Fact[str] | None = None
    lodging: Fact[bool] | None = None
    travel_paid: Fact[bool] | None = None
    meals: Fact[bool] | None = None


def job_facts(
    title: str, description: str | None, requirements: str | None, employer: str | None = None
) -> JobFacts:
    """What the words of an ad state.

    Args:
        title: The ad's title.
        description: What is done and offered, as written.
        requirements: What is asked, as written.
        employer: Who hires, which tells places of one name apart.
    """
    words = JobWords(
        canonical(title, "title"),
        canonical(description or "", "description"),
        canonical(requirements or "", "requirements"),
    )
    remote = offers.remote(words)
    min_age, max_age = age.job(words)
    pay = offer.job(words)
    return JobFacts(
        ubigeo=workplace.job(words, employer, remote is not None),
        remote=remote,
        lodging=offers.lodging(words),
        travel_paid=offers.travel_paid(words),
        meals=offers.meals(words),
        pay_min=pay and pay.low,
        pay_max=pay and pay.high,
        pay_period=pay and pay.period,
        licence=licence.job(words),
        languages=languages.job(words),
        min_age=min_age,
        max_age=max_age,
        education=schooling_asked.job(words),
        shift=shift_asked.job(words),
        vacancies=openings.vacancies(words),
        experience_years=experience_asked.job(words),
        closes=openings.closes(words),
    )
