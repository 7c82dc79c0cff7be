"""Whose fault an error is: what fails while one record is read by itself, is that record's.

Every agent reads its records here, one after the other, before anything of them is stored or sent,
and computes there whatever follows from a record alone. So a record that cannot be used ends in the
dead letters with a reason, and an exception later on is ours or the environment's: it ends the
process, and nothing is lost (ADR 0026).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from matcher_stream.runtime.outputs import Refused, record_ms
from schemas.errors import EnvironmentFailure, InputError, Unreadable

T = TypeVar("T")


@dataclass(slots=True)
class Batch(Generic[T]):
    """What a batch of records says.

    Attributes:
        items: Of those that can be used, in order.
        refused: The others, with what is wrong with each.
    """

    items: list[T] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def read_each(events: Sequence[Any], read: Callable[[Any], T]) -> Batch[T]:
    """Read records one by one; what cannot be read is set aside with its reason.

    Args:
        events: Faust events.
        read: Says what one of them means. It looks at nothing but the record, and raises an
            `InputError` for what it knows to be wrong; any other error counts as `Unreadable`.

    Raises:
        EnvironmentFailure, OSError, MemoryError: not the record's fault.
    """
    batch: Batch[T] = Batch()
    for event in events:
        try:
            record_ms(event.message)
            batch.items.append(read(event))
        except InputError as error:
            batch.refused.append((event, error))
        except (EnvironmentFailure, OSError, MemoryError):
            raise
        except Exception as error:
            reason = Unreadable(f"The record cannot be read ({type(error).__name__}).")
            batch.refused.append((event, reason))
    return batch


async def read_aside(events: Sequence[Any], read: Callable[[Any], T]) -> Batch[T]:
    """The same in a thread, so that heartbeats do not wait for a large record."""
    return await asyncio.to_thread(read_each, events, read)
