"""Where public notices say the work is: "EMPLOYER. REGION - DISTRICT.", or a town hall."""

from __future__ import annotations

import re
from typing import Final

from models.reading.districts import ALL
from models.reading.facts.canonical import Canonical
from models.reading.facts.fact import Fact
from models.reading.facts.where.fuzzy import nearest
from models.reading.facts.where.gazetteer import capitals, key, meant, places
from models.reading.facts.where.mentions import mentions

_REGION: Final = "|".join(sorted({key(district.region) for district in ALL}, key=len, reverse=True))
_NOTICE: Final = re.compile(
    rf"(?P<who>[^\n]{{3,200}}?)\. ?(?P<region>{_REGION})(?: ?- "
    rf"?(?P<district>[^.\n]{{2,60}}))?\.(?: |$)"
)
_NOTICE_MEANT: Final = 3
"""Of namesakes in one region a notice means the one with so many times the people."""
_TOWN_HALL: Final = re.compile(
    r"\bmunicipalidad (?P<kind>provincial |distrital |metropolitana )?(?:de |del |de la "
    r")?(?P<name>[^.\n]{2,60})"
)


def of_notice(part: Canonical) -> Fact[str] | None:
    """From "EMPLOYER. REGION - DISTRICT." at the beginning of a text."""
    notice = _NOTICE.match(part.text)
    if notice is None:
        return None
    area = next(iter(code for code in places()[notice["region"]].areas if len(code) == 2))
    if notice["district"] is None:
        found = _hall(notice["who"], area)
        start, end, rule = notice.start("who"), notice.end("region"), "town_hall"
    else:
        found = _district_in(notice["district"].strip(), area, notice["who"])
        start, end, rule = notice.start("region"), notice.end("district"), "notice"
    fact = part.fact(found or "", start, end, 0.99, rule)
    return fact if found and not fact.said.islower() else None


def _district_in(name: str, area: str, who: str) -> str | None:
    """The district of that name in a region, of namesakes the one that the employer's name fits."""
    told = key(name)
    if told == "lima":
        return "150101"
    place = places().get(told)
    if place is None and (near := nearest(told.split())) and near[0] == len(told.split()):
        place = places()[near[1]]
    if place is None:
        return None
    inside = {code for code in place.own if code.startswith(area)}
    inside = inside or {code for code in place.towns | place.parts if code.startswith(area)}
    if len(inside) > 1:  # "LIMA - SAN LUIS" is the one that most live in
        named = {code[:4] for mention in mentions(who) for code in mention.place.areas}
        near_by = {code for code in inside if code[:4] in named}
        inside = near_by if len(near_by) == 1 else inside
    return meant(inside, _NOTICE_MEANT)


def _hall(who: str, area: str | None) -> str | None:
    """The district whose town hall hires: of a province its capital."""
    hall = _TOWN_HALL.search(who)
    if hall is None:
        return None
    name = key(hall["name"])
    provincial = (hall["kind"] or "").startswith("provincial")
    words = name.split()
    for first, last in (
        (0, len(words)),
        (1, len(words)),
        *((0, n) for n in range(len(words) - 1, 0, -1)),
    ):
        place = places().get(" ".join(words[first:last]))
        rest = " ".join(words[last:])
        if place is None or (rest and (area is None or rest not in places())):
            continue
        inside = {code for code in place.own if area is None or code.startswith(area)}
        if provincial:
            areas = {a for a in place.areas if len(a) == 4 and (not area or a.startswith(area))}
            if len(areas) == 1:
                inside = set(capitals().get(areas.pop(), inside))
        if inside and (area or len(inside) == 1):
            return meant(inside)
    return None


def of_town_hall(part: Canonical, who: str) -> Fact[str] | None:
    """From a town hall's name alone."""
    hall = _TOWN_HALL.search(part.text)
    if hall and (found := _hall(part.text, None)):
        return part.fact(found, hall.start(), hall.end(), 0.95, "town_hall")
    found = _hall(who, None)
    return part.fact(found, 0, 0, 0.95, "employer") if found else None
