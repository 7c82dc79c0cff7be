"""Random names of Peru, of nobody: common ones combined, misspelt ones, and ones in no list at all.

Drawn by seed from what everybody in the country knows; no register and no list of people was used.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Final

from models.explain.numbers import fold


def _list(words: str) -> list[str]:
    return words.split()


_GIVEN: Final = _list(
    """María José Luis Carlos Juan Jorge Rosa Ana Víctor Julio César Miguel Pedro Jesús
    Manuel Carmen Luz Elena Isabel Gladys Nelly Yolanda Eusebia Fortunata Saturnino Hermelinda
    Pascual Toribio Melchora Gregoria Flor Sol Mar Paz Cielo Luna Estrella Perla Rubí Dulce Linda
    Alba Aurora Consuelo Dolores Mercedes Milagros Pilar Rosario Soledad Socorro Esperanza Caridad
    Concepción Asunción Encarnación Natividad Purificación Trinidad Ascensión Domingo Segundo
    Primitivo Justo Modesto Clemente Inocencio Prudencio Salvador Santos Ángel Ángeles Reyes Cruz
    Ventura Franco León Silvestre Urbano Custodio Tránsito Corpus Abril Julia Augusta Octavio
    Margarita Violeta Azucena Hortensia Jazmín Marina Celeste Celestina Blanca Clara Bella Gracia
    Jhordan Jhon Yhon Brayan Brayam Jhonatan Yeferson Jefferson Jhersson Deyvis Leidy Leydi Sheyla
    Shirley Yuliana Jhuliana Yamilet Xiomara Nayeli Thiago Liam Dylan Aldair Neymar Kimberly Yadira
    Anghela Jhoselyn Yoselin Maycol Maikol Stiven Estefany Greysi Yesenia Jackeline Wilber Wilmer
    Rosmery Yanet Lizbeth Edith Nilda Hilda Elmer Edwin Percy Fredy Richard Ronald Roger William
    Inti Killa Wayra Sumaq Urpi Amaru Illari Sisa Qori Tupac Yaku Nayra Wara Rumi Sami"""
)
_FAMILY: Final = _list(
    """Quispe Huamán Mamani Flores Rojas Ramos García Rodríguez Sánchez Torres Díaz
    López Gonzales Pérez Chávez Vásquez Mendoza Espinoza Ramírez Castillo Cruz Fernández Gutiérrez
    Vargas Castro Ruiz Condori Salazar Romero Reyes León Morales Soto Silva Paredes Campos Delgado
    Bravo Rubio Blanco Paz Luna Sol Ríos Rivera Vega Medina Cárdenas Aguilar Mayo Calle Casas Cano
    Canales Cabrera Herrera Herrero Guerra Guerrero Caballero Pastor Pinto Roca Rosas Prado Puente
    Portal Puertas Torre Vera Verde Rey Rico Bueno Crespo Mercado Mesa Meza Montes Mora Nieto Niño
    Palma Palomino Peña Pino Pizarro Ponce Pozo Salas Segura Serrano Sierra Solano Solar Toro Valle
    Vela Velarde Villa Vivanco Zapata Zegarra Zorrilla Ñahui Ñaupari Ñiquén Ccori Ccahuana Ccallo
    Ccopa Choque Choquehuanca Chambi Chuquimamani Coaquira Colque Callata Calla Cutipa Cusi Apaza
    Anco Asto Ataucusi Auqui Ayma Huanca Huaraca Huarcaya Huayhua Huillca Hancco Inga Inquilla
    Jallo Laura Layme Llacsa Machaca Mayta Nina Noa Pacco Pari Paucar Poma Puma Quea Quenta Qquecho
    Rimachi Sinche Sullca Sulca Supo Taipe Tacuri Ticona Tintaya Tito Ttito Tunque Turpo Usca Vilca
    Yanqui Yapo Yucra Yupanqui Yauri Zea Amasifuen Shapiama Tapullima Ushiñahua Sangama Tuanama
    Ahuanari Murayari Chumpitaz Farroñán Llontop Chiroque Ipanaqué Sernaqué Yovera Eche Querevalú
    Jurado Coronel Alcalde Cabello Cabezas Casado Cortés Dueñas Escribano Escudero Fuentes Gallo
    Grande Hurtado Izquierdo Maldonado Moreno Naranjo Pardo Pulido Redondo Vaca Zamora"""
)
_PARTICLES: Final = ("de", "del", "de la", "de los", "y")
_ONSETS: Final = _list(
    """b ch d f g h j k l ll m n ñ p q r s t v w y z cc ch'  qu hu sh th jh yh br kr tr
    kh qq tt ph x"""
)
_VOWELS: Final = _list("a a a e i i o u u ay ey au ia io ua")
_CODAS: Final = _list("- - - - n s r l y m k q nch sh lls x th")
#: Slips of ear and fashion in writing a name.
_SLIPS: Final = (
    ("s", "z"), ("z", "s"), ("c", "k"), ("qu", "k"), ("b", "v"), ("v", "b"), ("i", "y"), ("y", "i"),
    ("ll", "y"), ("j", "jh"), ("y", "yh"), ("n", "nn"), ("l", "ll"), ("t", "th"), ("s", "ss"),
    ("h", ""), ("hua", "gua"), ("hua", "wa"), ("e", "i"), ("o", "u"), ("f", "ph"), ("g", "j"),
    ("ñ", "n"), ("x", "ks"), ("r", "rr"), ("d", "dd"), ("m", "mm"),
)  # fmt: skip

REAL: Final = frozenset(fold(word) for word in (*_GIVEN, *_FAMILY))
"""Parts of names that people bear, folded."""


def misspelt(rng: random.Random, word: str) -> str:
    """The word with one or two slips."""
    for _ in range(rng.randint(1, 2)):
        fitting = [slip for slip in _SLIPS if slip[0] in word.lower()]
        if fitting:
            old, new = rng.choice(fitting)
            word = word.lower().replace(old, new, 1)
        elif len(word) > 4:
            at = rng.randrange(1, len(word))
            word = word[:at] + word[at + 1 :]
    return word.capitalize()


def invented(rng: random.Random) -> str:
    """A word of two to four syllables that is in no list."""
    syllables = rng.choice((2, 2, 3, 3, 4))
    made = ""
    for _ in range(syllables):
        coda = rng.choice(_CODAS).strip("-")
        made += rng.choice(_ONSETS).strip("'") + rng.choice(_VOWELS) + coda
    return made.capitalize()


def _part(rng: random.Random, words: list[str], refused: Callable[[str], bool]) -> str:
    kind = rng.random()
    while True:
        word = rng.choice(words)
        if kind < 0.4:
            return word
        word = misspelt(rng, word) if kind < 0.7 else invented(rng)
        if not refused(word):
            return word


def names(seed: int, count: int, refused: Callable[[str], bool] = lambda _: False) -> Iterator[str]:
    """Full names, given ones first or last, with and without particles.

    Args:
        seed: The same one draws the same names.
        count: How many.
        refused: Whether an invented or misspelt word is none, as it is an ordinary word.
    """
    rng = random.Random(seed)
    for _ in range(count):
        given = [_part(rng, _GIVEN, refused) for _ in range(rng.choice((1, 1, 1, 2)))]
        family = [_part(rng, _FAMILY, refused) for _ in range(rng.choice((0, 1, 1, 2, 2)))]
        if family and rng.random() < 0.1:
            family.insert(rng.randrange(len(family)), rng.choice(_PARTICLES))
        yield " ".join(family + given if rng.random() < 0.15 else given + family)
