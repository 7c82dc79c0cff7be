"""Changes are made, planted and found again; the breakages that have a name fit today's code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.mutants import mutants_of
from tests.mutation.planting import ROOT, NotInPlace, Planter
from tests.mutation.records import Plant, equivalents, plants
from tests.support import turns
from tests.support.examples import QUICK

CODE = '''
LIMIT = 3

def walk(xs, lock):
    """Of docstrings nothing is changed."""
    if len(xs) < LIMIT and not lock:
        raise ValueError("nor of what an error says")
    log.info("or a log")
    for x in xs:
        with lock:
            x.seen = True
    return [x for x in xs if x == "a"]
'''
CHANGES = [
    "3 -> 4",
    "if len(xs) < LIMIT and (not lock): -> if not (len(xs) < LIMIT and (not lock)):",
    "len(xs) < LIMIT and (not lock) -> len(xs) < LIMIT or not lock",
    "len(xs) < LIMIT and (not lock) -> not lock",
    "len(xs) < LIMIT and (not lock) -> len(xs) < LIMIT",
    "len(xs) < LIMIT -> len(xs) <= LIMIT",
    "not lock -> lock",
    "raise ValueError('nor of what an error says') -> pass",
    "for x in xs: -> for x in ():",
    "with lock: -> if True:",
    "x.seen = True -> pass",
    "True -> False",
    "return [x for x in xs if x == 'a'] -> return None",
    "[x for x in xs if x == 'a'] -> [x for x in xs]",
    "x == 'a' -> x != 'a'",
    "x == 'a' -> x == 'aXX'",
]


def test_changes_are_small_and_each_is_made_once() -> None:
    assert [mutant.change for mutant in mutants_of("some.py", CODE)] == CHANGES


def test_a_change_is_in_its_place_only() -> None:
    mutant = mutants_of("some.py", CODE)[5]
    names: dict[str, object] = {}
    exec(compile(mutant.source, "some.py", "exec"), names)
    with pytest.raises(ValueError):
        names["walk"]([1, 2, 3], None)  # type: ignore[operator]
    assert mutant.name == "some.py walk: len(xs) < LIMIT -> len(xs) <= LIMIT"
    assert (mutant.lines, mutant.at_import) == ((6, 6), False)


def _in_a_fork(work: object) -> int:
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            code = work()  # type: ignore[operator]
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_a_function_is_changed_wherever_it_is_held() -> None:
    file = str(Path(turns.__file__).relative_to(ROOT))
    held = turns.turns

    def changed() -> int:
        source = (ROOT / file).read_text()
        (mutant,) = [
            m for m in mutants_of(file, source) if m.change == "return len(notes) -> return None"
        ]
        Planter().plant(file, mutant.source)
        return int(held.__code__ is not before)

    before = held.__code__
    assert _in_a_fork(changed) == 1


def test_what_runs_at_import_is_not_changed_in_place() -> None:
    file = "tests/support/examples.py"
    from tests.support import examples  # noqa: F401  it must have been imported

    with pytest.raises(NotInPlace):
        Planter().plant(file, (ROOT / file).read_text().replace("MATCHER_TEST_QUICK", "OTHER"))


# -- what is kept in files ----------------------------------------------------------------


@pytest.mark.parametrize("plant", plants(), ids=lambda plant: plant.name)
def test_a_breakage_fits_todays_code(plant: Plant) -> None:
    compile(plant.planted(), plant.file, "exec")
    for test in plant.tests:
        file, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text(), test


def test_a_breakage_whose_text_is_gone_says_so() -> None:
    gone = Plant("Nothing is checked", "agents/jobs.py", (("no such text", ""),), ())
    with pytest.raises(LookupError, match=r"'Nothing is checked' replaces a text that is 0 times"):
        gone.planted()


def test_every_change_that_need_not_be_noticed_is_one() -> None:
    kept = equivalents()
    files = {name.partition(" ")[0] for name in kept}
    made = {m.name for file in files for m in mutants_of(file, (ROOT / file).read_text())}
    assert set(kept) - made == set(), "drop these from tests/mutation/equivalents.toml"
    assert all(kept.values()), "each with its reason"


@pytest.mark.skipif(QUICK in os.environ, reason="imports everything once more")
def test_a_breakage_that_nobody_notices_fails(tmp_path: Path) -> None:
    """End to end, with a breakage of a test's own: one that a test notices, and one that none."""
    (tmp_path / "plants.toml").write_text(
        "\n".join(
            f"""[[plant]]
name = "{name}"
file = "tables/rows/job.py"
old = "_TELLING: Final = 0x80"
new = "_TELLING: Final = {bit}"
tests = ["tests/tables/test_rows.py::test_a_job_comes_back_whole_and_tells_when_it_ends"]
"""
            for name, bit in (("noticed", 0x01), ("missed", "0x80 + 0"))
        )
    )
    file = str(tmp_path / "plants.toml")
    command = [sys.executable, "-m", "tests.mutation", "--plants", "--file", file]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "missed: survived" in done.stdout
    assert "1 of 2 breakages are noticed." in done.stdout
