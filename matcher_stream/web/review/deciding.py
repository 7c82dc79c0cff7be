"""Deciding on an ad at its owner: nobody overwrites what they have not seen.

A decision names the content that was read and the last decision that was shown. The owner compares
both with what stands, and with what it has published and not worked off yet, and only then
publishes; between look and mark nothing else runs.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

from agents.asking_ads import decided_ad, told_ad
from agents.context import Context
from matcher_stream.config.catalogue import Catalogue
from matcher_stream.web.site.problem import Problem
from matcher_stream.web.site.publishing import Publisher
from models.vetting.outcome import REVIEWED

_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Sent:
    """A decision that was published here and may not be worked off yet.

    Attributes:
        content: Hash of the content it is about.
        after: Offset of the decision that stood before it.
        who: Who decided.
        decision: What.
    """

    content: str
    after: int
    who: str
    decision: str


class Deciding:
    """Decisions on the ads of this worker.

    Args:
        context: The worker.
        publisher: The site's.
    """

    def __init__(self, context: Context, publisher: Publisher) -> None:
        self._context, self._publisher = context, publisher
        self._sent: OrderedDict[str, Sent] = OrderedDict()

    def on_its_way(self) -> frozenset[str]:
        """Ads whose decision is published and not worked off."""
        return frozenset(job_id for job_id in list(self._sent) if self._pending(job_id))

    async def decide(
        self, job_id: str, content: str, seen: int, who: str, decision: str, note: str
    ) -> dict[str, Any]:
        """Publish a decision, if nothing changed since its reviewer looked.

        Args:
            job_id: The ad.
            content: Hash of the content that was read.
            seen: Offset of the last decision that was shown, -1 if there was none.
            who: The reviewer.
            decision: ``release`` or ``reject``.
            note: Why, or "".

        Returns:
            ``outcome``: ``saved``, ``gone``, ``edited``, ``failed``, or ``decided``, then with
            ``who`` and ``what`` of the other decision.
        """
        ad = told_ad(self._context, job_id)
        if ad is None:
            return {"outcome": "gone"}
        if ad["content_hash"] != content:
            return {"outcome": "edited"}
        last = ad["decision"] or {"offset": -1}
        if last["offset"] != seen:
            return {"outcome": "decided", "who": last["reviewer"], "what": last["decision"]}
        if before := self._pending(job_id):
            return {"outcome": "decided", "who": before.who, "what": before.decision}
        self._sent[job_id] = Sent(content, seen, who, decision)  # no await since the look
        if len(self._sent) > _MOST:
            self._sent.popitem(last=False)
        event = {"job_id": job_id, "decision": decision, "content_hash": content,
                 "reviewer": who, "at": int(time.time() * 1000)}  # fmt: skip
        if note:
            event["note"] = note
        try:
            await self._publisher.publish(Catalogue.decisions, job_id, event)
        except Problem:
            self._sent.pop(job_id, None)
            return {"outcome": "failed"}
        return {"outcome": "saved"}

    def _pending(self, job_id: str) -> Sent | None:
        sent = self._sent.get(job_id)
        if sent is None:
            return None
        if self._waits(job_id, sent):
            return sent
        del self._sent[job_id]
        return None

    def _waits(self, job_id: str, sent: Sent) -> bool:
        """Whether it is unread, or read and the ad does not stand as decided yet."""
        ad = decided_ad(self._context, job_id)
        if ad is None:
            return False
        state, content, last = ad
        if last is None or last.offset <= sent.after:
            return True
        stands = (last.decision, last.content) == (sent.decision, sent.content)
        return stands and content == sent.content and state in REVIEWED
