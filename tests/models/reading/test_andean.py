"""Words of work in Quechua and Aymara: what is understood, and what is left alone."""

from __future__ import annotations

import random
import time
from importlib import resources
from pathlib import Path
from typing import NamedTuple, get_args

import pytest

from models.reading.andean import MAX_CHARS, MAX_TOLD, affirmed, heard, sure, understood
from models.reading.facts.known import known_person
from models.reading.glossary import LONGEST_ROOT, glossary, known_word
from models.reading.language import assess
from models.reading.status import MESSAGES, message_of, why_unreadable
from models.reading.suffixes import Tongue, spelled
from models.reading.text import person_text
from tests.models.reading.test_language import LATER_READABLE, NO_WORK, READABLE


class _Text(NamedTuple):
    part: str
    language: str
    must: str
    never: str
    text: str


def _texts() -> list[_Text]:
    raw = (Path(__file__).parent / "andean_texts.tsv").read_text("utf-8")
    lines = [line for line in raw.splitlines() if not line.startswith("#")]
    return [_Text(*line.split("\t")) for line in lines[1:]]


def _right(said: _Text) -> bool:
    found = "; ".join(word.spanish for word in sure(said.text))
    if said.must == "-":
        return not found
    never = [word for word in said.never.split(";") if word]
    return all(w in found for w in said.must.split(";")) and not any(w in found for w in never)


@pytest.mark.parametrize("part", ["made", "apart"])
def test_people_who_write_so_are_understood(part: str) -> None:
    texts = [said for said in _texts() if said.part == part]
    assert len(texts) == 30
    assert [said.text for said in texts if not _right(said)] == []


@pytest.mark.parametrize(
    ("word", "tongue", "spanish"),
    [
        ("yanuyta", "qu", "cocinar"),
        ("yanuytapas", "qu", "cocinar"),
        ("wayk'urqani", "qu", "cocinar"),
        ("huaycuyta", "qu", "cocinar"),
        ("t'aqsashani", "qu", "lavar"),
        ("taqsachkaniraqmi", "qu", "lavar"),
        ("llank’asaq", "qu", "trabajar"),
        ("awä", "qu", "tejer"),
        ("qhatuyku", "qu", None),
        ("wawakunata", "qu", "niños"),
        ("brevetiyuqmi", "qu", "brevete"),
        ("karqani", "qu", "estar, ser"),
        ("papay", "qu", None),
        ("yanunki", "qu", None),
        ("yanunku", "qu", None),
        ("phayañxa", "ay", "cocinar"),
        ("t'axsirita", "ay", "lavar"),
        ("aljta", "ay", "vender"),
        ("irnaqaw", "ay", "trabajo"),
        ("uywanaka", "ay", "animales"),
        ("sawuni", "ay", None),
    ],
)
def test_endings_lead_to_a_root_or_nowhere(word: str, tongue: Tongue, spanish: str | None) -> None:
    root = known_word(word, tongue).root
    assert (root and root.spanish) == spanish


@pytest.mark.parametrize(
    ("text", "spanish"),
    [
        ("mana yanuyta yachanichu, taqsayta yachani", ["lavar"]),
        ("yanuytaqa manam yachanichu, taqsayta yachani", ["lavar"]),
        ("manan wayk'uyta munanichu", []),
        ("janiw phayañ yatkti, sawuñ yattwa", ["tejer"]),
        ("phayañax janiw yatkti, sawuñ yattwa", ["tejer"]),
        ("no yanuyta, taqsayta yachani", ["lavar"]),
        ("manam llamkay kanchu, yanuyta yachani", ["cocinar"]),
    ],
)
def test_what_is_denied_is_not_what_they_do(text: str, spanish: list[str]) -> None:
    assert [word.spanish for word in sure(text)] == spanish
    assert any(word.denied for word in understood(text))


def test_what_is_denied_is_not_given_to_the_encoder() -> None:
    text = "Mana wayk'uyta yachanichu, pichaytan yachani"
    assert person_text({"text": text}) == "Mana yachanichu, pichaytan yachani. barrer, limpiar."


@pytest.mark.parametrize(
    "text",
    [
        "yachachiqmi warmakunata yanapan",  # a teacher, and it is not they
        "warmikuna yanunku, wawakuna pukllanku, llapa llaqta kusisqa",
        "tutaqa manam llamkayta atinichu",
        "llamkani",  # does not say at what, nor that it is looked for
        "ñuqaqa Ayacuchomanta kani",
    ],
)
def test_a_text_without_a_sure_word_of_work_is_not_read(text: str) -> None:
    assert sure(text) == ()


def test_words_of_others_count_only_where_they_are_of_themselves() -> None:
    assert sure("yachachiq llaqtapi tiyan, warmakunam takinku, ñuqa qawani") == ()
    assert [word.spanish for word in sure("yachachiq kani, Punopi tiyani")] == ["enseñar"]


