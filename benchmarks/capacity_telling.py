"""What telling a person costs: the event, its explanations and the row, by the real functions."""

from __future__ import annotations

import time
from typing import Any, Final

import numpy as np
import orjson

from models.explain.events import from_template, notice_of
from models.explain.facts import digest, read
from models.ranking.event_bodies import Versions, match_entries, matches_body, matches_event
from models.reading.facts.known import Known
from tables.index.matching import MatchState
from tables.rows import RankingRow

#: Bytes of a record's own fields; of an event's CloudEvents headers and key too.
RECORD: Final = 20
EVENT: Final = 280


def told(state: MatchState, count: int = 32) -> dict[str, float]:
    """Of telling the first people of a partition: ms, and mean bytes of all that is written."""
    slots, versions = range(count), Versions("e5-small-version", "blend-version")
    ranked = state.rank_people(0, slots)
    began = time.perf_counter()
    events, rows = [], []
    for slot, ranking in zip(slots, ranked, strict=True):
        entry = state.people(0).entries[slot]
        assert entry is not None
        known = Known.of(orjson.loads(entry.profile))
        entries = match_entries(known, entry.attrs, ranking.jobs, state.ranker.send)
        body = matches_body(entry.profile_id, known, entries, None, versions)
        events.append(orjson.dumps(matches_event(body, 1, [], "profile_updated", "2026-01-01")))
        names = [job.job_id for job in ranking.jobs]
        scores = [job.score for job in ranking.jobs]
        where = [list(job.version) for job in ranking.jobs]
        rows.append(RankingRow(1, "b" * 16, names, scores, "d" * 60, "ok", where).pack())
    took = (time.perf_counter() - began) / count * 1000
    explained = [_explained(orjson.loads(event)) for event in events]
    return {
        "tell_ms": took,
        "event": _mean([len(event) for event in events]),
        "explained": _mean([size for size, _ in explained]),
        "entries": _mean([number for _, number in explained]),
        "ranking": _mean([len(row) for row in rows]),
    }


def _explained(event: dict[str, Any]) -> tuple[int, int]:
    """Bytes of an event's explanations as records, and how many they are."""
    made = [
        from_template(event, entry, digest(entry, None), read(entry, ()), notice_of())
        for entry in event["entries"]
    ]
    return sum(len(orjson.dumps(one)) + EVENT for one in made), len(made)


def _mean(values: list[int]) -> float:
    return float(np.mean(values))
