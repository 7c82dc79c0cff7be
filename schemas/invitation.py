"""An employer asks a person, who decides."""

from __future__ import annotations

from schemas.base import Event, Id, Short, Start
from schemas.parsing import parse


class Invitation(Event):
    """Asks one person whether the employer of one job may be called, or may call.

    It holds no address of the person's: whoever carries it knows one, and contact is the person's
    own choice.

    An employer's wish may be published more than once, after a restart or a failure. Its header
    ce_id is the same each time for the same profile_id and job_id: whoever carries invitations
    leaves out one whose ce_id they have carried.
    """

    profile_id: Id
    job_id: Id
    at: Start | None = None
    employer: Short | None = None
    """Who asks, as the person should read it."""
    contact: Short | None = None
    """Where the person may answer: the employer's telephone or place, never the person's."""


def parse_invitation(key: bytes | None, value: bytes) -> Invitation:
    """The invitation in one record, keyed by profile_id; raises a subclass of InputError."""
    return parse(Invitation, "profile_id", key, value)
