"""Whether a person would move for work, go anywhere, or works only from home.

Every verb of moving or going is judged within its clause: with a will ("dispuesto a mudarme"), a
far target ("me voy a otra provincia") or a condition ("si dan cuarto") it says yes, with a "no"
before it or behind it no.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from models.reading.facts.canonical import Canonical
from models.reading.facts.fact import Fact
from models.reading.facts.where import going
from models.reading.facts.where.distance import distance
from models.reading.facts.where.remote import remote_only


class Moving(NamedTuple):
    """What a person said of going elsewhere; None where they said nothing."""

    relocate: Fact[bool] | None
    anywhere: Fact[bool] | None
    max_distance_km: Fact[float] | None
    remote_only: Fact[bool] | None


def person(words: Canonical) -> Moving:
    """Readiness to move, how far, and whether only from home.

    Args:
        words: What the person wrote.
    """
    yes = no = anywhere = None
    text = words.text
    for verb in going.VERB.finditer(text) if _may_speak(text) else ():
        said = _judged(text, verb)
        if said is None:
            continue
        rule = "stays" if not said else "anywhere" if said == "anywhere" else "goes"
        lead = going.LEAD.search(text, max(0, verb.start() - 40), verb.start())
        start = lead.start() if lead else verb.start()
        fact = words.fact(bool(said), start, verb.end(), 0.98, rule)
        if not said:
            no = no or fact
        else:
            yes = yes or fact
            anywhere = anywhere or (fact if rule == "anywhere" else None)
    if labelled := going.LABELLED.search(text):
        told = labelled["said"] == "si"
        fact = words.fact(told, labelled.start(), labelled.end(), 0.97, "goes" if told else "stays")
        yes, no = (fact, no) if told else (yes, fact)
    if no is None and (stay := going.STAY.search(text)):
        no = words.fact(False, stay.start(), stay.end(), 0.95, "stays")
    if yes and no:
        return Moving(None, None, distance(words), remote_only(words))
    return Moving(yes or no, anywhere, distance(words), remote_only(words))


def _may_speak(text: str) -> bool:
    """Whether a text may speak of going: a cheap look before the patterns."""
    has = text.__contains__
    return any(map(has, going.GOES)) or (any(map(has, going.STEPS)) and any(map(has, going.FARS)))


def _judged(text: str, verb: re.Match[str]) -> str | None:
    """What one verb of moving says: "" no, "goes" or "anywhere" yes, None nothing."""
    if verb["inca"]:
        lodged = going.LODGED.search(text, verb.end(), verb.end() + 70)
        return "goes" if lodged else "anywhere"
    first = max(text.rfind(mark, max(0, verb.start() - 90), verb.start()) for mark in ".;\n") + 1
    before = text[max(first, verb.start() - 90) : verb.start()]
    after = re.split(r"[.;\n]", text[verb.end() : verb.end() + 70], maxsplit=1)[0]
    far = going.TARGET.match(after)
    if far and going.ANY_AFTER.match(after) and _within(after, far.end()):
        far = None  # "en cualquier provincia de Apurímac"
    kind = verb.lastgroup
    if verb[0].startswith(going.NO_MATTER):
        return "goes" if far and going.NO_PROBLEM.search(before) else None
    if going.NO.search(before) or (kind != "any" and going.NOT_AFTER.match(after)):
        return _refusal(verb, kind, before, after)
    if going.DAILY.match(after) or going.LIKES.search(before):
        return None
    condition = going.IF_LODGED.search(before) or going.IF_LODGED.search(after)
    anywhere = _anywhere(text, verb, before, after)
    if anywhere and (condition or going.LODGED.search(f"{verb[0]}{after}")):
        return "goes"  # anywhere with lodging is what who would move says
    if kind == "any":
        if verb[0].endswith("minera") and going.ROTA.search(before):
            return "goes"  # "20x10, cualquier unidad minera"
        return "anywhere" if anywhere else None
    will = going.WILL.search(before)
    if anywhere and (kind != "step" or will or verb[0] in going.FIRST):
        return "anywhere"
    if kind == "move" and (
        will or verb[0] in going.FIRST or condition or going.FIRST_BEFORE.search(before)
    ):
        return "goes"
    if kind == "go" and (will or far or condition or going.WITH_FAMILY.match(after)):
        return "goes"
    if verb[0] == "me voy" and going.GLADLY.match(after):
        return "goes"
    if verb[0] in going.FIRST_GO and (also := going.ALSO.search(before)):
        return "goes" if " " in verb[0] or going.FOR_DAYS.search(also[0]) else None
    if kind == "step" and going.READY.search(before) and going.QUEDAR.match(verb[0] + after):
        return "goes"
    if verb[0].endswith(("iria", "iriamos")) and going.WOULD.match(after):
        return "goes"
    if kind == "step" and will and verb[0] == "ir" and going.TO_THE_MINE.match(after):
        return "goes"
    if kind == "step" and condition and (will or verb[0] in going.FIRST):
        return "goes"
    if kind == "step" and far and _willing_step(verb[0], far[0], before, after):
        return "goes"
    return None


def _within(text: str, at: int) -> bool:
    """Whether what follows keeps "any place" within a town or region; "del norte" is wide."""
    return going.WITHIN.match(text, at) is not None and going.WIDE.match(text, at) is None


def _willing_step(verb: str, target: str, before: str, after: str) -> bool:
    """Whether a plain verb ("voy", "trabajar") with a far target is said by who would go."""
    if going.PLAIN_FAR.search(target) is None:
        willing = verb in going.FIRST or going.WILL.search(before) is not None
        return verb in going.LEAVES and willing and going.SEASON.match(after) is not None
    if verb in going.FIRST or verb.startswith(("acept", "trabajaria", "laboraria")):
        return True
    return going.WILL.search(before) is not None or going.SEEKS.search(before) is not None


def _anywhere(text: str, verb: re.Match[str], before: str, after: str) -> bool:
    """Whether "donde sea" or "cualquier parte" stands with the verb, and not within one town."""
    if verb.lastgroup == "any":
        if going.WITHIN.match(text, verb.end()):
            return False
        if verb[0].endswith("sea"):
            return True
        return going.BACKWARDS.match(after) is not None
    told = going.ANY_AFTER.match(after)
    return told is not None and not going.WITHIN.match(after, told.end())


def _refusal(verb: re.Match[str], kind: str | None, before: str, after: str) -> str | None:
    """Empty where a verb with a "no" says that the person stays, else None."""
    if going.BY_NIGHT.match(after) or kind == "any":
        return None
    if going.NEAR_ONLY.match(verb[0] + after) and going.WANTS.search(before):
        return None  # "no quiero ir lejos" speaks of the way, not of moving
    if kind in ("move", "go") or verb[0].startswith(("muevo", "mover", "alejar")):
        return ""
    near_words = before[-25:] + verb[0] + after[:24]
    return "" if going.LEAVE.search(near_words) else None
