"""Rows come back as they were packed, without their JSON where an index asks, or are refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import orjson
import pytest

from models.ranking.attrs import job_attrs, person_attrs
from models.reading.facts.known import Known
from schemas.errors import EnvironmentFailure
from tables import rows
from tables.rows import Head, JobRow, OutcomeRow, Part, PersonRow, PostingRow, RankingRow, outcome

VECTOR = np.arange(8, dtype=np.float16)
FIELDS = {"profile_id": "ana", "text": "cocinera", "age": 30}
CARD = {"title": "Cocinera", "pay_max": 1500.0, "pay_period": "month"}
KNOWN = Known(FIELDS, {"licence": "A-I"}, ("age",))
PERSON = PersonRow(b"c" * 16, b"t" * 16, 5, 6, 7, True, VECTOR, KNOWN, person_attrs(KNOWN))
JOB = JobRow(b"c" * 16, b"t" * 16, 5, 6, 2, 7, "held", VECTOR, CARD, 0.25, True)
POSTING = PostingRow((6, 2), 0, VECTOR, orjson.dumps(CARD), b"s" * 24, job_attrs(CARD, 0.25))
RANKING = RankingRow(3, "b", ["obra"], [0.5], "d", "ok", [[6, 2]], ["otra"])
PART = Part("obra", (6, 2), 300, [{"profile_id": "ana", "score": 0.5}])


def test_a_person_comes_back_whole_and_without_json() -> None:
    back = PersonRow.unpack(PERSON.pack())
    assert replace(back, vector=VECTOR) == PERSON
    assert back.vector.tolist() == VECTOR.tolist()
    head = rows.person_header(PERSON.pack())
    assert (head.record_ts, head.ends, head.ended) == (5, 7, True)
    assert head.attrs == PERSON.attrs
    assert Known.of(orjson.loads(head.profile)) == KNOWN
    assert head.vector.tolist() == VECTOR.tolist()


def test_a_job_comes_back_whole_and_tells_when_it_ends() -> None:
    back = JobRow.unpack(JOB.pack())
    assert replace(back, vector=VECTOR) == JOB
    assert back.vector.tolist() == VECTOR.tolist()
    ends = {
        state: rows.job_end(replace(JOB, state=state, telling=telling).pack())
        for state in rows.JOB_STATES
        for telling in (False, True)
    }
    assert {state for state, end in ends.items() if end == 7} == set(rows.VETTED)
    assert {end for state, end in ends.items() if state not in rows.VETTED} == {None}


def test_a_posting_comes_back_whole_and_so_does_a_grave_marker() -> None:
    back = PostingRow.unpack(POSTING.pack())
    assert replace(back, vector=VECTOR) == POSTING
    assert back.vector.tolist() == VECTOR.tolist()
    assert rows.posting_version(POSTING.pack()) == ((6, 2), False)
    grave = PostingRow((6, 3), 9, rows.NO_VECTOR, b"")
    assert rows.posting_version(grave.pack()) == ((6, 3), True)
    assert PostingRow.unpack(grave.pack()).attrs is None


def test_rankings_lists_and_what_was_said_come_back_whole() -> None:
    assert RankingRow.unpack(RANKING.pack()) == RANKING
    assert Part.unpack(PART.pack()) == PART
    gone = Part("obra", (6, 3), 300, withdrawn=True)
    assert Part.unpack(gone.pack()) == gone
    head = Head((6, 2), 9, 4, "d")
    assert Head.unpack(head.pack()) == head
    assert Head.unpack(None) == Head()
    said = {"obra": ("hired", 5)}
    assert rows.unpack_exclusions(rows.pack_exclusions(said)) == said
    assert rows.unpack_exclusions(None) == {}
    assert rows.unpack_list(rows.pack_list([b"", b"abc", b"d"])) == [b"", b"abc", b"d"]
    assert rows.unpack_list(None) == []
    assert rows.unpack_shown(rows.pack_shown({"as_of": "2026-01-01"})) == {"as_of": "2026-01-01"}
    assert rows.unpack_shown(None) == {}


def test_a_decision_counts_for_the_content_it_names() -> None:
    row = rows.decision_row("release", b"c".hex(), 4, 5)
    assert rows.decided_on(row, b"c") == "release"
    assert rows.decided_on(row, b"d") is None
    assert rows.decided_on(rows.decision_row(None, None, 0, 0), b"c") is None
    assert rows.decided_on(None, b"c") is None
    assert rows.decided_at(row) == (4, 5)
    assert rows.decided_at(None) == (-1, 0)


def test_a_decision_keeps_who_and_why() -> None:
    row = rows.decision_row("reject", "c" * 32, 4, 5, "rosa", "x" * 600)
    assert rows.reviewed(row) == ("reject", "c" * 32, 4, 5, "rosa", "x" * 500)
    assert rows.reviewed(b'["release","cc",7,8]') == ("release", "cc", 7, 8, "", "")  # of before
    assert rows.reviewed(None) is None


def test_a_list_is_found_by_its_keys() -> None:
    assert rows.job_of_head(rows.head_key("obra")) == "obra"
    assert rows.job_of_head(rows.part_key("obra", 300)) is None
    assert len({rows.part_key("obra", partition) for partition in range(300)}) == 300


def test_only_so_many_jobs_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome, "MAX_TALLIED", 2)
    counts: dict[bytes, Counter[str]] = {}
    for job, said in (("a", 1), ("b", 3), ("c", 2)):
        for kind in ("shown", "opened", "applied")[:said]:
            rows.add_tally(counts, OutcomeRow(job, rank=12, region="15", times={kind: 1}))
    found = rows.tallies_of(counts.items())
    assert set(found) == {b"job:b", b"job:c", b"place:11+:15"}
    assert rows.unpack_tally(found[b"place:11+:15"]) == {"shown": 3, "opened": 2, "applied": 1}


@pytest.mark.parametrize("row", [PERSON, JOB, POSTING], ids=lambda row: type(row).__name__)
def test_a_row_of_another_format_is_refused(row: PersonRow | JobRow | PostingRow) -> None:
    raw = row.pack()
    with pytest.raises(EnvironmentFailure, match="format 3"):
        type(row).unpack(b"\3" + raw[1:])


@pytest.mark.parametrize(
    "raw", [b"", b"5", b"[]", b"{}", b'{"job_id":"a","version":[],"partition":0}']
)
def test_what_is_no_list_is_refused(raw: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Part.unpack(raw)
