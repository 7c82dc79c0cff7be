"""What a person will not or cannot do, and trades that they no longer want, in their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from models.reading.facts.canonical import Canonical
from models.reading.facts.fact import Fact

_THING: Final = r"(?P<what>[a-z][a-z ]{2,45}?)"
_END: Final = (
    r"(?=[,.;:()\n]|$| porque| por mi| por la| ya que| estoy| pero| ni | me operaron| aunque| que )"
)
_PATTERNS: Final = tuple(
    (re.compile(pattern), sure, rule)
    for pattern, sure, rule in (
        (
            r"\b(?:ya )?no (?:quiero|deseo|acepto|busco|hago|aplico|cargo|cocino|lavo|plancho"
            r"|limpio"
            r"|manejo|vendo)(?: (?:trabajar|ir|volver|hacer|que sea))?(?: (?:en|de|a|al|la|el))* "
            rf"{_THING}{_END}", 0.9, "no_want",
        ),
        (
            r"\b(?:ya )?no (?:puedo|debo) (?:(?:trabajar|hacer|estar) )?(?:en |de )?"
            rf"{_THING}{_END}", 0.9, "cannot",
        ),
        (rf"\b(?:trabajo|todo|cosa)(?:,)? (?:menos|excepto) {_THING}{_END}", 0.95, "except"),
        (rf"(?:^|[.;,\n] )menos {_THING}{_END}", 0.9, "except"),
        (rf"\bnada de {_THING}{_END}", 0.95, "nothing_of"),
        (rf"\bque no (?:sea (?:con |en |de )?|haya (?:much[oa] )?|tenga que ){_THING}{_END}",
         0.9, "not_with"),
        (rf"(?:^|\n|[.;,] )(?:pero )?no {_THING}(?=[,.;\n]|$)", 0.85, "no"),
        (
            r"\blo (?:que|unico que) no (?:quiero|hago|acepto|puedo)(?: hacer)? es "
            rf"{_THING}{_END}", 0.97, "what_not",
        ),
        (
            rf"(?:^|[,.;\n] ?)(?:de |para ){_THING} (?:no me ofrezcan|no sirvo"
            r"|mejor ni me llamen)", 0.95, "not_of",
        ),
        (
            rf"(?:^|[,.;\n] ?){_THING} (?:no me gustan?|no quiero|no hago|no acepto|no deseo)"
            r"(?=[,.;\n]|$)", 0.9, "not_liked",
        ),
        (rf"\bya no entro a {_THING}{_END}", 0.95, "no_want"),
        (r"(?:^|[,.;\n] ?)(?P<what>cama adentro) no", 0.95, "not_liked"),
    )
)  # fmt: skip
_NOT_A_THING: Final = re.compile(
    r"^(?:porque|tengo|cuento|hay|importa|soy|estoy|se |me |puedo|quiero|deseo|acepto|busco|hago"
    r"|he |fui"
    r"|termin|acab|es |a la|mas|muy|tan|de noche|noche|turno|noches|trabajar de noche|irme|ir\b"
    r"|mudar"
    r"|viaj|salir|moverme|en la noche|de dia|los |las noches|por la|por las|sale|alcance|llegue"
    r"|lo\b"
    r"|la secundaria|menos|creo|aun|todavia|necesito|tiene|gan|pag|problem|vivo|ya\b|le\b|nos|si\b"
    r"|sera|fumo|tomo|bebo|sea\b|fines|sabado|domingo|brevete|licencia|antecedentes|tuve|asust"
    r"|esta\b|mucho|nada|bien|quedarme|lejos|otra ciudad|dejarl|conozco|trabajo|trabaje|estudi"
    r"|hable"
    r"|hablo|entiendo|por\b|pude|dispon|\d|soles|leer|escribir)"
)
_TIME: Final = re.compile(
    r"\bnoche|\bturno|\bsabado|\bdomingo|\bmudar|\bviajar|\birme\b"
    r"|\bferiado|\bsoles\b|\blejos"
)
_NEEDS: Final = {
    "no_want": ("no ",), "cannot": ("no puedo", "no debo"), "except": ("menos", "excepto"),
    "nothing_of": ("nada de",), "not_with": ("que no ",), "what_not": ("que no ",),
    "not_of": ("ofrezcan", "sirvo", "llamen"), "no": ("no ",),
    "not_liked": ("no me gusta", "no quiero", "no hago", "no acepto", "no deseo", "cama adentro"),
}  # fmt: skip
"""By rule letters without which it reads nothing."""
_ALSO_NO: Final = re.compile(rf"^ ni(?: (?:de|en|a))? {_THING}(?=[,.;\n]|$| porque| ni )")
_HINT: Final = re.compile(r"\bno\b|\bmenos\b|\bnada\b|\bexcepto\b")


def person(words: Canonical) -> tuple[Fact[str], ...]:
    """What they will not or cannot do; shifts, moving, papers and pay are other facts."""
    text = words.text
    if not _HINT.search(text):
        return ()
    found: dict[int, Fact[str]] = {}
    for pattern, sure, rule in _PATTERNS:
        if rule in _NEEDS and not any(hint in text for hint in _NEEDS[rule]):
            continue
        for match in pattern.finditer(text):
            for fact in _things(words, match, sure, rule):
                found.setdefault(fact.start, fact)
    kept: list[Fact[str]] = []
    for fact in sorted(found.values(), key=lambda f: (f.start, -f.end)):
        if not kept or fact.start >= kept[-1].end:
            kept.append(fact)
    return tuple(kept[:10])


def _things(words: Canonical, match: re.Match[str], sure: float, rule: str) -> Iterator[Fact[str]]:
    text = words.text
    start, end = match.span("what")
    verb = re.search(
        r"\b(cargo|cocino|lavo|plancho|limpio|manejo|vendo|aplico)\b",
        match[0][: start - match.start()],
    )
    if verb:
        start = match.start() + verb.start()
    while True:
        what = text[start:end].strip()
        if len(what) > 2 and not _NOT_A_THING.match(what) and not _TIME.search(what):
            for piece in re.split(r" o (?:de )?| ni (?:de |en )?", what):
                at = text.find(piece, start, end)
                if len(piece) > 2 and not _NOT_A_THING.match(piece):
                    yield words.fact(piece, at, at + len(piece), sure, rule)
        more = _ALSO_NO.match(text[end : end + 60])
        if not more:
            return
        start, end = end + more.start("what"), end + more.end("what")
