"""What the processor can do: asked of the machine, never guessed from its name."""

from __future__ import annotations

import contextlib
import os
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import torch

_FEATURES: Final = ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16", "amx_int8")


@dataclass(frozen=True, slots=True)
class Cpu:
    """The processor as a benchmark must name it."""

    model: str
    features: tuple[str, ...]
    cores: int

    @property
    def kind(self) -> str:
        """amx, avx512_bf16, avx512, avx2 or other: what decides which speeds can be expected."""
        for feature, kind in (
            ("amx_bf16", "amx"),
            ("avx512_bf16", "avx512_bf16"),
            ("avx512f", "avx512"),
            ("avx2", "avx2"),
        ):
            if feature in self.features:
                return kind
        return "other"


def cpu() -> Cpu:
    """Model, relevant features and usable cores (affinity and container quota respected)."""
    model, flags = platform.machine(), set[str]()
    with contextlib.suppress(OSError):
        for line in (
            Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
        ):
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                model = value.strip()
            elif name.strip() == "flags":
                flags = set(value.split())
                break
    return Cpu(model, tuple(f for f in _FEATURES if f in flags), usable_cores())


def usable_cores() -> int:
    """Cores this process may use at once: its affinity, cut by the container's CPU quota."""
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    with contextlib.suppress(OSError, ValueError):
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        cores = min(cores, -(-int(quota) // int(period)))
    return max(1, cores)


@cache
def packs(dtype: torch.dtype) -> bool:
    """Whether oneDNN packs matrices of this precision and multiplies them here: it is tried.

    oneDNN refuses bfloat16 on an x86-64 CPU that has neither avx_ne_convert nor avx512bw, avx512vl
    and avx512dq. `ONEDNN_MAX_CPU_ISA=AVX2`, set before the process starts, makes any CPU refuse.
    """
    one = torch.ones(16, 16, dtype=dtype)
    try:
        weight = torch.ops.mkldnn._reorder_linear_weight(one)
        torch.ops.mkldnn._linear_pointwise(one, weight, torch.ones(16), "none", [], "")
    except (AttributeError, RuntimeError):  # torch without oneDNN, or oneDNN without the precision
        return False
    return True
