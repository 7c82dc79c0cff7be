"""What people did with what they were shown, read from a broker for those who agreed to it.

Who may be used is asked of the profiles topic alone, read last: an erasure or a withdrawn consent
counts from the moment it was published, whether or not a worker has carried it out.
"""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from matcher_stream.config.contract import TopicNames, partition_for
from matcher_stream.config.settings import Settings
from matcher_stream.verify.reading import TopicReader
from models.feedback.dataset import Impression, Manifest, hash_of
from models.feedback.outcomes import strongest
from models.feedback.propensity import Propensities, estimate
from models.ranking.attrs import person_attrs
from models.reading.districts import DISTRICTS
from models.reading.facts.known import known_person
from models.reading.gender import neutral
from schemas import Profile, parse_profile
from schemas.errors import InputError
from tables.rows import OutcomeRow, person_of

_PREFIX: Final = struct.calcsize(">H")
_BANDS: Final = ((17, "0-17"), (24, "18-24"), (34, "25-34"), (44, "35-44"), (54, "45-54"),
                 (64, "55-64"))  # fmt: skip


@dataclass(slots=True)
class Agreed:
    """Who agrees to be learned from, now.

    Attributes:
        people: Their last accepted profiles, as bytes, by id.
        erased_at: When somebody was erased last (ms), as far as the topic still says.
        sources: How far each topic was read.
    """

    people: dict[str, bytes] = field(default_factory=dict)
    erased_at: dict[str, int] = field(default_factory=dict)
    sources: dict[str, list[int]] = field(default_factory=dict)

    def gone_of(self, manifest: Manifest, people: set[str]) -> set[str]:
        """Whom of an export's people nobody may use any more: who does not agree now, or was
        erased since it was made and came back.
        """
        made, salt = manifest.made.timestamp() * 1000, manifest.salt
        stay = {hash_of(salt, name) for name in self.people if self.erased_at.get(name, 0) < made}
        return people - stay


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that goes into an export.

    Attributes:
        rows: Impressions.
        propensities: Of the ranks, estimated from these rows.
        left_out: How many impressions are no rows, by why.
        agreed: Who agrees.
    """

    rows: list[Impression]
    propensities: Propensities
    left_out: dict[str, int]
    agreed: Agreed


async def gather(reader: TopicReader, settings: Settings, names: TopicNames, salt: str) -> Gathered:
    """Read everything that may be learned from.

    Args:
        reader: Reads topics.
        settings: Give the number of partitions.
        names: The topics' names, of the application whose tables are read.
        salt: Of the hashes that stand for people.

    Raises:
        TopicMismatch: a topic is not there, or is hidden from this account.
    """
    sources: dict[str, list[int]] = {}
    held: dict[bytes, bytes] = {}
    topic = f"{names.source}-outcomes-changelog"
    async for record in _read(reader, topic, settings.partitions, sources):
        if record.value is None:
            held.pop(record.key, None)
        else:
            held[record.key] = record.value
    agreed = await who_agrees(reader, settings, names)
    agreed.sources = sources | agreed.sources
    left_out = {"no_consent": 0, "no_rank": 0}
    rows: list[Impression] = []
    who: dict[str, dict[str, Any]] = {}
    for key, raw in sorted(held.items()):
        name, row = person_of(key[_PREFIX:]), OutcomeRow.unpack(raw)
        if name not in agreed.people or row.began <= agreed.erased_at.get(name, -1):
            left_out["no_consent"] += 1
        elif not row.rank:
            left_out["no_rank"] += 1
        else:
            if name not in who:
                who[name] = _about(parse_profile(name.encode(), agreed.people[name]))
            rows.append(_impression(hash_of(salt, name), row, who[name]))
    found = estimate(rows)
    weighed = [replace(row, propensity=found.at(row.rank)) for row in rows]
    return Gathered(weighed, found, left_out, agreed)


async def who_agrees(reader: TopicReader, settings: Settings, names: TopicNames) -> Agreed:
    """Everybody whose last accepted profile agrees to be learned from; for arguments see `gather`.

    Raises:
        TopicMismatch: the topic is not there, or is hidden from this account.
    """
    agreed = Agreed()
    async for record in _read(reader, names.profiles, settings.partitions, agreed.sources):
        key = record.key or b""
        if partition_for(key, settings.partitions) != record.partition:
            continue  # refused there
        name = key.decode(errors="replace")
        if record.value is None:
            agreed.people.pop(name, None)
            agreed.erased_at[name] = record.timestamp
            continue
        try:
            profile = parse_profile(key, record.value)
        except InputError:
            continue  # refused: what they said before stands
        if profile.consent_training:
            agreed.people[name] = record.value
        else:
            agreed.people.pop(name, None)
    return agreed


async def _read(
    reader: TopicReader, topic: str, partitions: int, ends: dict[str, list[int]]
) -> AsyncIterator[Any]:
    """Every record; notes where each partition ended."""
    last = ends[topic] = [0] * partitions
    async for record in reader.records(topic):
        last[record.partition] = record.offset + 1
        yield record


def _impression(person: str, row: OutcomeRow, about: dict[str, Any]) -> Impression:
    outcome, when = strongest(row.times)
    return Impression(
        person=person,
        job_id=row.job_id,
        as_of=row.as_of,
        revision=row.revision,
        rank=row.rank,
        surface=row.surface,
        propensity=1.0,  # estimated from all rows
        swapped=row.swapped,
        level=row.level,  # type: ignore[arg-type]
        score=row.score,
        components=row.components,
        shown=row.began,
        outcome=outcome,
        outcome_ts=when,
        reason=row.reason if outcome == "dismissed" else None,  # type: ignore[arg-type]
        ranker_version=row.ranker,
        encoder_version=row.encoder,
        evidence=row.evidence,
        **{**about, "region": about["region"] or row.region or None},
    )


def _about(profile: Profile) -> dict[str, Any]:
    """What slices of people are made of."""
    known = known_person(profile)
    attrs = person_attrs(known)
    district = DISTRICTS[attrs.district] if attrs.district >= 0 else None
    age = known.get("age")
    band = None
    if age is not None:
        band = next((name for last, name in _BANDS if age <= last), "65+")
    return {
        "region": None if district is None else district.ubigeo[:2],
        "district_poverty": None if district is None else district.poverty,
        "sex": "f" if neutral(profile.text) != profile.text else None,
        "age_band": band,
        "trade": f"{attrs.occupations[0]:04d}" if attrs.occupations else None,
    }
