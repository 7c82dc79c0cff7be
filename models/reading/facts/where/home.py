"""Where a person lives, as their words say it.

Every group of place names gets the role that the words before it give: home ("vivo en"), origin
("soy de"), alone between commas or line ends, or no home: work, study, birth, wish, a relative.
The strongest role counts, and where two places bear it the words do not say.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from models.reading.facts.canonical import Canonical
from models.reading.facts.fact import Fact
from models.reading.facts.where.fuzzy import nearest
from models.reading.facts.where.gazetteer import places
from models.reading.facts.where.mentions import SOUTHERN, Group, Mention, groups, mentions
from models.reading.facts.where.resolve import Meant, resolve

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
    r"vivo|vivimos|viviendo|residiendo|resido|residimos|residente|radico|radicamos|radicando|"
    r"radicad[oa]|domicili(?:o|ad[oa])(?: (?:actual|real|fiscal))?|direccion(?: (?:actual|"
    r"domiciliaria))?|"
    r"residencia(?: actual)?|mi casa (?:es|esta|queda)|mi casita (?:es|esta|queda)|vecin[oa]|"
    r"tengo mi casa|alquilo|morador[oa]?|procedencia|lugar de residencia"
)
_HERE: Final = (
    r"hoy|ahora|ahorita|actualmente|yo|estoy|estamos|ando|me encuentro|nos encontramos|"
    r"ubicad[oa]s?|me ubico|me hallo|paro"
)
_FROM: Final = r"soy|somos|vengo|me llamo|mi nombre es|saluda|le escribo|escribo|les escribo"
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
    r"(?:mi|mis|su) (?:mama|papa|mamita|padres?|madre|hij[oa]s?|hijit[oa]s?|herman[oa]s?|"
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
_CUE: Final = re.compile(
    rf"\b(?:(?P<home>{_HOME})|(?P<here>{_HERE})|(?P<origin>{_FROM})|(?P<away>{_AWAY})|"
    rf"(?P<wish>{_WISH}))\b"
)
_END: Final = re.compile(r"[.;!?\n](?!\d)")
_ABBREVIATION: Final = re.compile(
    r"\b(?:sr|sra|srta|av|jr|urb|mz|lt|psje|dpto|prov|dist|sta|sto|pto|pte|aa|hh|a|h|ing|lic|tec|"
    r"nro|km|no|asoc|coop)$"
)
_SPOT_ONLY: Final = re.compile(rf"(?:\W|\b(?:{_SPOT})\b)*")
_FROM_GAP: Final = re.compile(
    rf"(?: (?!en\b|por\b)\w+){{0,5}}?,? ?\b(?:de|del|desde)\b(?:\W|\b(?:{_SPOT})\b)*"
)
_ALONE_LEFT: Final = re.compile(
    r"(?:^|[.,;:\n()]|\s[-\u2013/|*]|\band\b)\s*(?:(?:aqui|aca|ahora|por|en|desde|de|distrito|"
    r"zona|ciudad|"
    r"provincia|region|la|el|del|sector|barrio|urb)\b[\s.]*)*$"
)
_ALONE_RIGHT: Final = re.compile(
    r"\s*(?:peru\b\s*)?(?:$|[.,;\n()]|\s?[-\u2013/|*]|(?:cerca|zona|km|altura|centro|pueblo|"
    r"barrio|jr|av|mz|parte|"
    r"sector|etapa|cercado|frente|por|playa|baja|alta|disponible|cel|telef\w+|gracias|porfa|"
    r"urgente|\d)\b)"
)
_OPENING: Final = re.compile(r"\W*(?:[a-z]+\W+){1,5}(?:de|del|desde) (?:la |el |los )?")
_PRESENT: Final = re.compile(
    r"\b(?:manejo|vendo|atiendo|hago|cuido|lavo|tengo|reparo|arreglo|cocino|coso|cosecho|siembro|"
    r"crio|"
    r"pesco|tejo|llevo|ordeno)\b[^.;\n]*\b(?:por|en|desde) (?:el |la |los )?$"
)
_TOWN: Final = re.compile(
    r"\b(?:distrito de|pueblo de|ciudad de|(?:calle|jr|av|jiron|psje|urb|mz|"
    r"lt)\b[^\n]*)[\W]*(?:la |el |los )?$"
)
_LISTED: Final = re.compile(r"(?:[ ,/\-]|\by\b)+")
_NOMINAL: Final = re.compile(r"experiencia|temporad|campana|cosecha|obra|curso|contrat")
"""Words of work that a place after a comma does not belong to: "2 años de experiencia, Comas"."""
_PLACED: Final = re.compile(r"\b(?:en|por|a|hasta|desde)\b")
_ADDRESS: Final = re.compile(r"domicilio|direccion|residencia|lugar|distrito|ubicacion|ciudad")
_LABEL: Final = re.compile(r"^\W*[a-z0-9 ]{3,40}:")
_IN: Final = re.compile(r"(?:pim?|na|n|chaw|choo?|chu|piqa|pin?)(?:m|mi|s|si|n?qa|raq)?$")
_OUT: Final = re.compile(r"(?:manta|pita|piqta|ta)")
_CARRIER: Final = re.compile(
    r" (?:marka|tuqi|distrito|llaqta|comunidad|provincia|suyu|ayllu|ladu|law|lado)"
    r"(pim?|manta[ms]?|ta|na|n|pita|chaw)\b"
)
_LIVES: Final = re.compile(
    r"\W*(?:\w+\W+){0,4}?(?:tiya\w*|kawsa\w*|taa?r\w*|taa?k\w*|utj\w*|jak\w*|qamas\w*)\b"
)
_COMES: Final = re.compile(r"\W*(?:\w+\W+){0,3}?(?:kani|kanchis?|ka|kaa|jutt?\w*|katwa)\b")
_AYMARA: Final = re.compile(r"(?:nkiritwa|kirit\w*|tatwa|tawa|tuqi\w*|ankt\w*|nktwa)$")


class _Read(NamedTuple):
    """One group with the role its surroundings give it, 0 none, and what it means."""

    role: int
    rule: str
    group: Group
    meant: Meant


_SURE: Final = {
    "home": 0.99,
    "here": 0.98,
    "origin": 0.97,
    "alone": 0.97,
    "opening": 0.95,
    "present": 0.9,
}
_RANK: Final = {"home": 5, "here": 4, "origin": 3, "alone": 3, "opening": 2, "present": 1}


def person(words: Canonical) -> tuple[Fact[str] | None, Fact[str] | None]:
    """Home as (district, region); one of them at most.

    Args:
        words: What the person wrote.
    """
    text = words.text
    cues = list(_CUE.finditer(text))
    named = mentions(text)
    named = sorted([*named, *misspelt(text, cues, named)], key=lambda mention: mention.start)
    best = _strongest(_readings(text, groups(text, named), cues, named))
    value = best and (best.meant.ubigeo or best.meant.region)
    if best is None or value is None:
        return None, None
    rule = f"{best.rule}_{best.meant.how}"
    fact = words.fact(value, best.group.start, best.group.end, _sure(best), rule)
    return (fact, None) if best.meant.ubigeo else (None, fact)


def _readings(
    text: str, found: list[Group], cues: list[re.Match[str]], named: list[Mention]
) -> list[_Read]:
    """The groups that have a role."""
    read: list[_Read] = []
    taken, before = -1, "home"
    for at, group in enumerate(found):
        rule, cue = _role(text, group, cues, len(found))
        if cue is None and any(r.rule == rule for r in read) and _CARRIER.match(text, group.end):
            rule = ""  # "Talaverapi tiyani, Andahuaylas provinciapi": the area of the first
        if cue is not None and rule in ("home", "here", "origin"):
            rule = rule if cue.start() != taken else ""  # the first place after it is meant
            taken = cue.start()
        if (
            not before
            and rule == "alone"
            and _LISTED.fullmatch(text, found[at - 1].end, group.start)
        ):
            rule = ""  # "experiencia en Cusco, Puno"
        before = rule
        town = rule != "" and _TOWN.search(text[max(0, group.start - 40) : group.start])
        meant = resolve(group, [m for m in named if m not in group.mentions], bool(town))
        if rule not in ("home", "here", "origin") and (not meant.firm or _only_part(group)):
            rule = ""
        if rule:
            read.append(_Read(_RANK[rule], rule, group, meant))
    return read


_WORDS: Final = re.compile(r"[a-z0-9]+")
_SHORT: Final = re.compile(r"(?:^|[.,;\n]) ?((?:[a-z]{2,} ?){1,3})(?=$|[.,;\n])")


def misspelt(text: str, cues: list[re.Match[str]], named: list[Mention]) -> list[Mention]:
    """Names that are spelt wrongly where a place is told: after "vivo en", or alone."""
    found: list[Mention] = []
    taken = {at for mention in named for at in range(mention.start, mention.end)}
    for cue in cues:
        if cue.lastgroup not in ("home", "here", "origin"):
            continue
        spot = _SPOT_ONLY.match(text, cue.end())
        start = spot.end() if spot else cue.end()
        if cue.lastgroup == "origin":
            told = _FROM_GAP.match(text, cue.end())
            if not told:
                continue
            start = told.end()
        if start > cue.end():
            found += _sounding(text, start, text[start : start + 50], taken, slips=True)
    for short in _SHORT.finditer(text):
        if text.count("\n") < 3:
            found += _sounding(text, short.start(1), short[1], taken, slips=False)
    return list({mention.start: mention for mention in found}.values())


def _sounding(text: str, start: int, piece: str, taken: set[int], slips: bool) -> list[Mention]:
    """The misspelt name that a piece of text begins with, where no other name stands."""
    piece = re.split(r"[.,;\n(]", piece, maxsplit=1)[0]
    words = [(m[0], start + m.start(), start + m.end()) for m in _WORDS.finditer(piece)]
    words = words if slips else words[:3]
    if not words or words[0][1] in taken:
        return []
    near = nearest([word for word, _, _ in words[:4]], slips)
    if near is None or (not slips and near[0] != len(words)):
        return []
    end = words[near[0] - 1][2]
    if any(at in taken for at in range(words[0][1], end)):
        return []
    return [Mention(words[0][1], end, near[1], places()[near[1]], "")]


def _sure(read: _Read) -> float:
    """Of the role, less where namesakes were told apart."""
    less = {"hint": 0.02, "people": 0.02, "sound": 0.02}.get(read.meant.how, 0.0)
    return round(_SURE[read.rule] - less, 3)


def _strongest(read: list[_Read]) -> _Read | None:
    """The one reading of the strongest role; None where several places bear it."""
    if not read:
        return None
    top = max(r.role for r in read)
    first = [r for r in read if r.role == top]
    districts = {r.meant.ubigeo for r in first if r.meant.ubigeo}
    if len(districts) > 1:
        return None
    for r in first:
        if r.meant.ubigeo:
            return r
    settled = [r for r in read if r.meant.ubigeo]
    regions = {r.meant.region for r in first if r.meant.region}
    # "Soy de Lima ... Comas": a region is no contradiction to a district in it.
    for r in settled:
        if r.role >= 2 and any((r.meant.ubigeo or "").startswith(area) for area in regions):
            return r
    return first[0]


def _only_part(group: Group) -> bool:
    """Whether nothing but a neighbourhood's name stands there."""
    return all(not (m.place.own or m.place.towns or m.place.areas) for m in group.mentions)


