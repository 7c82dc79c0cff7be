"""Years of experience that an ad asks in its description."""

from __future__ import annotations

import re
from typing import Final

from models.reading.facts.canonical import Canonical
from models.reading.facts.fact import Fact
from models.reading.facts.terms.asking import head, is_welcome, tail
from models.reading.facts.terms.clauses import Quantity, after, before, quantities

_MOST: Final = 10
"""Years; more is the age of a person or a firm."""
_NONE: Final = re.compile(
    r"\b(?:con o )?sin experiencia|\bno [^.;\n]{0,25}\bexperiencia|\bexperiencia (?:previa )?no "
    r"|\bsin (?:ninguna )?experiencia"
)
"""None is needed, at least of some."""
_EXPERIENCE: Final = r"exp(?:eriencia)?\b"
_LEAST: Final = (
    r"(?: (?:minim[oa]s?|como minimo|a mas|o mas|previ[oa]s?|comprobad[oa]s?|al menos))?"
)
_BEHIND: Final = re.compile(
    rf"^{_LEAST} ?(?:de )?(?:la )?{_EXPERIENCE}|^{_LEAST} ?(?:de )?(?:experimentad|practica\b)"
)
_BEFORE: Final = re.compile(rf"\b{_EXPERIENCE}[.:]?(?: [a-z/]+:?){{0,8}}[:,.]?(?: \+)? ?(?:de )?$")
_DOING: Final = re.compile(
    rf"^{_LEAST},? (?:[a-z]{{3,}}[aei]ndo\b|como [a-z]|en (?!lima|el mercado|total|la empresa"
    rf"|planilla)"
    r"|con (?!contrat|garantia|permiso|autoriz|vigencia|beneficio|sueldo|opcion|posib)[a-z]"
    r"|de (?:practica|chofer|operador|oficio|(?!(?:opera|crea|funda|forma|dura|capacita|renova"
    r"|aten)cion)"
    r"[a-z]+(?:cion|ria|ura)\b))"
)
_DOING_HEAD: Final = re.compile(
    r"(?:(?:.* )?(?:con|minimo|al menos|mas de|minimo de|tenga|tener|y)|)"
)
_BARE_HEAD: Final = re.compile(
    r"(?:(?:.* )?(?:con )?(?:minimo|al menos|minimo de|como minimo|mas de)|(?:.* )?con|)"
)
_BARE_TAIL: Final = re.compile(r"(?:minim[oa]s?|como minimo|a mas|o mas|al menos)?")
_OF_A_FIRM: Final = re.compile(
    r"\b(?:empresas?|negocio|compania|local|restaurante|polleria|tienda|grupo|organizacion"
    r"|consultora|clinica"
    r"|colegio|taller|fundo|hotel|estudio|agencia|institucion|cooperativa|constructora|marca"
    r"|panaderia"
    r"|bodega|botica|planta|mina|unidad|granja|proyecto|gimnasio|salon|fabrica|equipo|marido"
    r"|duen[oa]|maestro|chef)\b"
    r"(?:(?!\b(?:requ|busca|necesit|solicit|contrat|convoc|pid|exig|para)[a-z]*\b)[^.;\n])*"
    r"\b(?:con|de|tiene|lleva|hace|por|mas|tenemos|cumple\w*|son)(?: (?:mas|casi|los|sus|ya|de"
    r"|unos))* $"
    r"|\b(?:somos|llevamos|tenemos|contamos|nuestr[oa]s?|desde hace|hace|fundad[oa]|cumplimos"
    r"|avalan"
    r"|respald\w+|trayectoria)\b[^.;\n]*$"
)
_FIRMS: Final = re.compile(
    r"^ ?(?:(?:de experiencia )?en el (?:mercado|rubro|pais|peru|sector)\b(?! (?:publico|privado))"
    r"|(?:de )?(?:trayectoria|vida|fundad|funcionamiento|creacion|liderazgo|aniversario|garantia"
    r"|servicio)"
    r"|atendiendo|brindando|sirviendo|ofreciendo|[^.;\n]{0,30}\b(?:respald|avalan))"
)
_LASTS: Final = re.compile(
    r"\b(?:contrat\w+|obra|dura\w*|plazo|proyecto|garantia|renov\w+|temporada|campana|periodo"
    r"|convenio|reemplazo|suplencia|licencia por|vigencia|antiguedad|edad|ninas?|ninos?|bebes?"
    r"|hij\w+|adult\w+|anci\w+|senora|abuel\w+|mascotas?|perros?|aula|salita|menor\w*"
    r"|mayor(?:es)? (?:de|a)|estudi\w+|carrera|curso|capacita\w*|practicas pre\w*|modelo"
    r"|crecimiento|ascen\w+|estab\w+|prueba|vacaciones|bono|prestamo|credito|cuotas?|pagar\w*"
    r"|trabajo (?:fijo|de|por|seguro))\b[^.;\n]{0,40}$"
    r"|\b(?:por|durante|dentro de|cada|ultimos?|hasta|luego|despues|al|a los)(?: [a-z]+)? ?$"
)
"""What has a length or an age and is no work."""
_OR_ELSE: Final = re.compile(r"\bo (?:con |al menos |minimo )?$")
_OR_BEHIND: Final = re.compile(
    r"^[^.;,\n]{0,30} o (?:titul|tecnic|certific|egres|estudi|bachiller|sin|lo que|menos)"
)

_GENERAL_BEFORE: Final = re.compile(r"\bgeneral\b|experiencia total|tiempo total|cantidad total")
_GENERAL_AFTER: Final = re.compile(
    r"^ (?:de )?(?:experiencia )?(?:laboral |profesional )*(?:en )?general\b"
)


def is_general(text: str, said: Quantity, last: int) -> bool:
    """Whether a count is the general one of several; `last` is where the one before ends."""
    heading = text[max(last, said.start - 130) : said.start].rsplit("especific", 1)[-1]
    rest = after(text, said.end, 40)
    return bool(_GENERAL_BEFORE.search(heading) or _GENERAL_AFTER.match(rest))


def described(part: Canonical) -> Fact[float] | None:
    """Years that the clauses of a description ask of who applies: the general, else the first."""
    text = part.text
    if _NONE.search(text):
        return None
    first: Fact[float] | None = None
    last = 0
    for said in quantities(text):
        if 0 < said.years <= _MOST and not said.native and _is_asked(text, said):
            fact = part.fact(said.years, said.start, said.end, 0.96, "described")
            if is_general(text, said, last):
                return fact
            first = first or fact
        last = said.end
    return first


def _is_asked(text: str, said: Quantity) -> bool:
    """Whether a count is experience that is asked: named so, or alone in a clause."""
    near, rest = before(text, said.start, 80), after(text, said.end, 50)
    if _OF_A_FIRM.search(near) or _FIRMS.match(rest) or is_welcome(text, said.start, said.end):
        return False
    if _OR_ELSE.search(near) or _OR_BEHIND.match(rest):
        return False
    if _BEHIND.match(rest) or _BEFORE.search(near):
        return True
    first = head(text, said.start)
    if said.in_months or _LASTS.search(near):
        return False
    if _DOING.match(rest):
        return _DOING_HEAD.fullmatch(first) is not None
    last = tail(text, said.end)
    return bool(_BARE_HEAD.fullmatch(first) and _BARE_TAIL.fullmatch(last))
