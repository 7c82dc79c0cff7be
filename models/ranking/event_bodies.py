"""The bodies of the events we emit, built as plain dicts on the hot path.

The schema models in `schemas` describe the same events; a test holds the two together.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from models.ranking.attrs import JobAttrs, PersonAttrs
from models.ranking.reasons import codes, reasons
from models.reading.facts.fact import READER_VERSION
from models.reading.facts.known import Known
from models.reading.status import lacks_home, message_of, wire_status
from models.search.pairing import DECIMALS

COUNTER_BITS = 32
_RULES: Final = re.compile(r"(-x[0-9.e-]+)?(-k\d+-t[0-9.e-]+-s.*)?$")
"""What follows the name of the weights: exposure, then the rules of `rules_named`."""

#: A job_version: offset of the record in the jobs topic, and a counter of the decisions and
#: expiries after it.
JobVersion = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Versions:
    """What an event says it was made with."""

    encoder: str
    ranker: str
    reader: str = READER_VERSION


def rules_named(
    ranker: str, k: int, threshold: float, send: float, counted: str, swap_share: float
) -> str:
    """The `ranker_version` of events: whatever changes a ranking changes it.

    Args:
        ranker: Name of the ranker: its weights, and its exposure.
        k: Length of a ranking.
        threshold, send: Least scores of a match, and of one worth a message.
        counted: How unlocks are counted; empty for not at all.
        swap_share: Share of rankings with two neighbours swapped.
    """
    swaps = f"-x{swap_share:g}" if swap_share else ""
    counted = f"-{counted}" if counted else ""
    return f"{ranker}-k{k}-t{threshold:g}-s{send:g}-{READER_VERSION}{counted}{swaps}"


def weights_named(ranker_version: str) -> str:
    """The name of the weights in a `ranker_version`, or in a ranker's own name."""
    return _RULES.sub("", ranker_version)


def revision_of(epoch: int, counter: int) -> int:
    """A number that only grows, also over a change of champion: the epoch, then the counter."""
    return epoch << COUNTER_BITS | counter


def epoch_of(revision: int) -> int:
    """The high bits of a revision."""
    return revision >> COUNTER_BITS


def counter_of(revision: int) -> int:
    """The low bits of a revision."""
    return revision & ((1 << COUNTER_BITS) - 1)


@dataclass(frozen=True, slots=True)
class RankedJob:
    """One job of a ranking, with what an event says of it; `similar` are the near-duplicates
    that it stands for.
    """

    job_id: str
    score: float
    version: JobVersion
    card: bytes
    attrs: JobAttrs
    components: dict[str, float]
    similar: tuple[str, ...] = ()


def level_of(job: RankedJob, homeless: bool, send: float) -> str:
    """`send` for a match that is worth a message, else `also`.

    Of those that reach the score, 17 in 100 are right where nobody knows how far the job is from
    the person's home, 75 where it is known (docs/ranking.md): the former may be shown, no more.

    Args:
        job: What exposure took off its score is nothing about how well it fits.
        homeless: Whether the person's home is unknown and matters, from `lacks_home`.
        send: Least score that is worth a message.
    """
    if homeless and not job.attrs.remote:
        return "also"
    fits = round(job.score - job.components.get("exposure", 0.0), DECIMALS)
    return "send" if fits >= send else "also"


def match_entries(
    known: Known, attrs: PersonAttrs, ranked: Sequence[RankedJob], send: float
) -> list[dict[str, Any]]:
    """The entries of a matches event, in rank order.

    Args:
        known: What is known of the person.
        attrs: The same as filters read it.
        ranked: Their jobs, best first.
        send: Least score that is worth a message.
    """
    entries, homeless = [], lacks_home(known)
    for rank, job in enumerate(ranked, 1):
        card = orjson.loads(job.card)
        entry = {
            "rank": rank,
            "job_id": job.job_id,
            "job_version": list(job.version),
            "level": level_of(job, homeless, send),
            "score": job.score,
            "components": job.components,
            "reasons": reasons(known, card, attrs, job.attrs),
            "job": card,
        }
        if job.similar:
            entry["similar"] = list(job.similar)
        entries.append(entry)
    return entries


def matches_body(
    profile_id: str,
    known: Known,
    entries: list[dict[str, Any]],
    status: str | None,
    versions: Versions,
) -> dict[str, Any]:
    """The part of a matches event that makes two rankings equal or different."""
    told = status or ("ok" if entries else "no_match")
    body: dict[str, Any] = {
        "profile_id": profile_id,
        "status": wire_status(told),
        "language": known.stated.get("language"),
        "consent_llm": known.stated.get("consent_llm") is True,
        "encoder_version": versions.encoder,
        "ranker_version": versions.ranker,
        "reader_version": versions.reader,
        "entries": entries,
    }
    if known.read:
        body["read"] = dict(known.read)
    if known.differs:
        body["differs"] = list(known.differs)
    if (message := message_of(told, known)) is not None:
        body["message"] = message
    return body


def body_hash(body: dict[str, Any]) -> str:
    """16 hex digits that tell two bodies apart."""
    return hashlib.blake2b(
        orjson.dumps(body, option=orjson.OPT_SORT_KEYS), digest_size=8
    ).hexdigest()


#: What differs between events that tell the same: their numbers, and who made them.
_NOT_TOLD: Final = frozenset(
    {"revision", "event_id", "cause", "as_of", "entered", "left"}
    | {"encoder_version", "ranker_version", "reader_version", "challenger"}
)


def told_hash(event: dict[str, Any]) -> str:
    """16 hex digits that tell two rankings, or lists, apart by what a reader learns from them."""
    told = {name: part for name, part in event.items() if name not in _NOT_TOLD}
    if "challenger" in event:  # which of two rankings put a job is nothing that is read of it
        told["entries"] = [
            {name: part for name, part in entry.items() if name != "team"}
            for entry in event["entries"]
        ]
    return body_hash(told)


def matches_event(
    body: dict[str, Any],
    revision: int,
    before: Sequence[str],
    cause: str,
    as_of: str,
) -> dict[str, Any]:
    """A whole matches event; `before` are the job ids that consumers were told last."""
    now = [entry["job_id"] for entry in body["entries"]]
    told, held = set(before), set(now)
    event = {
        **body,
        "revision": revision,
        "cause": cause,
        "as_of": as_of,
        "entered": [job_id for job_id in now if job_id not in told],
        "left": [job_id for job_id in before if job_id not in held],
    }
    return {**event, "event_id": event_id(event)}


def event_id(event: dict[str, Any]) -> str:
    """The same id means the same bytes: a hash of the whole event (32 hex digits)."""
    return hashlib.blake2b(orjson.dumps(event), digest_size=16).hexdigest()


def candidate_entry(
    profile_id: str,
    score: float,
    components: dict[str, float],
    person: PersonAttrs,
    job: JobAttrs,
) -> dict[str, Any]:
    """One person in a list of candidates: ids, numbers and codes, nothing personal."""
    return {
        "profile_id": profile_id,
        "score": score,
        "components": components,
        "reasons": list(codes(person, job)),
    }


def merge_partials(partials: Sequence[list[dict[str, Any]]], k: int) -> list[dict[str, Any]]:
    """The best `k` people of several partitions' lists, in rank order."""
    entries = [entry for part in partials for entry in part]
    entries.sort(key=lambda entry: (-entry["score"], entry["profile_id"]))
    return [{"rank": rank, **entry} for rank, entry in enumerate(entries[:k], 1)]
