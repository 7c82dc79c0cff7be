"""The bodies built on the hot path are the events that the schemas describe."""

from __future__ import annotations

import orjson

from models.ranking.attrs import job_attrs, person_attrs
from models.ranking.event_bodies import (
    RankedJob,
    Versions,
    candidate_entry,
    match_entries,
    matches_body,
    matches_event,
    merge_partials,
)
from models.reading.facts.known import known_person
from models.reading.text import canonical, card
from schemas import CandidateEntry, Job, Matches, Profile, validate


def test_matches_and_candidates() -> None:
    profile = validate(
        Profile,
        {"profile_id": "p", "text": "x", "licence": "A2B", "ubigeo": "150110", "min_pay": 1200},
    )
    job = validate(
        Job,
        {"job_id": "j", "title": "x", "licence": "A1", "place": "SJL", "pay_max": 1500,
         "expires_at": "2026-12-01", "languages": ["es"]},
    )  # fmt: skip
    person, demand = person_attrs(profile), job_attrs(job)
    known = known_person(orjson.loads(canonical(profile)))
    parts = {"dense": 0.8123}
    shown = orjson.dumps(card(job))
    ranked = [RankedJob("j", 0.8123, (7, 0), shown, demand, parts, ("k", "l"))]
    entries = match_entries(known, person, ranked, 0.5)
    for held, status in ((entries, None), ([], None), ([], "paused")):
        body = matches_body("p", known, held, status, Versions("enc", "ranker-1"))
        event = matches_event(body, 3, ["old"], "profile_updated", "2026-01-01")
        sent = orjson.loads(orjson.dumps(event))
        accepted = Matches.model_validate(sent)
        assert accepted.model_dump(exclude_none=True) == {
            key: value for key, value in sent.items() if value is not None
        }, "every field sent is described, and with its value"
        assert accepted.message is None or accepted.status != "ok"
    (entry,) = merge_partials([[candidate_entry("p", 0.8, {"dense": 0.8}, person, demand)]], 10)
    assert CandidateEntry.model_validate(entry).model_dump() == entry
