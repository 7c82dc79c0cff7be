"""Publish people and job ads to matcher: one JSON object a line from standard input.

python publish.py profiles < people.jsonl    {"profile_id": "p-1", "text": "albañil, 5 años"}
python publish.py jobs < ads.jsonl           {"job_id": "a-1", "title": "Albañil"}
python publish.py profiles --erase p-1 p-2   forget people, everywhere
python publish.py jobs --withdraw a-1        take ads back
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import sys
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from connection import EMBEDDED, FORBIDDEN, connection, knock, one_sentence, topic

ID_OF = {"profiles": "profile_id", "jobs": "job_id"}
GONE = {"profiles": "--erase", "jobs": "--withdraw"}
SOURCE = "example-upstream"
WINDOW = 500


def make_producer() -> AIOKafkaProducer:
    """A producer whose records come once, in order, and count when every replica in step has them.

    Its partitioner is left alone: aiokafka's own is murmur2, which the topics are keyed by.
    """
    return AIOKafkaProducer(
        **connection(),
        acks="all",
        enable_idempotence=not EMBEDDED,
        max_batch_size=1 if EMBEDDED else 65536,
        linger_ms=0 if EMBEDDED else 5,
        max_request_size=8 << 20,
    )


def headers(kind: str) -> list[tuple[str, bytes]]:
    """CloudEvents headers, and a trace that the event can be followed by through both apps."""
    said = {
        "ce_specversion": "1.0",
        "ce_id": uuid.uuid4().hex,
        "ce_type": f"pe.matcher.{kind}.v1",
        "ce_source": SOURCE,
        "ce_time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "content-type": "application/json",
        "traceparent": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01",
    }
    return [(name, value.encode()) for name, value in said.items()]


async def publish(
    producer: AIOKafkaProducer, kind: str, events: Iterable[tuple[str, dict[str, Any] | None]]
) -> list[str]:
    """Publish events in order; None, a null value, erases a person or withdraws an ad.

    Args:
        producer: Started.
        kind: "profiles" or "jobs".
        events: Ids with their events.

    Returns:
        Ids of what was not taken. Publish those again: the same event twice changes nothing.
    """
    failed: list[str] = []
    waiting: list[tuple[str, asyncio.Future[Any]]] = []

    async def settle() -> None:
        for name, sent in waiting:
            try:
                await sent
            except FORBIDDEN:
                raise  # so would all others
            except KafkaError as error:
                print(f"{name}: {type(error).__name__}", file=sys.stderr)
                failed.append(name)
        waiting.clear()

    for name, event in events:
        value = None if event is None else json.dumps(event, ensure_ascii=False).encode()
        sent = await producer.send(topic(kind), value, key=name.encode(), headers=headers(kind))
        waiting.append((name, sent))
        if len(waiting) >= WINDOW:
            await settle()
    await settle()
    return failed


async def main(kind: str, *names: str) -> int:
    """Publish what the command line says; returns 1 if something was not taken."""
    events: Iterable[tuple[str, dict[str, Any] | None]]
    if names:
        if names[0] != GONE[kind]:
            raise SystemExit(__doc__)
        events = [(name, None) for name in names[1:]]
    else:
        lines = (json.loads(line) for line in sys.stdin if line.strip())
        events = ((event[ID_OF[kind]], event) for event in lines)
    await knock()
    producer = make_producer()
    try:
        await producer.start()
        return 1 if await publish(producer, kind, events) else 0
    finally:
        await producer.stop()


if __name__ == "__main__":
    if sys.argv[1:2] not in (["profiles"], ["jobs"]):
        raise SystemExit(__doc__)
    logging.basicConfig(level=logging.CRITICAL)  # what matters of aiokafka's lines is said here
    with one_sentence():
        sys.exit(asyncio.run(main(*sys.argv[1:])))
