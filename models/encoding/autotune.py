"""How to run the encoder on this machine: measured once at start, remembered in a small file.

No CPU can be judged by its name alone: bfloat16 is twice as fast as float32 with AVX512_BF16,
ten times with AMX and several times slower without either. So the candidates run for a moment on
the first layers of the real weights, and the fastest is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Literal

import torch

from models.hardware.cpu import cpu, packs, usable_cores

log = logging.getLogger(__name__)

Precision = Literal["auto", "float32", "bfloat16"]

_FORMAT: Final = 2
_GPU_BUDGET: Final = 16384


@dataclass(frozen=True, slots=True)
class Tuning:
    """One way to run the encoder.

    Attributes:
        precision: float32 or bfloat16, of weights and hidden states.
        streams: batches computed at the same time, each by its own thread.
        threads: threads of one batch's operations.
        budget: tokens of one batch.
        device: cpu or cuda.
        fused: GELU and residual sum are computed within oneDNN's products.
    """

    precision: str
    streams: int
    threads: int
    budget: int
    device: str = "cpu"
    fused: bool = True

    @property
    def dtype(self) -> torch.dtype:
        """The precision as torch names it."""
        return torch.bfloat16 if self.precision == "bfloat16" else torch.float32


def choose(
    precision: Precision,
    threads: int | None,
    folder: Path,
    shape: Sequence[int],
    measure: Callable[[Tuning], float],
    bfloat16: bool | None = None,
) -> Tuning:
    """The fastest way for this machine, from the file in `folder` or by measuring now.

    Args:
        precision: what the settings ask for; auto lets the measurement decide. Where bfloat16
            would take many times as long as float32, float32 is used: the vectors of both are of
            one version.
        threads: cores to use; None for all usable ones.
        folder: where the answer is remembered; an unwritable one only costs the next start.
        shape: the model's dimensions, part of what the answer holds for.
        measure: seconds that a fixed amount of work takes under a tuning.
        bfloat16: whether the hardware multiplies bfloat16; None asks it.
    """
    cores, cuda = threads or usable_cores(), torch.cuda.is_available()
    if bfloat16 is None:
        bfloat16 = torch.cuda.is_bf16_supported() if cuda else packs(torch.bfloat16)
    if precision == "bfloat16" and not bfloat16:
        log.warning("No bfloat16 products on this machine: the encoder runs in float32.")
    if not bfloat16:
        precision = "float32"
    if cuda:
        name = "float32" if precision == "float32" else "bfloat16"
        return Tuning(name, 1, cores, _GPU_BUDGET, "cuda")
    facts = [_FORMAT, asdict(cpu()), torch.__version__, precision, cores, list(shape)]
    key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
    path = folder / f"encoder-tuning-{key}.json"
    known = _read(path)
    if known is not None:
        return known
    found = _search(precision, cores, measure)
    _write(path, found)
    return found


def _search(precision: Precision, cores: int, measure: Callable[[Tuning], float]) -> Tuning:
    names = [precision] if precision != "auto" else ["float32", "bfloat16"]
    best = min((Tuning(name, 1, cores, 1024) for name in names), key=measure)
    options = [best, replace(best, budget=2048)]
    if cores > 1:
        options += [replace(best, streams=cores, threads=1, budget=b) for b in (512, 1024)]
    best = min(options, key=measure)
    # oneDNN's GELU is slower than torch's on AVX2, and a pass less elsewhere
    return min((best, replace(best, fused=False)), key=measure)


def fastest(work: Callable[[], object], repeats: int = 3) -> float:
    """Least wall-clock seconds of `work` in `repeats` runs after a first one."""
    work()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def _read(path: Path) -> Tuning | None:
    try:
        value = json.loads(path.read_bytes())
        tuning = Tuning(**value)
    except (OSError, ValueError, TypeError):
        return None
    return tuning if tuning.budget > 0 and tuning.streams > 0 and tuning.threads > 0 else None


def _write(path: Path, tuning: Tuning) -> None:
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, mode="w", delete=False) as file:
            json.dump(asdict(tuning), file)
        os.replace(file.name, path)
