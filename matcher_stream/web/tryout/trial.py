"""What the contract makes of one event, without publishing it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from matcher_stream.config.catalogue import InputTopic
from models.reading.facts.known import Known, known_job, known_person
from models.reading.status import person_status
from models.reading.text import canonical
from models.vetting.outcome import Gate, standing
from models.vetting.words import advice_of, words
from schemas import Event, Job, Profile
from schemas.errors import InputError
from schemas.profile import effective_expiry

_ANY_KEY: Final = "key"
MOST_BYTES: Final = 64 << 10
"""Of an event that is tried here; topics take more."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The outcome.

    Attributes:
        accepted: The event as it is kept, indented JSON; None if it would be refused.
        refused: (class, sentence) as the DLQ's headers would say; None if it is accepted.
        ignored: Fields that nothing reads.
        unread: Fields whose words could not be read.
        read: (field, value) that only the words say.
        differs: Stated fields that the words contradict; what is stated counts.
        standing: What would become of it, one Spanish sentence; empty where there is no more to
            say.
        signs: Why, a Spanish sentence each.
    """

    accepted: str | None = None
    refused: tuple[str, str] | None = None
    ignored: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    read: tuple[tuple[str, str], ...] = ()
    differs: tuple[str, ...] = ()
    standing: str = ""
    signs: tuple[str, ...] = field(default=())


def tried(topic: InputTopic, key: str, text: str, gate: Gate) -> Trial:
    """Try an event.

    Args:
        topic: Where it would be published.
        key: The record's key; empty takes the event's own id.
        text: The event, JSON.
        gate: Vets ads.
    """
    value = text.encode("utf-8", "replace")
    given = _object(value)
    # without an id there is another thing wrong than the key, which the parser would name first
    name = key or str(given.get(topic.key) or _ANY_KEY)
    try:
        event = topic.parse(name.encode("utf-8", "replace"), value)
    except InputError as error:
        return Trial(refused=(error.code, str(error)))
    known = _known(event)
    told, signs = _standing(event, gate)
    shown = orjson.dumps(orjson.loads(canonical(event)), option=orjson.OPT_INDENT_2).decode()
    return Trial(
        accepted=shown,
        ignored=tuple(sorted(given.keys() - type(event).model_fields.keys())),
        unread=event.unread,
        read=tuple((name, _plain(value)) for name, value in known.read.items()) if known else (),
        differs=known.differs if known else (),
        standing=told,
        signs=signs,
    )


def _object(value: bytes) -> Mapping[str, Any]:
    """What is given as an object; empty if it is none, which the parser will say better."""
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _known(event: Event) -> Known | None:
    if isinstance(event, Profile):
        return known_person(event)
    return known_job(event) if isinstance(event, Job) else None


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


_STATUS: Final = {
    "paused": "La persona está en pausa: no recibe trabajos.",
    "expired": "La fecha valid_until ya pasó: la persona no recibe trabajos.",
    "no_consent": "Sin consent_matching no se le buscan trabajos.",
    "unreadable": "No se entiende el texto: la persona recibe un aviso y ningún trabajo.",
    "unreadable_language": "El texto está en un idioma que no leemos: recibe un aviso.",
    "unreadable_work": "El texto no dice qué trabajo busca: la persona recibe un aviso.",
}
_STANDING: Final = {
    "active": "El aviso se compara con todas las personas.",
    "advised": "El aviso se compara con todas, y se pide al empleador cambiar sus palabras.",
    "held": "El aviso espera a un revisor y nadie lo ve mientras tanto.",
}


def _standing(event: Event, gate: Gate) -> tuple[str, tuple[str, ...]]:
    if isinstance(event, Profile):
        now = round(time.time() * 1000)
        fields = event.model_dump(exclude_none=True)
        status = person_status(
            fields, ended=effective_expiry(event) <= now, record_ts=now, hired_ts=None
        )
        return _STATUS[status] if status else "La persona recibe trabajos.", ()
    if not isinstance(event, Job):
        return "", ()
    if event.status in ("filled", "closed"):
        return "El aviso ya no busca a nadie: sale de todas las listas.", ()
    verdict = gate.vet(event)
    signs = [words(reason) for reason in verdict.reasons]
    if advice := advice_of(verdict.reasons):
        signs.append(advice)
    return _STANDING[standing(verdict, None)], tuple(signs)