@pytest.mark.parametrize("text", ["llank'ayta maskhani", "nayax irnaqañ munta"])
def test_who_looks_for_any_work_says_so(text: str) -> None:
    assert [word.spanish for word in heard(text)] == ["busco trabajo"]


def test_a_word_stands_where_it_was_written() -> None:
    text = "Allillanchu, Wawakunata qawayta yachani"
    (word,) = [word for word in understood(text) if word.kind == "work"]
    assert (word.written, word.start) == ("Wawakunata qawayta", text.index("Wawakunata"))
    assert (word.spanish, word.own, word.denied) == ("cuidar niños", False, False)


def test_plain_spanish_is_left_as_it_is() -> None:
    texts = [
        text for text in (*READABLE, *LATER_READABLE, *NO_WORK) if assess(text).language == "es"
    ]
    assert len(texts) > 100
    for text in texts:
        assert heard(text) == ()
        assert person_text({"text": text}).rstrip(".!?") == " ".join(text.split()).rstrip(".!?")


def test_a_word_that_may_be_spanish_changes_nothing() -> None:
    assert sure("limpiay") != ()
    assert assess("limpiay").language == "unknown"
    for text in ("albañil", "carpintero", "cargador", "limpieza", "chofer", "limpiay"):
        assert heard(text) == ()


def test_the_event_says_what_was_read() -> None:
    profile = known_person(
        {"text": "Yanuyta taqsaytapas yachani, manam sirayta yachanichu", "ubigeo": "050101"}
    )
    told = message_of("ok", profile)
    assert told == (
        "Leímos: Yanuyta (cocinar), taqsaytapas (lavar). Si no es así, pide que te ayuden a "
        "escribirlo en castellano."
    )
    assert message_of("no_match", profile) == f"{MESSAGES['no_match']} {told}"
    assert message_of("paused", profile) == MESSAGES["paused"]
    plain = known_person({"text": "cocino y lavo ropa", "ubigeo": "150110"})
    assert message_of("ok", plain) is None


def test_only_words_of_the_glossary_are_quoted() -> None:
    said = "Rosa Quispe kani 987654321, wawa Rosapa qawayta yachani"
    message = message_of("ok", known_person({"text": said}))
    assert message is not None
    assert "wawa qawayta (cuidar niños)" in message
    assert not any(secret in message for secret in ("Rosa", "Quispe", "987"))


def test_skills_are_read_too() -> None:
    assert why_unreadable("ñuqaqa Ayacuchomanta kani") == "language"
    assert why_unreadable("ñuqaqa Ayacuchomanta kani", ["wasi ruway"]) is None
    assert "construir casas" in person_text(
        {"text": "Ayacuchomanta kani", "skills": ["wasi ruway"]}
    )


def test_nothing_costs_much() -> None:
    """About 0.1 ms a text on a quiet machine; hostile words are no worse."""
    texts = [f"{said.text} {n}" for n in range(20) for said in _texts()]
    understood(texts[0])
    start = time.thread_time()
    for text in texts:
        understood(text)
    assert (time.thread_time() - start) / len(texts) < 2e-3
    draw = random.Random(0)
    for hostile in (
        "manam " * 40_000,
        "yanu" + "kuri" * 50_000,
        "kuka" * 50_000,
        " ".join("yanu" + "".join(draw.choices(["ku", "chi", "mu", "lla", "ta", "ya"], k=12))
                 for _ in range(5_000)),
        "'" * 200_000,
    ):  # fmt: skip
        start = time.thread_time()
        assert len(understood(hostile)) <= MAX_CHARS
        affirmed(hostile[:MAX_CHARS])
        assert time.thread_time() - start < 0.5


def test_what_is_told_has_a_bound() -> None:
    works = [root.spanish for roots in glossary("qu")[0].values() for root in roots
             if root.kind == "work" and root.verb]  # fmt: skip
    assert len(set(works)) > 3 * MAX_TOLD
    text = " ".join(f"{root}ni" for root, held in glossary("qu")[0].items()
                    if held[0].kind == "work" and held[0].verb)  # fmt: skip
    assert len(sure(text)) <= 2 * MAX_TOLD


def test_the_glossary_is_whole() -> None:
    """A spelling stands once, and a phrase is of words that stand there; a line says its source."""
    raw = (resources.files("models.data") / "andean.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in raw.splitlines() if not line.startswith("#")][1:]
    assert {len(row) for row in rows} == {5}
    assert all(all(cell.strip() == cell and cell for cell in row) for row in rows)
    for tongue in get_args(Tongue):
        forms = [spelled(form, tongue) for form, lang, *_ in rows if lang == tongue]
        assert len(forms) == len(set(forms))
        roots, phrases = glossary(tongue)
        assert phrases
        assert max(map(len, roots)) <= LONGEST_ROOT
