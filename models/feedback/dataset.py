"""An export of impressions: a folder of one row for each time that a job was shown to somebody.

``impressions.jsonl`` has the rows, ``manifest.json`` says what they are. An export names who was
erased since earlier ones, so `load` leaves out whoever this export or a later one beside it in the
same folder names: an erasure reaches the exports made before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from schemas.errors import UnreadableFile
from schemas.feedback import DismissReason
from schemas.matches import Level

ROWS: Final = "impressions.jsonl"
MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
"""Another number is another program's."""
MAX_MANIFEST_BYTES: Final = 64 << 20
PERSON_CHARS: Final = 32

Outcome = Literal["none", "opened", "applied", "interviewed", "hired", "dismissed", "reported"]
OPENED: Final[frozenset[Outcome]] = frozenset({"opened", "applied", "interviewed", "hired"})
"""Outcomes of a job that was looked at for its own sake: the weakest sign that it fits."""
APPLIED: Final[frozenset[Outcome]] = frozenset({"applied", "interviewed", "hired"})
"""Outcomes of a job that the person asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Impression:
    """One job as one person was shown it, and what came of it.

    Attributes:
        person: Salted hash of the person's id, 32 hex digits; another in every export.
        job_id: The job.
        as_of: Day of the ranking, ISO 8601.
        revision: Of the matches event; 0 where nobody said.
        rank: Place in it, from 1.
        surface: Where it was shown; "" where nobody said.
        propensity: Chance that somebody looks at this place, as against the first: above 0, at
            most 1.
        swapped: Whether this entry had changed places with a neighbour.
        level: None, as score, where the ranking was gone when the feedback came.
        score: As it was told.
        components: What the score is made of, by name; they add up to it. Empty if not known.
        evidence: The parts of the evidence before they were weighed, by name; None where the row
            is older.
        shown: When, ms since the epoch: the first word of it.
        outcome: The strongest of what the person did, as `models.feedback.outcomes` orders it.
        outcome_ts: When, ms since the epoch; None where nothing came of it.
        reason: Why it was dismissed.
        region: First two digits of the district's ubigeo, of the person's home.
        district_poverty: Share of people in poverty there, percent.
        sex: "f" where the words are a woman's ("cocinera"); else None, since the masculine form
            stands for both.
        age_band: As "25-34".
        trade: ISCO-08 unit group that the words name first, four digits.
        style: How the words are written, if that was told apart.
        ranker_version, encoder_version: That scored it; "" if not known.
    """

    __pydantic_config__ = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)

    person: str
    job_id: str
    as_of: str
    revision: Annotated[int, Field(ge=0)]
    rank: Annotated[int, Field(ge=1)]
    surface: str
    propensity: Annotated[float, Field(gt=0, le=1)]
    swapped: bool
    level: Level | None
    score: float | None
    components: dict[str, float]
    shown: int
    outcome: Outcome
    outcome_ts: int | None
    reason: DismissReason | None = None
    region: str | None = None
    district_poverty: float | None = None
    sex: str | None = None
    age_band: str | None = None
    trade: str | None = None
    style: str | None = None
    ranker_version: str = ""
    encoder_version: str = ""
    evidence: dict[str, float] | None = None

    def line(self) -> bytes:
        """As a line of the file."""
        return orjson.dumps(asdict(self), option=orjson.OPT_APPEND_NEWLINE)


class Manifest(BaseModel):
    """What an export says of itself."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    made: AwareDatetime
    salt: str
    """Hex digits; who has them and an id knows the person's hash."""
    format: int
    rows: int
    people: int
    sha256: str
    """Of the file of rows."""
    erased: list[str] = []
    """Hashes of people in this export or an earlier one who were erased, or withdrew their consent,
    by the time this was written."""
    propensities: dict[str, Any] = {}
    """How they were estimated, and those of the first ranks."""
    sources: dict[str, list[int]] = {}
    """How far each topic was read: end offsets by partition."""
    left_out: dict[str, int] = {}
    """Impressions that are no rows, by why."""
    becoming: str | None = None
    """Of the file of rows that is about to take the place of this one: a prune was cut short."""

    def raw(self) -> bytes:
        """As the file."""
        body = self.model_dump(mode="json", exclude_none=True)
        return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


