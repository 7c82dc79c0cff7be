"""Years of work of a person: in all, and by trade."""

from __future__ import annotations

import re
from typing import Final

from models.reading.facts.canonical import Canonical
from models.reading.facts.fact import Fact
from models.reading.facts.terms.clauses import Quantity, after, before, quantities

_SOMEBODY: Final = re.compile(
    r"\b(?:hij[oa]s?|hijit[oa]s?|bebes?|bb|nin[oa]s?|niet[oa]s?|nen[ea]s?|edad|salita|contrato"
    r"|carrera|curso"
    r"|mama|papa|abuel[oa]|ancian[oa]|senora?|chic[oa]|joven|varon|mujer|cada|hermanit[oa]"
    r"|sobrin[oa]|herman[oa](?: mayor| menor)?)"
    r"(?: (?:de|con|es de|era de|tiene|tiene ya|fue de|mayor de|menor de|casi))*:? \(?$"
    r"|\b(?:hij|nin|niet|herman)[oa]s(?: [a-z]+){0,2},? \d+(?:, \d+)* y $"
    r"|\bde \d+ y $|\b(?:a|desde) los $"
)
"""What has an age or a length and is no work."""
_NOT_WORK: Final = re.compile(
    r"\b(?:estudi\w+|vive|vivo|vivi\w*|viviendo|vivimos|radico|llegue|vine|llegamos|jubilad[oa]"
    r"|sin (?:trabajo|empleo"
    r"|chamba|trabajar)|desemplead[oa]|desocupad[oa]|ultimos?|alquil\w*|garantia|casad[oa]"
    r"|hace que no"
    r"|no trabajo|dentro de|durara?|mayor(?:es)? de|separad[oa]|viud[oa]|paralizad\w*|deje de"
    r"|enferm[oa]|operaron|busco trabajo|trabajo por|temporada|proximos?|faltan?|cumpl\w+"
    r"|vigente por"
    r"|vencio|falleci\w*|preso|internad[oa]|duro|enfermo?a?|murio|termino|terminamos|sufri|perdi"
    r"|tengo a mi|vencid[oa]|saque|mi (?:papa|mama|espos[oa]|marido|herman[oa]"
    r"|ti[oa])"
    r"(?: si)? trabaj\w+)\b[^,.;\n]{0,22}$|\b(?:licencia|brevete)\b[^,.;\n]{0,20} hace $"
    r"|\bsus? (?:papa|padre|mama|madre|espos[oa]|marido)\b[^.;\n]{0,40}$"
    r"|\bhij\w+:? ?\d* ?\((?:\d+(?:, | y |,)?)+ ?$"
)
_NOT_AFTER: Final = re.compile(
    r"^ ?(?:de (?:edad|estudios?|carrera|nacid|casad|viud|garantia|contrato|instituto|universidad"
    r"|vigencia|residencia|antiguedad|(?:la )?(?:secundaria|primaria))|(?:que )?(?:viviendo|vivo"
    r"|vivimos"
    r"|sin (?:trabajo|chamba|trabajar|empleo)|estudiando|estudie|buscando|enferm|llegue|vine"
    r"|separad"
    r"|radico|aprendi|me (?:case|mude|opere|fui|quitaron|robaron)|(?:se )?(?:me )?(?:vencio"
    r"|caduco)|y desde entonces|termine|sali|deje|perdi|nacio"
    r"|murio|falleci"
    r"|tuve|no (?:tengo|trabajo))|sin problema|sin salir|seguidos|que no trabajo|y lo deje"
    r"|como minimo de contrato|(?:y )?(?:aca|aqui) (?:vivo|radico|resido))"
)
_CUE_AFTER: Final = re.compile(
    r"^,? ?(?:que (?:cuid|trabaj|manej|vend|cocin|cos|lav|hago|soy|estoy)\w*|(?:ya )?de (?!lima"
    r"|mi\b|la\b|los\b|\d)[a-z]+|en\b|como\b|:|cuid\w+|manej\w+|trabaj\w+"
    r"|[a-z]+[aei]ndo\b|estuve|en esto|con\b|ruta|vend\w+|cocin\w+|[a-z']+(?:pi|rqani|rani|ni)\b"
    r"|fui\b"
    r"|he\b|cos[oei]\w*|lav\w+|atend\w+|\(|experiencia)"
)
_CUE_BEFORE: Final = re.compile(
    r"(?:\b(?:hace|experiencia(?: [a-z]+)?\.?:?|exp\.?:?|llevo|llevo como|trabaje|trabajo"
    r"|trabajando"
    r"|trabajado"
    r"|llevo [a-z]+|[a-z]{3,}(?:ando|iendo) [a-z]+|labore|durante|por|estuve|fui|he sido|sido"
    r"|hice|hago|dedico|cuide|maneje|cocine|vendi"
    r"|cosi|lave|atendi|ensene|servi|cose?che|limpie|experiencia de|oficio:?"
    r"|practicas?:?"
    r"|mi experiencia es de)(?: (?:como|ya|mas de|casi|unos|cerca de|por|hace|de|desde"
    r"|aproximadamente"
    r"|minimo|los|alrededor de|haran?|van|son))*|\bmas de|\bcomo|\bunos|\bcasi|\btengo|\bcon"
    r"|\ben total"
    r"|\bya|\bcerca de|\bson|\by|\(|\btengo como|\b(?:fui|he sido) [a-z]+(?: de [a-z]+)?) ?$"
)
_TRADE: Final = re.compile(
    r"(?:ist[ao]|er[ao]|eria|[dt]or[a]?|ante|ente|il|taxi|ur[ao]|ari[ao]|ic[oa]|estr[oa]|mocil|man"
    r"|jer[ao]|ador"
    r"|oz[oa]|guardian|capataz|chef|peon|obrer[oa]|sereno|niner[ao]|profe|tecnic[oa]|motos?|combi"
    r"|volquete|camion|bus|trailer|taxi|cocina|costura|limpieza|caja|ventas|chacra|construccion"
    r"|almacen|mina|pesca|cosecha|campo|obra|retro|frontal|maquinaria)\b[^.;\n:]{0,30}$"
)
"""A trade close before the count: "vigilante 8 anos", "pescador de chancay 30 anos"."""
_NO_AGE: Final = 15
"""Nobody who looks for work is younger: a count that stands alone is one of work."""
_OTHERS: Final = re.compile(
    r"\b(?:hij\w*|niet\w*|bebe|nin[oa]s?|contrato|viv[eo]|curso|estudi\w*|institut\w*|cetpro"
    r"|carrera|menor|mayor|garantia|edad"
    r"|mascota|perro"
    r"|sobrin\w*|herman\w*|colegio|carro|moto|modelo|antiguedad)\b"
)
_STUDY: Final = re.compile(
    r"\b(?:(?<!director )(?<!jefe )tecnic[oa]|carrera|institut\w*|superior|egresad[oa]"
    r"|titulad[oa])[^.;\n]{0,20}\($"
)
_PRACTICE: Final = re.compile(
    r"experiencia|\bexp\b|practica|trabaj|\bcomo\b|cajer|emple|labor"
    r"|\bde [a-z]+(?:or|ora|era|ero|ista|ante|ozo)\b"
)
_UNTRIED: Final = re.compile(
    r"(?:(?:^|[.,;\n] ?|\by |\bpero )(?:(?:soy|estoy) )?|\b(?:\d\d|anos|ciudad) (?=sin|ninguna))"
    r"(?:sin|ninguna(?= exp)|(?:aun |todavia )?no (?:tengo|cuento con)) (?:ninguna )?"
    r"experiencia(?: (?:laboral|previa|aun|todavia|alguna)){0,2}(?= ?(?:[.,;\n)]|$)| pero\b"
    r"| con ganas)"
)
"""Of their own work; what they lack in one trade says nothing of the others."""
_NEVER: Final = re.compile(
    r"\b(?:nunca h[ea]|no h[ea]|jamas he) trabajado(?: nunca| jamas| todavia| aun| antes){0,2}"
    r"(?: en nada)?(?= ?(?:[.,;\n)]|$)| y )"
)
_TRIED: Final = re.compile(r"\b(?:trabaje|trabajado|trabajaba|practicas|con experiencia)\b")
_SHORT: Final = re.compile(
    r"\bexp(?:eriencia)?\.?:? (?P<a>\d{1,2})(?= ?(?:[\n,.;/]|$))"
    r"|\b(?P<b>\d{1,2}) (?:de exp(?:eriencia)?\b|trabajando\b)"
)
"""Years without the word: "exp 10", "6 de exp"."""
_TOTAL: Final = re.compile(r"\ben total\b(?: unos| como| mas de)? ?$")
_NEAR, _REST = 45, 40
_TRADE_CHARS: Final = 60
_HEAD_ENDS: Final = re.compile(r"[,:()]")
_FILLER: Final = re.compile(
    r"\b(?:busco|quiero|soy|tengo|hola|buenas|buenos|dias|tardes|senora?|he sido|sido|yo|amigo|fui"
    r"|hace|llevo|trabaje|trabajo|estuve|experiencia|exp|mas|en total|unos?|esto|eso|oficio"
    r"|total|ya"
    r"|tambien|despues|ahora|casi|como|anos|hice|he)\b"
)
_EDGES: Final = re.compile(
    r"^(?:(?:de|en|con|por|y|la|el|los|las|a|un|una|se|mi|lo|que|del)\b ?)+|"
    r"(?: ?\b(?:de|en|con|por|y|la|el|los|las|a|un|una|se|mi|lo|que|del))+$"
)


