"""People in: validate, embed once, rank against all jobs, tell."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from agents.context import Context
from agents.intake import (
    Intake,
    Item,
    by_partition,
    count,
    note_unknown,
    rounds,
    settle_refused,
    take_in,
)
from agents.people import Change, change_people, erase_people
from agents.rankings import Notice, done_token
from matcher_stream.runtime.outputs import header
from matcher_stream.runtime.waiting import all_of
from models.ranking.attrs import person_attrs
from models.reading.status import why_unreadable
from models.reading.text import content_hash, person_text
from models.search.arrays import Vector
from schemas import NEVER_MS, Profile, parse_profile
from schemas.profile import effective_expiry
from tables.rows import NO_VECTOR, PersonRow


class ProfilesAgent:
    """Reads the profiles topic."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def prepare(self, events: Sequence[Any]) -> tuple[Intake[Profile], dict[bytes, Vector]]:
        """Parse a batch and embed the texts whose vectors we do not have."""
        intake = take_in(self._context, events, parse_profile)
        texts: list[tuple[bytes, str]] = []
        known: dict[bytes, Vector] = {}
        for item in intake.items:
            if item.value is None or why_unreadable(item.value.text, item.value.skills or ()):
                continue
            text = person_text(item.value)
            digest = item.text_hash = self._context.vectors.hash(text, "query")
            old = self._context.state.person(item.partition, item.key)
            if old is not None and old.text_hash == digest and len(old.vector):
                known[digest] = old.vector
            texts.append((digest, text))
        return intake, await self._context.vectors.embed(texts, "query", known)

    async def apply(self, work: tuple[Intake[Profile], dict[bytes, Vector]]) -> None:
        """Carry a batch out, partitions side by side, changes of one person one by one."""
        intake, vectors = work
        await settle_refused(self._context, intake)
        async with self._context.locks.people:
            for batch in rounds(intake.items, lambda item: item.key):
                groups = by_partition(batch, lambda item: item.partition)
                await all_of(self._apply(p, items, vectors) for p, items in groups.items())

    async def _apply(
        self, partition: int, items: list[Item[Profile]], vectors: dict[bytes, Vector]
    ) -> None:
        context = self._context
        held = {item.key: context.state.person(partition, item.key) for item in items}
        items = [item for item in items if not _settled(item, held[item.key])]
        erased = [item for item in items if item.value is None]
        if erased:
            await erase_people(
                context, partition, [i.key for i in erased], [i.event for i in erased]
            )
        changes, changed = [], []
        newer: dict[bytes, bytes | None] = {}
        for item in items:
            if item.value is None:
                continue
            change = self._change(item, item.value, vectors)
            if self._finished(partition, change, held[item.key]):
                count([item], "unchanged")
                newer[item.key.encode()] = change.row.pack()
                continue
            note_unknown(context.names.profiles, item.value)
            changes.append(change)
            changed.append(item)
        await context.state.tables.people.write(partition, newer, [item.event for item in items])
        if changes:
            events = [item.event for item in changed]
            await change_people(context, partition, changes, events, "profiles")
        count(erased, "erased")
        count(changed, "accepted")

    def _change(
        self, item: Item[Profile], profile: Profile, vectors: dict[bytes, Vector]
    ) -> Change:
        context = self._context
        digest = item.text_hash or context.vectors.hash(person_text(profile), "query")
        ends = effective_expiry(profile)
        row = PersonRow(
            content_hash=content_hash(profile),
            text_hash=digest,
            record_ts=item.timestamp,
            offset=item.offset,
            ends=0 if ends >= NEVER_MS else ends,
            ended=ends <= time.time() * 1000,
            vector=vectors.get(digest, NO_VECTOR),
            profile=profile.model_dump(exclude_none=True),
            attrs=person_attrs(profile),
        )
        why = Notice(
            "profile_updated",
            item.timestamp,
            done_token(context, row.content_hash),
            header(item.event.message, "traceparent"),
        )
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


def _settled(item: Item[Profile], row: PersonRow | None) -> bool:
    """Whether the row is of a later record: all was told, and more since then."""
    if row is None:
        return False
    repeated = item.offset < row.offset and item.timestamp <= row.record_ts
    if repeated or item.outdated(row.record_ts):
        count([item], "repeated")
        return True
    return False
