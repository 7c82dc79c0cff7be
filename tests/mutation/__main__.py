"""`make mutants` and `make plants`: who notices a change to the promises' modules?"""

from __future__ import annotations

import argparse
import os
import pickle
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.mutation.choosing import TESTS, modules, tries_of
from tests.mutation.forks import (
    KILLED,
    NOT_IN_PLACE,
    SURVIVED,
    TIMED_OUT,
    UNSEEN,
    Forks,
    limit,
    outcome_of,
)
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.planting import ROOT, module_name
from tests.mutation.records import HERE, Plant, equivalents, plants
from tests.mutation.rounds import QUICK, Rounds, Try, run_fresh
from tests.mutation.seen import Seen


def main(arguments: Sequence[str]) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", help="paths from the root; all if none is named")
    parser.add_argument("--plants", action="store_true", help="the breakages that have a name")
    parser.add_argument("--file", type=Path, default=HERE / "plants.toml", help="where they are")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants, the same each time")
    parser.add_argument("--again", type=Path, help="only what survived in this output of before")
    parser.add_argument("--beside", type=int, default=min(4, os.cpu_count() or 1))
    options = parser.parse_args(arguments)
    _warm_up()
    if options.plants:
        return _plants(plants(options.file), options.beside)
    survived = options.again.read_text().splitlines() if options.again else None
    return _mutants(options.modules, options.sample, survived, options.beside)


def _warm_up() -> None:
    """Import what takes long and is not ours, or not changed: every fork has it then."""
    for name in ("OMP_THREAD_LIMIT", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"  # a fork has none of the threads of a pool, and would wait for them
    import aiokafka  # noqa: F401
    import faust  # noqa: F401
    import rocksdict  # noqa: F401
    import torch
    import transformers  # noqa: F401

    import models.ranking.ranker
    import models.vetting.outcome  # noqa: F401

    torch.set_num_threads(1)


class Tally:
    """How tries ended, by name.

    Attributes:
        ended: Those that have.
        noticed: The test that noticed it.
        again: Those that cannot be planted in place.
    """

    def __init__(self) -> None:
        self.ended: dict[str, str] = {}
        self.noticed: dict[str, str] = {}
        self.again: list[Try] = []

    def __call__(self, tried: Try, outcome: str) -> None:
        """Note how one ended."""
        if outcome == NOT_IN_PLACE:
            self.again.append(tried)
            return
        self.ended[tried.name] = outcome
        if len(self.ended) % 100 == 0:
            print(f"{len(self.ended)} tried, now in {tried.file}", flush=True)
        if outcome in (SURVIVED, UNSEEN):
            print(f"{outcome}: {tried.name}", flush=True)


def _try_all(
    tests: Sequence[str],
    files: Sequence[str],
    tries: Callable[[Seen], Iterator[Try]],
    beside: int,
) -> Tally | None:
    """How each try ended; None if a test fails without any change.

    Tests and most tries run in a fork, so that this process has still imported nothing of ours:
    what cannot be planted in place is planted in a fresh fork of it.
    """
    tally = Tally()
    with tempfile.TemporaryFile() as told:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                rounds = Rounds(files, tries, tally, beside)
                code = int(pytest.main([*QUICK, *tests], plugins=[rounds]))
                pickle.dump((tally.ended, tally.again, rounds.noticed()), told)
                told.flush()
            except BaseException:
                traceback.print_exc()
                code = 1
            finally:
                sys.stdout.flush()
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        if status:
            return None
        told.seek(0)
        tally.ended, tally.again, tally.noticed = pickle.load(told)
    fresh, tally.again = tally.again, []
    forks = Forks(beside)
    for tried in fresh:
        if module_name(tried.file) in sys.modules:
            print(f"{NOT_IN_PLACE}: {tried.name}: the warm-up imports {tried.file}", flush=True)
            tally.ended[tried.name] = NOT_IN_PLACE
            continue
        forks.start(
            lambda tried=tried: run_fresh(tried),  # type: ignore[misc]
            limit(tried.seconds) + 30,
            lambda code, tried=tried: tally(tried, outcome_of(code)),  # type: ignore[misc]
        )
    forks.wait()
    return tally


# -- breakages that have a name -----------------------------------------------------------


def _plants(kept: Sequence[Plant], beside: int) -> int:
    planted = [(plant, plant.planted()) for plant in kept]

    def tries(seen: Seen) -> Iterator[Try]:
        for plant, text in planted:
            tests = [name for name in seen.seconds if _is_one_of(name, plant.tests)]
            if not tests:
                raise LookupError(f"The breakage {plant.name!r} names no test that there is.")
            yield Try(plant.name, plant.file, text, tests, sum(seen.seconds[t] for t in tests))

    tests = sorted({test for plant in kept for test in plant.tests})
    tally = _try_all(tests, (), tries, beside)
    if tally is None:
        return 1
    for plant in kept:
        print(f"{plant.name}: {tally.noticed.get(plant.name, tally.ended[plant.name])}")
    missed = [name for name, outcome in tally.ended.items() if outcome != KILLED]
    print(f"{len(kept) - len(missed)} of {len(kept)} breakages are noticed.")
    return int(bool(missed))


def _is_one_of(name: str, tests: Sequence[str]) -> bool:
    return any(
        name == test or name.startswith((f"{test}[", f"{test}::", f"{test}/")) for test in tests
    )


# -- mutants ------------------------------------------------------------------------------


def _mutants(named: Sequence[str], sample: int, survived: Sequence[str] | None, beside: int) -> int:
    started = time.monotonic()
    files = list(named) or modules()
    made = [m for file in files for m in mutants_of(file, (ROOT / file).read_text())]
    equal = equivalents()
    for stale in sorted(set(equal) - {m.name for m in made}):
        if stale.partition(" ")[0] in files:
            print(f"no longer there, drop it from equivalents.toml: {stale}")
    tried = [m for m in made if m.name not in equal]
    if survived is not None:
        names = {line.partition(": ")[2] for line in survived}
        tried = [m for m in tried if m.name in names]
    if sample:
        tried = random.Random(0).sample(tried, min(sample, len(tried)))
    tally = _try_all(TESTS, files, lambda seen: tries_of(seen, tried), beside)
    if tally is None:
        return 1
    for name, outcome in tally.ended.items():
        if outcome == TIMED_OUT:
            print(f"{outcome}: {name}")
    _show(files, made, tally.ended, equal)
    print(f"{len(tally.ended)} tried in {time.monotonic() - started:.0f} s")
    return 0


def _show(
    files: Sequence[str], made: Sequence[Mutant], ended: dict[str, str], equal: dict[str, str]
) -> None:
    print(f"{'module':42} mutants killed survived equivalent  share")
    for file in [*files, "all"]:
        mine = [m.name for m in made if file in (m.file, "all")]
        of = Counter(ended[name] for name in mine if name in ended)
        killed = of[KILLED] + of[TIMED_OUT]
        survived = of[SURVIVED] + of[UNSEEN]
        same = sum(name in equal for name in mine)
        share = f"{killed / (killed + survived):6.1%}" if killed + survived else ""
        print(f"{file:42} {len(mine):7} {killed:6} {survived:8} {same:10} {share:>6}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
