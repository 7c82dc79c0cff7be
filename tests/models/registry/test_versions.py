"""A version is what was registered to the bit, and is for this program; else it is refused."""

from __future__ import annotations

import pickle
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.encoding.adapter import check_tokenizer
from models.encoding.registry import resolve
from models.ranking.blend import make_ranker
from models.ranking.weights import shipped_weights
from models.reading.facts.fact import READER_VERSION
from models.registry.making import make_version
from models.registry.manifest import (
    MANIFEST,
    MAX_FILES,
    MAX_MANIFEST_BYTES,
    Manifest,
    id_of,
    manifest_of,
    read_manifest,
)
from models.registry.metadata import MAX_METADATA_BYTES, METADATA
from models.registry.version import RANKER, open_version
from models.vetting.gate import GATE_VERSION
from schemas.errors import MissingModel, RefusedModel
from tests.support.examples import examples
from tests.support.versions import (
    DIM,
    adapter_folder,
    encoder_folder,
    ingredients,
    ranker_file,
    small_version,
)

_LOADS_PROGRAMS = re.compile(
    r"(import|from) (pickle|joblib|dill|shelve|marshal)|torch\.load|allow_pickle"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return small_version(tmp_path_factory.mktemp("made"))


@pytest.fixture
def copy(made: tuple[Path, str], tmp_path: Path) -> tuple[Path, str]:
    shutil.copytree(made[0], tmp_path / "copy")
    return tmp_path / "copy", made[1]


def anew(folder: Path) -> str:
    """Name a changed folder as its registrar would: the id is right, the version is another."""
    (folder / MANIFEST).unlink(missing_ok=True)
    raw = manifest_of(folder).canonical()
    (folder / MANIFEST).write_bytes(raw)
    return id_of(raw)


def retold(folder: Path, change: Callable[[dict[str, Any]], None], name: str = METADATA) -> str:
    """A version whose maker wrote something else into a file."""
    told = orjson.loads((folder / name).read_bytes())
    change(told)
    (folder / name).write_bytes(orjson.dumps(told))
    return anew(folder)


def test_a_version_holds_what_it_was_made_of(made: tuple[Path, str]) -> None:
    opened = open_version(*made)
    assert opened.id == made[1] == id_of((made[0] / MANIFEST).read_bytes())
    own = resolve(opened.encoder)
    assert own.version() == resolve(str(made[0].parent / "small")).version(), "same vector space"
    assert (own.dim(), opened.adapter) == (DIM, "")
    assert (opened.metadata.reader, opened.metadata.gate) == (READER_VERSION, GATE_VERSION)
    assert opened.weights == replace(
        shipped_weights(), version=f"{shipped_weights().version}-{made[1][:12]}"
    )
    assert make_ranker("blend", weights=opened.weights).version == opened.weights.version


def test_the_same_parts_have_the_same_id_and_others_another(tmp_path: Path) -> None:
    _, first = small_version(tmp_path)
    assert small_version(tmp_path)[1] == first
    assert small_version(tmp_path, licence="MIT")[1] != first
    assert small_version(tmp_path, ranker=ranker_file(send=0.5))[1] != first


def test_nothing_in_a_version_is_a_program(tmp_path: Path) -> None:
    base = encoder_folder(tmp_path / "base")
    learned = adapter_folder(tmp_path / "learned", str(base))
    (learned / "checkpoint.pt").write_bytes(pickle.dumps({}))
    folder = tmp_path / "version"
    folder.mkdir()
    make_version(folder, ingredients(base, adapter=str(learned)))
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".json", ".md", ".safetensors"}
    for path in files:
        raw = path.read_bytes()
        if path.suffix == ".json":
            orjson.loads(raw)
        elif path.suffix == ".safetensors":
            assert raw[8:9] == b"{", "a length, then a header of JSON (safetensors)"
        else:
            raw.decode()
    rooms = (Path(__file__).parents[3] / room for room in ("models", "matcher_stream"))
    code = [path.read_text() for room in rooms for path in (room / "registry").glob("*.py")]
    assert len(code) > 8
    assert not [text for text in code if _LOADS_PROGRAMS.search(text)]