def person(
    words: Canonical, age: Fact[int] | None = None
) -> tuple[Fact[float] | None, tuple[Fact[tuple[str, float]], ...]]:
    """Years of work in all, and by trade; of several counts the highest, or the total they name.

    Args:
        words: What they wrote.
        age: What was read as their age: those years are no work.
    """
    text = words.text
    best: tuple[float, Quantity, str] | None = None
    trades: list[Fact[tuple[str, float]]] = []
    alone = 0
    for said in quantities(text):
        if not 0 < said.years <= 60 or (age is not None and _is_age(words, said, age)):
            continue
        near, rest = before(text, said.start, _NEAR), after(text, said.end, _REST)
        if near.endswith(" y llevo "):
            near = "llevo "  # "cumpli 40 y llevo 11 anos": what is before is another thing
        if _SOMEBODY.search(near) or _NOT_WORK.search(near) or _NOT_AFTER.match(rest):
            continue
        rule = _rule(said, near, rest)
        if rule is None:
            continue
        alone += rule == "alone"
        weight = said.years + (100 if _TOTAL.search(near) else 0)
        if best is None or weight > best[0]:
            best = (weight, said, rule)
        trade = _trade(near, rest)
        if trade:
            value = (trade, said.years)
            trades.append(words.fact(value, said.start, said.end, 0.9, "trade"))
    if best is None and (short := _SHORT.search(text)):
        years = float(short[short.lastgroup or 0])
        return words.fact(years, short.start(), short.end(), 0.97, "cue"), tuple(trades[:10])
    if best is None and not trades and ("experiencia" in text or "trabajado" in text):
        none = _UNTRIED.search(text) or _NEVER.search(text)
        tried = none and _TRIED.search(text[: none.start()] + text[none.end() :])
        if none and not tried:
            return words.fact(0.0, none.start(), none.end(), 0.97, "untried"), ()
    if best is None or (best[2] == "alone" and alone > 1):
        return None, tuple(trades[:10])  # one employer after the other: the sum is not said
    _, said, rule = best
    return words.fact(said.years, said.start, said.end, 0.97, rule), tuple(trades[:10])


