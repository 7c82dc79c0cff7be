"""What the notifier remembers, in SQLite: rankings, explanations, who was erased.

Several notifiers share one store (one file on one machine; the same statements on a database
server for several): partitions move between them, and what one told must be known to all.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).resolve().parents[1] / "store.sql"


class Store:
    """One connection to the database.

    Args:
        path: Its file.
    """

    def __init__(self, path: str) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")  # a decision outlives a power cut
        self.db.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten
        self.db.executescript(SCHEMA.read_text())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and nobody else writes meanwhile."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def ranking(self, profile_id: str, event: dict[str, Any] | None, now: float) -> None:
        """Take in a record of `matches`: a whole ranking, or None for an erased person.

        News is what this store never told, not what `entered` says: that counts from the revision
        before, which we may never have seen.
        """
        if event is None:
            self._forget(profile_id, now)
            return
        known = self.row("SELECT * FROM people WHERE profile_id = ?", profile_id)
        if event["revision"] <= self._grave(profile_id):
            return  # from before they were erased
        if known and event["revision"] < known["revision"]:
            return  # an older one
        if known and event["event_id"] == known["event_id"]:
            return  # the same again
        entries = [
            {
                "job_id": entry["job_id"],
                "version": _version(entry),
                "send": entry.get("level", "send") == "send",
                "card": _card(entry["job"]),
            }
            for entry in event["entries"]
        ]
        told = self.told(profile_id)
        since: float | None = None
        due: float | None = None
        if any(entry["send"] and entry["job_id"] not in told for entry in entries):
            since = (known and known["since"]) or now
            due = (known and known["due"]) or now
        kept = json.dumps(entries, ensure_ascii=False)
        self.db.execute(
            "INSERT OR REPLACE INTO people VALUES (?, ?, ?, ?, ?, ?)",
            (profile_id, event["revision"], event["event_id"], kept, since, due),
        )

    def sentence(self, key: str, event: dict[str, Any] | None, now: float) -> None:
        """Take in a record of `explanations`; None takes one back."""
        if event is None:
            self.db.execute("DELETE FROM sentences WHERE key = ?", (key,))
            return
        who, version = event["profile_id"], _version(event)
        if event["revision"] <= self._grave(who):
            return
        self.db.execute(
            "INSERT OR REPLACE INTO sentences VALUES (?, ?, ?, ?, ?)",
            (key, who, version, event["sms"], now),
        )
        self.db.execute("UPDATE people SET due = ?1 WHERE profile_id = ?2 AND due > ?1", (now, who))

    def _forget(self, profile_id: str, now: float) -> None:
        known = self.row("SELECT revision FROM people WHERE profile_id = ?", profile_id)
        if known:
            self.db.execute(
                "INSERT OR REPLACE INTO graves VALUES (?, ?, ?)",
                (hashed(profile_id), known["revision"], now),
            )
        for table in ("people", "sentences", "told", "messages"):
            self.db.execute(f"DELETE FROM {table} WHERE profile_id = ?", (profile_id,))

    def _grave(self, who: str) -> int:
        row = self.row("SELECT revision FROM graves WHERE person = ?", hashed(who))
        return -1 if row is None else int(row["revision"])

    def told(self, who: str) -> set[str]:
        """Jobs that a person was told of, or is being told of."""
        rows = self.db.execute("SELECT job_id FROM told WHERE profile_id = ?", (who,))
        return {row["job_id"] for row in rows}

    def row(self, query: str, *values: Any) -> sqlite3.Row | None:
        """The first row of an answer."""
        found: sqlite3.Row | None = self.db.execute(query, values).fetchone()
        return found


def hashed(text: str) -> str:
    """SHA-256, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _version(event: dict[str, Any]) -> str:
    return ".".join(map(str, event["job_version"]))


def _card(job: dict[str, Any]) -> str:
    """The job in a line, where no explanation came in time."""
    return ", ".join(str(job[name]) for name in ("title", "employer", "place") if job.get(name))
