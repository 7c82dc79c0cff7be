"""Rows that stand on disks and in changelogs today, byte by byte.

A start reads what earlier programs wrote, for as long as the app id is the same. If one of these
differs, either the change is an oversight, or `FORMAT` must rise so that older rows are refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.ranking.attrs import JobAttrs, PersonAttrs, person_attrs
from models.reading.facts.known import Known
from tables import rows
from tables.rows import (
    Head,
    JobRow,
    OutcomeRow,
    Part,
    PersonRow,
    PostingRow,
    RankingRow,
    attributes,
    exposure_key,
    formats,
    shown_key,
)

ERASED_ANA = "a07ce676b7999dee5c556523af5f9dca"
VECTOR = np.arange(2, dtype=np.float16)
_PERSON = PersonAttrs(3, 5, 150, 2.5, 930.0, 30, 2, (512,))
_JOB = JobAttrs(3, 5, -1, True, 1500.0, 18, 1, (9412,), 0.25)
KNOWN = Known({"profile_id": "ana", "status": "paused"}, {"licence": "A-I"}, ("age",))
PERSON = PersonRow(b"c" * 16, b"t" * 16, 5, 6, 7, True, VECTOR, KNOWN, _PERSON)
JOB = JobRow(b"c" * 16, b"t" * 16, 5, 6, 2, 7, "held", VECTOR, {"title": "x"}, 0.25, True, 3)
POSTING = PostingRow((6, 2), 0, VECTOR, b'{"title":"x"}', b"s" * 3, _JOB)
GRAVE = PostingRow((6, 3), 9, rows.NO_VECTOR, b"")

_HASHES = "63" * 16 + "74" * 16
_STAMPS = "0000000000000005 0000000000000006 0000000000000007"
_FLOATS = "4004000000000000 408d100000000000"
_OF_PERSON = f"07 04 0000000000000003 00000005 0096 {_FLOATS} 1e 02 0200 0000 0000"
_OF_JOB = "07 0000000000000003 00000005 ffff 01 4097700000000000 12 01 24c4 0000 0000"
_VECTOR = "0000 003c"
_PENALTY = "3fd0000000000000"
_NOTHING = "00" * 32

PACKED: dict[str, tuple[Any, str, bytes]] = {
    "person": (
        PERSON,
        f"04 {_HASHES} {_STAMPS} 01 0002 {_OF_PERSON} {_VECTOR}",
        b'{"profile_id":"ana","status":"paused","read":{"licence":"A-I"},"differs":["age"]}',
    ),
    "job": (
        JOB,
        f"04 {_HASHES} {_STAMPS} 00000002 85 {_PENALTY} 0002 {_VECTOR}",
        b'{"title":"x","_reader":3}',
    ),
    "posting": (
        POSTING,
        f"04 0000000000000006 00000002 0000000000000000 {_PENALTY} 0002 03 {_OF_JOB} {_VECTOR}",
        b'sss{"title":"x"}',
    ),
    "grave": (
        GRAVE,
        "04 0000000000000006 00000003 0000000000000009 0000000000000000 0000 00"
        f"00 0000000000000000 00000000 ffff 00 {'00' * 16}",
        b"",
    ),
    "ranking": (
        RankingRow(
            3, "b", ["obra"], [0.5], "d", "ok", [[6, 2]], ["otra"], 7, [{"km": 5}], "2026-11-02", 2
        ),
        "",
        b'[4,3,"b",["obra"],[0.5],"d","ok",[[6,2]],["otra"],7,[{"km":5}],"2026-11-02",2]',
    ),
    "outcome": (
        OutcomeRow(
            "obra",
            5,
            2,
            "web",
            "2026-11-02",
            0.5,
            "also",
            {"meaning": 0.5},
            True,
            "15",
            "r",
            "e",
            {"shown": 9},
            "hours",
            {"pay": 0.25},
        ),
        "",
        b'[4,"obra",5,2,"web","2026-11-02",0.5,"also",{"meaning":0.5},true,"15",'
        b'"r","e",{"shown":9},"hours",{"pay":0.25}]',
    ),
    "part": (
        Part("obra", (6, 2), 3, [{"profile_id": "ana"}]),
        "",
        b'{"job_id":"obra","version":[6,2],"partition":3,"entries":[{"profile_id":"ana"}]}',
    ),
    "gone": (
        Part("obra", (6, 2), 3, withdrawn=True),
        "",
        b'{"job_id":"obra","version":[6,2],"partition":3,"withdrawn":true}',
    ),
    "head": (Head((6, 2), 9, 4, "d"), "", b'[[6,2],9,4,"d"]'),
}


@pytest.mark.parametrize("kind", PACKED)
def test_a_row_that_was_written_once_is_read(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attributes, "ATTRS_VERSION", 7)
    row, head, body = PACKED[kind]
    raw = bytes.fromhex(head) + body
    assert row.pack() == raw
    assert type(row).unpack(raw).pack() == raw


def test_of_a_superseded_person_the_same_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attributes, "ATTRS_VERSION", 7)
    kept = bytes.fromhex(f"04 {_NOTHING} {'00' * 24} 01 0002 {_OF_PERSON} {_VECTOR}")
    assert rows.superseded(PERSON.pack()) == kept
    assert rows.superseded(rows.ANY_VERSION) == b""
    assert rows.pack_list([b"ab", b""]) == b"\0\0\0\2ab\0\0\0\0"
    assert rows.unpack_list(b"\0\0\0\2ab\0\0\0\0") == [b"ab", b""]


def test_of_a_superseded_person_of_other_rules_what_is_left_stays() -> None:
    """Their fields are gone, so nothing can be made of them anew; a whole row's still are there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attributes, "ATTRS_VERSION", 7)
        whole, kept = PERSON.pack(), rows.superseded(PERSON.pack())
    assert rows.superseded(kept) == kept
    assert rows.person_header(rows.superseded(whole)).attrs == person_attrs(KNOWN.stated)


