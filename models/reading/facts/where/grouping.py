"""Names of places in groups that speak of one place: "Villacuri, Salas, Ica" is one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from models.reading.facts.where.gazetteer import agree
from models.reading.facts.where.mentions import Mention

_PART: Final = re.compile(
    r"\b(?:urb|urbanizacion|barrio|sector|aahh|a h|a\.h|hh|pj|ppjj|asoc|asociacion|zona|anexo|"
    r"caserio)\.? $"
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
_APART: Final = re.compile(r"\n\s*\n|\b(?:y|o|e)\b")


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
        if len(last) == 1 and _is_market(text, last[0], mention):
            parts[-1] = [mention]
        elif last and agree([m.place for m in (*last, mention)]):
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


def _is_market(text: str, first: Mention, second: Mention) -> bool:
    """Whether the first is a market's name beside its town: "mercado San Pedro, Cusco"."""
    if not text.endswith("mercado ", 0, first.start):
        return False
    towns = {code[:4] for code in second.place.own}
    apart = towns.isdisjoint(code[:4] for code in first.place.districts)
    return bool(towns) and (apart or not agree([first.place, second.place]))


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
