"""The shift of an ad, from its words and its hours."""

from __future__ import annotations

import re
from typing import Final

from models.reading.facts.canonical import Canonical, JobWords
from models.reading.facts.fact import Fact
from models.reading.facts.terms.clauses import after, before
from models.reading.facts.terms.hours import hours_in, shift_of

_ROTATING: Final = re.compile(
    r"\b(?:turnos?|horarios?|guardias)\b[^.;\n]{0,45}\b(?:rotativ[oa]s?|rotan|rotando"
    r"|van cambiando|se turnan"
    r"|alternad[oa]s|por rotacion|que (?:van|se) (?:cambi|turn|rot)[a-z]+)"
    r"|\brotando\b|\b(?:manana|tarde)[^.;\n]{0,20}noche alternad[oa]s|(?:^|[.,;] "
    r"|\dx\d+ )rotativo\b"
    r"|\brotativos?\b(?= diurno"
    r"| de| semanal)"
)
_NOT_ROTATING: Final = re.compile(r"\b(?:libre|descanso|horno|franco) (?=rotativ)")
_PART: Final = re.compile(
    r"\bmedi[oa] (?:tiempo|turno|jornada)\b|\btiempo parcial\b|\bpart[ -]?time\b|\bturno corto\b"
    r"|\bpor horas\b"
    r"|\b[2-5](?<!\bcada \d)(?<!\ba \d)(?<!\bviaje de \d)(?<!\bdura \d)(?<!\bhace \d) horas"
    r"(?: (?:en|al|por|diari|de (?:la )?(?:tarde|manana))|(?=[,.;]))"
    r"|\b[1-5] (?:tardes|mananas) (?:por|a la|en la|x) semana"
    r"|\b(?:turno|horario|trabajo|solo|solamente) (?:por|en) las (?:tardes|mananas)(?! y)"
)
_TITLE_PART: Final = re.compile(r"\b(?:por|en) las (?:tardes|mananas)\b(?! y)")
_WEEKEND: Final = re.compile(
    r"\b(?:de )?viernes a domingos?\b|\bsabados?,? (?:y |e )?(?:los )?domingos?\b"
    r"|\bfin(?:es)? de semana\b|\bdomingos? y feriados?"
)
_NOT_WEEKEND: Final = re.compile(
    r"\b(?:descans\w+|libres?|salida|incluye|cerrado|no se trabaja|\d+ [a-z]+ en"
    r"|guardia)\b[^.;\n]{0,20}$"
    r"|viernes[^.;\n]{0,20}$|\blunes a $"
)
_WEEKEND_OFF: Final = re.compile(r"^ ?,?(?:no\b|libre|descans|cerrado|medio|opcional|no se)")
_NIGHT: Final = re.compile(
    r"\b(?:guardias?|turnos|jornadas?|horarios) nocturn[oa]s?\b(?! (?:cada|por|una|1|2))"
    r"|\b\d{1,2} horas (?:de |por )?(?:la )?noche\b|\bturno [^.;/\n-]{0,16}\bnoche\b"
    r"|\bturno (?:de )?(?:la )?noche\b|\bturno nocturno|\bhorario (?:nocturno|de noche)"
    r"|\bamanecida|\bpor noche\b|\bde noche\b|\bnoche por medio"
)
_MADRUGADA: Final = re.compile(r"\bturnos? (?:de |en )?(?:la )?madrugada\b")
_BOTH: Final = re.compile(
    r"\b(?:dia|diurn[oa]s?|manana|tarde),? (?:y|o|/) ?(?:de )?(?:noche|nocturn)"
)
_NOT_NIGHT: Final = re.compile(
    r"\bturno [^.;/\n-]{0,16}\bnoche\b|\b(?:rondas|vigilancia|bono|salimos|sale|sabado|domingo"
    r"|atencion|salida|llegada|mejor"
    r"|no)\b[^.;\n]{0,20}$"
)
_DAY: Final = re.compile(
    r"\bhorario diurno|\bturno (?:de )?(?:el )?(?:dia|diurno)\b|\bhorario de (?:oficina|dia)\b"
    r"|\bjornada (?:completa|desde la madrugada)|\bturno (?:de )?(?:la )?manana\b(?! y| o|,)"
    r"|\bde dia\b"
    r"|\bpartido manana y tarde|\bmanana y tarde, "
    r"|\bpaqarinmanta [^.;\n]{0,12}(?:kama)"
)
_PAPERS: Final = re.compile(
    r"\b(?:presentar\w*|presentacion|acercarse|acerquense|acudir|apersonarse|preguntar|pregunten"
    r"|mesa de partes|informes|entrevistas?|llam(?:ar|e|en)|escrib\w+|inscri\w+|postul\w+"
    r"|trato (?:es )?directo|recepcion de|consultas|convocatoria|recojo|recogemos"
    r"|(?:bus(?:es)?|movilidad) (?:salen?|parten?|pasan?|recogen?|desde)"
    r"|(?:llevar|traer|dejar|entregar|enviar|recibimos)[^.;\n]{0,40}"
    r"\b(?:cv|dni|copias?|document\w*|papeles|hoja de vida|curriculum|titulo|fichas?"
    r"|expedientes?))\b(?:(?!\b(?:turno|jornada|trabaj|labor))[^.;\n])*$"
)
"""Hours when papers are taken, calls answered or buses leave are none of work."""
_NAMES: Final = (
    (_ROTATING, "rotating", ("rota", "alternad", "turnan", "cambiando", "turnos que")),
    (_PART, "part_time", ("medi", "parcial", "part", "corto", "horas", "tardes", "mananas")),
    (_WEEKEND, "weekend", ("sabado", "semana", "feriado", "viernes a")),
)
"""By precedence: how a shift is named, and letters without which it is not."""
_TITLE_NIGHT: Final = re.compile(r"\bnoches?\b|\bnoctur|\bamanecida")
_TITLE_DAY: Final = re.compile(r"\bde dia\b|(?<!cuidado )\bdiurn")
_DAY_AFTER_ALL: Final = re.compile(r"completo (?:y|o) $")


