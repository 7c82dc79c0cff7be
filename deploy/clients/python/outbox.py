"""What to tell, decided and noted before anything is sent: each step is one durable transaction."""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import dataclass

from hours import day, quiet, tomorrow
from sender import Outcome
from store import Store, hashed

SENTENCE_SECONDS = float(os.environ.get("SENTENCE_SECONDS", "60"))
LEASE_SECONDS = float(os.environ.get("LEASE_SECONDS", "60"))
KEY_SECONDS = 3600 * float(os.environ.get("KEY_HOURS", "24"))
MOST_JOBS = 3
DAY = 86_400.0
GRAVE_DAYS, SENTENCE_DAYS, TOLD_DAYS = 8, 30, 180


@dataclass(frozen=True, slots=True)
class Message:
    """One message to be handed over: the same key and bytes however often it is tried."""

    key: str
    body: str


class Outbox:
    """Messages, from the decision to their end.

    Args:
        store: Where they lie.
    """

    def __init__(self, store: Store) -> None:
        self._store, self._db = store, store.db

    # -- what to tell -----------------------------------------------------------------------
    def decide(self, now: float, limit: int = 100) -> None:
        """Make messages of the news that may be told now; their jobs count as told at once."""
        if quiet(now):
            return
        with self._store.transaction():
            for person in self._db.execute(
                "SELECT * FROM people WHERE due <= ? ORDER BY due LIMIT ?", (now, limit)
            ).fetchall():
                due = self._decide(person, now)
                since = None if due is None else person["since"]
                self._db.execute(
                    "UPDATE people SET due = ?, since = ? WHERE profile_id = ?",
                    (due, since, person["profile_id"]),
                )

    def _decide(self, person: sqlite3.Row, now: float) -> float | None:
        """When to look again; None where no news is left."""
        who = person["profile_id"]
        told = self._store.told(who)
        fresh = [e for e in json.loads(person["entries"]) if e["job_id"] not in told]
        news = [entry for entry in fresh if entry["send"]]
        if not news:
            return None  # what is only worth showing beside others waits for them
        if self._store.row(
            "SELECT 1 FROM messages WHERE profile_id = ? "
            "AND (day = ? OR state IN ('ready', 'sending'))",
            who,
            day(now),
        ):
            return tomorrow(now)  # one a day
        chosen = (news + [entry for entry in fresh if not entry["send"]])[:MOST_JOBS]
        sentences = [self._sentence(who, entry["job_id"], entry["version"]) for entry in chosen]
        waits_until: float = person["since"] + SENTENCE_SECONDS
        if None in sentences and now < waits_until:
            return waits_until
        lines = [text or entry["card"] for text, entry in zip(sentences, chosen, strict=True)]
        self._tell(who, [entry["job_id"] for entry in chosen], "\n".join(lines), now)
        return tomorrow(now) if len(news) > MOST_JOBS else None

    def _sentence(self, who: str, job_id: str, version: str) -> str | None:
        row = self._store.row(
            "SELECT sms FROM sentences WHERE key = ? AND job_version = ?",
            f"{who}:{job_id}",
            version,
        )
        return None if row is None else str(row["sms"])

    def _tell(self, who: str, jobs: list[str], text: str, now: float) -> None:
        key = hashed("\n".join([who, *jobs]))
        said = {"to": who, "text": text, "jobs": jobs}
        body = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        self._db.executemany("INSERT INTO told VALUES (?, ?, ?)", [(who, job, key) for job in jobs])
        self._db.execute(
            "INSERT INTO messages (key, profile_id, body, state, day, due) "
            "VALUES (?, ?, ?, 'ready', ?, ?)",
            (key, who, body, day(now), now),
        )

    # -- handing it over --------------------------------------------------------------------
    def claim(self, now: float, limit: int = 10) -> list[Message]:
        """Take messages to hand over; nobody else does until LEASE_SECONDS are over."""
        if quiet(now):
            return []
        with self._store.transaction():
            self._take_back(now)
            # nobody knows whether it came, and the gateway would not know its key again
            self._db.execute(
                "UPDATE messages SET state = 'unknown' "
                "WHERE state = 'sending' AND due <= ?1 AND first_try + ?2 <= ?1",
                (now, KEY_SECONDS),
            )
            rows = self._db.execute(
                "UPDATE messages SET maybe = maybe OR state = 'sending', state = 'sending', "
                "day = ?, due = ?, tries = tries + 1, first_try = coalesce(first_try, ?) "
                "WHERE key IN (SELECT key FROM messages WHERE state IN ('ready', 'sending') "
                "AND due <= ? ORDER BY due LIMIT ?) RETURNING key, body",
                (day(now), now + LEASE_SECONDS, now, now, limit),
            ).fetchall()
        return [Message(row["key"], row["body"]) for row in rows]

    def settle(self, key: str, outcome: Outcome, now: float) -> None:
        """Note what became of a message; no row is left of somebody erased meanwhile."""
        if outcome in ("sent", "refused"):
            self._db.execute(
                "UPDATE messages SET state = ?, day = ? WHERE key = ?", (outcome, day(now), key)
            )
            return
        # surely not taken: as if never tried, unless how another try ended is not known
        self._db.execute(
            "UPDATE messages SET maybe = maybe OR ?1, due = ?2 + min(300, 1 << min(tries, 8)), "
            "state = iif(maybe OR ?1, 'sending', 'ready'), "
            "first_try = iif(maybe OR ?1, first_try, NULL) "
            "WHERE key = ?3 AND state = 'sending'",
            (outcome == "unknown", now, key),
        )

    def _take_back(self, now: float) -> None:
        """Decide anew what was never taken on its day: the ranking may have changed."""
        for row in self._db.execute(
            "SELECT key, profile_id FROM messages WHERE state = 'ready' AND day <> ?", (day(now),)
        ).fetchall():
            self._db.execute("DELETE FROM told WHERE message = ?", (row["key"],))
            self._db.execute("DELETE FROM messages WHERE key = ?", (row["key"],))
            self._db.execute(
                "UPDATE people SET due = ?1, since = ?1 WHERE profile_id = ?2",
                (now, row["profile_id"]),
            )

    def sweep(self, now: float) -> None:
        """Once a day: drop what is over."""
        last = day(now - TOLD_DAYS * DAY)
        with self._store.transaction():
            self._db.execute("DELETE FROM graves WHERE at < ?", (now - GRAVE_DAYS * DAY,))
            self._db.execute("DELETE FROM sentences WHERE at < ?", (now - SENTENCE_DAYS * DAY,))
            # what a ranking still says stays told, however long ago that was
            self._db.execute(
                "DELETE FROM told WHERE message IN (SELECT key FROM messages WHERE day < ?) "
                "AND NOT EXISTS (SELECT 1 FROM people, json_each(people.entries) AS entry WHERE "
                "people.profile_id = told.profile_id AND entry.value ->> 'job_id' = told.job_id)",
                (last,),
            )
            self._db.execute(
                "DELETE FROM messages WHERE day < ? AND state NOT IN ('ready', 'sending') "
                "AND key NOT IN (SELECT message FROM told)",
                (last,),
            )
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # no copies are left in its log
