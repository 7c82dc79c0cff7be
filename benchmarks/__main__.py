"""All benchmarks, one after the other, each in a process of its own: ``python -m benchmarks``.

Name some to run only those. `benchmarks.compare` needs other libraries (`make compare`). SERVIR's
vacancies are not part of this project, so that run is made only by
``python -m benchmarks.servir --file FILE``.
"""

from __future__ import annotations

import subprocess
import sys

NAMES = (
    "encoder",
    "scoring",
    "scale",
    "ranker",
    "throughput",
    "workers",
    "restart",
    "hot_keys",
    "capacity",
    "first_job",
    "profile",
)


def main() -> int:
    """Run them; the exit code tells whether all of them could run."""
    wanted = sys.argv[1:] or NAMES
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        print(f"There is no benchmark {unknown[0]}: choose from {', '.join(NAMES)}.")
        return 2
    codes = [subprocess.call([sys.executable, "-m", f"benchmarks.{name}"]) for name in wanted]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
