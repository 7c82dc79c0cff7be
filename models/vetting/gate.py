"""The gate: ads that somebody must read before anyone is matched with them, and ads to mend.

Signs of fraud and trafficking (`signs`) add up: single weak ones hold no ad, strong ones do alone.
Work that the law forbids to minors (`law`) holds an ad whatever else it says; words that exclude by
sex, age or looks hold none: everybody is matched alike and the employer is advised. Pure, and the
same everywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from models.ranking.attrs import monthly
from models.ranking.evidence import MINIMUM_WAGE
from models.reading.facts.job import job_facts
from models.reading.occupations import occupations_of
from models.vetting import law, minors, signs
from models.vetting.alike import likeness
from schemas.job import Job
from schemas.vocab import plain

GATE_VERSION: Final = "gate-7"
"""Changes with every change of what a verdict may be."""

Action = Literal["hold", "advise", "match"]

HELD_AT: Final = 100
_MUCH: Final = 3.0  # minimum wages a month without experience, schooling or licence asked
_LOTS: Final = 5.0
_POINTS_MUCH, _POINTS_LOTS = 45, 70
_UNNAMED: Final = 20
#: Log odds at which words begin to count, points for each more, and the most: set on left-out ads.
_ALIKE_FROM, _ALIKE_EACH, _ALIKE_MOST = -0.5, 60, 100
_ALIKE_LEAST: Final = 30  # points below which the words are no sign
#: Words that say that nothing is asked for: they are the words of frauds too, so that likeness
#: alone holds no such ad (of the labelled ads 1 risky one in 70 has them, of look-alikes 1 in 3).
_ALIKE_ASSURED: Final = 60
_ASSURED: Final = re.compile(
    r"\b(?:no|nunca|ni|sin|ningun\w*)(?: (?:hay|se|te|le|les|hace falta|necesit\w+|tienes?|debes?"
    r"|que|pedimos|piden?|cobr\w+|pag\w+|exig\w+|dej\w+|es|nada)){0,4}"
    r" (?:(?:ningun|el|la|por|de|que|un|una|su|tu|para) ){0,2}(?:cost\w+|cobr\w+|pago|pagar"
    r"|inscrib\w+|inscripcion|deposit\w+|garantia|fianza|recarg\w+|dinero|compra minima|book"
    r"|claves?|yape\w*|plin|cuentas|dejar|anticipo|descuent\w+|cuota)\b|\bgratuit[oa]s?\b"
    r"|\b(?:lo|los|la|las) (?:paga|cubre|pone|asume|da) (?:la empresa|nosotros)"
    r"|\bno (?:cuesta|tiene costo|se descuent\w+)"
)
#: Points of an ad that names neither place nor employer nor work in so few words: with those for no
#: employer it waits until somebody has asked what it is.
_VAGUE, _NO_WORK_WORDS = 80, 25
#: Titles that name no work.
_NO_WORK: Final = re.compile(
    r"(?:(?:a|anuncio|aviso|buen|buena|bueno|busca|buscan|busco|casa|celular|chamba|chambita|"
    r"chicas|chicos|con|confiable|contratacion|convocatoria|damas|de|desde|diario|dinero|"
    r"el|empleo|empleos|en|esta|este|extra|extras|facil|ganas|gente|hombres|hoy|ingreso|"
    r"ingresos|inmediata|inmediato|interesadas|interesados|jovenes|la|laboral|mismo|"
    r"mujeres|necesita|necesitan|necesito|negocio|o|online|oportunidad|oportunidades|pago|"
    r"para|persona|personal|personas|plaza|propio|puesto|requiere|se|seguro|semana|"
    r"senoritas|seria|serio|solicita|trabajar|trabajo|trabajos|tu|un|una|urgente|vacante|"
    r"vacantes|varones|y|ya)(?: |$))+"
)
_PROFESSIONS: Final = 3  # ISCO major groups 1 to 3 are paid more
_WEAK: Final = frozenset(
    {"camp", "chat", "hurry", "lodging", "night", "travel", "unnamed", "untrained"}
)
_WORDS: Final = frozenset({"alike", "vague"})
_MOST_MONTHLY: Final = 40_000.0  # above, a typing error rather than a promise


#: What an ad asks for in words, and so pays for.
_ASKED: Final = re.compile(
    r" (?:(?:\d+ |un |dos |tres )(?:anos?|meses) (?:de|en|como|realizando)"
    r"|(?<! sin )(?<! ni )(?<! necesita )(?<! requiere )(?<! pide )(?<! exige )experiencia"
    r" (?:minima|comprobada|previa|especifica|general|laboral|de|en|como|no menor)"
    r"|titulad[oa]s?|titulo (?:profesional|universitario|tecnico)|bachiller|colegiad[oa]s?"
    r"|licenciad[oa]s?|egresad[oa]s?|(?:brevete|licencia) a \w+"
    r"|certificad[oa] (?:vigente|en|de))\b"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Why an ad is held or advised; facts never quote the ad.

    Attributes:
        code: One of `words.CODES`.
        facts: Numbers and words that fill its sentence.
    """

    code: str
    facts: dict[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says.

    Attributes:
        action: ``hold``: somebody must read the ad first. ``advise``: it is matched, and its
            words should be mended. ``match``: nothing is to be said.
        reasons: Why, the weightiest first; empty if it is matched.
        risk: 0 to 1: 1/2 at the points at which an ad is held, 3/4 at twice as many.
    """

    action: Action
    reasons: tuple[Finding, ...]
    risk: float

    @property
    def held(self) -> bool:
        """Whether nobody is matched with the ad until somebody has read it."""
        return self.action == "hold"


def vet(job: Job) -> Verdict:
    """The verdict on an ad. Reads the beginning and the end of each of its texts; about 0.2 ms."""
    text = signs.words_of(job)
    points: dict[str, int] = dict(signs.found_in(text))
    if law.names_both(text):
        points.pop("women", None)
    if "minor" in points and minors.forbidden(job, text):
        points["minor"] = HELD_AT
    facts: dict[str, dict[str, str | int | float]] = {}
    if worth := _pay_points(job, text):
        points["pay"], facts["pay"] = worth
    most = _ALIKE_ASSURED if _ASSURED.search(text) else _ALIKE_MOST
    alike = min(most, round((likeness(text) - _ALIKE_FROM) * _ALIKE_EACH))
    if alike >= _ALIKE_LEAST:
        points["alike"] = alike
    if vague := _vague_points(job, text):
        points["vague"] = vague
    if points and not job.employer:
        points["unnamed"] = _UNNAMED
    breaches = law.breaches(job, text)
    facts |= breaches
    total = sum(_counted(points).values())
    forbidden = breaches.keys() - law.WORDING
    if total < HELD_AT and not breaches:
        return Verdict("match", (), _risk(total))
    if total < HELD_AT:
        points = {}
    order = sorted(points, key=lambda code: (-points[code], code))
    codes = [*order, *sorted(breaches)]
    reasons = tuple(Finding(code, facts.get(code, {})) for code in codes)
    if total < HELD_AT and not forbidden:
        return Verdict("advise", reasons, _risk(total))
    return Verdict("hold", reasons, max(_risk(total), 0.5))


def _counted(points: dict[str, int]) -> dict[str, int]:
    """Without signs that mean something only beside others.

    What the words are like counts weak signs already: they are not added to it once more.
    """
    strong = points.keys() - _WEAK
    if not strong:
        return {}
    if "alike" in strong and strong <= _WORDS:
        return {code: worth for code, worth in points.items() if code in _WORDS | {"unnamed"}}
    return points


def _risk(points: int) -> float:
    return float(round(1.0 - 0.5 ** (points / HELD_AT), 3))


def _vague_points(job: Job, text: str) -> int:
    """Points of an ad that hardly says anything of itself."""
    named = job.employer or job.place or job.ubigeo
    title = " ".join(re.findall(r"\w+", plain(job.title)))
    if named or len(text.split()) > _NO_WORK_WORDS or not _NO_WORK.fullmatch(title):
        return 0
    return 0 if job_facts(job.title, job.description, job.requirements).ubigeo else _VAGUE


def _pay_points(job: Job, text: str) -> tuple[int, dict[str, str | int | float]] | None:
    """Pay far above the trade's with nothing asked for it.

    The measure is the minimum wage, since no table of pay by trade is open and current; by hand.
    """
    pay = monthly(job.pay_max or job.pay_min or 0.0, job.pay_period)
    if not _MUCH * MINIMUM_WAGE <= pay <= _MOST_MONTHLY or job.experience_years or job.licence:
        return None
    if _ASKED.search(text):
        return None
    if job.education in ("tecnica", "universitaria", "superior"):
        return None
    codes = occupations_of(job.title)
    if any(code // 1000 <= _PROFESSIONS for code in codes):
        return None
    lots = pay >= _LOTS * MINIMUM_WAGE
    return (_POINTS_LOTS if lots else _POINTS_MUCH), {"pay": round(pay)}
