"""Trades in texts: found in any gender and most spellings, else not guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.reading.occupations import (
    name,
    occupations_of,
    shipped,
    trades,
)
from models.reading.trade_names import MAX_CHARS, MAX_CODES, Names, Trade, stems


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Gasfitero", 7126),
        ("busco chamba d gasfitero", 7126),
        ("soy gasfitera con 5 años de experiencia", 7126),
        ("Maestro albañil tarrajeador", 7112),
        ("COCINERAS", 5120),
        ("kosinera para pension", 5120),
        ("kiero trabajar d vijilante", 5414),
        ("eletricista de obra", 7411),
        ("Ayudante de cocina", 9412),
        ("Camarera de hotel", 9112),
        ("chofer de combi", 8331),
        ("Conductor de tráiler", 8332),
        ("campaña de la uva en ica", 9211),
        ("costurera recta y remalle", 8153),
        ("Técnica en enfermería", 3221),
        ("Técnica/o en enfermería", 3221),
        ("LICENCIADO(A) EN ENFERMERIA", 2221),
        ("trabajador (a) social", 2635),
        ("ingeniero químico", 2145),
        ("apicultora", 6129),
    ],
)
def test_the_first_trade(text: str, code: int) -> None:
    assert occupations_of(text)[0] == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hola como estas",
        "trabajo",
        "Ayudante general",
        "examen médico y curso de seguridad",
        "tengo 3 hijos y vivo en Comas",
        "no soy vigilante",
        "jefe de soldadores",
        "arquitecto de ilusiones",
        "llank'ayta munani",
        "¿?¡! 999",
    ],
)
def test_unsure_is_silent(text: str) -> None:
    assert occupations_of(text) == ()


def test_several_trades_in_the_order_told() -> None:
    assert occupations_of("electricista, pintor y gasfitero")[:3] == (7411, 7131, 7126)
    assert occupations_of("gasfitero, pintor o electricista")[:3] == (7126, 7131, 7411)


def test_three_at_most_and_none_twice() -> None:
    assert occupations_of("electricista, pintor, gasfitero, soldador") == (7411, 7131, 7126)
    assert occupations_of("soldador, soldadura, estructuras metálicas") == (7212,)


def test_a_weak_name_counts_alone_only() -> None:
    assert occupations_of("operario")[0] == 9329
    assert occupations_of("operario, soldador") == (7212,)


def test_a_trade_denied_is_not_offered() -> None:
    assert occupations_of("no cocinero, soldador") == (7212,)


def test_gender_and_number_do_not_count() -> None:
    for trade in trades():
        word, *rest = trade.words.split()
        if word.endswith("ero"):
            she = " ".join([word[:-1] + "a", *rest])
            assert stems(she) == stems(trade.words), trade.words


def test_assistants_of_both_genders() -> None:
    assert stems("dependienta") == stems("dependiente") == stems("dependientes")


def test_every_street_name_is_found() -> None:
    missed = [t.words for t in trades() if t.codes[0] not in occupations_of(t.words)]
    assert missed == []


@given(st.text(max_size=300))
def test_any_text_gets_at_most_three_known_groups(text: str) -> None:
    found = occupations_of(text)
    assert len(found) <= MAX_CODES
    assert len(set(found)) == len(found)
    assert all(name(code) for code in found)


def test_a_long_text_is_read_in_part() -> None:
    assert occupations_of("x " * MAX_CHARS + "soldador") == ()
    assert occupations_of("soldador " + "ñandú " * 900_000) == (7212,)


def test_a_repair_needs_one_word_that_sounds_so() -> None:
    street = [Trade((1, 2), "", "barquero", "anywhere"), Trade((3,), "", "varkero", "anywhere")]
    names = Names.parse([], street)
    assert names.found("barkero") == ()  # both sound alike
    assert Names.parse([], street[:1]).found("barkero") == (1, 2)
    assert Names.parse([], street[:1]).found("barqero") == (1, 2)
    assert Names.parse([], street[:1]).found("bartquero") == (1, 2)
    assert Names.parse([], street[:1]).found("barbero") == ()
    kept = Names.parse(["word\t\tbarker"], street[:1])
    assert kept.found("barkero") == ()  # a word of its own
    assert Names.parse([], street[:1]).found("barquiro") == (1, 2)


def test_every_group_has_a_name() -> None:
    codes = {code for entry in shipped().entries.values() for code in entry.codes}
    assert len(codes) > 400
    assert [code for code in codes if not name(code)] == []
    assert name(7126) == "gasfitería"
    assert name(1) == ""
