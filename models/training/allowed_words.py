"""Makes ``models/data/allowed_words.txt``: the words of jobs that a language model may be told.

    python -m models.training.allowed_words --data ../shared/data [--measure]

A word comes from our tables of occupations, or many public bodies write it in their vacancies; and
it is the name of nobody: not in ``names.tsv``, not heard like a name there, no place, no number.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import re
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from models.explain.names import FIRST, LAST
from models.explain.numbers import fold, scan
from models.reading.districts import ALL
from models.reading.occupations import shipped
from models.reading.phonetic import sounds


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_DATA: Final = Path(__file__).parents[1] / "data"
_TARGET: Final = _DATA / "allowed_words.txt"
_HEADER: Final = """\
# Words that say what a job is and are the name of nobody, as a model may be told them.
# Made by models/training/allowed_words.py; where from: ACKNOWLEDGEMENTS.md.
"""
_WORD: Final = re.compile(r"[^\W\d_]+")
_TITLES: Final = 6  # vacancies with the word in their title, at least
_TEXTS: Final = 60  # or with the word in what they ask for
# Public bodies that write what no running text has in lower case: names are written by few.
_BODIES: Final = 12
_SHORT: Final = 3  # letters of a word that one table alone is not enough for
_PAIRS: Final = _set("al de el en es ir la lo me mi no se si su te ti tu un ya yo")
_ACCENTED: Final = 0.2  # share of spellings with an accent from which it is the right one
# Names that titles cannot do without, and that hardly anybody in Peru bears.
_NEEDED: Final = _set(
    """de del la las los casa para mayor mayores salud sala campo cama chica grandes varios
    paso pintor portero carro arroz barro masa combi soprano mozo ama apoyo bar bus piso vender"""
)
# Words of vacancies of few bodies, which are no names.
_SEEN: Final = _set("juzgado juzgados penal civil cebe cem pvl subunidad migratoria")
# Seen by eye in the list: names, places, months, what tells who somebody is, scraps of spelling.
_STRUCK: Final = _set(
    """steiner benesh montessori freinet waldorf santo santa ecuador ii iii iv iib enero febrero
    marzo abril mayo junio julio agosto setiembre septiembre octubre noviembre diciembre don dona
    sr sra srta dni ruc cel celular telefono whatsapp correo jr av mz lt cdra psje urb timbre
    puerta"""
)


def main() -> None:
    """Run from a command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    words = allowed(options.data)
    _TARGET.write_text(_HEADER + textwrap.fill(" ".join(words), 100) + "\n", "utf-8")
    print(f"{len(words)} words, {_TARGET.stat().st_size} bytes")


def allowed(data: Path) -> list[str]:
    """The list, each word in its usual spelling, in alphabetical order of the folded words."""
    spelt: dict[str, Counter[str]] = defaultdict(Counter)
    tables = {fold(word) for word in _noted(_of_tables(), spelt)}
    prose = {fold(word) for word in _noted(_of_prose(data), spelt) if word.islower()}
    vacancies = _of_vacancies(data, prose, spelt)
    test = NameTest(prose | tables)
    short = {word for word in tables - prose - vacancies if len(word) <= _SHORT}
    kept = sorted(word for word in (tables | vacancies) - short if not test.fails(word))
    return [_usual(spelt[word]) for word in kept]


class NameTest:
    """Whether a folded word may be somebody's name, a place or a number.

    Args:
        common: Words that running text has in lower case: places of this name are no place there.
    """

    def __init__(self, common: set[str]) -> None:
        self.names = names() - _NEEDED
        self._heard = {sounds(name) for name in self.names}
        self._places = {
            word
            for district in ALL
            for name in (district.name, district.province, district.region, district.capital)
            for word in _words(name or "")
        } - common

    def fails(self, word: str) -> bool:
        """Whether it must not be sent."""
        if word in _NEEDED:
            return False
        scrap = word not in ("yeoua" if len(word) == 1 else _PAIRS) and len(word) < _SHORT
        number = word not in ("un", "una") and any(n.spelled for n in scan(word))
        return (
            scrap
            or number
            or word in self.names
            or sounds(word) in self._heard
            or word in self._places
            or word in _STRUCK
            or not re.search("[aeiouy]", word)
        )


def names() -> frozenset[str]:
    """Every name that we know, folded."""
    lines = (_DATA / "names.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t")[1] for line in lines if not line.startswith("#"))
    return FIRST | LAST | frozenset(word for row in rows for word in row.split())


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text))


def _noted(texts: Iterator[str], spelt: dict[str, Counter[str]]) -> Iterator[str]:
    """The words of texts as they are written there, and note of how each is spelt."""
    for text in texts:
        for word in _WORD.findall(text):
            spelt[fold(word)][word.lower()] += 1
            yield word


def _of_tables() -> Iterator[str]:
    raw = gzip.decompress((_DATA / "occupations.tsv.gz").read_bytes()).decode()
    for line in raw.splitlines():
        if line.startswith(("label", "name")):
            yield line.split("\t")[2]
    yield from shipped().plain.values()
    columns = {
        "trades.tsv": (1, 2), "street_titles.tsv": (1,), "work_words.tsv": (1,),
        "lexicon.tsv": (1,), "feminine.tsv": (0, 1),
    }  # fmt: skip
    for name, chosen in columns.items():
        for line in (_DATA / name).read_text("utf-8").splitlines():
            if line and not line.startswith("#"):
                cells = line.split("\t")
                yield from (cells[column] for column in chosen)


def _of_prose(data: Path) -> Iterator[str]:
    """Running text, in which only names have a capital."""
    for path, columns in (
        ("esco_es/occupations_es.csv", ("description", "definition", "scopeNote")),
        ("esco_v1.0_es/skills_es.csv", ("preferredLabel", "altLabels", "description")),
    ):
        with (data / "taxonomy" / path).open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield from (row.get(column) or "" for column in columns)


def _of_vacancies(data: Path, prose: set[str], spelt: dict[str, Counter[str]]) -> set[str]:
    titles: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    bodies: dict[str, set[str]] = defaultdict(set)
    path = data / "jobs" / "servir_talento_peru_dedup.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            text = " ".join(row[k] for k in ("required_experience", "required_knowledge", "skills"))
            told = set(_noted(iter((row["job_title"], text)), spelt))
            asked = {fold(word) for word in told}
            titles.update(set(_words(row["job_title"])))
            texts.update(asked)
            for word in asked:
                bodies[word].add(row["public_institution"])
    return {
        word
        for word, count in texts.items()
        if (titles[word] >= _TITLES or count >= _TEXTS)
        and (word in prose or word in _SEEN or len(bodies[word]) >= _BODIES)
    }


def _usual(spellings: Counter[str]) -> str:
    """The commonest spelling with an accent, if enough write one: capitals often lack theirs."""
    accented = [(n, word) for word, n in spellings.items() if not word.isascii()]
    if accented and sum(n for n, _ in accented) >= _ACCENTED * spellings.total():
        return max(accented)[1]
    return max((n, word) for word, n in spellings.items() if word.isascii())[1]


if __name__ == "__main__":
    main()
