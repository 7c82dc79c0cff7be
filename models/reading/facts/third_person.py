"""Notes that somebody else wrote about a person, told as the person would tell them.

"La señora vive en Comas, tiene 48 años" and "vivo en Comas, tengo 48 años" state the same facts.
The verbs of both are equally long, so places in the text stay where they were. What a note says of
a relative ("su mamá habla quechua") stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from models.reading.facts.canonical import Canonical

_SUBJECT: Final = (
    r"(?:la|el|una?) (?:joven |adult[oa] |madre )?(?:senora?|senorita|usuari[oa]|beneficiari[oa]|"
    r"joven|participante|postulante|persona|candidat[oa]|solicitante|mujer|varon|vecin[oa]|"
    r"adult[oa] mayor|madre|padre|muchach[oa]|chic[oa]|recurrente|interesad[oa]|don|dona)\b"
)
_NOTE: Final = re.compile(
    rf"\W*(?:(?:dato|nota|reporte|ficha|informe|caso)s? (?:de|del)[^:\n]{{0,40}}: ?)?{_SUBJECT}"
    r"|(?:^|[.;\n]) ?(?:vive|reside)(?: hace \d+ anos)? (?:en|por)\b"
    r"|\b(?:ong|parroquia|demuna|omaped|municipalidad|albergue|casa hogar|promotora?"
    r"|trabajadora social)"
    r"\b[^\n]{0,200}\bvive en\b"
    rf"|(?:^|[.;\n] ?){_SUBJECT} (?:que (?:atendimos|vino)|tiene|vive|busca|refiere|dice|indica)\b"
)
_KIN: Final = (
    r"(?:mi|un|una) (?:ti[oa]|papa|mama|padre|madre|hij[oa]|herman[oa]|vecin[oa]|prim[oa]|"
    r"sobrin[oa]|cunad[oa]|espos[oa]|suegr[oa]|abuel[oa]|amig[oa]|conocid[oa]|ahijad[oa]|yerno|"
    r"nuera|pareja|muchach[oa])\b"
)
_FOR_KIN: Final = re.compile(
    r"\b(?:escribo|escribimos|pregunto|consulto|pido|ayudo|busco|trabajo|chamba|empleo)"
    rf" (?:[a-z]+ ){{0,2}}?(?:por|para|a|de parte de|en nombre de) (?P<for>{_KIN})"
    rf"|^\W*(?:solicito |necesito )?para (?P<to>{_KIN})"
    rf"|^\W*(?:(?:h?ola|buen[oa]s|dias|tardes|noches|senor\w*),? )*(?P<of>{_KIN})"
    r"(?=[^;\n]{0,150}\b(?:busca|necesita|quiere|desea|es|sabe|trabaj\w+|puede|termin\w+|estudi\w+)\b)"
)
"""Somebody writes for one of theirs: "busco trabajo para mi primo, tiene 22"."""
_OWN: Final = re.compile(r"\b(?:soy|tengo|vivo|hablo|puedo|me llamo|yo)\b")
_FIRST: Final = re.compile(
    r"\b(?:soy|tengo|vivo|busco|quiero|puedo|trabajo en|necesito|me llamo|mi|mis|estoy|hablo)\b"
)
_FIRST_OF: Final = {
    "vive": "vivo", "tiene": "tengo", "busca": "busco", "trabaja": "trabajo", "habla": "hablo",
    "puede": "puedo", "quiere": "quiero", "cuenta": "cuento", "maneja": "manejo",
    "cocina": "cocino", "reside": "resido", "radica": "radico", "desea": "deseo",
    "vende": "vendo", "viaja": "viajo", "cuida": "cuido", "atiende": "atiendo",
}  # fmt: skip
"""Each as long as the other."""
_VERB: Final = re.compile(rf"\b(?:{'|'.join(_FIRST_OF)})\b")
_RELATIVE: Final = re.compile(
    r"\b(?:sus?|hij\w*|espos\w*|marido|mama|papa|madre|padre|herman\w*|niet\w*|pareja|suegr\w*|"
    r"conviviente|bebe|nin[oa]s?|menores)\b[^.,;\n]*$"
)
_SUBJECT_LAST: Final = re.compile(rf"{_SUBJECT}[^.,;\n]{{0,20}}$")
_CLAUSE: Final = 60
"""Letters before a verb that are looked at for whose it is."""


def own_words(words: Canonical) -> Canonical:
    """The same text in the first person, if it is a note about the person; else as it is."""
    text = words.text
    if not ("vive " in text or "tiene" in text or "habla " in text or "busca" in text):
        return words
    kin = _FOR_KIN.search(text)
    if kin is not None and _OWN.search(text) is None:
        start, end = kin.span(kin.lastgroup or 0)
        text = text[:start] + "yo".ljust(end - start) + text[end:]
    elif _NOTE.search(text) is None or _FIRST.search(text) is not None:
        return words

    def own(found: re.Match[str]) -> str:
        near = text[max(0, found.start() - _CLAUSE) : found.start()]
        mine = _SUBJECT_LAST.search(near) is not None
        if not mine and _RELATIVE.search(near):
            return found[0]
        return _FIRST_OF[found[0]]

    return replace(words, text=_VERB.sub(own, text))
