"""Where the work of an ad is.

Public notices write "EMPLOYER. REGION - DISTRICT."; others name the place in a sentence, beside
places that buses come from, goods go to or people are sought in.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from models.reading.facts.canonical import Canonical, JobWords, canonical
from models.reading.facts.fact import Fact
from models.reading.facts.where.grouping import Group, groups
from models.reading.facts.where.mentions import Mention, mentions
from models.reading.facts.where.notices import of_notice, of_town_hall
from models.reading.facts.where.resolve import Meant, resolve
from models.reading.facts.where.roles import sentence_start

_ELSEWHERE: Final = re.compile(
    r"\b(?:(?:desde|sale[n]?|salimos|salidas?(?= (?:de|desde|del)\b)|recojo|reco[gj]\w+|bus|buses|"
    r"carro|camion|combi|movilidad|"
    r"pasajes?|rutas?|trayecto|hacia|hasta|destino|entreg\w+|reparto|repart\w+|traslad\w+|viaj\w+|"
    r"(?<!empresa de )transport\w+|contenedores|motonaves|radio|vivir|vivan?|residan?|residir|"
    r"residente|entrevistas?|"
    r"terminal(?! en\b)|visitar|visitas?|bodegas|experiencia|"
    r"proveniente\w*|vecinos|interesad\w+|vienen|"
    r"llamar|"
    r"presentarse|envios?|despacho|llevar|cubre|zonas? de|para unidades|conocer|"
    r"calles)\b[^.;\n]{0,45}|"
    r"(?:chic[ao]s?|personas|gente|grupo|jovenes|varones|senorit?as|mujeres) "
    r"(?:de|desde) (?:la |"
    r"el )?)$"
)
_HERE: Final = re.compile(
    r"\b(?:base|sede|oficinas?|(?<!reparto )local|planta|obra|fundo|mina|campamento|unidad|tienda|"
    r"almacen|almacenes|casa|sucursal|"
    r"puesto|lugar de trabajo|lugar|ubicad[oa]s?|distrito|taller|clinica|colegio|restaurante|"
    r"hotel|proyecto|granja|"
    r"frente de trabajo|cantera|mercado|edificio|condominio|galeria|parque industrial|salon|"
    r"estacion|supermercados?)\b[^.;\n]{0,30}$"
)
_IN: Final = re.compile(
    r"\b(?:en|(?:distrito|localidad|ciudad|provincia|mercado|plaza|centro|cercado) de|mercado|"
    r"plaza)(?: (?:el|la|los|las|nuestro|nuestra|pleno))? $"
)
_BESIDE: Final = re.compile(
    r"(?:[,(:\u2013-]|\bkm \d+|\b(?:urb|urbanizacion|sector|barrio|zona|anexo|caserio|"
    r"parque)\.?) ?$"
)
_OF: Final = re.compile(r"\b(?:de|del|por|zona|para)(?: (?:el|la|los|las))? $")
_STREET: Final = re.compile(r",? (?:en (?:el|la) )?(?:carretera|av|avenida|jr|jiron|calle|km)\b")
_SAILS: Final = re.compile(
    r"\b(?:bolichera|lancha|embarcacion|bote|barco)\b[^.;\n]{0,40} sale "
    r"(?:(?:de|desde|del|el|la|puerto|caleta|muelle) ){1,4}$"
)
_SEAT: Final = re.compile(r"\b(?:sede|empresa|oficinas?|compania|consultora|firma)\b[^.;\n]*$")
_WHO_LIVES: Final = re.compile(r" que viven?\b")
_STRETCH: Final = re.compile(
    r"\b(?:carretera|tramo|via|trocha|camino|ruta|linea)\b[^.;\n]{0,30}[-\u2013] ?$"
)
_ROUTE: Final = re.compile(r" ?(?:-|\u2013|a|/) ?")
_LIST: Final = re.compile(r"(?: ?[,/] ?| y | e | o |, (?:y|e) )")


class _Said(NamedTuple):
    """A group with how plainly it is the place of work, 0 not at all."""

    plain: int
    group: Group
    meant: Meant


def job(words: JobWords, employer: str | None = None, remote: bool = False) -> Fact[str] | None:
    """The district of the work, None where the words do not settle it.

    Args:
        words: Of the ad.
        employer: Who hires; their name in the text is no place, but tells namesakes apart.
        remote: Whether the work is done from home; then a firm's seat is no place of work.
    """
    if found := of_notice(words.description):
        return found
    who = canonical(employer or "").text
    hints = mentions(who)
    for part in (words.description, words.title):
        if found := _of_text(part, who, hints, remote):
            return found
    return of_town_hall(words.description, who) or _of_employer(words.description, who)


def _of_employer(part: Canonical, who: str) -> Fact[str] | None:
    """From the address that an employer's name ends with: "Estudio Vargas, calle Zela, Tacna"."""
    for group in groups(who, mentions(who)):
        if re.search(r"[,(] ?$", who[: group.start]) and re.fullmatch(r"[ ).]*", who[group.end :]):
            meaning = resolve(group)
            if meaning.ubigeo and meaning.firm:
                return part.fact(meaning.ubigeo, 0, 0, 0.95, "employer_address")
    return None


