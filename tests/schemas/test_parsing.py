"""Whatever bytes arrive, the outcome is an accepted event or the right InputError."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import (
    MAX_CONTAINERS,
    MAX_DEPTH,
    MAX_TEXT_BYTES,
    MAX_VALUE_BYTES,
    Decision,
    Event,
    Feedback,
    Job,
    Profile,
    decode_object,
    errors,
    parse_decision,
    parse_feedback,
    parse_job,
    parse_profile,
    parsing,
    validate,
)

PARSERS: list[Callable[[bytes | None, bytes], Event]] = [
    parse_profile,
    parse_job,
    parse_feedback,
    parse_decision,
]
GOOD: dict[Callable[..., Any], dict[str, Any]] = {
    parse_profile: {"profile_id": "a", "text": "cocino"},
    parse_job: {"job_id": "a", "title": "Cocinero"},
    parse_feedback: {"profile_id": "a", "job_id": "b", "kind": "applied"},
    parse_decision: {"job_id": "a", "decision": "release", "content_hash": "0" * 32},
}
MARK = "zqsecretzq"
"""Stands in every bad input below, and never in a message."""


def profile(**fields: Any) -> bytes:
    return orjson.dumps({"profile_id": "a", "text": MARK, **fields})


def refused(
    value: bytes, key: bytes | None = b"a", parse: Any = parse_profile
) -> errors.InputError:
    with pytest.raises(errors.InputError) as caught:
        parse(key, value)
    assert MARK not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("parse", PARSERS)
def test_required_fields_are_enough_and_unknown_ones_ignored(parse: Any) -> None:
    event = parse(b"a", orjson.dumps({**GOOD[parse], "new_field": {"deep": [1]}}))
    assert event == parse(b"a", orjson.dumps(GOOD[parse]))
    assert "new_field" not in event.model_dump()


@pytest.mark.parametrize("parse", PARSERS)
def test_each_required_field_is_required(parse: Any) -> None:
    for field in GOOD[parse]:
        rest = {name: value for name, value in GOOD[parse].items() if name != field}
        error = refused(orjson.dumps(rest), parse=parse)
        wanted = errors.MissingId if field.endswith("_id") else errors.InvalidField
        assert type(error) is wanted
        assert field in str(error)


BAD: list[tuple[type[errors.InputError], bytes]] = [
    (errors.InvalidJson, b""),
    (errors.InvalidJson, b"{" + MARK.encode()),
    (errors.InvalidJson, b"null"),
    (errors.InvalidJson, b'["' + MARK.encode() + b'"]'),
    (errors.InvalidJson, b'{"profile_id":"a","text":"x","min_pay":NaN}'),
    (errors.InvalidJson, b'{"profile_id":"a","text":"x","min_pay":Infinity}'),
    (errors.InvalidJson, b'{"profile_id":"a","text":"x","min_pay":-Infinity}'),
    (errors.InvalidJson, b'{"profile_id":"a","text":"x","min_pay":1e999}'),
    (errors.InvalidJson, b'{"profile_id":"a","text":"\\ud800"}'),
    (errors.InvalidEncoding, b'{"profile_id":"a","text":"\xff\xfe ' + MARK.encode() + b'"}'),
    (errors.InvalidEncoding, b'{"profile_id":"a","text":"a\x00b"}'),
    (errors.InvalidEncoding, profile(text="a\0" + MARK)),
    (errors.InvalidEncoding, profile(skills=["a", "b\0" + MARK])),
    (errors.InvalidEncoding, profile(place="\0" + MARK)),
    (errors.InvalidEncoding, profile(profile_id="a\0")),
    (errors.MissingId, profile(profile_id=None)),
    (errors.MissingId, profile(profile_id="")),
    (errors.InvalidField, profile(profile_id=5)),
    (errors.InvalidField, profile(profile_id="a\n")),
    (errors.TooLarge, profile(profile_id="a" * 201)),
    (errors.KeyMismatch, profile(profile_id=MARK)),
    (errors.InvalidField, profile(text=None)),
    (errors.InvalidField, profile(text=[MARK])),
    (errors.InvalidField, profile(age="31")),
    (errors.InvalidField, profile(age=31.5)),
    (errors.InvalidField, profile(age=True)),
    (errors.InvalidField, profile(age=-1)),
    (errors.InvalidField, profile(age=121)),
    (errors.InvalidField, profile(min_pay="1200")),
    (errors.InvalidField, profile(min_pay=-1)),
    (errors.InvalidField, profile(relocate="si")),
    (errors.InvalidField, profile(relocate=1)),
    (errors.InvalidField, profile(status=MARK)),
    (errors.InvalidField, profile(pay_period=MARK)),
    (errors.InvalidField, profile(licence=2)),
    (errors.InvalidField, profile(licence=["A-I"])),
    (errors.InvalidField, profile(languages="es")),
    (errors.InvalidField, profile(languages=["es", 1])),
    (errors.InvalidField, profile(skills={MARK: 1})),
    (errors.InvalidField, profile(ubigeo=150101)),
    (errors.InvalidDate, profile(valid_until=MARK)),
    (errors.InvalidDate, profile(valid_until="")),
    (errors.InvalidDate, profile(valid_until="2026-02-30")),
    (errors.InvalidDate, profile(valid_until="9999-12-31")),
    (errors.InvalidDate, profile(valid_until="9999-12-31T23:59:59-05:00")),
    (errors.InvalidDate, profile(valid_until="0001-01-01T00:00:00+14:00")),
    (errors.InvalidDate, profile(valid_until="1999-12-30")),
    (errors.InvalidDate, profile(valid_until="1999-12-31")),
    (errors.InvalidDate, profile(valid_until="2101-01-02")),
    (errors.InvalidDate, profile(valid_until=1_700_000_000)),
    (errors.InvalidDate, profile(valid_until=10**18)),
    (errors.InvalidField, profile(valid_until=1.5)),
    (errors.InvalidField, profile(valid_until=True)),
    (errors.InvalidField, profile(valid_until=[2026])),
    (errors.TooLarge, profile(text="a" * (MAX_TEXT_BYTES + 1))),
    (errors.TooLarge, profile(text="ñ" * (MAX_TEXT_BYTES // 2 + 1))),
    (errors.TooLarge, profile(place="a" * 1001)),
    (errors.TooLarge, profile(skills=["a"] * 201)),
    (errors.TooLarge, profile(text="a" * 5_000_000)),
    (errors.TooLarge, b"[" * (MAX_VALUE_BYTES + 1)),
    (errors.TooDeep, b"[" * 100_000),
    (errors.TooDeep, b'{"a":' * 5_000 + b"1" + b"}" * 5_000),
    (errors.TooDeep, b'{"profile_id":"a","text":"x","b":' + b"[" * 20 + b"]" * 20 + b"}"),
]


@pytest.mark.parametrize(("kind", "value"), BAD, ids=range(len(BAD)))
def test_bad_input_has_its_class_and_is_not_quoted(
    kind: type[errors.InputError], value: bytes
) -> None:
    assert type(refused(value)) is kind


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (errors.MissingId, None),
        (errors.MissingId, b""),
        (errors.InvalidEncoding, b"\xff"),
        (errors.InvalidEncoding, b"a\0"),
        (errors.InvalidField, b"a" * 201),
        (errors.InvalidField, b"a\nb"),
        (errors.KeyMismatch, b"b"),
        (errors.KeyMismatch, b"A"),
    ],
)
def test_bad_keys(kind: type[errors.InputError], key: bytes | None) -> None:
    assert type(refused(profile(), key)) is kind


def test_a_blank_title_is_refused_but_a_blank_text_is_a_person_we_answer() -> None:
    error = refused(orjson.dumps({"job_id": "a", "title": " \n"}), parse=parse_job)
    assert type(error) is errors.InvalidField
    assert parse_profile(b"a", profile(text="")).text == ""


def test_limits_are_the_last_value_accepted() -> None:
    parse_profile(b"a", profile(text="a" * MAX_TEXT_BYTES, skills=["a"] * 200, age=120))
    parse_profile(b"a", profile(text="ñ" * (MAX_TEXT_BYTES // 2)))
    nested = b'{"profile_id":"a","text":"x","b":'
    inner = MAX_DEPTH - 1
    parse_profile(b"a", nested + b"[" * inner + b"]" * inner + b"}")


def test_depth_is_counted_not_the_number_of_brackets() -> None:
    def nested(depth: int) -> bytes:
        inner = b"[" * (depth - 1) + b"]" * (depth - 1)
        return (
            b'{"profile_id":"a","text":"x","flat":[' + b"[]," * 50 + b"1]" + b',"b":' + inner + b"}"
        )

    parse_profile(b"a", nested(MAX_DEPTH))
    assert type(refused(nested(MAX_DEPTH + 1))) is errors.TooDeep


def test_brackets_and_escapes_inside_strings_are_no_nesting() -> None:
    text = '[[[[{{{{"\\" ' * 50 + "\\"
    assert parse_profile(b"a", profile(text=text)).text == text


def test_an_escaped_backslash_before_u0000_is_no_nul() -> None:
    assert parse_profile(b"a", profile(text="\\u0000")).text == "\\u0000"
    # In a field that we ignore, it is ignored too.
    assert parse_profile(b"a", profile(unknown="\0")).text == MARK


def test_null_means_not_stated() -> None:
    nothing = {name: None for name in Profile.model_fields if name not in ("profile_id", "text")}
    assert parse_profile(b"a", profile(**nothing)) == parse_profile(b"a", profile())


def test_unreadable_words_are_unknown_and_counted_not_refused() -> None:
    event = parse_profile(
        b"a",
        profile(licence="zz", languages=["quechua", "klingon"], education="zz", shifts=["noche"]),
    )
    assert (event.licence, event.languages, event.education) == (None, ["qu"], None)
    assert set(event.unread) == {"licence", "languages", "education"}
    assert parse_job(b"a", orjson.dumps({"job_id": "a", "title": "x"})).unread == ()


def test_dates_mean_days_and_moments_in_peru() -> None:
    def until(value: object) -> int | None:
        return parse_profile(b"a", profile(valid_until=value)).valid_until

    def posted(value: object) -> int | None:
        return parse_job(
            b"a", orjson.dumps({"job_id": "a", "title": "x", "posted_at": value})
        ).posted_at

    noon_utc = 1_767_268_800_000  # 2026-01-01T12:00Z
    assert until("2026-01-01T12:00:00Z") == until("2026-01-01T07:00") == until(noon_utc) == noon_utc
    # A person valid until a day is so through that day; what happened on a day did at its start.
    assert until("2026-01-01") == noon_utc + 17 * 3_600_000
    assert posted("2026-01-01") == noon_utc - 7 * 3_600_000
    assert until("2000-01-01") is not None
    assert until("2100-12-31T00:00:00Z") is not None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=10,
)
field_names = st.sampled_from(sorted({*Profile.model_fields, *Job.model_fields, "decision"}))


@pytest.mark.parametrize("parse", PARSERS)
@given(key=st.none() | st.binary(max_size=8), value=st.binary(max_size=300))
def test_any_bytes_are_refused_by_an_input_error_only(
    parse: Any, key: bytes | None, value: bytes
) -> None:
    with pytest.raises(errors.InputError):
        parse(key, value)


@pytest.mark.parametrize("parse", PARSERS)
@given(fields=st.dictionaries(field_names, json_values, max_size=6), damage=st.data())
def test_any_json_object_is_accepted_or_refused_by_an_input_error(
    parse: Any, fields: dict[str, Any], damage: st.DataObject
) -> None:
    fields = {**GOOD[parse], **fields}
    try:
        value = orjson.dumps(fields)
    except TypeError:  # an integer that JSON libraries do not write
        return
    if damage.draw(st.booleans()):
        at = damage.draw(st.integers(0, len(value)))
        value = value[:at] + damage.draw(st.binary(max_size=3)) + value[at:]
    event, error = None, None
    try:
        event = parse(b"a", value)
    except errors.InputError as refusal:
        error = refusal
    if error is not None:
        assert error.code
        assert len(str(error)) < 200
    if event is not None:
        again = validate(type(event), event.model_dump())
        assert again.model_dump() == event.model_dump(), "an accepted event is its own input"


@pytest.mark.parametrize(
    "fields", [{"skills": [1]}, {"languages": [MARK, 5]}, {"age": MARK}, {"valid_until": MARK}]
)
def test_messages_name_fields_of_ours_only(fields: dict[str, Any]) -> None:
    assert next(iter(fields)) in str(refused(profile(**{MARK: 1}, **fields)))


def test_hostile_quoting_costs_linear_time() -> None:
    def cost(escapes: int) -> float:
        value = b'"' + b'\\"' * escapes + b"[" * 40
        times = []
        for _ in range(5):
            start = time.thread_time()
            refused(value)
            times.append(time.thread_time() - start)
        return min(times)

    # Eight times the length: linear is 8, quadratic would be 64.
    assert cost(400_000) < 24 * cost(50_000)


def _lists(number: int) -> bytes:
    """A profile of a new kind that holds so many lists, and pads up to one size."""
    lists = b"[]," * (number - 2) + b"[]"
    return b'{"profile_id":"a","text":"x","b":[' + lists + b"]}" + b" " * (500_000 - len(lists))


def test_how_many_lists_and_objects_is_bounded() -> None:
    parse_profile(b"a", _lists(MAX_CONTAINERS - 1))
    error = refused(_lists(MAX_CONTAINERS))
    assert type(error) is errors.TooLarge
    assert str(MAX_CONTAINERS) in str(error)
    brackets = "[{" * (MAX_TEXT_BYTES // 2)
    assert parse_profile(b"a", profile(text=brackets)).model_dump()["text"] == brackets


def test_the_work_on_a_value_does_not_grow_with_its_brackets() -> None:
    """Counted in lines of ours, that a loaded machine does not change."""

    def steps(value: bytes) -> int:
        count = 0

        def line(frame: Any, event: str, argument: object) -> Any:
            nonlocal count
            count += event == "line"
            return line

        def call(frame: Any, event: str, argument: object) -> Any:
            return line if frame.f_code.co_filename == parsing.__file__ else None

        before = sys.gettrace()
        sys.settrace(call)
        try:
            decode_object(value)
        finally:
            sys.settrace(before)
        return count

    deep = b'{"text":"x","b":[' + (b"[" * 13 + b"]" * 13 + b",") * 2 + b"0]}"
    assert steps(_lists(49_000)) == steps(_lists(50)) == steps(deep) <= 60
    strings = b'{"text":"x","b":[' + b'"[",' * 200_000 + b'""]}'
    assert steps(strings) == steps(deep)


@given(json_values, st.text('[]{}"\\', max_size=40))
def test_depth_is_counted_outside_strings(value: Any, text: str) -> None:
    def depth(inner: Any) -> int:
        if isinstance(inner, dict):
            return 1 + max(map(depth, inner.values()), default=0)
        return 1 + max(map(depth, inner), default=0) if isinstance(inner, list) else 0

    for around in range(MAX_DEPTH + 2):
        whole: Any = {text: value}
        for _ in range(around):
            whole = [whole, text]
        try:
            raw = orjson.dumps({"a": whole})
        except TypeError:
            return
        try:
            decode_object(raw)
            refusal = None
        except errors.InputError as error:
            refusal = error
        assert (refusal is not None) == (depth({"a": whole}) > MAX_DEPTH)
        assert refusal is None or type(refusal) is errors.TooDeep


def test_events_of_every_kind_keep_what_they_state() -> None:
    assert isinstance(parse_feedback(b"a", orjson.dumps(GOOD[parse_feedback])), Feedback)
    assert isinstance(parse_decision(b"a", orjson.dumps(GOOD[parse_decision])), Decision)
    rng = random.Random(7)
    for _ in range(50):
        age, pay = rng.randrange(121), rng.randrange(10_000)
        event = parse_profile(b"a", profile(age=age, min_pay=pay))
        assert (event.age, event.min_pay) == (age, float(pay))
