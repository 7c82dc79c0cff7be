"""The first record after a start is read as soon as any other."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.brokers import ROOT

#: Reads a person and an ad, and tells which files of ours were opened for it.
READS = """
import sys
from models.ranking.attrs import person_attrs
from models.reading.facts.known import known_job, known_person
from models.reading.status import why_unreadable
from models.vetting.outcome import Gate
from agents.warm import warm
from schemas import Job, Profile

gate, opened = Gate(), set()
if sys.argv[1] == "warm":
    warm(gate)
sys.addaudithook(lambda name, args: name == "open" and opened.add(str(args[0])))
text = "busco chamba de mozo en Yarinacocha, tengo brevete A2b y secundaria completa"
person = Profile(profile_id="ana", text=text, place="Yarinacocha")
person_attrs(known_person(person.model_dump(exclude_none=True)))
why_unreadable(person.text, ())
job = Job(job_id="obra", title="Operario de obra", description=text, place="Pucallpa")
known_job(job)
gate.vet(job)
print("\\n".join(sorted(name for name in opened if "/models/" in name)))
"""


def _opened(how: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", READS, how],
        capture_output=True, text=True, check=True, timeout=120, cwd=ROOT,
    )  # fmt: skip
    return done.stdout.split()


@pytest.mark.parametrize("how", ["warm", "cold"])
def test_who_comes_first_waits_for_no_file(how: str) -> None:
    """Nor for what is made of it; without the first reading they would."""
    assert bool(_opened(how)) == (how == "cold")
