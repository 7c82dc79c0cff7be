"""Places that a text names, in groups of names that speak of one place.

"Villacuri, Salas, Ica" is one group. A name that stands for something else, such as a street, a
school or a firm ("Jr. Tacna", "colegio La Victoria"), is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from models.reading.facts.where.gazetteer import Place, agree, longest, places

_WORD: Final = re.compile(r"[a-z0-9]+")
_STEM: Final = re.compile(
    r"(?<=[a-z]{3})(?:llapi|pita|piqa|pim?|manta|man|chaw|choo?|chu|nkir[iy]|na|n|ta|p)"
    r"(?:m|n|s|mi|si|n?qa|tapas|pas|wa|twa|tawa|raq)?$"
)
"""Endings of place in Quechua and Aymara: in, from, to, by."""
SOUTHERN: Final = re.compile(
    r"\b(?:tiya\w*|kawsa\w*|kashani|kachkani|kani|kanchis|ka|taa?r[aq]\w*|taa?ku\w*|"
    r"utj\w+|jak[ait]s?\w*|qamas\w*|jutt?\w*|\w+tatwa|\w+kir[iy]t\w*|nayax?a?|nuqa\w*|noqa\w*|noga)\b"
)
"""Words by which a text is known to speak Quechua or Aymara of where its writer lives."""
_NAMED: Final = re.compile(
    r"\b(?:av|avenida|avda|jr|jiron|calle|ca|psje|pasaje|prolongacion|prol|malecon|carretera|pista|"
    r"colegio|ie|iep|iei|ies|institucion educativa|instituto|iestp|ist|universidad|nacional|nido|academia|"
    r"hotel|hostal|hospedaje|albergue|lodge|restaurante?|restobar|polleria|cevicheria|chifa|recreo|"
    r"clinica|policlinico|hospital|posta|botica|boticas|farmacia|molino|fundo|finca|hacienda|granja|familia|"
    r"agencia|empresa|consorcio|constructora|transportes|cooperativa|asociacion|estudio|ferreteria|"
    r"grifos?|grupo|minera|compania|banco|caja|radio|diario|club|virgen|senor|don|dona|sra?|srta|ing|"
    r"galerias?|edificio|residencial|casino|discoteca|bar|panaderia|panificadora|libreria|minimarket|bodega|"
    r"tienda|taller|iglesia|parroquia|rio|lago|laguna|nevado|puente|ruta|batallon|cuartel|comisaria|"
    r"agricola|agroindustrial|agroexportadora|procesadora|inversiones|servicios|textiles?|confecciones|"
    r"licenciado|marca|lote|parque|plaza|ovalo|estadio|camal|terminal|bus(?:es)?)\.? $"
)
"""Words right before a name that make it the name of something else."""
_FIRMS: Final = re.compile(
    r" ?(?:&|s\.? ?a\.? ?c|e\.? ?i\.? ?r\.? ?l|s\.? ?r\.? ?l|s\.? ?a\b|srltda)\b"
)
_BETWEEN: Final = re.compile(
    r"(?:[\s,/()\-\u2013:]|\b(?:en|de|del|la|el|los|las|por|al?|provincia|prov|pcia|region|reg|distrito|"
    r"dist|departamento|dpto|depto|ciudad|centro poblado|cp|cpm|cercado|cerca|aca|aqui|nomas|lado|pegado|"
    r"altura|frente|zona|pueblo|sector|barrio|baja|alta|bajo|alto|anexo|caserio|peru|"
    r"distritopim?|distritunpi|provinciapim?|llaqtapim?|comunidadpim?|markana?|tuqi\w*|lawpim?|lawmanta)\b)*"
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


@dataclass(frozen=True, slots=True)
class Group:
    """Names that stand together; `start` and `end` in the canonical text."""

    mentions: tuple[Mention, ...]

    @property
    def start(self) -> int:
        """Where the first begins."""
        return self.mentions[0].start

    @property
    def end(self) -> int:
        """Where the last ends, its ending with it."""
        return self.mentions[-1].end


def mentions(text: str) -> list[Mention]:
    """All names of places in a canonical text, in its order; names of other things left out."""
    words = [(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]
    told = [word for word, _, _ in words]
    southern = SOUTHERN.search(text) is not None
    stems = [_STEM.sub("", word) for word in told] if southern else told
    found: list[Mention] = []
    at = 0
    while at < len(words):
        count = longest(told, at, stems)
        if not count:
            at += 1
            continue
        start, end = words[at][1], words[at + count - 1][2]
        last = told[at + count - 1]
        name = " ".join(told[at : at + count])
        stem = name if name in places() else name[: len(name) - len(last)] + stems[at + count - 1]
        if not _is_named(text, start, end):
            found.append(Mention(start, end, stem, places()[stem], name[len(stem) :]))
        at += count
    return found


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
    return [part for run in found for part in _agreeing(run)]


def _agreeing(run: list[Mention]) -> list[Group]:
    """A run of names cut where they cannot speak of one place."""
    parts: list[list[Mention]] = []
    for mention in run:
        if parts and agree([m.place for m in (*parts[-1], mention)]):
            parts[-1].append(mention)
        else:
            parts.append([mention])
    return [Group(tuple(part)) for part in parts]