def _of_text(part: Canonical, who: str, hints: list[Mention], remote: bool) -> Fact[str] | None:
    """From the sentences of an ad or its title."""
    text = part.text
    masked = _mask(text, who)
    named = [m for m in mentions(text) if not masked[0] <= m.start < masked[1]]
    found = groups(text, named)
    said = []
    for at, group in enumerate(found):
        plain = _plainness(text, group, part.part == "title")
        if remote and _SEAT.search(text[max(0, group.start - 30) : group.start]):
            plain = 0
        if _in_list(text, found, at):
            plain = 0
        if plain:
            others = [m for m in named if not group.start <= m.start < group.end]
            street = _STREET.match(text, group.end) is not None
            meaning = resolve(group, (*others, *hints), street)
            if _enough(part, group, meaning):
                said.append(_Said(plain, group, meaning))
    said = [s for s in said if s.meant.ubigeo]
    if not said:
        return None
    top = max(s.plain for s in said)
    first = next(s for s in said if s.plain == top)
    less = 0.02 if first.meant.how in ("hint", "people") else 0.0
    return part.fact(
        first.meant.ubigeo or "", first.group.start, first.group.end, 0.98 - less,
        f"{part.part}_{first.meant.how}",
    )  # fmt: skip


def _mask(text: str, who: str) -> tuple[int, int]:
    """Where the employer's name stands in the text."""
    at = text.find(who) if len(who) >= 4 else -1
    return (at, at + len(who)) if at >= 0 else (-1, -1)


def _plainness(text: str, group: Group, title: bool) -> int:
    """3 "planta en", 2 "en" or alone between signs, 1 otherwise, 0 elsewhere."""
    start = sentence_start(text, group.start)
    before = text[start : group.start]
    if _STRETCH.search(before) or _WHO_LIVES.match(text, group.end):
        return 0
    if _SAILS.search(before):
        return 1
    here = _HERE.search(before)
    elsewhere = _ELSEWHERE.search(before)
    if elsewhere and not (here and here.start() > elsewhere.start()):
        return 0
    if here:
        return 3
    if _IN.search(before):
        return 3 if title else 2
    if not before.strip() or _BESIDE.search(before):
        return 2
    return 1 if _OF.search(before) else 0


def _in_list(text: str, found: list[Group], at: int) -> bool:
    """Whether the group is one of several places in a row that are not one place, or of a route."""
    for first, second in ((at - 1, at), (at, at + 1)):
        if first < 0 or second >= len(found):
            continue
        gap = text[found[first].end : found[second].start]
        if not (_LIST.fullmatch(gap) or _ROUTE.fullmatch(gap)):
            continue
        one, other = resolve(found[first]).ubigeo, resolve(found[second]).ubigeo
        if one is None or one != other:
            return True
    return False


def _enough(part: Canonical, group: Group, meaning: Meant) -> bool:
    """Whether a name that is a word, or of a neighbourhood only, stands where places stand."""
    only_part = all(not (m.place.own or m.place.towns or m.place.areas) for m in group.mentions)
    if meaning.firm and not only_part:
        return True
    said = part.fact(None, group.start, group.end, 0, "")
    around = part.written[max(0, said.start - 20) : said.end + 20]
    if said.said.islower() or around.isupper():
        return False
    before = part.text[max(0, group.start - 24) : group.start]
    return _IN.search(before) is not None or (
        not only_part and re.search(r"(?:\bde|,) $", before) is not None
    )
