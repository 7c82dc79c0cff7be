"""How many people an ad seeks, and the last day to apply."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from models.reading.facts.canonical import Canonical, JobWords
from models.reading.facts.fact import Fact
from models.reading.facts.terms.clauses import before

_PLACES: Final = re.compile(
    r"\b(\d{1,4}) (?:\(\d+\) )?(?:vacantes?|vacs?|plazas?(?! de)|cupos?|puestos? (?:de trabajo"
    r"|vacantes?|disponibles?|cas))\b|\bvacantes?:? ?\(?(\d{1,4})\b|\bplazas?: ?\(?(\d{1,3})\b"
    r"|\bcupos: ?(\d{1,3})\b"
)
_ALONE: Final = re.compile(r" (?:puestos?|vacante|plaza)(?= ?(?:[.,;\n]|$))")
_ALONE_BEFORE: Final = re.compile(r"(?:^|[.,;\n]) ?(una?|\d{1,3})$")
"""A count that is a clause of its own: "un puesto."."""
_WHO: Final = (
    r"(?:personas?|operari[oa]s?|agentes?|trabajador[ea]s?|recolector[ea]s?|auxiliar(?:es)?"
    r"|asistentes?|ayudantes?|hombres|mujeres|varones|avp|peones|obreros|cosechador[ea]s?"
    r"|choferes|conductores"
    r"|mozos|cocineros|vendedor[ea]s?|promotor[ea]s?|jornaleros|albaniles|soldadores|vigilantes"
    r"|tecnic[oa]s|maestros|oficiales|costurer[oa]s|empacador[ea]s|jovenes|senoritas|senoras"
    r"|chicas|estibadores|perforistas|asesores|meser[oa]s|guardianes|enfermer[oa]s"
    r"|(?!provee|inver|distrib|embaja)[a-z]{3,}(?:dores|doras|istas|eros|eras|arios|arias))"
)
"""Who may be sought; at last any trade in the plural."""
_SEEKS: Final = (
    r"(?:requier\w+|requerimos|necesit\w+|busca(?:mos|n)?|convoca\w*|reclut\w+"
    r"|contrat\w+|seleccion\w*|incorpor\w+|solicit\w+|recib(?:e|en|imos)|ingreso(?: el lunes"
    r"| inmediato)?|tomamos"
    r"|se toma|faltan|maskani|maskachkani|queremos|urgente|urge)"
)
_PLACE_HINTS: Final = ("vac", "plaza", "cupo", "puesto")
_OTHER: Final = re.compile(
    r"(?:,| y) (\d{1,2}) (?!anos?\b|mes|dias?\b|horas?\b|soles|turnos?\b|semanas?\b|kilos"
    r"|veces)[a-z]{4,}"
)
_ROLE_HINTS: Final = (
    "peones", "oficiales", "operari", "albanil", "ayudantes", "maestros", "mozos", "cociner",
    "chofer", "agentes", "tecnic", "conductor",
)  # fmt: skip
_SEEK_HINTS: Final = (
    "requ", "necesit", "busc", "convoc", "reclut", "contrat", "selecc", "incorp", "solicit",
    "ingreso", "toma", "recib", "faltan", "maska", "querem", "urge",
)  # fmt: skip
_SOUGHT: Final = re.compile(
    rf"\b(?!contratacion|seleccion\b){_SEEKS}!? (?:a |hoy "
    rf"|el lunes )?(\d{{1,4}})(?: (?:\(\d+\) )?(?:nuev[oa]s )?{_WHO}"
    rf"(?:(?:,| y) (\d{{1,3}}) {_WHO})?|(?=[.;\n]|$))"
)
_ROLES: Final = re.compile(
    rf"(?:^|[.:;\n] ?)(\d{{1,3}}) {_WHO}(?: (?:a|de) \d+)?(?:,| y) (\d{{1,3}}) {_WHO}"
)
_IN_TITLE: Final = re.compile(rf"(?:^|[!:.] ?|\b{_SEEKS}!? )(\d{{1,4}}) {_WHO}")
_RUNATA: Final = re.compile(r"\b(\d{1,4}) runata\b")
_PAIR: Final = re.compile(rf"\b{_SEEKS} (?:a |una )?pareja\b")
_FIRST: Final = re.compile(
    rf"(?:^|\. )(\d{{2,4}}) {_WHO} (?:de|para|con)\b|^[a-z ]{{4,30}}, (\d{{1,3}}) {_WHO} (?:en"
    rf"|para)\b"
)
_COUNTS: Final = re.compile(r"\b[a-z]{4,}(?: [a-z]+){0,2} \((\d{1,3})\)")


def vacancies(words: JobWords) -> Fact[int] | None:
    """How many people are sought, where an ad counts them."""
    for part in (words.title, words.description, words.requirements):
        for pattern, rule, hints in (
            (_PLACES, "places", _PLACE_HINTS),
            (_SOUGHT, "sought", _SEEK_HINTS),
            (_ROLES, "roles", _ROLE_HINTS),
        ):
            found = None
            if any(hint in part.text for hint in hints):
                found = pattern.search(part.text)
            if found:
                count = sum(int(group) for group in found.groups() if group)
                more, end = (
                    _others(part.text, found.end()) if rule != "places" else (0, found.end())
                )
                if 0 < count <= 5000:
                    return part.fact(count + more, found.start(), end, 0.98, rule)
        alone = _alone(part)
        if alone:
            return alone
    title = words.title
    found = _IN_TITLE.search(title.text)
    if found and "/" not in title.text:
        return title.fact(int(found[1]), found.start(), found.end(), 0.98, "title")
    counts = list(_COUNTS.finditer(title.text))
    if counts and all(0 < int(c[1]) <= 200 for c in counts) and "cod" not in title.text:
        total = sum(int(c[1]) for c in counts)
        return title.fact(total, counts[0].start(), counts[-1].end(), 0.96, "counts")
    first = _FIRST.search(words.description.text)
    if first and not re.search(r"\bpara\b", before(words.description.text, first.start(), 10)):
        count = int(first[1] or first[2])
        return words.description.fact(count, first.start(), first.end(), 0.96, "first")
    for part in (words.description, title):
        pair = _PAIR.search(part.text) if "pareja" in part.text else None
        if pair:
            return part.fact(2, pair.start(), pair.end(), 0.96, "pair")
    told = _RUNATA.search(words.description.text)
    if told is None:
        return None
    return words.description.fact(int(told[1]), told.start(), told.end(), 0.95, "quechua")


def _others(text: str, end: int) -> tuple[int, int]:
    """How many of other trades are named behind, "2 mozos, 1 azafata", and where they end."""
    count = 0
    while found := _OTHER.match(text, end):
        count, end = count + int(found[1]), found.end()
    return count, end


def _alone(part: Canonical) -> Fact[int] | None:
    """Places that are a clause of their own, "una vacante", not the stalls of a market."""
    for found in _ALONE.finditer(part.text):
        count = _ALONE_BEFORE.search(part.text[max(0, found.start() - 5) : found.start()])
        if count:
            number = 1 if count[1].startswith("un") else int(count[1])
            return part.fact(number, found.start() - len(count[1]), found.end(), 0.97, "alone")
    return None


MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("enero|ene", "febrero|feb", "marzo|mar", "abril|abr", "mayo|may", "junio|jun", "julio"
        "|jul", "agosto|ago", "setiembre|septiembre|set|sep", "octubre|oct", "noviembre"
        "|nov", "diciembre|dic"),
        start=1,
    )
    for name in names.split("|")
}  # fmt: skip
_DATE: Final = (
    rf"(?:(?P<d>\d{{1,2}}) (?:de |del )?(?P<m>{'|'.join(MONTHS)}) (?:de "
    rf"|del )?(?:ano )?(?P<y>20\d\d)|(?P<d2>\d{{1,2}})[/.-](?P<m2>\d{{1,2}})[/.-](?P<y2>20\d\d))"
)
_CLOSES: Final = re.compile(
    rf"\b(?:postul\w*|recepcion\w*|presentar\w*|presentacion|inscri\w*|cierr[ea]\w*|vence"
    rf"|enviar?|cv|curriculum|convocatoria|plazo|aplicar?|fecha limite|ultimo dia"
    rf"|recibimos)\b[^;\n]{{0,50}}?(?:hasta|cierre|limite|vence|dia|al?"
    rf"|:)?(?: el)?(?: dia)? {_DATE}"
)


def closes(words: JobWords) -> Fact[str] | None:
    """The last day to apply as an ISO date; a date without its year is left open."""
    for part in words:
        found = _closing(part)
        if found:
            return found
    return None


def _closing(part: Canonical) -> Fact[str] | None:
    last: Fact[str] | None = None
    for found in _CLOSES.finditer(part.text):
        day, year = int(found["d"] or found["d2"]), int(found["y"] or found["y2"])
        month = MONTHS[found["m"]] if found["m"] else int(found["m2"])
        try:
            told = date(year, month, day).isoformat()
        except ValueError:
            continue
        last = part.fact(told, found.start(), found.end(), 0.95, "closes")
    return last
