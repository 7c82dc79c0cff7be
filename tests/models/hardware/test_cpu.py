"""What the processor lacks is found out and done without."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from models.hardware.cpu import packs

_ROOT = Path(__file__).parents[3]
_OLDER = """
import logging, sys
from pathlib import Path
import numpy as np
import torch
from models.encoding import autotune
from models.encoding.batching import Group
from models.encoding.forward import CompactBert
from models.hardware.cpu import packs
from models.search import tiles
from models.search.matrix import VectorMatrix
from tests.models.encoding.small import weights

logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(message)s")
assert packs(torch.float32) and not packs(torch.bfloat16)
assert tiles.fastest_dtype() is torch.float32
rows = np.eye(8)
for dtype in (None, torch.float32, torch.bfloat16):
    matrix = VectorMatrix(8, 1, dtype)
    matrix.set(np.arange(8), rows)
    assert matrix.topk(rows[5], None, 1)[0][0].tolist() == [5]
for dtype in (torch.float32, torch.bfloat16):
    vectors = CompactBert(weights(), dtype)([[0, 5, 2]], [Group(1, 3)])
    assert torch.isfinite(vectors).all()
for precision in ("auto", "bfloat16"):
    tuning = autotune.choose(precision, 1, Path(sys.argv[1]), (1,), lambda tuning: 1.0)
    assert tuning.precision == "float32"
"""


def test_float32_is_packed_wherever_torch_has_onednn() -> None:
    assert packs(torch.float32) == torch._C._has_mkldnn


@pytest.mark.weights
@pytest.mark.skipif(platform.machine() != "x86_64", reason="oneDNN's limit is one of x86-64")
def test_a_cpu_of_avx2_matches_in_float32(tmp_path: Path) -> None:
    limits = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
    done = subprocess.run(
        [sys.executable, "-c", _OLDER, str(tmp_path)],
        cwd=_ROOT, env=os.environ | limits, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    assert line.startswith("WARNING")
    assert "float32" in line
