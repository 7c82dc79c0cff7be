"""Where a person lives, as their words say it.

Every group of place names gets the role that the words before it give: home ("vivo en"), origin
("soy de"), alone between commas or line ends, or no home: work, study, birth, wish, a relative.
The strongest role counts, and where two places bear it the words do not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from models.reading.facts.canonical import Canonical
from models.reading.facts.fact import Fact
from models.reading.facts.where import southern
from models.reading.facts.where.fuzzy import nearest
from models.reading.facts.where.gazetteer import places
from models.reading.facts.where.grouping import Group, groups
from models.reading.facts.where.mentions import Mention, mentions
from models.reading.facts.where.resolve import Meant, is_capital, resolve
from models.reading.facts.where.roles import Role, cues, place_after, role

_TOWN: Final = re.compile(
    r"\b(?:distrito de|pueblo de|ciudad de|(?:calle|jr|av|jiron|psje|urb|mz|"
    r"lt)\b[^\n]*)[\W]*(?:la |el |los )?$"
)
_REGION_SAID: Final = re.compile(r"\b(?:region|departamento)(?: de)? $")
"""The place after it is no district: "vivo en la región Huánuco"."""
_DISTRICT_OF: Final = re.compile(r",? (?:del |en el )?distrito (?:de |del )?(?:la |el )?")
"""Between a hamlet and its district: "comunidad de Yanahuara, distrito de Urubamba"."""
_LISTED: Final = re.compile(r"(?:[ ,/\-]|\by\b)+")
_WORDS: Final = re.compile(r"[a-z0-9]+")
_SHORT: Final = re.compile(r"(?:^|[.,;\n]) ?((?:[a-z]{2,20} ?){1,3})(?=$|[.,;\n])")
_END: Final = re.compile(r"[.,;\n(]")
_GOES_ON: Final = re.compile(r",? (?!(?:y|e|o|u|a|al|es|fue|era|hasta|tiene|esta|queda)\b)[a-z]")
_ROUTE: Final = re.compile(r" (?:a|hasta) ")
_PERSONS: Final = frozenset(
    {"jesus maria", "maria maria", "carmen", "cordova", "molina", "bernal", "talavera"}
)
"""Places called like persons, who may begin a text with their name."""
_SAID: Final = ("home", "here", "origin")
_SURE: Final = {
    "home": 0.99, "here": 0.98, "line": 0.98, "origin": 0.97, "alone": 0.97, "opening": 0.95,
    "present": 0.95, "tail": 0.9, "sought": 0.95,
}  # fmt: skip
_RANK: Final = {
    "home": 6, "here": 5, "line": 4, "origin": 3, "alone": 3, "opening": 2, "present": 1, "tail": 1,
    "sought": 0,
}  # fmt: skip


class _Read(NamedTuple):
    """A group with the role its surroundings give it, and what it means."""

    role: str
    group: Group
    meant: Meant

    @property
    def rank(self) -> int:
        return _RANK[self.role]


def person(words: Canonical) -> tuple[Fact[str] | None, Fact[str] | None]:
    """Home as (district, region); one of them at most.

    Args:
        words: What the person wrote.
    """
    text = words.text
    said, named = cues(text), mentions(text)
    named = _with(named, _after_cues(text, said, named))
    best = _strongest(_readings(text, said, named))
    if best is None and (alone := list(_alone(text, named))):
        named = _with(named, alone)
        best = _strongest(_readings(text, said, named))
    value = best and (best.meant.ubigeo or best.meant.region)
    if best is None or value is None:
        return None, None
    less = 0.02 if best.meant.how in ("hint", "people") else 0.0
    fact = words.fact(
        value, best.group.start, best.group.end, round(_SURE[best.role] - less, 3),
        f"{best.role}_{best.meant.how}",
    )  # fmt: skip
    return (fact, None) if best.meant.ubigeo else (None, fact)


def _readings(text: str, said: list[re.Match[str]], named: list[Mention]) -> list[_Read]:
    """The groups that have a role."""
    found = groups(text, named)
    read: list[_Read] = []
    taken, before = -1, "home"
    for at, group in enumerate(found):
        name, cue = _role(text, group, said, len(found) == 1)
        if cue < 0 and any(r.role == name for r in read) and southern.carried(text, group.end):
            name = ""  # "Talaverapi tiyani, Andahuaylas provinciapi": the area of the first
        if name in _SAID and cue >= 0:
            name, taken = name if cue != taken else "", cue  # the first place after it is meant
        listed = at and not before and not _only_part(found[at - 1])
        if listed and name == "alone" and _LISTED.fullmatch(text, found[at - 1].end, group.start):
            name = ""  # "experiencia en Cusco, Puno"
        before = name
        if not name:
            continue
        if at + 1 < len(found) and _DISTRICT_OF.fullmatch(text, group.end, found[at + 1].start):
            group = found[at + 1]
        first = group.start == 0 and name in ("alone", "opening")
        town = first or _TOWN.search(text[max(0, group.start - 40) : group.start]) is not None
        meant = resolve(group, [m for m in named if not group.start <= m.start < group.end], town)
        if _REGION_SAID.search(text, max(0, group.start - 30), group.start) and meant.ubigeo:
            meant = replace(meant, ubigeo=None, region=meant.ubigeo[:2])
        weak = name in ("opening", "present", "tail") and meant.ubigeo is None
        firm = meant.firm or (first and is_capital(group, meant.ubigeo))
        if name in _SAID or (firm and not weak and not _only_part(group)):
            read.append(_Read(name, group, meant))
    return read


def _role(text: str, group: Group, said: list[re.Match[str]], only: bool) -> Role:
    endings = [mention.ending for mention in group.mentions]
    told = southern.role(text, group.start, group.end, endings)
    if told is not None:
        return Role(told, -1)
    found = role(text, group.begun, group.end, said, only)
    if not found.name and group.start == 0 and _begins(text, group, only):
        return Role("opening", found.cue)  # "bellavista sullana albañil"
    if not found.name and group.begun < group.start:
        return role(text, group.start, group.end, said, only)
    return found


def _begins(text: str, group: Group, only: bool) -> bool:
    """Whether a text that begins with a place goes on with what its writer does."""
    if _ROUTE.search(text, group.start, group.end):
        return False
    if group.mentions[0].name in _PERSONS:
        return text[group.end : group.end + 1] == ","
    if only and len(group.mentions) > 1:
        return True
    firm = any(not mention.place.word for mention in group.mentions)
    return firm and text.count("\n") < 3 and _GOES_ON.match(text, group.end) is not None


def _only_part(group: Group) -> bool:
    """Whether nothing but a neighbourhood's name stands there."""
    return all(not (m.place.own or m.place.towns or m.place.areas) for m in group.mentions)


