"""Signs of fraud and trafficking in the words of an ad, as ``data/risk_signs.tsv`` lists them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from models.vetting import law, minors
from models.vetting.hearing import heard, put_right
from schemas.job import Job
from schemas.vocab import plain

HEAD_CHARS: Final = 4_000
TAIL_CHARS: Final = 1_000
"""Of each text of an ad, its beginning and its end: what asks for money often comes last."""

ALONE: Final = 100
"""Points of a sign that holds an ad by itself."""

_NAME: Final = re.compile(r"<(?!!|=)\w+>")
_GAP: Final = re.compile(r" (~~?)(\d+) ")
_GAPS: Final = {"~": r"(?: [^\s.]+)", "~~": r"(?: \S+)"}
_STOPS: Final = re.compile(r"[.,;:!?\n]+(?!\d)")
_SIGNS: Final = re.compile(r"[^\w\s.]+|_+|(?<=\d)\.(?=\d)")
_SPACED: Final = re.compile(r"\b(?:[a-z0-9] ){3,}[a-z0-9]\b")
#: What follows a denial is no sign: "no cobramos inscripcion", "sin costo", "capacitacion gratis".
_DENIED: Final = re.compile(
    r"\b(?:no|nunca|jamas|ni|sin|prohibido|si (?:te|le|les|alguien)|es estafa|evite|evita"
    r"|cuidado con|desconfie|desconfia|denuncie)\b"
    r"(?: \w+){0,4}? ?$"
)
_FREE: Final = re.compile(
    r"\b(?:gratis|gratuit\w+|asum\w+ la empresa|por cuenta (?:de la empresa|del|nuestra)"
    r"|cubre la empresa|a cargo (?:de la|del) \w+|sin costo"
    r"|(?:la|el) (?!postulante|trabajador|interesad|candidat|ingresante|seleccionad|persona\b)\w+"
    r" (?:(?!se\b)\w+ )?(?:l[oa]s? )?(?:cubre|paga|pone|asume|entrega|da)"
    r"(?! (?:el |la |cada )?(?:postulante|trabajador|colaborador|interesad|candidat|ingresante"
    r"|seleccionad|usted|tu\b))"
    r"|la (?:empresa|compania|contratista|entidad|institucion)"
    r"(?: (?!usted|tu|cada|postulante|trabajador|colaborador|que)[^\s.]+){1,5}?"
    r" y (?:cubre|paga|asume)"
    r"|(?<!si )(?<!quien )no (?:te |le |les |se (?:te |le |les )?)?"
    r"(?:cuesta|cuestan|descuent\w+|exige|pide|piden)"
    r"|(?:paga|pone|cubre|asume|da|entrega)n? (?:la (?:empresa|compania|contratista|marca|entidad)"
    r"|el (?:fundo|banco))|l[oa]s? (?:damos|ponemos|pagamos|tramitamos)"
    r"|nosotros (?:l[oa]s? )?(?:pagamos|damos|ponemos|cubrimos)"
    r"|(?:pagamos|damos|ponemos) nosotros|te (?:lo )?(?:damos|entregamos)"
    r"|pagad[oa]s?(?! por el)|remunerad[oa]s?|reembols\w+|no (?:se )?cobr\w+|no pagas?"
    r"|sin cobr\w+)\b"
)
#: Only these may be denied: "sin jefe" is a sign itself, "no puede salir" as well.
_DENIABLE: Final = frozenset(
    {"account", "bribe", "code", "fee", "papers", "parcel", "photos", "scheme", "sexual", "women"}
)
#: Words of an ad that make a sign of this code honest, wherever they stand.
_SPARED: Final = {
    "debt": re.compile(
        r"\b(?:puede|puedes|pueden) (?:renunciar|retirarse|irse) (?:con \d+|cuando|en cualquier)\b"
    ),
    "kept": re.compile(r"\b(?:voluntari[oa]s?|bomberos|secigra|graduandos|locker\w*|inocuidad)\b"),
    "minor": minors.TAUGHT,
    "papers": re.compile(
        r"\b(?:casilleros?|lockers?|lamparin|inocuidad|devuelv\w+ (?:en el acto|al momento)"
        r"|devolvemos al momento|se l[oa]s? devolvemos en|para mostrar|huespedes)\b"
    ),
    "sexual": re.compile(
        r"\b(?:senora mayor|abuelit\w+|abuela|adult[oa]s? mayor(?:es)?|ancian[oa]s?|mi mama)\b"
    ),
}
#: The same for signs that do not hold alone: work of a day that is paid at its end, a contract
#: that is signed before anyone leaves.
_SPARED_WEAK: Final = {
    "border": re.compile(
        r"\bcontrato (?:se )?(?:firma\w*|revisado|registrado) (?:en origen|antes de viajar)\b"
    ),
    "kept": re.compile(
        r"\b(?:por (?:el )?(?:evento|dia|turno|jornada|noche)"
        r"|(?:viernes|sabado) y (?:sabado|domingo)|un solo dia|eventual|\d+ el dia)\b"
    ),
}
#: Whose hands papers stay in: nobody keeps what its owner keeps.
_KEPT_NOT: Final = re.compile(
    r"\b(?:(?:empresa|nosotros|te|le|les) (?:te |le |les )?entreg\w+ (?:un |el )?celular"
    r"|(?:no|nunca) (?:se )?(?:te |le )?(?:reti|rete|qued|guard)"
    r"|(?:queda|quedan|guarda|siguen?|va|van) (?:siempre )?(?:con (?:usted|ustedes|contigo|ti"
    r"|su dueno|el trabajador|la trabajadora|cada uno)|en (?:tu|su) (?:poder|bolsillo|mochila))"
    r"|(?:usted(?:es)?|cada uno|el trabajador|la trabajadora)(?: mism[oa]s?)?"
    r" (?:guarda|conserva|lleva|mantiene|tiene)n?\b|tu (?:mism[oa] )?(?:guardas|conservas|llevas))"
)
#: "Nunca se pide la clave" may stand behind the word that it is about.
_NEVER: Final = re.compile(r"\b(?:nunca|jamas|no)(?: le| te)?(?: se)? (?:pid|ped|solicit)\w+")
#: The applicant is told to pay a sum: what another clause denies does not take that back.
_TOLD: Final = re.compile(
    r"\b(?:deposit[ae]s?|yape[ae]s?|pline[ae]s?|abon[ae]s?|transfier[ae]s?)\b"
)
_AROUND: Final = 40  # letters in which a word makes a payment the employer's


@dataclass(frozen=True, slots=True)
class Sign:
    """One line of the table: points of 100 at which an ad is held."""

    code: str
    points: int
    pattern: re.Pattern[str]


@cache
def shipped() -> tuple[Sign, ...]:
    """The signs in the package."""
    raw = (resources.files("models.data") / "risk_signs.tsv").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in raw.splitlines() if line and not line.startswith("#")]
    named = {f"<{line[0][1:]}>": line[-1] for line in lines if line[0].startswith("@")}
    return tuple(
        Sign(code, int(points), _compiled(_written_out(text, named)))
        for code, points, text in (line for line in lines if not line[0].startswith("@"))
    )


def _written_out(text: str, named: Mapping[str, str]) -> str:
    """A pattern with names replaced by their words, and gaps by what may fill them."""
    text = _NAME.sub(lambda found: named[found[0]], text)
    return _GAP.sub(lambda found: f"{_GAPS[found[1]]}{{0,{found[2]}}}? ", text)


def _compiled(text: str) -> re.Pattern[str]:
    """A space instead of the first word boundary: then `re` jumps from word to word, 3x faster."""
    start = r"\b"
    return re.compile(f" (?:{text[len(start) :]})" if text.startswith(start) else text)


@cache
def _spelt() -> dict[str, str]:
    found = (*(sign.pattern for sign in shipped()), *law.patterns())
    return heard(pattern.pattern for pattern in found)


def words_of(job: Job) -> str:
    """The ad's words for the patterns: plain, without signs, a space before each.

    Spelt-out words are put together and misspelt ones put right.
    """
    parts = (job.title, job.description, job.requirements, ", ".join(job.skills or ()))
    text = " . ".join(_ends(part) for part in parts if part)
    text = " ".join(_SIGNS.sub(" ", _STOPS.sub(" . ", plain(text))).split())
    text = _SPACED.sub(lambda found: found[0].replace(" ", ""), text)
    return " " + put_right(text, _spelt())


def _ends(text: str) -> str:
    short = len(text) <= HEAD_CHARS + TAIL_CHARS
    return text if short else f"{text[:HEAD_CHARS]} . {text[-TAIL_CHARS:]}"


def found_in(text: str) -> dict[str, int]:
    """Points of each code whose pattern the text holds; of several the most.

    Args:
        text: As `words_of` gives it.
    """
    points: dict[str, int] = {}
    for sign in shipped():
        if points.get(sign.code, 0) < sign.points and _holds(sign, text):
            points[sign.code] = sign.points
    return points


def found_at(text: str) -> list[tuple[str, int, int]]:
    """Every place of the text that is a sign: its code, where it begins and ends.

    Args:
        text: As `words_of` gives it.
    """
    return [
        (sign.code, found.start(), found.end())
        for sign in shipped()
        for found in sign.pattern.finditer(text)
        if _counts(sign, found, text)
    ]


def _holds(sign: Sign, text: str) -> bool:
    return any(_counts(sign, found, text) for found in sign.pattern.finditer(text))


def _counts(sign: Sign, found: re.Match[str], text: str) -> bool:
    """Whether a match is a sign: it is none where it is spared, denied, or the employer pays."""
    spared = _SPARED.get(sign.code)
    if spared is not None and spared.search(text):
        return False
    weak = _SPARED_WEAK.get(sign.code) if sign.points < ALONE else None
    if weak is not None and weak.search(text):
        return False
    return not _denied(sign, text, found)


def _denied(sign: Sign, text: str, found: re.Match[str]) -> bool:
    if sign.code not in _DENIABLE:
        return False
    before = text[max(0, found.start() - _AROUND) : found.start()]
    if _DENIED.search(before):
        return True
    around = text[max(0, found.start() - _AROUND) : found.end() + _AROUND]
    if sign.code == "papers":
        return _KEPT_NOT.search(around) is not None
    if sign.code == "code":
        return _NEVER.search(around) is not None
    if sign.code != "fee":
        return False
    if re.search(r"\d", found[0]) and _TOLD.search(found[0]):
        around = text[text.rfind(" . ", 0, found.start() + 1) + 1 : found.end()]
        around += text[found.end() : found.end() + _AROUND].partition(" . ")[0]
    return _FREE.search(around) is not None