def _role(
    text: str, group: Group, cues: list[re.Match[str]], groups_said: int
) -> tuple[str, re.Match[str] | None]:
    """home, here, origin, alone, opening, present, or "" for none; and the words that say so."""
    southern = _southern(text, group)
    if southern is not None:
        return southern, None
    start = _sentence_start(text, group.start)
    cue = None
    for match in cues:
        if match.end() > group.start:
            break
        if match.start() >= start:
            cue = match
    before = text[start : group.start]
    if cue is not None:
        kind, gap = cue.lastgroup, text[cue.end() : group.start]
        if kind == "home" and len(gap) <= 70:
            return "home", cue
        if kind == "here" and _SPOT_ONLY.fullmatch(gap):
            return "here", cue
        if kind == "origin" and _FROM_GAP.fullmatch(gap):
            return "origin", cue
    if _alone(text, group, start, cue):
        return "alone", cue
    if start == 0 and (cue is None or cue.lastgroup == "origin") and _OPENING.fullmatch(before):
        return "opening", cue
    if groups_said == 1 and _PRESENT.search(before) and not (cue and cue.lastgroup == "away"):
        return "present", cue
    return "", cue


def _southern(text: str, group: Group) -> str | None:
    """The role that endings of Quechua or Aymara give, None where there are none."""
    last = group.mentions[-1]
    endings = [m.ending for m in group.mentions if m.ending]
    after = _CARRIER.match(text, last.end)
    if after:
        endings.append(after[1])
    if not endings or not SOUTHERN.search(text):
        return None
    around = (
        text[max(0, group.start - 40) : group.start],
        text[last.end : last.end + 60].split(".")[0],
    )
    inner = text[group.start : last.end]
    if any(_AYMARA.search(ending) for ending in endings):
        return "origin"
    inside = any(_IN.fullmatch(ending) for ending in endings)
    if inside and (_LIVES.match(around[1]) or _LIVES.search(around[0]) or _LIVES.search(inner)):
        return "home"
    away = any(_OUT.match(ending) for ending in endings)
    if away and (_COMES.match(around[1]) or _COMES.search(around[0])):
        return "origin"
    return ""


