"""One run of the demo: publish, wait until all is worked off, show what arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import orjson
from rich.progress import Progress, TaskID

from matcher_stream.cli.console import activity, out, progress
from matcher_stream.cli.render import matches_view
from matcher_stream.config.catalogue import READ, Catalogue, InputTopic
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.settings import Settings
from matcher_stream.files.publish import publish_rows
from matcher_stream.files.reading import Follower, following
from matcher_stream.files.rows import Row
from matcher_stream.local.child_worker import POLL_SECONDS, Worker


class DemoSession:
    """The part of the demo between a started worker and its end.

    Args:
        settings: How to reach the broker.
        worker: The one worker.
        people: Whose rankings are shown.
    """

    def __init__(self, settings: Settings, worker: Worker, people: Mapping[bytes, Row]) -> None:
        self._settings = settings
        self._worker = worker
        self.people = list(people.values())
        self._words = {key: str(getattr(row.event, "text", "")) for key, row in people.items()}
        self._names = TopicNames(settings, "")
        self._latest: dict[bytes, dict[str, Any]] = {}

    async def start(self) -> None:
        """Wait until the worker takes part, telling what it is busy with."""
        with activity("Iniciando el trabajador…") as tell:

            def step(facts: dict[str, Any]) -> None:
                if facts:
                    loading = facts.get("encoder") == "loading"
                    tell("Cargando el modelo de lenguaje…" if loading else "Uniéndose al grupo…")

            facts = await self._worker.until_ready(step)
        self._names = TopicNames(self._settings, facts["app_id"])

    async def match(
        self, people: Sequence[Row], jobs: Sequence[Row]
    ) -> dict[bytes, dict[str, Any]]:
        """Publish jobs, then people; show each ranking as it arrives; return the last of each.

        Jobs come first, so that each person's first ranking is already over all of them.
        """
        async with AsyncExitStack() as stack:
            inputs = await stack.enter_async_context(following(self._settings, self._names.read))
            matches = await stack.enter_async_context(
                following(self._settings, [self._names.matches])
            )
            with progress() as bar:
                for topic, rows, what, then in (
                    (Catalogue.jobs, jobs, "Trabajos", "Leyendo trabajos"),
                    (Catalogue.profiles, people, "Personas", "Emparejando personas"),
                ):
                    await self._publish(bar, topic, what, rows)
                    await self._settle(bar, inputs, matches, then, topic.agent, len(rows))
        return self._latest

    def missing(self) -> int:
        """How many people have no matches event."""
        return sum(row.key not in self._latest for row in self.people)

    async def follow(self) -> None:
        """Show every ranking that changes from now on."""
        seen = {key: event["revision"] for key, event in self._latest.items()}
        async with following(self._settings, [self._names.matches]) as matches:
            while True:
                for record in await matches.batch():
                    if record.value is None:
                        continue
                    event = orjson.loads(record.value)
                    if event["revision"] > seen.get(record.key, -1):
                        seen[record.key] = event["revision"]
                        self._show(record.key, event)
                self._worker.check_alive()

    async def _publish(
        self, bar: Progress, topic: InputTopic, title: str, rows: Sequence[Row]
    ) -> None:
        task = bar.add_task(f"Publicando: {title}", total=len(rows))
        await publish_rows(
            self._settings, topic, rows, on_sent=lambda done: bar.update(task, completed=done)
        )
        bar.remove_task(task)

    async def _settle(
        self, bar: Progress, inputs: Follower, matches: Follower, title: str, agent: str, total: int
    ) -> None:
        """Show what arrives until every record of every topic is worked off and shown."""
        task = bar.add_task(title, total=total)
        while True:
            settled = await self._settled(bar, task, inputs, agent)
            await self._show_arrived(matches)
            if settled and await matches.caught_up():
                break
            await asyncio.sleep(POLL_SECONDS)
        bar.remove_task(task)

    async def _settled(self, bar: Progress, task: TaskID, inputs: Follower, agent: str) -> bool:
        """Whether all agents are done. Counters first: what they sent is in the ends then."""
        done = await self._worker.counters()
        bar.update(task, completed=int(done.get(agent, 0)))
        if not done:
            return False
        if waiting := done.get("lists_waiting", 0):
            bar.update(task, description=f"Ordenando candidatos ({waiting:.0f} listas)")
            return False
        ends = await inputs.ends()
        return all(done.get(topic.agent, 0) >= ends[self._names.of(topic)] for topic in READ)

    async def _show_arrived(self, matches: Follower) -> None:
        for record in await matches.batch(wait_ms=50):
            if record.value is None:
                self._latest.pop(record.key, None)
                continue
            event = orjson.loads(record.value)
            self._latest[record.key] = event
            if record.key in self._words:
                self._show(record.key, event)

    def _show(self, key: bytes, event: dict[str, Any]) -> None:
        out.print(matches_view(event, self._words.get(key, "")))
        out.print()
