"""Places that a text names, in groups of names that speak of one place.

"Villacuri, Salas, Ica" is one group. A name that stands for something else, such as a street, a
school or a firm ("Jr. Tacna", "colegio La Victoria"), is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from models.reading.facts.where.gazetteer import Place, agree, as_heard, places, starts
from models.reading.facts.where.southern import ending, spoken, stem

MAX_MENTIONS: Final = 40
"""Of one text; what comes later is not read, so that cost is bounded."""
_WORD: Final = re.compile(r"[a-z0-9]+")
_NAMED: Final = re.compile(
    r"\b(?:(?:avenida|jiron|calle|pasaje|prolongacion|av|avda|jr|ca|psje|pje|prol|i\.? ?e\.?(?: "
    r"?[pi]\.?)?|iep|iei|ies|"
    r"sra?|srta|ing|dr|dra|lic)\.?|malecon|"
    r"carretera(?: al?| hacia)?|pista|colegio|institucion educativa|instituto|"
    r"iestp|ist|universidad|nacional|nido|academia|hotel|hostal|hospedaje|albergue|lodge|"
    r"restaurante?|"
    r"restobar|polleria|cevicheria|chifa|recreo|clinica|policlinico|hospital|posta|boticas?|"
    r"farmacia|"
    r"molino|fundo|finca|hacienda|granja|familia|agencia|empresa|consorcio|constructora|"
    r"transportes|"
    r"cooperativa|asociacion|estudio|ferreteria|grifos?|grupo|minera|compania|banco|caja|radio|"
    r"diario|"
    r"club|virgen|senor|don|dona|galerias?|edificio|residencial|casino|discoteca|bar|panaderia|"
    r"panificadora|libreria|minimarket|bodega|tienda|taller|iglesia|parroquia|rio|lago|laguna|"
    r"nevado|"
    r"puente|ruta|batallon|cuartel|comisaria|agricola|agroindustrial|agroexportadora|procesadora|"
    r"inversiones|servicios|textil(?:es)?|confecciones|licenciado|marca|lote|parque|(?<!real "
    r")(?<!mall )plaza|ovalo|"
    r"estadio|camal|terminal|bus(?:es)?) $"
)
"""Words right before a name that make it the name of something else."""
_PART: Final = re.compile(
    r"\b(?:urb|urbanizacion|barrio|sector|aahh|a h|a\.h|hh|pj|ppjj|asoc|asociacion|zona|anexo|"
    r"caserio)\.? $"
)
_FIRMS: Final = re.compile(
    r" ?(?:&|s\.? ?a\.? ?c|e\.? ?i\.? ?r\.? ?l|s\.? ?r\.? ?l|s\.? ?a\b|srltda)\b"
)
_BETWEEN: Final = re.compile(
    r"(?:[\s,/()\-\u2013:]|\b(?:en|de|del|la|el|los|las|por|al?|provincia|prov|pcia|region|reg|"
    r"distrito|"
    r"dist|departamento|dpto|depto|ciudad|centro poblado|cp|cpm|cercado|cerca|aca|aqui|nomas|"
    r"lado|costado|pegado|"
    r"altura|frente|valle|zona|pueblo|sector|barrio|urb|urbanizacion|aahh|baja|alta|bajo|alto|anexo|caserio|peru|"
    r"distritopim?|distritunpi|provinciapim?|llaqtapim?|comunidadpim?|markana?|tuqi\w*|lawpim?|"
    r"lawmanta)\b)*"
)
_ARTICLES: Final = frozenset({"el", "la", "los", "las"})
_CARRIERS: Final = frozenset(
    {"markan", "marka", "markapi", "markapita", "markana", "llaqtapi", "tuqin", "tuqita"}
)
_APART: Final = re.compile(r"\n\s*\n|\b(?:y|o|e)\b")


class Mention(NamedTuple):
    """A name of places in a text.

    Attributes:
        start, end: Where it stands in the canonical text.
        name: As the gazetteer has it.
        place: What it can mean.
        ending: What another language put behind it ("pi", "manta"), or "".
    """

    start: int
    end: int
    name: str
    place: Place
    ending: str


class Group(NamedTuple):
    """Names that stand together.

    Attributes:
        mentions: Those that agree.
        begun: Where a neighbourhood before them begins whose name was left out, else their start.
    """

    mentions: tuple[Mention, ...]
    begun: int

    @property
    def start(self) -> int:
        """Where the first begins."""
        return self.mentions[0].start

    @property
    def end(self) -> int:
        """Where the last ends, its ending with it."""
        return self.mentions[-1].end


def mentions(text: str) -> list[Mention]:
    """All names of places in a canonical text, in its order, at most MAX_MENTIONS.

    Names of other things are left out.
    """
    names = starts()
    southern = spoken(text)
    text = text.replace("-", " ")  # "Huanca-Huanca"; as long as it was
    found: list[Mention] = []
    until = 0
    for word in _WORD.finditer(text):
        start, end = word.span()
        known = names.get(word[0])
        if start < until or (known is None and not southern):
            continue
        mention = _longest(text, start, end, southern) if known else None
        if mention is None and southern:
            mention = _with_ending(text, word)
        if mention is None:
            continue
        if word[0] in _ARTICLES and (after := _WORD.match(text, end + 1)):
            other = _longest(text, *after.span(), southern)
            if other and other.name.count(" ") >= mention.name.count(" "):
                continue
        until = mention.end
        if not _is_named(text, start, mention.end):
            found.append(mention)
            if len(found) >= MAX_MENTIONS:
                break
    return found


def _longest(text: str, start: int, end: int, southern: bool) -> Mention | None:
    """The longest name that begins with the word text[start:end], with an ending if need be."""
    known = starts().get(text[start:end])
    if known is None:
        return None
    after = _WORD.match(text, end + 1) if text[end : end + 1] == " " else None
    second = after[0] if after else ""
    for name in (*known.get(second, ()), *known.get(stem(second) if southern else "", ())):
        last = start + len(name)
        if not text.startswith(name, start):
            continue
        if last == len(text) or not text[last].isalnum():
            return Mention(start, last, name, places()[name], "")
        if southern and (rest := _WORD.match(text, last)) and ending(rest[0]):
            return Mention(start, rest.end(), name, places()[name], rest[0])
    single = text[start:end]
    return Mention(start, end, single, places()[single], "") if "" in known else None


def _with_ending(text: str, word: re.Match[str]) -> Mention | None:
    """The name that a word with an ending of Quechua or Aymara is."""
    short = stem(word[0])
    if short == word[0] or word[0] in _CARRIERS:
        return None
    name = short if short in places() else as_heard(short)
    if name is None:
        return None
    return Mention(word.start(), word.end(), name, places()[name], word[0][len(short) :])


def _is_named(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 24) : start]
    return _NAMED.search(before) is not None or _FIRMS.match(text, end) is not None


def groups(text: str, named: Sequence[Mention]) -> list[Group]:
    """Names that stand together and can speak of one place.

    Args:
        text: In canonical spelling.
        named: Its names of places, in its order.
    """
    found: list[list[Mention]] = []
    for mention in named:
        if found:
            gap = text[found[-1][-1].end : mention.start]
            if (
                len(found[-1]) < 6
                and len(gap) <= 40
                and _BETWEEN.fullmatch(gap)
                and not _APART.search(gap)
            ):
                found[-1].append(mention)
                continue
        found.append([mention])
    return [part for run in found for part in _agreeing(text, run)]


def _agreeing(text: str, run: list[Mention]) -> list[Group]:
    """A run of names cut where they cannot speak of one place.

    Of a neighbourhood that is called like a place elsewhere ("El Progreso, Chimbote") only the town
    is kept.
    """
    parts: list[list[Mention]] = []
    begun: list[int] = []
    for mention in run:
        last = parts[-1] if parts else []
        if last and agree([m.place for m in (*last, mention)]):
            last.append(mention)
        elif last and _is_part(text, mention, last):
            continue
        elif len(last) == 1 and _is_part(text, last[0], [mention]):
            parts[-1] = [mention]
        elif len(last) == 1 and last[0].place.word and _is_of(text, last[0], mention):
            parts[-1], begun[-1] = [mention], mention.start  # "la pampa de Majes"
        else:
            parts.append([mention])
            begun.append(mention.start)
    return [Group(tuple(part), start) for part, start in zip(parts, begun, strict=True)]


def _is_of(text: str, first: Mention, second: Mention) -> bool:
    return text[first.end : second.start] in (" de ", " del ")


def _is_part(text: str, mention: Mention, beside: Sequence[Mention]) -> bool:
    """Whether a name that disagrees with those beside it is that of a part of them."""
    return _within(text, mention) or _loose(mention, beside) or _unknown(mention, beside)


def _unknown(mention: Mention, beside: Sequence[Mention]) -> bool:
    """Whether only a neighbourhood elsewhere has the name that stands beside a town."""
    place = mention.place
    if place.own or place.towns or place.areas:
        return False
    return any(other.place.own or other.place.towns for other in beside)


def _within(text: str, mention: Mention) -> bool:
    """Whether the word before says that it is a part of a town."""
    return _PART.search(text[max(0, mention.start - 16) : mention.start]) is not None


def _loose(mention: Mention, beside: Sequence[Mention]) -> bool:
    """Whether a name of many places stands beside a town or area it is a part of."""
    place = mention.place
    return (place.word or len(place.districts) > 1) and any(
        other.place.areas or any(code.endswith("01") for code in other.place.own)
        for other in beside
    )
