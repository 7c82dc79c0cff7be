"""Tell people of new jobs: each piece of news once, by day, one message a day a person.

python notifier.py     reads matches and explanations, hands messages to SENDER_URL

STORE  its database (notifier.db); KAFKA_GROUP  its group (matcher-notifier-sms)
QUIET_HOURS  hours of Lima in which nobody is told (21-8)
SENTENCE_SECONDS  for how long news waits for its explanation (60)
LEASE_SECONDS  after which another notifier may hand over what this one began to (60)
KEY_HOURS  for how long the gateway knows a key again; 0: it takes none (24). See ../README.md
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import time

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError
from connection import connection, knock, one_sentence, topic
from hours import day
from outbox import Message, Outbox
from sender import send
from store import Store

log = logging.getLogger("notifier")
MATCHES, EXPLANATIONS = topic("matches"), topic("explanations")
CANARY = "canary."  # invented, to watch matcher by: nobody to tell
IDLE_SECONDS = 0.2
AHEAD = float(os.environ.get("CLOCK_AHEAD", "0"))  # tests go to the night and the next day by it


def now() -> float:
    """Seconds since 1970."""
    return time.time() + AHEAD


def take_in(store: Store, record: ConsumerRecord) -> None:
    """Note what one record says."""
    key = record.key.decode()
    if key.startswith(CANARY):
        return
    try:
        event = None if record.value is None else json.loads(record.value)
        if record.topic == MATCHES:
            store.ranking(key, event, now())
        else:
            store.sentence(key, event, now())
    except (ValueError, KeyError) as error:
        where = f"{record.topic}[{record.partition}]@{record.offset}"
        log.error("%s cannot be read: %s", where, type(error).__name__)


async def listen(store: Store, consumer: AIOKafkaConsumer, ended: asyncio.Event) -> None:
    """Take records into the store, and commit them only then: none is missed, some come again."""
    await consumer.start()  # joining may take a while; what is due is told meanwhile
    while not ended.is_set():
        batches = await consumer.getmany(timeout_ms=500, max_records=500)
        if not batches:
            continue
        with store.transaction():
            for records in batches.values():
                for record in records:
                    take_in(store, record)
        try:
            await consumer.commit()
        except KafkaError as error:  # a rebalance, mostly: whoever has them now reads these again
            log.info("not committed: %s", type(error).__name__)


async def tell(outbox: Outbox, ended: asyncio.Event) -> None:
    """Decide what to tell, and hand it over."""
    swept = ""
    while not ended.is_set():
        if swept != day(now()):
            outbox.sweep(now())
            swept = day(now())
        outbox.decide(now())
        messages = outbox.claim(now())
        await asyncio.gather(*(hand_over(outbox, message) for message in messages))
        if not messages:
            await asyncio.sleep(IDLE_SECONDS)


async def hand_over(outbox: Outbox, message: Message) -> None:
    """One message to the gateway: that it was decided and claimed is on disk by now."""
    outcome = await asyncio.to_thread(send, message.key, message.body)
    outbox.settle(message.key, outcome, now())
    log.info("message %s: %s", message.key[:8], outcome)


async def main() -> None:
    """Run until SIGTERM, which waits for messages on their way, or until either half fails."""
    store = Store(os.environ.get("STORE", "notifier.db"))
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await knock()
    consumer = AIOKafkaConsumer(
        MATCHES,
        EXPLANATIONS,
        **connection(),
        group_id=os.environ.get("KAFKA_GROUP", "matcher-notifier-sms"),
        auto_offset_reset="earliest",  # a new group begins with everybody's current ranking
        enable_auto_commit=False,
        session_timeout_ms=int(os.environ.get("SESSION_TIMEOUT", "30000")),
        max_partition_fetch_bytes=9 << 20,  # the largest event is 8.25 MB
    )
    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(listen(store, consumer, ended))
            both.create_task(tell(Outbox(store), ended))
    finally:
        await consumer.stop()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    with one_sentence():
        asyncio.run(main())
