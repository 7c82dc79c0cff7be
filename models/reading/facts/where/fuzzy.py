"""Misspelt names of places, where the words before say that a place comes.

Names are compared as they sound; of long names one letter may be wrong too. Both are looked up in
dictionaries, so that a look-up costs the same however many names there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from models.reading.facts.where.gazetteer import places
from models.reading.phonetic import sounds

_LEAST: Final = 5
"""Letters, as heard, from which a name is compared by sound."""
_SLIP: Final = 6
"""Letters, as heard, from which one may be wrong."""
_ORDINARY: Final = frozenset(
    re.findall(
        r"\w+",
        """
    abogado abuela abuelita abuelito acopio actualmente agricultor ahora albanil almacen
    alquilada alquilado alquiler alquilo ambulante amplia anos aqui arquitecto asistente
    atencion aun auxiliar avenida ayudante años barrio basica basico brevete buenas buenos
    buscando busco cajera cajero campo campos cargos carpintero carretera carro cartas casa
    casada casado casas centro cerca chacra chamba chica chico chofer ciudad cocina cocinera
    cocinero colegio comerciante como con condiciones confeccion conocer contador costa
    costura cuadra cuadras cualquier cuando cuarto cuenta cuidando cursando cursos desempleada
    desempleado disponible dispuesta dispuesto distrito donde dos electricista emprendedor
    enfermera esa ese esposa esposo esta este estudiando estudiante estudio experiencia
    familia gasfitero grande hermana hermanas hermano hija hijas hijo hijos honrada honrado
    horario horas hospital humanas humano humanos iglesia ingeniero joven lejos licencia lima
    limpieza lograr madre mama manana mas mecanico mercado minutos mis moto mujer muy nada
    noche noches norte obra obrero obreros oeste operario padre paginas papa paradero pautas
    pension pero persona personas peru pescador pintor playa primaria profesor profesora
    provincia pueblo puedo puntual que quiero recibo reponedor responsable secretaria sector
    secundaria selva senor senora senorita sereno sierra signos sin sola soldador solo soltera
    soltero sur tarde tardes tecnica tecnico tengo tia tio todo trabajador trabajadora
    trabajando trabajo trabajos tres turno tus tutora una universitario uno varon ventas
    verbal vigilante viviendo volquete zona
""",
    )
)
"""Words that come after "vivo en", "soy de", "estoy" and name no place."""


@cache
def _by_sound() -> dict[str, str]:
    """Names by how they sound, without spaces; of equal ones the one that is most a place."""
    found: dict[str, str] = {}
    for name, place in places().items():
        if place.word and " " not in name:
            continue
        heard = sounds(name).replace(" ", "")
        held = places().get(found.get(heard, ""))
        if len(heard) >= _LEAST and (held is None or (place.own and not held.own)):
            found[heard] = name
    return found


@cache
def _by_slip() -> dict[str, str]:
    """Names by how they sound with one letter left out; where several meet, none."""
    found: dict[str, str] = {}
    for heard, name in _by_sound().items():
        if len(heard) < _SLIP or not (places()[name].own or places()[name].areas):
            continue
        for short in _shorter(heard):
            if found.setdefault(short, name) != name:
                found[short] = ""
    return found


def _shorter(heard: str) -> Iterator[str]:
    """A word with each letter but the first left out in turn."""
    for at in range(1, len(heard)):
        yield heard[:at] + heard[at + 1 :]


def nearest(words: Sequence[str], slips: bool = True) -> tuple[int, str] | None:
    """How many words are a misspelt name, and the name; None if none.

    Args:
        words: Those that come where a place is told, at most four are looked at.
        slips: Whether a letter may be wrong too.
    """
    if not words or words[0] in _ORDINARY or len(words[0]) < 2:
        return None
    heard = [sounds(word) for word in words[:4]]
    for count in range(len(heard), 0, -1):
        name = _by_sound().get("".join(heard[:count]))
        if name:
            return count, name
    if slips:
        for count in range(min(len(heard), 3), 0, -1):
            name = _slipped("".join(heard[:count]))
            if name:
                return count, name
    return None


def _slipped(heard: str) -> str:
    """The one name that differs by a letter: too few, too many or another one."""
    if len(heard) < _SLIP:
        return ""
    names = {_by_slip().get(heard, "")}
    for short in _shorter(heard):
        if len(short) >= _SLIP:
            names.add(_by_sound().get(short, ""))
        names.add(_by_slip().get(short, ""))
    names.discard("")
    return names.pop() if len(names) == 1 else ""
