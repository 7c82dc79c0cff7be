"""What every benchmark prints beside its figures: the machine, the goals, and a JSON file."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from models.hardware.cpu import cpu


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio with what it should reach on one kind of CPU."""

    amx: float
    avx2: float

    def text(self) -> str:
        """The goal for this CPU, in words; between the two kinds no goal was set."""
        kind = cpu().kind
        if kind == "amx":
            return f"goal >= {self.amx:g} (AMX)"
        if kind == "avx2":
            return f"goal >= {self.avx2:g} (AVX2)"
        return f"no goal for {kind}; AMX {self.amx:g}, AVX2 {self.avx2:g}"

    def met(self, value: float) -> bool | None:
        """Whether `value` reaches it; None where no goal is set."""
        wanted = {"amx": self.amx, "avx2": self.avx2}.get(cpu().kind)
        return None if wanted is None else value >= wanted


class Report:
    """Figures in the order they were found, printed at once."""

    def __init__(self, name: str) -> None:
        here = cpu()
        self._values: dict[str, Any] = {
            "benchmark": name,
            "cpu": here.model,
            "features": list(here.features),
            "kind": here.kind,
            "cores": here.cores,
            "torch": torch.__version__,
            "torch_threads": torch.get_num_threads(),
        }
        features = " ".join(here.features) or "none of the known"
        print(f"{name}\n  CPU        {here.model}, {here.cores} cores ({features})")
        print(f"  torch      {torch.__version__}, {torch.get_num_threads()} threads")

    def figure(self, name: str, value: float, unit: str, goal: Goal | None = None) -> None:
        """One figure; a ratio comes with its goal."""
        self._values[name] = {"value": value, "unit": unit}
        line = f"  {name.replace('_', ' '):<42}{value:>10,.4g} {unit}"
        if goal:
            met = goal.met(value)
            self._values[name] |= {"goal_amx": goal.amx, "goal_avx2": goal.avx2, "met": met}
            line += f"  ({goal.text()}{'' if met is None else ', met' if met else ', NOT met'})"
        print(line, flush=True)

    def note(self, name: str, value: object) -> None:
        """Something that is no figure."""
        self._values[name] = value
        print(f"  {name.replace('_', ' '):<42}{value}", flush=True)

    def finish(self, path: Path | None) -> None:
        """Print this process's peak memory; write everything as JSON."""
        self.figure("peak_memory", peak_memory_mb(), "MB")
        if path:
            path.write_text(json.dumps(self._values, indent=1, default=str), encoding="utf-8")


def peak_memory_mb() -> float:
    """Most memory this process has held, MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def alternate(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Least seconds of each work; all take turns, so that a noisy moment hits them alike."""
    best = dict.fromkeys(works, float("inf"))
    for work in works.values():
        work()  # first calls allocate and compile
    for _ in range(rounds):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            best[name] = min(best[name], time.perf_counter() - start)
    return best
