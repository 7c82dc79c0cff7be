"""Which district a group of names means.

The district that the most names agree on; of namesakes the one that lies where other places of the
text lie; else the one where nearly everybody of them lives; else the region or nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.reading.facts.where.gazetteer import SELF, Place, capitals, meant, says
from models.reading.facts.where.grouping import Group
from models.reading.facts.where.mentions import Mention

_LIMA = "1501"
"""Who says Lima means the city, not the region."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a group means.

    Attributes:
        ubigeo: The district, or None.
        region: Where no district is settled, the province or region, or None.
        how: name, company (several names agree), hint (other places in the text), people (the
            largest namesake by far).
        firm: Whether a name that is no ordinary word, or several names, say so.
    """

    ubigeo: str | None
    region: str | None
    how: str
    firm: bool


def resolve(group: Group, others: Iterable[Mention] = (), town: bool = False) -> Meant:
    """What a group means.

    Args:
        group: Names that stand together.
        others: The other names of the text, to tell namesakes apart.
        town: Whether the words say that it is no region: "distrito de", a street before it.
    """
    mentions = group.mentions
    firm = len(mentions) > 1 or not mentions[0].place.word
    score: dict[str, float] = {}
    for mention in mentions:
        for code in mention.place.districts:
            score.setdefault(code, 0.0)
    for code in score:
        score[code] = sum(says(mention.place, code) for mention in mentions)
    if len(mentions) == 1 and mentions[0].place.own:
        # A name of a district alone is not a neighbourhood elsewhere.
        score = {c: s for c, s in score.items() if c not in mentions[0].place.parts or s == SELF}
    if not score:
        return Meant(None, _area(mentions), "area", firm)
    if len(mentions) == 1 and not town and _only_area(mentions[0].place):
        near = _near(set(score), others)
        if len(near) == 1:
            return Meant(next(iter(near)), None, "hint", firm)
        return Meant(None, _area(mentions), "area", firm)
    best = max(score.values())
    fits = {code for code, value in score.items() if value >= best - 0.01}
    how = "company" if len(mentions) > 1 else "name"
    if len(fits) > 1 and (near := _near(fits, others)):
        fits, how = near, "hint"
    if len(fits) == 1:
        return Meant(next(iter(fits)), None, how, firm)
    one = meant(fits) if fits <= _districts(mentions) else None
    if one is not None:
        return Meant(one, None, "people", firm)
    return Meant(None, _common(fits), "several", firm)


def _districts(mentions: Sequence[Mention]) -> set[str]:
    """Districts that bear one of the names; how many live there says nothing of its parts."""
    return {code for m in mentions for code in (*m.place.own, *m.place.towns)}


def is_capital(group: Group, ubigeo: str | None) -> bool:
    """Whether the district is the capital of a province that bears the group's one name."""
    place = group.mentions[0].place
    return (ubigeo or "").endswith("01") and (ubigeo or "")[:4] in place.areas


def _only_area(place: Place) -> bool:
    """Whether a name alone is a region or province, no town: "La Libertad", "Loreto"."""
    regions = {area for area in place.areas if len(area) == 2}
    if regions:
        return not any(place.own & capitals()[area] for area in regions)
    inside = {code for code in place.own | place.towns if code[:4] in place.areas}
    return bool(place.areas) and not inside


def _area(mentions: Sequence[Mention]) -> str | None:
    """The smallest area that the names agree on."""
    areas = sorted({area for m in mentions for area in m.place.areas}, key=len, reverse=True)
    if not areas:
        return None
    place = mentions[0].place
    if len(mentions) == 1 and place.word and place.own and len(areas[-1]) > 2:
        return None  # "Santa", "La Unión": a province and towns elsewhere
    if len({area[:2] for area in areas}) > 1:
        return None
    if len(mentions) == 1 and areas[0] != _LIMA:
        return areas[-1]
    return areas[0]


def _common(fits: set[str]) -> str | None:
    """The province or region that all lie in."""
    for size in (4, 2):
        if len({code[:size] for code in fits}) == 1:
            return next(iter(fits))[:size]
    return None


def _near(fits: set[str], others: Iterable[Mention]) -> set[str]:
    """The one of several that lies in the provinces, else regions, of other names."""
    hints = [hint for mention in others if (hint := _settled(mention.place))]
    for size in (4, 2):
        areas = {hint[:size] for hint in hints if len(hint) >= size}
        near = {code for code in fits if code[:size] in areas}
        if len(near) == 1:
            return near
    return set()


def _settled(place: Place) -> str | None:
    """The one area a name alone speaks of."""
    if place.word:
        return None
    codes = place.own | place.towns
    if codes:
        return meant(codes)
    if place.parts and not place.areas:
        return _common(place.parts) if len(place.parts) > 1 else next(iter(place.parts))
    areas = sorted(place.areas, key=len, reverse=True)
    return areas[0] if len({area[:2] for area in areas}) == 1 else None
