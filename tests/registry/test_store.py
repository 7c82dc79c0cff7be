"""A registry in memory and on disk: a version is there whole, or it is not there."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import fsspec
import pytest

from matcher_stream.registry.copies import local_copy
from matcher_stream.registry.sources import base_of, bring
from matcher_stream.registry.store import Registry
from models.registry.manifest import MANIFEST
from models.registry.metadata import METADATA
from models.registry.version import RANKER, open_version
from schemas.errors import RefusedModel, RegistryUnavailable, UnknownModel, UnreadableFile
from tests.support.versions import CREATED, adapter_folder, encoder_folder, small_version


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return small_version(tmp_path_factory.mktemp("made"))


@pytest.fixture(params=["memory", "file", "path"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param != "memory":
        yield f"{'file://' if request.param == 'file' else ''}{tmp_path}/registry"
        return
    root = f"/{uuid4().hex}"
    yield f"memory:/{root}"
    fs = fsspec.filesystem("memory")
    if fs.exists(root):
        fs.rm(root, recursive=True)


def _files(registry: Registry) -> dict[str, bytes]:
    """Everything that lies there, by its path below the registry."""
    fs, root = registry._fs, registry._root
    found = fs.find(root) if fs.isdir(root) else []
    return {path[len(root) + 1 :]: fs.cat_file(path) for path in found}


def _spoil(registry: Registry, version: str, name: str) -> None:
    """One bit of a file is another."""
    path = f"{registry._root}/{version}/{name}"
    raw = registry._fs.cat_file(path)
    registry._fs.pipe_file(path, bytes([*raw[:-1], raw[-1] ^ 1]))


def test_what_is_put_is_listed_and_comes_back_to_the_bit(
    url: str, made: tuple[Path, str], tmp_path: Path
) -> None:
    registry = Registry(url)
    assert registry.ids() == [], "a registry begins where nothing is"
    assert registry.put(made[0]) == (made[1], True)
    assert Registry(url).ids() == [made[1]]
    assert registry.metadata(made[1]).created == CREATED
    copy = local_copy(registry, made[1], tmp_path / "cache")
    assert open_version(copy, made[1]).id == made[1]
    mine = {p.relative_to(made[0]).as_posix(): p.read_bytes() for p in made[0].rglob("*.*")}
    assert _files(registry) == {f"{made[1]}/{name}": raw for name, raw in mine.items()}


def test_the_same_parts_are_registered_once_whenever_that_was(
    url: str, made: tuple[Path, str], tmp_path: Path
) -> None:
    registry = Registry(url)
    registry.put(made[0])
    before = _files(registry)
    assert registry.put(made[0]) == (made[1], False)
    later, version = small_version(tmp_path, created=CREATED.replace(year=2027))
    assert version != made[1]
    assert registry.put(later) == (made[1], False)
    assert _files(registry) == before
    other, version = small_version(tmp_path, licence="MIT")
    assert registry.put(other) == (version, True)
    assert registry.ids() == sorted([made[1], version])


class _Dying:
    """A filesystem of a process that ends after so many steps of writing, whatever it would tidy.

    Attributes:
        ended: Whether it did.
    """

    def __init__(self, fs: Any, steps: int) -> None:
        self._fs, self._left, self.ended = fs, steps, False

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._fs, name)
        if name not in ("put_file", "mv", "rm"):
            return real

        def step(*args: Any, **options: Any) -> Any:
            if self._left == 0:
                self.ended = True
                raise OSError
            self._left -= name != "rm"
            return real(*args, **options)

        return step


def test_a_version_whose_writer_ends_at_any_step_is_not_there_and_is_made_whole(
    url: str, made: tuple[Path, str], tmp_path: Path
) -> None:
    whole = {f"{made[1]}/{p.relative_to(made[0]).as_posix()}" for p in made[0].rglob("*.*")}
    for steps in range(2 * len(whole)):  # every file is written, then moved
        registry = Registry(f"{url}-{steps}")
        fs, dying = registry._fs, _Dying(registry._fs, steps)
        registry._fs = dying
        with pytest.raises(RegistryUnavailable):
            registry.put(made[0])
        assert dying.ended
        registry._fs = fs
        assert registry.ids() == [], steps
        with pytest.raises(UnknownModel):
            registry.find(made[1])
        with pytest.raises(RefusedModel, match="le falta"):
            local_copy(registry, made[1], tmp_path / "cache")
        assert not (tmp_path / "cache" / made[1]).exists(), "nothing is taken half"
        assert registry.put(made[0]) == (made[1], True)
        held = {name for name in _files(registry) if not name.startswith(".incoming-")}
        assert held == whole
        assert registry.ids() == [made[1]]
    alive = Registry(f"{url}-all")
    alive._fs = _Dying(alive._fs, 2 * len(whole))
    assert alive.put(made[0]) == (made[1], True)


@pytest.mark.parametrize("name", [MANIFEST, METADATA, RANKER, "CARD.en.md"])
def test_one_bit_in_the_registry_is_noticed_and_nothing_of_it_stays(
    url: str, made: tuple[Path, str], tmp_path: Path, name: str
) -> None:
    registry = Registry(url)
    registry.put(made[0])
    _spoil(registry, made[1], name)
    with pytest.raises(RefusedModel):
        local_copy(registry, made[1], tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []
    if name in (MANIFEST, METADATA):
        with pytest.raises(RefusedModel):
            registry.metadata(made[1])
    later, version = small_version(tmp_path, created=CREATED.replace(year=2027))
    assert registry.put(later) == (version, True), "a damaged one stands for nothing"
    assert made[1] in registry.ids(), "and is nobody's to delete"
    shutil.rmtree(tmp_path / "cache")
    registry._fs.rm(f"{registry._root}/{version}", recursive=True)
    assert registry.put(made[0])[1], "registered again it is whole"
    open_version(local_copy(registry, made[1], tmp_path / "cache"), made[1])


def test_what_a_version_does_not_name_is_told_and_never_taken(
    url: str, made: tuple[Path, str], tmp_path: Path
) -> None:
    registry = Registry(url)
    registry.put(made[0])
    registry._fs.pipe_file(f"{registry._root}/{made[1]}/model.pkl", pickle.dumps([1]))
    folder = tmp_path / "copy"
    folder.mkdir()
    with pytest.raises(RefusedModel, match=r"model\.pkl no es parte de ella"):
        registry.verify(made[1], folder)
    taken = local_copy(registry, made[1], tmp_path / "cache")
    assert not list(taken.rglob("*.pkl"))


def test_a_copy_serves_while_the_registry_is_away_and_is_verified_each_time(
    made: tuple[Path, str], tmp_path: Path
) -> None:
    registry = Registry(str(tmp_path / "registry"))
    registry.put(made[0])
    cache = tmp_path / "cache"
    taken = local_copy(registry, made[1], cache)
    shutil.move(tmp_path / "registry", tmp_path / "away")
    assert local_copy(registry, made[1], cache) == taken
    (taken / RANKER).write_bytes((taken / RANKER).read_bytes() + b" ")
    with pytest.raises(RefusedModel, match="le falta"):
        local_copy(registry, made[1], cache)
    shutil.move(tmp_path / "away", tmp_path / "registry")
    open_version(local_copy(registry, made[1], cache), made[1])
    assert os.listdir(cache) == [made[1]]


def test_short_ids(made: tuple[Path, str], tmp_path: Path) -> None:
    registry = Registry(str(tmp_path / "registry"))
    registry.put(made[0])
    for length in (4, 12, 64):
        assert registry.find(made[1][:length]) == made[1]
    twin = tmp_path / "registry" / (made[1][:10] + "0" * 54)
    shutil.copytree(tmp_path / "registry" / made[1], twin)
    for short, says in ((made[1][:10], "2 versiones empiezan"), ("0123abcd", "No hay una versión"),
                        ("abc", "no es el id"), ("../../etc", "no es el id")):  # fmt: skip
        with pytest.raises(UnknownModel, match=says):
            registry.find(short)
    with pytest.raises(RefusedModel, match="manifiesto cambió"):
        registry.metadata(twin.name)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("s3://bucket/models", r"falta un paquete: instálelo con «pip install s3fs»"),
        ("gs://bucket/models", r"falta un paquete: instálelo con «pip install gcsfs»"),
        ("nothing://here", r"No se puede usar el registro nothing://here"),
    ],
)
def test_an_address_that_nothing_here_reads(url: str, says: str) -> None:
    with pytest.raises(RegistryUnavailable, match=says):
        Registry(url).ids()


def test_a_registry_that_cannot_be_written(made: tuple[Path, str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RegistryUnavailable, match="revise la dirección"):
        Registry(str(tmp_path / "file" / "registry")).put(made[0])
    registry = Registry(str(tmp_path / "registry"))
    registry.put(made[0])
    with pytest.raises(RegistryUnavailable, match="MATCHER_ENCODER_CACHE_DIR"):
        local_copy(registry, made[1], tmp_path / "file" / "cache")


def test_what_lies_at_an_address(url: str, made: tuple[Path, str], tmp_path: Path) -> None:
    registry = Registry(url)
    registry.put(made[0])
    base = encoder_folder(tmp_path / "base")
    learned = adapter_folder(tmp_path / "learned", str(base))
    (learned / "checkpoint.pt").write_bytes(b"not taken")
    taken = tmp_path / "taken"
    taken.mkdir()
    copy, kind = bring(str(learned), taken)
    assert (copy.name, kind) == ("learned", "adapter")
    assert sorted(os.listdir(copy)) == [
        "adapter_config.json", "adapter_model.safetensors", "recipe.json",
    ]  # fmt: skip
    assert base_of(copy) == str(base)
    assert bring(str(base), taken)[1] == "encoder"
    whole, kind = bring(f"{url}#{made[1][:8]}", taken)
    assert (open_version(whole, made[1]).id, kind) == (made[1], "version")
    (learned / "adapter_model.safetensors").unlink()
    for nothing in (str(learned), str(tmp_path / "none")):
        with pytest.raises(UnreadableFile, match="no hay un adaptador"):
            bring(nothing, taken)
    (copy / "adapter_config.json").write_text("{}")
    with pytest.raises(UnreadableFile, match="--encoder"):
        base_of(copy)