def job(words: JobWords) -> Fact[str] | None:
    """The shift of an ad: by name, else by its hours, else a word of day or night."""
    named = _named(words)
    if named is not None:
        return named[0]
    title = words.title
    night = _TITLE_NIGHT.search(title.text)
    if night:
        return title.fact("night", night.start(), night.end(), 0.97, "night")
    part_time = _TITLE_PART.search(title.text)
    if part_time and not ("mananas" in title.text and "tardes" in title.text):
        return title.fact("part_time", part_time.start(), part_time.end(), 0.97, "part_time")
    for part in (words.description, words.requirements):
        madrugada = "madrugada" in part.text and _MADRUGADA.search(part.text)
        if madrugada and not _BOTH.search(part.text):
            return part.fact("night", madrugada.start(), madrugada.end(), 0.95, "night")
        hours = [
            h for h in hours_in(part.text) if not _PAPERS.search(before(part.text, h.start, 180))
        ]
        if hours:
            shift = shift_of(hours)
            if shift is None:
                return None
            return part.fact(shift, hours[0].start, hours[-1].stop, 0.95, "hours")
        told = _day_or_night(part)
        if told is not None:
            return told
    day = _TITLE_DAY.search(title.text)
    return day and title.fact("day", day.start(), day.end(), 0.95, "day")


def _named(words: JobWords) -> tuple[Fact[str] | None] | None:
    """A shift that goes by a name; one that is open where an ad offers several."""
    for pattern, shift, hints in _NAMES:
        for part in words:
            if not any(hint in part.text for hint in hints):
                continue
            for match in pattern.finditer(part.text):
                near, rest = before(part.text, match.start(), 30), after(part.text, match.end(), 20)
                if shift == "rotating" and _NOT_ROTATING.search(near[-12:] + match[0]):
                    continue
                if shift == "weekend" and (_NOT_WEEKEND.search(near) or _WEEKEND_OFF.match(rest)):
                    continue
                if shift == "part_time" and (
                    _DAY_AFTER_ALL.search(near) or "turno completo" in part.text
                ):
                    return (None,)
                return (part.fact(shift, match.start(), match.end(), 0.97, shift),)
    return None


def _day_or_night(part: Canonical) -> Fact[str] | None:
    if _BOTH.search(part.text):
        return None
    for pattern, shift in ((_NIGHT, "night"), (_DAY, "day")):
        for match in pattern.finditer(part.text):
            if not _NOT_NIGHT.search(before(part.text, match.start(), 30)):
                return part.fact(shift, match.start(), match.end(), 0.95, shift)
    return None
