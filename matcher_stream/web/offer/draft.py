"""An ad in the making: kept in its employer's session, nowhere else."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from matcher_stream.web.site.session import Session
from schemas import Job, parse_job

TITLE, WORDS, EMPLOYER, PLACE = 100, 1_200, 80, 100
"""Characters of the answers."""
_NAME: Final = "ad"
_ASKED: Final = ("title", "description", "employer", "place", "ubigeo", "status")


@dataclass(slots=True)
class Draft:
    """One ad.

    Attributes:
        title, words, employer: As the form has them.
        place: Where the work is as they wrote it.
        ubigeo: The district they chose, INEI code.
        stated: Other fields of a job, confirmed or mended, or those of the ad that is edited.
        job_id: The ad that is edited, "" for a new one.
    """

    title: str = ""
    words: str = ""
    employer: str = ""
    place: str = ""
    ubigeo: str = ""
    stated: dict[str, Any] = field(default_factory=dict)
    job_id: str = ""

    @classmethod
    def of(cls, session: Session) -> Draft:
        """The one of this visitor; an empty one if there is none."""
        kept = session.values.get(_NAME)
        if not kept:
            return cls()
        title, words, employer, place, ubigeo, stated, job_id = kept
        return cls(title, words, employer, place, ubigeo, dict(stated), job_id)

    @classmethod
    def of_job(cls, job: dict[str, Any]) -> Draft:
        """A published ad, to be edited."""
        stated = {name: job[name] for name in job if name not in (*_ASKED, "job_id")}
        title, words, employer, place, ubigeo = (job.get(name) or "" for name in _ASKED[:-1])
        return cls(title, words, employer, place, ubigeo, stated, job["job_id"])

    def keep(self, session: Session) -> None:
        """Keep it until the next step."""
        session.put(_NAME, self._values())

    @staticmethod
    def drop(session: Session) -> None:
        """It was published."""
        session.pop(_NAME)

    @property
    def digest(self) -> str:
        """Tells two drafts apart: a browser has one session and many tabs."""
        return hashlib.blake2b(orjson.dumps(self._values()), digest_size=8).hexdigest()

    def event(self, job_id: str) -> dict[str, Any]:
        """As an event for the jobs topic."""
        fields = {
            "job_id": job_id,
            "title": self.title,
            "status": "open",
            "posted_at": int(time.time() * 1000),
            **self.stated,
        }
        for name, value in (("description", self.words), ("employer", self.employer)):
            if value:
                fields[name] = value
        if self.ubigeo:
            fields["ubigeo"] = self.ubigeo
        elif self.place:
            fields["place"] = self.place
        return fields

    def job(self) -> Job:
        """As it would be accepted.

        Raises:
            InputError: it would not.
        """
        return parse_job(b"draft", orjson.dumps(self.event("draft")))

    def _values(self) -> list[Any]:
        said = [self.title, self.words, self.employer, self.place, self.ubigeo]
        return [*said, self.stated, self.job_id]
