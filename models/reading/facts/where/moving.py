"""Whether a person would move for work, go anywhere, or works only from home."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from models.reading.facts.canonical import Canonical
from models.reading.facts.fact import Fact
from models.reading.facts.where.distance import distance

_ANY: Final = (
    r"(?:a?d?onde? sea|a?d?onde? (?:me|nos) (?:lleven|manden|toque|llamen|necesiten|envien)|"
    r"a?d?onde? (?:haya|hay|halla|salga|este)|"
    r"cualquier (?:otr[oa] )?(?:parte|lado|lugar|sitio|region|provincia|ciudad|departamento|"
    r"punto|mina|valle|destino|zona)|"
    r"cualquier [a-z]+ del (?:pais|peru)|todo el (?:peru|pais)|toda? (?:parte|lugar))"
)
_AWAY: Final = (
    r"(?:otr[oa]s? (?:lado|sitio|lugar|lugares|parte|ciudad|ciudades|provincia|region|"
    r"departamento|distrito|zona)s?|lejos|fuera|afuera|"
    r"provincias?|el interior|campamentos?|alla|mina|fundo|obra)"
)
_GO: Final = (
    r"(?:(?:me|nos) (?:voy|vamos|iria|iriamos|mudo|mudaria|mudamos|traslado|trasladaria|desplazo|"
    r"desplazaria)|"
    r"voy|vamos|viajo|viajamos|iria|"
    r"(?:puedo|podemos|podria|podriamos|quiero|quisiera|acepto|estoy dispuest[oa] a|dispuest[oa] "
    r"a|list[oa] para) "
    r"(?:ir(?:me|nos)?|viajar|mudar(?:me|nos)|trasladar(?:me|nos)|desplazarme|salir|vivir|"
    r"radicar|residir)|"
    r"(?:me|nos) (?:puedo|podemos|podria|gustaria) (?:ir|mudar|trasladar|desplazar|viajar))"
)
_MOVE: Final = (
    r"(?:radicar(?:me|nos)?|mudar(?:me|nos|se)?|trasladar(?:me|nos)?|residir|"
    r"cambiar(?:me|nos)? de (?:residencia|domicilio|ciudad|lugar|casa|provincia|region)|"
    r"(?:cambio|traslado) de (?:residencia|domicilio|ciudad)|reubicar(?:me)?|mudanza|reubicacion|"
    r"establecerme|"
    r"vivir (?:en|fuera|lejos|alla|donde)|ir(?:me)? a vivir|ir(?:me)? (?:lejos|fuera)|"
    r"(?:trabajar|laborar) (?:fuera|lejos|en (?:provincias?|otr[oa] \w+|campamentos?|el interior|"
    r"cualquier (?:parte|lugar|ciudad|region|provincia|departamento|zona|sitio|lado)))|"
    r"viajar(?! (?:todos|a diario|diario|cada|seguido|constante|en|por trabajo))|salir (?:de "
    r"viaje|fuera|a provincias?))"
)
_READY: Final = (
    r"(?:dispuest[oa]s?(?: a)?|disponibilidad(?: inmediata| total| completa| absoluta)?(?: (?:de|"
    r"para|a))?|"
    r"disponible(?:s)?(?: para)?|disposicion (?:de|para|a)|"
    r"(?:me|nos) (?:puedo|podemos|podria|gustaria)|puedo|podemos|podria|acepto|aceptaria|"
    r"list[oa] para|"
    r"(?:no tengo|sin|no hay|ningun) (?:ningun )?(?:problemas?|inconvenientes?|compromisos?|"
    r"dificultad)(?: (?:en|de|para|con))?|"
    r"estoy dispuest[oa] a|posibilidad de|facilidad (?:de|para))"
)
_IF_LODGED: Final = (
    r"si (?:me |nos )?(?:dan|hay|ponen|brindan|ofrecen|incluye|tienen|pagan|es con|cubren) "
    r"(?:\w+ ){0,3}?"
    r"(?:cuarto|casa|cama|hospedaje|alojamiento|campamento|vivienda|estadia|pasajes?|techo|"
    r"habitacion|comida|posada|donde)"
)
_NEVER: Final = r"(?:no|ni|nunca|tampoco|imposible|sin)"
_STAY: Final = re.compile(
    r"\b(?:no (?:me |nos )?(?:puedo|podemos|podria|quiero|quisiera|queremos|deseo|pienso|acepto|"
    r"estoy dispuest[oa] a) "
    r"(?:\w+ )?(?:mudar|mudarme|mudarnos|irme|irnos|ir|viajar|salir|radicar|trasladar|"
    r"trasladarme|cambiar|cambiarme|"
    r"mover|moverme|vivir fuera|dejar|alejarme|residir)\b(?! de (?:noche|madrugada)|\w* (?:a la "
    r"calle|al aire))"
    r"|no (?:me|nos) (?:mudo|mudamos|muevo|movemos|traslado|voy|vamos) ?(?:de|a|lejos|fuera|$|"
    r"[.,;])"
    r"|no (?:viajo|salgo (?:de|fuera|lejos)|tengo (?:disponibilidad|disposicion) (?:de|para|a) "
    r"(?:viajar|mudar|trasladar|radicar|cambiar|irme))"
    r"|(?:mudarme|irme(?: lejos| fuera)?|viajar|cambiar de (?:ciudad|residencia|casa)|salir "
    r"(?:de mi \w+|fuera|lejos))"
    r",? (?:no puedo|no quiero|ni hablar|imposible|no es posible|no me es posible|no se puede|"
    r"todavia no|por ahora no)"
    r"|(?:mas )?lejos (?:todavia |por ahora |ya )?no (?:puedo|quiero|me|voy)"
    r"|no (?:puedo|quiero) (?:\w+ )?(?:tan |muy )?lejos|no (?:muy |tan )?lejos de (?:casa|mi)"
    r"|sin (?:mudarme|salir de|cambiar de (?:ciudad|domicilio|residencia)|moverme)"
    r"|de (?:aca|aqui|mi (?:casa|pueblo|tierra|barrio|zona|distrito|ciudad|chacra|comunidad)) "
    r"(?:ya )?no (?:me |nos )?"
    r"(?:muevo|mudo|voy|salgo|puedo (?:salir|mudarme|moverme|irme)|quiero (?:salir|irme|moverme))"
    r"|(?:solo|solamente|unicamente|nomas) (?:en|dentro de) (?:mi |la |el )?(?:ciudad|zona|"
    r"pueblo|distrito|provincia)\b(?! de)"
    r"|manan? (?:\w+ )?(?:riyta|lluqsiyta|ripuyta) (?:atini|munani)\w*|jan(?:iw)? (?:sar|"
    r"mistu)\w+)"
)
_ANYWHERE: Final = re.compile(
    rf"\b(?:(?:{_GO}|viaj\w+|ir|irme|irnos|vivir|radicar|residir|trabajar|trasladar\w*|mudar\w*|"
    rf"disponib\w+|dispuest[oa])"
    rf"[^.;\n]{{0,30}}?(?:a |en |por |para |hasta )?{_ANY}|a?d?onde? sea|maymanpas\w*(?: ri\w+)?|"
    rf"kawkhar?us sar\w*)\b"
)
_GOING: Final = re.compile(
    rf"\b(?:{_GO} (?:\w+ ){{0,3}}?{_AWAY}|{_READY} (?:\w+ )?(?:\w+ ){{0,3}}?{_MOVE}|con "
    rf"(?:cambio|traslado) de (?:domicilio|residencia)"
    rf"|{_IF_LODGED}[^.;\n]{{0,40}}?\b(?:me voy|nos vamos|voy|viajo|me mudo|nos mudamos|me iria|"
    rf"me traslado)"
    rf"|(?:me voy|nos vamos|voy|viajo|me mudo|nos mudamos|me iria|(?:nos|me) pod\w+ ir|(?:me|"
    rf"nos) puedo ir)[^.;\n]{{0,50}}?{_IF_LODGED}"
    rf"|acept[oa]\w* (?:\w+ )?(?:trabajo |trabajos |puestos? )?(?:en |a )?(?:{_AWAY}|zonas? "
    rf"rural(?:es)?|{_ANY})"
    rf"|(?:me (?:mudo|mudaria|traslado|trasladaria)|nos mudamos)\b"
    rf"|(?:puedo|podria|quiero|quisiera|me gustaria) (?:radicar|vivir|residir) (?:en|alla|donde|"
    rf"fuera)"
    rf"|(?:(?:cama|puertas?) adentro|campamento) (?:\w+ )?(?:no hay|sin|ningun) problema|(?:vivo|"
    rf"quedo|duermo) en (?:el )?campamento)\b"
)
_BACKWARDS: Final = re.compile(
    r"\b(?:donde (?:haya|hay|sea|salga|me llamen|me lleven|me manden)|cualquier (?:lado|parte|"
    r"sitio|lugar))"
    r"[^.;\n]{0,20}?(?:me voy|nos vamos|voy|vamos|viajo|me mudo|estoy dispuest[oa])\b"
)
_OUT: Final = re.compile(
    rf"\b(?:salgo|salimos) [^.;\n]{{0,30}}?\ba otr[oa]s? (?:provincia|region|ciudad|departamento|"
    rf"lado)"
    rf"|me quedo {_IF_LODGED}|(?:me quedo|puedo quedarme) (?:a dormir )?(?:en (?:el "
    rf")?(?:campamento|fundo)|lejos)"
)
_DAILY: Final = re.compile(
    r"[^.,;\n]*\b(?:todos los dias|a diario|diario|diariamente|cada dia|ida y vuelta|y (?:vuelvo|"
    r"regreso))\b"
)
_WITHIN: Final = re.compile(r" (?:de|del) (?!pais\b|peru\b|mi especialidad\b|mi carrera\b)\w+")
_REMOTE: Final = re.compile(
    r"\b(?:(?:solo|solamente|unicamente|exclusivamente|nada mas|nomas|unico que puedo es) "
    r"(?:\w+ ){0,3}?(?:trabaj\w+ )?(?:\w+ )?"
    r"(?:desde (?:la |mi )?(?:propia )?casa|en (?:mi )casa|remot[oa]|teletrabajo|home ?office|"
    r"por internet)"
    r"|(?:trabajo )?(?:remoto|teletrabajo|home ?office|desde (?:mi )?casa),? (?:unicamente|"
    r"solamente|nomas|nada mas|solo|exclusivamente)"
    r"|no puedo salir (?:de (?:la |mi )?casa|a trabajar)|(?:busco|quiero|necesito) (?:un "
    r")?(?:trabajo|empleo|chamba|algo) "
    r"(?:100 ?% )?(?:remoto|desde (?:mi )?casa|por internet|home ?office|para hacer en (?:mi "
    r")?casa)"
    r"|100 ?% remoto)\b"
)
_OR_ELSE: Final = re.compile(
    r"\b(?:tambien|si se puede|de preferencia|o (?:ir|presencial|en|al?)|hibrido|o cerca)\b"
)
_STEMS: Final = (
    "donde", "dond", "cualquier", "todo el ", "viaj", "mud", "radic", "resid", "traslad", "desplaz",
    "irme", "irnos", "voy", "vamos", "iria", "lejos", "fuera", "provincia", "campamento", "cambi",
    "reubic", "salir", "salgo", "vivir", "muev", "mover", "me quedo", "quedarme", "adentro",
    "acept", "maymanpas", "mana", "jani", "kawkha", "sea si", "adonde", "establecer", "solo en",
    "dentro de",
)  # fmt: skip
"""Letters without which no phrase of going or staying is there."""


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
    told = any(stem in words.text for stem in _STEMS)
    stays, goes = (_stays(words), _goes(words)) if told else (None, None)
    relocate = None if goes and stays else goes or stays
    anywhere = relocate if relocate and relocate.rule == "anywhere" else None
    return Moving(relocate, anywhere, distance(words), _remote(words))


def _stays(words: Canonical) -> Fact[bool] | None:
    match = _STAY.search(words.text)
    return words.fact(False, match.start(), match.end(), 0.98, "stays") if match else None


def _goes(words: Canonical) -> Fact[bool] | None:
    """The first phrase of going that no "no" stands before."""
    for pattern, rule in (
        (_ANYWHERE, "anywhere"),
        (_BACKWARDS, "anywhere"),
        (_GOING, "goes"),
        (_OUT, "goes"),
    ):
        for match in pattern.finditer(words.text):
            before = words.text[max(0, match.start() - 12) : match.start()]
            if _DAILY.match(words.text, match.end()) or (
                rule == "anywhere" and _WITHIN.match(words.text, match.end())
            ):
                continue
            if not re.search(rf"\b{_NEVER} (?:me |nos )?$", before):
                return words.fact(True, match.start(), match.end(), 0.98, rule)
    return None


def _remote(words: Canonical) -> Fact[bool] | None:
    if not any(stem in words.text for stem in ("remot", "casa", "office", "tele", "internet")):
        return None
    match = _REMOTE.search(words.text)
    if match is None or _OR_ELSE.search(words.text, match.end(), match.end() + 30):
        return None
    return words.fact(True, match.start(), match.end(), 0.98, "remote_only")
