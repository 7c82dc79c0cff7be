"""Writing an export, and taking people out of one that was written before.

Both hold personal data: a hash with its salt is a pseudonym, no more. Folder and files are their
owner's alone.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from models.feedback.dataset import (
    FORMAT,
    MANIFEST,
    ROWS,
    Impression,
    Manifest,
    erased_since,
    exports_in,
    read_manifest,
    read_rows,
)
from schemas.errors import UnreadableFile

#: Whom of an export (its manifest, the hashes in it) nobody may use any more.
Gone = Callable[[Manifest, set[str]], set[str]]


def write_export(directory: Path, rows: Sequence[Impression], **said: Any) -> Manifest:
    """Write a new export; until its manifest is there nobody reads it.

    Args:
        directory: Where; made if it is not there.
        rows: All of them.
        said: What else the manifest says.

    Raises:
        UnreadableFile: the folder has something in it, or cannot be written.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise UnreadableFile(f"La carpeta {directory} no está vacía: indique una nueva.")
        digest = _write(directory / ROWS, (row.line() for row in rows))
        people = len({row.person for row in rows})
        manifest = Manifest(format=FORMAT, rows=len(rows), people=people, sha256=digest, **said)
        _write(directory / MANIFEST, [manifest.raw()])
    except OSError as exc:
        raise UnreadableFile(f"No se puede escribir en {directory}: {exc.strerror}.") from None
    return manifest


def prune(directory: Path, gone: Collection[str]) -> int:
    """Take people out of an export on disk; returns how many rows went.

    The manifest names them first, so that `load` leaves them out whatever happens next.

    Args:
        directory: The export.
        gone: Hashes of people, with this export's salt.

    Raises:
        UnreadableFile: it cannot be read or written.
    """
    manifest = read_manifest(directory)
    rows = read_rows(directory, manifest)
    left = [row for row in rows if row.person not in gone]
    named = sorted({*manifest.erased, *(row.person for row in rows if row.person in gone)})
    lines = [row.line() for row in left]
    digest = hashlib.sha256(b"".join(lines)).hexdigest()
    if digest == manifest.sha256 and not manifest.becoming:
        return 0
    try:
        step = manifest.model_copy(update={"erased": named, "becoming": digest})
        _write(directory / MANIFEST, [step.raw()])
        _write(directory / ROWS, lines)
        people = len({row.person for row in left})
        last = {"erased": named, "becoming": None, "sha256": digest}
        done = manifest.model_copy(update={**last, "rows": len(left), "people": people})
        _write(directory / MANIFEST, [done.raw()])
    except OSError as exc:
        raise UnreadableFile(f"No se puede escribir en {directory}: {exc.strerror}.") from None
    return len(rows) - len(left)


def erased_elsewhere(
    directory: Path, gone_of: Gone, besides: Path | None = None
) -> tuple[list[str], list[Path]]:
    """Whom a new export names: people of the exports of a folder who are gone by now.

    Args:
        directory: The folder of exports.
        gone_of: Knows who is gone.
        besides: An export to leave out.

    Returns:
        Hashes, each with the salt of its export; and exports that could not be read.
    """
    named: set[str] = set()
    unread: list[Path] = []
    for other in exports_in(directory):
        if besides is not None and other.absolute() == besides.absolute():
            continue
        manifest = read_manifest(other)
        try:
            people = {row.person for row in read_rows(other, manifest)}
        except UnreadableFile:
            unread.append(other)  # nobody can use it either
            continue
        named |= people & (erased_since(other, manifest) | gone_of(manifest, people))
    return sorted(named), unread


def _write(path: Path, lines: Iterable[bytes]) -> str:
    """Replace a file as a whole; returns its SHA-256."""
    digest, draft = hashlib.sha256(), path.with_name(f".{path.name}.new")
    number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(number, "wb") as file:
        for line in lines:
            digest.update(line)
            file.write(line)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return digest.hexdigest()
