"""Lexical vectors: spelling decides, nothing else, and the same everywhere."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.encoding.lexical import (
    BUCKETS,
    DIM,
    MAX_CHARS,
    Table,
    features,
    lexical_vectors,
    shipped,
)
from models.reading.phonetic import root, sounds

_BASE, _MIX = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93


def _bucket(letters: str) -> int:
    """The hash, letter by letter."""
    found = sum(ord(c) * pow(_BASE, i, 1 << 64) for i, c in enumerate(letters)) % (1 << 64)
    return (found ^ (found >> 32)) * _MIX % (1 << 64) >> 49


def _slow_features(words: list[str]) -> set[int]:
    parts = [f" {word} " for word in words]
    parts += [f" {a} {b} " for a, b in pairwise(words)]
    for word in words:
        edged = f" {word} "
        parts += [edged[i : i + n] for n in (3, 4, 5) for i in range(len(edged) - n + 1)]
    return {_bucket(part) for part in parts}


@given(st.lists(st.text("abdefijklmnoprstuy", min_size=1, max_size=12), min_size=1, max_size=8))
def test_features_are_words_neighbours_and_ngrams(words: list[str]) -> None:
    heard = [root(word, 3) for word in sounds(" ".join(words)).split()]
    assert features(" ".join(words)).tolist() == sorted(_slow_features(heard))


@given(st.text(max_size=200))
def test_any_text_has_a_vector_of_length_one_or_none(text: str) -> None:
    length = np.linalg.norm(lexical_vectors([text]).astype(np.float64))
    has_letters = len(features(text)) > 0
    assert length == pytest.approx(1.0 if has_letters else 0.0, abs=1e-5)


def test_shape_and_texts_without_letters() -> None:
    found = lexical_vectors(["gasfitero", "", "  ", "24x7", "...", "123", "ñ"])
    assert found.shape == (7, DIM)
    assert found.dtype == np.float32
    assert [bool(row.any()) for row in found] == [True, False, False, True, False, False, True]
    assert lexical_vectors([]).shape == (0, DIM)


def test_the_table_fits_its_place() -> None:
    table = shipped()
    assert table.rows.shape == (BUCKETS, DIM)
    assert table.rows.dtype == np.int8
    assert table.weights.shape == (BUCKETS,)
    assert table.weights.dtype == np.uint16


def test_sums_are_exact() -> None:
    """The largest numbers there can be stay whole: no order of summing changes a bit."""
    random = np.random.default_rng(3)
    rows = random.integers(-127, 128, (BUCKETS, DIM)).astype(np.int8)
    rows[:, 0] = 127
    table = Table(rows, np.full(BUCKETS, 65535, np.uint16))
    text = "".join(random.choice(list("abdefgijklmnoprstu"), MAX_CHARS))
    ids = features(text)
    assert len(ids) > 300  # past what 32 bits hold
    whole = [sum(65535 * int(each) for each in rows[ids, i]) for i in range(DIM)]
    assert max(whole) > 2**31
    length = math.sqrt(sum(each * each for each in whole))
    expected = np.array([each / length for each in whole], np.float32)
    assert table.vectors([text])[0] == pytest.approx(expected, rel=1e-6, abs=0)


@pytest.mark.parametrize(
    ("right", "wrong", "other"),
    [
        ("cocinera", "kosinera", "costurera"),
        ("vigilante", "bijilante", "ayudante"),
        ("gasfitero", "gasfitro", "grifero"),
        ("albañil", "alvanil", "auxiliar"),
        ("electricista", "eletrisista", "recepcionista"),
        ("chofer de camión", "choffer d camion", "chofer de taxi"),
        ("lavandera", "labandera", "vendedora"),
    ],
)
def test_a_misspelt_trade_is_nearest_to_its_own(right: str, wrong: str, other: str) -> None:
    a, b, c = lexical_vectors([right, wrong, other])
    assert a @ b > 0.6
    assert a @ b > b @ c + 0.2


@pytest.mark.parametrize(
    ("he", "she"),
    [("cocinero", "cocinera"), ("vendedor", "vendedora"), ("mozo", "moza"), ("obrero", "obrera")],
)
def test_gender_moves_nothing(he: str, she: str) -> None:
    a, b = lexical_vectors([he, she])
    assert (a == b).all()


def test_what_comes_late_in_a_long_text_costs_nothing() -> None:
    head = ("cosecho uva y arándano " * MAX_CHARS)[:MAX_CHARS]
    a, b = lexical_vectors([head, head + " zapatero" * 500_000])
    assert (a == b).all()


def test_alone_or_in_a_batch_is_the_same() -> None:
    texts = ["peón de obra", "cuido niños", "", "chofer brevete A2B"]
    together = lexical_vectors(texts)
    for text, row in zip(texts, together, strict=True):
        assert (lexical_vectors([text])[0] == row).all()


@pytest.mark.parametrize(
    ("spellings"),
    [
        ("vigilante", "bijilante", "vijilante"),
        ("cocinera", "kosinera", "cosinera"),
        ("guachimán", "wachiman", "huachiman"),
        ("quiero", "kiero"),
        ("llavero", "yabero"),
        ("hornero", "ornero"),
        ("gente", "jente"),
        ("trabajo x hora", "TRABAJO X ORA"),
    ],
)
def test_spellings_of_one_sound_are_one(spellings: tuple[str, ...]) -> None:
    assert len({sounds(each) for each in spellings}) == 1


def test_other_sounds_stay_apart() -> None:
    words = ["pera", "pela", "guerra", "jira", "casa", "cacho", "chacra", "peso", "queso"]
    words += ["chofer", "cofre", "cofer", "gato", "jato", "hacha"]
    assert len({sounds(word) for word in words}) == len(words)
