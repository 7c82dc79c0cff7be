"""Which modules are changed, and which tests are tried on a change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.mutation.mutants import Mutant
from tests.mutation.planting import ROOT
from tests.mutation.rounds import Try
from tests.mutation.seen import Seen

MODULES = (
    "matcher_stream/runtime/fence.py", "matcher_stream/runtime/outputs.py",
    "matcher_stream/runtime/batcher.py", "tables/base.py", "agents/*.py",
    "matcher_stream/runtime/seeking.py", "matcher_stream/runtime/stale.py",
    "matcher_stream/lifecycle.py", "tables/**/*.py", "agents/explainer/*.py",
)  # fmt: skip
WITHOUT = {"agents/explainer/metrics.py"}
"""Names and help texts of metrics only."""
TESTS = ("tests/agents", "tests/tables", "tests/runtime", "tests/verify", "tests/test_timers.py")
"""None of them needs a broker; those in memory run every agent."""
ENOUGH_SECONDS = 10.0
"""Of tests that are not a module's own, for one mutant, before all others have had their turn."""


def modules() -> list[str]:
    """Every module that is changed, once, in the order of `MODULES`."""
    found = [
        str(path.relative_to(ROOT))
        for pattern in MODULES
        for path in sorted(ROOT.glob(pattern))
        if path.name != "__init__.py"
    ]
    return [file for file in dict.fromkeys(found) if file not in WITHOUT]


def tries_of(seen: Seen, mutants: Sequence[Mutant]) -> Iterator[Try]:
    """Each mutant with the tests that run what it changes, the likeliest first."""
    for mutant in mutants:
        found = _tests_of(seen, mutant)
        tests, rest = _likeliest(seen, mutant, found)
        times = [sum(seen.seconds[test] for test in part) for part in (tests, rest)]
        yield Try(mutant.name, mutant.file, mutant.source, tests, times[0], (rest, times[1]))


def _likeliest(seen: Seen, mutant: Mutant, found: set[str]) -> tuple[list[str], list[str]]:
    """In the order in which they are run: those that noticed most in this module, the module's
    own, the short ones. Of what every test runs not all are run at first: the others come after.
    """
    own, seconds = _own(mutant), 0.0
    first, rest = list[str](), list[str]()

    def turn(test: str) -> tuple[int, bool, float]:
        return -seen.noticed[mutant.file, test], own not in test, seen.seconds[test]

    for test in sorted(found, key=turn):
        if own in test or seconds + seen.seconds[test] < ENOUGH_SECONDS:
            first.append(test)
            seconds += seen.seconds[test]
        else:
            rest.append(test)
    return first, rest


def _own(mutant: Mutant) -> str:
    """In the names of the tests that are a module's own."""
    return f"/test_{Path(mutant.file).stem}.py::"


def _tests_of(seen: Seen, mutant: Mutant) -> set[str]:
    lines = seen.by_line[mutant.file]
    if mutant.at_import:
        # a module that a test is the first to import is seen to be run by that test alone
        own = {test for test in seen.seconds if _own(mutant) in test}
        return own | seen.mentioning(mutant.changed_names()) or set().union(*lines.values())
    for first, last in (mutant.lines, mutant.statement):
        if found := set().union(*(lines[line] for line in range(first, last + 1) if line in lines)):
            return found
    # the forks of a test are not followed
    return {test for test in seen.seconds if _own(mutant) in test}
