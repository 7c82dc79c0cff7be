"""The names of places: their data file, and misspelt ones."""

from __future__ import annotations

from collections import Counter

import pytest

from models.reading.facts.where.fuzzy import nearest
from models.reading.facts.where.gazetteer import by_code, key, places
from models.reading.named_places import lines


def test_every_line_means_a_place_of_the_table() -> None:
    areas = {code[:size] for code in by_code() for size in (2, 4)}
    for line in lines():
        assert line.kind in {"town", "part", "area", "word"}, line
        assert line.name == key(line.name) or any(letter.isalpha() for letter in line.name), line
        if line.kind in ("town", "part"):
            assert line.code in by_code(), line
        elif line.kind == "area":
            assert line.code in areas, line
        else:
            assert line.code == "", line
    assert len({(line.name, line.kind, line.code) for line in lines()}) == len(lines())


def test_all_regions_have_names_of_their_own() -> None:
    named = Counter(line.code[:2] for line in lines() if line.kind in ("town", "part"))
    assert sum(named.values()) >= 600
    assert len(named) == 25
    north = ("01", "02", "06", "13", "14", "20", "24")
    assert all(named[region] >= 40 for region in north)


def test_words_are_marked_whatever_else_they_mean() -> None:
    assert places()["mala"].word
    assert places()["la victoria"].word
    assert not places()["chiclayo"].word


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("karabayllo",), "carabayllo"), (("trugillo",), "trujillo"),
        (("sanjuan", "de", "lurigancho"), "san juan de lurigancho"),
        (("guanuco",), "huanuco"), (("chimvote",), "chimbote"), (("casa", "de", "mi"), None),
        (("atencion",), None), (("zzzzz",), None),
    ],
)  # fmt: skip
def test_misspelt_names(words: tuple[str, ...], name: str | None) -> None:
    found = nearest(words)
    got = places()[found[1]].own if found else None
    assert got == (places()[name].own if name else None)
