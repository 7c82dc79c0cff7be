"""People in: validate, embed once, rank against all jobs, tell."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.context import Context
from agents.intake import (
    Item,
    by_partition,
    count,
    note_known,
    note_unknown,
    rounds,
    settle_refused,
    take_in,
)
from agents.people import Change, change_people, erase_people
from agents.rankings import Notice, done_token
from agents.reading import Batch
from matcher_stream.runtime.outputs import trace_of
from matcher_stream.runtime.waiting import all_of
from models.ranking.attrs import person_attrs
from models.reading.facts.known import known_person
from models.reading.status import why_unreadable
from models.reading.text import content_hash, person_text
from models.search.arrays import Vector
from schemas import NEVER_MS, Profile, parse_profile
from schemas.profile import effective_expiry
from tables.rows import NO_VECTOR, PersonRow, person_header


@dataclass(slots=True)
class Read:
    """What follows from a profile alone.

    Attributes:
        row: Its row, without the vector.
        text: What is embedded; None if it cannot be read.
    """

    row: PersonRow
    text: str | None


Person = Item[Profile, Read]


class ProfilesAgent:
    """Reads the profiles topic."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def prepare(self, events: Sequence[Any]) -> tuple[Batch[Person], dict[bytes, Vector]]:
        """Read a batch and embed the texts whose vectors we do not have."""
        begun = self._begun(events)
        intake = await take_in(self._context, events, parse_profile, self._read, begun)
        texts: list[tuple[bytes, str]] = []
        known: dict[bytes, Vector] = {}
        for item in intake.items:
            if item.derived is None or item.derived.text is None:
                continue
            digest = item.derived.row.text_hash
            old = self._context.state.person(item.partition, item.key)
            if old is not None and old.text_hash == digest and len(old.vector):
                known[digest] = old.vector
            texts.append((digest, item.derived.text))
        return intake, await self._context.vectors.embed(texts, "query", known)

    def _begun(self, events: Sequence[Any]) -> set[tuple[int, int]]:
        """Partition and offset of the records that the rows of people with several are of: their
        ranking may have been sent, and not noted, under a revision that no other may have.
        """
        found: set[tuple[int, int]] = set()
        times = Counter((event.message.partition, event.message.key) for event in events)
        for (partition, key), count_ in times.items():
            if key and count_ > 1:
                raw = self._context.state.tables.people.get_row(partition, key)
                if raw is not None:
                    found.add((partition, person_header(raw).offset))
        return found

    def _read(self, item: Person) -> Read:
        profile = item.value
        assert profile is not None  # a tombstone is not read
        text, ends = person_text(profile), effective_expiry(profile)
        known = known_person(profile.model_dump(exclude_none=True))
        row = PersonRow(
            content_hash=content_hash(profile),
            text_hash=self._context.vectors.hash(text, "query"),
            record_ts=item.timestamp,
            offset=item.offset,
            ends=0 if ends >= NEVER_MS else ends,
            ended=False,
            vector=NO_VECTOR,
            known=known,
            attrs=person_attrs(known),
        )
        row.pack()  # what cannot be stored is refused before anything of it is
        unreadable = why_unreadable(profile.text, profile.skills or ())
        return Read(row, None if unreadable else text)

    async def apply(self, work: tuple[Batch[Person], dict[bytes, Vector]]) -> None:
        """Carry a batch out, partitions side by side, changes of one person one by one."""
        intake, vectors = work
        await settle_refused(self._context, intake)
        async with self._context.locks.people.turn(first=True, keys=_touched(intake.items)):
            for batch in rounds(intake.items, lambda item: item.key):
                groups = by_partition(batch, lambda item: item.partition)
                await all_of(self._apply(p, items, vectors) for p, items in groups.items())

    async def _apply(
        self, partition: int, items: list[Person], vectors: dict[bytes, Vector]
    ) -> None:
        context = self._context
        held = {item.key: context.state.person(partition, item.key) for item in items}
        items = [
            item
            for item in items
            if not _settled(item, held[item.key], context.state.erased(partition, item.key))
        ]
        erased = [item for item in items if item.value is None]
        if erased:
            names = [item.key for item in erased]
            published = [(item.offset, item.timestamp) for item in erased]
            await erase_people(context, partition, names, published, [i.event for i in erased])
        changes, changed = [], []
        newer: dict[bytes, bytes | None] = {}
        for item in items:
            if item.value is None or item.derived is None:
                continue
            change = self._change(item, item.derived.row, vectors)
            if self._finished(partition, change, held[item.key]):
                count([item], "unchanged")
                newer[item.key.encode()] = change.row.pack()
                continue
            note_unknown(context.names.profiles, item.value)
            note_known(context.names.profiles, change.row.known)
            changes.append(change)
            changed.append(item)
        await context.state.tables.people.write(partition, newer, [item.event for item in items])
        if changes:
            events = [item.event for item in changed]
            await change_people(context, partition, changes, events, "profiles")
        count(erased, "erased")
        count(changed, "accepted")

    def _change(self, item: Person, read: PersonRow, vectors: dict[bytes, Vector]) -> Change:
        context = self._context
        ended = bool(read.ends) and read.ends <= time.time() * 1000
        row = replace(read, ended=ended, vector=vectors.get(read.text_hash, NO_VECTOR))
        done = done_token(context, row.content_hash)
        why = Notice("profile_updated", item.timestamp, done, trace_of(item.event.message))
        return Change(item.key, row, context.state.exclusions(item.partition, item.key), why)

    def _finished(self, partition: int, change: Change, old: PersonRow | None) -> bool:
        """Whether this content was finished before, so that nothing needs to be sent."""
        state = self._context.state
        told = state.ranking(partition, change.profile_id)
        if old is None or told is None or told.done != change.why.done:
            return False
        if old.content_hash != change.row.content_hash:
            return False
        before = state.entry(change.profile_id, old, change.exclusions).status
        return before == state.entry(change.profile_id, change.row, change.exclusions).status


def _touched(items: Sequence[Person]) -> frozenset[str] | None:
    """Whom a batch changes; None if somebody is erased, which may renumber whoever comes next."""
    if any(item.value is None for item in items):
        return None
    return frozenset(item.key for item in items)


def _settled(item: Person, row: PersonRow | None, erased: tuple[int, int]) -> bool:
    """Whether the row, or an erasure, is of a later record: all was told, and more since then."""
    offset, stamp = erased if row is None else (row.offset, row.record_ts)
    repeated = item.offset < offset and item.timestamp <= stamp
    if repeated or (row is not None and item.outdated(stamp)):
        count([item], "repeated")
        return True
    return False
