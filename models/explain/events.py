"""The explanation event, built as a plain dict; `schemas.Explanation` describes the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from models.explain import sms, template
from models.explain.facts import MatchFacts
from models.explain.prompt import stated

LANGUAGE: Final = "es"
"""The only language that is written: nobody here has verified another."""


def notice_of(contact: str = "") -> str:
    """What a person is told beside every explanation: that a program chose, and how a person may
    look again.

    Args:
        contact: Where to ask, in plain Spanish; empty where whoever told them is to be asked.
    """
    where = contact.strip().rstrip(".") or "pídelo a quien te dio este aviso"
    return (
        "Esta lista la hizo un programa, no una persona. Si crees que hay un error, una persona "
        f"puede revisarla: {where}."
    )


def explanation_id(profile_id: str, job_id: str, digest: str) -> str:
    """32 hex digits for one person, one job and one set of facts."""
    return _hash(profile_id, job_id, digest)


def from_template(
    event: Mapping[str, Any],
    entry: Mapping[str, Any],
    digest: str,
    facts: MatchFacts,
    notice: str = "",
) -> dict[str, Any]:
    """The template's explanation of one entry of a matches event, with a `notice_of` beside it."""
    return _event(
        event, entry, digest, template.write(facts), sms.write(facts), "template",
        template.TEMPLATE_VERSION, stated(facts), notice,
    )  # fmt: skip


def from_model(
    template_event: Mapping[str, Any],
    text: str,
    version: str,
    fields: Iterable[str],
    step: str = "",
) -> dict[str, Any]:
    """A model's version of an explanation; the text message stays the template's, and so does the
    sentence on what one step would open, of which a model is told nothing.
    """
    text = f"{text} {step}" if step else text
    made = {**template_event, "text": text, "writer": "gpt", "writer_version": version}
    made["fields"] = sorted([*fields, *(["paso"] if step else [])])
    made["event_id"] = _event_id(made)
    return made


def _event(
    event: Mapping[str, Any], entry: Mapping[str, Any], digest: str, text: str, message: str,
    writer: Literal["template", "gpt"], version: str, fields: list[str], notice: str,
) -> dict[str, Any]:  # fmt: skip
    language = event.get("language")
    made = {
        "explanation_id": explanation_id(event["profile_id"], entry["job_id"], digest),
        "profile_id": event["profile_id"],
        "job_id": entry["job_id"],
        "job_version": entry["job_version"],
        "revision": event["revision"],
        "language": LANGUAGE,
        "language_gap": language not in (None, LANGUAGE),
        "text": text,
        "sms": message,
        "writer": writer,
        "writer_version": version,
        "fields": fields,
    }
    if notice:
        made["notice"] = notice
    made["event_id"] = _event_id(made)
    return made


def _event_id(made: Mapping[str, Any]) -> str:
    parts = ("explanation_id", "revision", "writer", "writer_version", "text", "sms")
    said = [str(made[part]) for part in parts]
    return _hash(*said, *([made["notice"]] if "notice" in made else []))


def _hash(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
