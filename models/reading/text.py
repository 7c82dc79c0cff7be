"""What the encoder reads of an event, what consumers are shown, and how content is told apart."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from models.reading.andean import affirmed, heard
from models.reading.facts.known import known_job
from schemas.base import Event, iso
from schemas.job import Job
from schemas.matches import JobCard
from schemas.profile import Profile

TEXT_VERSION: Final = "text-3"
"""Changes with every change of what the encoder is given: vectors of two versions do not mix."""

MAX_CHARS: Final = 800
"""Of a text for the encoder: about 200 tokens; cost grows with length and meaning hardly does."""
_TITLE_CHARS: Final = 160
_DESCRIPTION_CHARS: Final = 420
_REQUIREMENTS_CHARS: Final = 220

# Contact data mean nothing to the encoder and are none of its business. Bounded, so linear.
_MAIL: Final = re.compile(r"[^\s@]{1,64}@[^\s@]{1,64}")
_LINK: Final = re.compile(r"(?:https?://|www\.)\S{1,200}")
_NUMBER: Final = re.compile(r"\+?\d(?:[ .-]?\d){7,20}")

CARD_FIELDS: Final = tuple(JobCard.model_fields)
"""All that is kept of a job where people are: what filters must be among it."""
_CARD_DATES: Final = ("posted_at", "expires_at")
_CARD_TITLE_CHARS: Final = 300


def _fields(event: Event | Mapping[str, Any]) -> Mapping[str, Any]:
    return event if isinstance(event, Mapping) else event.__dict__


def _clean(text: str | None, limit: int) -> str:
    """One line of at most `limit` characters, whole words, no contact data, no shouting."""
    if not text:
        return ""
    text = text[: 4 * limit]
    if "@" in text:
        text = _MAIL.sub(" ", text)
    if "http" in text or "www." in text:
        text = _LINK.sub(" ", text)
    text = " ".join(_NUMBER.sub(" ", text).split())
    if text.isupper():
        text = text.lower()
    if len(text) <= limit:
        return text
    return text[: limit + 1].rsplit(" ", 1)[0][:limit]


def _sentences(parts: Iterable[str]) -> str:
    """Parts that say something, each ended by a full stop, within MAX_CHARS."""
    text = " ".join(p if p.endswith((".", "!", "?")) else f"{p}." for p in parts if p)
    return text if len(text) <= MAX_CHARS else text[: MAX_CHARS + 1].rsplit(" ", 1)[0][:MAX_CHARS]


def _unsaid(items: Iterable[str] | None, said: str) -> str:
    """The items, in the order given, that the text does not hold already."""
    said = said.lower()
    fresh = (item for item in dict.fromkeys(items or ()) if item.lower() not in said)
    return _clean(", ".join(fresh), _REQUIREMENTS_CHARS)


def person_text(profile: Profile | Mapping[str, Any]) -> str:
    """What the encoder reads of a person: their words, then skills they did not mention there.

    Of words in Quechua or Aymara the Spanish stands at the end; those they deny are left out.
    """
    fields = _fields(profile)
    said, skills = fields["text"], fields.get("skills") or ()
    known = heard(said, skills)
    words = _clean(said, MAX_CHARS - _REQUIREMENTS_CHARS)
    if known:
        words = " ".join(affirmed(words).split())
    spanish = ", ".join(dict.fromkeys(word.spanish for word in known))
    return _sentences((words, _unsaid(skills, words), spanish))


def job_text(job: Job | Mapping[str, Any]) -> str:
    """What the encoder reads of a job: title, then what is done, asked and needed, if new."""
    fields = _fields(job)
    title = _clean(fields["title"], _TITLE_CHARS)
    description = _clean(fields.get("description"), _DESCRIPTION_CHARS)
    if description.lower().startswith(title.lower()):
        description = description[len(title) :].lstrip(" .:,;-\u2013")
    requirements = _clean(fields.get("requirements"), _REQUIREMENTS_CHARS)
    said = f"{title} {description} {requirements}"
    return _sentences((title, description, requirements, _unsaid(fields.get("skills"), said)))


def card(job: Job) -> dict[str, Any]:
    """As much of a job as filters, reasons and consumers need; what is not known is absent.

    Dates are ISO 8601 in UTC. The keys are those of `schemas.JobCard`.
    """
    known = known_job(job)
    fields = known.fields
    shown = {name: fields[name] for name in CARD_FIELDS if name in fields}
    if known.read:
        shown["read"] = sorted(known.read)
    if known.differs:
        shown["differs"] = list(known.differs)
    shown["title"] = " ".join(job.title[:_CARD_TITLE_CHARS].split())
    for name in _CARD_DATES:
        if name in shown:
            shown[name] = iso(shown[name])
    return shown


def canonical(event: Event) -> bytes:
    """The accepted fields as JSON with sorted keys: the same bytes for the same content."""
    stated = {name: value for name, value in event.__dict__.items() if value is not None}
    return orjson.dumps(stated, option=orjson.OPT_SORT_KEYS)


def content_hash(event: Event) -> bytes:
    """16 bytes that tell one accepted content from another."""
    return hashlib.blake2b(canonical(event), digest_size=16).digest()
