"""Nothing personal passes both nets, in the forms in which people write it.

`redact` strikes out the forms, `known` keeps the words of a closed list of what is left.

Every name, number and address here is invented.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.explain.allowed import known
from models.explain.numbers import fold
from models.explain.redact import MAX_CHARS, redact

_NAMES = (
    "Juana Quispe Mamani", "Wilber Huamán Ccori", "María del Carmen Flores Ríos",
    "José Luis Ñahui Paucar", "Yesenia Condori",
)  # fmt: skip
_PHONES = ("987654321", "912345678", "956102938", "934775510", "981020304")
_DNIS = ("45678912", "70123456", "09876543", "41592653", "62840195")
_RUCS = ("10456789123", "20512345678", "10701234567", "20600112233", "10098765431")
_ACCOUNTS = (
    "191-12345678-0-12", "0011-0234-0200345678", "00219100123456780155", "898 3012345678",
    "4557 8801 2345 6789",
)  # fmt: skip
_USERS = ("juanita.q98", "wil_huaman7", "maricarmen.fr", "jose-paucar1", "yese2001")
_STREETS = (
    "Los Jazmines 123", "Túpac Amaru 4521", "Las Gardenias 77-B", "28 de Julio 560",
    "Los Próceres de la Paz 1090",
)  # fmt: skip
_BIRTHS = (("12", "03", "1985"), ("1", "11", "1990"), ("30", "07", "2001"), ("09", "01", "78"),
           ("25", "12", "1969"))  # fmt: skip


def _list(text: str) -> list[str]:
    return text.split()


_UNITS = _list("cero uno dos tres cuatro cinco seis siete ocho nueve")
_TENS = _list("- diez veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa")
_HUNDREDS = _list(
    "- ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos "
    "novecientos"
)
_MONTHS = _list(
    "enero febrero marzo abril mayo junio julio agosto setiembre octubre noviembre diciembre"
)


def _spelled(digits: str) -> str:
    return " ".join(_UNITS[int(d)] for d in digits)


def _mixed(digits: str) -> str:
    return " ".join(_UNITS[int(d)] if n % 2 else d for n, d in enumerate(digits))


def _in_threes(digits: str) -> str:
    """987 as "novecientos ochenta y siete"."""
    words = []
    for at in range(0, len(digits), 3):
        hundred, ten, unit = (int(d) for d in digits[at : at + 3])
        words.append(f"{_HUNDREDS[hundred]} {_TENS[ten]} y {_UNITS[unit]}")
    return ", ".join(words)


def _grouped(digits: str, sep: str, size: int = 3) -> str:
    return sep.join(digits[at : at + size] for at in range(0, len(digits), size))


def _born(form: str) -> list[str]:
    return [
        form.format(d=d, m=m, y=y, month=_MONTHS[int(m) - 1]) for d, m, y in _BIRTHS
    ]  # fmt: skip


def _forms() -> dict[str, list[str]]:
    """Planted items by form: at least 40 forms."""
    return {
        "me llamo": [f"Hola, me llamo {n} y busco trabajo" for n in _NAMES],
        "lower case": [f"me llamo {n.lower()} y cocino" for n in _NAMES],
        "upper case": [f"MI NOMBRE ES {n.upper()}, COCINERA" for n in _NAMES],
        "nombre:": [f"Nombre: {n}. Ayudante de cocina" for n in _NAMES],
        "apellidos y nombres": [f"Apellidos y nombres: {n}" for n in _NAMES],
        "soy": [f"Soy {n}, de Comas" for n in _NAMES],
        "sra.": [f"Ayudante para la Sra. {n}" for n in _NAMES],
        "don": [f"Restaurante de don {n}" for n in _NAMES],
        "preguntar por": [f"Preguntar por {n} en la puerta" for n in _NAMES],
        "bare": [f"Mozo {n}" for n in _NAMES if "Ñahui" not in n],
        "surname first": ["Mamani Quispe, Juana", "HUAMAN CCORI WILBER", "Flores Ríos, María"],
        "attn": [f"Atte. {n}" for n in _NAMES],
        "phone": [f"Cel {p}" for p in _PHONES],
        "phone bare": [f"Cocinera {p}" for p in _PHONES],
        "phone +51": [f"llamar al +51 {p}" for p in _PHONES],
        "phone spaced": [f"wsp {_grouped(p, ' ')}" for p in _PHONES],
        "phone dotted": [_grouped(p, ".") for p in _PHONES],
        "phone hyphens": [_grouped(p, " - ") for p in _PHONES],
        "phone letter by letter": [f"mi numero es {' '.join(p)}" for p in _PHONES],
        "phone dots between": [".".join(p) for p in _PHONES],
        "phone spelled": [f"mi cel es {_spelled(p)}" for p in _PHONES],
        "phone spelled, commas": [_spelled(p).replace(" ", ", ") for p in _PHONES],
        "phone spelled, upper": [f"LLAMAR {_spelled(p).upper()}" for p in _PHONES],
        "phone mixed": [f"llámame {_mixed(p)}" for p in _PHONES],
        "phone hundreds": [_in_threes("987654321"), _in_threes("956132938")],
        "phone full width": ["".join(chr(ord(d) + 0xFEE0) for d in p) + " llamar" for p in _PHONES],
        "phone keycaps": ["".join(f"{d}\ufe0f\u20e3" for d in p) for p in _PHONES],
        "phone zero width": ["\u200b".join(p) for p in _PHONES],
        "landline": ["Telf. 01 523 4567", "tel: 076-361234", "fono 361234", "(054) 22-1133"],
        "dni": [f"DNI {d}" for d in _DNIS],
        "dni n°": [f"D.N.I. N° {_grouped(d, '.', 2)}" for d in _DNIS],
        "dni bare": [f"Cajera {d}" for d in _DNIS],
        "dni spelled": [f"mi documento es {_spelled(d)}" for d in _DNIS],
        "ce": ["C.E. 001234567", "carné de extranjería: 002 345 678", "CE-000123456"],
        "passport": ["pasaporte AB123456", "PTP 004567123", "Pasaporte N° XY-9876543"],
        "ruc": [f"RUC {r}" for r in _RUCS],
        "ruc bare": [f"Bodega {r}" for r in _RUCS],
        "e-mail": [f"{u}@gmail.com" for u in _USERS],
        "e-mail spaced": [f"{u} @ hotmail . com" for u in _USERS],
        "e-mail arroba": [f"escríbeme: {u} arroba gmail punto com" for u in _USERS],
        "e-mail (at)": [f"{u} (arroba) outlook.es" for u in _USERS],
        "e-mail without at": [f"{u} gmail com" for u in _USERS],
        "e-mail read aloud": ["juanita punto quispe guion bajo 98 arroba yahoo punto es"],
        "handle": [f"sígueme @{u}" for u in _USERS],
        "instagram": [f"IG: {u}" for u in _USERS],
        "facebook": ["Facebook: Juanita Quispe", "fb.com/wil.huaman", "face como Yesenia Condori"],
        "whatsapp link": [f"https://wa.me/51{p}" for p in _PHONES],
        "group link": ["chat.whatsapp.com/Hk3xZQ9pLmN", "t.me/trabajos_juanita"],
        "link": ["http://juanitaquispe.com/cv", "www.condori-yesenia.pe", "wilhuaman.blogspot.com"],
        "jr": [f"Jr. {s}, Comas" for s in _STREETS],
        "av": [f"AV. {s.upper()} ATE" for s in _STREETS],
        "calle": [f"calle {s.lower()}" for s in _STREETS],
        "mz lt": ["Mz. B Lt. 14", "MZA K LOTE 3", "manzana 7 lote 21", "Mz C-1 Lt 9"],
        "aa.hh.": ["AA.HH. Los Jazmines Mz D Lt 2", "Asentamiento Humano Las Gardenias"],
        "reference": ["Ref: frente al colegio Jazmines", "vivo a la espalda del mercado Gardenias"],
        "born on": _born("nací el {d} de {month} de {y}"),
        "born /": _born("Fecha de nacimiento: {d}/{m}/{y}"),
        "born bare": [b for b in _born("{d}-{m}-{y}") if "-78" not in b],
        "born spelled": ["nací el doce de marzo de mil novecientos ochenta y cinco"],
        "account": [f"cta. BCP {a}" for a in _ACCOUNTS],
        "cci": [f"CCI: {_grouped(r + r[:9], ' ', 4)}" for r in _RUCS],
        "yape": [f"Yape {p}" for p in _PHONES],
        "plin": [f"plin al {_grouped(p, ' ')}" for p in _PHONES],
    }


_SAFE = frozenset(
    _list(
        """
        aa amaru apellidos arroba asentamiento ate atte av ayudante bajo bodega busco
        cajera calle carmen carne cci cel cocina cocinera cocino colegio com comas como
        cta de del diciembre documento don el en enero es escribeme espalda extranjeria
        face facebook fecha fono frente gmail guion hh hola hotmail humano ig jose jr
        julio la las llamame llamar llamo los lote lt luis manzana maria marzo mercado
        mi mil mozo mz mza naci nacimiento nombre nombres noviembre numero outlook para
        pasaporte paz plin por preguntar puerta punto ref restaurante rios sigueme soy
        sra tel telf trabajo tupac una upper vivo wsp y yahoo yape
        """
    )
)
"""Words of the forms that say nothing about anybody."""


def _secrets(item: str) -> set[str]:
    """Words and digits of an item that identify somebody."""
    words = re.findall(r"[a-z0-9]+", fold(redactable(item)))
    return {w for w in words if len(w) >= 3 and w not in _SAFE}


def redactable(item: str) -> str:
    """The item as a reader sees it."""
    return item.replace("\u200b", "").replace("\ufe0f\u20e3", "")


_ITEMS = [(form, item) for form, items in _forms().items() for item in items]


def test_enough_is_planted() -> None:
    assert len(_forms()) >= 40
    assert len(_ITEMS) >= 200


def _told(text: str) -> str:
    return fold(known(redact(text)))


@pytest.mark.parametrize(("form", "item"), _ITEMS)
def test_nothing_planted_survives(form: str, item: str) -> None:
    told = set(re.findall(r"[a-z0-9]+", _told(item)))
    assert not _secrets(item) & told
    assert not re.search(r"\d", _told(item))


@pytest.mark.parametrize(("form", "item"), _ITEMS)
def test_nothing_planted_survives_inside_a_job(form: str, item: str) -> None:
    told = set(re.findall(r"[a-z0-9]+", _told(f"Mozo, {item}; cocinera")))
    assert not _secrets(item) & (told - {"mozo", "cocinera"})
    assert "mozo" in told


@pytest.mark.parametrize(
    "fact",
    [
        "Cocinera con 3 años de experiencia",
        "S/ 1,200.00 a S/ 1,500.00",
        "sueldo 1200 - 1500 soles",
        "pago de 1,130 soles mensuales",
        "S/ 45 por día",
        "a 12.5 km de tu casa",
        "horario de 08:00 a 17:00",
        "turno de 8 a 5, de lunes a sábado",
        "7:30 am - 4:30 pm",
        "10 vacantes para operarios",
        "mayores de 18 años",
        "brevete A-IIb",
        "dos mil quinientos soles",
        "seis meses de experiencia",
        "inicio 01/12/2026",
        "campaña 2025-2026",
        "San Juan de Lurigancho, Lima",
        "José Luis Bustamante y Rivero, Arequipa",
        "José Leonardo Ortiz, Lambayeque",
        "Mariano Melgar",
        "Víctor Larco Herrera",
        "Villa María del Triunfo",
        "Jesús María",
        "Santa Rosa, La Libertad",
        "Magdalena del Mar",
        "secundaria completa",
        "Soy cocinera y lavo ropa",
        "Técnico de enfermería",
        "Asistente de contabilidad para Huánuco",
        "Municipalidad Distrital de Pozuzo",
        "manejo de Facebook e Instagram",
        "cargar sacos de 50 kg",
    ],
)
def test_job_facts_survive(fact: str) -> None:
    assert redact(fact) == fact


@given(st.text(max_size=400))
def test_any_text_is_taken(text: str) -> None:
    assert not re.search(r"[\d@]", _told(text))


@pytest.mark.parametrize("unit", ["a ", "1 ", "@", "nueve ", "juan ", "jr ", "(", "sra. "])
def test_hostile_repetition_is_read_in_good_time(unit: str) -> None:
    import time

    text = unit * (3 * MAX_CHARS // len(unit))
    started = time.thread_time()
    redact(text)
    assert time.thread_time() - started < 1.0
