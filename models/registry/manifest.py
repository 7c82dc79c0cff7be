"""What a version is made of: size and SHA-256 of every file. Its id is the hash of that list.

So an id names the bytes: who has it can tell whether a copy from anywhere is the version that was
registered, and no two versions share one.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Annotated, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from schemas.errors import RefusedModel

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
"""Of manifest, metadata and layout; another number is another program's."""
KINDS: Final = (".json", ".md", ".safetensors")
"""All that a version may hold: data. A pickle is a program that runs when it is read."""
ID_CHARS: Final = 64
SHORT_CHARS: Final = 12
"""Of an id, where people and versions name it."""
MAX_MANIFEST_BYTES: Final = 64 << 10
MAX_FILES: Final = 64
_NAME: Final = re.compile(r"[A-Za-z0-9_][\w.-]*(/[A-Za-z0-9_][\w.-]*){0,3}", re.ASCII)

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Part(BaseModel):
    """Base of what a version says of itself: nothing unknown, nothing that changes."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


class Entry(Part):
    """One file."""

    sha256: Sha256
    size: Annotated[int, Field(ge=0)]


class Manifest(Part):
    """Every file of a version but the manifest itself, by its path in the version's folder."""

    format: int
    files: Annotated[dict[str, Entry], Field(min_length=1, max_length=MAX_FILES)]

    def canonical(self) -> bytes:
        """The one way to write it: sorted keys, no spaces."""
        return orjson.dumps(self.model_dump(), option=orjson.OPT_SORT_KEYS)


def id_of(raw: bytes) -> str:
    """The id of the version with this manifest."""
    return hashlib.sha256(raw).hexdigest()


def manifest_of(folder: Path) -> Manifest:
    """The manifest of all files in a folder, none there yet.

    Raises:
        RefusedModel: a file is of a kind that a version may not hold.
    """
    paths = sorted(path for path in folder.rglob("*") if not path.is_dir())
    files = {path.relative_to(folder).as_posix(): _entry(path) for path in paths}
    for name in files:
        _check_name(name, str(folder))
    return Manifest(format=FORMAT, files=files)


def read_manifest(raw: bytes, version: str) -> Manifest:
    """The manifest in these bytes, which must be those that the id names.

    Args:
        raw: The file's bytes.
        version: The id.

    Raises:
        RefusedModel: they are not, or another program's; the sentence says which.
    """
    if id_of(raw) != version:
        raise refusal(version, "su manifiesto cambió después de registrarla")
    try:
        manifest = Manifest.model_validate_json(raw)
    except ValidationError:
        found = _format_of(raw)
        if found not in (None, FORMAT):
            raise _other_format(version, found) from None
        raise refusal(version, "su manifiesto no se puede leer") from None
    if manifest.format != FORMAT:
        raise _other_format(version, manifest.format)
    for name in manifest.files:
        _check_name(name, version)
    return manifest


def check_files(folder: Path, manifest: Manifest, version: str) -> None:
    """Every file is there and is what the manifest says, to the bit.

    Raises:
        RefusedModel: one is not; the sentence names it.
    """
    for name, entry in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise refusal(version, f"le falta {name}")
        if _entry(path) != entry:
            raise refusal(version, f"{name} no es el que se registró")


def whole_manifest(folder: Path, version: str) -> Manifest:
    """The manifest of a version whose every file is there, and is what was registered.

    Raises:
        RefusedModel: one is not.
    """
    path = folder / MANIFEST
    if not path.is_file() or path.stat().st_size > MAX_MANIFEST_BYTES:
        raise refusal(version, "está a medias: no tiene manifiesto")
    manifest = read_manifest(path.read_bytes(), version)
    check_files(folder, manifest, version)
    return manifest


def refusal(version: str, why: str, advice: str = "") -> RefusedModel:
    """One sentence: which version, why, and what to do.

    Args:
        version: Its id, or where it lies.
        why: In Spanish, as the rest of the sentence.
        advice: What to do; empty means to take it from where it came from.
    """
    what = advice or "impórtela de nuevo con «matcher-stream models import» o use otra"
    name = version[:SHORT_CHARS] if re.fullmatch(r"[0-9a-f]{64}", version) else version
    return RefusedModel(f"La versión {name} no se usa: {why}; {what}.")


def _other_format(version: str, found: object) -> RefusedModel:
    return refusal(
        version,
        f"su formato es {found} y este programa lee el {FORMAT}",
        "use otra versión o el programa con que se hizo",
    )


def _format_of(raw: bytes) -> object:
    try:
        value = orjson.loads(raw)
    except ValueError:
        return None
    return value.get("format") if isinstance(value, dict) else None


def _check_name(name: str, version: str) -> None:
    """No path leads out of the folder, and no file is a program."""
    if not _NAME.fullmatch(name) or not name.endswith(KINDS) or name == MANIFEST:
        kinds = ", ".join(KINDS)
        raise refusal(
            version,
            f"tiene el archivo {name!r} y solo puede tener {kinds}",
            "quite ese archivo e impórtela de nuevo",
        )


def _entry(path: Path) -> Entry:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Entry(sha256=digest, size=path.stat().st_size)
