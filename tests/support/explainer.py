"""The explainer as a process, and matches events to feed it with."""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from matcher_stream.config.contract import explainer_specs
from matcher_stream.config.explainer_settings import ExplainerSettings
from matcher_stream.config.topics import TopicNames, create_topics, partition_for, public_specs
from tests.models.explain.entries import entry_of
from tests.support.brokers import Broker
from tests.support.kafka_io import Record, Send, publish_all, read_all, wait_until
from tests.support.people_and_jobs import invent_job, invent_person
from tests.support.worker import WorkerProcess

SESSION_TIMEOUT = 6.0
EPOCH = 1 << 32


class ExplainerProcess(WorkerProcess):
    """``faust -A matcher_stream.explainer worker``."""

    def __init__(self, name: str, folder: Path, env: Mapping[str, str]) -> None:
        super().__init__(name, folder, env)
        self.command[self.command.index("matcher_stream.app")] = "matcher_stream.explainer"


class Explaining:
    """An explainer with topics of its own.

    Args:
        broker: Where its topics live.
        folder: Takes data folders and logs.
        settings: Further settings by field name.
    """

    def __init__(self, broker: Broker, folder: Path, **settings: Any) -> None:
        values: dict[str, Any] = {
            "topic_prefix": f"x{uuid.uuid4().hex[:8]}",
            "partitions": 8,
            "session_timeout": SESSION_TIMEOUT,
            "producer_batch": 1 if broker.kind == "tansu" else 65536,
            "llm_timeout": 3.0,
            **settings,
        }
        self.broker, self.folder = broker, folder
        self.settings = ExplainerSettings(broker_url=f"kafka://{broker.url}", **values)
        self.app_id = f"{self.settings.topic_prefix}-explainer"
        self.names = TopicNames(self.settings, self.app_id)
        self.workers: list[ExplainerProcess] = []
        ours = ("MATCHER_", "BROKER_URL", "FAUST_", "OPENAI_")
        self._env = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        self._env["BROKER_URL"] = self.settings.broker_url
        self._env.update({f"MATCHER_{k.upper()}": str(v) for k, v in values.items()})

    async def create_topics(self) -> None:
        """Create what it reads and writes."""
        specs = [*public_specs(self.names, self.settings)]
        wanted = {self.names.matches, self.names.explanations}
        await create_topics(self.settings, [s for s in specs if s.name in wanted])
        await create_topics(self.settings, explainer_specs(self.names, self.settings))

    def worker(self, **env: str) -> ExplainerProcess:
        """One more worker, not started, with a data folder of its own."""
        name = f"explainer{len(self.workers)}"
        made = ExplainerProcess(name, self.folder, {**self._env, **env})
        self.workers.append(made)
        return made

    def start(self, count: int = 1, **env: str) -> list[ExplainerProcess]:
        """Start workers and wait until they are ready."""
        made = [self.worker(**env) for _ in range(count)]
        for worker in made:
            worker.start()
        for worker in made:
            worker.wait_ready()
        return made

    def reap(self) -> None:
        """Make sure that no worker is left."""
        for worker in self.workers:
            worker.reap()

    async def publish(self, events: Iterable[dict[str, Any]]) -> None:
        """Publish matches events; one without entries key is an erasure.

        Few at once: a record's timestamp is from before it waits in the producer's queue, and
        that wait is not the explainer's.
        """
        await publish_all(self.broker, [self.send(event) for event in events], window=16)

    def send(self, event: dict[str, Any]) -> Send:
        """One event as a record in its partition."""
        key = event["profile_id"].encode()
        value = orjson.dumps(event) if "entries" in event else None
        partition = partition_for(key, self.settings.partitions)
        return Send(self.names.matches, key, value, partition=partition)

    async def records(self) -> list[Record]:
        """Every record of the explanations topic."""
        return await read_all(self.broker, self.names.explanations)

    async def latest(self) -> dict[str, Any]:
        """The last explanation of each key; None where it was taken back."""
        return {r.key.decode(): r.json for r in await self.records() if r.key is not None}

    async def until_written(
        self, keys: Iterable[str], writer: str | None = None, timeout: float = 30.0
    ) -> dict[str, Any]:
        """Wait until each key has an explanation (of that writer); returns the latest ones."""
        wanted, found = set(keys), {}

        async def done() -> bool:
            nonlocal found
            found = await self.latest()
            there = {k for k, v in found.items() if v and writer in (None, v["writer"])}
            return wanted <= there

        try:
            await wait_until(done, timeout, f"{len(wanted)} explanations by {writer or 'anybody'}")
        except AssertionError as late:
            missing = [k for k in wanted if not found.get(k)]
            raise AssertionError(
                f"{late}; {len(missing)} have none\n" + "\n".join(w.tail() for w in self.workers)
            ) from None
        return found


def person_event(
    number: int, seed: int = 1, *, entries: int = 5, revision: int = 1, consent: bool = True,
    **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """The matches event of an invented person; the same number and seed make the same jobs."""
    rng = random.Random(f"{seed}:{number}")
    person = invent_person(rng, f"p{number}")
    made = []
    for rank in range(1, entries + 1):
        job = invent_job(rng, f"j{number}-{rank}")
        made.append(entry_of(person, job, rank))
    return matches_event(f"p{number}", made, revision=revision, consent=consent, **more)


def matches_event(
    profile_id: str, entries: list[dict[str, Any]], *, revision: int = 1, consent: bool = True,
    **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """A matches event around entries, in the order given."""
    ranked = [{**entry, "rank": rank} for rank, entry in enumerate(entries, 1)]
    return {
        "profile_id": profile_id, "revision": EPOCH + revision, "event_id": uuid.uuid4().hex,
        "status": "ok" if entries else "no_match", "cause": "profile_updated",
        "encoder_version": "test", "ranker_version": "test", "as_of": "2026-11-23",
        "consent_llm": consent, "entries": ranked,
        "entered": [entry["job_id"] for entry in entries], "left": [], **more,
    }  # fmt: skip


def keys_of(events: Iterable[dict[str, Any]], top: int = 100) -> set[str]:
    """Keys of the explanations of the events' top entries."""
    return {
        f"{event['profile_id']}:{entry['job_id']}"
        for event in events
        for entry in event["entries"]
        if entry["rank"] <= top
    }
