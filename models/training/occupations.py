"""Makes ``models/data/occupations.tsv.gz``, and measures the names on occupations it left out.

    python -m models.training.occupations --data ../shared/data [--measure]

A line is kind, codes and what is said, between tabs: "label", unit groups and names of trades
between bars; "name", a unit group and its own name; "word", nothing and common words.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from models.evaluation.splits import split_of
from models.reading.occupations import trades
from models.reading.trade_names import LONGEST, Key, Names, stems

_TARGET: Final = Path(__file__).parents[1] / "data" / "occupations.tsv.gz"
_HEADER: Final = """\
# Names of occupations by ISCO-08 unit group. Sources: ESCO v1.2.0 (c) European Union, reused with
# acknowledgement (this service uses the ESCO classification of the European Commission), changed;
# ISCO-08 group names as in ESCO; Clasificador Nacional de Ocupaciones 2015, INEI, Peru.
"""
_VAGUE: Final = 2  # unit groups, of one sub-major group, that a label may stand for
_AGREE: Final = 3  # occupations that make the words they all begin with a name, too
_COMMON: Final = 6_000  # words
_OTHERS: Final = re.compile(r"\s*\(?(no clasificad|excluyendo|excepto).*")
_GENERAL_STEMS: Final = """coordinador director instructor jef asistent ayudant tecnic operador
    especialist operari profesional trabajador obrer encargad responsabl gestor inspector analist
    asesor consultor agent auxiliar maestr oficial emplead ingenier profesor model guia supervisor
    planificador desarrollador disenador editor artist mediador constructor promotor vendedor
    control cosech"""
_GENERAL: Final = frozenset(_GENERAL_STEMS.split())


class Labels:
    """Names and the unit groups of the occupations that bear them."""

    def __init__(self) -> None:
        self.codes: dict[Key, Counter[str]] = defaultdict(Counter)
        self.written: dict[Key, str] = {}

    def add(self, label: str, code: str) -> None:
        """One more occupation of this name."""
        label = " ".join(label.lower().split())
        key = stems(label)
        if key and not (len(key) == 1 and key[0] in _GENERAL):
            self.codes[key][code] += 1
            self.written[key] = min(label, self.written.get(key, label), key=lambda n: (len(n), n))

    def lines(self) -> Iterator[str]:
        """The table's lines of the names that are clear enough."""
        by_codes: dict[str, list[str]] = defaultdict(list)
        for key, codes in self.codes.items():
            if len(codes) <= _VAGUE and len({code[:2] for code in codes}) == 1:
                by_codes[" ".join(code for code, _ in codes.most_common())].append(
                    self.written[key]
                )
        for codes_said, names in sorted(by_codes.items()):
            yield f"label\t{codes_said}\t{'|'.join(sorted(names))}\n"


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def occupations(data: Path) -> Iterator[tuple[str, str, set[str]]]:
    """ESCO id, unit group and names."""
    for row in _read(data / "taxonomy/esco_es/occupations_es.csv"):
        names = {*row["preferredLabel"].split("/"), *row["altLabels"].splitlines()}
        yield row["conceptUri"], row["iscoGroup"], {n.strip() for n in names if n.strip()}


def groups(data: Path) -> dict[str, str]:
    """Unit groups of ISCO-08 and their names."""
    rows = _read(data / "taxonomy/esco_es/ISCOGroups_es.csv")
    return {row["code"]: row["preferredLabel"] for row in rows if len(row["code"]) == 4}


def peruvian(data: Path) -> Iterator[tuple[str, str]]:
    """Names in CNO 2015 of groups that ISCO-08 has under the same two digits, and its code."""
    known = [(code, set(stems(label)), label) for code, label in groups(data).items()]
    for row in _read(data / "taxonomy/cno2015/isco_08_peru_CNO2015.csv"):
        code, label = row["Grupo primario"], row["Descripcion CNO 2015"]
        said = set(stems(label))
        fits = [(len(said & theirs) / len(said | theirs), c) for c, theirs, _ in known
                if said and c[:2] == code[:2]]  # fmt: skip
        if code and fits and max(fits)[0] >= 0.5:
            yield max(fits)[1], label


