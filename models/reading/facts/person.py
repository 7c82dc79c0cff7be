"""What a person's words state about them."""

from __future__ import annotations

from dataclasses import dataclass

from models.reading.facts.canonical import canonical
from models.reading.facts.fact import Fact
from models.reading.facts.terms import (
    age,
    experience,
    languages,
    licence,
    pay,
    refusals,
    schooling,
    shifts,
)
from models.reading.facts.third_person import own_words
from models.reading.facts.where import home, moving


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What was read; None or empty where the words do not say it.

    Attributes:
        ubigeo: Home district, INEI code.
        region: INEI code of the region (two digits) or province (four) of home, where the words
            settle no district; None where `ubigeo` is there.
        max_distance_km: How far they would go to work, km.
        relocate: Whether they would move for work.
        anywhere: They would go wherever the work is ("a donde sea").
        remote_only: They can work only from home.
        licence: Classes held, or "none", as `schemas.vocab.person_licence` says them.
        languages: Spoken, ISO codes; the language they write in among them.
        age: Years.
        education: Completed, a term of EDUCATION.
        shifts: When they can work, terms of SHIFTS; a shift they refuse leaves the others.
        min_pay: Least pay, soles for one `pay_period`.
        pay_period: month, week, day or hour.
        experience_years: In all.
        trade_years: (words of a trade, years in it).
        refused: What they will not or cannot do, in words: trades they no longer want, weights.
    """

    ubigeo: Fact[str] | None = None
    region: Fact[str] | None = None
    max_distance_km: Fact[float] | None = None
    relocate: Fact[bool] | None = None
    anywhere: Fact[bool] | None = None
    remote_only: Fact[bool] | None = None
    licence: Fact[str] | None = None
    languages: Fact[tuple[str, ...]] | None = None
    age: Fact[int] | None = None
    education: Fact[str] | None = None
    shifts: Fact[tuple[str, ...]] | None = None
    min_pay: Fact[float] | None = None
    pay_period: Fact[str] | None = None
    experience_years: Fact[float] | None = None
    trade_years: tuple[Fact[tuple[str, float]], ...] = ()
    refused: tuple[Fact[str], ...] = ()


def person_facts(text: str) -> PersonFacts:
    """What a person's words state.

    Args:
        text: As they wrote it; only the first MAX_CHARS are read.
    """
    words = own_words(canonical(text))
    ubigeo, region = home.person(words)
    moves = moving.person(words)
    years_old = age.person(words)
    experience_years, trade_years = experience.person(words, years_old)
    min_pay, pay_period = pay.person(words)
    return PersonFacts(
        ubigeo=ubigeo,
        region=region,
        max_distance_km=moves.max_distance_km,
        relocate=moves.relocate,
        anywhere=moves.anywhere,
        remote_only=moves.remote_only,
        licence=licence.person(words),
        languages=languages.person(words),
        age=years_old,
        education=schooling.person(words),
        shifts=shifts.person(words),
        min_pay=min_pay,
        pay_period=pay_period,
        experience_years=experience_years,
        trade_years=trade_years,
        refused=refusals.person(words),
    )
