"""Why an ad is held or advised, in plain Spanish for whoever reviews it, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from models.vetting.gate import Finding

#: Every reason code with its sentence; braces are filled with the reason's facts.
CODES: Final[dict[str, str]] = {
    "fee": "Pide dinero o una compra antes de trabajar.",
    "bribe": "Ofrece un puesto por un pago o un favor.",
    "code": "Pide claves, códigos o datos de la tarjeta.",
    "account": "Pide usar la cuenta, el nombre o la línea de la persona para otros.",
    "kept": "Paga recién al final, o no deja salir en mucho tiempo.",
    "papers": "Retiene el DNI, otros documentos o el celular.",
    "minor": "Parece buscar menores de edad.",
    "lure": "Busca apartar a la persona de los suyos, o verla a solas.",
    "body": "Ofrece dinero por el cuerpo, un bebé o un matrimonio.",
    "sexual": "Habla de compañía o servicios sexuales.",
    "venue": "Es para un local nocturno o de anfitrionas.",
    "debt": "Ata a la persona con un adelanto o una deuda, o no la deja salir.",
    "women": "Se dirige a mujeres jóvenes.",
    "young": "Busca solo gente muy joven.",
    "looks": "Pide belleza o simpatía.",
    "tied": "Busca gente sola, humilde o lejos de su familia.",
    "night": "Es de noche.",
    "trip": "Apura o esconde el viaje.",
    "travel": "Ofrece el viaje.",
    "lodging": "Ofrece dónde dormir.",
    "border": "Es en otro país, o pide ocultar el viaje.",
    "camp": "Es en una zona con trata conocida.",
    "easy": "Promete dinero fácil.",
    "scheme": "Parece una pirámide, una inversión o armado de kits.",
    "parcel": "Pide llevar o reenviar paquetes ajenos.",
    "crime": "Parece un trabajo ilegal.",
    "secret": "Pide discreción o mente abierta.",
    "photos": "Pide fotos.",
    "model": "Ofrece castings o modelaje.",
    "alone": "Es para acompañar a una persona sola.",
    "alike": "Sus palabras se parecen a las de avisos falsos o de trata.",
    "chat": "Solo se contacta por chat.",
    "untrained": "No pide experiencia ni estudios.",
    "hurry": "Apura a decidir.",
    "riches": "Promete mucho dinero.",
    "pay": "Paga unos S/ {pay} al mes sin pedir nada a cambio.",
    "vague": "No dice dónde es ni quién contrata, y casi nada del trabajo.",
    "unnamed": "No dice quién contrata.",
    "law_sex": "Excluye por sexo (Ley 26772).",
    "law_age": "Excluye por edad, hasta {most} años (Ley 26772).",
    "law_looks": "Excluye por el aspecto (Ley 26772).",
    "law_family": "Excluye por estado civil, hijos o embarazo (Ley 26772).",
    "law_origin": "Excluye por el origen o la nacionalidad (Ley 26772).",
    "law_belief": "Excluye por la religión o las ideas (Ley 26772).",
    "law_health": "Excluye por discapacidad o salud (Ley 29973).",
    "law_child": "Acepta a menores de 14 años ({age}) (Ley 27337).",
    "law_minor": "Acepta a menores de 18 años ({age}) en trabajo {why}.",
}

#: What an employer should change, by code.
MEND: Final[dict[str, str]] = {
    "law_sex": (
        "Escriba el puesto para todos, sin decir hombre o mujer: por ejemplo «personal de caja» "
        "o «vendedor o vendedora»."
    ),
    "law_age": "Quite el límite de edad de {most} años: puede pedir mayores de 18 y experiencia.",
    "law_looks": (
        "Quite lo que dice del aspecto: puede pedir aseo, buen trato o lo que el trabajo exige."
    ),
    "law_family": "Quite lo que dice de hijos, pareja o embarazo: diga qué horario hace falta.",
    "law_origin": "Quite lo que dice de dónde es la persona: puede pedir permiso de trabajo.",
    "law_belief": "Quite lo que dice de la religión o las ideas de la persona.",
    "law_health": (
        "Quite lo que dice de discapacidad o salud: diga qué tareas se hacen y qué peso se carga."
    ),
}


def advice_of(reasons: Iterable[Finding]) -> str:
    """What the employer should change so that the ad excludes nobody; "" if nothing."""
    breached = [reason for reason in reasons if reason.code in MEND]
    found = [MEND[reason.code].format(**reason.facts) for reason in breached]
    laws = ("29973" if reason.code == "law_health" else "26772" for reason in breached)
    return " ".join([*found, *(f"Lo pide la Ley {law}." for law in dict.fromkeys(laws))])


def words(reason: Finding) -> str:
    """One sentence for a reviewer."""
    return CODES[reason.code].format(**reason.facts)
