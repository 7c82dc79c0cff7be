"""Whatever ends the tests, nothing that they started is left behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.brokers import ROOT
from tests.support.processes import wait_for

_STARTS = {
    "a test": "from tests.support.processes import ChildProcess\n"
    "child = ChildProcess('child', command, log)\nchild.start()\n",
    "dev": "from matcher_stream.local.processes import Child\nchild = Child(command, log)\n",
}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("who", sorted(_STARTS))
def test_a_child_ends_with_its_parent(who: str, number: signal.Signals, tmp_path: Path) -> None:
    program = (
        "import pathlib, sys, time\n"
        f"command, log = ['sleep', '600'], pathlib.Path({str(tmp_path / 'log')!r})\n"
        f"{_STARTS[who]}"
        "print(child.pid, flush=True)\ntime.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert _alive(pid)
    parent.send_signal(number)
    parent.wait(10)
    parent.stdout.close()
    wait_for(lambda: not _alive(pid), 5, "the child's end")


def _alive(pid: int) -> bool:
    """Whether a process runs; a zombie that nobody has waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
