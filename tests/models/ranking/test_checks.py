"""The filters told one by one are the filters."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.checks import CODES, checks
from models.ranking.filters import eligible
from tests.support.examples import examples

_PEOPLE = st.fixed_dictionaries(
    {"text": st.just("busco trabajo")},
    optional={
        "ubigeo": st.sampled_from(["150110", "150132", "080101", "999999"]),
        "max_distance_km": st.sampled_from([5.0, 30.0, 900.0]), "relocate": st.booleans(),
        "licence": st.sampled_from(["A-I", "A-IIb", "B-IIb", "none"]),
        "languages": st.sampled_from([["es"], ["es", "qu"]]), "age": st.integers(16, 70),
        "education": st.sampled_from(["primaria", "secundaria", "tecnica"]),
        "shifts": st.sampled_from([["day"], ["night"], ["day", "night"]]),
        "min_pay": st.sampled_from([900.0, 1500.0]), "remote_only": st.just(True),
    },
)  # fmt: skip
_JOBS = st.fixed_dictionaries(
    {"title": st.just("Ayudante")},
    optional={
        "ubigeo": st.sampled_from(["150110", "150122", "080105"]),
        "remote": st.booleans(),
        "lodging": st.booleans(),
        "pay_max": st.sampled_from([1000.0, 2000.0]),
        "licence": st.sampled_from(["A-I", "A-IIIb"]),
        "languages": st.sampled_from([["qu"], ["en"]]),
        "min_age": st.integers(18, 40), "education": st.sampled_from(["secundaria", "tecnica"]),
        "shift": st.sampled_from(["day", "night", "rotating", "weekend"]),
    },
)  # fmt: skip


@settings(max_examples=examples(300), deadline=None)
@given(_PEOPLE, _JOBS)
def test_all_pass_exactly_where_the_pair_is_eligible(
    person: dict[str, object], job: dict[str, object]
) -> None:
    have, asked = person_attrs(person), job_attrs(job)
    found = checks(have, asked)
    assert tuple(check.code for check in found) == CODES
    assert all(check.passed for check in found) == eligible(have, asked)
    for check in found:
        assert check.passed or check.stated, f"{check.code} fails on what nobody stated"


def test_each_filter_is_named_by_what_it_compares() -> None:
    have = person_attrs({"text": "x", "ubigeo": "150110", "max_distance_km": 5.0, "age": 17,
                         "licence": "A-I", "min_pay": 2000.0, "shifts": ["day"]})  # fmt: skip
    asked = job_attrs({"title": "x", "ubigeo": "080101", "min_age": 18, "licence": "A-IIb",
                       "pay_max": 1200.0, "shift": "night"})  # fmt: skip
    failed = {check.code: check.facts for check in checks(have, asked) if not check.passed}
    assert failed.keys() == {"distance", "age", "licence", "pay", "shift"}
    assert failed["distance"]["max_km"] == 5.0
    assert failed["distance"]["km"] > 500
    assert failed["age"] == {"age": 17, "min_age": 18}
    assert failed["pay"] == {"monthly": 1200, "wish": 2000}