def test_facts_are_found_under_the_keys_of_before() -> None:
    assert (rows.AS_OF, rows.REVISION_FLOOR) == (b"as_of", b"revision_floor")
    assert (rows.RANKER, rows.GATE) == (b"ranker", b"gate")
    assert rows.EXPOSURE == b"exposure"
    assert (rows.ERASED, rows.SHOWN, exposure_key()) == (b"erased:", b"shown:", b"exposure:")
    assert exposure_key("2026-01-02", 3) == b"exposure:2026-01-02:3"
    assert (shown_key(2), shown_key(2, 3)) == (b"shown:2", b"shown:2:3")
    assert rows.outcomes_of("ana") == b"ana\0"
    assert rows.outcome_key("ana", PACKED["outcome"][0]) == b"ana\08702b02f586b6b1f3f075e20"
    assert rows.erased_key("ana") == b"erased:" + bytes.fromhex(ERASED_ANA)
    assert rows.head_key("obra") == b"obra\0head"
    assert rows.part_key("obra", 258) == b"obra\0part\1\2"


def test_facts_read_as_before() -> None:
    beginning = RankingRow.beginning(3)
    assert beginning.pack() == b'[4,3,"",[],[],"","",[],[],0,[],"",0]'
    assert RankingRow.unpack(b'[4,3,"",[],[],"","",[],[]]') == beginning, "rows named no jobs once"
    older = PACKED["outcome"][2].replace(b',{"pay":0.25}', b"")
    assert OutcomeRow.unpack(older).evidence is None, "rows named no evidence once"
    assert rows.pack_erased(6, 9) == b"[6,9]"
    assert rows.unpack_erased(None) == (-1, -1)
    assert rows.pack_shown({"parts": 1}) == b'{"parts":1}'
    assert rows.pack_exclusions({"obra": ("hired", 5)}) == b'{"obra":["hired",5]}'
    assert rows.decision_row("release", "63", 4, 5) == b'["release","63",4,5,"",""]'
    assert rows.decided_at(b'["release","63",4,5]') == (4, 5), "rows named no reviewer once"
    assert rows.decided_at(b'["release","63",4]') == (4, 0), "rows had no stamp once"
    assert formats.FORMAT == 4


def test_the_numbers_of_states_do_not_move() -> None:
    """Rows hold the number; new states go to the end."""
    assert rows.JOB_STATES[:8] == (
        "active", "filled", "closed", "expired", "withdrawn", "held", "rejected", "advised",
    )  # fmt: skip
    assert rows.VETTED == ("active", "advised", "held", "rejected")
    for number, state in enumerate(rows.JOB_STATES):
        raw = replace(JOB, state=state, telling=False).pack()
        assert (raw[61], JobRow.unpack(raw).state) == (number, state)
    assert attributes.STATED == (
        None, "expired", "no_consent", "no_match", "paused", "unreadable", "unreadable_language",
        "unreadable_work",
    )  # fmt: skip


def test_an_ad_of_before_there_was_a_reader_was_read_by_none() -> None:
    _, head, _ = PACKED["job"]
    assert JobRow.unpack(bytes.fromhex(head) + b'{"title":"x"}').reader == 0


def test_of_much_that_was_said_the_latest_is_kept_and_hires_longest() -> None:
    many = {f"job-{i:05}": ("dismissed", 10 + i // 2) for i in range(rows.MAX_EXCLUSIONS)}
    assert rows.latest_said(many) == many
    said: rows.Exclusions = {"mine": ("hired", 1), "other": ("applied", 5), **many}
    kept = rows.latest_said(said)
    assert len(kept) == rows.MAX_EXCLUSIONS
    assert said.keys() - kept.keys() == {"other", "job-00000"}
    assert all(kept[job_id] == said[job_id] for job_id in kept)
