"""For how long a broker keeps a record: from a topic's configuration, as it is there.

A broker deletes and compacts closed segments, so every time here has a segment's length in it
(docs/adr/0014). It closes a segment when the next record comes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from matcher_stream.config.contract import DAY_MS

#: What Kafka does where a topic does not say (brokers' defaults, Kafka 4).
_DEFAULTS: Final = {"retention.ms": 7 * DAY_MS, "segment.ms": 7 * DAY_MS}
_NEVER: Final = 2**62


@dataclass(frozen=True, slots=True)
class Kept:
    """Days after which records are gone.

    Attributes:
        replaced: After another record, or a null, took its place; None if that is not bounded.
        written: After it was written, whatever follows; None if it stays until it is replaced.
    """

    replaced: int | None
    written: int | None

    @property
    def erased(self) -> int | None:
        """Days after which what a null took back is gone; None if that is not bounded."""
        known = [days for days in (self.replaced, self.written) if days is not None]
        return min(known, default=None)


def kept(config: Mapping[str, str]) -> Kept:
    """How long records stay.

    Args:
        config: The topic's, by Kafka's names.
    """
    policy = config.get("cleanup.policy", "delete").split(",")
    segment = _ms(config, "segment.ms")
    replaced = written = None
    if "compact" in policy:
        least = int(config.get("min.compaction.lag.ms", "0"))
        most = int(config.get("max.compaction.lag.ms", str(_NEVER)))
        replaced = _days(max(least, most) + segment)
    if "delete" in policy:
        time = _ms(config, "retention.ms")
        written = _days(_NEVER if time < 0 else time + segment)
    return Kept(replaced, written)


def _ms(config: Mapping[str, str], name: str) -> int:
    return int(config.get(name, str(_DEFAULTS[name])))


def _days(ms: int) -> int | None:
    return None if ms >= _NEVER else math.ceil(ms / DAY_MS)
