"""What the explainer's agent and its writer of a model's words share."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from matcher_stream.config.explainer_settings import ExplainerSettings
from matcher_stream.config.topics import TopicNames
from matcher_stream.runtime.fence import Fence
from matcher_stream.runtime.outputs import Outputs
from tables.explained import ExplainState

PATIENCE = 5.0
"""Seconds that a model's words give way to a stream of templates that never pauses."""


@dataclass
class ExplainContext:
    """The parts of one worker.

    Attributes:
        locks: By partition: held from reading a person's row to writing it, outputs included,
            so a table's partition has one writer at a time.
        idle: Set while no template waits to be sent.
    """

    settings: ExplainerSettings
    names: TopicNames
    app: Any
    fence: Fence
    state: ExplainState
    outputs: Outputs
    locks: defaultdict[int, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    async def quiet(self) -> None:
        """Wait while templates are being sent, which come first, but not for ever."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self.idle.wait()
