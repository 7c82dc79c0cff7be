"""The events that were sent: order of revisions, versions that never go back, the last of each."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from matcher_stream.verify.reading import Coordinates
from matcher_stream.verify.report import Report
from models.ranking.event_bodies import epoch_of


@dataclass(slots=True)
class _Past:
    """What was sent about one key so far."""

    revision: int = -1
    body: dict[str, Any] | None = None
    at: Coordinates | None = None
    ids: dict[str, bytes] = field(default_factory=dict)
    versions: dict[str, tuple[int, ...]] = field(default_factory=dict)


class Sent:
    """Every event of an output topic, in offset order.

    Args:
        name: "matches" or "candidates", used in sentences.
        id_field: The entries' id.
        report: Takes the differences.
        ordered: Whether the order of events means something; if not, only the last ones count.
    """

    def __init__(
        self,
        name: str,
        id_field: str,
        report: Report,
        ordered: Callable[[], bool] = lambda: True,
    ) -> None:
        self._name, self._id, self._report = name, id_field, report
        self._ordered = ordered
        self._past: dict[str, _Past] = {}
        self.events = 0

    def last(self, key: str) -> dict[str, Any] | None:
        """The last event of a key; None if there was none or the last is a null."""
        past = self._past.get(key)
        return past.body if past is not None else None

    @property
    def ordered(self) -> bool:
        """Whether the last event is the one that the table's row is of: in two topics, one public,
        a deployment's last word may be what another had said before.
        """
        return self._ordered()

    @property
    def keys(self) -> set[str]:
        """Keys whose last event is not a null."""
        return {key for key, past in self._past.items() if past.body is not None}

    async def read(self, records: AsyncIterator[Any]) -> None:
        """Take every record in."""
        async for record in records:
            self.events += 1
            at = Coordinates(record.topic, record.partition, record.offset)
            past = self._past.setdefault(record.key.decode(), _Past())
            if past.at is not None and past.at.partition != at.partition:
                self._differ(record.key.decode(), "events lie in two partitions")
            past.at = at
            if record.value is None:
                past.body = None
                past.versions.clear()  # a job seen again after an erasure is news
                continue
            self._take(record.key.decode(), past, record.value)

    def _take(self, key: str, past: _Past, value: bytes) -> None:
        body = orjson.loads(value)
        revision, event_id = body["revision"], body["event_id"]
        if revision < past.revision:
            self._differ(key, f"revision {revision} comes after {past.revision}")
        digest = hashlib.blake2b(value, digest_size=16).digest()
        if past.ids.setdefault(event_id, digest) != digest:
            self._differ(key, f"two events with the id {event_id} differ")
        self._news(key, past, body)
        if epoch_of(revision) > epoch_of(max(0, past.revision)):
            past.versions.clear()  # each deployment counts decisions and expiries by itself
        for entry in body["entries"]:
            version = entry.get("job_version")
            if version is not None:
                self._version(key, past, entry[self._id], tuple(version))
        if "job_version" in body:
            self._version(key, past, "", tuple(body["job_version"]))
        past.revision, past.body = revision, body

    def _news(self, key: str, past: _Past, body: dict[str, Any]) -> None:
        """`entered` and `left` follow from what was told before, unless a crash repeated it."""
        if "entered" not in body or body["revision"] == past.revision or past.body is None:
            return
        told = [entry[self._id] for entry in past.body["entries"]]
        now = [entry[self._id] for entry in body["entries"]]
        if set(body["entered"]) != set(now) - set(told):
            self._differ(key, f"entered of revision {body['revision']} is not what is new")
        if set(body["left"]) != set(told) - set(now):
            self._differ(key, f"left of revision {body['revision']} is not what is gone")

    def _version(self, key: str, past: _Past, job_id: str, version: tuple[int, ...]) -> None:
        if version < past.versions.get(job_id, ()):
            self._differ(key, f"version {version} of job {job_id or key} comes after a newer one")
        past.versions[job_id] = version

    def _differ(self, key: str, what: str) -> None:
        if self._ordered():
            self._report.differ("history", key, f"{self._name}: {what}")
