"""Rounds of tests: one process imports and collects everything, each change has a fork of it."""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import pytest

from tests.mutation.forks import SURVIVED, UNSEEN, Forks, limit, outcome_of
from tests.mutation.planting import (
    CLIENTS,
    ROOT,
    NotInPlace,
    Planter,
    Source,
    module_name,
    plant_before_import,
    planted_clients,
)
from tests.mutation.seen import Noted, Seen

QUICK = (
    "-q", "--quick", "-s", "-p", "no:cacheprovider", "-m", "not broker and not weights",
    "-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning",
)  # fmt: skip
_LONGEST = 1200.0


@dataclass(frozen=True, slots=True)
class Try:
    """A change and the tests that should notice it.

    Attributes:
        name: Of the change.
        file: The module's path from the root.
        changed: Its changed text or tree.
        tests: Names of tests, those first that are likely to notice it soon.
        seconds: How long they take without it.
        rest: Tests that are run if none of those has noticed it, and how long they take.
    """

    name: str
    file: str
    changed: Source
    tests: Sequence[str]
    seconds: float
    rest: tuple[Sequence[str], float] = ((), 0.0)


Outcome = Callable[[Try, str], None]


class Rounds:
    """A pytest plugin: everything collected runs once, then each try in a fork.

    Args:
        files: Modules of which it is noted who runs which line; none if that is not wanted.
        tries: Gives the tries once the tests have run, from what was seen of them.
        outcome: Is told how each ended.
        beside: Tries at a time.
    """

    def __init__(
        self,
        files: Collection[str],
        tries: Callable[[Seen], Iterator[Try]],
        outcome: Outcome,
        beside: int,
    ) -> None:
        self._files = {str(ROOT / file): file for file in files}
        self._tries, self._outcome, self._forks = tries, outcome, Forks(beside)
        self._items: dict[str, pytest.Item] = {}
        self._notes = tempfile.TemporaryFile()  # noqa: SIM115  forks write who noticed what
        self._lines: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)
        self._second: list[Try] = []
        self.seen = Seen()

    def pytest_configure(self) -> None:
        """Examples are the same every time, and one that fails is enough."""
        from hypothesis import Phase, settings

        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("mutants", database=None, derandomize=True, phases=phases)
        settings.load_profile("mutants")

    @pytest.hookimpl
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests, then the tries."""
        if session.testsfailed:
            raise session.Interrupted("the tests could not be collected")
        self._items = {item.nodeid: item for item in session.items}
        planter = Planter()
        self._first_round(session)
        for tried in self._tries(self.seen):
            self.noticed()
            if tried.tests:
                self._try(session, planter, tried)
            else:
                self._outcome(tried, UNSEEN)
        self._forks.wait()
        for tried in self._second:
            self._try(session, planter, tried)
        self._forks.wait()
        return True

    def _try(self, session: pytest.Session, planter: Planter, tried: Try) -> None:
        def ended(code: int | None) -> None:
            tests, seconds = tried.rest
            if outcome_of(code) == SURVIVED and tests:
                self._second.append(Try(tried.name, tried.file, tried.changed, tests, seconds))
            else:
                self._outcome(tried, outcome_of(code))

        work = partial(self._plant, session, planter, tried)
        self._forks.start(work, limit(tried.seconds), ended)

    def _first_round(self, session: pytest.Session) -> None:
        """Nothing is changed, and it is noted what each test runs. In a fork like all others: this
        process uses no threads and no database, of which a fork would have a part only.
        """
        with tempfile.TemporaryFile() as told:

            def work() -> int:
                code = self._run_all(session, "no change", "", list(self._items), self._note)
                pickle.dump((dict(self._lines), self.seen.seconds), told)
                told.flush()
                return code

            ended: list[int | None] = []
            self._forks.start(work, _LONGEST, ended.append)
            self._forks.wait()
            if ended != [0]:
                failed = self.noticed().get("no change", "in time")
                print(f"\nThis fails without any change: {failed}")
                raise session.Failed("a test fails without any change")
            told.seek(0)
            lines, self.seen.seconds = pickle.load(told)
        for test, run in lines.items():
            for path, line in run:
                self.seen.by_line[self._files[path]][line].add(test)

    def _note(self, item: pytest.Item, run: Callable[[], None]) -> None:
        """Run a test; note how long it takes and which lines it runs."""
        started = time.monotonic()
        with Noted(self._files, self._lines[item.nodeid]):
            run()
        self.seen.seconds[item.nodeid] = time.monotonic() - started

    def _plant(self, session: pytest.Session, planter: Planter, tried: Try) -> int:
        if tried.file.startswith(CLIENTS):
            with planted_clients(tried.file, str(tried.changed)):
                return self._run_all(
                    session, tried.name, tried.file, tried.tests, lambda item, run: run()
                )
        if module_name(tried.file) not in sys.modules:
            plant_before_import(tried.file, tried.changed)
        else:
            try:
                planter.plant(tried.file, tried.changed)
            except NotInPlace:
                return 2
        return self._run_all(session, tried.name, tried.file, tried.tests, lambda item, run: run())

    def _run_all(
        self,
        session: pytest.Session,
        name: str,
        file: str,
        tests: Sequence[str],
        around: Callable[[pytest.Item, Callable[[], None]], None],
    ) -> int:
        """Run these tests until one fails; in a fork."""
        from models.search import spread

        spread.streams.cache_clear()  # a fork has none of the threads that collecting has started
        items = [self._items[test] for test in tests]
        for i, item in enumerate(items):
            following = items[i + 1] if i + 1 < len(items) else None
            protocol = item.config.hook.pytest_runtest_protocol
            around(item, partial(protocol, item=item, nextitem=following))
            if session.testsfailed:
                note = f"{file}\t{name}\t{item.nodeid}\n"
                os.write(self._notes.fileno(), note.encode())
                return 1
        return 0

    def noticed(self) -> dict[str, str]:
        """The test that noticed each change, by the change's name."""
        size = os.fstat(self._notes.fileno()).st_size
        notes = os.pread(self._notes.fileno(), size, 0).decode().splitlines()
        self.seen.noticed.clear()
        for file, _, test in (note.split("\t") for note in notes):
            self.seen.noticed[file, test] += 1
        return {name: test for _, name, test in (note.split("\t") for note in notes)}


def run_fresh(tried: Try) -> int:
    """Plant a change before our modules are imported, and run its tests; in a fork of a process
    that has imported none of them.
    """
    plant_before_import(tried.file, tried.changed)
    no_tries = Rounds((), lambda seen: iter(()), lambda tried, outcome: None, 1)
    files = sorted({name.partition("::")[0] for name in tried.tests})
    chosen = _Chosen(tried.tests)
    return int(pytest.main([*QUICK, "-x", *files], plugins=[no_tries, chosen]) != 0)


class _Chosen:
    """Keeps those of the collected tests that are wanted."""

    def __init__(self, names: Sequence[str]) -> None:
        self._turn = {name: turn for turn, name in enumerate(names)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Those wanted, in the order wanted."""
        items[:] = [item for item in items if item.nodeid in self._turn]
