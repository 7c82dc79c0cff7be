"""What the parts that every app shares need of an app."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from matcher_stream.config.contract import TopicNames
from matcher_stream.config.settings import Settings
from matcher_stream.runtime.fence import Fence
from matcher_stream.runtime.outputs import Outputs


class OwnTables(Protocol):
    """The tables of one app."""

    def all(self) -> Sequence[Any]:
        """Every table."""


class OwnedState(Protocol):
    """Tables, and which of their partitions this worker holds."""

    owned: set[int]

    @property
    def tables(self) -> OwnTables:
        """The app's tables."""


class AppParts(Protocol):
    """One worker: every app's context is one, and has more of its own."""

    @property
    def settings(self) -> Settings:
        """The process's settings."""

    @property
    def names(self) -> TopicNames:
        """Every topic's name."""

    @property
    def app(self) -> Any:
        """The Faust app."""

    @property
    def fence(self) -> Fence:
        """Who may write."""

    @property
    def state(self) -> OwnedState:
        """Tables and owned partitions."""

    @property
    def outputs(self) -> Outputs:
        """Sends records."""
