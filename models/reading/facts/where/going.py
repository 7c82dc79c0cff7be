"""Words of moving and going, of a will to, of targets and refusals, as patterns."""

from __future__ import annotations

import re
from typing import Final

_PLACES: Final = (
    r"(?:lado|sitio|lugar|parte|ciudad|provincia|region|departamento|distrito|zona|pueblo|valle|"
    r"punto|destino|estado|puerto|unidad(?: minera)?)(?:e?s)?"
)
_ANY: Final = (
    r"(?:a?d?onde? (?:sea|(?:me |nos |l[oea]s? )?(?:lleven|manden|toque|llamen|necesiten|envien"
    r"|contraten)|"
    r"haya|"
    rf"hay|halla|salga|este)|cualquier (?:otr[oa] )?(?:{_PLACES}|mina|fundo)|"
    r"cualquier [a-z]+ del (?:pais|peru)|todo el (?:peru|pais|territorio)|"
    r"a nivel nacional|nivel nacional)"
)
_FAR: Final = (
    rf"(?:{_ANY}|otr[oa]s? {_PLACES}|lejos|fuera|(?<!cama )afuera|provincias?|interior"
    rf"|campamentos?|alla|"
    r"zonas? (?:rural|alejad|minera)\w*|(?:por|en) (?:temporadas?|campanas?|meses)|minas?|fundos?|"
    r"obras?|"
    r"la (?:costa|selva|sierra)|el (?:norte|sur|extranjero)|mar adentro)"
)
_MOVE: Final = (
    r"mud(?:aremos|are\b|ando(?:me|nos)|o|ar(?:me|nos|se)?|aria|ariamos|amos|anza)|radicar(?:me|nos|se)?|"
    r"traslad(?:ar(?:me|nos|se)?|aria|amos)|reubic\w+|residir|establecer(?:me|nos)|"
    r"cambi(?:o|ar(?:me|nos)?|aria) de (?:residencia|domicilio|ciudad|provincia|region|lugar|"
    r"casa)|"
    r"(?:me|nos) traslado|traslado de domicilio|vivir (?:ahi|alli|alla|lejos|fuera|donde|"
    r"en (?:otr\w+|campamentos?|(?:el|la|mi) (?:fundo|trabajo|campamento|centro|lugar|obra|mina|"
    r"chacra)|cualquier|(?!casa|mi|paz|familia|la calle)\w+ o en))|a vivir"
)
_GO: Final = (
    r"viaj(?:o|ar|amos|aria|e|ando)|(?:me|nos) embarc(?:o|amos|aria)|embarcarme|"
    r"irme|irnos|irse|(?:me|nos) (?:voy|vamos|iria|iriamos|desplazo)|"
    r"desplazar(?:me|nos)?|(?:me|nos) (?:puedo|podemos|podria|podriamos) ir"
)
_STEP: Final = (
    r"voy|vamos|iria|ir|salir|salgo|salimos|bajar|subir|trabajar|laborar|trabajaria|laboraria|"
    r"problemas?|inconvenientes?|trabajos?|empleo|chamba|"
    r"acept\w+|quedar(?:me|nos)?|me quedo|mover(?:me|nos|e)?|muevo|alejar(?:me|nos)|postular|"
    r"puestos?"
)
VERB: Final = re.compile(
    rf"\b(?=[a-z])(?:(?P<move>{_MOVE})|(?P<go>{_GO})|(?P<step>{_STEP})|"
    rf"(?P<any>a?d?onde? sea|{_ANY})|(?P<inca>maymanpas\w*|kawkhar?us))\b"
)
WILL: Final = re.compile(
    r"\b(?:dispuest[oa]s?|disponib\w+|disposicion|puedo|podemos|podria|podriamos|quiero|queremos|"
    r"quisiera|acept\w+|list[oa]s?|apt[oa]s?|animad[oa]s?|gustaria|deseo|pienso|facilidad|"
    r"posibilidad|ganas|interesa\w*|adapt\w+|acomod\w+|acostumbrad[oa]|decidid[oa]s?|molesta|"
    r"importa|incomoda|con|"
    r"(?:problemas?|inconvenientes?|compromisos?|dificultad|impedimentos?|carga familiar))\b"
)
IF_LODGED: Final = re.compile(
    r"\bdonde (?:me|nos|les?|lo) (?:den|brinden|pongan|ofrezcan) (?:vivienda|cuarto|casa|cama|"
    r"alojamiento|hospedaje)\b|"
    r"\bsi (?:(?:la|el|una?|su) \w+ |ustedes |ellos )?(?:me |nos )?"
    r"(?:dan|hay|ponen|brindan|ofrecen|incluyen?|tienen?|pagan|es con|cubren|da|"
    r"consigo|reconocen) (?:\w+ ){0,3}?(?:cuartos?|casa|cama|hospedaje|alojamiento|campamento|"
    r"vivienda|estadia|pasajes?|techo|habitacion|comida|posada|donde|viaticos)\b|"
    r"\bcon (?:estadia|hospedaje|alojamiento|campamento|vivienda|cuarto|pasajes?)\b"
)
LODGED: Final = re.compile(
    r"\b(?:campamentos?|cama|cuarto|estadia|alojamiento|hospedaje|vivienda|fundo|dormir|punu\w*)\b"
)
"""Words beside "anywhere" by which it is meant only where there is lodging."""
NO: Final = re.compile(
    r"\b(?:(?:no|ni|nunca|tampoco|jamas|imposible)(?! me (?:molest|import|incomod|asust|"
    r"quej)\w+)(?! (?:tengo|tenemos|hay|habria|seria|es|me|"
    r"nos|importa)?"
    r" ?(?:importa )?(?:ningun )?(?:problem|inconvenien|compromis|dificult|impediment|carga))|"
    r"sin(?! (?:ningun )?(?:problem|inconvenien|compromis|dificult|impediment|carga)))\b"
    r"(?:(?!\b(?:pero|aunque|porque|si|y)\b)[^,.;\n]){0,40}$"
)
NOT_AFTER: Final = re.compile(
    r"[^.;\n]{0,18}?,? ?\b(?:(?:todavia |por ahora |ya )?no (?:puedo|quiero|me|voy|es posible|se "
    r"puede|"
    r"acepto|podria|deseo)|ni hablar|imposible|todavia no|por ahora no)\b"
)
DAILY: Final = re.compile(
    r"[^.;\n]{0,40}\b(?:todos los dias|a diario|diario|diariamente|cada dia|ida y vuelta|y "
    r"(?:vuelvo|"
    r"regreso|volver|vengo)|dentro de|por la ciudad|en (?:bus|combi|moto))\b"
)
WITHIN: Final = re.compile(
    r" (?:de|del|por) (?!pais\b|peru\b|el pais\b|trabajo\b|mi (?:especialidad|carrera|rubro)\b)\w+"
)
TARGET: Final = re.compile(rf"(?: (?!(?:pero|y|que)\b)\w+){{0,4}}? {_FAR}\b")
ANY_AFTER: Final = re.compile(rf"(?: (?!(?:pero|y)\b)\w+){{0,4}}? {_ANY}\b")
BACKWARDS: Final = re.compile(
    r"(?:(?! no\b) \w+){0,3}?,? (?:(?:esta |ta )?bien\b|normal\b|me acomodo|me voy|nos vamos|voy"
    r"|vamos|viajo|me mudo|me traslado|estoy "
    r"dispuest[oa])\b"
)
FIRST: Final = (
    "mudo", "mudamos", "mudaria", "voy", "vamos", "iria", "me quedo",
    "me traslado", "nos traslado", "acepto", "salgo", "salimos",
)  # fmt: skip
FIRST_BEFORE: Final = re.compile(r"\b(?:voy|vamos|irme|irnos|ir|bajar|subir) (?:\w+ ){0,3}$")
PLAIN_FAR: Final = re.compile(
    rf"(?:{_ANY}|otr[oa]s? (?!(?:dia|vez))|lejos|fuera|(?<!cama )afuera|provincia|interior"
    rf"|campamento|alla|"
    rf"zonas? )"
)
NO_MATTER: Final = ("problem", "inconven")
NO_PROBLEM: Final = re.compile(
    r"\b(?:no (?:me hago|tengo|hay|habria|seria)|sin|ningun) (?:ningun )?$"
)
SEEKS: Final = re.compile(r"\b(?:busco|buscamos|buscando|necesito|para)\b")
LEAD: Final = re.compile(
    r"\b(?:(?:no|ni|nunca) )?(?:(?:me|nos) )?(?:puedo|podemos|podria|quiero|quisiera|acepto|"
    r"deseo|prefiero|"
    r"dispuest\w+|disponib\w+|tengo (?:\w+ )?(?:problemas?|inconvenientes?)|list[oa]|me|nos)(?: "
    r"\w+){0,2} $"
)
"""What stands before a verb and is told with it."""
LIKES: Final = re.compile(r"\b(?:gusta|encanta)\b[^,.;\n]{0,12}$")
WIDE: Final = re.compile(r" (?:del? )(?:norte|sur|centro|oriente|la (?:selva|sierra|costa))\b")
STAY: Final = re.compile(
    r"\b(?:(?:solo|solamente|unicamente|nomas) (?:\w+ ){0,3}?(?:en|dentro de|por) (?:mi|la misma) "
    r"(?:ciudad|zona|pueblo|distrito|provincia|barrio|comunidad)|"
    r"(?:solo|solamente|unicamente) dentro de (?:la |el )?\w+|"
    r"no (?:quier\w+|quisiera|puedo|podria|pienso|deseo) (?:dejar|abandonar) "
    r"(?:el |la |mi )"
    r"(?:tierra|pueblo|ciudad|familia|comunidad|distrito|provincia|valle|callejon|zona)|"
    r"no (?:quiero|puedo|quisiera) (?:volver a )?salir(?= ?(?:[.,;\n]|$)| de (?:aqui|aca|mi)\b)|"
    r"no migrar\b|no me quedo lejos\b|"
    r"no (?:dispongo de|cuento con|tengo) (?:disponibilidad (?:de |para )(?:el )?"
    r"(?:traslad|viaj|mud)\w+|traslado a)|"
    r"mana[mn]? (?:\w+ )?(?:riyta|lluqsiyta|ripuyta) (?:atini|munani)\w*|jani\w* (?:sar|"
    r"mistu)\w+)\b"
)
WITH_FAMILY: Final = re.compile(
    r" con (?:mi|toda mi|mis) (?:senora|espos[oa]|familia|pareja|hij[oa]s?|marido|muj?er|gente)\b"
)
"""After "me puedo ir": who would take the family along would live there."""
FIRST_GO: Final = ("voy", "me voy", "iria", "me iria", "vamos", "nos vamos")
ALSO: Final = re.compile(r"\b(?:si|cuando) [^.;\n]{2,70}\btambien $")
FOR_DAYS: Final = re.compile(r"\bpor \w+ (?:dias|semanas|meses)\b|\badentro\b")
"""What "si hay, tambien voy" needs to be more than the next town: "me voy" says it alone."""
READY: Final = re.compile(r"\b(?:dispuest[oa]s?|disponib\w+|list[oa]s?) (?:a|para) $")
QUEDAR: Final = re.compile(
    r"(?:quedar(?:me|nos)) (?:a vivir )?en (?!el |la |los |las |mi |su |tu |casa|turno|planta)\w+"
)
LEAVES: Final = ("ir", "voy", "vamos", "iria", "bajar", "subir")
SEASON: Final = re.compile(r"(?: \w+){1,5}? por (?:temporadas?|campanas?|meses)\b")
ROTA: Final = re.compile(r"\b\d+ ?x ?\d+\b[^.;]{0,25}$")
NEAR_ONLY: Final = re.compile(r"(?:ir|viajar) (?:muy |tan )?lejos\b")
WANTS: Final = re.compile(r"\b(?:quier\w+|quisiera|prefier\w+|preferiria|gusta) (?:no )?$")
WOULD: Final = re.compile(r"(?: a trabajar)? (?:a|hasta|para) (?!trabaj|estudi|la casa|mi casa)\w+")
"""After "iria": the conditional is a will of its own."""
GLADLY: Final = re.compile(r" (?:a|para|hasta) \w+(?: \w+){0,2}? (?:sin problemas?|normal)\b")
LABELLED: Final = re.compile(
    r"\b(?:puedo|puede|disponib\w+|dispuest[oa]|(?=traslado:))[^.;:\n]{0,25}\b(?:viajar|migrar|"
    r"mud\w+|trasladar\w*|traslado|viajes?|migracion|salir de su \w+): ?(?P<said>si|no)\b"
)
"""A line of a form: "Dispuesto a migrar: sí"."""
TO_THE_MINE: Final = re.compile(
    r" (?:a|al) (?:la |el |un |una )?(?:mina|fundo|obra|campamento)s?\b"
)
LEAVE: Final = re.compile(
    r"\b(?:lejos|fuera|afuera|de (?:aca|aqui|mi |la ciudad)|otr[oa]s? |\bsal(?:ir|go) de )"
)
BY_NIGHT: Final = re.compile(
    r" (?:mucho|casi|seguido|de (?:noche|madrugada|casa)|a la calle|tarde|temprano)\b"
)
GOES: Final = (
    "voy", "viaj", "mud", "radic", "traslad", "irme", "irnos", "vamos", "iria", " ir ", "resid",
    "cambi", "reubic", "vivir", "desplaz", "establec", "dond", "cualquier", "maymanpas", "muev",
    "mover", "alej", "embarc", "dispongo", "dejar", "kawkha", "mi distr", "mi ciud", "mi zona",
    "mana", "jani", "nivel nac",
    "dentro de", "todo el ", "salgo", "salir de", "quedarme en", "quedarnos en",
)  # fmt: skip
STEPS: Final = (
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
FARS: Final = (
    "otr", "lejos", "fuera", "provincia", "interior", "campamento", "alla", "zona", "si dan",
    "si hay", "si pon", "si me", "si ofr", "si bri", "si pag",
)  # fmt: skip
"""Letters without which no phrase of going or staying is there: most texts have none."""
