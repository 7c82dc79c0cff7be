"""A place so small that everybody matches much: what happens there, as hypothesis draws it."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import strategies as st

from models.reading.text import content_hash
from schemas import parse_job

PEOPLE = ("ana", "beto", "carmen")
JOBS = ("obra", "cocina", "taxi", "limpieza")
_TEXTS = (
    "busco chamba de albañil, asiento ladrillo",
    "cocino menú y sopas, lavo ollas",
    "manejo mototaxi en mi barrio",
    "limpio casas y oficinas, cocino también",
    "12 ?? --",
)
MASON, COOK, DRIVER, CLEANER, UNREADABLE = _TEXTS
_ADS: dict[str, tuple[dict[str, Any], ...]] = {
    "obra": ({"title": "Albañil"}, {"title": "Ayudante de albañil para ladrillo"}),
    "cocina": ({"title": "Cocinera de menú"}, {"title": "Ayudante de cocina, lavar ollas"}),
    "taxi": (
        {"title": "Mototaxista", "licence": "B-IIc"},
        {"title": "Mototaxista en el barrio", "description": "Deposita S/ 80 por Yape antes."},
    ),
    "limpieza": (
        {"title": "Limpieza de casas"},
        {"title": "Limpieza de casas y oficinas", "description": "Solo mujeres, buena presencia."},
    ),
}


def profile(name: str, text: str = _TEXTS[0], **fields: Any) -> dict[str, Any]:
    """A person of the village."""
    return {"profile_id": name, "text": text, "ubigeo": "150110", **fields}


def ad(name: str, version: int = 0, **fields: Any) -> dict[str, Any]:
    """An ad of the village; the second version of ``taxi`` is one that is held, that of
    ``limpieza`` one that is advised.
    """
    return {"job_id": name, "ubigeo": "150110", **_ADS[name][version], **fields}


def decision(job: dict[str, Any], what: str) -> dict[str, Any]:
    """A reviewer's decision about exactly this ad."""
    content = content_hash(parse_job(job["job_id"].encode(), orjson.dumps(job))).hex()
    return {"job_id": job["job_id"], "decision": what, "content_hash": content}


def said(name: str, job: str, kind: str) -> dict[str, Any]:
    """What a person says of a job."""
    return {"profile_id": name, "job_id": job, "kind": kind}


Happening = tuple[str, str, Any]


def _profiles() -> st.SearchStrategy[Happening]:
    made = st.builds(
        profile,
        st.sampled_from(PEOPLE),
        st.sampled_from(_TEXTS),
        status=st.sampled_from(("searching", "searching", "paused")),
        licence=st.sampled_from((None, "none")),
    )
    return made.map(lambda person: ("profiles", person["profile_id"], person))


def _jobs() -> st.SearchStrategy[Happening]:
    made = st.builds(
        ad,
        st.sampled_from(JOBS),
        st.integers(0, 1),
        status=st.sampled_from(("open", "open", "open", "filled")),
    )
    return made.map(lambda job: ("jobs", job["job_id"], job))


def _decisions() -> st.SearchStrategy[Happening]:
    made = st.builds(
        decision,
        st.builds(ad, st.sampled_from(JOBS), st.integers(0, 1), status=st.just("open")),
        st.sampled_from(("release", "reject")),
    )
    return made.map(lambda decided: ("decisions", decided["job_id"], decided))


def _feedback() -> st.SearchStrategy[Happening]:
    kinds = st.sampled_from(("applied", "dismissed", "hired"))
    made = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(JOBS), kinds)
    return made.map(lambda words: ("feedback", words[0], said(*words)))


def happenings() -> st.SearchStrategy[Happening]:
    """One record for an input topic: its kind, key and value."""
    gone = st.one_of(
        st.sampled_from(PEOPLE).map(lambda name: ("profiles", name, None)),
        st.sampled_from(JOBS).map(lambda name: ("jobs", name, None)),
        st.sampled_from(JOBS).map(lambda name: ("decisions", name, None)),
    )
    bad = st.sampled_from(("profiles", "jobs", "decisions", "feedback")).map(
        lambda kind: (kind, "ana", b"{")
    )
    return st.one_of(
        _profiles(), _jobs(), _profiles(), _jobs(), _decisions(), _feedback(), gone, bad
    )


def _said(name: str, job: str, kind: str) -> Happening:
    return "feedback", name, said(name, job, kind)


def story() -> list[list[Happening]]:
    """A run that passes every point at which a process can be killed, each at least twice."""
    held = ad("taxi", 1)
    return [
        [("jobs", "obra", ad("obra")), ("jobs", "cocina", ad("cocina")), ("jobs", "taxi", held)],
        [("profiles", name, profile(name)) for name in PEOPLE],
        [("decisions", "taxi", decision(held, "release")), _said("ana", "obra", "dismissed")],
        [("decisions", "taxi", decision(held, "reject")), _said("carmen", "cocina", "applied")],
        [("profiles", "ana", profile("ana", "cocino menú")), ("jobs", "obra", ad("obra", 1))],
        [("jobs", "limpieza", ad("limpieza"))],
        [("tick", "2099-01-01", None)],
        [("tick", "2099-01-02", None)],
        [("jobs", "cocina", None), ("profiles", "beto", None)],
        [("profiles", "carmen", None)],
    ]
