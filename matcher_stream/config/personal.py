"""What of all that is kept is about people: every field of every topic and table, once.

The table of docs/personal-data.md is written from here, from the catalogue and from the list of
accounts, so a field that nobody has looked at fails a test.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, Final, Literal, get_args

from schemas import Event
from tables.explained import ExplainedRow
from tables.rows import Head, JobRow, OutcomeRow, Part, PersonRow, PostingRow, RankingRow, Reviewed

Kind = Literal["id", "said", "read", "made", "did", "words", "staff", "others", "none"]
#: What each kind means, in the order of the documents.
KINDS: Final[dict[Kind, str]] = {
    "id": "the id that the publisher gave a person: with the publisher's help, the person",
    "said": "what a person said of themselves",
    "read": "what was read from their words and fields",
    "made": "what was computed about them",
    "did": "what they did, and when",
    "words": "what was written to them",
    "staff": "who decided on an ad, and why",
    "others": "an ad's own words and its employer: may name a person, who is no job seeker",
    "none": "nothing about a person",
}

#: Kinds of the fields of every event and row, by type. Fields that hold other events are these.
FIELDS: Final[dict[str, dict[Kind, str]]] = {
    "Profile": {
        "id": "profile_id",
        "said": "text status valid_until language consent_matching consent_llm "
        "consent_training ubigeo place "
        "max_distance_km relocate remote_only licence languages age education shifts min_pay "
        "pay_period skills experience_years",
        "none": "canary",
    },
    "Job": {
        "others": "title description requirements employer skills",
        "none": "job_id status posted_at expires_at ubigeo place remote pay_min pay_max pay_period "
        "licence languages min_age education shift vacancies experience_years lodging travel_paid "
        "canary",
    },
    "Decision": {"staff": "reviewer note decision at", "none": "job_id content_hash"},
    "Feedback": {"id": "profile_id", "did": "job_id kind at reason revision rank surface"},
    "Invitation": {"id": "profile_id", "did": "job_id at", "others": "employer contact"},
    "Alias": {"staff": "by at reason", "none": "alias deployment previous version"},
    "WorkItem": {"id": "id", "did": "due_ms", "none": "kind as_of partition part parts counts"},
    "Matches": {
        "id": "profile_id",
        "said": "language consent_llm status",
        "read": "read differs",
        "made": "entered left swapped",
        "words": "message",
        "none": "revision event_id cause encoder_version ranker_version reader_version as_of",
    },
    "MatchEntry": {"made": "rank job_id job_version level score components similar"},
    "Reason": {"made": "code facts source"},
    "Unlock": {"made": "code value km jobs"},
    "JobCard": {
        "others": "title employer",
        "none": "ubigeo place remote pay_min pay_max pay_period licence languages min_age "
        "education shift vacancies experience_years lodging travel_paid canary read differs "
        "posted_at expires_at",
    },
    "Candidates": {
        "none": "job_id job_version revision event_id partitions_seen partitions_total "
        "encoder_version ranker_version",
    },
    "CandidateEntry": {"id": "profile_id", "made": "rank score components reasons"},
    "Explanation": {
        "id": "profile_id",
        "made": "job_id job_version fields",
        "said": "language_gap",
        "words": "text sms notice",
        "none": "explanation_id event_id revision language writer writer_version",
    },
    "HeldJob": {
        "others": "excerpt",
        "none": "job_id job_version event_id content_hash gate_version risk status action advice",
    },
    "HeldReason": {"others": "facts text", "none": "code"},
    "PersonRow": {
        "said": "known content_hash text_hash record_ts ends ended",
        "read": "attrs",
        "made": "vector",
        "none": "offset",
    },
    "RankingRow": {
        "made": "jobs scores versions similar unlocks status body done seen as_of swapped",
        "none": "revision",
    },
    "OutcomeRow": {
        "did": "job_id revision rank surface as_of times reason",
        "made": "score level components evidence swapped",
        "said": "region",
        "none": "ranker encoder",
    },
    "JobRow": {
        "others": "job vector",
        "none": "content_hash text_hash record_ts offset counter ends state penalty telling told "
        "reader",
    },
    "PostingRow": {"others": "card vector signature", "none": "version died attrs"},
    "Part": {"id": "entries", "made": "entries", "none": "job_id version partition withdrawn"},
    "Head": {"none": "version withdrawn revision digest"},
    "Reviewed": {"staff": "decision reviewer note stamp", "none": "content offset"},
    "ExplainedRow": {"made": "jobs", "none": "revision"},
}  # fmt: skip

#: Rows that are no type of their own, likewise; the key of most is the profile_id.
LOOSE: Final[dict[str, dict[Kind, str]]] = {
    "exclusions": {"did": "job_id kind at"},
    "tallies": {"none": "place region job_id counts"},
    "pending": {"read": "attrs", "made": "vector"},
    "meta": {
        "id": "erased",
        "none": "as_of revision_floor ranker gate exposure shown handed",
    },
    "words": {"words": "text", "none": "cache_key"},
    "budget": {"none": "state"},
}
#: Types of the rows of each table.
ROWS: Final[dict[str, tuple[type[Any], ...]]] = {
    "people": (PersonRow,), "exclusions": (), "outcomes": (OutcomeRow,),
    "tallies": (), "pending": (), "rankings": (RankingRow,),
    "meta": (), "postings": (PostingRow,), "jobs": (JobRow,), "decisions": (Reviewed,),
    "lists": (Part, Head), "explained": (ExplainedRow,), "words": (), "budget": (),
}  # fmt: skip
#: Tables whose key is the profile_id.
BY_PERSON: Final = ("people", "exclusions", "outcomes", "pending", "rankings", "explained", "words")
#: Values of topics that are no events.
INTERNAL: Final[dict[str, type[Any]]] = {"job-fanout": PostingRow, "candidates-partial": Part}
#: Why each place has what it has.
WHY: Final[dict[str, str]] = {
    "profiles": "to be matched at all; read again when a model changes",
    "jobs": "to be matched, and vetted",
    "decisions": "a person's judgement over the gate's, and who answers for it",
    "feedback": "to leave out what somebody dismissed, and to learn how well matching works",
    "invitations": "an employer asks, the person decides",
    "job-fanout": "every partition of people scores every ad",
    "candidates-partial": "a list of people is merged from all partitions",
    "work": "a profile ends when its valid_until has come",
    "matches": "what the person is told; a week of changes for consumers that were away",
    "candidates": "who fits an ad: an id, numbers and codes",
    "explanations": "why a job fits, in words",
    "review": "ads that wait for a reviewer",
    "models": "who answers for the models that rank",
    "dlq": "a publisher finds out what was refused",
    "people": "what matching computes with",
    "exclusions": "jobs that the person does not want to see again",
    "outcomes": "what people did with what they were shown: to learn from, of those who agreed",
    "tallies": "how often jobs are shown and taken, by place and region: counts, of nobody",
    "pending": "lists of people that still name an earlier version",
    "rankings": "to tell only what changed",
    "meta": "an erasure that is read again must not come undone: a hash of the id, for 7 days",
    "postings": "ads as a partition of people holds them",
    "lists": "lists of people, by partition",
    "explained": "to explain only what changed",
    "words": "a language model is not asked twice",
    "budget": "what a language model may cost today",
}


def fields_of(kind: type[Any]) -> list[str]:
    """Names of the fields of a type, as it keeps them."""
    if issubclass(kind, Event):
        return list(kind.model_fields)
    if dataclasses.is_dataclass(kind):
        return [field.name for field in dataclasses.fields(kind)]
    return list(kind._fields)  # a named tuple


def nested(kind: type[Any], name: str) -> type[Event] | None:
    """The event that a field holds, alone or in a list; None for a plain field."""
    if not issubclass(kind, Event):
        return None
    return _event_in(kind.model_fields[name].annotation)


def _event_in(annotation: Any) -> type[Event] | None:
    if isinstance(annotation, type) and issubclass(annotation, Event):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _event_in(arg))), None)


def leaves(kind: type[Any], before: str = "") -> Iterator[tuple[str, str, str]]:
    """(path, type, field) of every plain field, those of events inside too."""
    for name in fields_of(kind):
        inside = nested(kind, name)
        if inside is None:
            yield f"{before}{name}", kind.__name__, name
        else:
            yield from leaves(inside, f"{before}{name}.")


def kinds_of(type_name: str, name: str) -> list[Kind]:
    """What a field is; nothing if nobody has looked at it."""
    return [kind for kind, names in FIELDS.get(type_name, {}).items() if name in names.split()]


def by_kind(types: tuple[type[Any], ...], loose: str = "") -> dict[Kind, list[str]]:
    """Paths of all plain fields, by what they are, in the order of `KINDS`.

    Args:
        types: Of the values.
        loose: A row that is no type.
    """
    found: dict[Kind, list[str]] = {kind: [] for kind in KINDS}
    for kind_of in types:
        for path, type_name, name in leaves(kind_of):
            for kind in kinds_of(type_name, name):
                found[kind].append(path)
    for kind, names in LOOSE.get(loose, {}).items():
        found[kind] += names.split()
    return {kind: paths for kind, paths in found.items() if paths}