def test_an_adapter_goes_with_its_tokenizer_and_recipe(tmp_path: Path) -> None:
    base = encoder_folder(tmp_path / "base")
    pairs = "ab" * 32
    learned = adapter_folder(tmp_path / "learned", str(base), data={"pairs": pairs})
    folder = tmp_path / "version"
    folder.mkdir()
    opened = open_version(folder, make_version(folder, ingredients(base, adapter=str(learned))))
    assert opened.metadata.data == {"pairs": pairs}
    assert opened.metadata.recipe["seed"] == 1
    kept = (folder / "adapter" / "tokenizer.json").read_text()
    assert kept == resolve(str(base)).tokenizer().to_str()
    assert resolve(opened.encoder, opened.adapter).version() == (
        resolve(str(base), str(learned)).version()
    )


@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), which=st.integers(0, 30))
@settings(max_examples=examples(60))
def test_one_bit_of_any_file_is_noticed(
    made: tuple[Path, str], where: float, bit: int, which: int
) -> None:
    files = sorted(path for path in made[0].rglob("*") if path.is_file())
    path = files[which % len(files)]
    raw = path.read_bytes()
    at = int(where * len(raw))
    changed = bytes([*raw[:at], raw[at] ^ (1 << bit), *raw[at + 1 :]])
    try:
        path.write_bytes(changed)
        with pytest.raises(RefusedModel):
            open_version(*made)
    finally:
        path.write_bytes(raw)
    open_version(*made)


@pytest.mark.parametrize("name", [MANIFEST, METADATA, RANKER, "CARD.es.md"])
def test_a_half_written_version_is_refused(copy: tuple[Path, str], name: str) -> None:
    (copy[0] / name).unlink()
    with pytest.raises(RefusedModel, match=r"a medias|le falta"):
        open_version(*copy)


@pytest.mark.parametrize("name", ["../out.json", "/etc/x.json", "a/../b.json", "x.pkl", "x.bin",
                                  MANIFEST, "", "a//b.json", ".x.json"])  # fmt: skip
def test_a_manifest_names_only_data_in_the_folder(name: str) -> None:
    files = {name: {"sha256": "0" * 64, "size": 1}}
    raw = Manifest.model_validate({"format": 1, "files": files}).canonical()
    with pytest.raises(RefusedModel):
        read_manifest(raw, id_of(raw))


def test_a_pickle_in_a_folder_is_not_registered(tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(pickle.dumps([1]))
    with pytest.raises(RefusedModel, match=r"model\.pkl"):
        manifest_of(tmp_path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda m: m.update(format=2), "formato es 2 y este programa lee el 1"),
        (lambda m: m.update(files={}), "no se puede leer"),
        (lambda m: m.update(more=1), "no se puede leer"),
    ],
)
def test_another_format_of_manifest(
    copy: tuple[Path, str], change: Callable[[dict[str, Any]], None], says: str
) -> None:
    told = orjson.loads((copy[0] / MANIFEST).read_bytes())
    change(told)
    raw = orjson.dumps(told)
    (copy[0] / MANIFEST).write_bytes(raw)
    with pytest.raises(RefusedModel, match=says) as refused:
        open_version(copy[0], id_of(raw))
    assert str(refused.value).count("\n") == 0
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda m: m.update(format=2), "metadatos"),
        (lambda m: m.update(unknown=2), "metadatos"),
        (lambda m: m.update(reader="reader-99"), "lector reader-99 y este programa tiene reader-"),
        (lambda m: m.update(gate="gate-1"), "filtro de avisos gate-1 y este programa tiene gate-"),
        (lambda m: m["encoder"].update(dim=DIM + 1), f"{DIM + 1} números y los de small, {DIM}"),
        (lambda m: m["encoder"].update(base="small-0123456789"), "codificador small-0123456789"),
        (lambda m: m["encoder"].update(vectors="other"), "vectores other y este programa calcula"),
    ],
)
def test_a_version_for_another_program(
    copy: tuple[Path, str], change: Callable[[dict[str, Any]], None], says: str
) -> None:
    with pytest.raises(RefusedModel, match=says):
        open_version(copy[0], retold(copy[0], change))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda w: w["evidence"].update(luck=0.1), "luck"),
        (lambda w: w["evidence"].pop("travel"), "travel"),
        (lambda w: w["evidence"].update(pay=-0.1), "evidence.pay"),
        (lambda w: w.update(slope=0), "slope"),
        (lambda w: w.update(lexical=0.2), "lexical weight 0.2"),
        (lambda w: w.update(send="much"), "send"),
        (lambda w: w.update(version="A b"), "version"),
    ],
)
def test_a_ranker_that_this_program_cannot_compute(
    copy: tuple[Path, str], tmp_path: Path, change: Callable[[dict[str, Any]], None], says: str
) -> None:
    version = retold(copy[0], change, RANKER)
    with pytest.raises(RefusedModel, match=says):
        open_version(copy[0], version)
    with pytest.raises(MissingModel, match=says):  # nor is it registered
        small_version(tmp_path, ranker=(copy[0] / RANKER).read_bytes())


