"""What the encoder reads, what consumers see, and what counts as the same content."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ranking.attrs import job_attrs
from models.reading.text import (
    MAX_CHARS,
    canonical,
    card,
    content_hash,
    job_text,
    person_text,
)
from schemas import Job, JobCard, Profile, validate
from tests.models.ranking.test_kept_fields import WHOLE_JOB


def profile(**fields: Any) -> Profile:
    return validate(Profile, {"profile_id": "a", "text": "cocino", **fields})


def job(**fields: Any) -> Job:
    return validate(Job, {"job_id": "a", "title": "Cocinero", **fields})


def test_person_text_is_their_words_and_skills_not_said_there() -> None:
    assert person_text(profile()) == "cocino."
    skilled = profile(text="cocino  rico\n", skills=["cocino", "lavar", "lavar", "planchar"])
    assert person_text(skilled) == "cocino rico. lavar, planchar."
    assert person_text(profile(text="")) == ""


def test_job_text_says_each_thing_once() -> None:
    whole = job(
        description="Cocinero: menu para 40", requirements="Experiencia", skills=["menu", "horno"]
    )
    assert job_text(whole) == "Cocinero. menu para 40. Experiencia. horno."
    assert job_text(job()) == "Cocinero."


def test_shouting_is_lowered_and_other_capitals_stay() -> None:
    assert job_text(job(title="CHOFER A-IIB")) == "chofer a-iib."
    assert job_text(job(title="Chofer SOAT")) == "Chofer SOAT."


@pytest.mark.parametrize(
    "contact",
    ["987654321", "987 654 321", "+51 987-654-321", "a.b@correo.pe", "https://x.pe/ab", "www.x.pe"],
)
def test_contact_data_do_not_reach_the_encoder(contact: str) -> None:
    assert person_text(profile(text=f"cocino, llamar {contact} gracias")) == (
        "cocino, llamar gracias."
    )


def test_numbers_that_mean_something_stay() -> None:
    for text in ("pago 1200 - 1500", "15 anos de chofer A2B", "turno 14x7"):
        assert person_text(profile(text=text)) == f"{text}."


def test_what_is_no_meaning_does_not_change_the_text() -> None:
    assert person_text(profile(age=3, place="x", min_pay=5)) == person_text(profile())
    assert job_text(job(employer="x", place="x", pay_max=5)) == job_text(job())


@given(st.text(max_size=3000), st.text(max_size=3000), st.lists(st.text(max_size=400), max_size=9))
def test_texts_are_short_single_lines(first: str, second: str, skills: list[str]) -> None:
    for text in (
        person_text({"text": first, "skills": skills}),
        job_text({"title": first, "description": second, "requirements": first, "skills": skills}),
    ):
        assert len(text) <= MAX_CHARS
        assert text == " ".join(text.split())
        assert len(text.splitlines()) <= 1


def test_a_job_that_is_long_everywhere_is_cut_once_more() -> None:
    long = "palabra " * 1000
    text = job_text(job(title=long, description=long, requirements=long, skills=["otra " * 150]))
    assert 700 < len(text) <= MAX_CHARS


def test_long_texts_end_at_a_word() -> None:
    text = person_text(profile(text="palabra " * 1000))
    assert set(text.rstrip(".").split()) == {"palabra"}
    assert len(text) > 400


def test_dict_and_model_read_the_same() -> None:
    whole = job(description="d", requirements="r", skills=["s"])
    assert job_text(whole.model_dump(exclude_none=True)) == job_text(whole)
    someone = profile(skills=["s"])
    assert person_text(someone.model_dump(exclude_none=True)) == person_text(someone)


def test_equal_content_has_equal_hash_however_it_was_sent() -> None:
    a = profile(age=30, min_pay=5, licence="A2B", valid_until="2026-01-02T00:00:00-05:00")
    b = validate(
        Profile,
        {
            "valid_until": "2026-01-01",
            "licence": "A-IIb",
            "min_pay": 5.0,
            "age": 30,
            "language": None,
            "unknown": 1,
            "text": "cocino",
            "profile_id": "a",
        },
    )
    assert content_hash(a) == content_hash(b)
    assert list(orjson.loads(canonical(a))) == sorted(orjson.loads(canonical(a)))
    assert len(content_hash(a)) == 16


@given(
    st.sampled_from(["age", "experience_years", "max_distance_km", "min_pay"]), st.integers(0, 9)
)
def test_every_field_counts(field: str, value: int) -> None:
    assert content_hash(profile(**{field: value})) != content_hash(profile())
    assert content_hash(profile(**{field: value})) != content_hash(profile(**{field: value + 1}))


def test_canonical_is_accepted_again_and_stays_the_same() -> None:
    a = job(licence="brevete AIIB", languages=["quechua"], expires_at="2026-03-01", pay_max=3)
    again = validate(Job, orjson.loads(canonical(a)))
    assert canonical(again) == canonical(a)
    assert content_hash(again) == content_hash(a)


def test_card_has_what_is_stated_and_nothing_else() -> None:
    assert card(job()) == {"title": "Cocinero"}
    shown = card(WHOLE_JOB)
    assert set(shown) == set(JobCard.model_fields) - {"read", "differs"}
    assert shown["posted_at"] == "2026-01-01T05:00:00Z"
    assert shown["expires_at"] == "2026-02-02T05:00:00Z"
    assert JobCard.model_validate(shown).model_dump(exclude_none=True) == shown
    assert job_attrs(shown) == job_attrs(WHOLE_JOB)


def test_card_of_a_huge_title_is_small() -> None:
    assert len(card(job(title="a" * 100_000))["title"]) <= 300