@dataclass(frozen=True, slots=True)
class Dataset:
    """An export as somebody may use it today.

    Attributes:
        rows: Without whoever was erased since.
        manifest: As it is on disk.
        dropped: Hashes of the people who were left out.
    """

    rows: list[Impression]
    manifest: Manifest
    dropped: frozenset[str] = field(default=frozenset())

    @property
    def people(self) -> set[str]:
        """Hashes of the people in it."""
        return {row.person for row in self.rows}


_ROW: Final = TypeAdapter(Impression)


def hash_of(salt: str, profile_id: str) -> str:
    """The hash that stands for a person in the export with this salt."""
    return hashlib.blake2b(
        profile_id.encode(), key=bytes.fromhex(salt), digest_size=PERSON_CHARS // 2
    ).hexdigest()


def load(directory: Path, erased: Iterable[str] = ()) -> Dataset:
    """The rows of an export that may be used: the one way to read it.

    Args:
        directory: The export.
        erased: More hashes to leave out.

    Raises:
        UnreadableFile: something is missing, was changed, or is another program's.
    """
    manifest = read_manifest(directory)
    rows = read_rows(directory, manifest)
    gone = erased_since(directory, manifest) | frozenset(erased)
    dropped = frozenset(row.person for row in rows if row.person in gone)
    return Dataset([row for row in rows if row.person not in dropped], manifest, dropped)


def read_manifest(directory: Path) -> Manifest:
    """What an export says of itself.

    Raises:
        UnreadableFile: there is none, it is damaged, or another program's.
    """
    path = directory / MANIFEST
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            raise _refusal(directory, "su manifiesto es demasiado grande")
        manifest = Manifest.model_validate_json(path.read_bytes())
    except OSError:
        raise _refusal(directory, "no tiene manifiesto") from None
    except ValidationError:
        raise _refusal(directory, "su manifiesto no se puede leer") from None
    if manifest.format != FORMAT:
        found = f"su formato es {manifest.format} y este programa lee el {FORMAT}"
        raise _refusal(directory, found)
    return manifest


def erased_since(directory: Path, manifest: Manifest) -> frozenset[str]:
    """Whom this export and the later ones beside it name as erased; damaged ones name nobody."""
    gone = set(manifest.erased)
    for other in exports_in(directory.absolute().parent):
        if (said := read_manifest(other)).made >= manifest.made:
            gone.update(said.erased)
    return frozenset(gone)


def exports_in(parent: Path) -> list[Path]:
    """The exports in a folder whose manifest can be read, by name."""
    found = []
    for path in sorted(parent.glob(f"*/{MANIFEST}")):
        try:
            read_manifest(path.parent)
        except UnreadableFile:
            continue  # another program's: models have manifests too
        found.append(path.parent)
    return found


def read_rows(directory: Path, manifest: Manifest) -> list[Impression]:
    """Every row on disk, of erased people too: for who writes exports; others `load`.

    Raises:
        UnreadableFile: they are not there, were changed, or are another program's.
    """
    try:
        raw = (directory / ROWS).read_bytes()
    except OSError:
        raise _refusal(directory, f"no tiene {ROWS}") from None
    if hashlib.sha256(raw).hexdigest() not in (manifest.sha256, manifest.becoming):
        raise _refusal(directory, f"{ROWS} cambió después de exportarlo")
    try:
        return [_ROW.validate_json(line) for line in raw.splitlines()]
    except ValidationError:
        raise _refusal(directory, f"{ROWS} no se puede leer") from None


def _refusal(directory: Path, why: str) -> UnreadableFile:
    return UnreadableFile(f"La exportación {directory} no se usa: {why}; exporte de nuevo.")
