"""People and ads between which one thing is often amiss, as hypothesis draws them."""

from __future__ import annotations

from hypothesis import strategies as st

from schemas.vocab import EDUCATION, LICENCES, SHIFTS

LIMA, NEAR, FAR, CUSCO = "150101", "150118", "150601", "080101"
"""0, 38, 64 and 572 km from Lima."""

people = st.fixed_dictionaries(
    {"text": st.just("chamba")},
    optional={
        "licence": st.sampled_from(["none", "A-I", "A-IIb", "B-IIb", "A-IIIa"]),
        "education": st.sampled_from(EDUCATION),
        "languages": st.lists(st.sampled_from(["es", "qu", "en"]), min_size=1, unique=True),
        "shifts": st.lists(st.sampled_from(SHIFTS), min_size=1, unique=True),
        "ubigeo": st.sampled_from([LIMA, NEAR, CUSCO]),
        "max_distance_km": st.sampled_from([0.0, 30.0, 50.0, 61.5]),
        "relocate": st.booleans(),
        "remote_only": st.booleans(),
        "age": st.sampled_from([17, 30]),
        "min_pay": st.sampled_from([1000.0, 2000.0]),
        "canary": st.just(True),
    },
)
ads = st.fixed_dictionaries(
    {"title": st.just("Operario")},
    optional={
        "licence": st.sampled_from(LICENCES),
        "education": st.sampled_from(EDUCATION),
        "languages": st.lists(st.sampled_from(["es", "qu", "en", "ay"]), max_size=2, unique=True),
        "shift": st.sampled_from(SHIFTS),
        "ubigeo": st.sampled_from([LIMA, NEAR, FAR, CUSCO]),
        "remote": st.booleans(),
        "lodging": st.booleans(),
        "min_age": st.just(18),
        "pay_max": st.sampled_from([1500.0, 3000.0]),
        "canary": st.just(True),
    },
)
