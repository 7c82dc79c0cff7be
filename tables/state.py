"""Tables and indexes together: reading rows, and rebuilding the indexes after a rebalance."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

import orjson

from models.feedback.drafting import Trial
from models.ranking.attrs import job_attrs
from models.ranking.ranker import Ranker
from models.reading.status import combined_status, stated_status
from tables.index.building import without_collections
from tables.index.dirty import DirtyLists
from tables.index.jobs import IndexedJob
from tables.index.matching import MatchState
from tables.index.people import PersonEntry
from tables.index.rivals import heeds
from tables.reader import RowReader
from tables.rows import (
    ANY_VERSION,
    ERASED,
    VETTED,
    Exclusions,
    JobRow,
    PersonHeader,
    PersonRow,
    RankingRow,
    ends_and_held,
    erased_key,
    person_header,
    posting_header,
    posting_version,
    unpack_erased,
    unpack_exclusions,
    unpack_list,
)
from tables.tables import Tables

log = logging.getLogger(__name__)

_BUILD_BATCH = 4096


class State(RowReader):
    """Tables and indexes of the partitions that this worker owns.

    Args:
        tables: Where rows are.
        ranker: How pairs are scored.
        top_k: Jobs in a ranking, people in a list of candidates.
        hired_pauses: Whether somebody who was hired is paused.
        unlocks: Whether to count what one step would open.
        trial: Which rankings are interleaved, if any are.
    """

    def __init__(
        self,
        tables: Tables,
        ranker: Ranker,
        top_k: int,
        hired_pauses: bool,
        unlocks: bool = False,
        trial: Trial | None = None,
    ) -> None:
        super().__init__(tables)
        self.trial = trial
        self.ranker = ranker
        self.hired_pauses = hired_pauses
        self._top_k = top_k
        self._unlocks = unlocks
        self._match: MatchState | None = None
        self.dirty = DirtyLists()
        self.owned: set[int] = set()
        #: When jobs and people end, ms since the epoch, by partition.
        self.job_ends: dict[int, dict[str, int]] = {}
        self.person_ends: dict[int, dict[str, int]] = {}
        #: When jobs came that wait for a reviewer, likewise.
        self.held: dict[int, dict[str, int]] = {}
        self._synced: dict[int, tuple[int | None, ...]] = {}

    @property
    def match(self) -> MatchState:
        """The indexes; they exist once `prepare` was told the length of a vector."""
        assert self._match is not None, "prepare() comes first"
        return self._match

    def prepare(self, dim: int) -> None:
        """Make empty indexes for vectors of this length, once."""
        if self._match is None:
            self._match = MatchState(dim, self.ranker, self._top_k, self._unlocks)

    def note_end(self, partition: int, job_id: str, row: JobRow | None) -> None:
        """Remember when a job ends, as long as its row says that it has not, and if it is held."""
        held = self.held.setdefault(partition, {})
        held.pop(job_id, None)
        if row is not None and row.state == "held":
            held[job_id] = row.record_ts
        ends = self.job_ends.setdefault(partition, {})
        if row is not None and row.state in VETTED:
            ends[job_id] = row.ends
        else:
            ends.pop(job_id, None)

    def entry(self, profile_id: str, row: PersonRow, exclusions: Exclusions) -> PersonEntry:
        """A person as the index holds them."""
        stated = stated_status(row.profile)
        status = self._status(stated, exclusions, ended=row.ended, record_ts=row.record_ts)
        profile, excluded = orjson.dumps(row.known.kept()), frozenset(exclusions)
        return PersonEntry(
            profile_id, row.vector, row.attrs, profile, excluded, status, row.record_ts
        )

    def _entry_from_bytes(
        self, profile_id: str, raw: bytes, exclusions: Exclusions, head: PersonHeader
    ) -> tuple[PersonEntry, int]:
        """The same from a packed row, without parsing JSON, and when the profile still ends."""
        ends = 0 if head.ended else head.ends
        if head.attrs is None:  # other rules made them
            return self.entry(profile_id, PersonRow.unpack(raw), exclusions), ends
        status = self._status(head.stated, exclusions, ended=head.ended, record_ts=head.record_ts)
        facts = head.vector, head.attrs, head.profile, frozenset(exclusions), status
        return PersonEntry(profile_id, *facts, head.record_ts), ends

    def superseded(self, profile_id: str, raw: bytes) -> PersonEntry | None:
        """A version out of `pending`; None if it may be any, or other rules made it."""
        if raw == ANY_VERSION:
            return None
        head = person_header(raw)
        if head.attrs is None and not head.profile:
            return None
        return self._entry_from_bytes(profile_id, raw, {}, head)[0]

    def _status(
        self, stated: str | None, exclusions: Exclusions, *, ended: bool, record_ts: int
    ) -> str | None:
        hired = [ts for kind, ts in exclusions.values() if kind == "hired"]
        hired_ts = max(hired) if hired and self.hired_pauses else None
        return combined_status(stated, ended=ended, record_ts=record_ts, hired_ts=hired_ts)

    # -- rebuilding -----------------------------------------------------------------------

    def mark_synced(self) -> None:
        """Note that the indexes equal the tables right now."""
        self._synced = {p: self._signature(p) for p in self.owned}

    def mark_in_use(self) -> None:
        """Note that the tables are about to be written: unless `mark_synced` follows, the
        indexes may differ from them and are rebuilt next time.
        """
        self._synced = {}

    @without_collections()
    def rebuild(self, partitions: Iterable[int]) -> None:
        """Index the assigned partitions and forget the others; runs in the scoring thread.

        A partition whose changelogs did not move since it was last in step is kept.
        """
        wanted = set(partitions)
        for partition in self.owned - wanted:
            self._drop(partition)
        started, loaded = time.monotonic(), 0
        for partition in sorted(wanted):
            signature = self._signature(partition)
            if None in signature or self._synced.get(partition) != signature:
                self._drop(partition)
                self._load(partition)
                loaded += 1
        self.owned = wanted
        self.mark_synced()
        log.info(
            "Indexed %d of %d partitions in %.2f s: %d people, %d jobs",
            loaded,
            len(wanted),
            time.monotonic() - started,
            self.match.count_people(),
            len(self.match.jobs),
        )

    def _signature(self, partition: int) -> tuple[int | None, ...]:
        return tuple(table.changelog_offset(partition) for table in self.tables.all())

    def _drop(self, partition: int) -> None:
        self.match.drop_partition(partition)
        self.dirty.drop_partition(partition)
        self.job_ends.pop(partition, None)
        self.held.pop(partition, None)
        self.person_ends.pop(partition, None)

    def _load(self, partition: int) -> None:
        self._load_postings(partition)
        self._load_people(partition)
        self._load_rankings(partition)
        self._load_pending(partition)
        jobs = self.tables.jobs.rows(partition)
        self.job_ends[partition], self.held[partition] = ends_and_held(jobs)

    def _load_postings(self, partition: int) -> None:
        jobs, batch = self.match.jobs, []
        for key, raw in self.tables.postings.rows(partition):
            version, dead = posting_version(raw)
            if dead:
                continue
            job_id = key.decode()
            if jobs.has_shared(job_id, version):
                jobs.attach(partition, job_id, version)
                continue
            head = posting_header(raw)
            attrs = head.attrs or job_attrs(orjson.loads(head.card), head.penalty)
            job = IndexedJob(job_id, version, head.card, attrs, head.signature)
            batch.append((job, head.vector))
            if len(batch) == _BUILD_BATCH:
                jobs.put_many(partition, batch)
                batch = []
        jobs.put_many(partition, batch)

    def _load_people(self, partition: int) -> None:
        people, batch = self.match.people(partition), []
        rows = self.tables.exclusions.rows(partition)
        said = {key: unpack_exclusions(raw) for key, raw in rows}
        ends = self.person_ends[partition] = {}
        gone = {
            key: unpack_erased(raw)[0]
            for key, raw in self.tables.meta.rows(partition)
            if key.startswith(ERASED)
        }
        for key, raw in self.tables.people.rows(partition):
            profile_id, head = key.decode(), person_header(raw)
            if gone and head.offset < gone.get(erased_key(profile_id), -1):
                continue  # the worker died while it erased them
            entry, end = self._entry_from_bytes(profile_id, raw, said.get(key, {}), head)
            if end:
                ends[profile_id] = end
            batch.append(entry)
            if len(batch) == _BUILD_BATCH:
                people.put_many(batch)
                batch = []
        people.put_many(batch)

    def _load_rankings(self, partition: int) -> None:
        people, floor, k = self.match.people(partition), self.ranker.threshold, self._top_k
        for key, raw in self.tables.rankings.rows(partition):
            slot = people.slots.get(key.decode())
            if slot is not None:
                row = RankingRow.unpack(raw)
                people.told(slot, *row.heeded(k, floor))
                if heeds(self.trial, people.entries[slot], row.challenger):
                    people.set_rival(slot, row.challenger)

    def _load_pending(self, partition: int) -> None:
        for key, raw in self.tables.pending.rows(partition):
            profile_id, current = key.decode(), self.tables.people.get_row(partition, key)
            versions = unpack_list(raw) + ([current] if current else [])
            entries = [self.superseded(profile_id, version) for version in versions]
            for jobs in self.match.jobs_affected(partition, entries):
                self.dirty.mark(partition, profile_id, jobs)
