"""What says that a level of schooling is completed."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

SECONDARY: Final = r"(?:secundari[oa]s?|secund|secu|secundaia|secundria|media|sec)\b"
_PLACE: Final = (
    r"(?:institut\w*|senati|tecsup|sencico|istp|iestp|iest|ist|cetpro|tecnologico|inst"
    r"|isep|idat|cibertec|cenfotur)"
)
_DONE: Final = (
    r"(?:titul\w*|conclui?d\w*|complet[oa]s?|terminad[oa]s?|egresad[oa]|graduad[oa]"
    r"|acabad[oa]|culminad[oa])"
)
_FINISHED: Final = (
    r"(?:termine|acabe|conclui|culmine|termino|terminado|acabado|tengo|solo tengo|con)"
)


class Sign(NamedTuple):
    """What says that a level is completed."""

    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    level: str
    sure: float
    rule: str


def _hints(said: str) -> tuple[str, ...]:
    """Pieces of text, one of which stands where the pattern can match; "_" is a space."""
    return tuple(hint.replace("_", " ") for hint in said.split())


SIGNS: Final = tuple(
    Sign(_hints(hints), re.compile(pattern), level, sure, rule)
    for hints, pattern, level, sure, rule in (
        (
            "bachiller licenc lic. lic_ univ colegia ingenier abogad psicolog arquitect contador"
            " obstetra economista odontolog ing_ farmaceutic social nutricion biolog medic",
            r"(?:^|\n)licenciad[oa]\b(?! (?:del?|de las?|en) )|(?<!no )\bcolegia(?:d[oa]|tura)\b"
            r"|\bbachiller(?! tecnic)|\blicenciatura\b|\b(?:licenciad[oa]|lic\.?) (?:en (?!(?:el"
            r"|la|las|retiro)\b)"
            r"|colegiad)"
            r"|\btitul\w+ (?:por|de|en) (?:la )?univ\w*|\btitulo universitario"
            r"|\begresad[oa] (?:de la |de )?univ\w*"
            r"|\buniversi\w+[^.;\n]{0,50}\b(?:titulad|egresad|colegiad|complet)"
            r"|\b(?:estudios|carrera) universitari[oa]s? (?:complet|conclu|termin)\w+"
            r"|\bingenier[oa] [a-z]+(?: [a-z]+)?,? (?:colegiad|titulad)|(?:^|\n"
            r"|soy )ingenier[oa] [a-z]+"
            r"|\bsoy (?:quimic[oa] farmaceutic[oa]|abogad[oa]|psicolog[oa]|arquitect[oa]"
            r"|contador[a]? public|obstetra"
            r"|economista|odontolog)"
            r"|\b(?:quimic[oa] farmaceutic[oa]|(?:asistent[ae]|trabajador[a]?) social|nutricionista"
            r"|biolog[oa]|tecnolog[oa] medic[oa]|medic[oa] (?:cirujan"
            r"|veterinari)[oa])\b[^;\n]{0,60}"
            r"\b(?:titulad|colegiad|habilitad)"
            r"|\bing(?:enier[oa])?\.? (?:de |en )?[a-z]+(?: [a-z]+)?[^;\n]{0,25}? (?:recien )?"
            r"(?:egresad|titulad)[oa]"
            r"|\buniversidad (?:concluida|terminada|completa)|\btitulo profesional universitario"
            r"|\b(?:abogad[oa]|psicolog[oa]|enfermer[oa]|obstetra"
            r"|contador[a]?)\b[^.;\n]{0,25}\bcolegiad[oa]"
            r"|\btermine (?:la |mi carrera (?:de|en) [a-z]+ en la )universidad",
            "universitaria", 0.98, "university",
        ),
        (
            "tecni institu senati tecsup _ist (ist sencico cetpro tecnol isep nacion idat cibertec"
            " titulad cenfotur secretariado",
            r"(?:^|\n)titulad[oa]\.?(?=\n|$)"
            rf"|\b(?:titulo (?:profesional )?(?:de )?tecnic\w*"
            rf"|(?<!secundaria )(?<!secu )(?<!colegio )tecnic\w+[^.;\n]{{0,50}}?\b{_DONE}"
            rf"|egresad[oa] (?:de|del|en|20\d\d) [^.;\n]{{0,45}}?\b{_PLACE}"
            rf"|{_PLACE}\b[^.;\n]{{0,60}}?\b{_DONE}"
            rf"|(?:termin[eo]|acabe|estudie|conclui|egrese|{_DONE})\b[^.;\n]{{0,60}}?\b{_PLACE}\b"
            rf"|secretariado [^.;\n]{{0,20}}?\b{_DONE}|\b{_PLACE} complet[oa]\b"
            r"|tecnic\w+ en [^.;\n]{3,40}?,? (?:termine|acabe|conclui)\b"
            rf"|carrera tecnica[^.;\n]{{0,30}}?\b(?:{_DONE}|termine|acabe)"
            r"|(?:termine|acabe|conclui) (?:mi |la |una )?(?:carrera )?tecnica"
            r"|egresad[oa] tecnic[oa]|\begrese (?:como|de) tecnic[oa]\b|(?:senati|tecsup|sencico"
            r"|instituto)\b[^.;\n]{0,20}\negresad[oa]"
            r"|tecnic\w+[^.;\n]{0,45}\((?:istp|iest|instituto|senati|ist)"
            r"|titulo a nombre de la nacion"
            r"|soy tecnic[oa] en (?!(?:el|la|los|las|mi|una?)\b)[a-z]+"
            rf"|tecnic\w+[^.;,\n]{{0,40}} (?:del?|en) {_PLACE}\b|{_PLACE}\W{{1,4}}tecnic)",
            "tecnica", 0.97, "technical",
        ),
        (
            "secu cole quinto media sec. sec_",
            r"(?:^|\n)(?:estudios:? )?secundaria\.?(?=\n|$)|\. secundaria\.?$"
            rf"|\b(?:(?<!quinto de ){SECONDARY}[^.;\n,]{{0,14}}?\b(?:complet|camplet|termin|acab"
            rf"|conclu|culmin)\w*"
            rf"|{_FINISHED} (?:el |la |mi |mis |toda la )?(?:estudios de )?(?:secundaria|secu"
            rf"|secund|cole(?:gio)?)\b"
            r"|(?:5|5to|quinto) (?:ano )?(?:de )?(?:secundaria|secu)\b|(?:estudios"
            r"|nivel de (?:estudios"
            r"|instruccion))(?: de)?:? secundari[oa]s?\b"
            r"|(?:y|con) secundaria(?=[.,;\n]|$)|sec\. complet"
            r"|secundaria:? (?:si|ok)\b|\bsolo (?:la )?secundaria(?= ?(?:[.,;\n]|$))"
            r"|\binstr(?:uccion)?\.?:? secundaria\b(?! incomp)"
            r"|\b(?:acabo de|recien) (?:sal(?:ir|i) del|termin(?:ar|e) el) cole(?:gio)?\b"
            r"|secundariata tukur|(?:termine|acabe|conclui) (?:el |mi "
            r"|)quinto|quinto complet[oa]\b(?! de primaria))",
            "secundaria", 0.98, "secondary",
        ),
        (
            "primaria sexto primarios",
            r"\bprimaria[^.;\n,]{0,14}?\b(?:complet|termin|acab|conclu|tengo|nomas)\w*"
            r"|\b(?:termine|acabe|conclui|tengo|solo|solamente|nomas|hasta|con|estudie) (?:la |mi "
            r"|tengo |hasta |estudie "
            r"|estudio |con |hice )?(?:la )?primaria\b|\bprimariata tukur|\bprimariallata"
            r"|\bsexto (?:grado|de primaria)"
            r"|\. primaria\.?$|(?:^|\n)(?:estudios:? )?primaria\.?(?=\n|$)|\b(?:estudios"
            r"|nivel)(?: de)?:? primari[oa]s?\b",
            "primaria", 0.98, "primary",
        ),
        (
            "escuela colegio estudi leer analfab primaria",
            r"\b(?:a la escuela|al colegio|a la primaria) (?:yo )?(?:no|nunca)"
            r" (?:he ido|fu[ie]|iba)"
            r"|\b(?:no|nunca) (?:he ido|fu[ie]|pise|estuve|asistio)(?: nunca)? (?:a|al|en)(?: la"
            r"| el)? (?:escuela|colegio)"
            r"|\bsin (?:colegio|escuela)(?= ?(?:[,.;\n]|$))"
            r"|\bno hice (?:ni )?(?:el |la )?(?:colegio|escuela|primaria)\b"
            r"|\bsin estudios\b|\bno se (?:ni )?leer(?! (?:bien|mucho))"
            r"|\bno tengo (?:ningun )?estudios?\b(?! (?:super|univ|tec|de ))"
            r"|\bno (?:acab|termin)\w+ ningun (?:ano|grado)"
            r"|\bescuelaman mana|\bno tuve (?:estudios?|escuela)|\banalfabet[oa]|\bescuela mana"
            r"|\b(?:no|nunca) estudie(?: nada)?(?=[,.;\n]|$)",
            "none", 0.97, "no_school",
        ),
    )
)  # fmt: skip
