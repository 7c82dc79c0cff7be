"""The hand-over of one partition, in the order that keeps each step's outcome.

The deployment before is silent by now (`matcher_stream/runtime/voice.py`). What it said last is
read back, and said anew wherever this one thinks otherwise; the mark comes last. Everything follows
from what lies in topics and tables, so whoever dies on the way begins again and says nothing twice.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Any

from aiokafka.errors import KafkaError

from agents.context import Context
from agents.handover.ads import take_over_lists, take_over_reviews
from agents.handover.letters import repeat_letters
from agents.handover.people import take_over_people
from agents.handover.said import (
    LastSaid,
    Published,
    candidates_said,
    matches_said,
    review_said,
)
from matcher_stream.runtime import faults
from matcher_stream.runtime.tail import OpenTail
from tables.rows import HANDED, pack_handed

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Public:
    """One partition of the public topics."""

    matches: LastSaid
    candidates: LastSaid
    review: LastSaid

    async def read(self) -> None:
        """Take in what came since the last call."""
        for topic in (self.matches, self.candidates, self.review):
            await topic.read()


def _public(context: Context, opening: OpenTail, partition: int) -> _Public:
    names, us = context.names, context.names.source
    return _Public(
        LastSaid(opening(names.matches, partition), matches_said, us),
        LastSaid(opening(names.candidates, partition), candidates_said, us),
        LastSaid(opening(names.review, partition), review_said, us),
    )


async def hand_over(context: Context, partition: int, event: Any) -> None:
    """Hand a partition over, if it is due; the caller holds no lock.

    Args:
        context: The worker's parts.
        partition: Which.
        event: The work item that asked for it.
    """
    if not context.voice.due(partition):
        return
    started = time.monotonic()
    try:
        async with context.reading() as opening:
            public = _public(context, opening, partition)
            await public.read()  # the most of it, while others work
            locks = context.locks
            async with locks.people, locks.jobs, locks.lists:
                await public.read()
                await _take_over(context, opening, partition, public, event)
    except KafkaError as error:
        log.warning("Partition %d is not handed over yet (%s)", partition, type(error).__name__)
        return
    log.info("Partition %d was handed over in %.2f s", partition, time.monotonic() - started)


async def _take_over(
    context: Context, opening: OpenTail, partition: int, public: _Public, event: Any
) -> None:
    voice, events = context.voice, [event]
    if not voice.due(partition):  # meanwhile somebody else was named
        return
    epoch = max(voice.least_epoch(), public.matches.epoch, public.candidates.epoch)
    published = Published(opening, partition)
    with voice.handing(partition, epoch) as handed:
        letters = await repeat_letters(context, opening, partition, events)
        people = await take_over_people(context, partition, public.matches.last, published, events)
        lists = await take_over_lists(context, partition, public.candidates.last, published, events)
        asked = await take_over_reviews(context, partition, public.review.last, published, events)
        faults.point("handover.before_mark")
        mark = {HANDED: pack_handed(*handed)}
        await context.state.tables.meta.write(partition, mark, events)
        faults.point("handover.after_mark")
    said = "Partition %d: %d people, %d lists, %d review records and %d letters were told anew"
    log.info(said, partition, people, lists, asked, letters)
