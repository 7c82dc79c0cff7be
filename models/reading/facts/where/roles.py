"""What the words around a place make of it: home, origin, an address alone, or nothing."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_SPOT: Final = (
    r"aqui|aca|ahora|ahorita|hoy|actualmente|nomas|no mas|mismo|por|en|el|la|los|las|lo|de|del|"
    r"al?|cerca|"
    r"cerquita|frente|espaldas?|lado|altura|costado|arriba|abajo|cuadras?|\d+|distrito|provincia|"
    r"region|"
    r"barrio|urb|urbanizacion|sector|zona|grupo|etapa|manzana|mz|lt|lote|pueblo|joven|"
    r"asentamiento|humano|"
    r"aahh|aa|hh|pp|jj|ppjj|comunidad|campesina|nativa|caserio|centro|poblado|cp|cpm|anexo|"
    r"ciudad|mercado|"
    r"paradero|parte|alta|baja|alto|bajo|cono|valle|fundo|villa|asoc|asociacion|upis|"
    r"habilitacion|quinta|"
    r"entrada|salida|carretera|km|plaza|parque|posta|ovalo|grifo|esquina|mi|casa|cuarto|"
    r"alquilado|familia"
)
_HOME: Final = (
    r"(?:distrito|ciudad|localidad|lugar donde vive)(?=:)|dist(?=\. )|me (?:hospedo|alojo)"
    r"|(?:estoy|ando|vivo) (?:alojad|hospedad|instalad)[oa]|"
    r"(?<=, )(?:alojad|hospedad)[oa](?= en)|(?<![a-z] )vive(?= en:|:)|(?<=\n)vive|"
    r"(?<!hij[oa] )(?<!mama )(?<!papa )(?<!familia )reside|"
    r"vivo|vivimos|viviendo|residiendo|resido|residimos|residente|radico|radicamos|radicando|"
    r"radicad[oa]|(?<!no indica )(?<!no declara )(?<!sin )domicili(?:o|ad[oa])"
    r"(?: (?:actual|real|fiscal))?|direccion(?: (?:actual|domiciliaria))?|"
    r"residencia(?: actual)?|mi casa (?:es|esta|queda)|mi casita (?:es|esta|queda)|vecin[oa]|"
    r"tengo (?:(?:mi |una )?(?:casa|casita)|mi cuart(?:it)?o)|alquilo|"
    r"morador[oa]?|procedencia|lugar de residencia"
)
_HERE: Final = (
    r"hoy|ahora|ahorita|actualmente|yo|estoy|estamos|ando|me encuentro|nos encontramos|"
    r"(?:regrese|regresamos|volvi|retorne|me vine|me mude|nos mudamos) (?:de \w+ )?a|"
    r"mi (?:tierra|pueblo|comunidad|caserio)(?: natal)?(?: (?:es|se llama))?|ubicad[oa]s?|me "
    r"ubico|me hallo|paro"
)
_FROM: Final = r"soy|somos|me llamo|mi nombre es|saluda|le escribo|escribo|les escribo"
_AWAY: Final = (
    r"(?<!cualquier )trabajo (?:en|de|como|para)|trabaj(?!o\b|os\b|ito)\w+|labor[oea]\w*|"
    r"chambe\w+|experiencia|practicas|estuv\w+|he (?!ido\b)\w+[aeisc]do|he hecho|vivi|viviamos|"
    r"vivia|fui|era|eramos|hacia|vendia|atendia|cosechaba|cuide|manejaba|estudi\w+|egres\w+|"
    r"universi\w+|"
    r"instituto|colegio|escuela|academia|bachiller|licenciad[oa] (?:en|por|de la)|naci|nacid[oa]|"
    r"nacimiento|natural|oriund[oa]|origen|originari[oa]|ruta|rutas|serums|secigra|temporadas?|"
    r"campanas?|"
    r"cosechas?|empresas?|hotel|restaurante|hospital|clinica|municipalidad|contrat\w+|obras?|"
    r"proyectos?|"
    r"(?<!con )(?<!donde )(?:mi|mis|su) (?:mama|papa|mamita|padres?|madre|hij[oa]s?|hijit[oa]s?|"
    r"herman[oa]s?|"
    r"espos[oa]|ti[oa]s?|"
    r"familia|prim[oa]s?|suegr[oa]s?|abuel\w+|pareja|enamorad[oa])|viven?|ex|anterior\w*|antes|"
    r"deje|vine|viene|llegue|sali|renuncie|capacitacion|curso|hable"
)
_WISH: Final = (
    r"viaj\w+|voy|vamos|ir|irme|irnos|iria|mudar\w*|radicar|trasladar\w*|busc\w+|quier\w+|"
    r"quisiera|"
    r"dese\w+|prefer\w+|gustaria|puedo|podria|podemos|acept\w+|dispuest[oa]|disponib\w+|hasta|"
    r"necesit\w+|ofre[sz]\w+|trabajaria|atiendo|reparto|llevo|cualquier (?:lado|parte|sitio|"
    r"lugar)|"
    r"donde sea|vuelvo|regres\w+|postul\w+|interesa\w*"
)
_CUE: Final = re.compile(  # the letter ahead spares the ends of words: a third of the time
    rf"\b(?=[a-z])(?:(?P<home>{_HOME})|(?P<here>{_HERE})|(?P<origin>{_FROM})|(?P<away>{_AWAY})|"
    rf"(?P<wish>{_WISH}))\b"
)
_END: Final = re.compile(r"[;!?\n]|\.(?!\d)")
_ABBREVIATION: Final = re.compile(
    r"\b(?:sr|sra|srta|av|jr|urb|mz|lt|psje|dpto|prov|dist|sta|sto|pto|pte|aa|hh|a|h|ing|lic|tec|"
    r"nro|km|no|asoc|coop|avenida|jiron|calle|pasaje|urbanizacion)$"
)
_SPOT_ONLY: Final = re.compile(rf"(?:\W|\b(?:{_SPOT})\b)*")
_FROM_GAP: Final = re.compile(
    rf"(?: (?!en\b|por\b)\w+){{0,5}}?,? ?\b(?:de|del|desde)\b(?:\W|\b(?:{_SPOT})\b)*"
)
_ALONE_LEFT: Final = re.compile(
    r"(?:^|[.,;:\n()]|\s[-\u2013/|*]|\band\b)\s*(?:(?:aqui|aca|ahora|por|en|desde|de|base|distrito|dist|prov|"
    r"zona|ciudad|"
    r"provincia|region|la|el|del|sector|barrio|urb|urbanizacion|caserio|centro poblado|anexo|"
    r"aahh|comunidad|pueblo joven|asentamiento humano)\b[\s.]*)*$"
)
_ALONE_RIGHT: Final = re.compile(
    r"\s*(?:peru\b\s*)?(?:$|[.,;:\n()]|\s?[-\u2013/|*]|(?:cerca|zona|km|altura|centro|pueblo|"
    r"barrio|jr|av|mz|parte|"
    r"sector|etapa|cercado|frente|por|playa|baja|alta|disponible|cel|telef\w+|gracias|porfa|"
    r"urgente|\d)\b)"
)
_OPENING: Final = re.compile(
    r"\W*(?:(?:h?ola|buen\w*|wen\w*|bns|dias|tardes|noches|que|tal|senor\w*|amig\w*),? )*"
    r"(?:joven de \d\d anos |(?:(?!(?:no|me|mi|se|conozco|hincha|quiero|puedo|tengo|trabajo|vengo"
    r"|acabo|lleg\w+|"
    r"vine)\b)[a-z]+ ){0,4})"
    r"(?:de|del|desde) (?:la |el |los )?"
)
_PRESENT: Final = re.compile(
    r"\b(?:manejo|vendo|atiendo|hago|cuido|lavo|tengo (?:mi|una?) (?:puest|taller|negoci|tiend|"
    r"bodeg|chacra|moto|mercad|restaur)\w*|reparo|arreglo|cocino|coso|cosecho|siembro|"
    r"crio|"
    r"pesco|tejo|llevo|ordeno)\b[^.;\n]*\b(?:por|en|desde) (?:el |la |los )?$"
)
_DATED: Final = re.compile(r"\s*\((?:\d|hasta|desde|ultim)")
_NOMINAL: Final = re.compile(r"trabajo |experiencia|temporad|campana|cosecha|obra|curso|contrat")
"""Words of work that a place after a comma does not belong to: "2 años de experiencia, Comas"."""
_PLACED: Final = re.compile(
    r"\b(?:en|por(?! (?:las? )?(?:noches?|tardes?|mananas?|horas?|dias?|meses|semanas?|"
    r"campanas?)\b)|a|hasta|desde)\b"
)
_ADDRESS: Final = re.compile(
    r"domicilio|direccion|residencia|lugar|distrito|ubicacion|ciudad|\bbase:"
)
_BEHIND: Final = re.compile(
    r",? (?:es donde |donde |y ahi |ahi mismo |aca mismo |y aca )?(?:mismo )?"
    r"(?:vivo|vivimos|resido|residimos|radico|tengo mi cas(?:it)?a)\b(?! (?:en|por|a|con|cerca))"
)
_ENTERED: Final = re.compile(r"\b(?:en|por|de)(?: (?:el|la|los|las))? $")
_THINGS: Final = re.compile(r"[a-z]{3,}, (?:[a-z]+ )?[a-z]+, $")
_MORE_THINGS: Final = re.compile(r"(?:, | y )[a-z]+(?: [a-z]+){0,2}(?:$|[,.;]| y )")
_TRADE_IN: Final = re.compile(
    r"\W*(?:soy )?[a-z]+(?:ista|ero|era|dor|dora|or|ora) (?:[a-z]+ ){0,2}en (?:el |la |los )?"
)
_LINE_END: Final = re.compile(r"[ .)]*(?:\n|$)")
_TAIL: Final = re.compile(
    r"[a-z]{4,} $(?<!\bpara )(?<!\bsobre )(?<!\bhacia )(?<!\bdesde )(?<!\bentre )"
)
_SOUGHT: Final = re.compile(
    r"\b(?:busc\w+|necesito|quiero|deseo|quisiera|preferencia|preferible\w*|preferente\w*)\b"
    r"(?:(?! (?:viaj\w*|voy|ir\w*|mud\w*|trasladar\w*|salir|experiencia|tengo|fui|era|estuve|he|"
    r"trabajaba|trabaje|estudi\w+)\b)[^.;\n]){0,60}"
    r" (?:en|por) (?:(?:el|la|los|cualquier (?:sitio|lado|parte|lugar|zona) de|zonas? de|distrito "
    r"de|ciudad de|alrededores de|todo) )?$"
)
"""Who names no home and looks for work at a place is taken to start from there."""
_TAIL_END: Final = re.compile(r"[ .]*$")
_LABEL: Final = re.compile(r"^\W*[a-z0-9 ]{3,40}:")
_BACK: Final = 300
"""Letters before a place that are looked at."""


class Role(NamedTuple):
    """home, here, line, origin, alone, opening, present, tail, sought or ""; where the cue is."""

    name: str
    cue: int


def cues(text: str) -> list[re.Match[str]]:
    """Words that say what a place after them is; the group that matched is the kind."""
    return list(_CUE.finditer(text))


def place_after(text: str, cue: re.Match[str]) -> int | None:
    """Where a place would begin that the cue speaks of, None if none can."""
    if cue.lastgroup == "origin":
        told = _FROM_GAP.match(text, cue.end(), cue.end() + 90)
    elif cue.lastgroup in ("home", "here"):
        told = _SPOT_ONLY.match(text, cue.end(), cue.end() + 90)
    else:
        return None
    return told.end() if told and told.end() > cue.end() else None


def role(text: str, start: int, end: int, said: list[re.Match[str]], only: bool) -> Role:
    """What the place at text[start:end] is to the writer.

    Args:
        text: In canonical spelling.
        start, end: Where the names of one place stand.
        said: The text's cues.
        only: Whether it names no other place.
    """
    first = sentence_start(text, start)
    cue = None
    for match in said:
        if match.end() > start:
            break
        if match.start() >= first:
            cue = match
    at = cue.start() if cue else -1
    before = text[first:start]
    if cue is not None:
        kind, gap = cue.lastgroup, text[cue.end() : start]
        if kind == "home" and len(gap) <= 70:
            return Role("home", at)
        if kind == "here" and _SPOT_ONLY.fullmatch(gap):
            return Role("here", at)
        if kind == "origin" and _FROM_GAP.fullmatch(gap):
            return Role("origin", at)
    if _among_things(before, text[end : end + 40]):
        return Role("", at)
    if _BEHIND.match(text, end) and _ENTERED.search(before):
        return Role("home", end)
    if _alone(text, before, end, cue):
        whole = text.count("\n") >= 3 and not before.strip() and _LINE_END.match(text, end)
        return Role("line" if whole else "alone", at)
    if first == 0 and (cue is None or cue.lastgroup == "origin") and _OPENING.fullmatch(before):
        return Role("opening", at)
    if only and not (cue and cue.lastgroup == "away") and _PRESENT.search(before):
        return Role("present", at)
    if only and first == 0 and _TRADE_IN.fullmatch(before):
        return Role("present", at)
    ends = _TAIL_END.match(text, end) is not None
    if only and ends and (cue is None or cue.lastgroup == "origin") and _TAIL.search(before):
        return Role("tail", at)
    return Role("sought" if only and _SOUGHT.search(before) else "", at)


def sentence_start(text: str, at: int) -> int:
    """Where the sentence that holds a place begins; a point after an abbreviation ends none."""
    start = max(0, at - _BACK)
    for match in _END.finditer(text, start, at):
        if match[0] == "." and _ABBREVIATION.search(
            text[max(0, match.start() - 6) : match.start()]
        ):
            continue
        start = match.end()
    return start


def _among_things(before: str, after: str) -> bool:
    """Whether it is one of several things in a row: "hago yema, chancay, pan de piso"."""
    return _THINGS.search(before) is not None and _MORE_THINGS.match(after) is not None


def _alone(text: str, before: str, end: int, cue: re.Match[str] | None) -> bool:
    """Whether a place stands by itself between signs, as an address does in an SMS or a CV."""
    if before.strip() and not _ALONE_LEFT.search(before):
        return False
    if not _ALONE_RIGHT.match(text, end) or _DATED.match(text, end):
        return False
    lines = text.count("\n") >= 3
    label = _LABEL.match(before)
    if lines and label and not _ADDRESS.search(label[0]):
        return False
    if before.count("(") > before.count(")"):
        return cue is None and _ALONE_LEFT.search(before.rsplit("(", 1)[0]) is not None
    previous = re.split(r"[,:/|]| - ", before.rstrip(" ,/|-"))[-1]
    if cue is None:
        return not lines or not _PLACED.search(previous)
    if cue.lastgroup == "away":
        return not lines and (_NOMINAL.match(cue[0]) is not None or cue[0] not in previous)
    return cue.lastgroup in ("home", "here", "origin") or not _PLACED.search(
        previous[max(previous.rfind(cue[0]), 0) :]
    )
