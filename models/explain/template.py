"""The writer that always answers: short Spanish sentences from reasons and facts, nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from models.explain.facts import Ask, MatchFacts, amount, in_years
from models.reading.spoken import listed

TEMPLATE_VERSION: Final = "template-2"


def write(facts: MatchFacts) -> str:
    """The explanation of one match: why it fits, where, pay, what is missing, what to bring."""
    return " ".join(_sentences(facts))


def _sentences(facts: MatchFacts) -> Iterator[str]:
    yield f"Este trabajo se parece a lo que buscas: {facts.title}."
    if facts.employer:
        yield f"Lo ofrece {facts.employer}."
    yield from _where(facts)
    yield from _pay(facts)
    yield from asked(facts)


def asked(facts: MatchFacts) -> Iterator[str]:
    """What is asked and met, what is missing, until when, and what to bring."""
    for ask in facts.asks:
        if ask.met:
            yield _met(ask)
    missing = [_wanted(ask) for ask in facts.asks if not ask.met]
    if missing:
        verb = "El aviso también pide" if _all_read(facts) else "También piden"
        yield f"{verb} {listed(missing)}. No nos dijiste si cumples."
    if facts.experience:
        verb = "El aviso dice" if "experience_years" in facts.read else "Piden"
        yield f"{verb} {_years(facts.experience)} de experiencia."
    if facts.vacancies and facts.vacancies > 1:
        yield f"Hay {facts.vacancies} puestos."
    if facts.until:
        yield f"Postula hasta el {facts.until}."
    yield f"Lleva {listed(_to_bring(facts))}."
    if facts.step:
        yield facts.step


def _all_read(facts: MatchFacts) -> bool:
    """Whether all that is missing is said by the ad's words alone."""
    return all(ask.asked_read for ask in facts.asks if not ask.met)


def _where(facts: MatchFacts) -> Iterator[str]:
    place = f", en {facts.place}" if facts.place else ""
    if facts.where == "remote":
        yield "Se hace a distancia. No tienes que viajar."
    elif facts.where == "same_district":
        yield f"Queda en {_home(facts)}: {facts.place}."
    elif facts.km is not None:
        home = f"de {_home(facts)}".replace("de el ", "del ")
        yield f"Queda a unos {amount(facts.km)} km {home}{place}."
        if facts.where == "relocate":
            told = "Según lo que escribiste," if facts.moves_read else "Nos dijiste que"
            yield f"{told} te puedes mudar."
    elif facts.place:
        told = "El aviso dice que queda" if "ubigeo" in facts.read else "Queda"
        yield f"{told} en {facts.place}."
    yield from _lodging(facts)


def _home(facts: MatchFacts) -> str:
    return "el distrito que escribiste" if facts.home_read else "tu distrito"


def _lodging(facts: MatchFacts) -> Iterator[str]:
    given = []
    if facts.lodging:
        given.append("dan dónde dormir")
    if facts.travel_paid:
        given.append("pagan el viaje")
    if given:
        by_words = not facts.read.isdisjoint(("lodging", "travel_paid"))
        words = listed(given)
        yield f"El aviso dice que {words}." if by_words else f"{words[0].upper()}{words[1:]}."


def _pay(facts: MatchFacts) -> Iterator[str]:
    if not facts.pay:
        yield "No dicen cuánto pagan. Pregunta antes de ir."
        return
    by_words = not facts.read.isdisjoint(("pay_min", "pay_max"))
    yield f"El aviso dice que pagan {facts.pay}." if by_words else f"Pagan {facts.pay}."
    if facts.wish:
        wish = "lo que escribiste que pides" if facts.wish_read else "lo que pides"
        yield f"Llega a {wish}: S/ {facts.wish} al mes."


def _met(ask: Ask) -> str:
    asked = "El aviso pide" if ask.asked_read else "Piden"
    words = ", según lo que escribiste" if ask.has_read else ""
    if ask.subject == "age":
        return f"{asked} tener {ask.asked} años o más, y los tienes{words}."
    if ask.subject == "language":
        return f"{asked} hablar {ask.asked}, y lo hablas{words}."
    if ask.subject == "shift":
        told = "El aviso dice que el horario es" if ask.asked_read else "El horario es"
        return f"{told} {ask.asked}, y puedes{words}."
    same = not ask.has or (ask.has == ask.asked and not words)
    own = "y cumples" if same else f"y tienes {ask.has}"
    return f"{asked} {_noun(ask)}, {own}{words}."


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
    return in_years(years)
