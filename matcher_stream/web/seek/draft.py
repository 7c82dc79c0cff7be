"""What a person has said so far, before it is a profile: kept in their session, nowhere else."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from matcher_stream.web.site.session import Session
from matcher_stream.web.site.signing import LINK_SECONDS

WORDS: Final = 1_500
"""Characters of the first answer."""
PLACE: Final = 100
_NAME: Final = "draft"


@dataclass(slots=True)
class Draft:
    """A profile in the making.

    Attributes:
        words: What they can do, in their own words.
        place: Where they live as they wrote it.
        ubigeo: The district they chose, INEI code.
        stated: Other fields of a profile, which they set to mend what was read.
        editing: Whether it becomes a profile that is there already.
    """

    words: str = ""
    place: str = ""
    ubigeo: str = ""
    stated: dict[str, Any] = field(default_factory=dict)
    editing: bool = False

    @classmethod
    def of(cls, session: Session) -> Draft:
        """The one of this visitor; an empty one if there is none."""
        kept = session.values.get(_NAME)
        if not kept:
            return cls()
        words, place, ubigeo, stated, editing = kept
        return cls(words, place, ubigeo, dict(stated), editing)

    def keep(self, session: Session) -> None:
        """Keep it until the next step."""
        kept = [self.words, self.place, self.ubigeo, self.stated, self.editing]
        session.put(_NAME, kept)

    @staticmethod
    def drop(session: Session) -> None:
        """It has become a profile, or will not."""
        session.pop(_NAME)

    @classmethod
    def of_profile(cls, profile: dict[str, Any]) -> Draft:
        """A published profile, to be edited."""
        own = {"profile_id", "text", "place", "ubigeo", "status", "valid_until"}
        stated = {name: value for name, value in profile.items() if name not in own}
        return cls(
            profile.get("text", ""), profile.get("place") or "", profile.get("ubigeo") or "",
            stated, True,
        )  # fmt: skip

    def profile(self, profile_id: str) -> dict[str, Any]:
        """As an event: it ends when the link does that opens it."""
        ends = datetime.fromtimestamp(time.time() + LINK_SECONDS, UTC)
        fields = {
            "profile_id": profile_id,
            "text": self.words,
            "status": "searching",
            "valid_until": ends.isoformat(timespec="seconds"),
            **self.stated,
        }
        if self.ubigeo:
            fields["ubigeo"] = self.ubigeo
        elif self.place:
            fields["place"] = self.place
        return fields