def _strongest(read: list[_Read]) -> _Read | None:
    """The one reading of the strongest role; None where several places bear it."""
    top = max((r.rank for r in read), default=0)
    first = [r for r in read if r.rank == top]
    settled = [r for r in first if r.meant.ubigeo]
    if len({r.meant.ubigeo for r in settled}) > 1 or not first:
        return None
    if settled:
        return settled[0]
    # "Soy de Lima ... Comas": a region is no contradiction to a district in it.
    regions = tuple(r.meant.region for r in first if r.meant.region)
    for r in read:
        if r.rank >= _RANK["opening"] and (r.meant.ubigeo or "").startswith(regions):
            return r if regions and r.meant.ubigeo else first[0]
    return first[0]


def _with(named: list[Mention], more: Iterator[Mention] | list[Mention]) -> list[Mention]:
    """Names in the order of the text, one at each place."""
    found = {mention.start: mention for mention in (*named, *more)}
    return [found[start] for start in sorted(found)]


def _after_cues(text: str, said: list[re.Match[str]], named: list[Mention]) -> Iterator[Mention]:
    """Misspelt names where "vivo en" or "soy de" say that a place comes."""
    for cue in said:
        start = place_after(text, cue)
        if start is not None:
            yield from _sounding(text, start, start + 50, named, slips=True)


def _alone(text: str, named: list[Mention]) -> Iterator[Mention]:
    """Misspelt names that stand by themselves in a message."""
    if text.count("\n") < 3:
        for short in _SHORT.finditer(text):
            yield from _sounding(text, short.start(1), short.end(1), named, slips=False)


def _sounding(
    text: str, start: int, end: int, named: list[Mention], slips: bool
) -> Iterator[Mention]:
    """The misspelt name that text[start:end] begins with, where no other name stands."""
    stop = _END.search(text, start, end)
    words = [(m[0], *m.span()) for m in _WORDS.finditer(text, start, stop.start() if stop else end)]
    if not words or any(mention.start <= words[0][1] < mention.end for mention in named):
        return
    near = nearest([word for word, _, _ in words[:4]], slips)
    if near is None or (not slips and near[0] != len(words)):
        return
    first, last = words[0][1], words[near[0] - 1][2]
    if not any(mention.start < last and mention.end > first for mention in named):
        yield Mention(first, last, near[1], places()[near[1]], "")
