"""Whether a piece of a description asks something of who applies.

Posters and messages have no part for what is asked: it stands in short clauses among all else,
"Secundaria.", "A-IIIb, 3 años de experiencia.". What stands there alone, or behind a word that
asks, is asked; what a firm has, teaches or gives, and what somebody else is, is not.
"""

from __future__ import annotations

import re
from typing import Final

_SEPARATOR: Final = re.compile(r"[,:(!?¡¿•*✓✔➤►]|[.;\n]|(?<= )[-–—](?= )|^[-–—]")
_HEAD: Final = 70
_WELCOME: Final = re.compile(
    r"\bdeseabl|\bdesead[oa]|\bde preferencia|\bpreferi?(?:bl|ent|mos|r)|\bpreferenci"
    r"|\bideal\b|\bopcional"
    r"|\bmejor si\b|\bvalora|\bplus\b|\bventaja|\bsuma(?:n)? puntos|\bbienvenid"
    r"|\bno (?:es )?(?:hace falta|importa|pedimos|(?:se )?(?:pid|exig|requ|neces)|indispens|obligat"
    r"|neces|excluy)"
    r"|\bsin necesidad|\bsi (?:tiene|cuenta|tienes)\b"
)
_TO_COMMA: Final = re.compile(r"[^.,;(\n]*(?:,|,? \() ?")
_NEXT_WELCOME: Final = re.compile(
    rf"(?:pero )?(?:es )?(?:{_WELCOME.pattern})\w*(?: [a-z]+)?\s*(?:[.,;)\n]|$)"
)
_WELCOME_LIST: Final = re.compile(
    r"\b(?:deseables?|de preferencia|opcional|ideal|no indispensable|se valora\w*)(?: [a-z]+)?: ?"
    r"[^.;:\n]*$"
)
_FILLER: Final = (
    r"(?:requisitos?|requi(?:ere|eren|sito)|requerimos|se|pide[n]?|pedimos|exige[n]?|exigimos"
    r"|solicita\w*"
    r"|necesita\w*|busca\w*|con|contar|cont(?:ar|amos)|cuente|tener|tenga|que|ser|sea|minim[oa]s?"
    r"|como|al"
    r"|menos|solo|indispensables?|obligatori[oa]s?|nivel|grado|de|en|la|el|un|una|instruccion"
    r"|estudi[oa]s?"
    r"|educacion|formacion|titulo|profesional(?:es)?|personas?|personal|y|e|o|u|y/o|/|carreras?"
    r"|varon(?:es)?|damas?|mayor(?:es)?|edad|jovenes|joven|senoritas?|perfil|buscamos)"
)
_ONLY_FILLER: Final = re.compile(rf"(?:{_FILLER}(?: |$))*")


def head(text: str, at: int) -> str:
    """What stands before a place in its clause, from the last comma or sign on."""
    near = text[max(0, at - _HEAD) : at]
    last = 0
    for found in _SEPARATOR.finditer(near):
        last = found.end()
    return near[last:].strip()


def tail(text: str, at: int) -> str:
    """What stands behind a place in its clause, to the next comma or sign."""
    near = text[at : at + _HEAD]
    found = _SEPARATOR.search(near)
    return near[: found.start()].strip() if found else near.strip()


def begins(said: str) -> bool:
    """Whether nothing but words of asking stand there: "se requiere", "con", "estudios"."""
    return _ONLY_FILLER.fullmatch(said) is not None


def is_welcome(text: str, start: int, end: int) -> bool:
    """Whether a clause, or the one right behind it alone, says that it is only welcome."""
    behind = text[end : end + _HEAD]
    near = head(text, start) + " | " + tail(text, end)
    if _WELCOME.search(near) or _WELCOME_LIST.search(text, max(0, start - _HEAD), start):
        return True
    comma = _TO_COMMA.match(behind)
    return comma is not None and _NEXT_WELCOME.match(behind, comma.end()) is not None
