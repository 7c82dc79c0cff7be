"""Ads that a reviewer must see, and what was decided and told of them."""

from __future__ import annotations

from typing import Any

import orjson

from models.reading.text import content_hash
from schemas import parse_job
from tests.support.deployment import Deployment
from tests.support.kafka_io import last_by_key, publish

PERSON = {"text": "limpio casas y oficinas, lavo y plancho", "ubigeo": "150110"}
GOOD = {"title": "Limpieza de oficinas", "description": "Limpiar oficinas de día", "employer": "A"}
RISKY = {
    "title": "Limpieza de casas",
    "description": "Para separar tu vacante de limpieza deposita S/ 80 por Yape antes de empezar.",
}
OTHER_RISKY = {
    "title": "Lavandería de hotel",
    "description": "Lavar y planchar. El uniforme se paga antes: S/ 120 por depósito.",
}


async def send(on: Deployment, topic: str, name: str, fields: dict[str, Any] | None) -> None:
    """Publish a person, an ad or a decision under its name; None is a null."""
    field = "profile_id" if topic == on.names.profiles else "job_id"
    value = None if fields is None else {field: name, **fields}
    await publish(on.broker, topic, name, value)


def hash_of(name: str, fields: dict[str, Any]) -> str:
    """The hash of an ad's content, as a decision names it."""
    raw = orjson.dumps({"job_id": name, **fields})
    return content_hash(parse_job(name.encode(), raw)).hex()


async def decide(on: Deployment, name: str, decision: str, content: str) -> None:
    """A reviewer decides on content of an ad."""
    said = {"decision": decision, "content_hash": content, "reviewer": "prueba"}
    await send(on, on.names.decisions, name, said)


async def ranked_for(on: Deployment, person: str) -> list[str]:
    """Every ad that a person's ranking names, near-duplicates too."""
    await on.drained()
    told = (await last_by_key(on.broker, on.names.matches))[person.encode()].json
    entries = told["entries"]
    return [name for e in entries for name in (e["job_id"], *e.get("similar", ()))]


async def in_review(on: Deployment, job: str) -> dict[str, Any] | None:
    """What the review topic says of a job: an event, or None for a null."""
    await on.drained()
    record = (await last_by_key(on.broker, on.names.review)).get(job.encode())
    return None if record is None or record.value is None else dict(record.json)
