"""What was sent last about every person and every job, against the brute-force rankings."""

from __future__ import annotations

from typing import Any

import orjson

from matcher_stream.verify.drafts import Drafts
from matcher_stream.verify.held import Held
from matcher_stream.verify.outputs import Sent
from matcher_stream.verify.rankings import BruteForce, Ranked
from matcher_stream.verify.report import Report
from models.feedback.swapping import as_told, swapped
from models.ranking.attrs import PersonAttrs, job_attrs, person_attrs
from models.ranking.event_bodies import RankedJob, counter_of, level_of
from models.ranking.reasons import codes, reasons
from models.reading.facts.known import known_person
from models.reading.status import lacks_home, message_of, wire_status
from models.reading.text import card
from models.vetting.outcome import MATCHED
from schemas import Job, validate
from schemas.canary import is_canary


def _ranked(event: dict[str, Any], id_field: str) -> Ranked:
    return [(entry[id_field], float(entry["score"])) for entry in event["entries"]]


def _note(report: Report, kind: str, key: str, found: tuple[int, list[str]]) -> None:
    swaps, wrong = found
    report.swaps += swaps
    for what in wrong:
        report.differ(kind, key, what)


def check_matches(
    held: Held,
    sent: Sent,
    statuses: dict[str, str | None],
    brute: BruteForce,
    share: float,
    drafts: Drafts,
    report: Report,
) -> None:
    """Every person's last ranking; `share` of those who agreed may have two neighbours swapped,
    or another ranking drawn in.
    """
    cards = {
        name: orjson.loads(orjson.dumps(card(validate(Job, row.job))))
        for name, row in held.jobs.items()
        if row.state in MATCHED
    }
    for name, status in statuses.items():
        event = sent.last(name)
        if event is None:
            report.differ("matches", name, "nothing was sent about this person")
            continue
        row = held.rankings.get(name)
        if row is None or row.jobs != [entry["job_id"] for entry in event["entries"]]:
            report.differ("matches", name, "the table does not hold what was sent last")
        event = _as_scored(held, name, event, share, report)
        entries = _ranked(event, "job_id")
        told = status or ("ok" if entries else "no_match")
        report.counts[f"people {wire_status(told)}"] += not is_canary(name)
        if event["status"] != wire_status(told) or event.get("message") != message_of(
            told, known_person(held.people[name].profile)
        ):
            report.differ("matches", name, f"says {event['status']} in place of {told}")
        places = drafts.own_places(held, name, event, brute, report)
        _note(report, "matches", name, brute.check_person(name, places))
        _check_entries(held, name, event, cards, brute.ranker.send, report)
        if row is not None and sent.ordered and counter_of(event["revision"]) != row.revision:
            report.differ("matches", name, "the table holds another revision than was sent last")
    for name in sent.keys - statuses.keys():
        report.differ("erased", name, "the last ranking sent of somebody who is gone is not null")


def _as_scored(
    held: Held, name: str, event: dict[str, Any], share: float, report: Report
) -> dict[str, Any]:
    """An event as it was before neighbours were swapped; they must be those that are drawn."""
    rank = event.get("swapped") or 0
    if rank and rank >= len(event["entries"]):
        report.differ("matches", name, f"says that it swapped rank {rank}, which has no next")
        return event
    entries = swapped(event["entries"], rank)
    _, drawn = as_told(held.people[name].profile, event["as_of"], entries, share)
    if rank != drawn:
        report.differ("matches", name, f"swaps rank {rank}, drawn is {drawn} (0: none)")
    if rank:
        report.counts["rankings with neighbours swapped"] += 1
    return {**event, "entries": entries}


def _check_entries(
    held: Held,
    name: str,
    event: dict[str, Any],
    cards: dict[str, dict[str, Any]],
    send: float,
    report: Report,
) -> None:
    known = known_person(held.people[name].profile)
    attrs: PersonAttrs = person_attrs(known)
    homeless = lacks_home(known)
    if event.get("read", {}) != known.read or event.get("differs", []) != list(known.differs):
        report.differ("matches", name, "says that something else was read from their words")
    for rank, entry in enumerate(event["entries"], 1):
        job_id = entry["job_id"]
        shown = cards.get(job_id)
        if shown is None:
            continue  # told by the brute force: it may not be matched
        if entry["rank"] != rank:
            report.differ("matches", name, f"rank {entry['rank']} stands at place {rank}")
        if entry["job"] != shown or tuple(entry["job_version"]) != held.jobs[job_id].version:
            report.differ("matches", name, f"shows another version of {job_id}")
        why = reasons(known, shown, attrs, job_attrs(shown))
        if entry["reasons"] != orjson.loads(orjson.dumps(why)):
            report.differ("matches", name, f"gives other reasons for {job_id}")
        ranked = RankedJob(
            job_id, entry["score"], (0, 0), b"", job_attrs(shown), entry["components"]
        )
        if entry["level"] != level_of(ranked, homeless, send):
            report.differ("matches", name, f"gives {job_id} the level {entry['level']}")
        if abs(sum(entry["components"].values()) - entry["score"]) > 1e-9:
            report.differ("matches", name, f"the components of {job_id} do not add up")


def check_candidates(
    held: Held, sent: Sent, active: list[str], brute: BruteForce, partitions: int, report: Report
) -> None:
    """Every job's last list of people."""
    attrs = {name: person_attrs(row.profile) for name, row in held.people.items()}
    for job_id in active:
        event = sent.last(job_id)
        if event is None:
            report.differ("candidates", job_id, "nothing was sent about this job")
            continue
        if event["partitions_seen"] != partitions:
            report.differ(
                "candidates", job_id, f"{event['partitions_seen']} of {partitions} partitions"
            )
        if tuple(event["job_version"]) != held.jobs[job_id].version:
            report.differ("candidates", job_id, "is about another version")
        entries = _ranked(event, "profile_id")
        _note(report, "candidates", job_id, brute.check_job(job_id, entries))
        demands = job_attrs(card(validate(Job, held.jobs[job_id].job)))
        for entry in event["entries"]:
            person = attrs.get(entry["profile_id"])
            if person is not None and entry["reasons"] != list(codes(person, demands)):
                report.differ("candidates", job_id, f"other reasons for {entry['profile_id']}")
    for job_id in sent.keys - set(active):
        report.differ("candidates", job_id, "the last list of a job that ended is not null")
