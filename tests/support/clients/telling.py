"""A publisher and notifiers of one language beside a matcher: what they were told, and tell."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import orjson

from tests.support.brokers import Broker
from tests.support.clients.gateway import Gateway
from tests.support.clients.languages import Language
from tests.support.kafka_io import Record, Send, publish_all, read_all, wait_until
from tests.support.processes import ChildProcess

LIMA = timezone(timedelta(hours=-5))
FIRST_DAY = datetime.now(LIMA).replace(hour=0, minute=0, second=0, microsecond=0)


class Telling:
    """The clients of one language.

    Args:
        spoken: Which.
        broker: Where the topics are.
        prefix: Of their names.
        folder: Takes the store and logs.
        gateway: Where messages go.
        env: More of their environment.
    """

    def __init__(
        self, spoken: Language, broker: Broker, prefix: str, folder: Path, gateway: Gateway,
        env: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self._spoken, self._broker, self._gateway = spoken, broker, gateway
        self._folder, self._store = folder, folder / f"{prefix}-{spoken.name}.db"
        self.matches, self.explanations = f"{prefix}.matches.v1", f"{prefix}.explanations.v1"
        self._ahead = 0.0
        self._injected: set[tuple[str, int, int]] = set()
        self.running: list[ChildProcess] = []
        self._env = {
            **os.environ, "KAFKA_BROKERS": broker.url, "TOPIC_PREFIX": prefix,
            "KAFKA_EMBEDDED": "1" if broker.kind == "tansu" else "0",
            "KAFKA_GROUP": f"{prefix}-notifier-{spoken.name}", "STORE": str(self._store),
            "SENDER_URL": gateway.url, "SENDER_TIMEOUT": "2", "LEASE_SECONDS": "3",
            "SESSION_TIMEOUT": "6000", "NODE_NO_WARNINGS": "1", **(env or {}),
        }  # fmt: skip

    # -- upstream -----------------------------------------------------------------------------
    def publish(self, kind: str, events: Iterable[Any]) -> None:
        """Publish events as its publisher does."""
        self._publisher(kind, given="".join(f"{orjson.dumps(e).decode()}\n" for e in events))

    def take_back(self, kind: str, *names: str) -> None:
        """Erase people, or withdraw ads."""
        self._publisher(kind, "--erase" if kind == "profiles" else "--withdraw", *names)

    def _publisher(self, kind: str, *arguments: str, given: str = "") -> None:
        done = subprocess.run(
            self._spoken.command("publish", kind, *arguments), input=given, capture_output=True,
            text=True, check=False, timeout=60, env=self._env,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    # -- downstream ---------------------------------------------------------------------------
    def go_to(self, day: int, hour: int, count: int) -> None:
        """Have so many notifiers run, at that hour of that day; those of before end in order."""
        for process in self.running:
            process.stop()
        self.running.clear()
        then = FIRST_DAY + timedelta(days=1 + day, hours=hour)
        self._ahead = then.timestamp() - time.time()
        self._gateway.day = str(day)
        for number in range(count):
            log = self._folder / f"{self._spoken.name}-notifier{number}.log"
            env = {**self._env, "CLOCK_AHEAD": str(self._ahead)}
            made = ChildProcess(f"notifier {number}", self._spoken.command("notifier"), log, env)
            self.running.append(made)
            made.start()

    def reap(self) -> None:
        """Make sure that none is left."""
        for process in self.running:
            process.reap()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What its store answers."""
        with closing(sqlite3.connect(f"file:{self._store}?mode=ro", uri=True)) as store:
            return store.execute(query).fetchall()

    # -- what is right ------------------------------------------------------------------------
    async def records(self, topic: str) -> list[Record]:
        """What was told by matcher: without what a test put there."""
        found = await read_all(self._broker, topic)
        return [record for record in found if record.at not in self._injected]

    async def inject(self, records: Iterable[Record]) -> None:
        """Have records come again, late."""
        sends = [Send(r.topic, r.key, r.value, (), r.partition) for r in records]
        self._injected |= set(await publish_all(self._broker, sends))

    async def rankings(self) -> dict[str, dict[str, Any]]:
        """The event that counts, of each person who is not erased."""
        found: dict[str, dict[str, Any]] = {}
        for record in await self.records(self.matches):
            who = (record.key or b"").decode()
            if record.value is None:
                found.pop(who, None)
            elif who not in found or record.json["revision"] >= found[who]["revision"]:
                found[who] = record.json
        return found

    async def until_taken_in(self) -> None:
        """Wait until the store holds all of matcher's rankings, and nobody else's."""

        async def held() -> bool:
            self.check()
            wanted = {who: event["event_id"] for who, event in (await self.rankings()).items()}
            try:
                return dict(self.rows("SELECT profile_id, event_id FROM people")) == wanted
            except sqlite3.OperationalError:  # no store yet
                return False

        await self._wait(held, "the store to hold every ranking")

    async def until_told(self) -> None:
        """Wait until nothing is due any more and nothing on its way."""

        async def over() -> bool:
            self.check()
            due = f"SELECT 1 FROM people WHERE due <= {time.time() + self._ahead}"
            return not self.rows(due) and not self.rows(
                "SELECT 1 FROM messages WHERE state IN ('ready', 'sending')"
            )

        await self._wait(over, "every message to be sent")

    async def _wait(self, condition: Any, what: str) -> None:
        try:
            await wait_until(condition, 60, what)
        except AssertionError as late:
            tails = "\n".join(process.tail() for process in self.running)
            raise AssertionError(f"{late}\n{tails}") from None

    def check(self) -> None:
        """Every notifier runs, but for those that a test killed."""
        dead = [process for process in self.running if process.exit_code not in (None, -9)]
        assert not dead, dead[0].tail()
