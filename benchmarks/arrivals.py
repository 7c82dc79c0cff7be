"""People and jobs that arrive evenly and wait for an answer, and a few who never stop."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson
from aiokafka import AIOKafkaProducer

from benchmarks.throughput import job, profile
from tests.support.deployment import Deployment
from tests.support.kafka_io import consuming, partitions_of, producing


@dataclass(slots=True)
class Waits:
    """When what was published was answered.

    Attributes:
        sent: Publishing time by key, s.
        took: Seconds to the first event, by key.
    """

    sent: dict[bytes, float] = field(default_factory=dict)
    took: dict[bytes, float] = field(default_factory=dict)

    def quantile(self, percent: int) -> float:
        """A percentile over everybody, ms; who was never answered has waited until now."""
        now = time.monotonic()
        waited = [self.took.get(key, now - at) for key, at in self.sent.items()]
        return statistics.quantiles(waited, n=100)[percent - 1] * 1000 if len(waited) > 1 else 0.0


class Load:
    """Publishes evenly and listens for the answers.

    Args:
        on: The matcher.
        people: Texts of profiles.
        ads: Texts of jobs.
    """

    def __init__(self, on: Deployment, people: list[str], ads: list[str]) -> None:
        self._on, self._people, self._ads = on, people, ads
        self.published = 0

    async def others(self, phase: str, seconds: float, per_second: float) -> tuple[Waits, Waits]:
        """New people, and a fifth as many new jobs; publishing ends after `seconds`."""
        people, jobs = Waits(), Waits()
        names, until = self._on.names, time.monotonic() + seconds
        async with producing(self._on.broker) as producer:

            async def arrive(
                topic: str, waits: Waits, make: Callable[[int], bytes], rate: float
            ) -> None:
                number = 0
                while time.monotonic() < until:
                    key = f"{phase}-{topic[-7:-3]}-{number}".encode()
                    value = orjson.loads(make(number))
                    field_ = "profile_id" if topic == names.profiles else "job_id"
                    waits.sent[key] = time.monotonic()
                    await producer.send(topic, orjson.dumps({**value, field_: key.decode()}), key)
                    number += 1
                    await asyncio.sleep(1 / rate)

            listening = [
                asyncio.ensure_future(self._listen(names.matches, people)),
                asyncio.ensure_future(self._listen(names.candidates, jobs)),
            ]
            await asyncio.gather(
                arrive(names.profiles, people, self._person, per_second),
                arrive(names.jobs, jobs, self._job, per_second / 5),
            )
            await asyncio.sleep(10)  # what is slower counts as the time until now
            for task in listening:
                task.cancel()
        return people, jobs

    def _person(self, number: int) -> bytes:
        return profile(number, f"{self._people[number % len(self._people)]} {number}")

    def _job(self, number: int) -> bytes:
        return job(number, f"{self._ads[number % len(self._ads)]} {number}")

    async def _listen(self, topic: str, waits: Waits) -> None:
        async with consuming(self._on.broker) as consumer:
            parts = await partitions_of(consumer, [topic])
            consumer.assign(parts)
            await consumer.seek_to_end(*parts)
            while True:
                for records in (await consumer.getmany(timeout_ms=50)).values():
                    for record in records:
                        if record.key in waits.sent and record.key not in waits.took:
                            waits.took[record.key] = time.monotonic() - waits.sent[record.key]

    async def hot(self, keys: int, rate: float, seconds: float) -> None:
        """`rate` versions a second of `keys` people in turn."""
        started, topic = time.monotonic(), self._on.names.profiles
        producer = AIOKafkaProducer(bootstrap_servers=self._on.broker.url, linger_ms=20)
        await producer.start()
        try:
            while (now := time.monotonic() - started) < seconds:
                while self.published < now * rate:
                    key, n = f"hot-{self.published % keys}", self.published
                    text = f"{self._people[n % len(self._people)]} Versión {n}."
                    value = orjson.dumps({"profile_id": key, "text": text, "min_pay": 1000 + n})
                    await producer.send(topic, value, key=key.encode())
                    self.published += 1
                await asyncio.sleep(0.02)
        finally:
            await producer.stop()
