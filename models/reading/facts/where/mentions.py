"""Places that a text names.

A name that stands for something else, such as a street, a
school or a firm ("Jr. Tacna", "colegio La Victoria"), is none.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from models.reading.facts.where.gazetteer import Place, as_heard, places, starts
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
_FIRMS: Final = re.compile(
    r" ?(?:&|s\.? ?a\.? ?c|e\.? ?i\.? ?r\.? ?l|s\.? ?r\.? ?l|s\.? ?a\b|srltda)\b"
)
_PROVINCE: Final = re.compile(r"(?<!distrito y )\bprovincia de $")
_ARTICLES: Final = frozenset({"el", "la", "los", "las"})
_CARRIERS: Final = frozenset(
    {"markan", "marka", "markapi", "markapita", "markana", "llaqtapi", "tuqin", "tuqita"}
)


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
        known = names.get(word[0])
        if known is None and not southern:
            continue
        start, end = word.span()
        if start < until:
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
            found.append(_of_province(text, mention))
            if len(found) >= MAX_MENTIONS:
                break
    return found


def _of_province(text: str, mention: Mention) -> Mention:
    """As a province only where the words before say so: "provincia de Yauli"."""
    place = mention.place
    if not place.own or not _PROVINCE.search(text, max(0, mention.start - 24), mention.start):
        return mention
    areas = {area for area in place.areas if len(area) == 4}
    return mention._replace(place=Place(areas=areas)) if areas else mention


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
    named = before.endswith(" ") and _NAMED.search(before) is not None
    return named or _FIRMS.match(text, end) is not None
