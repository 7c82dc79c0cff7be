"""Every row comes back as it was packed, whatever is in it, and what reads only its head agrees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.ranking.attrs import ATTRS_VERSION, JobAttrs, PersonAttrs, job_attrs, person_attrs
from models.ranking.bits import ALL
from models.reading.facts.known import Known
from models.reading.status import stated_status
from schemas.errors import EnvironmentFailure
from tables import rows
from tables.explained import ExplainedRow, ExplainState
from tables.rows import Head, JobRow, Part, PersonRow, PostingRow, RankingRow, attributes, formats

_QUICK = settings(max_examples=40, deadline=None)

_HASH = st.binary(min_size=16, max_size=16)
_STAMP = st.integers(0, 2**62)
_OFFSET = st.integers(-1, 2**62)
_BYTE = st.integers(0, 255)
_TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
_ID = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
_NUMBER = st.floats(0, 1e9) | st.just(float("inf"))
_CODES = st.lists(st.integers(1, 9999), max_size=3).map(tuple)
_VECTORS = arrays.arrays(
    np.float16,
    st.sampled_from((0, 1, 2, 7, 384)),
    elements=st.floats(-4, 4, width=16, allow_nan=False),
)
_VERSION = st.tuples(_OFFSET, st.integers(0, 2**32 - 1))
_PENALTY = st.floats(0, 1)
_STATUS = st.sampled_from(("searching", "paused"))

_PERSON_ATTRS = st.builds(
    PersonAttrs,
    have=st.integers(0, 2**64 - 1),
    stated=st.integers(0, 2**32 - 1),
    district=st.integers(-1, 32_767),
    radius_km=_NUMBER,
    min_pay=st.floats(0, 1e9),
    age=_BYTE,
    years=_BYTE,
    occupations=_CODES,
)
_JOB_ATTRS = st.builds(
    JobAttrs,
    demand=st.integers(0, 2**64 - 1),
    asked=st.integers(0, 2**32 - 1),
    district=st.integers(-1, 32_767),
    remote=st.booleans(),
    pay=_NUMBER,
    min_age=_BYTE,
    years=_BYTE,
    occupations=_CODES,
    penalty=_PENALTY,
)
_PROFILE = st.fixed_dictionaries(
    {"profile_id": _ID, "text": _TEXT},
    optional={"status": _STATUS, "consent_matching": st.booleans(), "age": _BYTE},
)
_CARD = st.fixed_dictionaries(
    {"title": _TEXT}, optional={"pay_max": st.floats(1, 1e6), "min_age": st.integers(14, 80)}
)
_KNOWN = st.builds(
    Known,
    _PROFILE,
    st.fixed_dictionaries({}, optional={"licence": st.just("A-I"), "shifts": st.just(["day"])}),
    st.sampled_from([(), ("age",)]),
)
_PERSONS = st.builds(
    PersonRow, _HASH, _HASH, _STAMP, _OFFSET, _STAMP, st.booleans(), _VECTORS, _KNOWN,
    _PERSON_ATTRS,
)  # fmt: skip
_JOBS = st.builds(
    JobRow, _HASH, _HASH, _STAMP, _OFFSET, st.integers(0, 2**32 - 1), _STAMP,
    st.sampled_from(rows.JOB_STATES), _VECTORS, _CARD, _PENALTY, st.booleans(),
)  # fmt: skip
_POSTINGS = st.builds(
    PostingRow, _VERSION, st.just(0), _VECTORS, _CARD.map(orjson.dumps), st.binary(max_size=255),
    _JOB_ATTRS,
)  # fmt: skip
_GRAVES = st.builds(
    PostingRow, _VERSION, st.integers(1, 2**62), st.just(rows.NO_VECTOR), st.just(b"")
)
_RANKINGS = st.builds(
    RankingRow, st.integers(0, 2**53), _TEXT, st.lists(_ID), st.lists(st.floats(0, 1)), _TEXT,
    _TEXT, st.lists(_VERSION.map(list)), st.lists(_ID),
)  # fmt: skip
_EXPLAINED = st.builds(
    ExplainedRow,
    st.integers(0, 2**53),
    st.dictionaries(_ID, st.tuples(_TEXT, st.sampled_from("tgx")).map(list), max_size=4),
)
_HEADS = st.builds(Head, _VERSION, _STAMP, st.integers(0, 2**53), _TEXT)
_ENTRIES = st.lists(
    st.fixed_dictionaries({"profile_id": _ID, "score": st.floats(0, 1)}), max_size=3
)
_PARTS = st.builds(Part, _ID, _VERSION, st.integers(0, 1023), _ENTRIES) | st.builds(
    Part, _ID, _VERSION, st.integers(0, 1023), withdrawn=st.just(True)
)


def _same(one: Any, other: Any) -> None:
    """Field by field; vectors bit by bit."""
    for field in fields(one):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if isinstance(left, np.ndarray):
            assert right.dtype == np.float16
            assert left.tobytes() == right.tobytes(), field.name
        else:
            assert left == right, field.name


_ROWS: dict[str, st.SearchStrategy[Any]] = {
    "person": _PERSONS, "job": _JOBS, "posting": _POSTINGS, "grave": _GRAVES, "ranking": _RANKINGS,
    "explained": _EXPLAINED, "head": _HEADS, "part": _PARTS,
}  # fmt: skip


@pytest.mark.parametrize("kind", _ROWS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_row_comes_back_as_it_was_packed(kind: str, data: st.DataObject) -> None:
    row = data.draw(_ROWS[kind])
    back = type(row).unpack(row.pack())
    _same(row, back)
    assert back.pack() == row.pack()


# -- what reads only the head -------------------------------------------------------------


@_QUICK
@given(row=_PERSONS)
def test_the_head_of_a_person_agrees_with_the_row(row: PersonRow) -> None:
    head, back = rows.person_header(row.pack()), PersonRow.unpack(row.pack())
    assert (head.record_ts, head.ends, head.ended) == (back.record_ts, back.ends, back.ended)
    assert head.attrs == back.attrs
    assert head.stated == stated_status(back.profile)
    assert head.vector.tobytes() == back.vector.tobytes()
    assert Known.of(orjson.loads(head.profile)) == back.known


@_QUICK
@given(row=_POSTINGS | _GRAVES)
def test_the_head_of_a_posting_agrees_with_the_row(row: PostingRow) -> None:
    raw = row.pack()
    head, back = rows.posting_header(raw), PostingRow.unpack(raw)
    assert (head.version, head.died, head.attrs) == (back.version, back.died, back.attrs)
    assert head.penalty == (back.attrs.penalty if back.attrs else 0.0)
    assert head.vector.tobytes() == back.vector.tobytes()
    assert (head.card, head.signature) == (back.card, back.signature)
    assert rows.posting_version(raw) == (back.version, back.died != 0)


@_QUICK
@given(row=_JOBS)
def test_the_end_of_a_job_agrees_with_the_row(row: JobRow) -> None:
    back = JobRow.unpack(row.pack())
    assert rows.job_end(row.pack()) == (back.ends if back.state in rows.VETTED else None)


# -- rules of another version -------------------------------------------------------------


@_QUICK
@given(row=_PERSONS, other=_PERSONS)
def test_a_superseded_row_keeps_what_lists_depend_on(row: PersonRow, other: PersonRow) -> None:
    kept, head = rows.superseded(row.pack()), rows.person_header(row.pack())
    again = rows.person_header(kept)
    assert (again.attrs, again.stated, again.ended) == (head.attrs, head.stated, head.ended)
    assert again.vector.tobytes() == row.vector.tobytes()
    assert rows.superseded(kept) == kept
    assert len(kept) < 120 + 2 * len(row.vector)
    later = replace(other, vector=row.vector, attrs=row.attrs, ended=row.ended)
    later.known = Known(row.profile, later.known.read, later.known.differs)
    assert rows.superseded(later.pack()) == kept


@_QUICK
@given(row=_PERSONS)
def test_attributes_of_other_rules_are_made_anew_for_a_person(row: PersonRow) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attributes, "ATTRS_VERSION", ATTRS_VERSION - 1)
        raw = row.pack()
    assert rows.person_header(raw).attrs is None
    assert PersonRow.unpack(raw).attrs == person_attrs(row.profile)


@_QUICK
@given(row=_POSTINGS)
def test_attributes_of_other_rules_are_made_anew_for_a_posting(row: PostingRow) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attributes, "ATTRS_VERSION", ATTRS_VERSION - 1)
        raw = row.pack()
    assert row.attrs is not None
    assert rows.posting_header(raw).attrs is None
    assert PostingRow.unpack(raw).attrs == job_attrs(orjson.loads(row.card), row.attrs.penalty)


def test_all_that_a_person_may_state_has_room() -> None:
    assert ALL < 2**64
    assert len(attributes.STATED) <= 256


# -- another format -----------------------------------------------------------------------

_READERS: dict[str, tuple[st.SearchStrategy[Any], list[Callable[[bytes], Any]]]] = {
    "person": (_PERSONS, [PersonRow.unpack, rows.person_header]),
    "job": (_JOBS, [JobRow.unpack, rows.job_end]),
    "posting": (_POSTINGS, [PostingRow.unpack, rows.posting_header, rows.posting_version]),
    "grave": (_GRAVES, [PostingRow.unpack, rows.posting_header, rows.posting_version]),
}


@pytest.mark.parametrize("kind", _READERS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_every_reader_refuses_another_format(kind: str, data: st.DataObject) -> None:
    strategy, readers = _READERS[kind]
    number = data.draw(_BYTE.filter(lambda number: number != formats.FORMAT))
    raw = bytes([number]) + data.draw(strategy).pack()[1:]
    for reader in readers:
        with pytest.raises(EnvironmentFailure, match=f"format {number},"):
            reader(raw)


@settings(max_examples=20, deadline=None)
@given(ranking=_RANKINGS, explained=_EXPLAINED, number=st.integers(-5, 50))
def test_so_do_rows_of_json(ranking: RankingRow, explained: ExplainedRow, number: int) -> None:
    for row in (ranking, explained):
        own, *rest = orjson.loads(row.pack())
        raw = orjson.dumps([number, *rest])
        if number == own:
            _same(row, type(row).unpack(raw))
        else:
            with pytest.raises(EnvironmentFailure, match=f"format {number},"):
                type(row).unpack(raw)


def test_so_do_a_models_words() -> None:
    class Tables:
        """Words that a later program kept."""

        words: Any

        def get_row(self, partition: int, key: bytes) -> bytes:
            return orjson.dumps([2, {}])

    tables: Any = Tables()
    tables.words = tables
    with pytest.raises(EnvironmentFailure, match="format 2,"):
        ExplainState(tables).words(0, "ana")


def test_no_row_at_all() -> None:
    assert ExplainedRow.unpack(None) == ExplainedRow(-1, {})
    assert Head.unpack(None) == Head((-1, 0))


# -- rows of several, keys ----------------------------------------------------------------


@_QUICK
@given(packed=st.lists(st.binary(max_size=40), max_size=5))
def test_several_rows_come_back_from_one(packed: list[bytes]) -> None:
    assert rows.unpack_list(rows.pack_list(packed)) == packed


@_QUICK
@given(said=st.dictionaries(_ID, st.tuples(st.sampled_from(("applied", "hired")), _STAMP)))
def test_what_was_said_comes_back(said: rows.Exclusions) -> None:
    assert rows.unpack_exclusions(rows.pack_exclusions(said)) == said


@_QUICK
@given(
    decision=st.sampled_from(("release", "reject", None)),
    content=_HASH,
    other=_HASH,
    offset=_OFFSET,
    stamp=_STAMP,
)
def test_a_decision_comes_back_for_its_content(
    decision: str | None, content: bytes, other: bytes, offset: int, stamp: int
) -> None:
    row = rows.decision_row(decision, content.hex(), offset, stamp)
    assert rows.decided_on(row, content) == decision
    assert rows.decided_on(row, other) == (decision if other == content else None)
    assert rows.decided_at(row) == (offset, stamp)


@_QUICK
@given(one=_ID, other=_ID, partition=st.integers(0, 1023))
def test_keys_of_a_list_meet_no_others(one: str, other: str, partition: int) -> None:
    """Ids hold no NUL, so no job's rows can be taken for another's."""
    assert rows.job_of_head(rows.head_key(one)) == one
    assert not any(rows.job_of_head(rows.part_key(one, p)) for p in range(1024))
    if one != other:
        assert rows.part_key(one, partition) != rows.part_key(other, partition)
        assert rows.head_key(one) != rows.head_key(other)
    assert rows.part_key(one, partition) != rows.part_key(one, partition + 1)
