"""What an ad offers to who comes from elsewhere: a bed, the trip, meals; or work at home.

A thing is offered where it stands among what is given, not where it is the business ("hospedaje
busca recepcionista"), the work ("limpieza de habitaciones", "preparar almuerzo") or refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from models.reading.facts.canonical import Canonical, JobWords
from models.reading.facts.fact import Fact

_GIVE: Final = (
    r"(?:damos|doy|da|dan|damos a \w+|brind\w+|ofre[cs]\w+|otorg\w+|proporcion\w+|facilit\w+|"
    r"incluy\w+|incluid[oa]s?|"
    r"pone|ponemos|ponen|pongo|hay|tenemos|contamos con|cuenta con|con|mas|y|e|\+|,|cubr\w+|"
    r"pag\w+|asum\w+|a cambio|tiene|"
    r"recib\w+|entreg\w+|mantenemos)"
)
_SOME: Final = (
    r"(?:(?:el|la|los|las|un|una|su|sus|tu|buen|buena|todo|toda|propi[oa]|gratis|gratuit[oa]|se|"
    r"de) ){0,3}"
)
_OF_THE_FIRM: Final = (
    r"(?:incluid[oa]s?|gratis|gratuit[oa]s?|pagad[oa]s?|cubiert[oa]s?|complet[oa]s?|"
    r"asegurad[oa]s?|"
    r"(?:a|por) (?:nuestr[oa] |la |su )?(?:cuenta|cargo)|(?:lo|la|los|las) (?:"
    r"(?:paga|pone|da|cubre|asume) (?:la|el|nuestra)|pagamos|ponemos|damos|cubrimos|asumimos)|"
    r"corre\w* por)"
)
_LODGING: Final = re.compile(
    rf"\b(?:(?:cama|puertas?) (?:a?dentro)|cuarto (?:propio|individual|privado|amoblado|aparte|"
    rf"compartido|gratis|y comida|"
    rf"con (?:ba[nñ]o|llave|cama|tv|luz|cable|wifi)|para (?:dormir|vivir|el|la|los|las|quedarse|"
    rf"quien|gente|personal|trabajador\w*))|"
    rf"cuarto, (?:luz|comida|agua)|"
    rf"habitacion (?:individual|propia|doble|privada|compartida|amoblada|incluida|con|para "
    rf"(?:dormir|vivir|el|la|los))|"
    rf"(?:casa|vivienda|departamento|depa|cuartito|casita) (?:para (?:vivir|(?:el|la|los|su|tu) "
    rf"(?:\w+)|familia\w*|docentes?|quien)|"
    rf"incluida|gratis|compartid[oa]|para (?:personal|forane\w+|gente|pareja|trabajador\w*)|"
    rf"en el mismo|en (?:el|la) (?:fundo|granja|lugar|chacra|sitio|"
    rf"establo|predio)|amoblada)|"
    rf"(?:alojamiento|hospedaje|estadia|alojamient\w+)(?: \w+)? ?{_OF_THE_FIRM}|"
    rf"{_GIVE} {_SOME}(?:alojamiento|hospedaje|estadia|vivienda|posada|dormitorios?|techo|"
    rf"cuartos?(?! de | para (?:cambi|vesti|guardar|almorz|comer|lact))|habitacion(?!es de)|"
    rf"cama(?!s? )|hotel|campamento|carpas?|residencia|casa para|lugar para (?:dormir|"
    rf"quedarse))\b|"
    rf"(?:alojamiento|hospedaje|estadia|dormitorio|vivienda|campamento|hotel|habitacion)(?:,| y| "
    rf"e| \+| mas| con) {_SOME}"
    rf"(?:comidas?|alimentacion|alimentos|pension|rancho|viveres|3 comidas|tres comidas|desayuno|"
    rf"comedor|pasajes?|movilidad|"
    rf"agua|luz|ducha|internet|wifi|habitacion\w*|cuartos?|servicios|lavanderia|epps?|cama)|"
    rf"(?:alojamiento|hospedaje) en (?:la|el|una) (?:casa|local|posta|escuela)|"
    rf"casita independiente|"
    rf"(?:alojamiento|hospedaje) (?:dentro|en (?:la|el) (?:unidad|mina|obra|fundo|planta|"
    rf"campamento))|"
    rf"donde (?:quedarse|dormir|pernoctar|alojarse|vivir|hospedarse)|para (?:dormir|vivir) "
    rf"(?:ahi|aqui|alli|en el|gratis)|"
    rf"(?:puede|pueden|podra|podran) (?:dormir|quedarse|pernoctar|vivir)|campamento para \d+|"
    rf"(?:casa|cuarto|vivienda|habitacion)(?: \w+)? (?:en|dentro de) (?:el|la) (?:fundo|granja|"
    rf"chacra|mina|obra|predio|establo)|quedar(?:se|nos)? a dormir|(?:se (?:vive|duerme|queda|"
    rf"pernocta)|viven|vivir|dormir|duerme|"
    rf"quedarse a (?:dormir|"
    rf"vivir)|quedarse|vivira|pernoctar) "
    rf"(?:todos? )?(?:en|dentro de) (?:el|la|nuestr[oa]|nuestros|su|mi|un|una)? ?(?:mism[oa] )?"
    rf"(?:fundo|casa|campamento|granja|lugar|hacienda|centro de trabajo|chacra|mina|obra|"
    rf"estancia|finca|hotel|trabajo|albergue|local|rancho)|"
    rf"(?:tarimas?|literas?|camarotes?|camas?|catres?|colchon(?:es)?|carpas?|cuartos?) para "
    rf"(?:dormir|los|el personal|descansar|quedarse|trabajador\w*)|"
    rf"(?:damos|pone|ponemos|incluye|ofrecemos|brindamos|se "
    rf"da)\b[^.;\n]{{0,30}}?\b(?:departamento|depa|cuarto|habitacion)\b|"
    rf"(?:alojamiento|hospedaje|estadia|hotel)[^.;\n]{{0,50}}? (?:a cargo|por cuenta|a cuenta|"
    rf"incluid|cubiert|pagad)|"
    rf"(?:da|damos|doy|dan|pone|ponemos|ofrec\w+|brind\w+|hay|incluye|con|y) (?:una |un "
    rf")?(?:casa|casita|vivienda|galpon|cuarto) "
    rf"(?:de adobe|de material|con (?:luz|agua)|para (?:vivir|dormir|la|el|los)|y (?:comida|"
    rf"alimentacion|viveres))|"
    rf"(?:casa|cuarto|cama|techo),? (?:y |mas )?(?:la )?(?:comida|alimentacion|viveres)|"
    rf"\w+ para dormir\b|"
    rf"campamento(?:,| a \d+ (?:km|horas?|minutos)| en (?:el lugar|obra|sitio)| \(| incluid\w+| "
    rf"habilitado| propio| gratis)|"
    rf"\d+ ?x ?\d+[^.;]{{0,25}}? campamento|en campamento\b(?! minero)|"
    rf"sistema de internamiento|(?:de )?(?:manera )?interna(?:do)? (?:de lunes|toda la semana)|"
    rf"(?:con|y|da|damos) dormida|\(dormida\)|"
    rf"se quedan? (?:a dormir|un ano|a vivir|de lunes|toda la semana|en (?:el|la) (?:fundo|casa|"
    rf"campamento))|"
    rf"(?:viveres|comidas?|alimentacion|alimentos|rancho),? (?:y|e|mas|\+) {_SOME}(?:cabana|casa|"
    rf"choza|cuarto|techo|vivienda)\b|"
    rf"(?:damos|doy|se da|ofrezco|ofrecemos) (?:una )?(?:casa|casita|cabana)(?=[,.;]| [y+])|"
    rf"pu[nñ]una (?:wasi|ukhu)\w*|ikina uta\w*)|"
    rf"\+ ?{_SOME}(?:vivienda|alojamiento|hospedaje|campamento|cuarto|casa)\b"
)
_NO_LODGING: Final = re.compile(
    r"(?:\bsin (?:derecho a )?(?:\w+ ){0,2}|\bno (?:\w+ ){0,4}|\bcama afuera\b[^.;]{0,20}|"
    r"\bpreparar (?:el |la )?|"
    r"\b(?:limpieza|aseo|construccion|mantenimiento|pintado|atencion|administra\w+|recepcion\w*|"
    r"arreglo|tendido|lavado|"
    r"ordenar|limpiar|limpie|limpia|construir|tender|arreglar|alquiler|venta|cuidar|cuidado|"
    r"reserva|cocina) (?:de |del |el |la |los |las |en )*"
    r"(?:\w+ (?:y|e) )?(?:\w+ )?)$"
)
_OCCASIONAL: Final = re.compile(
    r"[^.;]{0,12}\b(?:cuando|si (?:toca|hay que|sale|viaja)|en caso|por viaje|por comision|"
    r"durante (?:los|las) (?:viajes|comision\w*))\b"
)
_PER_TRIP: Final = re.compile(r"\b(?:por viaje|por vuelta|por comision)\b[^.;]{0,30}$")
_FARE: Final = r"(?:pasajes?|boletos?|vuelos?|tickets? aereos?|avion|flete|traslado)"
_TRAVEL: Final = re.compile(
    rf"\b(?:(?:pag\w+|cubr\w+|(?<!adelanto )se (?:da|reconoce|cubre|paga|otorga|asume)|asum\w+|"
    rf"reconocemos|damos|da|doy|dan|brind\w+|ofre[cs]\w+|"
    rf"incluy\w+|pone|ponemos|otorg\w+|devolv\w+|reembols\w+) (?:\w+,? ){{0,3}}?(?:y )?{_FARE}|"
    rf"{_FARE}(?: \w+){{0,2}}? (?:de ida(?: y vuelta)? )?(?:\w+ )?{_OF_THE_FIRM}|{_FARE} (?:de "
    rf")?ida y (?:vuelta|regreso)|"
    rf"{_FARE} [^.;]{{3,40}}? (?:{_OF_THE_FIRM}|tambien)|"
    rf"(?:alojamiento|hospedaje|alimentacion|campamento|comida|hotel|estadia|comidas|cuarto)(?:,|"
    rf" y| e| mas|,? \w+ y) {_FARE}\b|"
    rf"(?:bus|movilidad|viaje|transporte|traslado)(?: (?!diari)[\w-]+){{0,6}}? (?:todo "
    rf")?pagad[oa]s?|viaje (?:todo )?pagado|"
    rf"(?:movilidad|bus|transporte) (?:de ida y vuelta )?(?:desde \w+(?: \w+)? )?(?:a|hasta) "
    rf"(?:la )?(?:mina|obra|unidad|campamento)|"
    rf"(?:avion|bus) (?:pagado|incluido))"
)
_NO_TRAVEL: Final = re.compile(
    r"[^.;]{0,25}\b(?:entrevista|diari[oa]s?|al dia|por dia|cada dia|urban[oa]s?|adelantad\w+|se "
    r"descuent\w+|descontad\w+|cuando|local|interno)\b"
)
_COMMUTE: Final = re.compile(
    r"\b(?:adelanto de |entrevista|diari[oa]|cada dia|no (?:\w+ ){0,3}|sin |mas )$"
)
_MEAL: Final = (
    r"(?:alimentacion|almuerzos?|desayunos?|cenas?|comidas?|refrigerios?|rancho|alimentos|"
    r"lonches?|menu|pension alimenticia|"
    r"mikuy\w*|viveres)"
)
_MEALS: Final = re.compile(
    rf"(?:\b(?:damos|doy|da|dan|brind\w+|ofre[cs]\w+|otorg\w+|incluy\w+|ponemos|pone|hay|con|mas|"
    rf"mas su|y su|y sus|"
    rf"su|sus|y|e|cubr\w+|pag\w+|3|tres|2|dos|una?|recib\w+)|[,+])[ ]?(?:(?:su|sus|el|la|los|las|"
    rf"un|una|3|tres|2|de|tambien|todo|sus|tu|tus) ){{0,2}}"
    rf"(?:(?:desayuno|almuerzo|cena|refrigerio|alojamiento|hospedaje|cuarto|campamento|casa|"
    rf"movilidad|hotel),? (?:y )?)?{_MEAL}\b|"
    rf"(?:^|[.;\n] ?){_MEAL}(?: y |, )|\b{_MEAL}(?: \w+)? ?{_OF_THE_FIRM}|^{_MEAL} incluid\w+"
)
_OWN_COST: Final = re.compile(
    r" (?:(?:la|lo|las|los) (?:ponen?|pagan?|traen?|compran?|corre\w*) |(?:por|de|va por) (?:su|"
    r"tu) cuenta|"
    r"(?:no|a mitad))"
)
_TASK: Final = re.compile(
    r"\b(?:prepar\w+|cocin\w+|serv\w+|hacer|haga|atend\w+|atencion|dar(?:le|les|lo)?|reparto|"
    r"repartir|entrega\w*|vent[ae]s?|vender|"
    r"local de|puesto de|control de|encargad[oa]|manipul\w+|guisa\w+|llevar|produc\w+|elabor\w+|"
    r"calcul\w+|servicio de|area de|"
    r"sazon|sepa|saber|cargo de|buen[ao]s? practicas|distribu\w+|compra\w*|empaque|almacen|"
    r"delivery|ensenar|pedidos? de|"
    r"experiencia|conocim\w+|carrera|industria\w*|planta de|tecnic[oa]|ingenier\w+)\b"
)
_HOME: Final = (
    r"(?:(?:tu|su|mi|la|el|sus|propia|propio|tu propi[oa]|su propi[oa]) )?(?:casa|hogar|"
    r"domicilio|celular|vivienda)"
)
_REMOTE: Final = re.compile(
    rf"\b(?:100 ?% (?:remoto|virtual|online|home)|(?:trabaj\w+|labor\w*|puesto|modalidad|empleo|"
    rf"es|formato)[ :]+(?:100 ?% )?"
    rf"(?:remot[oa]|teletrabajo|home ?office|virtual|a distancia|no presencial)|remoto\b|home "
    rf"?office|teletrabajo|no presencial|"
    rf"(?:desde|de|en) {_HOME} (?:propia )?(?:nomas|por docena|por prenda|con (?:tu|su) "
    rf"(?:maquina|laptop|pc))|desde {_HOME}|"
    rf"trabaj\w* (?:en|de|desde) {_HOME}|(?:cos\w+|teje\w*|tejid[oa]s|arma\w*|borda\w*|"
    rf"recib\w+|trabaj\w+|"
    rf"digit\w+|empaqu\w+|hac\w+|confeccion\w+) "
    rf"(?:\w+ ){{0,4}}?(?:en|desde) (?:tu|su) (?:propi[oa] )?(?:casa|hogar|domicilio|taller en "
    rf"casa)|(?<!del )(?:costura|trabajo|tejido|armado) (?:en|a) (?:su|tu)? ?(?:casa|domicilio)|"
    rf"cada un[oa] en su casa|trabaje en su domicilio|maquiladores? a domicilio)"
)
_NOT_REMOTE: Final = re.compile(
    r"\b(?:hibrid\w+|semipresencial|parcialmente|presencial(?:es)?\b(?<!no presencial)|sensores?|"
    r"control remoto|zonas? remot\w+|lugares? remot\w+)\b"
)


def lodging(words: JobWords) -> Fact[bool] | None:
    """Whether a place to sleep is given."""
    for part, match in _all(_LODGING, words):
        before = part.text[max(0, match.start() - 48) : match.start() + 1].rstrip()
        if _NO_LODGING.search(part.text[max(0, match.start() - 48) : match.start()]):
            continue
        if _NO_LODGING.search(before + " ") and part.text[match.start()] in ",":
            continue
        if _OCCASIONAL.match(part.text, match.end()) or _PER_TRIP.search(before):
            continue
        return part.fact(True, match.start(), match.end(), 0.98, "lodging")
    return None


def travel_paid(words: JobWords) -> Fact[bool] | None:
    """Whether the trip to a job elsewhere is paid."""
    for part, match in _all(_TRAVEL, words):
        if _NO_TRAVEL.match(part.text, match.end()) or "adelanto" in match[0]:
            continue
        if _COMMUTE.search(part.text[max(0, match.start() - 20) : match.start()]):
            continue
        if _PER_TRIP.search(part.text[max(0, match.start() - 30) : match.end()]):
            continue
        return part.fact(True, match.start(), match.end(), 0.95, "travel")
    return None


def meals(words: JobWords) -> Fact[bool] | None:
    """Whether food is given."""
    for part in (words.title, words.description):
        for match in _MEALS.finditer(part.text):
            start = max(part.text.rfind(mark, 0, match.start()) for mark in ".;:\n") + 1
            if _OWN_COST.match(part.text, match.end()):
                continue
            if _TASK.search(part.text, start, match.end()):
                continue
            return part.fact(True, match.start(), match.end(), 0.95, "meals")
    return None


def remote(words: JobWords) -> Fact[bool] | None:
    """Whether the work is done from home."""
    for part, match in _all(_REMOTE, words):
        if any(_NOT_REMOTE.search(p.text) for p in (words.title, words.description)):
            return None
        return part.fact(True, match.start(), match.end(), 0.98, "remote")
    return None


def _all(pattern: re.Pattern[str], words: JobWords) -> Iterator[tuple[Canonical, re.Match[str]]]:
    """All places where an ad says so, what it offers before what it asks."""
    for part in (words.description, words.title, words.requirements):
        for match in pattern.finditer(part.text):
            yield part, match