def _sentence_start(text: str, at: int) -> int:
    """Where the sentence that holds a place begins; a point after an abbreviation ends none."""
    start = 0
    for match in _END.finditer(text, max(0, at - 300), at):
        if match[0] == "." and _ABBREVIATION.search(
            text[max(0, match.start() - 6) : match.start()]
        ):
            continue
        start = match.end()
    return start


def _alone(text: str, group: Group, start: int, cue: re.Match[str] | None) -> bool:
    """Whether a group stands by itself between signs, as an address does in an SMS or a CV."""
    before = text[start : group.start]
    if before.strip() and not _ALONE_LEFT.search(before):
        return False
    if not _ALONE_RIGHT.match(text, group.end):
        return False
    lines = text.count("\n") >= 3
    label = _LABEL.match(before)
    if lines and label and not _ADDRESS.search(label[0]):
        return False
    if before.count("(") > before.count(")"):
        return cue is None and _ALONE_LEFT.search(before.rsplit("(", 1)[0]) is not None
    previous = re.split(r"[,:]", before.rstrip(" ,"))[-1]
    if cue is None:
        return not lines or not _PLACED.search(previous)
    if cue.lastgroup == "away":
        return not lines and (_NOMINAL.match(cue[0]) is not None or cue[0] not in previous)
    return cue.lastgroup in ("home", "here", "origin") or not _PLACED.search(
        previous[max(previous.rfind(cue[0]), 0) :]
    )
