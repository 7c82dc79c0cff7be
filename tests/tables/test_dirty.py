"""Lists wait in the order in which they became dirty, each once; people wait for theirs."""

from __future__ import annotations

import numpy as np
import pytest

from models.search.arrays import Slots
from tables.index.dirty import DirtyLists


def _slots(*numbers: int) -> Slots:
    return np.asarray(numbers, np.int64)


def _waiting(dirty: DirtyLists, most: int | None = None, partition: int = 0) -> list[int]:
    slots = dirty.waiting(partition, most)
    assert slots.dtype == np.int64
    return [int(slot) for slot in slots]


def test_lists_wait_in_the_order_in_which_they_became_dirty_and_once() -> None:
    dirty = DirtyLists()
    dirty.mark(0, "ana", _slots(5, 2))
    dirty.mark(0, "beto", _slots(2, 9))
    dirty.mark(0, "carmen", _slots(5))
    assert _waiting(dirty) == [5, 2, 9]
    for most in (0, 1, 2, 3, 9):
        assert _waiting(dirty, most) == [5, 2, 9][:most]
    assert len(dirty) == 3


def test_of_a_refresh_that_did_a_part_the_rest_goes_on_waiting() -> None:
    dirty = DirtyLists()
    dirty.mark(0, "ana", _slots(5, 2))
    dirty.mark(0, "beto", _slots(9))
    assert dirty.refreshed(0, _slots(5)) == []
    assert _waiting(dirty) == [2, 9]
    assert dirty.refreshed(0, _slots(9)) == [], "hers comes before his"
    assert _waiting(dirty)[0] == 2
    assert len(dirty) == 1
    assert dirty.refreshed(0, _slots(2)) == ["ana", "beto"]
    assert (_waiting(dirty), len(dirty)) == ([], 0)


def test_a_list_that_is_dirty_again_waits_again_at_the_end() -> None:
    dirty = DirtyLists()
    dirty.mark(0, "ana", _slots(3))
    dirty.mark(0, "beto", _slots(7))
    dirty.refreshed(0, _slots(3))
    dirty.mark(0, "carmen", _slots(3))
    assert _waiting(dirty) == [7, 3]


def test_who_changes_again_waits_for_the_later_lists() -> None:
    dirty = DirtyLists()
    for who, slot in (("ana", 1), ("beto", 2), ("ana", 3)):
        dirty.mark(0, who, _slots(slot))
    assert dirty.refreshed(0, _slots(1, 2)) == ["beto"]
    dirty.settle(0, ["beto"])
    assert dirty.refreshed(0, _slots(3)) == ["ana"]


def test_a_partition_waits_as_long_as_somebody_of_it_is_not_settled() -> None:
    """Who is in no list has a row in `pending` as well, which the next refresh takes away."""
    dirty = DirtyLists()
    assert not dirty.pending(0)
    dirty.mark(0, "ana", _slots())
    assert dirty.pending(0)
    assert not dirty.pending(1)
    assert (_waiting(dirty), len(dirty)) == ([], 0)
    assert dirty.refreshed(0, _slots()) == ["ana"]
    assert dirty.pending(0), "her row is not gone yet"
    dirty.settle(0, ["ana", "somebody else"])
    assert not dirty.pending(0)


def test_a_list_that_waits_keeps_its_partition_waiting_when_nobody_does() -> None:
    """Who was erased is settled at once; the lists that named them still wait."""
    dirty = DirtyLists()
    dirty.mark(0, "ana", _slots(4))
    dirty.settle(0, ["ana"])
    assert dirty.pending(0)
    assert _waiting(dirty) == [4]


def test_any_slot_may_become_dirty_later_and_what_waits_goes_on_waiting() -> None:
    dirty = DirtyLists()
    for slot in (0, 1, 40, 3, 5_000):
        dirty.mark(0, "ana", _slots(slot))
        dirty.mark(0, "ana", _slots(0))
    assert _waiting(dirty) == [0, 1, 40, 3, 5_000]
    assert len(dirty) == 5


def test_lists_that_never_waited_may_be_refreshed() -> None:
    dirty = DirtyLists()
    assert dirty.refreshed(0, _slots(7)) == []
    dirty.mark(0, "ana", _slots(1))
    assert dirty.refreshed(0, _slots(1, 2, 7)) == ["ana"]


def test_partitions_wait_apart_and_one_that_is_lost_waits_no_more() -> None:
    dirty = DirtyLists()
    dirty.mark(0, "ana", _slots(1))
    dirty.mark(3, "beto", _slots(1, 2))
    assert (_waiting(dirty), _waiting(dirty, partition=3), len(dirty)) == ([1], [1, 2], 3)
    dirty.drop_partition(3)
    dirty.drop_partition(3)
    assert (_waiting(dirty, partition=3), len(dirty)) == ([], 1)
    assert not dirty.pending(3)
    assert dirty.pending(0)


def test_what_is_taken_waits_no_more_and_may_become_dirty_anew() -> None:
    dirty = DirtyLists()
    dirty.mark(0, "ana", _slots(5, 2))
    dirty.mark(0, "beto", _slots(9))
    assert dirty.take(0, 2).tolist() == [5, 2]
    assert _waiting(dirty) == [9]
    dirty.mark(0, "carmen", _slots(2))
    assert dirty.sent(0) == ["ana"]
    assert _waiting(dirty) == [9, 2], "carmen came after it was taken"
    dirty.settle(0, ["ana"])
    assert dirty.take(0, 9).tolist() == [9, 2]
    assert dirty.sent(0) == ["beto", "carmen"]


def test_what_was_taken_and_not_sent_goes_on_waiting_in_its_place() -> None:
    dirty = DirtyLists()
    dirty.mark(0, "ana", _slots(5, 2))
    dirty.mark(0, "beto", _slots(9))
    dirty.take(0, 3)
    dirty.mark(0, "carmen", _slots(9))
    dirty.put_back(0)
    assert _waiting(dirty, 3) == [5, 2, 9]
    dirty.take(0, 1)
    assert dirty.sent(0) == [], "ana waits for another"
    assert _waiting(dirty, 2) == [2, 9]


@pytest.mark.parametrize(
    ("most", "settled"),
    [(0, []), (1, []), (2, ["ana"]), (3, ["ana", "beto"]), (9, ["ana", "beto"])],
)
def test_it_is_known_before_whom_so_many_lists_settle(most: int, settled: list[str]) -> None:
    dirty = DirtyLists()
    dirty.mark(0, "ana", _slots(5, 2))
    dirty.mark(0, "beto", _slots(9))
    assert dirty.settling(0, most) == settled
    assert dirty.settling(1, most) == []
    assert dirty.refreshed(0, dirty.waiting(0, most)) == settled
