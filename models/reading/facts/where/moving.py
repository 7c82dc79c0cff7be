"""Whether a person would move for work, go anywhere, or works only from home.

Every verb of moving or going is judged within its clause: with a will ("dispuesto a mudarme"), a
far target ("me voy a otra provincia") or a condition ("si dan cuarto") it says yes, with a "no"
before it or behind it no.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from models.reading.facts.canonical import Canonical
from models.reading.facts.fact import Fact
from models.reading.facts.where.distance import distance
from models.reading.facts.where.remote import remote_only

_PLACES: Final = (
    r"(?:lado|sitio|lugar|parte|ciudad|provincia|region|departamento|distrito|zona|pueblo|valle|"
    r"punto|destino|estado)(?:e?s)?"
)
_ANY: Final = (
    r"(?:a?d?onde? (?:sea|(?:me |nos )?(?:lleven|manden|toque|llamen|necesiten|envien|contraten)|"
    r"haya|"
    rf"hay|halla|salga|este)|cualquier (?:otr[oa] )?(?:{_PLACES}|mina|fundo)|"
    r"cualquier [a-z]+ del (?:pais|peru)|todo el (?:peru|pais|territorio)|"
    r"a nivel nacional|nivel nacional)"
)
_FAR: Final = (
    rf"(?:{_ANY}|otr[oa]s? {_PLACES}|lejos|fuera|afuera|provincias?|interior|campamentos?|alla|"
    r"zonas? (?:rural|alejad|minera)\w*|(?:por|en) (?:temporadas?|campanas?)|minas?|fundos?|"
    r"obras?|"
    r"la (?:costa|selva|sierra)|el (?:norte|sur|extranjero)|mar adentro)"
)
_MOVE: Final = (
    r"mud(?:ando(?:me|nos)|o|ar(?:me|nos|se)?|aria|ariamos|amos|anza)|radicar(?:me|nos|se)?|"
    r"traslad(?:ar(?:me|nos|se)?|aria|amos)|reubic\w+|residir|establecer(?:me|nos)|"
    r"cambi(?:o|ar(?:me|nos)?|aria) de (?:residencia|domicilio|ciudad|provincia|region|lugar|"
    r"casa)|"
    r"(?:me|nos) traslado|traslado de domicilio|vivir (?:ahi|alli|alla|lejos|fuera|donde|"
    r"en (?:otr\w+|campamentos?|(?:el|la|mi) (?:fundo|trabajo|campamento|centro|lugar|obra|mina|"
    r"chacra)|cualquier))|a vivir"
)
_GO: Final = (
    r"viaj(?:o|ar|amos|aria|e|ando)|irme|irnos|(?:me|nos) (?:voy|vamos|iria|iriamos|desplazo)|"
    r"desplazar(?:me|nos)?|(?:me|nos) (?:puedo|podemos|podria|podriamos) ir"
)
_STEP: Final = (
    r"voy|vamos|iria|ir|salir|salgo|salimos|bajar|subir|trabajar|laborar|trabajaria|laboraria|"
    r"problemas?|inconvenientes?|trabajos?|empleo|chamba|"
    r"acept\w+|quedar(?:me|nos)?|me quedo|mover(?:me|nos)?|muevo|alejar(?:me|nos)|postular|"
    r"puestos?"
)
_VERB: Final = re.compile(
    rf"\b(?:(?P<move>{_MOVE})|(?P<go>{_GO})|(?P<step>{_STEP})|(?P<any>a?d?onde? sea|{_ANY})|"
    r"(?P<inca>maymanpas\w*|kawkhar?us))\b"
)
_WILL: Final = re.compile(
    r"\b(?:dispuest[oa]s?|disponib\w+|disposicion|puedo|podemos|podria|podriamos|quiero|queremos|"
    r"quisiera|acept\w+|list[oa]s?|apt[oa]s?|animad[oa]s?|gustaria|deseo|pienso|facilidad|"
    r"posibilidad|ganas|interesa\w*|adapt\w+|acomod\w+|acostumbrad[oa]|decidid[oa]s?|con|"
    r"(?:problemas?|inconvenientes?|compromisos?|dificultad|impedimentos?|carga familiar))\b"
)
_IF_LODGED: Final = re.compile(
    r"\bsi (?:me |nos )?(?:dan|hay|ponen|brindan|ofrecen|incluyen?|tienen?|pagan|es con|cubren|da|"
    r"consigo|reconocen) (?:\w+ ){0,3}?(?:cuartos?|casa|cama|hospedaje|alojamiento|campamento|"
    r"vivienda|estadia|pasajes?|techo|habitacion|comida|posada|donde|viaticos)\b|"
    r"\bcon (?:estadia|hospedaje|alojamiento|campamento|vivienda|cuarto|pasajes?)\b"
)
_NO: Final = re.compile(
    r"\b(?:(?:no|ni|nunca|tampoco|jamas|imposible)(?! (?:tengo|tenemos|hay|habria|seria|es|me|"
    r"nos|importa)?"
    r" ?(?:importa )?(?:ningun )?(?:problem|inconvenien|compromis|dificult|impediment|carga))|"
    r"sin(?! (?:ningun )?(?:problem|inconvenien|compromis|dificult|impediment|carga)))\b"
    r"(?:(?!\b(?:pero|aunque|porque|si|y)\b)[^,.;\n]){0,40}$"
)
_NOT_AFTER: Final = re.compile(
    r"[^.;\n]{0,18}?,? ?\b(?:(?:todavia |por ahora |ya )?no (?:puedo|quiero|me|voy|es posible|se "
    r"puede|"
    r"acepto|podria|deseo)|ni hablar|imposible|todavia no|por ahora no)\b"
)
_DAILY: Final = re.compile(
    r"[^.;\n]{0,40}\b(?:todos los dias|a diario|diario|diariamente|cada dia|ida y vuelta|y "
    r"(?:vuelvo|"
    r"regreso|volver|vengo)|dentro de|por la ciudad|en (?:bus|combi|moto))\b"
)
_WITHIN: Final = re.compile(
    r" (?:de|del|por) (?!pais\b|peru\b|el pais\b|trabajo\b|mi (?:especialidad|carrera|rubro)\b)\w+"
)
_TARGET: Final = re.compile(rf"(?: (?!(?:pero|y|que)\b)\w+){{0,4}}? {_FAR}\b")
_ANY_AFTER: Final = re.compile(rf"(?: (?!(?:pero|y)\b)\w+){{0,4}}? {_ANY}\b")
_BACKWARDS: Final = re.compile(
    r"(?:(?! no\b) \w+){0,3}?,? (?:me voy|nos vamos|voy|vamos|viajo|me mudo|me traslado|estoy "
    r"dispuest[oa])\b"
)
_FIRST: Final = (
    "mudo", "mudamos", "mudaria", "voy", "vamos", "iria", "me quedo",
    "me traslado", "nos traslado", "acepto", "salgo", "salimos",
)  # fmt: skip
_FIRST_BEFORE: Final = re.compile(r"\b(?:voy|vamos|irme|irnos|ir|bajar|subir) (?:\w+ ){0,3}$")
_PLAIN_FAR: Final = re.compile(
    rf"(?:{_ANY}|otr[oa]s? (?!(?:dia|vez))|lejos|fuera|afuera|provincia|interior|campamento|alla|"
    rf"zonas? )"
)
_NO_MATTER: Final = ("problem", "inconven")
_NO_PROBLEM: Final = re.compile(
    r"\b(?:no (?:me hago|tengo|hay|habria|seria)|sin|ningun) (?:ningun )?$"
)
_SEEKS: Final = re.compile(r"\b(?:busco|buscamos|buscando|necesito|para)\b")
_LIKES: Final = re.compile(r"\b(?:gusta|encanta)\b[^,.;\n]{0,12}$")
_WIDE: Final = re.compile(r" (?:del? )(?:norte|sur|centro|oriente|la (?:selva|sierra|costa))\b")
_STAY: Final = re.compile(
    r"\b(?:(?:solo|solamente|unicamente|nomas) (?:\w+ ){0,3}?(?:en|dentro de|por) (?:mi|la misma) "
    r"(?:ciudad|zona|pueblo|distrito|provincia|barrio|comunidad)|"
    r"(?:solo|solamente|unicamente) dentro de (?:la |el )?\w+|"
    r"mana[mn]? (?:\w+ )?(?:riyta|lluqsiyta|ripuyta) (?:atini|munani)\w*|jani\w* (?:sar|"
    r"mistu)\w+)\b"
)
_LEAVE: Final = re.compile(
    r"\b(?:lejos|fuera|afuera|de (?:aca|aqui|mi |la ciudad)|otr[oa]s? |\bsal(?:ir|go) de )"
)
_BY_NIGHT: Final = re.compile(r" (?:de (?:noche|madrugada|casa)|a la calle|tarde|temprano)\b")
_GOES: Final = (
    "voy", "viaj", "mud", "radic", "traslad", "irme", "irnos", "vamos", "iria", " ir ", "resid",
    "cambi", "reubic", "vivir", "desplaz", "establec", "dond", "cualquier", "maymanpas", "muev",
    "mover", "alej", "kawkha", "mi distr", "mi ciud", "mi zona", "mana", "jani", "nivel nac",
    "dentro de", "todo el ", "salgo", "salir de",
)  # fmt: skip
_STEPS: Final = (
    "trabaj",
    "acept",
    "sal",
    "problem",
    "inconven",
    "qued",
    "puesto",
    "emple",
    "lejos",
)
_FARS: Final = (
    "otr", "lejos", "fuera", "provincia", "interior", "campamento", "alla", "zona", "si dan",
    "si hay", "si pon", "si me", "si ofr", "si bri", "si pag",
)  # fmt: skip
"""Letters without which no phrase of going or staying is there: most texts have none."""


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
    if not _may_speak(text):
        return Moving(None, None, distance(words), remote_only(words))
    for verb in _VERB.finditer(text):
        said = _judged(text, verb)
        if said is None:
            continue
        rule = "stays" if not said else "anywhere" if said == "anywhere" else "goes"
        fact = words.fact(bool(said), verb.start(), verb.end(), 0.98, rule)
        if not said:
            no = no or fact
        else:
            yes = yes or fact
            anywhere = anywhere or (fact if rule == "anywhere" else None)
    if no is None and (stay := _STAY.search(text)):
        no = words.fact(False, stay.start(), stay.end(), 0.95, "stays")
    if yes and no:
        return Moving(None, None, distance(words), remote_only(words))
    return Moving(yes or no, anywhere, distance(words), remote_only(words))


def _may_speak(text: str) -> bool:
    """Whether a text may speak of going: a cheap look before the patterns."""
    has = text.__contains__
    return any(map(has, _GOES)) or (any(map(has, _STEPS)) and any(map(has, _FARS)))


def _judged(text: str, verb: re.Match[str]) -> str | None:
    """What one verb of moving says: "" no, "goes" or "anywhere" yes, None nothing."""
    if verb["inca"]:
        return "anywhere"
    first = max(text.rfind(mark, max(0, verb.start() - 90), verb.start()) for mark in ".;\n") + 1
    before = text[max(first, verb.start() - 90) : verb.start()]
    after = re.split(r"[.;\n]", text[verb.end() : verb.end() + 70], maxsplit=1)[0]
    far = _TARGET.match(after)
    if far and _ANY_AFTER.match(after) and _within(after, far.end()):
        far = None  # "en cualquier provincia de Apurímac"
    kind = verb.lastgroup
    if verb[0].startswith(_NO_MATTER):
        return "goes" if far and _NO_PROBLEM.search(before) else None
    if _NO.search(before) or (kind != "any" and _NOT_AFTER.match(after)):
        return _refusal(verb, kind, before, after)
    if _DAILY.match(after) or _LIKES.search(before):
        return None
    condition = _IF_LODGED.search(before) or _IF_LODGED.search(after)
    anywhere = _anywhere(text, verb, before, after)
    if kind == "any":
        return "anywhere" if anywhere else None
    will = _WILL.search(before)
    if anywhere and (kind != "step" or will or verb[0] in _FIRST):
        return "anywhere"
    if kind == "move" and (will or verb[0] in _FIRST or condition or _FIRST_BEFORE.search(before)):
        return "goes"
    if kind == "go" and (will or far or condition):
        return "goes"
    if kind == "step" and condition and (will or verb[0] in _FIRST):
        return "goes"
    if kind == "step" and far and _willing_step(verb[0], far[0], before):
        return "goes"
    return None


def _within(text: str, at: int) -> bool:
    """Whether what follows keeps "any place" within a town or region; "del norte" is wide."""
    return _WITHIN.match(text, at) is not None and _WIDE.match(text, at) is None


def _willing_step(verb: str, target: str, before: str) -> bool:
    """Whether a plain verb ("voy", "trabajar") with a far target is said by who would go."""
    if _PLAIN_FAR.search(target) is None:
        return False
    if verb in _FIRST or verb.startswith(("acept", "trabajaria", "laboraria")):
        return True
    return _WILL.search(before) is not None or _SEEKS.search(before) is not None


def _anywhere(text: str, verb: re.Match[str], before: str, after: str) -> bool:
    """Whether "donde sea" or "cualquier parte" stands with the verb, and not within one town."""
    if verb.lastgroup == "any":
        if _WITHIN.match(text, verb.end()):
            return False
        if verb[0].endswith("sea"):
            return True
        return _BACKWARDS.match(after) is not None
    told = _ANY_AFTER.match(after)
    return told is not None and not _WITHIN.match(after, told.end())


def _refusal(verb: re.Match[str], kind: str | None, before: str, after: str) -> str | None:
    """Empty where a verb with a "no" says that the person stays, else None."""
    if _BY_NIGHT.match(after) or kind == "any":
        return None
    if kind in ("move", "go") or verb[0].startswith(("muevo", "mover", "alejar")):
        return ""
    near_words = before[-25:] + verb[0] + after[:24]
    return "" if _LEAVE.search(near_words) else None
