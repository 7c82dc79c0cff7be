"""`matcher-stream models list|show|import|verify|export`, as an analyst uses them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import orjson
import pytest

from matcher_stream.config import model as config_model
from matcher_stream.config.model import load_model, version_of
from matcher_stream.config.settings import Settings
from models.encoding.embedder import vector_version
from models.registry.card_words import HEADINGS
from tests.cli.conftest import Cli, Result
from tests.support.versions import adapter_folder, encoder_folder, ranker_file, tuned_cache


@pytest.fixture(autouse=True)
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MATCHER_REGISTRY", str(tmp_path / "registry"))
    config_model._registered.cache_clear()
    return tmp_path / "registry"


@pytest.fixture
def ranker(tmp_path: Path) -> Path:
    path = tmp_path / "ranker.json"
    path.write_bytes(ranker_file(version="blend-x"))
    return path


def _imported(call: Cli, *args: str | Path) -> str:
    result = call("models", "import", *args)
    assert result.code == 0, result
    return result.out.split()[-1]


def _refused(result: Result, says: str) -> None:
    assert result.code == 2, result
    (line,) = (line for line in result.err.splitlines() if line.startswith("Error: "))
    assert says in line
    assert line.endswith(".")
    assert "Traceback" not in result.err


def test_a_trained_adapter_is_registered_listed_shown_verified_and_taken_elsewhere(
    call: Cli, tmp_path: Path, registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "No hay versiones" in call("models", "list").out
    base = encoder_folder(tmp_path / "small")
    learned = adapter_folder(tmp_path / "mine", str(base), data={"pairs": "ab" * 32})
    given = ("--licence", "Apache-2.0", "--about", "adaptador de prueba", "--data",
             base / "config.json")  # fmt: skip
    version = _imported(call, learned, *given)
    assert _imported(call, learned, *given) == version, "the same once more"
    child = _imported(call, learned, "--licence", "MIT", "--parent", version[:8])
    monkeypatch.setenv("MATCHER_MODEL", version[:12])
    rows = {row["id"]: row for row in map(orjson.loads, call(
        "models", "list", "--json").out.splitlines())}  # fmt: skip
    assert rows.keys() == {version, child}
    assert (rows[version]["about"], rows[version]["use"]) == ("adaptador de prueba", "model")
    assert (rows[child]["parent"], rows[child]["figure"]) == (version, None)
    listed = call("models", "list").out
    assert version[:12] in listed
    assert "en uso" in listed
    card = call("models", "show", version[:8]).out
    assert card.startswith(version)
    assert f"## {HEADINGS['es'][0]}" in card
    assert HEADINGS["en"][1] in call("models", "show", version, "--language", "en").out
    told = orjson.loads(call("models", "show", version, "--json").out)
    assert told["data"].keys() == {"pairs", "config.json"}
    assert "adapter/adapter_model.safetensors" in told["files"]
    checked = call("models", "verify")
    assert (checked.code, checked.out.count(": bien")) == (0, 2)

    assert call("models", "export", version, tmp_path / "out").code == 0
    _refused(call("models", "export", version, tmp_path / "out"), "ya existe")
    elsewhere = ("--registry", str(tmp_path / "elsewhere"))
    assert _imported(call, tmp_path / "out", *elsewhere) == version
    assert _imported(call, f"{registry}#{child[:10]}", *elsewhere) == child
    _refused(call("models", "import", tmp_path / "out", "--licence", "MIT"), "no cambia")

    spoilt = registry / version / "metadata.json"
    spoilt.write_bytes(spoilt.read_bytes().replace(b"prueba", b"prueva"))
    checked = call("models", "verify")
    assert (checked.code, checked.out.count(": bien")) == (1, 1)
    assert f"{version[:12]}: La versión {version[:12]} no se usa" in checked.err
    assert "no se usa" in " ".join(call("models", "list").out.split())
    _refused(call("models", "show", version, "--json"), "metadata.json no es el que se registró")


def test_an_encoder_of_one_s_own_needs_weights_of_its_own(
    call: Cli, tmp_path: Path, ranker: Path
) -> None:
    base = encoder_folder(tmp_path / "small")
    _refused(call("models", "import", base, "--licence", "MIT"), "--ranker")
    _refused(call("models", "import", base, "--ranker", ranker), "--licence")
    version = _imported(call, base, "--licence", "MIT", "--ranker", ranker)
    told = orjson.loads(call("models", "show", version, "--json").out)
    assert (told["ranker"], told["encoder"]["source"]) == ("blend-x", "")
    assert told["encoder"]["vectors"] == vector_version(str(base))


def test_what_does_not_fit_is_one_sentence(call: Cli, tmp_path: Path) -> None:
    base = encoder_folder(tmp_path / "small")
    wide = adapter_folder(tmp_path / "wide", str(base), dim=99)
    _refused(call("models", "import", wide, "--licence", "MIT"), "another encoder")
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps({"tasks": []}))
    good = adapter_folder(tmp_path / "good", str(base))
    options = ("--licence", "MIT", "--figures", wrong)
    _refused(call("models", "import", good, *options), "models evaluate --json")
    _refused(call("models", "import", tmp_path), "no hay un adaptador")
    _refused(call("models", "show", "0123abcd"), "No hay una versión 0123abcd")
    _refused(call("models", "verify"), "No hay versiones")
    assert not (tmp_path / "registry").exists(), "nothing was written"


def test_parts_beside_a_version_are_refused(call: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHER_MODEL", "0123abcd")
    monkeypatch.setenv("MATCHER_ADAPTER", "calle-3")
    _refused(call("topics", "acls"), "MATCHER_ADAPTER")


@pytest.mark.weights
def test_what_ships_is_registered_and_gives_the_same_vectors(
    call: Cli, tmp_path: Path, registry: Path
) -> None:
    version = _imported(call)
    (row,) = (orjson.loads(line) for line in call("models", "list", "--json").out.splitlines())
    assert (row["id"], row["use"]) == (version, "builtin")
    cache = tuned_cache(tmp_path / "cache")
    plain = Settings(encoder_cache_dir=cache)
    there = plain.model_copy(update={"registry": str(registry), "model": version})
    assert version_of(there) == version_of(plain), "the same application id"
    texts = ["albañil", "busco chamba de cosinera, vivo en Ate"]
    held = load_model(there)
    shipped = load_model(plain)
    assert held.version == shipped.version == version_of(plain)
    assert np.array_equal(held.encode(texts, "query"), shipped.encode(texts, "query"))
