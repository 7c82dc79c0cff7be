"""Makes ``models/data/feminine.tsv`` from ESCO's labels in both genders ("cocinero/cocinera").

    python -m models.training.gender_forms --data ../shared/data

Of the training split only, so that the dev and test splits can say how well it carries over.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from models.evaluation.splits import split_of
from schemas.vocab import plain

ESCO: Final = Path("taxonomy") / "esco_es" / "occupations_es.csv"
_TARGET: Final = Path(__file__).parents[1] / "data" / "feminine.tsv"
_WORD: Final = re.compile(r"[a-záéíóúñü]+")
_ALIKE: Final = 3  # letters that two forms of one word begin with
_HEADER: Final = """\
# A feminine form, the masculine one, where from. A thing that only looks feminine stays itself.
# ESCO: labels in both genders of ESCO v1.2.0 (c) European Union, training split, changed.
"""
#: Words of Peruvian work that ESCO's labels lack, and forms of politeness in ads.
_OURS: Final = """chacarera:chacarero ambulanta:ambulante moza:mozo
    mozas:mozos señora:señor señoras:señores señorita:señor señoritas:señores empleada:empleado
    empleadas:empleados niñera:niñero niñeras:niñeros nanera:nanero ganadera:ganadero
    tejedora:tejedor bordadora:bordador gasfitera:gasfitero llenadora:llenador jaladora:jalador
    anticuchera:anticuchero emolientera:emolientero carretillera:carretillero
    remallera:remallero aparadora:aparador destajera:destajero cholera:cholero
    chofera:chofer choferesa:chofer jefa:jefe jefas:jefes enfermera:enfermero doctora:doctor
    profesora:profesor maestra:maestro maestras:maestros contadora:contador egresada:egresado
    titulada:titulado licenciada:licenciado bachillera:bachiller honrada:honrado
    honesta:honesto proactiva:proactivo activa:activo dispuesta:dispuesto
    seria:serio rápida:rápido buena:bueno sola:solo casada:casado soltera:soltero
    capacitada:capacitado experimentada:experimentado interesada:interesado
    interesadas:interesados desempleada:desempleado nueva:nuevo lista:listo hija:hijo
    practicanta:practicante asistenta:asistente ayudanta:ayudante clienta:cliente
    dependienta:dependiente presidenta:presidente gerenta:gerente obrera:obrero
    cosechera:cosechero campesina:campesino artesana:artesano vecina:vecino muchacha:muchacho
    muchachas:muchachos chica:chico chicas:chicos"""
#: Things; their ending would make them people.
_THINGS: Final = """lavadora computadora licuadora secadora aspiradora impresora fotocopiadora
    excavadora retroexcavadora cargadora mezcladora cosechadora engrapadora calculadora tractora
    trilladora motoniveladora niveladora perforadora remalladora recubridora cortadora podadora
    selladora empacadora enceradora lustradora batidora desbrozadora guillotinadora cortadoras
    trituradora compactadora apisonadora hormigonera concretera carretera carreteras escalera
    escaleras cartera carteras bandera banderas carrera carreras cafetera nevera manguera mangueras
    cabecera pulsera pulseras guantera cochera cocheras chequera barrera barreras hoguera frontera
    fronteras ladera pradera cantera canteras tijera tijeras montacarga pizarra cordillera
    gasolinera ribera tetera sartenera papelera ensaladera cualquiera quisiera pudiera
    hubiera tuviera fuera supiera hiciera viniera espera primavera calavera mollera
    madera maderas manera maneras cadera caderas acera aceras cera esfera atmósfera galera
    polera poleras gradera visera viseras billetera billeteras lavadoras computadoras impresoras
    licuadoras secadoras escolera ponedora ponedoras rotativa emisora"""


def aligned(folder: Path) -> Iterator[tuple[str, str]]:
    """Pairs (feminine, masculine) of words at one place of two labels, training split."""
    with (folder / ESCO).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            masculine, _, feminine = row["preferredLabel"].lower().partition("/")
            ours, theirs = _WORD.findall(masculine), _WORD.findall(feminine)
            if len(ours) != len(theirs) or split_of(row["conceptUri"]) != "train":
                continue
            for he, she in zip(ours, theirs, strict=True):
                if he != she and he[:_ALIKE] == she[:_ALIKE] and she[-1] in "as":
                    yield she, he


def forms(folder: Path) -> dict[str, tuple[str, str]]:
    """Feminine form to masculine form and source, with plurals and without accents too."""
    out: dict[str, tuple[str, str]] = {}

    def add(she: str, he: str, source: str) -> None:
        for a, b in ((she, he), (_plural(she), _plural(he))):
            for one, other in ((a, b), (plain(a), plain(b))):
                out.setdefault(one, (other, source))

    for entry in _OURS.split():
        she, he = entry.split(":")
        if she != he:
            add(she, he, "this project")
    for thing in _THINGS.split():
        for form in (thing, plain(thing)):
            out[form] = (form, "a thing")
    for (she, he), _ in Counter(aligned(folder)).most_common():
        add(she, he, "ESCO")
    masculine = {he for she, (he, source) in out.items() if he != she}
    return {she: made for she, made in out.items() if she not in masculine or made[0] == she}


def _plural(word: str) -> str:
    if word.endswith("s"):
        return word
    return word + ("s" if word[-1] in "aeiouáéó" else "es")


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=_TARGET)
    given = parser.parse_args()
    made = forms(given.data)
    lines = (f"{she}\t{he}\t{source}\n" for she, (he, source) in sorted(made.items()))
    given.out.write_text(_HEADER + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
