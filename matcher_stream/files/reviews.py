"""Ads that wait for a reviewer, and telling what was decided: what `matcher-stream review` does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson

from matcher_stream.config.catalogue import Catalogue
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.settings import Settings
from matcher_stream.files.publish import publish_rows
from matcher_stream.files.reading import following
from matcher_stream.files.rows import Row
from models.reading.text import content_hash
from schemas import parse_decision, parse_job
from schemas.errors import InputError


async def waiting(settings: Settings) -> dict[str, dict[str, Any]]:
    """Ads that a reviewer is asked about, by job_id, as `schemas.HeldJob` describes them: the held
    ones, riskiest first, then those whose words should be mended.

    Raises:
        BrokerUnavailable: nobody answers.
        TopicMismatch: the topic does not exist.
    """
    last: dict[str, Any] = {}
    async for record in _whole(settings, TopicNames(settings, "").review):
        name = record.key.decode()
        last[name] = None if record.value is None else orjson.loads(record.value)
    held = {name: event for name, event in last.items() if event is not None}
    return dict(sorted(held.items(), key=_urgency))


def action_of(event: dict[str, Any]) -> str:
    """What a review event asks for: ``hold`` or ``advise``; those before there were two hold."""
    return str(event.get("action", "hold"))


def _urgency(item: tuple[str, dict[str, Any]]) -> tuple[bool, float, str]:
    name, event = item
    return action_of(event) != "hold", -event["risk"], name


async def contents(settings: Settings, job_ids: Sequence[str]) -> dict[str, str]:
    """Content hash (hex) of the last accepted ad of each job that stands on the jobs topic.

    Raises:
        BrokerUnavailable: nobody answers.
        TopicMismatch: the topic does not exist.
    """
    wanted = {job_id.encode() for job_id in job_ids}
    found: dict[str, str] = {}
    async for record in _whole(settings, TopicNames(settings, "").jobs):
        if record.key not in wanted:
            continue
        name = record.key.decode()
        if record.value is None:
            found.pop(name, None)
            continue
        try:
            found[name] = content_hash(parse_job(record.key, record.value)).hex()
        except InputError:  # refused: the ad before it stays in force
            continue
    return found


async def decide(
    settings: Settings,
    decision: str,
    content: dict[str, str],
    reviewer: str | None,
    note: str | None,
) -> int:
    """Publish a decision on each job; returns how many were stored.

    Args:
        settings: Where to.
        decision: ``release`` or ``reject``.
        content: The content hash reviewed, by job_id.
        reviewer: Who decided; a role rather than a name.
        note: Why.

    Raises:
        InputError: a field is too long.
        BrokerUnavailable: the broker does not answer.
        TopicMismatch: the topic is missing or has another partition count.
    """
    rows = []
    for job_id, digest in content.items():
        said = {"job_id": job_id, "decision": decision, "content_hash": digest}
        said |= {"reviewer": reviewer} if reviewer else {}
        said |= {"note": note} if note else {}
        key, value = job_id.encode(), orjson.dumps(said)
        rows.append(Row(0, key, value, parse_decision(key, value)))
    return await publish_rows(settings, Catalogue.decisions, rows)


async def _whole(settings: Settings, topic: str) -> AsyncIterator[Any]:
    async with following(settings, [topic]) as reader:
        while True:
            records = await reader.batch(200)
            for record in records:
                yield record
            if not records and await reader.caught_up():
                return