def _parts(label: str) -> list[str]:
    """The trades of a label: "soldadores y oxicortadores" has two, "y afines" adds none."""
    label = _OTHERS.sub("", label.lower()).replace(" y afines", "").removeprefix("otros ")
    if " de " in label or " en " in label:
        return [label]
    return [part for part in re.split(r", | y | e ", label) if part.strip()]


def lines(data: Path, kept: Callable[[str, str], bool]) -> Iterator[str]:
    """The table, with the names that are kept: told an ESCO id and a name."""
    labels = Labels()
    begins: dict[Key, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    begun: dict[Key, str] = {}
    for esco, code, names in occupations(data):
        for label in names:
            if kept(esco, label):
                labels.add(label, code)
                words = label.lower().split()
                for size in range(1, len(words)):
                    key = stems(" ".join(words[:size]))
                    begins[key][code].add(esco)
                    begun.setdefault(key, " ".join(words[:size]))
    for key, codes in begins.items():
        ((code, those), *others) = codes.items()
        if (
            not others
            and len(those) >= _AGREE
            and len(key) > 1
            and key not in labels.codes
            and len(key) <= LONGEST
        ):
            labels.add(begun[key], code)
    for code, label in (*groups(data).items(), *peruvian(data)):
        for part in _parts(label):
            if stems(part) not in labels.codes:
                labels.add(part, code)
    yield from labels.lines()
    for code, label in sorted(groups(data).items()):
        said = _OTHERS.sub("", label).replace(" y afines", "")
        yield f"name\t{code}\t{said[0].lower()}{said[1:]}\n"
    yield f"word\t\t{' '.join(_common(data))}\n"


def _common(data: Path) -> list[str]:
    """Stems of the commonest words of all kinds of Spanish: they are spelt right as they are."""
    count: Counter[str] = Counter()
    for row in _read(data / "taxonomy/esco_es/occupations_es.csv"):
        count.update(set(stems_all(row["description"])))
    for path in sorted((data / "languages").glob("*.es")):
        for line in path.read_text("utf-8").splitlines():
            count.update(set(stems_all(line)))
    return sorted(word for word, _ in count.most_common(_COMMON) if len(word) > 4)


def stems_all(text: str) -> list[str]:
    """Every stem of a long text."""
    return [stem for word in text.split() for stem in stems(word)]


def measure(data: Path, what: str, asked: Callable[[str, str], bool]) -> None:
    """Prints how often and how right the names speak on names that were left out of the table."""
    names = Names.parse(lines(data, lambda esco, title: not asked(esco, title)), trades())
    count, shared = Counter[str](), Counter[int]()
    for esco, code, titles in occupations(data):
        for title in titles:
            if asked(esco, title):
                found = [f"{each:04d}" for each in names.found(title)]
                count["asked"] += 1
                count["said"] += bool(found)
                count["right"] += code in found
                if found:
                    shared[max(n for n in range(5) if found[0][:n] == code[:n])] += 1
    said = count["said"]
    print(f"{count['asked']} {what}: spoken on {said / count['asked']:.3f}")
    print(f"  right among the codes {count['right'] / said:.3f}")
    for digits in (4, 3, 2, 1):
        level = sum(shared[n] for n in range(digits, 5)) / said
        print(f"  first code right in its first {digits} digits {level:.3f}")


def _held_name(_: str, title: str) -> bool:
    """A fifth of the names, both genders alike."""
    key = " ".join(stems(title)).encode()
    return hashlib.blake2b(key, digest_size=1).digest()[0] % 5 == 0


def main() -> None:
    """Write the table, or measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--measure", action="store_true")
    given = parser.parse_args()
    if given.measure:
        unseen = "names of occupations that the table has not"
        measure(given.data, unseen, lambda esco, _: split_of(esco) == "test")
        measure(given.data, "other names of occupations that it has", _held_name)
        return
    text = _HEADER + "".join(lines(given.data, lambda *_: True))
    _TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
