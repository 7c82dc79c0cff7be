"""Employers' invitations: checked, so that whoever carries them to people finds what is wrong.

The matcher changes nothing by them. A notifier reads the same topic and lets the person decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.context import Context
from agents.intake import Item, count, nothing, settle_refused, take_in
from agents.reading import Batch
from schemas import Invitation, parse_invitation


class InvitationsAgent:
    """Reads the invitations topic."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def prepare(self, events: Sequence[Any]) -> Batch[Item[Invitation, None]]:
        """Parse a batch."""
        return await take_in(self._context, events, parse_invitation, nothing)

    async def apply(self, batch: Batch[Item[Invitation, None]]) -> None:
        """Refuse what is wrong, count the rest."""
        await settle_refused(self._context, batch)
        count(batch.items, "accepted")
