"""Which deployment speaks to the public, and which is tried beside it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import MAX_ITEMS, Event, Id, Short, Start
from schemas.parsing import parse

AliasName = Literal["champion", "challenger"]


class Alias(Event):
    """Gives a name to one deployment; the last record of a name counts.

    A deployment is an application id with tables of its own. Only the champion's events reach
    the public topics, and the offset of its record is in their revisions.
    """

    alias: AliasName
    deployment: Id
    """The application id, as `matcher_build_info` has it."""
    previous: Id | None = None
    """Which deployment had the name before: where a rollback goes. Absent where nobody had it."""
    version: Short | None = None
    """Id of the registered version that the deployment ranks by, or `unregistered-` and a hash of
    what it ranks by where nobody registered that. Absent where it is what ships."""
    rules: Annotated[dict[Short, Short], Field(max_length=MAX_ITEMS)] | None = None
    """Settings of the deployment that change what people are told, by name: thresholds, length of a
    list, gate, reader and the like. Absent where whoever named it did not know them."""
    by: Annotated[Short, Field(min_length=1)]
    """The person who answers for it."""
    at: Start
    reason: Short | None = None
    """Why, in their words."""


def parse_alias(key: bytes | None, value: bytes) -> Alias:
    """The alias in one record, keyed by its name; raises a subclass of InputError."""
    return parse(Alias, "alias", key, value)
