"""Languages that a person speaks or an ad asks."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final, NamedTuple

from models.reading.facts.canonical import Canonical, JobWords
from models.reading.facts.fact import Fact
from models.reading.facts.terms.asking import begins, head
from models.reading.facts.terms.clauses import MOST_FOUND, after, before
from models.reading.language import language_of, words_of
from schemas import vocab

_NAMES: Final = (
    ("es", r"castellano\w*|espanol|castillan\w*|castellanota\w*|castellanuta\w*|kastillan\w*"
    r"|kastilla simi\w*"),
    ("qu", r"quechua\w*|quichua|kichwa|runa ?simi\w*|qhichwa\w*|qheswa\w*|kechua|keshwa"),
    ("ay", r"aymara\w*|aimara\w*|aymar aru"),
    ("en", r"ingles|english|inglesa"),
    ("pt", r"portugues|portuges|brasilero"),
    ("fr", r"frances"), ("it", r"italiano"), ("de", r"aleman"), ("zh", r"mandarin|idioma chino"),
    ("ja", r"japones"), ("cni", r"ashaninka"), ("agr", r"awajun|aguaruna"),
    ("shp", r"shipibo(?:[ -]?konibo)?"), ("mcb", r"matsigenka|machiguenga"),
    ("not", r"nomatsigu?enga"), ("hub", r"wampis|huambisa"), ("jiv", r"achuar"), ("pib", r"yine"),
    ("ame", r"yanesha"), ("cbt", r"shawi"), ("tca", r"tikuna|ticuna"), ("cod", r"kukama|cocama"),
    ("ura", r"urarina"), ("cbs", r"kashinawa|cashinahua"), ("boa", r"bora"),
    ("huu", r"murui|huitoto"), ("prl", r"lenguaj?e? de senas"),
)  # fmt: skip
_ANY_NAME: Final = "|".join(names for _, names in _NAMES)
_NAME: Final = re.compile(
    r"\b(?:" + "|".join(f"(?P<{code}_>{names})" for code, names in _NAMES) + r")\b"
)
_HINTS: Final = (
    "castell", "espanol", "quechua", "simi", "aymar", "aimar", "ingl", "engl", "portug", "kastill",
    "idioma", "ashan", "awaj", "shipi", "senas", "frances", "italian", "aleman", "ichwa", "kechua",
    "castillan", "yine", "yanesh", "tsigu", "matsi", "wampis", "kukama", "shawi", "japones",
)  # fmt: skip


class _Named(NamedTuple):
    """A language that a text names, with what is around its name."""

    code: str
    word: str
    start: int
    end: int
    near: str
    rest: str


def _named(text: str) -> list[_Named]:
    if not any(hint in text for hint in _HINTS):
        return []
    return [
        _Named((found.lastgroup or "_")[:-1], found[0], *found.span(),
               before(text, found.start(), 60), after(text, found.end(), 34))
        for found in islice(_NAME.finditer(text), MOST_FOUND)
    ]  # fmt: skip


_SPEAK: Final = re.compile(
    r"\b(?:h?ablo|hablamos|habla(?:r|ndo|nte)?|hable|idiomas?|lenguas?|dominio|domin[oa]|se"
    r"|bilingue|nivel"
    r"|me comunico|converso|rimani|rimaq|parlta|parla|parlo|conocimiento|con|manejo|sabe)\b"
)
_LEVEL: Final = re.compile(
    r":? ?\(?(?:al |nivel )?(?:(?:tecnico de |de )?lectura|[bc][12]\b|(?:chanka|collao"
    r"|cusco) ?(?:basic|"
    r"intermedi|avanzad|[.,;]|$)|basic|intermedi|avanzad|fluid|nativ|hablad|regular|\d+ ?%|poco"
    r"|nomas"
    r"|bien\b|perfect"
    r"|conversacional|rimani|parlta|hablo|hablante|asllata rimani|juk'ak|sum parlta"
    r"|tambien (?:hablo|se))"
)
_LINKED_SPEAK: Final = re.compile(r"(?:,| y| e) [a-z ]{3,25}\b(?:hablo|rimani|parlta)")
_NOT: Final = re.compile(
    r"\b(?:sus?|mis?) [a-z]+ (?:solo |si )?habla\b[^,.;\n]{0,20}$"
    r"|\bno (?:h?ablo|se|domino|entiendo|hablamos|mucho)\b[^,.;\n]{0,20}$|\b(?:aprend\w+"
    r"|estudi\w+|profesor[a]? de"
    r"|clases (?:de|en)|docente de|ensen\w+|cursos? de|academia de|llevando|quiero aprender"
    r"|entiendo(?! y)"
    r"|traduct\w+)\b[^,.;\n]{0,18}$|\b(?:ni|sin|chifa|comida|restaurante) ?$"
)
_ALONE: Final = re.compile(
    rf"(?:^|[.,;:\n] ?)(?:{_ANY_NAME})(?:(?:,| y| e|/) ?(?:{_ANY_NAME}))+(?: tambien)?"
    r"(?= ?(?:[.,;\n]|$))"
)
"""Two languages or more and nothing else in a clause."""
_LISTED: Final = re.compile(rf" ?[-/] ?(?:{_ANY_NAME})\b")
_SENTENCE_WORDS: Final = 4
"""Fewer may be names of places, whose language says nothing."""
_SENTENCE: Final = re.compile(r"[.\n;!?]+")
_NO_AFTER: Final = re.compile(r" ?(?:no|mana|nada|de cocina)\b(?!mas)")


def person(words: Canonical) -> Fact[tuple[str, ...]] | None:
    """Languages that a person says they speak, and the one that they write in.

    That somebody writes in a language says nothing until they speak of languages.
    """
    named = _named(words.text)
    found = [n for n in named if not (_NOT.search(n.near) or _NO_AFTER.match(n.rest))]
    if not found or not (any(_is_spoken(n) for n in found) or _listed(words.text, named, found)):
        return None
    codes = {n.code for n in found}
    codes |= _written(words.written)
    if codes == {"es"}:
        return None
    values = tuple(code for code in vocab.LANGUAGES if code in codes)
    return words.fact(values, found[0].start, found[-1].end, 0.98, "speaks")


def _listed(text: str, named: list[_Named], found: list[_Named]) -> bool:
    """Whether a clause names languages, and nothing else, and none of them was ruled out."""
    alone = _ALONE.search(text) if len(found) > 1 else None
    if alone is None or any(n.end == alone.start() for n in named):
        return False
    return all(n in found for n in named if alone.start() <= n.start < alone.end())


def _written(text: str) -> set[str]:
    """Languages of the sentences of a text."""
    sentences = (words_of(said) for said in _SENTENCE.split(text)[:40])
    found: set[str] = {language_of(words) for words in sentences if len(words) >= _SENTENCE_WORDS}
    native = found & {"qu", "ay"}
    return native if native and "es" not in found else native | {"es"}


def _is_spoken(named: _Named) -> bool:
    return bool(
        _LEVEL.match(named.rest)
        or _SPEAK.search(named.near)
        or _LINKED_SPEAK.match(named.rest)
        or _LISTED.match(named.rest)
        or named.word.endswith(("ta", "tapas", "hablante"))
    )


_ASKED: Final = re.compile(
    r"\b(?:habl\w*|idiomas?|dominio|domin\w+|indispensable|explicar|bilingues?|rimaq"
    r"|conocimientos?|comunicarse"
    r"|manejo|nivel|saber|sepa|lenguas?)\b"
)
_J_LEVEL: Final = re.compile(
    r":? ?(?:nivel )?(?:basic|intermedi|avanzad|fluid|hablad|indispens|obligatori|nativo"
    r"|conversac|[.;,]|$)"
)
_PAIR: Final = re.compile(r"(?:,| y| e| o) [a-z]+")
_WELCOME: Final = re.compile(
    r"deseable|preferen|preferi|\bplus\b|ventaja|valora|mejor\b|ayuda\b|opcional|no indispens"
    r"|no (?:es )?(?:obligator|requ|neces|exig)|\bno se (?:pide|requ|exig)"
    r"|suma puntos|segun corresponda|no aplica|\balgun idioma|no excluy|\bsi (?:habla|sabe)"
    r"|de ser posible"
)
_NOT_ASKED: Final = re.compile(
    r"\b(?:profesor[a]?|docente|clases|cursos?|talleres?|academia|comunidad(?:es)?"
    r"|promotor[a]?(?:\(a\))?"
    r"|lengua y|pueblo"
    r"|poblacion|familias|turistas?|mama|papa|senora|restaurante|comida|pan|teatro|casa|centro"
    r"|habla solo"
    r"|solo habla|instituto)\b[^.;\n]{0,22}$"
)


_MUST: Final = re.compile(r" ?(?:[a-z]+ )?(?:indispens|obligatori|excluyente)")
_DEGREE: Final = re.compile(
    r":? ?\(?(?:nivel )?(?:basic|intermedi|avanzad|fluid|nativo|conversac|al \d+ ?%|\d+ ?%)"
)
_NEXT: Final = re.compile(rf"(?:,| y) (?:{_ANY_NAME})\b")
_BOTH: Final = re.compile(
    rf" ?(?:,|y|e|/|-) ?(?:{_ANY_NAME})"
    r"(?: (?:hablad|fluid|basic|intermedi|avanzad|nativ)[a-z]*)?(?= ?(?:[.;\n]|$))"
)
_TAUGHT: Final = re.compile(
    r"\b(?:docentes?|profesor\w*|tutor\w*|clases|academia|idiomas|cursos?|traduc\w*|niveles"
    r"|aprend\w*|ensen\w*)\b"
)
"""Who teaches languages or sells lessons names them without asking for them."""


def job(words: JobWords) -> Fact[tuple[str, ...]] | None:
    """Languages that an ad asks; not those that are only welcome."""
    for part in (words.requirements, words.description, words.title):
        found: list[_Named] = []
        for named in _named(part.text):
            linked = bool(found) and named.start - found[-1].end <= 12
            if _is_asked(named, linked, part is words.requirements, part.text):
                found.append(named)
        codes = {named.code for named in found}
        if codes - {"es"}:
            values = tuple(code for code in vocab.LANGUAGES if code in codes)
            return part.fact(values, found[0].start, found[-1].end, 0.98, "asked")
    return None


def _is_asked(named: _Named, linked: bool, required: bool, text: str) -> bool:
    near, rest = named.near[-50:], named.rest
    own = rest.split(";")[0]
    if _DEGREE.match(own):
        own = _NEXT.split(own)[0]  # "inglés avanzado, portugués deseable"
    if (
        _WELCOME.search(named.near.split(";")[-1].rsplit(", que ", 1)[-1])
        or _WELCOME.search(own)
        or _NOT_ASKED.search(near)
    ):
        return False
    if rest.startswith((" hablad", " indispens")):
        return True
    if linked or _ASKED.search(near) or named.word in ("quechuata", "quechuahablante"):
        return True
    if not required:
        return _is_described(named, text)
    pair = _PAIR.match(rest)
    return bool(_J_LEVEL.match(rest[pair.end() if pair else 0 :]) or _J_LEVEL.match(rest))


def _is_described(named: _Named, text: str) -> bool:
    """Whether a clause of a description begins with a language and its degree, or is two."""
    if not begins(head(text, named.start)):
        return False
    if _MUST.match(named.rest):
        return True
    told = _DEGREE.match(named.rest) or _BOTH.match(named.rest)
    return told is not None and _TAUGHT.search(text) is None
