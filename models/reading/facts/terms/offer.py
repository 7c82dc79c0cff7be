"""What an ad pays; piece work has no period and gives no pay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from models.reading.facts.canonical import JobWords
from models.reading.facts.fact import Fact
from models.reading.facts.terms.clauses import after, before
from models.reading.facts.terms.money import (
    COUNTED,
    CURRENCY,
    NUM,
    PIECE,
    amount,
    end_of_first,
    is_plausible,
    is_range,
    period,
    sums,
)

_NO_PAY: Final = re.compile(
    r"\b(?:adelantos?|depos\w+|garantia|cuesta|kit|paquete(?: inicial)?|cuota|inscripcion"
    r"|separar|yape[ao]?"
    r"|cuenta|examen|fianza|ley(?! agraria)|telefono|celular|whatsapp|cel|km|panamericana|bono"
    r"|multa"
    r"|descuent\w+|decreto|legislativo"
    r"|comisiones(?: hasta)?|numero|jr|av|avenida|calle|jiron|codigo|ruc|dni|fichas?|viaticos"
    r"|movilidad de"
    r"|asignacion|bonificacion|inversion|alquil\w+|capital|ventas de|meta|cobro|costo|precio"
    r"|vale de"
    r"|resolucion"
    r"|hasta el \d+ de [a-z]+ de|d\. ?s|d\. ?leg|total de)\b[^.;,\n]{0,14}$"
    r"|\bn(?:°|º|ro\.?)? ?$|\b(?:enero|febrero|marzo|abril|mayo|ju[nl]io|agosto|se[pt]\w+"
    r"|octubre|noviembre"
    r"|diciembre)(?: de| del)? $"
)
_AFTER_NO: Final = re.compile(
    r"(?: ?soles)? ?(?:de (?:adelanto|bono|garantia|deposito|movilidad|pasaje|comision|propina"
    r"|viaticos|multa)"
    r"|adelanto|por el (?:curso|examen|kit)|quincenal(?!.{0,12}fin de mes)|por quincena)"
)
_PAID: Final = re.compile(
    r"\b(?:sueldo|remuneracion\w*|pag[ao]n?|paga(?:mos|ra)?|ingresos?|basico|ofrec\w+|gana[sn]?"
    r"|sac(?:a|as|an)"
    r"|sale|salen|doy|damos|jornal|salario|honorarios|haber|luego|aprox|promedio|mensual|bruto"
    r"|base(?! de datos)|fijo|hasta"
    r"|minimo|propina mas|subvencion)\b[^.;\n]{0,30}$"
)
_MORE: Final = re.compile(
    r"(?: ?soles)?,? ?(?:\+|mas\b|y (?:movilidad|moto|casa|viveres|comision|essalud|bolsa"
    r"|recargo|almuerzo|sus (?:alimentos|comidas|pasajes|beneficios)"
    r"|su (?:almuerzo|comida|desayuno|cena|pasaje|comision)|porcentaje|cuarto|pescado|queso"
    r"|seguro|se queda|beneficios|utilidades|cena|propina|desayuno"
    r"|comida)"
    r"|basico|fijo|bruto|neto|en planilla|con (?:seguro|essalud|boleta|propinas?|refrigerio|su"
    r"|extras|beneficios|casa|planilla"
    r"|comida|almuerzo"
    r"|contrato)|cada un[oa]\b|planilla|en mano|descanso|quincenal y fin|segun|para los 2"
    r"|de (?:subvencion"
    r"|sueldo|basico|propina fija))"
)
_LINE_END: Final = re.compile(r"(?: ?soles)?\.?(?:,|$|\.|;|\n)")
_DAY_MORE: Final = re.compile(r"(?: ?soles)?,? (?:\+|mas|y|con)\b")
_QUINCENA: Final = re.compile(r"quincenal[^.;\n]{0,12}$")
_WHOLE: Final = re.compile(r"\b(?:al terminar|por todo|en total|limpios)\b")
_FLOOR: Final = re.compile(r"\b(?:desde|minimo|a partir de)(?: de)? ?$")
_UPWARD: Final = re.compile(r"(?: soles)? (?:a mas|en adelante)\b")
_SHARE: Final = re.compile(r" (?:soles )?(?:y|mas|\+) porcentaje")
_EACH: Final = re.compile(r"(?: soles)? (?:(?:a|para) )?cada un[oa]\b")
_TRAINS: Final = re.compile(
    r"\b(?:capacitacion|entrenamiento|induccion|(?:periodo|dias?|semana) de prueba)\b"
    r"(?:(?!sueldo|luego|despues|basico)[^.;,\n]){0,30}$"
)
"""What is paid while they learn, where another sum is the wage."""
_ROLE: Final = (
    r"(?:peon|peones|oficial|oficiales|operario|operarios|ayudante|ayudantes|maestros?|capataz"
    r"|marido|senora"
    r"|buenos|esposa|esposo|mujer|varon|mozos?|cocineros?|albaniles|albanil|chofer|choferes"
    r"|conductor|conductores)"
)
_ROLE_HINTS: Final = (
    "peon", "oficial", "operari", "ayudante", "maestro", "capataz", "marido", "buenos", "espos",
    "chofer", "conductor", "albanil", "mozo", "cocinero",
)  # fmt: skip
_A_DAY: Final = r"(?: (?:al|el|por) dia| diarios?)"
_TO: Final = r"(?:al|el|los|para el|a la|la|a los)"
_BY_ROLE: Final = re.compile(
    rf"\b{_ROLE} (?:gana |de |a )?{CURRENCY}?(?P<a>{NUM})(?: soles)?{_A_DAY}?,? (?:y )?"
    rf"(?:\d{{1,3}} )?(?:el |la |al |a la )?{_ROLE} (?:gana |a )?{CURRENCY}?(?P<b>{NUM})"
    rf"|(?<!\d){CURRENCY}?(?P<c>{NUM})(?: soles)?(?:{_A_DAY}?,? {_TO}|{_A_DAY}) {_ROLE},? (?:y )?"
    rf"{CURRENCY}?(?P<d>{NUM})(?: soles)?(?: {_TO})? {_ROLE}"
)
_MONTHLY: Final = (500, 8_000)
_ALLOWANCE: Final = 200
"""Soles a month of who learns or practises."""
_DAILY: Final = (15, 150)


class Offer(NamedTuple):
    """What an ad pays, soles for one period."""

    low: Fact[float] | None
    high: Fact[float] | None
    period: Fact[str]


class _Said(NamedTuple):
    low: float
    high: float
    period: str
    start: int
    end: int
    rule: str


def job(words: JobWords) -> Offer | None:
    """What an ad pays; nothing for piece work, advances, fees and other sums.

    A sum with its period comes before a bare one, which is of the evident period.
    """
    if "alquil" in words.title.text:
        return None
    for part in (words.description, words.title, words.requirements):
        found = list(_by_role(part.text)) or list(_sums(part.text))
        if not found:
            continue
        found = [s for s in found if not _TRAINS.search(before(part.text, s.start, 60))] or found
        said = next((s for s in found if s.rule == "period"), found[0])
        near, rest = before(part.text, said.start, 16), part.text[said.end : said.end + 22]
        sure = 0.98 if said.rule == "period" else 0.96
        place = (said.start, said.end, sure, said.rule)
        until = said.low == said.high and near.rstrip().endswith("hasta")
        floor = said.low == said.high and bool(
            _FLOOR.search(near) or _SHARE.match(rest) or _UPWARD.match(rest)
        )
        return Offer(
            None if until else part.fact(said.low, *place),
            None if floor else part.fact(said.high, *place),
            part.fact(said.period, *place),
        )
    return None


def _by_role(text: str) -> Iterator[_Said]:
    """Two sums for two roles: "operario 100 y oficial 80 por dia"."""
    found = _BY_ROLE.search(text) if any(role in text for role in _ROLE_HINTS) else None
    if found is None:
        return
    low, high = sorted(amount(found[group]) for group in "abcd" if found[group])
    told = period("", after(text, found.end(), 30))
    daily = re.search(r"\bdia\b|diari", found[0]) or high <= 200
    name = told.name if told else "day" if daily else "month"
    if is_plausible(low, name):
        yield _Said(low, high, name, found.start(), found.end(), "period")


def _sums(text: str) -> Iterator[_Said]:
    for found in sums(text):
        start, end = found.span()
        near = before(text, start, 60)
        low = high = amount(found["a"])
        joined = text[found.end("a") : found.start("b")] if found["b"] else ""
        if is_range(found) and (" y " not in joined or re.search(r"\bentre(?: s/\.?)? ?$", near)):
            high = amount(found["b"])
        elif found["b"]:
            end = end_of_first(found)
        rest = after(text, end, 45)
        if (
            _NO_PAY.search(near)
            or _AFTER_NO.match(rest)
            or (PIECE.match(rest) and not (low >= _MONTHLY[0] and _EACH.match(rest)))
            or COUNTED.match(rest)
            or (_QUINCENA.search(near) and "fin de mes" not in rest)
        ):
            continue
        told = period(near, rest)
        money = bool(found["cur"] or found["cur2"] or found["sol"] or found["sol2"])
        if told is not None and is_plausible(low, told.name) and (money or low >= 20):
            yield _Said(low, high, told.name, start, end + told.length, "period")
            continue
        bare = _bare(found, near, rest, money, high > low)
        if bare and is_plausible(low, bare):
            yield _Said(low, high, bare, start, end, "bare")


def _bare(found: re.Match[str], near: str, rest: str, money: bool, between: bool) -> str | None:
    """The evident period of a sum without one: a month's pay, a day's for what is small."""
    low = amount(found["a"])
    grouped = "," in found["a"] or ("." in found["a"] and low >= 500)
    more = _MORE.match(rest) is not None
    cue = more or _PAID.search(near) is not None
    ends = _LINE_END.match(rest) is not None
    if 1980 <= low <= 2040 and not (grouped or money or more):
        return None  # a year
    if _WHOLE.search(near) or _WHOLE.search(rest):
        return None
    if low >= _ALLOWANCE and rest.startswith(" de subvencion"):
        return "month"
    if _MONTHLY[0] <= low <= _MONTHLY[1]:
        alone = ends and (not near or (low >= 800 and near.endswith((", ", ": "))))
        round_ = alone and low >= 750 and low % 10 == 0
        if money or (grouped and (cue or ends)) or (cue and low >= 800) or round_:
            return "month"
        if between and grouped:
            return "month"
    if _DAILY[0] <= low <= _DAILY[1] and money and (cue or ends or _DAY_MORE.match(rest)):
        return "day"
    return None
