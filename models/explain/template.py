"""The writer that always answers: short Spanish sentences from reasons and facts, nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from models.explain.facts import Ask, MatchFacts, amount
from models.reading.spoken import listed

TEMPLATE_VERSION: Final = "template-1"


def write(facts: MatchFacts) -> str:
    """The explanation of one match: why it fits, where, pay, what is missing, what to bring."""
    return " ".join(_sentences(facts))


def _sentences(facts: MatchFacts) -> Iterator[str]:
    yield f"Este trabajo se parece a lo que buscas: {facts.title}."
    if facts.employer:
        yield f"Lo ofrece {facts.employer}."
    yield from _where(facts)
    yield from _pay(facts)
    for ask in facts.asks:
        if ask.met:
            yield _met(ask)
    missing = [_wanted(ask) for ask in facts.asks if not ask.met]
    if missing:
        yield f"También piden {listed(missing)}. No nos dijiste si cumples."
    if facts.experience:
        yield f"Piden {_years(facts.experience)} de experiencia."
    if facts.vacancies and facts.vacancies > 1:
        yield f"Hay {facts.vacancies} puestos."
    if facts.until:
        yield f"Postula hasta el {facts.until}."
    yield f"Lleva {listed(_to_bring(facts))}."


def _where(facts: MatchFacts) -> Iterator[str]:
    place = f", en {facts.place}" if facts.place else ""
    if facts.where == "remote":
        yield "Se hace a distancia. No tienes que viajar."
    elif facts.where == "same_district":
        yield f"Queda en tu distrito: {facts.place}."
    elif facts.km is not None:
        yield f"Queda a unos {amount(facts.km)} km de tu distrito{place}."
        if facts.where == "relocate":
            yield "Nos dijiste que te puedes mudar."
    elif facts.place:
        yield f"Queda en {facts.place}."


def _pay(facts: MatchFacts) -> Iterator[str]:
    if not facts.pay:
        yield "No dicen cuánto pagan. Pregunta antes de ir."
        return
    yield f"Pagan {facts.pay}."
    if facts.wish:
        yield f"Llega a lo que pides: S/ {facts.wish} al mes."


def _met(ask: Ask) -> str:
    if ask.subject == "age":
        return f"Piden tener {ask.asked} años o más, y los tienes."
    if ask.subject == "language":
        return f"Piden hablar {ask.asked}, y lo hablas."
    if ask.subject == "shift":
        return f"El horario es {ask.asked}, y puedes."
    same = not ask.has or ask.has == ask.asked
    own = "y cumples" if same else f"y tienes {ask.has}"
    return f"Piden {_noun(ask)}, {own}."


def _wanted(ask: Ask) -> str:
    if ask.subject == "age":
        return f"tener {ask.asked} años o más"
    if ask.subject == "language":
        return f"hablar {ask.asked}"
    if ask.subject == "shift":
        return f"horario {ask.asked}"
    return _noun(ask)


def _noun(ask: Ask) -> str:
    return f"brevete {ask.asked}" if ask.subject == "licence" else ask.asked


def _to_bring(facts: MatchFacts) -> list[str]:
    subjects = {ask.subject for ask in facts.asks}
    things = ["tu documento de identidad"]
    if "licence" in subjects:
        things.append("tu brevete")
    if "education" in subjects:
        things.append("tu certificado de estudios")
    return things


def _years(years: float) -> str:
    if years < 1:
        months = round(years * 12)
        return "un mes" if months == 1 else f"{months} meses"
    return "1 año" if years == 1 else f"{amount(years)} años"