def test_what_a_version_says_is_bounded(copy: tuple[Path, str]) -> None:
    many = {f"{n}.json": {"sha256": "0" * 64, "size": 1} for n in range(MAX_FILES + 1)}
    raw = orjson.dumps({"format": 1, "files": many})
    with pytest.raises(RefusedModel, match="no se puede leer"):
        read_manifest(raw, id_of(raw))
    told = copy[0] / METADATA
    told.write_bytes(told.read_bytes() + b" " * MAX_METADATA_BYTES)
    version = anew(copy[0])
    with pytest.raises(RefusedModel, match="no tiene metadatos"):
        open_version(copy[0], version)
    manifest = copy[0] / MANIFEST
    manifest.write_bytes(manifest.read_bytes() + b" " * MAX_MANIFEST_BYTES)
    with pytest.raises(RefusedModel, match="a medias"):
        open_version(copy[0], id_of(manifest.read_bytes()))


def test_an_adapter_of_another_width_or_half_an_adapter(tmp_path: Path) -> None:
    base = encoder_folder(tmp_path / "base")
    wide = adapter_folder(tmp_path / "wide", str(base), dim=DIM + 8)
    torn = adapter_folder(tmp_path / "torn", str(base))
    raw = (torn / "adapter_model.safetensors").read_bytes()
    (torn / "adapter_model.safetensors").write_bytes(raw[:-4])
    plain = adapter_folder(tmp_path / "plain", str(base))
    (plain / "adapter_config.json").write_text("{}")
    for learned, says in ((wide, "another encoder"), (torn, "not a whole"), (plain, "rank and")):
        folder = tmp_path / f"{learned.name}-version"
        folder.mkdir()
        with pytest.raises(MissingModel, match=says):
            make_version(folder, ingredients(base, adapter=str(learned)))
        assert not (folder / MANIFEST).exists()


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("adapter/adapter_config.json", b"{}"),
        ("adapter/adapter_config.json", b'{"r": 0, "lora_alpha": 4}'),
        ("adapter/adapter_model.safetensors", b"\x80\x04K\x01."),
        ("encoder/base/model.safetensors", b""),
        ("encoder/base/config.json", b"[]"),
    ],
)
def test_parts_that_no_program_of_ours_made_are_not_loaded(
    tmp_path: Path, name: str, raw: bytes
) -> None:
    base = encoder_folder(tmp_path / "base")
    learned = adapter_folder(tmp_path / "learned", str(base))
    folder = tmp_path / "version"
    folder.mkdir()
    make_version(folder, ingredients(base, adapter=str(learned)))
    (folder / name).write_bytes(raw)
    with pytest.raises(RefusedModel, match="su codificador no está aquí o no sirve"):
        open_version(folder, anew(folder))


def test_a_tokenizer_that_reads_otherwise_is_refused_when_it_is_loaded(tmp_path: Path) -> None:
    base = encoder_folder(tmp_path / "base")
    learned = adapter_folder(tmp_path / "learned", str(base))
    files = resolve(str(base), str(learned))
    told = orjson.loads(files.tokenizer().to_str())
    kept = learned / "tokenizer.json"
    check_tokenizer(files.tokenizer(), learned)  # none is there: nothing to hold against
    kept.write_bytes(orjson.dumps({**told, "padding": {}}, option=orjson.OPT_INDENT_2))
    check_tokenizer(files.tokenizer(), learned)  # the same tokens, written otherwise
    told["model"]["vocab"]["taxi"] = 2
    kept.write_bytes(orjson.dumps(told))
    with pytest.raises(MissingModel, match="another tokenizer"):
        check_tokenizer(files.tokenizer(), learned)
