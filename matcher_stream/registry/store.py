"""A registry: versions side by side in a folder, or at any address that fsspec reads.

Each version is a folder with its id as name. What is written goes to a temporary name first and is
moved file by file, the manifest last; a folder without a manifest is no version and is not listed.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import fsspec
from fsspec.core import url_to_fs

from matcher_stream.registry.reaching import reachable
from models.registry.card import LANGUAGES, card_name
from models.registry.manifest import (
    MANIFEST,
    MAX_MANIFEST_BYTES,
    Manifest,
    id_of,
    read_manifest,
    refusal,
    whole_manifest,
)
from models.registry.metadata import MAX_METADATA_BYTES, METADATA, Metadata, read_metadata
from schemas.errors import RefusedModel, UnknownModel

_ID: Final = re.compile(r"[0-9a-f]{64}")
_SHORT: Final = re.compile(r"[0-9a-f]{4,64}")
_INCOMING: Final = ".incoming-"
_TOLD: Final = {METADATA, *(card_name(language) for language in LANGUAGES)}
"""What of a version says when it was registered; the rest is the version itself."""


class Registry:
    """The versions at one address.

    Args:
        url: A folder, or an address with its scheme (file://, memory://, s3://, gs:// ...).

    Raises:
        RegistryUnavailable: what reads such addresses is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        with reachable(url):
            fs, root = url_to_fs(url)
            self._fs: fsspec.AbstractFileSystem = fs
            self._root = root.rstrip("/")

    def ids(self) -> list[str]:
        """Every version that is there with its manifest, by id; none where nothing is yet.

        Raises:
            RegistryUnavailable: the address cannot be read.
        """
        with reachable(self.url):
            self._fs.invalidate_cache()
            if not self._fs.isdir(self._root):
                return []
            names = {path.rstrip("/").rpartition("/")[2] for path in self._fs.ls(self._root, False)}
            found = sorted(name for name in names if _ID.fullmatch(name))
            return [name for name in found if self._fs.isfile(self._at(name, MANIFEST))]

    def find(self, short: str) -> str:
        """The one id that begins like this.

        Raises:
            UnknownModel: there is none, or more than one.
            RegistryUnavailable: the address cannot be read.
        """
        see = f"vea «matcher-stream models list --registry {self.url}»"
        if not _SHORT.fullmatch(short):
            raise UnknownModel(f"{short!r} no es el id de una versión (de 4 a 64 signos): {see}.")
        found = [name for name in self.ids() if name.startswith(short)]
        if not found:
            raise UnknownModel(f"No hay una versión {short} en {self.url}: {see}.")
        if len(found) > 1:
            raise UnknownModel(
                f"{len(found)} versiones empiezan con {short}: dé más signos; {see}."
            )
        return found[0]

    def manifest(self, version: str) -> Manifest:
        """The list of a version's files.

        Raises:
            RefusedModel: it is not what was registered.
        """
        return read_manifest(self._read(version, MANIFEST, MAX_MANIFEST_BYTES), version)

    def metadata(self, version: str) -> Metadata:
        """What a version says of itself.

        Raises:
            RefusedModel: it is not what was registered.
        """
        return read_metadata(self.text(version, METADATA, MAX_METADATA_BYTES), version)

    def text(self, version: str, name: str, most: int = MAX_METADATA_BYTES) -> bytes:
        """One small file of a version, as it was registered.

        Raises:
            RefusedModel: it is not.
        """
        entry = self.manifest(version).files.get(name)
        raw = self._read(version, name, most) if entry is not None else b""
        if entry is None or (id_of(raw), len(raw)) != (entry.sha256, entry.size):
            raise refusal(version, f"{name} no es el que se registró")
        return raw

    def put(self, folder: Path) -> tuple[str, bool]:
        """Register the version that was made in a folder; its id, and whether it is new.

        A version with the same parts and words stays as it is, whenever it was registered; one
        that was damaged is made whole.

        Raises:
            RefusedModel: the folder is no whole version.
            RegistryUnavailable: the address cannot be written.
        """
        version = id_of((folder / MANIFEST).read_bytes())
        manifest = whole_manifest(folder, version)
        if (twin := self._twin(version, manifest, folder)) is not None:
            return twin, False
        incoming = f"{self._root}/{_INCOMING}{uuid4().hex}"
        names = [*manifest.files, MANIFEST]  # the manifest last: before it nothing is there
        with reachable(self.url):
            try:
                for name in names:
                    self._make_parent(f"{incoming}/{name}")
                    self._fs.put_file(str(folder / name), f"{incoming}/{name}")
                for name in names:
                    self._make_parent(self._at(version, name))
                    self._fs.mv(f"{incoming}/{name}", self._at(version, name))
            finally:
                with contextlib.suppress(OSError):
                    self._fs.rm(incoming, recursive=True)
        return version, True

    def verify(self, version: str, folder: Path) -> Manifest:
        """Read every file of a version, and look for files that it does not name.

        Args:
            version: Its id.
            folder: Takes a copy of it.

        Raises:
            RefusedModel: one is not as it was registered; the sentence names it.
            RegistryUnavailable: the address cannot be read.
        """
        self.take(version, folder)
        manifest = whole_manifest(folder, version)
        with reachable(self.url):
            held = {path[len(self._at(version, "")) :] for path in self._fs.find(self._at(version))}
        if strange := sorted(held - {*manifest.files, MANIFEST}):
            raise refusal(version, f"{strange[0]} no es parte de ella", "quite ese archivo")
        return manifest

    def _stands(self, version: str) -> bool:
        with tempfile.TemporaryDirectory(prefix="matcher-version-") as folder:
            try:
                self.take(version, Path(folder))
                whole_manifest(Path(folder), version)
            except RefusedModel:
                return False
        return True

    def take(self, version: str, folder: Path) -> Manifest:
        """Copy what the manifest names, and nothing else, into a folder; not verified yet.

        Raises:
            RefusedModel: a file is not there or of another size.
            RegistryUnavailable: the address cannot be read.
        """
        raw = self._read(version, MANIFEST, MAX_MANIFEST_BYTES)
        manifest = read_manifest(raw, version)
        for name, entry in manifest.files.items():
            with reachable(self.url):
                path = self._at(version, name)
                if not self._fs.isfile(path):
                    raise refusal(version, f"le falta {name}")
                if self._fs.size(path) != entry.size:
                    raise refusal(version, f"{name} no es el que se registró")
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                self._fs.get_file(path, str(folder / name))
        (folder / MANIFEST).write_bytes(raw)
        return manifest

    def _twin(self, version: str, manifest: Manifest, folder: Path) -> str | None:
        """The version here that is the same one, or differs in nothing but when it was made; a
        damaged one does not count.
        """
        mine = read_metadata((folder / METADATA).read_bytes(), version)
        for other in self.ids():
            with contextlib.suppress(RefusedModel):
                if other != version:
                    held = self.metadata(other)
                    same = held.model_copy(update={"created": mine.created}) == mine
                    if not same or _rest(self.manifest(other)) != _rest(manifest):
                        continue
                if self._stands(other):
                    return other
        return None

    def _read(self, version: str, name: str, most: int) -> bytes:
        with reachable(self.url):
            path = self._at(version, name)
            if not self._fs.isfile(path):
                raise refusal(version, f"le falta {name}")
            raw: bytes = self._fs.cat_file(path, end=most + 1)
        if len(raw) > most:
            raise refusal(version, f"{name} es demasiado grande")
        return raw

    def _at(self, version: str, name: str | None = None) -> str:
        folder = f"{self._root}/{version}"
        return folder if name is None else f"{folder}/{name}"

    def _make_parent(self, path: str) -> None:
        self._fs.makedirs(path.rpartition("/")[0], exist_ok=True)


def _rest(manifest: Manifest) -> dict[str, Any]:
    return {name: entry for name, entry in manifest.files.items() if name not in _TOLD}
