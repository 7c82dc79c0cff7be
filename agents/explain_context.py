"""What the explainer's agent and its writer of a model's words share."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from matcher_stream.explainer_settings import ExplainerSettings
from matcher_stream.fence import Fence
from matcher_stream.outputs import Headers, Outputs
from matcher_stream.topics import TopicNames
from tables.explained import ExplainState

Record = tuple[str, int, bytes, bytes | None, Headers]


@dataclass
class ExplainContext:
    """The parts of one worker.

    Attributes:
        locks: By partition: held from reading a person's row to writing it, outputs included,
            so a table's partition has one writer at a time.
    """

    settings: ExplainerSettings
    names: TopicNames
    app: Any
    fence: Fence
    state: ExplainState
    outputs: Outputs
    locks: defaultdict[int, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