def _is_age(words: Canonical, said: Quantity, age: Fact[int]) -> bool:
    place = words.fact(0, said.start, said.end, 0, "")
    return place.start < age.end and age.start < place.end


def _rule(said: Quantity, near: str, rest: str) -> str | None:
    """Why this count is one of work, None where it is not."""
    if said.in_months and not (_PRACTICE.search(near[-30:]) or _PRACTICE.search(rest[:30])):
        return None
    if _STUDY.search(near):
        return None
    if _CUE_AFTER.match(rest) or _CUE_BEFORE.search(near):
        return "cue"
    if said.in_months or said.one:
        return None
    if said.native and rest.strip():
        return "cue"
    if not near.strip() and rest.startswith(" ") and said.years < _NO_AGE and not said.one:
        return "line"
    alone = (near.strip() or not rest) and (not rest or rest.startswith(","))
    if alone and said.years < _NO_AGE and not _OTHERS.search(near):
        return "alone"
    if near.endswith(", ") and (not rest or rest.startswith((",", " y vivo"))):
        return None  # "soldador, 30 anos, lima": an age as likely
    return "trade" if _TRADE.search(near) else None


def _trade(near: str, rest: str) -> str | None:
    """Words of the trade that a count of years belongs to: of what is before and after it."""
    if len(near) == _NEAR:
        near = near.partition(" ")[2]
    if len(rest) == _REST:
        rest = rest.rpartition(" ")[0]
    head = _HEAD_ENDS.split(near.rstrip(" ,:("))[-1]
    tail = _HEAD_ENDS.split(rest.lstrip(" ,:"))[0]
    said = " ".join(_FILLER.sub(" ", f"{head} {tail}").split())
    said = _EDGES.sub("", said).strip(" .-")
    return said[:_TRADE_CHARS].rsplit(" ", 1)[0] if len(said) > _TRADE_CHARS else said or None
