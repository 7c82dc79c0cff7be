"""The words that always come: what they say, what they never invent, and how they read."""

from __future__ import annotations

import re

import pytest

from models.explain import facts, sms, template
from models.explain.numbers import fold
from models.explain.sms import BASIC, EXTENDED, MAX_SEPTETS, cut, gsm, septets
from tests.models.explain.entries import COOK, entry_of, invented

MANY = invented(11, 300)


def test_says_why_where_pay_what_is_missing_and_what_to_bring() -> None:
    text = template.write(facts.read(COOK))
    for said in (
        "Cocinera de menú", "Comedor Ñusta", "9.1 km", "Comas, Lima", "S/ 1300", "S/ 1500 al mes",
        "lo que pides: S/ 1200", "brevete A-I, y tienes A-IIb", "18 años o más, y los tienes",
        "También piden hablar quechua", "2 años de experiencia", "3 puestos",
        "hasta el 15 de diciembre", "Lleva tu documento de identidad y tu brevete",
    ):  # fmt: skip
        assert said in text, said


def test_same_entry_same_words() -> None:
    assert template.write(facts.read(COOK)) == template.write(facts.read(COOK))


def test_silence_is_told_as_silence() -> None:
    text = template.write(facts.read(entry_of({}, {"title": "Mozo"})))
    assert "No dicen cuánto pagan" in text
    assert "km" not in text
    assert "Lo ofrece" not in text


@pytest.mark.parametrize("entry", MANY[:100])
def test_every_number_comes_from_the_entry(entry: dict[str, object]) -> None:
    known = set(re.findall(r"\d+(?:\.\d+)?", str(entry)))
    known |= {number.removesuffix(".0") for number in known}
    read = facts.read(entry)
    for text in (template.write(read), sms.write(read)):
        assert set(re.findall(r"\d+(?:\.\d+)?", text)) <= known


def test_reads_like_primary_school() -> None:
    """Fernández Huerta's index: 70 to 80 is rather easy, 80 and more is for children."""
    texts = [template.write(facts.read(entry)) for entry in MANY]
    scores = [_fernandez_huerta(text) for text in texts]
    assert sum(scores) / len(scores) >= 75
    assert min(scores) >= 60
    longest = max(len(s.split()) for text in texts for s in re.split(r"(?<=[.])\s", text))
    assert longest <= 22


def _fernandez_huerta(text: str) -> float:
    sentences = len(re.findall(r"[.](?:\s|$)", text))
    words = re.findall(r"[^\W\d_]+", text.lower())
    syllables = sum(_syllables(word) for word in words)
    return 206.84 - 60 * syllables / len(words) - 1.02 * len(words) / sentences


def _syllables(word: str) -> int:
    # an accented weak vowel stands alone, two strong ones part
    groups = re.findall(r"[íú]|[aeoáéó](?=[aeoáéó])|[iuüy]?[aeoáéó][iuy]?|[iuüy]+", word)
    return max(1, len(groups))


@pytest.mark.parametrize("entry", MANY)
def test_message_fits_and_is_gsm(entry: dict[str, object]) -> None:
    text = sms.write(facts.read(entry))
    assert septets(text) <= MAX_SEPTETS
    assert set(text) <= BASIC | EXTENDED
    assert text.startswith(cut(gsm(facts.read(entry).title), 60))


def test_message_says_the_essentials_first() -> None:
    text = sms.write(facts.read(COOK))
    assert text.startswith("Cocinera de menu. Pagan S/1300 a S/1500/mes. En Comas, a 9.1 km.")
    assert "Ñusta" in text


def test_folds_only_what_gsm_lacks() -> None:
    assert gsm("Caña, día, té, Ñuñoa, pingüino, Óscar, úñás, Ú") == (
        "Caña, dia, té, Ñuñoa, pingüino, Oscar, uñas, U"
    )
    assert gsm("\u201cok\u201d \u2014 90% \U0001f600 a\u2026") == '"ok" - 90% a...'
    assert septets("[€]") == 6


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("Operario de planta S/ 1 200 mensual", 25, "Operario de planta"),
        ("Operario de planta S/ 1,200.50 mensual", 26, "Operario de planta"),
        ("Cocinera en San Juan de Lurigancho", 25, "Cocinera en"),
        ("COCINERA EN SAN JUAN DE LURIGANCHO", 25, "COCINERA EN"),
        ("Chofer 24 horas", 11, "Chofer"),
        ("Extraordinariamente", 5, ""),
        ("Mozo", 4, "Mozo"),
    ],
)
def test_never_cuts_inside_a_number_or_a_place(text: str, limit: int, kept: str) -> None:
    assert cut(text, limit) == kept


def test_long_title_keeps_the_message_within_its_limit() -> None:
    title = "Técnico en mantenimiento de maquinaria pesada [turno €] para " * 4
    text = sms.write(facts.read(entry_of({}, {"title": title, "employer": "[~]" * 30})))
    assert septets(text) <= MAX_SEPTETS
    assert fold(text).startswith("tecnico en mantenimiento")


def test_links_and_shouting_stay_out() -> None:
    entry = entry_of({}, {"title": "COCINERA HTTP://X.PE/A POSTULA WWW.Y.COM YA"})
    assert facts.read(entry).title == "Cocinera postula ya"


def test_digest_ignores_rank_and_sees_facts() -> None:
    again = {**COOK, "rank": 7, "score": 0.1, "components": {"dense": 0.1}}
    assert facts.digest(again, "es") == facts.digest(COOK, "es")
    assert facts.digest(COOK, "qu") != facts.digest(COOK, "es")
    dearer = {**COOK, "job": {**COOK["job"], "pay_max": 1600}}
    assert facts.digest(dearer, "es") != facts.digest(COOK, "es")
