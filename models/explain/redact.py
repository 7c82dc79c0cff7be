"""Personal data out of free text where ordinary words can tell it: addresses, names after a cue.

The second net. What a model is told holds words of a closed list only (`allowed`), so no number,
no code and no name gets there; but "calle Los Jardines" and "Sra. Modista" are made of such words.
It prefers to hide too much: a title without its end still says what the job is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from models.explain.names import FIRST, LAST, PARTICLES, STOP
from models.explain.numbers import fold, plain

HIDDEN: Final = "[oculto]"
MAX_CHARS: Final = 4000
"""Longer texts are cut before they are read: no field that we send is as long."""

_PROVIDER: Final = r"gmail|g-mail|hotmail|outlook|yahoo|icloud|live|protonmail|jmail"
_DOT: Final = r"(?:\s*(?:\.|,|\(?\[?\b(?:punto|pto|dot)\b\]?\)?)\s*)"
_AT: Final = r"\s*(?:@|[(\[{]\s*(?:at|arroba|a)\s*[)\]}]|\b(?:arroba|aroba|arrova)\b|-at-)\s*"
_LOCAL: Final = (
    r"[\w.+-]{1,64}(?:\s*\b(?:punto|guion bajo|guion|subguion|underscore)\b\s*[\w+-]{1,40}){0,4}"
)

# Folded text in, spans out. Every quantifier is bounded or possessive, so hostile text costs
# linear time.
_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # links and messaging addresses
        r"(?:https?\s*:\s*/\s*/|www\s*\.)\s*\S{1,300}",
        r"\b(?:wa\.me|wa\.link|t\.me|bit\.ly|fb\.com|fb\.me|m\.me|chat\.whatsapp\.com"
        r"|api\.whatsapp\.com|tinyurl\.com)\S{0,300}",
        r"\b[\w-]{1,60}(?:\.[\w-]{1,60}){0,3}\.(?:com|pe|net|org|info|me|io|link|app|edu|gob)\b"
        r"[/\w.?=&%+-]{0,200}",
        # e-mail, as typed or as read aloud
        rf"{_LOCAL}{_AT}(?:[\w-]{{1,60}}{_DOT}){{1,4}}\w{{2,12}}\b",
        rf"{_LOCAL}{_AT}(?:{_PROVIDER})\b(?:{_DOT}?\s*(?:com|es|pe)\b){{0,2}}",
        rf"{_LOCAL}\s+(?:en\s+)?(?:{_PROVIDER})\b(?:{_DOT}?\s*(?:com|es|pe)\b){{1,2}}",
        rf"(?:\b[\w.-]{{2,20}}\s){{0,2}}{_LOCAL}\s*\b(?:arroba|aroba|arrova)\b\s*[\w-]{{1,60}}"
        rf"(?:{_DOT}\w{{2,12}}\b){{0,3}}",
        r"\b(?:correo|e-?mail|mail)\b(?:\s+(?:electronico|es))?\s*[:=]?\s*(?:mi\s+)?"
        r"[\w.+-]{1,64}(?:\d|[._+-]\w)[\w.+-]{0,40}",
        # handles
        r"[\w.+-]{0,64}@\s?[\w.-]{1,40}",
        r"\b(?:facebook|fb|face|instagram|insta|ig|tiktok|tik tok|telegram|linkedin|twitter"
        r"|messenger|snapchat|skype|threads|usuario|user|nick)\b"
        r"(?:\s*(?:[:=/]|como|es|soy|me encuentras como)"
        r"\s*[\w.@-]{1,60}(?:[ ][\w.@-]{2,40}){0,3}|\s+[\w.-]*[\d_.][\w.-]{1,60})",
        # addresses
        r"\b(?:jr|jiron|av|avda|avenida|ca|calle|psje|pje|pasaje|prolong(?:acion)?|prol|alameda"
        r"|malecon|carretera|ovalo|parque|urb|urbanizacion|asoc|asociacion de vivienda|coop"
        r"|cooperativa|residencial|condominio|conjunto habitacional)\b\.?\s*"
        r"(?:[\w°º#]{1,20}\.?[ ]){0,7}?(?:n[°ºro.]{1,3}\s*|no\.?\s|nro\.?\s*|#\s*|km\.?\s*"
        r"|cdra\.?\s*|s/n)?\s*"
        r"\d{1,5}(?:-?[a-z])?\b(?!\s*(?:soles|horas|anos|km|de\s))",
        r"\b(?:jr|jiron|av|avda|avenida|psje|pje|pasaje|urb|urbanizacion|ca)\b\.?\s+"
        r"(?:(?:de|del|la|las|los|el|san|santa|\d{1,2})\s+){0,3}\w{2,20}(?:\s\d{1,2} de \w{3,12})?",
        r"\b(?:aa\.?\s?hh\.?|a\.h\.|asentamiento humano|pp\.?\s?jj\.?|pueblo joven|upis|c\.p\.m?\.?"
        r"|asociacion|comite|comunidad nativa)\s*[:.]?\s*"
        r"(?:(?:de|del|la|las|los|el|san|santa|villa|nuevo|nueva)\s+){0,3}\w{2,20}",
        r"\b(?:vivo|vive|domicilio|direccion|domiciliad[oa]|referencia|ref)\b\s*(?:es|:|\.)?\s*"
        r"(?:en|por|a|al|frente|costado|espalda|altura)?\s*(?:la|el|mi)?\s*"
        r"(?:casa|frente|costado|espaldas?|altura|detras|colegio|mercado|parque|paradero)"
        r"[^.;\n]{0,80}",
    )
)
_STRONG: Final = re.compile(
    r"\b(?:me llamo|mi nombre(?: completo)? es|nombres? y apellidos?|apellidos? y nombres?"
    r"|nombres?|apellidos?|a nombre de|se llama|llamad[oa]|preguntar por|pregunte por"
    r"|contactar(?:se)? (?:a|con)|comunicarse con|hablar con|presentarse (?:ante|con)"
    r"|coordinar con|atte|atentamente|firma(?:do)?|contacto|responsable|encargad[oa]|titular"
    r"|propietari[oa]|gerente|administrador[a]?|duen[oa]|representante|hij[oa] de|espos[oa] de"
    r"|viuda de|vda de|sr|sra|srta|senor|senora|senorita|don|dona|dr|dra|ing|lic|prof|abog|tec|mg"
    r"|familia|flia|hno|hna|padre|madre|sor)\b\s?[.:,]{0,2}\s*"
    r"(?:(?:a|al|el|la|los|es|sr|sra|srta|senor|senora|senorita|don|dona|ing|lic|dr|dra|prof)\b"
    r"\.?\s*[:,]?\s*){0,2}"
)
_WEAK_CUES: Final = (
    "gerente",
    "administrador",
    "encargad",
    "responsable",
    "tec",
    "padre",
    "madre",
    "contacto",
    "representante",
    "familia",
    "titular",
    "propietari",
    "firma",
)
_SOY: Final = re.compile(r"\b(?:soy|habla|saluda|escribe|les saluda|conmigo)\s+(?:la |el |de )?")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
Span = tuple[int, int]


def redact(text: str) -> str:
    """The text with everything personal replaced by `HIDDEN`; spacing is made regular."""
    text = " ".join(plain(text)[:MAX_CHARS].split())
    for finder in _FINDERS:
        text = _hide(text, finder(text))
    return " ".join(text.split())


def _hide(text: str, spans: Iterator[Span]) -> str:
    parts, done = [], 0
    for start, end in sorted(spans):
        if end <= done:
            continue
        parts += [text[done : max(start, done)], f" {HIDDEN} "]
        done = end
    return "".join(parts) + text[done:]


def _by_pattern(text: str) -> Iterator[Span]:
    folded = fold(text)
    for pattern in _PATTERNS:
        yield from (match.span() for match in pattern.finditer(folded))


def _announced(text: str) -> Iterator[Span]:
    """Names after words that announce one."""
    folded = fold(text)
    for cue in _STRONG.finditer(folded):
        weak = folded[cue.start() : cue.end()].startswith(_WEAK_CUES)
        span = _name_after(text, folded, cue.end(), must_look=weak)
        if span:
            yield span
    for cue in _SOY.finditer(folded):
        span = _name_after(text, folded, cue.end(), must_look=True)
        if span:
            yield span


def _name_after(text: str, folded: str, start: int, *, must_look: bool) -> Span | None:
    """Up to five words from `start` that can be a name; `must_look`: the first is a known one."""
    end, taken = start, 0
    for word in _WORD.finditer(text, start):
        between, low = text[end : word.start()], folded[word.start() : word.end()]
        if between.strip(" .-") or taken == 5 or low == "oculto":
            break
        if "." in between.strip() and taken and len(low) > 2 and not word[0][0].isupper():
            break
        if taken == 0 and (low in STOP or (must_look and low not in FIRST and low not in LAST)):
            break
        if low in STOP and low not in PARTICLES:
            break
        if low in PARTICLES and not _name_follows(text, folded, word.end()):
            break
        known = low in FIRST or low in LAST or low in PARTICLES
        if taken and not known and not word[0][0].isupper() and taken >= 3:
            break
        end, taken = word.end(), taken + 1
    return (start, end) if taken else None


def _name_follows(text: str, folded: str, start: int) -> bool:
    """Whether a particle at the end before `start` leads to another part of a name."""
    word = _WORD.search(text, start)
    if word is None or text[start : word.start()].strip():
        return False
    low = folded[word.start() : word.end()]
    return low in LAST or low in FIRST or low in PARTICLES


_FINDERS: Final[tuple[Callable[[str], Iterator[Span]], ...]] = (
    _by_pattern,
    _announced,
)
