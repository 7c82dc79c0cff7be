"""`/porque`: for an operator about anybody, for a person with their own link about themselves."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from agents.asking_why import why
from agents.context import Context
from matcher_stream.web.ads import ad_of
from matcher_stream.web.site.problem import NOT_READ, Problem
from matcher_stream.web.site.site import Site
from matcher_stream.web.site.visit import Visit
from models.reading.spoken import listed
from schemas.base import MAX_ID_CHARS

QUESTION: Final = "porque"

_STATUS: Final = {
    "paused": "La búsqueda está en pausa.",
    "expired": "El pedido ya venció.",
    "no_consent": "No hay permiso para buscarle trabajo.",
}
_STATES: Final = {
    "held": "El aviso espera a un revisor: nadie lo ve.",
    "rejected": "Un revisor rechazó el aviso.",
    "filled": "El puesto ya se cubrió.",
    "closed": "El aviso se cerró.",
    "expired": "El aviso venció.",
    "withdrawn": "El aviso se retiró.",
}
_LABELS: Final = {
    "distance": "Distancia", "licence": "Brevete", "language": "Idioma", "education": "Estudios",
    "shift": "Horario", "onsite": "Desde casa", "age": "Edad", "pay": "Pago",
}  # fmt: skip
_PARTS: Final = {
    "dense": "lo que dicen los textos", "lexical": "cómo están escritas las palabras",
    "occupation": "el oficio", "travel": "el viaje", "pay": "el pago",
    "experience": "la experiencia", "exposure": "ya se mostró a muchos",
}  # fmt: skip


def register(site: Site, context: Context) -> None:
    """Serve the page, and answer for what this worker owns."""

    async def here(profile_id: str, job: str) -> dict[str, Any] | None:
        return await why(context, profile_id, job)

    owners = site.tools.owners
    owners.answers(QUESTION, here)

    async def page(visit: Visit) -> web.StreamResponse:
        job = _id(visit, "trabajo")
        person = _id(visit, "persona") if visit.staff else visit.person
        if not (job and person):
            return visit.page("porque/pregunta.html", ask_person=visit.staff is not None)
        found = await owners.ask(QUESTION, person, job=job)
        ad = await ad_of(owners, job)
        state = None if ad is None else str(ad["state"])
        return visit.page(
            "porque/respuesta.html", found=found, answer=_answer(found, state), labels=_LABELS,
            parts=_PARTS, says=_says,
        )  # fmt: skip

    site.get("/porque", page, needs=("person", "operator"), cost=2.0)


def _id(visit: Visit, name: str) -> str:
    value = visit.request.query.get(name, "").strip()
    if len(value) > MAX_ID_CHARS or not value.isprintable():
        raise Problem(400, NOT_READ)
    return value


def _answer(found: dict[str, Any] | None, ad: str | None) -> str:
    """The one thing that decides, in a sentence."""
    if found is None:
        return "No conocemos a esa persona."
    if ad is None and "title" not in found:
        return "No conocemos ese aviso."
    if ad in _STATES:
        return _STATES[ad]
    if (status := found["status"]) is not None:
        return _STATUS.get(status, "No se entiende el texto de la persona.")
    if found["excluded"]:
        return "La persona ya respondió sobre este aviso: sale de su lista."
    if "title" not in found:
        return "El aviso todavía no llegó a esta persona. Vuelve a mirar en un momento."
    if failed := [_LABELS[c["code"]].lower() for c in found["checks"] if not c["passed"]]:
        return f"No está en la lista por: {listed(failed)}."
    if found["told"] is not None:
        return f"Está en la lista, en el puesto {found['told']}."
    if found["similar"]:
        return "Está en la lista junto a otro aviso casi igual."
    if found["score"] < found["threshold"]:
        return "No está en la lista: se parece muy poco a lo que la persona dice."
    if found["place"] > found["k"]:
        return f"No entra en los primeros {found['k']}: sería el {found['place']}."
    return "Está por entrar a la lista. Vuelve a mirar en un momento."


def _says(check: dict[str, Any]) -> str:
    """What a filter compared."""
    if not check["stated"]:
        return "nadie dice nada que lo impida"
    facts, code = check["facts"], check["code"]
    if code == "distance" and "km" in facts:
        most = f", y va hasta {facts['max_km']:g} km" if "max_km" in facts else ""
        return f"queda a {facts['km']:g} km{most}"
    if code == "age":
        return f"tiene {facts['age']} años y piden {facts['min_age']} o más"
    if code == "pay":
        return f"pagan S/ {facts['monthly']} al mes y pide S/ {facts['wish']}"
    return "cumple" if check["passed"] else "no cumple lo que piden"
