"""What changes for people, and to whom first places go: counted, and nobody is named."""

from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from models.compare.changes import Ranking, changes, share, sliced
from models.compare.exposure import Ad, exposure, size_classes
from models.evaluation.run import FEWEST


def ranking(*ids: str, best: float = 0.9) -> Ranking:
    return Ranking(ids, [best - i / 10 for i in range(len(ids))])


RANKINGS = st.dictionaries(
    st.sampled_from([f"p{i}" for i in range(12)]),
    st.lists(st.sampled_from("abcdefg"), unique=True).map(lambda ids: ranking(*ids)),
)


@given(RANKINGS)
def test_the_same_rankings_change_nothing(held: dict[str, Ranking]) -> None:
    found = changes(held, held, {name: {"sex": "unknown"} for name in held})
    for row in (found["all"], *found["slices"]):
        assert row["top 3 changed"]["count"] == row["first changed"]["count"] == 0
        assert row["only order changed"]["count"] == row["emptied"] == 0
        assert not row["entered"]
        assert not row["left"]
        assert not row["score shift"]
    assert (found["only champion"], found["only challenger"]) == (0, 0)


@given(RANKINGS, RANKINGS)
def test_what_enters_one_way_leaves_the_other(
    first: dict[str, Ranking], second: dict[str, Ranking]
) -> None:
    there, back = changes(first, second, {}), changes(second, first, {})
    assert there["only champion"] == back["only challenger"]
    assert there["all"]["entered"] == back["all"]["left"]
    assert there["all"]["top 3 changed"] == back["all"]["top 3 changed"]


def test_each_change_is_counted_as_what_it_is() -> None:
    before = {
        "same": ranking("a", "b", "c", "d"),
        "order": ranking("a", "b", "c"),
        "below": ranking("a", "b", "c", "d"),
        "other": ranking("a", "b", "c"),
        "emptied": ranking("a"),
        "gone": ranking("a"),
    }
    after = {
        "same": ranking("a", "b", "c", "d"),
        "order": ranking("b", "a", "c"),
        "below": ranking("a", "b", "c", "e"),
        "other": ranking("z", "b", "c", best=0.7),
        "emptied": ranking(),
        "new": ranking("a"),
    }
    found = changes(before, after, {})
    assert (found["people"], found["only champion"], found["only challenger"]) == (5, 1, 1)
    row = found["all"]
    assert row["top 3 changed"]["count"] == 2, "other, emptied"
    assert row["first changed"]["count"] == 3, "order, other, emptied"
    assert row["only order changed"]["count"] == 1
    assert row["emptied"] == 1
    assert (row["entered"], row["left"]) == (2 / 5, 3 / 5)
    # "order" swaps two neighbours, "other" has two jobs of both 0.2 lower: means 0, 0, 0, -0.2
    assert row["score shift"] == -0.05


def test_slices_of_few_are_not_told_and_nobody_is_named() -> None:
    names = [f"persona-{i}" for i in range(FEWEST + 2)]
    facets = {name: {"sex": "feminine" if i < FEWEST else "masculine"}
              for i, name in enumerate(names)}  # fmt: skip
    assert [value for _, value, _ in sliced(names, facets)] == ["feminine"]
    held = {name: ranking("a") for name in names}
    assert b"persona-" not in orjson.dumps(changes(held, held, facets))


def test_a_share_has_the_interval_of_wilson() -> None:
    # Newcombe 1998, table I: 81 of 263, Wilson without correction 0.2553 to 0.3662
    found = share(81, 263)
    assert (found["low"], found["high"]) == (0.2553, 0.3662)
    assert share(0, 0)["share"] is None


def test_exposure_goes_by_region_and_by_how_many_ads_an_employer_has() -> None:
    ads = {f"big{i}": Ad("Lima", "Grande") for i in range(6)}
    ads |= {"one": Ad("Puno", "Chica"), "none": Ad("Puno", None)}
    sizes = size_classes(ads)
    assert (sizes["big0"], sizes["one"], sizes["none"]) == ("5 ads and more", "1 ad", "unknown")
    before = [ranking("one", "none"), ranking("one", "big0")]
    after = [ranking("big0", "none"), ranking("big0", "one")]
    found = exposure(before, after, ads)
    assert found["by region"] == [
        {"slice": "Lima", "shares": [0.25, 0.5]},
        {"slice": "Puno", "shares": [0.75, 0.5]},
    ]
    assert {row["slice"]: row["shares"] for row in found["by employer size"]} == {
        "1 ad": [0.5, 0.25], "5 ads and more": [0.25, 0.5], "unknown": [0.25, 0.25],
    }  # fmt: skip
    assert found["coverage"] == [3 / 8, 3 / 8]
    assert found["top tenth"] == [0.5, 0.5]
    alone = exposure([ranking("one")], [ranking("one", "none")], ads)
    assert alone["gini"][0] > alone["gini"][1] > 0
