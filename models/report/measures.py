"""What is measured of texts and of scores, the same way of what was learned from and of now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from models.evaluation.judged import FOLDER, PARTS, rows_of
from models.explain.allowed import listed
from models.reading import lexicon
from models.reading.districts import DISTRICTS
from models.reading.facts.known import known_job, known_person
from models.reading.geo import district_index
from models.reading.language import language_of, words_of
from models.reading.occupations import shipped
from models.reading.phonetic import root
from models.report.drift import Measure
from models.report.frame import REGIONS, UNKNOWN, Frame
from schemas.job import Job
from schemas.profile import Profile

if TYPE_CHECKING:
    from models.ranking.offline import TextEncoder
    from models.ranking.ranker import Ranker

PLACES: Final = 3
"""First places of a ranking that are measured: every surface shows as many."""
_SHORT: Final = 3  # letters of words that say little: the dictionaries are of work
_MESSAGES: Final = frozenset({"sms", "spelling", "informal"})
"""Kinds of forms that people write in messages."""

Measures = dict[str, Measure]


class Entry(NamedTuple):
    """One place of one person's ranking."""

    person: int
    score: float
    components: Mapping[str, float]
    level: str


class Text(NamedTuple):
    """What is measured of one text."""

    characters: float
    unknown: float
    messages: float
    language: str
    facts: tuple[str, ...]
    region: str


def people_measures(people: Sequence[Profile]) -> Measures:
    """Of people's words."""
    return _texts("people", [_person(person) for person in people])


def job_measures(jobs: Sequence[Job]) -> Measures:
    """Of ads."""
    return _texts("jobs", [_job(job) for job in jobs])


def entry_measures(entries: Iterable[Entry], people: int) -> Measures:
    """Of the first places of rankings: scores, each component, levels."""
    held = list(entries)
    unit = np.array([entry.person for entry in held], np.int64)
    found = {
        "score": Measure(unit, [entry.score for entry in held], people),
        "level": Measure(unit, [entry.level for entry in held], people),
    }
    for name in sorted({name for entry in held for name in entry.components}):
        values = [entry.components.get(name, 0.0) for entry in held]
        found[f"component {name}"] = Measure(unit, values, people)
    return found


def shown_measures(frame: Frame) -> Measures:
    """Of an export: first places as they were shown, and where people are."""
    entries = [
        Entry(person, row.score, row.components, row.level or UNKNOWN)
        for person, row in zip(frame.person.tolist(), frame.rows, strict=True)
        if row.rank <= PLACES and row.score is not None
    ]
    regions = frame.groups["region"]
    names = [_region_name(regions.names[i]) for i in regions.of.tolist()]
    at = Measure(np.arange(frame.people), names, frame.people)
    return {**entry_measures(entries, frame.people), "people region": at}


def judged_measures(encoder: TextEncoder, ranker: Ranker) -> Measures:
    """Of the people and ads that the weights and the threshold were chosen on, ranked anew.

    The part that is looked at once is no part of it.

    Args:
        encoder, ranker: Of the version that is in use.
    """
    from models.ranking.offline import rank_all  # torch takes seconds
    from models.vetting.gate import vet

    people: list[Profile] = []
    ads: list[Job] = []
    entries: list[Entry] = []
    for part in PARTS["dev"]:
        mine = [Profile.model_validate(row) for row in _plain(part, "people.jsonl")]
        jobs = [Job.model_validate(row) for row in _plain(part, "jobs.jsonl")]
        shown = [job for job in jobs if not vet(job).held]
        ranked = rank_all(mine, shown, encoder, ranker, PLACES)
        for i, person in enumerate(mine, len(people)):
            entries += [
                Entry(i, told["score"], told["components"], told["level"])
                for told in ranked[person.profile_id]
            ]
        people += mine
        ads += jobs
    return {
        **people_measures(people), **job_measures(ads), **entry_measures(entries, len(people))
    }  # fmt: skip


def judged_is_here() -> bool:
    """Whether the judged data came with the program."""
    return FOLDER.is_dir()


def _plain(part: str, name: str) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if v is not None} for row in rows_of(part, name)]


def _person(person: Profile) -> Text:
    said = known_person({"text": person.text}).read
    return _text(person.text, tuple(said), district_index(person.ubigeo, person.place))


def _job(job: Job) -> Text:
    texts = {"title": job.title, "description": job.description, "requirements": job.requirements}
    words = "\n".join(filter(None, texts.values()))
    return _text(words, tuple(known_job(texts).read), district_index(job.ubigeo, job.place))


def _text(text: str, facts: tuple[str, ...], district: int) -> Text:
    """Facts are those that the words alone state, whatever fields are given beside them."""
    words = words_of(text)
    of = max(len(words), 1)
    long = [word for word in words if len(word) > _SHORT]
    written = [form for form in lexicon.find(text) if form.kind in _MESSAGES]
    return Text(
        float(len(text)),
        sum(not _is_known(word) for word in long) / max(len(long), 1),
        len(written) / of,
        language_of(words),
        facts or ("none",),
        DISTRICTS[district].region if district >= 0 else UNKNOWN,
    )


def _texts(whose: str, texts: Sequence[Text]) -> Measures:
    each = np.arange(len(texts))
    facts = [(i, fact) for i, text in enumerate(texts) for fact in text.facts]
    count = [float(len(text.facts) - ("none" in text.facts)) for text in texts]
    return {
        f"{whose} characters": Measure(each, [t.characters for t in texts], len(texts)),
        f"{whose} unknown words": Measure(each, [t.unknown for t in texts], len(texts)),
        f"{whose} message style": Measure(each, [t.messages for t in texts], len(texts)),
        f"{whose} language": Measure(each, [t.language for t in texts], len(texts)),
        f"{whose} facts read": Measure(each, count, len(texts)),
        f"{whose} facts": Measure(
            np.array([i for i, _ in facts], np.int64), [fact for _, fact in facts], len(texts)
        ),
        f"{whose} region": Measure(each, [t.region for t in texts], len(texts)),
    }


def _region_name(code: str) -> str:
    return REGIONS.get(code, UNKNOWN)


@cache
def _forms() -> frozenset[str]:
    return frozenset(lexicon.folded(entry.form) for entry in lexicon.entries())


def _is_known(word: str) -> bool:
    """Whether a dictionary of this program has the word: trades, the street's words, titles."""
    return root(word) in shipped().words or word in _forms() or listed(word)
