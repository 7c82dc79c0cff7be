"""Whose fault an error is: a record's own, or the environment's."""

from __future__ import annotations

from typing import Any

import pytest

from agents.reading import read_aside, read_each
from schemas.errors import EnvironmentFailure, InvalidField
from tests.support.harness import event_of

EVENTS = [event_of("t", b"ana", b"%d" % i, offset=i) for i in range(3)]


def _failing(error: BaseException) -> Any:
    def read(event: Any) -> int:
        if event.message.offset == 1:
            raise error
        return int(event.message.value)

    return read


async def test_what_is_known_to_be_wrong_is_refused_with_its_reason() -> None:
    wrong = InvalidField("The field title is missing.")
    batch = await read_aside(EVENTS, _failing(wrong))
    assert batch.items == [0, 2]
    assert batch.refused == [(EVENTS[1], wrong)]


@pytest.mark.parametrize(
    "error", [ValueError("ana@x"), KeyError("ana"), OverflowError(), RecursionError(), TypeError()]
)
def test_what_nobody_thought_of_is_the_records_fault_too(error: Exception) -> None:
    """The reason names the kind of error and quotes nothing of the record."""
    batch = read_each(EVENTS, _failing(error))
    assert batch.items == [0, 2]
    ((event, reason),) = batch.refused
    assert event is EVENTS[1]
    assert (reason.code, "ana" in str(reason)) == ("unreadable", False)
    assert type(error).__name__ in str(reason)


@pytest.mark.parametrize("error", [EnvironmentFailure("away"), OSError("disk"), MemoryError()])
def test_the_environments_fault_refuses_nothing(error: Exception) -> None:
    with pytest.raises(type(error)):
        read_each(EVENTS, _failing(error))


@pytest.mark.parametrize("stamp", [-1, 0, 946_684_799_999, 1_790_000_000_000_000, 2**63 - 1])
def test_a_timestamp_is_input_like_any_other(stamp: int) -> None:
    event = event_of("t", b"ana", b"1", timestamp=stamp)
    batch = read_each([event], lambda event: event)
    assert [reason.code for _, reason in batch.refused] == ["invalid_timestamp"]
