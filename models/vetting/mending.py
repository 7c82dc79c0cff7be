"""What the gate says of an ad, to the employer who wrote it: what is wrong, and how to write it.

It names no words and no points of the ad's: who means ill learns less, and who does not needs none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from models.vetting.gate import Verdict
from models.vetting.words import words

#: By code, words that say what an honest employer may have meant; each passes the gate.
INSTEAD: Final[dict[str, str]] = {
    "fee": "No cobramos nada. El uniforme y la capacitación son gratis.",
    "bribe": "No cobramos por el puesto.",
    "code": "Trae tu DNI a la entrevista; no pedimos claves.",
    "account": "Pagamos en efectivo cada sábado.",
    "kept": "Pagamos cada semana. Descansas los domingos.",
    "papers": "Trae una copia de tu DNI.",
    "venue": "Restaurante familiar, atiende de 8 a 5.",
    "debt": "Pagamos cada quincena, sin adelantos.",
    "women": "Para personas mayores de 18 años.",
    "young": "Para personas mayores de 18 años.",
    "looks": "Pedimos buen trato y puntualidad.",
    "travel": "El trabajo es en el mismo distrito.",
    "border": "El trabajo es en el Perú.",
    "easy": "Pagamos S/ 1200 al mes por 8 horas al día.",
    "riches": "Pagamos S/ 1200 al mes por 8 horas al día.",
    "scheme": "Pagamos un sueldo fijo al mes.",
    "photos": "No pedimos fotos.",
    "chat": "Ven a nuestro local de 9 a 5.",
    "pay": "Pagamos S/ 1200 al mes por 8 horas al día.",
}
#: By code, what else to change.
ADD: Final[dict[str, str]] = {
    "vague": "Di qué se hace, en qué distrito es y quién contrata.",
    "unnamed": "Di quién contrata.",
    "alike": "Cuenta con tus palabras qué se hace, dónde, el horario y el pago.",
    "law_sex": "Escribe el puesto para todos: «personal de caja», «vendedor o vendedora».",
    "law_age": "Quita el límite de {most} años: puedes pedir mayores de 18 y experiencia.",
    "law_looks": "Quita lo que dice del aspecto: puedes pedir aseo y buen trato.",
    "law_family": "Quita lo que dices de hijos, pareja o embarazo: di qué horario hace falta.",
    "law_origin": "Quita lo que dices de dónde es la persona: puedes pedir permiso de trabajo.",
    "law_belief": "Quita lo que dices de la religión o las ideas de la persona.",
    "law_health": "Quita lo que dices de discapacidad o salud: di qué tareas se hacen.",
    "law_child": "Solo pueden trabajar mayores de 18 años.",
    "law_minor": "Para este trabajo pide mayores de 18 años.",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What an employer reads of a verdict.

    Attributes:
        headline: What becomes of the ad.
        wrong: What is wrong, a sentence each.
        instead: How to write it, a sentence each.
    """

    headline: str
    wrong: tuple[str, ...]
    instead: tuple[str, ...]


def told(verdict: Verdict) -> Told | None:
    """A verdict in an employer's words; None if there is nothing to say."""
    if verdict.action == "match":
        return None
    codes = [reason.code for reason in verdict.reasons]
    wrong = tuple(words(reason) for reason in verdict.reasons)
    written = dict.fromkeys(INSTEAD[code] for code in codes if code in INSTEAD)
    instead = (
        *(f"Si no es así, escríbelo así: «{text}»" for text in written),
        *(ADD[found.code].format(**found.facts) for found in verdict.reasons if found.code in ADD),
    )
    if verdict.action == "advise":
        return Told("Este aviso se publica, pero deja fuera a gente. Cambia esto:", wrong, instead)
    first = next((text for code, text in zip(codes, wrong, strict=True) if code != "alike"), "")
    if not first:
        return Told("Este aviso no se publicará así.", wrong, instead)
    said = f"Este aviso {first[0].lower()}{first[1:].rstrip('.')}: no se publicará."
    return Told(said, tuple(text for text in wrong if text != first), instead)
