"""What the first person would wait for: tables of words and places, read when first asked for."""

from __future__ import annotations

from typing import Final

from models.ranking.attrs import person_attrs
from models.reading.facts.known import known_job, known_person
from models.reading.status import why_unreadable
from models.vetting.outcome import Gate
from schemas import Job, Profile

_WORDS: Final = "Soy de Comas, Lima; cocina y limpieza"
_PLACE: Final = "150110"


def warm(gate: Gate) -> None:
    """Read an invented person and ad as the agents do: a third of a second of CPU, once a process.

    Args:
        gate: The worker's.
    """
    person = Profile(profile_id="nadie", text=_WORDS, ubigeo=_PLACE)
    person_attrs(known_person(person.model_dump(exclude_none=True)))
    why_unreadable(person.text, ())
    job = Job(job_id="ninguno", title=_WORDS, description=_WORDS, ubigeo=_PLACE)
    known_job(job)
    gate.vet(job)
