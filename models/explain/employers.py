"""What kind of employer somebody is, from the words of their name, which itself is told nobody."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from models.explain.numbers import fold, plain

_SAID: Final = {
    "municipalidad": """municipalidad municipalidades municipio municipal municip muni mun
        concejo alcaldia""",
    "gobierno regional": "gobierno gore",
    "ministerio": "ministerio minist",
    "juzgado": "judicial judicatura juzgado corte fiscalia",
    "hospital": "hospital essalud",
    "clínica": "clinica",
    "centro de salud": "posta salud diresa diris policlinico medico medica dental laboratorio",
    "farmacia": "farmacia botica boticas",
    "universidad": "universidad univ",
    "instituto": "instituto academia cetpro",
    "colegio": "colegio escuela ie iep iiee nido cuna jardin",
    "oficina de educación": "ugel dre educ educacion educativa educativos",
    "restaurante": """restaurante restaurant comedor cevicheria polleria chifa pizzeria picanteria
        cafeteria cafe coffee bistro restobar jugueria parrilladas anticucheria recreo snack
        broaster chicharroneria marisqueria fonda""",
    "panadería": "panaderia pasteleria panificadora",
    "bodega": "bodega minimarket minimercado autoservicio abarrotes market",
    "mercado": "supermercado supermercados hipermercado",
    "tienda": "tienda tiendas libreria bazar zapateria boutique galeria multiservicio",
    "ferretería": "ferreteria",
    "hotel": "hotel hostal hospedaje lodge albergue posada resort",
    "peluquería": "peluqueria salon barberia spa estetica",
    "lavandería": "lavanderia",
    "grifo": "grifo grifos servicentro",
    "taller": """taller mecanica carpinteria muebles maderera factoria vidrieria confecciones textil
        textiles""",
    "fábrica": "fabrica industria industrias industrial molino ladrillera embotelladora",
    "constructora": """constructora construcciones construccion inmobiliaria contratista
        contratistas""",
    "mina": "minera mineria mina",
    "fundo": """fundo agricola agroindustrial agroindustrias agro agropecuaria agroexportadora
        chacra granja avicola ganadera establo vivero hacienda finca fruticola lacteos
        queseria truchas""",
    "pesquera": "pesquera pesquero embarcacion",
    "empresa de transporte": "transporte transportes turismo tours courier mudanzas",
    "empresa de seguridad": "seguridad vigilancia",
    "empresa de limpieza": "limpieza",
    "financiera": "banco caja financiera coopac edpyme",
    "cooperativa": "cooperativa coop",
    "asociación": "asociacion ong fundacion comunidad comite parroquia iglesia junta",
    "entidad pública": """nacional direccion programa superintendencia servicio autoridad organismo
        proyecto zona registros unidad gerencia oficina defensoria procuraduria comision""",
    "empresa": """empresa sac saa srl eirl sa sociedad inversiones corporacion corp grupo group
        compania cia consorcio negocios negociaciones comercial comercializadora distribuidora
        importaciones importadora exportadora servicios service consultora consultores logistica
        almacenes almacen agencia multiservicios soluciones operador holding marketing""",
    "negocio": "negocio puesto local",
    "casa particular": "casa hogar familia flia domicilio",
    "persona particular": """particular senora senor sra sr srta don dona mama dueno duena
        propietario propietaria""",
}
"""Kinds and the words that tell them, folded."""

KINDS: Final = tuple(_SAID)
#: Kinds that count where no other is told, the last one most.
_VAGUE: Final = ("persona particular", "casa particular", "negocio", "empresa", "entidad pública")
_KIND_OF: Final = {fold(word): kind for kind, words in _SAID.items() for word in words.split()}
_WORD: Final = re.compile(r"[a-z]+")
_DOTTED: Final = re.compile(r"\b(?:[a-z]\. ?){2,6}")  # S.A.C., I.E., E.I.R.L.


@lru_cache(maxsize=20_000)  # an employer comes again with every person
def kind(employer: str) -> str:
    """The first of `KINDS` that a name tells: "Restaurante Don Lucho" is a "restaurante".

    Returns:
        "" if no word of it tells a kind.
    """
    folded = fold(plain(employer[:300]))
    folded = _DOTTED.sub(lambda found: re.sub(r"[. ]", "", found[0]) + " ", folded + " ")
    told = [_KIND_OF[word] for word in _WORD.findall(folded) if word in _KIND_OF]
    sure = [one for one in told if one not in _VAGUE]
    return (sure or sorted(told, key=_VAGUE.index, reverse=True) or [""])[0]
